"""The issuer's commands: issue, revoke, suspend, reinstate, erase, carriers.

Results on stdout, all else on stderr.
"""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from issuer import sources
from issuer.actions import erasure, standing
from issuer.actions.tokens import make_for_ever, make_waiting
from issuer.run.issue import issue as issue_extract
from issuer.run.report import Report
from registry.commands.exits import PARTLY, line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.installation.office import Office
from registry.ledger.admission import Head
from registry.ledger.surroundings import Surroundings
from registry.store.token_queue import Requests


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(issue)
    app.command()(revoke)
    app.command()(suspend)
    app.command()(reinstate)
    app.command()(erase)
    app.command()(carriers)


def surroundings() -> Surroundings:
    """The clock and the randomness of a command."""
    return Surroundings(lambda: datetime.now(UTC), secrets.token_bytes, _acknowledge, _progress)


def _acknowledge(head: Head) -> None:
    say(f"committed {head.size} {head.root.hex()}")


def _progress(done: int, total: int) -> None:
    say(f"issued {done} of {total}")


def issue(
    path: Annotated[Path, typer.Argument(help="The extract: a file or a folder, as the source wants it.")],
    source: Annotated[str, typer.Option(help=f"One of: {', '.join(sources.SOURCES)}.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would be issued; sign nothing.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that draft and sign.")] = 1,
    approve_held: Annotated[
        bool,
        typer.Option("--approve-held", help="Issue mass changes and status regressions too: somebody looked at them."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Issue what an extract says and the ledger lacks. Exit 3: done, but rows were rejected or held."""
    with reports_errors():
        report = issue_extract(
            Office(settings()),
            source,
            sources.read(source, path),
            surroundings(),
            workers=workers,
            dry_run=dry_run,
            approve_held=approve_held,
        )
    if as_json:
        result(report.to_json())
    else:
        _tell(report, dry_run)
    if not report.is_clean:
        raise typer.Exit(PARTLY)


def _tell(report: Report, dry_run: bool) -> None:
    members = report.to_json()
    verb = "would issue" if dry_run else "issued"
    line(
        f"{verb} {members['issued']}, superseded {members['superseded']}, corrected {members['corrected']}; "
        f"{members['organizations']} organizations, {members['nameless']} without a current name"
    )
    rows = members["rows"]
    line("rows: " + ", ".join(f"{count} {name}" for name, count in rows.items()))
    for rejection in members["rejections"][:20]:
        line(f"  {rejection['file']}:{rejection['line']}: {rejection['code']}: {rejection['reason']}")
    if len(members["rejections"]) > 20:
        line(f"  and {len(members['rejections']) - 20} more: --json lists them all")
    for hold in members["holds"]:
        line(f"  held: {hold['code']}: {hold['organizations']} organizations")


def carriers(
    every: Annotated[float | None, typer.Option(min=0.1, help="Go on, looking every so many seconds.")] = None,
    as_json: Json = False,
) -> None:
    """Make what the public app was asked for and only a key can make: credentials as vc+jwt."""
    with reports_errors():
        office = Office(settings())
        requests = Requests(office.settings.requests)
        made = make_waiting(office, requests)
        if every is not None:
            say(f"made {made}; looking every {every:g} s")
            make_for_ever(office, requests, every)
    if as_json:
        result({"made": made})
    else:
        line(f"made {made}")


Register = Annotated[str, typer.Argument(help="The code of the register.")]
Number = Annotated[str, typer.Argument(help="The organization's number in it.")]
Nth = Annotated[
    int | None, typer.Option("--credential", min=1, help="The organization's n-th credential; else its newest.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; else only say what would be done.")]
Reason = Annotated[str, typer.Option(help=f"One of: {', '.join(standing.REASONS)}.")]


def revoke(
    register: Register, number: Number, reason: Reason, credential: Nth = None, yes: Yes = False, as_json: Json = False
) -> None:
    """Revoke a credential for good: set its bit in the revocation list and log the new list."""
    with reports_errors():
        _change(register, number, credential, standing.revocation(reason), "revoke", yes, as_json)


def suspend(
    register: Register, number: Number, reason: Reason, credential: Nth = None, yes: Yes = False, as_json: Json = False
) -> None:
    """Suspend a credential until it is reinstated: set its bit in the suspension list and log the new list."""
    with reports_errors():
        _change(register, number, credential, standing.suspension(reason), "suspend", yes, as_json)


def reinstate(
    register: Register, number: Number, credential: Nth = None, yes: Yes = False, as_json: Json = False
) -> None:
    """Lift a suspension: clear the bit and log the new list."""
    with reports_errors():
        _change(register, number, credential, standing.reinstatement(), "reinstate", yes, as_json)


def erase(
    register: Register,
    number: Number,
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(erasure.REASONS)}.")],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Erase an organization's bodies and salts for good; its entries stay, and every old proof still holds."""
    with reports_errors():
        done = erasure.erase(Office(settings()), register, number, reason, surroundings(), dry_run=not yes)
    if as_json:
        told_of = {"entries": list(done.entries), "already": done.already, "dryRun": not yes}
        result({"register": register, "number": number, **told_of})
    elif done.already:
        line(
            f"{register}/{number} was erased already{', and nothing of it is left in any file of the store' if yes else ''}"
        )
    else:
        line(f"{'erased' if yes else 'would erase'} {len(done.entries)} bodies of {register}/{number}")


_DONE = {"revoke": "revoked", "suspend": "suspended", "reinstate": "reinstated"}


def _change(
    register: str, number: str, n: int | None, change: standing.StandingChange, verb: str, yes: bool, as_json: bool
) -> None:
    done = standing.change_one(Office(settings()), register, number, n, change, surroundings(), dry_run=not yes)
    if as_json:
        result(
            {
                "credential": done.credential,
                "statusList": done.list_id,
                "index": done.list_index,
                "reason": change.reason,
                _DONE[verb]: int(done.head is not None),
                "already": done.already,
                "dryRun": not yes,
            }
        )
    elif done.already:
        line(f"{done.credential}: the bit is so already, nothing to {verb}")
    else:
        told_as = _DONE[verb] if yes else f"would {verb}"
        line(f"{told_as} {done.credential} (bit {done.list_index} of {done.list_id})")
