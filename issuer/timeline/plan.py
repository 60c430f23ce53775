"""What the ledger does not hold yet of an organization's timeline.

Whether the register calls a filing a correction is `schemas/codes.is_correction`; it comes with the states.

Events after the newest one that was issued are new. If the state at that event now reads otherwise than in the newest
credential, the register has rewritten it, and that state is issued again. The same input again therefore plans nothing, a
run that was killed is taken up where it ended, and a change that is changed back is a change. A snapshot has no events:
its one state is compared with the newest credential.

What would put an older state in the place of a newer one waits for a person: an event that is older than what was issued
and was not known (`late_event`), and an extract that lacks the newest event (`state_regression`).

Of a credential that was restored from a mirror alone neither body nor event is known. Its organization's present state is issued
once, as a correction (`body_lost`); what came before it is not asked for again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from issuer.timeline.draft import Judged, judge
from issuer.timeline.history import TimelineState

#: the reason of a correction that gives an organization a credential with a body again
BODY_LOST = "body_lost"


@dataclass(frozen=True, slots=True)
class Newest:
    """What the ledger holds of an organization. `n`, `index`, `event`, `order`, `digest`: of its newest credential;
    `events`: of all. `digest`: empty where the body is lost; `is_patchy`: whether that is so of any of its credentials.
    """

    n: int
    index: int
    event: str
    order: tuple[object, ...]
    digest: bytes
    events: frozenset[str]
    is_patchy: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One credential to issue. `kind`: issue, supersede or correct; `reason`: of a correction that is not the register's."""

    kind: str
    timeline: TimelineState
    judged: Judged
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The credentials that are missing, oldest first; `hold`: why a person should look before they are issued."""

    planned: tuple[Planned, ...]
    hold: str | None = None


def newest_of(places: Sequence[Any]) -> Newest:
    """What the ledger holds of an organization, from the rows of its credentials (store.read_places; at least one)."""
    last = places[-1]
    events = frozenset(place.event for place in places)
    order, is_patchy = tuple(json.loads(last.event_order)), any(not place.digest for place in places)
    return Newest(last.n, last.i, last.event, order, bytes(last.digest), events, is_patchy)


def plan(states: Sequence[TimelineState], newest: Newest | None) -> Plan:
    """The credentials that bring the ledger from `newest` to the end of the timeline (at least one state)."""
    if newest is None:
        return Plan((_planned("issue", states[0]), *_following(states[1:])))
    last = states[-1]
    if not newest.digest:
        return Plan((Planned("correct", last, judge(last.state), BODY_LOST),))
    if not newest.event or not last.event:
        return Plan(_again(last, newest))
    if all(state.event != newest.event for state in states):
        if all(state.order > newest.order for state in states):
            return Plan(_following(states))
        return Plan(_again(last, newest), "state_regression")
    at = max(n for n, state in enumerate(states) if state.event in newest.events)
    late = [] if newest.is_patchy else [state for state in states[:at] if state.event not in newest.events]
    current = (_planned("supersede", states[at]),) if late else _again(states[at], newest)
    planned = (*_following(late), *current, *_following(states[at + 1 :]))
    return Plan(planned, "late_event" if late else None)


def _planned(kind: str, state: TimelineState) -> Planned:
    return Planned(kind, state, judge(state.state))


def _following(states: Sequence[TimelineState]) -> tuple[Planned, ...]:
    return tuple(_planned("correct" if state.correction else "supersede", state) for state in states)


def _again(state: TimelineState, newest: Newest) -> tuple[Planned, ...]:
    """The state once more, where it does not read as the newest credential does."""
    planned = _planned("supersede", state)
    return () if planned.judged.digest == newest.digest else (planned,)
