"""`greffe log` changes the ledger's own keys, and logs its witness policy and notes.

Results on stdout, acknowledgements on stderr.
"""

import base64
import secrets
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from registry.commands.exits import line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.errors import Usage
from registry.installation.office import Office
from registry.ledger.surroundings import Surroundings
from registry.operations import log_change

app = typer.Typer(
    no_args_is_help=True, help="The keys of the ledger and of its map's log, the witness policy, and notes."
)


class LogName(StrEnum):
    """Which of the two logs."""

    LEDGER = "ledger"
    INDEX = "index"


LogArgument = Annotated[LogName, typer.Argument(help="ledger, or index for the log of its map.")]


def mount(door: typer.Typer) -> None:
    """Add `log` to the front door."""
    door.add_typer(app, name="log")


def _around() -> Surroundings:
    return Surroundings(
        lambda: datetime.now(UTC), secrets.token_bytes, lambda head: say(f"committed {head.size} {head.root.hex()}")
    )


@app.command("keys")
def keys(as_json: Json = False) -> None:
    """Every key of both logs: whether it signs now, is retired, or disowned."""
    with reports_errors():
        log_keys = log_change.log_keys(Office(settings()))
    if as_json:
        result({"keys": [asdict(key) for key in log_keys]})
    for key in [] if as_json else log_keys:
        _tell(key)


@app.command()
def rotate(log: LogArgument, as_json: Json = False) -> None:
    """Make the next key of a log and log it; checkpoints carry both signatures until the older key is retired."""
    with reports_errors():
        key = log_change.rotate(Office(settings()), log_change.LOGS[log], _around())
    result(asdict(key)) if as_json else _tell(key)


@app.command()
def retire(
    log: LogArgument,
    n: Annotated[int, typer.Argument(min=1, help="The key's number.")],
    disown: Annotated[
        bool, typer.Option("--disown", help="It may be in other hands: believe nothing that it alone has signed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Let an older key sign no more, and destroy its private half; what it signed is still believed, unless it is disowned."""
    with reports_errors():
        key = log_change.retire(Office(settings()), log_change.LOGS[log], n, _around(), disown=disown)
    result(asdict(key)) if as_json else _tell(key)


@app.command()
def policy(as_json: Json = False) -> None:
    """Log the witness policy as it is now, so that nobody can say later that it was another."""
    with reports_errors():
        head = log_change.log_policy(Office(settings()), _around())
    result({"size": head.size, "root": head.root.hex()}) if as_json else line(f"logged under entry {head.size - 1}")


@app.command()
def note(
    reason: Annotated[str, typer.Option(help="What the note is for, as a code: offline_verifier, for one.")],
    file: Annotated[Path | None, typer.Argument(help="A file whose SHA-256 is logged.")] = None,
    text: Annotated[str | None, typer.Option(help="A text to log instead.")] = None,
    as_json: Json = False,
) -> None:
    """Log the SHA-256 of a file, or a text, so that nobody can say later that it was another.

    The entry commits to it under a salt: whoever has both can show that it stands there.
    """
    with reports_errors():
        if (file is None) == (text is None):
            raise Usage("note", "name a file or give a text")
        said = text if file is None else log_change.file_line(file.name, file.read_bytes())
        noted = log_change.log_note(Office(settings()), reason, said or "", _around())
    salt = base64.b64encode(noted.salt).decode()
    if as_json:
        head = noted.head
        result({"index": noted.index, "text": noted.text, "salt": salt, "size": head.size, "root": head.root.hex()})
    else:
        line(noted.text)
        line(f"logged under entry {noted.index}, salt {salt}")


def _tell(key: log_change.LogKey) -> None:
    state = "signs" if key.signs else "disowned" if key.disowned else "retired"
    line(f"{key.log} {key.n}  {state}  {key.vkey}")
