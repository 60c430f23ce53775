"""What the office has corrected overlays what the register says.

It does so until the register says a third thing.

A correction is of the state in force when it was made: of each field it knows what the register said (`was`), and what is so
(`is`). From that state on, wherever the register still says the one, the other is issued. Once it says the other by itself, the
two agree. Anything else is held (`corrected_again`) until a person has looked; what was approved is `accepted` from then on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from issuer.timeline.history import Timeline, TimelineState
from issuer.timeline.stored import read, stored
from registry.installation.desk import Desk
from schemas.organization import State

CORRECTION, CORRECTED_AGAIN = "correction", "corrected_again"
#: option of the command -> field of a state
FIELDS = {
    "legal-name": "legal_name",
    "entity-type": "entity_type",
    "register-status": "register_status",
    "status-since": "status_since",
    "registered-on": "registered_on",
    "home-jurisdiction": "home_jurisdiction",
    "business-number": "business_number",
}


@dataclass(frozen=True, slots=True)
class Correction:
    """What overlays an organization. `fields`: field -> (was, is), either None where there is none; `event`: of the state
    that was corrected; `accepted`: what the register said since, and a person has looked at.
    """

    event: str
    fields: Mapping[str, tuple[str | None, str | None]]
    accepted: Mapping[str, tuple[str | None, ...]]


def find(desk: Desk, register: str, number: str) -> Correction | None:
    """The correction of an organization, or None."""
    body = desk.get(CORRECTION, register, number)
    if body is None:
        return None
    about = read(body)
    fields = {name: (was, now) for name, (was, now) in about["fields"].items()}
    return Correction(about["event"], fields, {name: tuple(values) for name, values in about["accepted"].items()})


def note(desk: Desk, register: str, number: str, correction: Correction) -> None:
    """The correction of an organization from now on."""
    about: dict[str, Any] = {
        "event": correction.event,
        "fields": {name: list(values) for name, values in correction.fields.items()},
        "accepted": {name: list(values) for name, values in correction.accepted.items()},
    }
    desk.put(CORRECTION, register, number, stored(about))


def overlaid(timeline: Timeline, correction: Correction | None) -> tuple[Timeline, bool]:
    """The timeline with the correction over it; and whether the register says a third thing somewhere."""
    if correction is None:
        return timeline, False
    start = _start(timeline, correction)
    states = [*timeline.states[:start]]
    is_third = False
    for state in timeline.states[start:]:
        is_third = is_third or _says_a_third(state.state, correction)
        states.append(_overlaid(state, correction))
    pending = tuple(_overlaid(state, correction) for state in timeline.pending)
    return replace(timeline, states=tuple(states), pending=pending), is_third


def accept(desk: Desk, register: str, number: str, timeline: Timeline) -> None:
    """A person has looked at what the register says since the correction."""
    correction = find(desk, register, number)
    if correction is None:
        return
    accepted = {}
    for name in correction.fields:
        said = {getattr(state.state, name) for state in timeline.states[_start(timeline, correction) :]}
        accepted[name] = tuple(sorted({*correction.accepted.get(name, ()), *said}, key=str))
    note(desk, register, number, replace(correction, accepted=accepted))


def corrected(state: State, fields: Mapping[str, tuple[str | None, str | None]]) -> State:
    """The state with those fields as they are. A name is the same name under its right letters, wherever it stands."""
    changed = {name: now for name, (was, now) in fields.items() if getattr(state, name) == was}
    names = state.names
    was, now = fields.get("legal_name", (None, None))
    if now is not None:
        legal = ("legal", "former")
        names = tuple(replace(name, text=now) if name.text == was and name.kind in legal else name for name in names)
    return replace(state, **changed, names=names)  # type: ignore[arg-type]


def _start(timeline: Timeline, correction: Correction) -> int:
    """The place of the state that was corrected; 0 where a delivery tells only what came after it."""
    events = [state.event for state in timeline.states]
    return events.index(correction.event) if correction.event in events else 0


def _overlaid(state: TimelineState, correction: Correction) -> TimelineState:
    return replace(state, state=corrected(state.state, correction.fields))


def _says_a_third(state: State, correction: Correction) -> bool:
    return any(
        getattr(state, name) not in (was, now, *correction.accepted.get(name, ()))
        for name, (was, now) in correction.fields.items()
    )
