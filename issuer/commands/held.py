"""`greffe held`: what waits for a person, one by one.

An id names exactly what was delivered: who approves it approves that, and another delivery has another id.
"""

import getpass
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from issuer.actions.withdrawal import revoke_all
from issuer.commands.surroundings import AcceptTime, surroundings
from issuer.run import held
from issuer.run.approve import approve as approve_items
from issuer.timeline.stored import print_timeline
from registry.commands.exits import line, reports_errors, result
from registry.commands.ledger import Json, settings
from registry.edge.printable import printable
from registry.encoding.moment import print_utc
from registry.installation.office import Office

app = typer.Typer(no_args_is_help=True, help="What waits for a person: list, show, approve, reject.")

Id = Annotated[str, typer.Argument(help="The id that list shows, of an organization or of a delivery.")]
By = Annotated[str | None, typer.Option("--by", help="Who decides; else the user of this machine.")]


def mount(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(app, name="held")


@app.command("list")
def list_held(as_json: Json = False) -> None:
    """What waits, and the deliveries that wait as one."""
    with reports_errors(), Office(settings()).desk() as desk:
        items, deliveries = list(held.every(desk)), held.deliveries(desk)
        decisions = held.decisions(desk)
    if as_json:
        about = [
            {"id": name, "code": own[0].code, "register": own[0].register, "organizations": len(own)}
            for name, own in deliveries.items()
        ]
        result({"held": [item.to_json() for item in items], "deliveries": about, "decisions": decisions})
        return
    for name, own in deliveries.items():
        line(f"{name}  {own[0].register}  {own[0].code}: {len(own)} organizations as one")
    for item in items:
        line(f"{item.id}  {item.register}/{item.number}  {item.code}  {item.status}  since {item.since}")
    if not items:
        line("nothing is held")


@app.command()
def show(name: Id, as_json: Json = False) -> None:
    """What was delivered: rows, and every state that an approval would issue."""
    with reports_errors(), Office(settings()).desk() as desk:
        items = held.chosen(desk, name)
    if as_json:
        result({"id": name, "held": [_shown(item) for item in items]})
        return
    for item in items:
        line(f"{item.id}  {item.register}/{item.number}  {item.code}  {item.status}")
        for file, number in item.rows:
            line(f"  {printable(file)}:{number}")
        for state in () if item.timeline is None else item.timeline.states:
            day = state.state.event.effective if state.state.event else None
            line(
                f"  {day or 'day unknown'}  {state.state.register_status or '-'}  {state.state.legal_name or '(no name)'}"
            )
        if item.timeline is None:
            line("  a row of it was rejected: it waits for a delivery whose rows are all well")


@app.command()
def approve(
    name: Id,
    by: By = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "looked at",
    accept_time: AcceptTime = False,
    as_json: Json = False,
) -> None:
    """Issue exactly what was shown under this id."""
    with reports_errors():
        office, around = Office(settings(), accepts_time=accept_time), surroundings()
        with office.desk() as desk:
            items = held.chosen(desk, name)
        issued, revokes = approve_items(office, items, by or getpass.getuser(), reason, around)
        revoked = revoke_all(office, items[0].register, revokes, around)
    if as_json:
        result({"id": name, "organizations": len(items), "issued": issued, "revoked": revoked})
    else:
        line(f"issued {issued} credentials of {len(items)} organizations, revoked {revoked}")


@app.command()
def reject(name: Id, reason: Annotated[str, typer.Option(help="Why.")], by: By = None, as_json: Json = False) -> None:
    """Do not issue it: the same delivery stays held, and another one is asked about anew."""
    with reports_errors():
        office = Office(settings())
        with office.writing(), office.desk() as desk:
            items = held.chosen(desk, name)
            for item in items:
                held.reject(desk, item, by or getpass.getuser(), reason, print_utc(datetime.now(UTC)))
            desk.write()
    if as_json:
        result({"id": name, "organizations": len(items), "status": held.REJECTED})
    else:
        line(f"rejected {len(items)} organizations: {reason}")


def _shown(item: held.Held) -> dict[str, Any]:
    timeline = None if item.timeline is None else print_timeline(item.timeline)
    return {**item.to_json(), "timeline": timeline}
