"""An update goes on from what the ledger holds of names and status.

A delivery that begins after the newest credential tells each state by itself. What was borne until then becomes a former name, or
one given up, on the day of the first state that bears it no more; what goes on keeps its beginning. Pure.
"""

from collections.abc import Iterable
from dataclasses import replace

from issuer.timeline.history import Timeline, TimelineState
from issuer.timeline.text import is_same_name
from schemas.organization import Name, State

_OTHERS = ("assumed", "translated")


def continued(timeline: Timeline, before: State) -> Timeline:
    """The timeline, each of its states after `before`. It has at least one state, of now or of a later day."""
    every = (*timeline.states, *timeline.pending)
    first = every[0]
    day = None if first.state.event is None else first.state.event.effective
    past = _past(before, first, day)
    going_on = is_same_name(before.legal_name or "", first.state.legal_name or "")
    began = next((name for name in before.names if name.kind == "legal"), None) if going_on else None

    def after(state: TimelineState) -> TimelineState:
        own = state.state
        names = [_begun(name, began, day) for name in own.names]
        in_force = [name for name in names if not _is_past(name)]
        ended = [name for name in names if _is_past(name) and not any(_is_one(name, other) for other in past)]
        since = own.status_since
        if own.register_status == before.register_status and since == day:
            since = before.status_since
        legal = in_force[0].text if began is not None and in_force and own.legal_name is not None else own.legal_name
        former = [name for name in (*past, *ended) if name.kind == "former"]
        given_up = [name for name in (*past, *ended) if name.kind != "former"]
        every_name = (*in_force, *former, *given_up)
        return replace(state, state=replace(own, legal_name=legal, names=every_name, status_since=since))

    return replace(timeline, states=tuple(map(after, timeline.states)), pending=tuple(map(after, timeline.pending)))


def _past(before: State, first: TimelineState, day: str | None) -> list[Name]:
    """What is no longer in force once the first state is, as of the ledger."""
    past = [name for name in before.names if _is_past(name)]
    if first.correction:
        return past
    now = first.state.names
    for name in before.names:
        if _is_past(name) or _goes_on(name, now):
            continue
        if name.kind == "legal":
            past.append(replace(name, kind="former", until=day))
        elif name.kind in _OTHERS:
            past.append(replace(name, until=day))
    return past


def _goes_on(name: Name, now: Iterable[Name]) -> bool:
    return any(other.kind == name.kind and is_same_name(other.text, name.text) and not _is_past(other) for other in now)


def _begun(name: Name, began: Name | None, day: str | None) -> Name:
    """A legal name, be it a former one by now, with the beginning and the letters that the ledger gives it."""
    is_it = began is not None and name.since == day and is_same_name(name.text, began.text)
    if began is None or not is_it or name.kind not in ("legal", "former"):
        return name
    return replace(name, text=began.text, since=began.since)


def _is_past(name: Name) -> bool:
    return name.kind == "former" or name.until is not None


def _is_one(name: Name, other: Name) -> bool:
    return name.kind == other.kind and name.text == other.text and name.since == other.since
