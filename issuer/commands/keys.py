"""`greffe keys`: list, rotate, retire and disown the keys of the issuers.

Results on stdout, acknowledgements on stderr.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from issuer import sources
from issuer.actions import keys
from issuer.commands.issue import Register, Yes
from issuer.commands.surroundings import AcceptTime, surroundings
from issuer.signing.issuer import USES
from issuer.sources.manifest import read_pins
from registry.commands.exits import line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.errors import Usage
from registry.installation.office import Office

app = typer.Typer(no_args_is_help=True, help="The keys of the issuers: list, rotate, retire, compromise.")

KeyName = Annotated[str, typer.Argument(help="The key's name in the DID document, as credential-1.")]


def mount(door: typer.Typer) -> None:
    """Add `keys` to the front door."""
    door.add_typer(app, name="keys")


def lost(office: Office) -> list[str]:
    """For `greffe doctor`: the ids of the keys in use whose private half is not here."""
    return [key.id for key in keys.keys(office) if key.state == "in use" and not key.is_held]


@app.command("list")
def list_keys(as_json: Json = False) -> None:
    """Every key of every issuer: what it is for, whether it is in use, whether the office holds its private half."""
    with reports_errors():
        every_key = keys.keys(Office(settings()))
    if as_json:
        result({"keys": [_shape(key) for key in every_key]})
    for key in [] if as_json else every_key:
        private_half = "private half held" if key.is_held else "private half gone"
        line(f"{key.id}  {key.use}  {key.kind}  {key.state}  {private_half}  {key.multibase}")


@app.command()
def rotate(
    register: Register,
    use: Annotated[str, typer.Argument(help=f"One of: {', '.join(USES)}.")],
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Make a new key for that use and log it. The one before stays in the DID document."""
    with reports_errors():
        key = keys.rotate(Office(settings(), accepts_time=accept_time), register, use, surroundings())
    _tell(key, as_json)


@app.command()
def retire(register: Register, key: KeyName, yes: Yes = False, as_json: Json = False) -> None:
    """Destroy the private half of a key that is no longer in use."""
    with reports_errors():
        retired = keys.retire(Office(settings()), register, key, dry_run=not yes)
    _tell(retired, as_json)
    if not yes:
        say("nothing was destroyed: say --yes to do it")


@app.command()
def compromise(
    register: Register,
    key: KeyName,
    since: Annotated[str, typer.Option(help="The moment from which it may be in other hands, RFC 3339.")],
    reissue: Annotated[
        bool, typer.Option("--reissue", help="Issue the newest credentials again instead of suspending them.")
    ] = False,
    source: Annotated[
        str | None, typer.Option(help="With --extract: issue again only what this source's extract says so.")
    ] = None,
    extract: Annotated[Path | None, typer.Option(help="A fresh extract, from the register itself.")] = None,
    yes: Yes = False,
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Replace a key that may be in other hands, and suspend (or issue again) what was logged under it since then."""
    with reports_errors():
        moment = _moment(since)
        if moment > datetime.now(UTC):
            say(f"warning: {since} lies in the future: nothing that was signed until now is touched")
        office = Office(settings(), accepts_time=accept_time)
        if (source is None) != (extract is None) or (extract is not None and not reissue):
            raise Usage("extract", "--source and --extract go together, and with --reissue")
        pins = read_pins(settings().delivery_keys)
        delivered = None if source is None or extract is None else sources.read(source, extract, pins)
        if reissue and delivered is None:
            say("warning: without --extract, what somebody else got logged since then is issued again too")
        done = keys.compromise(
            office, register, key, moment, surroundings(), reissue=reissue, dry_run=not yes, extract=delivered
        )
    if as_json:
        result({**asdict(done), "signed": list(done.signed), "dryRun": not yes})
        return
    for name in done.signed:
        line(f"  signed since: {name}")
    if yes:
        line(
            f"{done.key} is disowned, {done.new_key} signs now; {done.suspended} suspended, {done.reissued} issued again"
        )
    else:
        line(
            f"would disown {done.key} and {'issue again or ' if reissue else ''}suspend {len(done.signed)} credentials"
        )


def _tell(key: keys.Key, as_json: bool) -> None:
    if as_json:
        result(_shape(key))
    else:
        line(f"{key.id}: {key.use}, {key.kind}, {key.state}, private half {'held' if key.is_held else 'gone'}")


def _shape(key: keys.Key) -> dict[str, object]:
    return {
        "id": key.id,
        "register": key.register,
        "use": key.use,
        "kind": key.kind,
        "publicKeyMultibase": key.multibase,
        "state": key.state,
        "held": key.is_held,
    }


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Usage("time", f"{text[:40]!r} is not an RFC 3339 time") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
