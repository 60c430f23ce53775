"""Permits of another ministry: states, and the extract that a source would read."""

from collections.abc import Iterable
from dataclasses import replace

from issuer.timeline.changes import Change, Dossier, Extract
from schemas.organization import PERMIT, Event, Relationship, State

HOLDER = Relationship("heldBy", "BC0000002", "HARBOUR SEAL INC.", "2022-03-04", None, "sample")
IN_FORCE = State(
    register="permits",
    number="P-0001",
    entity_type="KELP",
    legal_name="KELP, SEAL BAY",
    status="Active",
    register_status="INF",
    status_since="2022-03-04",
    relationships=(HOLDER,),
    event=Event("ISSUED", "1", None, "2022-03-04"),
    subject=PERMIT,
    valid_from="2022-03-04",
    valid_until="2030-03-03",
)
SUSPENDED = replace(
    IN_FORCE,
    status="Historical",
    register_status="SUS",
    status_since="2024-05-06",
    event=Event("SUSPENDED", "2", None, "2024-05-06"),
)
OPEN = replace(IN_FORCE, number="P-0002", legal_name="KELP, OPEN SEA", valid_until=None)
#: of a kind that natural persons hold too
STALL = replace(IN_FORCE, number="P-0003", legal_name="STALL 3", entity_type="STALL", valid_until="2025-12-31")
#: with an end that has not come
ENDING = replace(IN_FORCE, number="P-0004", legal_name="KELP, RED REEF")
PERMITS = (IN_FORCE, SUSPENDED, OPEN, STALL, ENDING)


def permits(states: Iterable[State] = PERMITS) -> Extract:
    """What a source would have read of the register `permits`, one dossier for each permit."""
    by_number: dict[str, list[Change]] = {}
    for state in states:
        event = state.event
        assert event is not None
        change = Change("permits", state.number, event.id or "", (event.effective, int(event.id or 0)), state)
        by_number.setdefault(state.number, []).append(change)
    dossiers = [Dossier("permits", number, (), tuple(changes)) for number, changes in sorted(by_number.items())]
    return Extract("permits", [], dossiers, [])
