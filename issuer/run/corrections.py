"""What the office has corrected overlays what the register says.

It does so until the register says a third thing.

A correction is of the state in force when it was made: of each field it knows what the register said (`was`), and what is so
(`is`). From that state on, wherever the register still says the one, the other is issued. Once it says the other by itself, the
two agree. Anything else is held (`corrected_again`) until a person has looked; what was approved is `accepted` from then on.
So is whatever would replace a correction of which the desk knows nothing (any more): the ledger still says that it was made.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from issuer.timeline.history import Timeline, TimelineState
from issuer.timeline.plan import Newest
from issuer.timeline.stored import read, stored
from registry.installation.desk import Desk
from registry.records.records import Records
from schemas import codes
from schemas.organization import Name, State

CORRECTION, CORRECTED_AGAIN = "correction", "corrected_again"
#: code -> what it says
REASONS = {
    "clerical_error": "a clerk or a program wrote it wrongly",
    "court_order": "a court ordered it",
    "registrar_order": "the registrar ordered it",
    "register_request": "the register asked for it",
}
#: option of the command -> field of a state
FIELDS = {
    "legal-name": "legal_name",
    "entity-type": "entity_type",
    "register-status": "register_status",
    "status-since": "status_since",
    "registered-on": "registered_on",
    "home-jurisdiction": "home_jurisdiction",
    "business-number": "business_number",
    "valid-from": "valid_from",
    "valid-until": "valid_until",
}


@dataclass(frozen=True, slots=True)
class Correction:
    """What overlays an organization. `fields`: field -> (was, is), either None where there is none; `event`: of the state
    that was corrected, and `since`, from when it bears its legal name; `accepted`: what the register said since, and a
    person has looked at.
    """

    event: str
    since: str | None
    fields: Mapping[str, tuple[str | None, str | None]]
    accepted: Mapping[str, tuple[str | None, ...]]


def find(desk: Desk, register: str, number: str) -> Correction | None:
    """The correction of an organization, or None."""
    body = desk.get(CORRECTION, register, number)
    if body is None:
        return None
    about = read(body)
    fields = {name: (was, now) for name, (was, now) in about["fields"].items()}
    return Correction(
        about["event"], about["since"], fields, {name: tuple(values) for name, values in about["accepted"].items()}
    )


def is_forgotten(records: Records, newest: Newest, correction: Correction | None) -> bool:
    """Whether the office has corrected the newest credential, or what that was signed anew from, and the desk lacks it."""
    if correction is not None:
        return False
    entry = records.entry(newest.index)
    while entry.kind == "correct" and entry.reason not in REASONS:
        entry = records.entry(max(entry.refers))
    return entry.kind == "correct"


def note(desk: Desk, register: str, number: str, correction: Correction) -> None:
    """The correction of an organization from now on."""
    about: dict[str, Any] = {
        "event": correction.event,
        "since": correction.since,
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


def corrected(state: State, fields: Mapping[str, tuple[str | None, str | None]], since: str | None) -> State:
    """The state with those fields as they are. `since`: from when on the corrected legal name is borne.

    That name is the same under its right letters once it is a former one; another time when it was borne is another name.
    """
    changed: dict[str, Any] = {name: now for name, (was, now) in fields.items() if getattr(state, name) == was}
    if "register_status" in changed:
        code = changed["register_status"]
        changed["status"] = None if code is None else codes.operating_status(state.register, code)
    if "legal_name" in fields:
        changed["names"] = tuple(_renamed(state.names, *fields["legal_name"], since))
    return replace(state, **changed)


def _renamed(names: Iterable[Name], was: str | None, now: str | None, since: str | None) -> Iterator[Name]:
    for name in names:
        is_it = name.text == was and (name.kind == "legal" or (name.kind == "former" and name.since == since))
        if not is_it:
            yield name
        elif now is not None:
            yield replace(name, text=now)


def legal_since(state: State) -> str | None:
    """From when on a state's legal name is borne; None where nobody knows."""
    return next((name.since for name in state.names if name.kind == "legal"), None)


def _start(timeline: Timeline, correction: Correction) -> int:
    """The place of the state that was corrected; 0 where a delivery tells only what came after it."""
    events = [state.event for state in timeline.states]
    return events.index(correction.event) if correction.event in events else 0


def _overlaid(state: TimelineState, correction: Correction) -> TimelineState:
    return replace(state, state=corrected(state.state, correction.fields, correction.since))


def _says_a_third(state: State, correction: Correction) -> bool:
    return any(
        getattr(state, name) not in (was, now, *correction.accepted.get(name, ()))
        for name, (was, now) in correction.fields.items()
    )
