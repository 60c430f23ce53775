"""The issuer's commands: issue, revoke. Results on stdout, progress and acknowledgements on stderr."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from issuer import sources
from issuer.issue import Surroundings
from issuer.issue import issue as issue_extract
from issuer.report import Report
from issuer.revoke import REASONS
from issuer.revoke import revoke as revoke_credential
from registry.commands import Json, settings
from registry.exits import PARTLY, line, result, say, told
from registry.installation import Office
from registry.ledger import Head


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(issue)
    app.command()(revoke)


def _surroundings() -> Surroundings:
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
    with told():
        report = issue_extract(
            Office(settings()),
            source,
            sources.read(source, path),
            _surroundings(),
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
    found = report.to_json()
    verb = "would issue" if dry_run else "issued"
    line(
        f"{verb} {found['issued']}, superseded {found['superseded']}, corrected {found['corrected']}; "
        f"{found['organizations']} organizations, {found['nameless']} without a current name"
    )
    rows = found["rows"]
    line("rows: " + ", ".join(f"{count} {name}" for name, count in rows.items()))
    for rejection in found["rejections"][:20]:
        line(f"  {rejection['file']}:{rejection['line']}: {rejection['code']}: {rejection['reason']}")
    if len(found["rejections"]) > 20:
        line(f"  and {len(found['rejections']) - 20} more: --json lists them all")
    for hold in found["holds"]:
        line(f"  held: {hold['code']}: {hold['organizations']} organizations")


def revoke(
    register: str,
    number: str,
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(REASONS)}.")],
    credential: Annotated[
        int | None, typer.Option(min=1, help="The organization's n-th credential; else its newest.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; else only say what would be done.")] = False,
    as_json: Json = False,
) -> None:
    """Revoke a credential: set its bit in the status list and log the new list."""
    with told():
        done = revoke_credential(
            Office(settings()), register, number, credential, reason, _surroundings(), dry_run=not yes
        )
    if as_json:
        result(
            {
                "credential": done.credential,
                "statusList": done.list_id,
                "index": done.list_index,
                "reason": reason,
                "revoked": int(done.head is not None),
                "already": done.already,
                "dryRun": not yes,
            }
        )
    elif done.already:
        line(f"{done.credential} is revoked already")
    else:
        line(f"{'revoked' if yes else 'would revoke'} {done.credential} (bit {done.list_index} of {done.list_id})")
