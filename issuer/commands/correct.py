"""`greffe correct` signs the state in force anew; without `--yes` it previews.

Fields are options: `--legal-name="HARBOUR SEAL INC."`, and so on; an empty value takes the field away.
"""

import getpass
import json
from typing import Annotated

import typer

from issuer.actions import correction
from issuer.commands.issue import Number, Register, Yes
from issuer.commands.surroundings import AcceptTime, surroundings
from issuer.run.corrections import FIELDS
from registry.commands.exits import line, reports_errors, result
from registry.commands.ledger import Json, settings
from registry.installation.office import Office


def mount(app: typer.Typer) -> None:
    """Add the command."""
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(correct)


def correct(
    context: typer.Context,
    register: Register,
    number: Number,
    reason: Annotated[str, typer.Option(help=f"One of: {', '.join(correction.REASONS)}.")],
    by: Annotated[str | None, typer.Option("--by", help="Who asked for it; else the user of this machine.")] = None,
    yes: Yes = False,
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Correct fields of the newest credential: --legal-name=..., --registered-on=... and so on."""
    values = dict(map(_field, context.args))
    with reports_errors():
        done = correction.correct(
            Office(settings(), accepts_time=accept_time),
            register,
            number,
            values,
            reason,
            by or getpass.getuser(),
            surroundings(),
            dry_run=not yes,
        )
    if as_json:
        result(
            {
                "register": register,
                "number": number,
                "reason": reason,
                "refers": done.refers,
                "index": done.index,
                "before": done.before,
                "after": done.after,
                "dryRun": not yes,
            }
        )
        return
    for term in sorted(done.before.keys() | done.after.keys()):
        before, after = done.before.get(term), done.after.get(term)
        if before != after:
            line(f"{term}: {_shown(before)} -> {_shown(after)}")
    line(json.dumps(done.after, ensure_ascii=False, indent=1))
    if yes:
        line(f"corrected {register}/{number}: entry {done.index} takes the place of entry {done.refers}")
    else:
        line(f"would sign this in the place of entry {done.refers}, reason {reason}; say --yes to do it")


def _field(text: str) -> tuple[str, str]:
    """The name and value of one `--name=value`; the name in any of its spellings."""
    name, equals, value = text.partition("=")
    if not name.startswith("--") or not equals:
        raise typer.BadParameter(f"{text!a} is not --field=value; fields are {', '.join(FIELDS)}")
    spelled = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name[2:]).replace("_", "-")
    return spelled, value


def _shown(value: object) -> str:
    return "(none)" if value is None else json.dumps(value, ensure_ascii=False)
