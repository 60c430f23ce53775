"""Filings of later days wait on the desk until their day has come.

A delivery that tells an organization's whole history takes the place of what waited for it; one that only adds to it leaves what
waited. Each state is issued by any later run of its register, or by `greffe issue --due`.
"""

from datetime import date

from issuer.timeline.changes import Dossier
from issuer.timeline.history import Timeline, TimelineState
from issuer.timeline.plan import Newest
from issuer.timeline.stored import parse_states, print_states, read, stored
from registry.installation.desk import Desk

PENDING = "pending"


def registers(desk: Desk) -> list[str]:
    """The registers for which something waits."""
    return sorted({key.register for key, _ in desk.all(PENDING)})


def waiting(desk: Desk, register: str, number: str) -> tuple[TimelineState, ...]:
    """The states that wait for an organization, oldest first."""
    body = desk.get(PENDING, register, number)
    return () if body is None else parse_states(read(body)["states"])


def due(desk: Desk, register: str, today: date) -> dict[str, tuple[TimelineState, ...]]:
    """Number -> what waits for it, for each organization of a register of which a state has come due."""
    numbers = {}
    for key, _ in desk.all(PENDING, register):
        states = waiting(desk, register, key.number)
        if any(is_due(state, today) for state in states):
            numbers[key.number] = states
    return numbers


def is_due(state: TimelineState, today: date) -> bool:
    """Whether a state holds on that day already."""
    return state.state.event is None or (state.state.event.effective or "") <= today.isoformat()


def merged(timeline: Timeline, dossier: Dossier, newest: Newest | None, desk: Desk, today: date) -> Timeline:
    """A timeline with what waited for its organization, where the delivery does not tell its whole history."""
    events = {state.event for state in (*timeline.states, *timeline.pending)} | timeline.withdrawn
    if newest is None or newest.events - {""} <= events or not newest.last.event:
        return timeline
    before = [state for state in waiting(desk, dossier.register, dossier.number) if state.event not in events]
    return with_waiting(timeline, before, today)


def is_forgotten(desk: Desk, dossier: Dossier, timeline: Timeline) -> bool:
    """Whether a delivery tells nothing of all that waits for its organization: an update, or another history, nobody knows."""
    events = {state.event for state in (*timeline.states, *timeline.pending)} | timeline.withdrawn
    before = waiting(desk, dossier.register, dossier.number)
    return bool(before) and all(state.event not in events for state in before)


def with_waiting(timeline: Timeline, before: list[TimelineState], today: date) -> Timeline:
    """A timeline with states that waited: those that are due among its own, the others with those that wait."""
    states = [*timeline.states, *(state for state in before if is_due(state, today))]
    later = [*timeline.pending, *(state for state in before if not is_due(state, today))]
    return Timeline(
        tuple(sorted(states, key=lambda state: state.order)),
        tuple(sorted(later, key=lambda state: state.order)),
        timeline.waiting,
        timeline.withdrawn,
        timeline.flags,
    )


def note(desk: Desk, register: str, number: str, states: tuple[TimelineState, ...]) -> None:
    """What waits for an organization from now on."""
    if states:
        desk.put(PENDING, register, number, stored({"states": print_states(states)}))
    else:
        desk.drop(PENDING, register, number)
