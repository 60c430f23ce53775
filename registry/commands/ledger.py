"""The first commands of the ledger, from `init` to `verify`.

Results on stdout, progress on stderr.
"""

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from registry.commands.answers import answers
from registry.commands.daemon import again_and_again
from registry.commands.exits import (
    FAILED,
    INDETERMINATE,
    SUPERSEDED,
    line,
    reports_errors,
    result,
    say,
    writes_to,
)
from registry.edge.disk import write_file
from registry.encoding.jcs import jcs
from registry.errors import NotFound, NotPublished, Usage
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import Settings, from_environ
from registry.installation.trust_file import refresh_trust_file
from registry.ledger.publish import Published
from registry.reading.record import in_force
from registry.verify import trust as trust_file
from registry.verify.completeness import is_one as is_completeness
from registry.verify.completeness import verify_completeness
from registry.verify.evidence import check_is_evidence
from registry.verify.steps import verify as verify_evidence
from registry.verify.verdict import Verdict

#: verdict -> exit code
_VERDICT_EXITS = {"failed": FAILED, "indeterminate": INDETERMINATE, "superseded": SUPERSEDED}
#: seconds that one `publish` waits for another one to be done, as with the witnesses that `publish --every` asks
_PATIENCE = 30.0
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a program.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file; else, or for -, to stdout.")]


def settings() -> Settings:
    """The settings of this process."""
    environment = from_environ(os.environ)
    writes_to(environment.data)
    return environment


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(init)
    app.command()(publish)
    app.command()(evidence)
    app.command()(completeness)
    app.command()(trust)
    app.command()(verify)


def init(as_json: Json = False) -> None:
    """Make data directory, identity, ledger key and trust file where they are missing."""
    with reports_errors():
        office = initialize(settings())
    identity = office.identity
    if as_json:
        result({"data": str(office.settings.data), "baseUrl": identity.base_url, "origin": identity.origin})
    else:
        line(f"{identity.origin} in {office.settings.data}")


def publish(
    every: Annotated[float | None, typer.Option(min=0.1, help="Again after that many seconds, until stopped.")] = None,
    as_json: Json = False,
) -> None:
    """Sign the checkpoint of the committed ledger, ask the witnesses, and publish it once they are enough."""
    with reports_errors():
        office, asks = Office(settings()), True

        def once() -> None:
            nonlocal asks
            with office.publishing(say, seconds=_PATIENCE, asks=asks) as publish_now:
                asks = False
                refresh_trust_file(office.settings, office.reader, office.seals)
                _tell_published(publish_now(), as_json, is_asked=every is None)

        if every is None:
            once()
        else:
            again_and_again(once, every, office.settings.data)


def _tell_published(published: Published, as_json: bool, is_asked: bool) -> None:
    head = published.checkpoint
    if as_json:
        state = {"new": published.is_new, "published": published.is_shown}
        result({"origin": head.origin, "size": head.size, "root": head.root.hex(), **state})
    elif published.is_shown and (published.is_new or is_asked):
        line(f"published {head.size} {head.root.hex()}")
    if is_asked and not published.is_shown:
        raise NotPublished("quorum", f"the checkpoint of {head.size} is signed, but too few witnesses cosigned it")


def evidence(
    register: str,
    number: str,
    output: Output = None,
    as_json: Json = False,
    at: Annotated[str | None, typer.Option(help="As of that date (YYYY-MM-DD), by effective date.")] = None,
) -> None:
    """Write the evidence file of an organization's current registration credential."""
    with reports_errors():
        reader = Public(settings()).reader
        records = [record for record in reader.organization(register, number) if record.n is not None]
        if at is not None:
            record = in_force(records, _day(at))
            records = [] if record is None else [record]
        if not records:
            raise NotFound("organization_unknown", f"the ledger holds nothing of {register}/{number} then")
        _write(reader.evidence(register, number, records[-1].n or 0), output, as_json)


def completeness(register: str, number: str, output: Output = None, as_json: Json = False) -> None:
    """Write the proof of all ledger entries under an organization's number, or that there are none."""
    with reports_errors():
        _write(Public(settings()).reader.completeness(register, number).to_json(), output, as_json)


def trust(
    output: Output = None,
    as_json: Json = False,
    of: Annotated[Path | None, typer.Option(help="Print the fingerprint of that trust file, and write none.")] = None,
) -> None:
    """Write this installation's trust file, for handing to a stranger, and tell its fingerprint.

    A file that is written with -o has just that SHA-256.
    """
    with reports_errors():
        if of is not None:
            trusted = trust_file.parse(_read(of))
            mark = trust_file.fingerprint(trusted.document)
            result({"origin": trusted.origin, "fingerprint": mark}) if as_json else line(f"{mark}  {trusted.origin}")
            return
        document = Public(settings()).reader.trust()
        _write(document, output, as_json, jcs(document))
    say(f"fingerprint (SHA-256) {trust_file.fingerprint(document)}")


def verify(
    file: Path,
    trust: Annotated[
        Path | None, typer.Option(help="The trust file; else GREFFE_TRUST, else the data directory's.")
    ] = None,
    at: Annotated[str | None, typer.Option(help="As if it were that moment (RFC 3339).")] = None,
    on: Annotated[
        str | None, typer.Option(help="Was it in force on that day (YYYY-MM-DD), as far as the evidence knows?")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check an evidence or completeness file, offline: every step by name, and whose it is.

    Exit 0 verified, 1 failed, 5 indeterminate, 6 genuine but superseded.
    """
    with reports_errors():
        moment = datetime.now(UTC) if at is None else _moment(at)
        day = None if on is None else date.fromisoformat(_day(on))
        trusted = read_trust(trust)
        data = _read(file)
        check_is_evidence(data)
        verdict: Verdict
        if is_completeness(data):
            verdict = verify_completeness(data, trusted, moment)
        else:
            verdict = verify_evidence(data, trusted, moment, day)
    if as_json:
        result(verdict.to_json())
    else:
        for text in answers(verdict, moment):
            line(text)
    if verdict.verdict != "verified":
        raise typer.Exit(_VERDICT_EXITS[verdict.verdict])


def read_trust(named: Path | None) -> trust_file.Trust:
    """The trust that a check rests on: the file named, else GREFFE_TRUST, else the data directory's. Usage `no_trust`."""
    path = named or settings().trust or settings().trust_file
    if named is None and not path.exists():
        raise Usage("no_trust", "there is no trust file: give --trust, GREFFE_TRUST or GREFFE_DATA")
    return trust_file.parse(_read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Usage("unreadable", f"{path} cannot be read: {error.strerror}") from None


def _write(value: dict[str, Any], output: Path | None, as_json: bool, data: bytes | None = None) -> None:
    """Write a value for the reader, or `data` in its place into a file."""
    if output is None or str(output) == "-":
        result(value)
        return
    data = data or json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
    try:
        if output.exists() and not output.is_file():
            output.write_bytes(data)  # a pipe or a device is written to, never replaced
        else:
            write_file(output, data, 0o644)
    except OSError as error:
        raise Usage("unwritable", f"{output} cannot be written: {error.strerror}") from None
    if as_json:
        result({"wrote": str(output)})
    else:
        say(f"wrote {output}")


def _day(text: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        raise Usage("date", f"{text[:40]!r} is not a date YYYY-MM-DD") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Usage("time", f"{text[:40]!r} is not an RFC 3339 time") from None
    if moment.tzinfo is None:
        raise Usage("time", f"{text[:40]!r} lacks its time zone")
    return moment
