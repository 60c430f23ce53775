"""Fold what a register said of one organization into its timeline.

Pure: today's date is passed in. A bad value (`values`) is blamed on the rows in which it was written; those are rejected and the
organization's other rows are held. What takes effect on a later day waits, and its rows with it: the organization is as it is
today. Comparing the timeline with what was issued before is left to `plan`.
"""

from dataclasses import dataclass, replace
from datetime import date

from issuer.timeline.changes import Change, Dossier, Rejection, Row
from issuer.timeline.draft import TOO_LARGE, is_too_large
from issuer.timeline.values import Fault, day_of, find_faults, known_dates
from schemas.organization import State


@dataclass(frozen=True, slots=True)
class TimelineState:
    """One state of an organization as of one event ("" in a snapshot). `order`: sorts the events of an organization."""

    event: str
    order: tuple[object, ...]
    state: State
    correction: bool


@dataclass(frozen=True, slots=True, order=True)
class Flag:
    """Something that an operator should look at, though it is issued. `code` is stable."""

    row: Row
    code: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All states of one organization as of today, oldest first. `pending`: those of later days, and `waiting`, the rows that
    speak of these alone. `withdrawn`: events that make no state. There may be no states where there are others of these.
    """

    states: tuple[TimelineState, ...]
    pending: tuple[TimelineState, ...] = ()
    waiting: tuple[Row, ...] = ()
    withdrawn: frozenset[str] = frozenset()
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing may be issued for this organization now. Every row of its dossier is either in `rejections` or `hold`."""

    code: str
    reason: str
    rejections: tuple[Rejection, ...]
    hold: tuple[Row, ...]


def fold(dossier: Dossier, today: date) -> Timeline | Refusal:
    """The timeline of that organization, or why it has none. `today`: the register's own day."""
    if dossier.refused is not None:
        code, reason = dossier.refused
        return Refusal(code, reason, (), dossier.rows)
    if any(is_too_large(change.state) for change in dossier.changes):
        return Refusal(*TOO_LARGE, (), dossier.rows)
    changes = tuple(replace(change, state=known_dates(change.state, dossier.register)) for change in dossier.changes)
    dossier = replace(dossier, changes=changes)
    faults = find_faults(dossier, today)
    if faults:
        return _refusal(dossier, faults)
    if not changes and not dossier.withdrawn:
        return _refusal(
            dossier, [Fault(dossier.rows, "no_event", "the extract tells of no event of this organization")]
        )
    ordered = sorted(changes, key=lambda change: change.order)
    is_future = [(day_of(change) or "") > today.isoformat() for change in ordered]
    due = [change for change, waits in zip(ordered, is_future, strict=True) if not waits]
    pending = [change for change, waits in zip(ordered, is_future, strict=True) if waits]
    return Timeline(
        tuple(map(_state, due)),
        tuple(map(_state, pending)),
        _rows_of(pending, dossier) if due or dossier.withdrawn else dossier.rows,
        dossier.withdrawn,
        _flags(due, dossier),
    )


def _state(change: Change) -> TimelineState:
    return TimelineState(change.event, change.order, change.state, change.correction)


def _rows_of(changes: list[Change], dossier: Dossier) -> tuple[Row, ...]:
    own = {row for change in changes for row in change.rows}
    return tuple(row for row in dossier.rows if row in own)


def _flags(changes: list[Change], dossier: Dossier) -> tuple[Flag, ...]:
    """`registered_after_event`: the register says that it registered the organization after the first thing it did."""
    first = changes[0] if changes else None
    registered = None if first is None else first.state.registered_on
    if first is None or registered is None or registered <= (day_of(first) or registered):
        return ()
    rows = dossier.origins.get(("date", registered)) or dossier.rows
    return (Flag(rows[0], "registered_after_event"),)


def _refusal(dossier: Dossier, faults: list[Fault]) -> Refusal:
    blamed: dict[Row, Rejection] = {}
    for fault in faults:
        for row in fault.rows:
            blamed.setdefault(row, Rejection(row, fault.code, fault.reason))
    rejections = tuple(blamed[row] for row in sorted(blamed))
    hold = tuple(row for row in dossier.rows if row not in blamed)
    return Refusal(faults[0].code, faults[0].reason, rejections, hold)
