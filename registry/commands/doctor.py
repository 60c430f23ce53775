"""`greffe doctor` says what is wrong here, and seals a store once."""

from collections.abc import Callable
from typing import Annotated

import typer

from registry.commands.exits import FAILED, REPAIRABLE, line, reports_errors, result, say
from registry.commands.ledger import Json, read_trust, settings
from registry.installation.office import Office
from registry.operations.doctor import Finding, examine, seal_store

#: the ids of the issuers' keys in use whose private half is not here
Lost = Callable[[Office], list[str]]


def mount(app: typer.Typer, lost: Lost) -> None:
    """Add the command. `lost`: asks for the issuers' keys, which this room does not know."""

    @app.command()
    def doctor(
        seal: Annotated[
            bool, typer.Option("--seal", help="Audit a store made before there were seals, and seal it; once.")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Say what is wrong with this installation and what mends it. Exit 0 nothing, 4 to be mended, 1 the store was changed."""
        _examine(lost, seal, as_json)


def _examine(lost: Lost, seal: bool, as_json: bool) -> None:
    is_new = False
    with reports_errors():
        if seal:
            is_new = seal_store(Office(settings()), read_trust(None), _progress)
        findings = examine(settings())
        if all(finding.is_advice for finding in findings):
            findings += [_without(id) for id in lost(Office(settings()))]
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


def _without(id: str) -> Finding:
    _, _, rest = id.rpartition(":")
    register, _, name = rest.partition("#")
    mend = f"bring keys/ back, or greffe keys rotate {register} {name.rpartition('-')[0]}"
    return Finding("key_unreadable", f"the private half of {id} is not here", mend)


def _progress(done: int, total: int) -> None:
    if total and done % 10_240 == 0:
        say(f"audited {done} of {total}")
