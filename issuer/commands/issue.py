"""The issuer's commands: issue, revoke, suspend, reinstate, erase, carriers.

Results on stdout, all else on stderr.
"""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from issuer import sources
from issuer.actions import erasure, standing
from issuer.actions.tokens import make_for_ever, make_waiting
from issuer.actions.withdrawal import revoke_all
from issuer.commands import held
from issuer.commands.surroundings import AcceptTime, surroundings
from issuer.run import pending
from issuer.run.issue import issue as issue_extract
from issuer.run.report import FUTURE, Report
from issuer.sources.manifest import read_pins
from issuer.timeline.changes import Extract
from registry.commands.exits import PARTLY, line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.edge.printable import printable
from registry.installation.office import Office
from registry.store.token_queue import Requests


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(issue)
    held.mount(app)
    app.command()(revoke)
    app.command()(suspend)
    app.command()(reinstate)
    app.command()(erase)
    app.command()(carriers)


def issue(
    path: Annotated[
        Path | None, typer.Argument(help="The extract: a file or a folder, as the source wants it.")
    ] = None,
    source: Annotated[str | None, typer.Option(help=f"One of: {', '.join(sources.SOURCES)}.")] = None,
    due: Annotated[
        bool, typer.Option("--due", help="Issue the filings whose day has come, of every register.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would be issued; sign nothing.")] = False,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that draft and sign.")] = 1,
    approve_held: Annotated[
        bool,
        typer.Option("--approve-held", help="Issue what is held for a person too: somebody looked at all of it."),
    ] = False,
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Issue what an extract says and the ledger lacks. Exit 3: done, but rows were rejected or held."""
    if not due and (source is None or path is None):
        raise typer.BadParameter("name a source and a path, or say --due")
    with reports_errors():
        delivered = None if source is None or path is None else _extract(source, path)
        office, around = Office(settings(), accepts_time=accept_time), surroundings()
        extracts = _due(office) if delivered is None else [delivered]
        reports = []
        for extract in extracts:
            report = issue_extract(
                office,
                source or "due",
                extract,
                around,
                workers=workers,
                dry_run=dry_run,
                approve_held=approve_held,
            )
            if not dry_run:
                report.revoked += revoke_all(office, extract.register, report.revocations, around)
            reports.append(report)
    if as_json and delivered is None:
        result({"reports": [report.to_json() for report in reports]})
    elif as_json:
        result(reports[0].to_json())
    else:
        for report in reports:
            _tell(report, dry_run)
        if not reports:
            line("nothing waits for its day")
    if not all(report.is_clean for report in reports):
        raise typer.Exit(PARTLY)


def _extract(source: str, path: Path) -> Extract:
    return sources.read(source, path, read_pins(settings().delivery_keys))


def _due(office: Office) -> list[Extract]:
    """An empty delivery of each register for which filings of later days wait."""
    with office.desk() as desk:
        return [Extract(register, [], (), []) for register in pending.registers(desk)]


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
        line(f"  {printable(rejection['file'])}:{rejection['line']}: {rejection['code']}: {rejection['reason']}")
    if len(members["rejections"]) > 20:
        line(f"  and {len(members['rejections']) - 20} more: --json lists them all")
    for code, count in sorted(report.hold_codes.items()):
        line(f"  held: {code}: {count} organizations")
    for hold in [hold for hold in members["holds"] if hold["code"] != FUTURE][:20]:
        row = hold["rows"][0] if hold["rows"] else None
        where = f"{printable(row['file'])}:{row['line']}" if row else "no row"
        line(f"    {hold['id']} {hold['number']} {hold['code']} {where}: greffe held show {hold['id']}")
    for left_out in members["notIssued"]:
        line(f"  not issued: {left_out['number']}: {left_out['code']}")
    for flag in members["flags"][:20]:
        line(f"  flag: {printable(flag['file'])}:{flag['line']}: {flag['code']}")
    if len(members["flags"]) > 20:
        line(f"  and {len(members['flags']) - 20} more flags: --json lists them all")
    if members["ruleChange"]:
        _tell_rules(members["ruleChange"])


def _tell_rules(change: dict[str, Any]) -> None:
    """What an older version signed otherwise, with a sample."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in change["kinds"].items())
    line(f"  an older version read {change['organizations']} organizations otherwise: {kinds}")
    for item in change["sample"]:
        line(f"    {item['number']}")
        for entry in item["entries"]:
            line(
                f"      {entry['kind']} {entry['reason'] or ''} of event {entry['event']}: {entry['name']}, {entry['status']}"
            )


def carriers(
    every: Annotated[float | None, typer.Option(min=0.1, help="Go on, looking every so many seconds.")] = None,
    as_json: Json = False,
) -> None:
    """Make what the public app was asked for and only a key can make: credentials as vc+jwt."""
    with reports_errors():
        office = Office(settings())
        with closing(Requests(office.settings.requests)) as requests:
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
    register: Register,
    number: Number,
    reason: Reason,
    credential: Nth = None,
    yes: Yes = False,
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Revoke a credential for good: set its bit in the revocation list and log the new list."""
    with reports_errors():
        _change(register, number, credential, standing.revocation(reason), "revoke", yes, accept_time, as_json)


def suspend(
    register: Register,
    number: Number,
    reason: Reason,
    credential: Nth = None,
    yes: Yes = False,
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Suspend a credential until it is reinstated: set its bit in the suspension list and log the new list."""
    with reports_errors():
        _change(register, number, credential, standing.suspension(reason), "suspend", yes, accept_time, as_json)


def reinstate(
    register: Register,
    number: Number,
    credential: Nth = None,
    yes: Yes = False,
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Lift a suspension: clear the bit and log the new list."""
    with reports_errors():
        _change(register, number, credential, standing.reinstatement(), "reinstate", yes, accept_time, as_json)


def erase(
    register: Register,
    number: Number,
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(erasure.REASONS)}.")],
    yes: Yes = False,
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Erase an organization's bodies and salts for good; its entries stay, and every old proof still holds."""
    with reports_errors():
        office = Office(settings(), accepts_time=accept_time)
        done = erasure.erase(office, register, number, reason, surroundings(), dry_run=not yes)
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
    register: str,
    number: str,
    n: int | None,
    change: standing.StandingChange,
    verb: str,
    yes: bool,
    accept_time: bool,
    as_json: bool,
) -> None:
    office = Office(settings(), accepts_time=accept_time)
    done = standing.change_one(office, register, number, n, change, surroundings(), dry_run=not yes)
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
