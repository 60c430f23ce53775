"""What the ledger does not hold yet of an organization's timeline.

Whether the register calls a filing a correction is `schemas/codes.is_correction`; it comes with the states.

Events after the newest one that was issued are new. If the state at that event now reads otherwise than in the newest
credential, the register has rewritten it, and that state is issued again. The same input again therefore plans nothing, a
run that was killed is taken up where it ended, and a change that is changed back is a change. A snapshot has no events:
its one state is compared with the newest credential.

The ledger has two clocks. A filing that comes late takes its place by its own day: its state is a `supersede` of the state before
it, and each later one is issued again, as `correct`, so that the newest entry is always the state in force. A state that was
issued and then withdrawn is named by the `correct` of the next state, else of the one before; an only one is revoked. Where
this version reads the register otherwise than the one that issued, the states that come out otherwise are corrected
(`rule_change`), when a person has looked at it.

An event that the register has moved to another day since is corrected, with all that follows: the old day was never its own. A
state that was withdrawn and is told again is issued again.

What lacks the newest event without saying that it was withdrawn waits for a person (`state_regression`); approved, what is told
no more counts as if it had never been. An update that tells of an earlier day alone is never issued: the states after it, which
it changes, are not told.

Of a credential that was restored from a mirror alone neither body nor event is known. Its organization's present state is issued
once, as a correction (`body_lost`); what came before it is not asked for again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.timeline.draft import Judged, judge
from issuer.timeline.history import Timeline, TimelineState

#: why a person should look: the newest event is told no more
REGRESSION = "state_regression"
#: reasons of a correction that is not the register's word on its own error
BODY_LOST, LATE_FILING, WITHDRAWN, RULE_CHANGE = "body_lost", "late_filing", "withdrawn", "rule_change"


@dataclass(frozen=True, slots=True)
class Issued:
    """One credential in the ledger: its entry, and the event, its order and the digest of the state that it tells."""

    index: int
    event: str
    order: tuple[object, ...]
    digest: bytes


@dataclass(frozen=True, slots=True)
class Newest:
    """What the ledger holds of an organization: its credentials, by n, at least one.

    `replaced`: gives the entries that a `correct` took the place of.
    """

    issued: tuple[Issued, ...]
    replaced: Callable[[], frozenset[int]]

    @property
    def last(self) -> Issued:
        return self.issued[-1]

    @property
    def n(self) -> int:
        return len(self.issued)

    @property
    def index(self) -> int:
        return self.last.index

    @property
    def events(self) -> frozenset[str]:
        """The events of all its credentials, gathered anew each time."""
        return frozenset(credential.event for credential in self.issued)

    @property
    def is_patchy(self) -> bool:
        """Whether the body of any of its credentials is lost."""
        return any(not credential.digest for credential in self.issued)


@dataclass(frozen=True, slots=True)
class Planned:
    """One credential to issue. `kind`: issue, supersede or correct; `reason`: of a correction that is not the register's;
    `refers`: the entries that it names, None: the one before it in this plan, or else the newest.
    """

    kind: str
    timeline: TimelineState
    judged: Judged
    reason: str | None = None
    refers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The credentials that are missing, oldest first. `hold`: why a person should look before they are issued;
    `revokes`: nothing stands any more, and the newest credential is to be revoked.
    """

    planned: tuple[Planned, ...]
    hold: str | None = None
    revokes: bool = False


def newest_of(places: Sequence[Any], replaced: Callable[[], frozenset[int]] = frozenset) -> Newest:
    """What the ledger holds of an organization, from the rows of its credentials (store.read_places; at least one)."""
    issued = (
        Issued(
            place.i, place.event, tuple(json.loads(place.event_order)) if place.event_order else (), bytes(place.digest)
        )
        for place in places
    )
    return Newest(tuple(issued), replaced)


def plan(timeline: Timeline, newest: Newest | None, *, are_rules_new: bool = False) -> Plan:
    """The credentials that bring the ledger from `newest` to the end of the timeline.

    `are_rules_new`: the ledger was written by a version that reads the register otherwise.
    """
    states = timeline.states
    if newest is None:
        return Plan((_planned("issue", states[0]), *_following(states[1:]))) if states else Plan(())
    if not states:
        return _without_states(timeline, newest, are_rules_new)
    last = states[-1]
    if not newest.last.digest:
        return Plan((Planned("correct", last, judge(last.state), BODY_LOST),))
    if not newest.last.event or not last.event:
        return Plan(_again(last, newest))
    past = _Past(timeline, newest, are_rules_new)
    if past.is_unplaced:
        return Plan((), REGRESSION)
    if not past.is_whole:
        planned = past.planned()
        is_ours = are_rules_new and any(credential.reason in (RULE_CHANGE, WITHDRAWN) for credential in planned)
        return Plan(planned, past.regression or (RULE_CHANGE if is_ours else None))
    if past.regression is not None:
        following = Planned("correct", last, judge(last.state), None, (newest.index,)) if newest.is_patchy else None
        return Plan(_following(states) if following is None else (following,), REGRESSION)
    if all(state.event != newest.last.event for state in states):
        return Plan(_following(states))
    events = newest.events
    at = max(n for n, state in enumerate(states) if state.event in events)
    return Plan((*_again(states[at], newest), *_following(states[at + 1 :])))


def _without_states(timeline: Timeline, newest: Newest, are_rules_new: bool) -> Plan:
    """Nothing holds today: all that the ledger holds was withdrawn, or waits for its day after all."""
    if newest.last.event and newest.events <= timeline.withdrawn:
        return Plan((), RULE_CHANGE if are_rules_new else None, revokes=True)
    return Plan((), REGRESSION) if newest.last.event else Plan(())


class _Past:
    """The states of a timeline beside what the ledger holds of them."""

    def __init__(self, timeline: Timeline, newest: Newest, are_rules_new: bool) -> None:
        self._states, self._newest, self._are_rules_new = timeline.states, newest, are_rules_new
        self._told = frozenset(state.event for state in timeline.states)
        self._events = newest.events
        replaced = newest.replaced()
        #: what stands, by event: of one event the newest last
        self._standing: dict[str, list[Issued]] = {}
        for credential in newest.issued:
            if credential.index not in replaced:
                self._standing.setdefault(credential.event, []).append(credential)
        self._withdrawn = timeline.withdrawn
        self._named = self._named_by_next()
        self._begin = None if newest.is_patchy else self._first_untrue()
        self.is_whole = self._begin is None

    @property
    def regression(self) -> str | None:
        """`state_regression` where the newest event is told no more, and is not said to have been withdrawn."""
        last = self._newest.last
        if last.event in self._withdrawn or last.event in self._told:
            return None
        return None if all(state.order > last.order for state in self._states) else REGRESSION

    @property
    def is_unplaced(self) -> bool:
        """Whether an update tells of an earlier day alone: the states after it, which it changes, are not told."""
        is_apart = self._events.isdisjoint(self._told)
        return self.regression is not None and is_apart and self._states[0].order[:1] < self._newest.last.order[:1]

    def _named_by_next(self) -> dict[int, list[int]]:
        """Place in the timeline -> entries of states that are no more, which its state names: the next one, else the last."""
        gone = self._withdrawn & self._standing.keys()
        if self.regression is not None and not self._events.isdisjoint(self._told):
            gone |= {event for event in self._standing.keys() - self._told if self._is_later(event)}
        named: dict[int, list[int]] = {}
        for event in gone:
            order = self._standing[event][-1].order
            after = (n for n, state in enumerate(self._states) if state.order > order)
            named.setdefault(next(after, len(self._states) - 1), []).extend(
                credential.index for credential in self._standing[event]
            )
        return named

    def _is_later(self, event: str) -> bool:
        return self._standing[event][-1].order > self._states[-1].order

    def _first_untrue(self) -> int | None:
        """The first place from which on states are issued again; None: nothing is missing but at the end."""
        last = max((n for n, state in enumerate(self._states) if state.event in self._standing), default=-1)
        before = -1
        for n, state in enumerate(self._states):
            own = self._standing.get(state.event)
            is_late = n < last and state.event not in self._events
            if n in self._named or is_late or self._is_back(n):
                return n
            if own is None:
                continue
            if own[-1].index < before or self._reads_otherwise(state, own[-1]) or _is_moved(state, own[-1]):
                return n
            before = own[-1].index
        return None

    def _is_back(self, n: int) -> bool:
        """Whether a state was said never to have been, and is told again. What a correction replaced is not back."""
        event = self._states[n].event
        is_corrected = n + 1 < len(self._states) and self._states[n + 1].correction
        return event in self._events and event not in self._standing and not is_corrected

    def _reads_otherwise(self, state: TimelineState, issued: Issued) -> bool:
        return self._are_rules_new and judge(state.state).digest != issued.digest

    def planned(self) -> tuple[Planned, ...]:
        """All states from the first untrue one on, each after those before it."""
        assert self._begin is not None
        entry_before: tuple[int, ...] | None = self._entry_before(self._begin)
        cause = self._cause(self._begin)
        planned: list[Planned] = []
        for n, state in enumerate(self._states[self._begin :], self._begin):
            own = [credential.index for credential in self._standing.get(state.event, ())]
            names = self._named.get(n, [])
            judged = judge(state.state)
            if own or names:
                reason = self._cause(n) if names or self._differs(state, judged) else cause
                planned.append(Planned("correct", state, judged, reason, tuple(sorted(own + names))))
            elif state.event in self._events and not self._is_back(n):
                continue  # another event's correction took its place
            elif entry_before == ():
                planned.append(Planned("issue", state, judged, None, ()))
            else:
                kind = "correct" if state.correction else "supersede"
                planned.append(Planned(kind, state, judged, None, entry_before))
            entry_before = None
        return tuple(planned)

    def _entry_before(self, n: int) -> tuple[int, ...]:
        """The entry in effect before the state at that place, if there is one; an update does not tell that of itself."""
        coming = {state.event for state in self._states[n:]}
        gone = {index for indexes in self._named.values() for index in indexes}
        before = [
            (own[-1].order, own[-1].index)
            for event, own in self._standing.items()
            if event not in coming and own[-1].index not in gone and own[-1].order < self._states[n].order
        ]
        return (max(before)[1],) if before else ()

    def _differs(self, state: TimelineState, judged: Judged) -> bool:
        own = self._standing.get(state.event)
        return self._are_rules_new and own is not None and own[-1].digest != judged.digest

    def _cause(self, n: int) -> str | None:
        """Why the state at that place is issued again, and those after it; None: the register put itself right."""
        if n in self._named:
            return WITHDRAWN if self.regression is None else None
        own = self._standing.get(self._states[n].event)
        if own is not None and self._reads_otherwise(self._states[n], own[-1]):
            return RULE_CHANGE
        return None if own is not None and _is_moved(self._states[n], own[-1]) else LATE_FILING


def _is_moved(state: TimelineState, issued: Issued) -> bool:
    """Whether the register has moved an event to another day since, which is the first part of its order."""
    return state.order[:1] != issued.order[:1]


def _planned(kind: str, state: TimelineState) -> Planned:
    return Planned(kind, state, judge(state.state))


def _following(states: Sequence[TimelineState]) -> tuple[Planned, ...]:
    return tuple(_planned("correct" if state.correction else "supersede", state) for state in states)


def _again(state: TimelineState, newest: Newest) -> tuple[Planned, ...]:
    """The state once more, where it does not read as the newest credential does."""
    planned = _planned("supersede", state)
    return () if planned.judged.digest == newest.last.digest else (planned,)
