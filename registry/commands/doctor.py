"""`greffe doctor` says what is wrong here, and seals a store once."""

from typing import Annotated

import typer

from registry.commands.exits import FAILED, REPAIRABLE, line, reports_errors, result, say
from registry.commands.ledger import Json, read_trust, settings
from registry.installation.office import Office
from registry.operations.doctor import examine, seal_store


def mount(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    seal: Annotated[
        bool, typer.Option("--seal", help="Audit a store made before there were seals, and seal it; once.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what is wrong with this installation and what mends it. Exit 0 nothing, 4 to be mended, 1 the store was changed."""
    is_new = False
    with reports_errors():
        if seal:
            is_new = seal_store(Office(settings()), read_trust(None), _progress)
        findings = examine(settings())
    wrong = [finding for finding in findings if not finding.is_advice]
    if as_json:
        rows = [
            {"code": each.code, "text": each.text, "mend": each.mend, "advice": each.is_advice} for each in findings
        ]
        result({"ok": not wrong, "sealed": is_new, "findings": rows})
    else:
        if seal:
            line("the store was audited, and is sealed now" if is_new else "the store bore its seals already")
        for finding in findings:
            line(f"{'advice' if finding.is_advice else 'wrong'}: {finding.text} ({finding.mend})")
        line("well" if not wrong else "NOT WELL")
    if wrong:
        raise typer.Exit(FAILED if any(finding.code == "seal_broken" for finding in wrong) else REPAIRABLE)


def _progress(done: int, total: int) -> None:
    if total and done % 10_240 == 0:
        say(f"audited {done} of {total}")
