"""`greffe access`: keys with which somebody may ask the site for more.

Nothing is signed with them. Results on stdout, acknowledgements on stderr.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from registry.commands.exits import line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.installation.identity import read_identity
from search.access.keys import PER_MINUTE, AccessKey, KeyFile
from search.access.quota import SCOPES

app = typer.Typer(no_args_is_help=True, help="Access keys for a larger quota at the site; nothing is signed with them.")


@app.command()
def new(
    name: Annotated[str, typer.Option(help="Whose key it is.")],
    scope: Annotated[list[str] | None, typer.Option(help=f"What it is for: {', '.join(SCOPES)}; else all.")] = None,
    per_minute: Annotated[int, typer.Option(help="Requests a minute, of each scope.")] = PER_MINUTE,
    as_json: Json = False,
) -> None:
    """Make a key and show it this once. The site takes it at once."""
    with reports_errors():
        key, made = _file().add(name, tuple(scope or ()), per_minute, datetime.now(UTC))
    if as_json:
        result({"key": key, **_shape(made)})
        return
    line(key)
    say(f"{made.id} for {made.name}: {_words(made)}. It is shown this once, and sent as Authorization: Bearer")


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """Every key that was made, without the key itself."""
    with reports_errors():
        keys = _file().read()
    if as_json:
        result({"keys": [_shape(key) for key in keys]})
    for key in [] if as_json else keys:
        line(f"{key.id}  {key.made}  {f'ended {key.ended}' if key.ended else 'in use'}  {_words(key)}  {key.name}")


@app.command()
def end(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    as_json: Json = False,
) -> None:
    """End a key: from now on it is refused."""
    with reports_errors():
        key = _file().end(id_, datetime.now(UTC))
    if as_json:
        result(_shape(key))
    else:
        say(f"{key.id} of {key.name} has ended")


def _file() -> KeyFile:
    """That of this installation. Refused `not_initialized`: there is none."""
    here = settings()
    read_identity(here)
    return KeyFile(here.public)


def _shape(key: AccessKey) -> dict[str, Any]:
    return {
        **{name: value for name, value in asdict(key).items() if name not in ("sha256", "per_minute", "scopes")},
        "scopes": list(key.scopes),
        "perMinute": key.per_minute,
    }


def _words(key: AccessKey) -> str:
    return f"{','.join(key.scopes)} {key.per_minute} a minute"
