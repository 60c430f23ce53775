"""Fold what a register said of one organization into its timeline.

Pure: today's date is passed in. A bad value (`values`) is blamed on the rows in which it was written; those are rejected and the
organization's other rows are held. Comparing the timeline with what was issued before is left to `plan`.
"""

from dataclasses import dataclass
from datetime import date

from issuer.timeline.changes import Dossier, Rejection, Row
from issuer.timeline.values import Fault, find_faults
from schemas.organization import State


@dataclass(frozen=True, slots=True)
class TimelineState:
    """One state of an organization as of one event ("" in a snapshot). `order`: sorts the events of an organization."""

    event: str
    order: tuple[object, ...]
    state: State
    correction: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All states of one organization, oldest first; at least one."""

    states: tuple[TimelineState, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing may be issued for this organization now. Every row of its dossier is either in `rejections` or `hold`."""

    code: str
    reason: str
    rejections: tuple[Rejection, ...]
    hold: tuple[Row, ...]


def fold(dossier: Dossier, today: date) -> Timeline | Refusal:
    """The timeline of that organization, or why it has none. `today`: UTC; dates may lie at most one day after it."""
    if dossier.refused is not None:
        code, reason = dossier.refused
        return Refusal(code, reason, (), dossier.rows)
    faults = find_faults(dossier, today)
    if faults:
        return _refusal(dossier, faults)
    if not dossier.changes:
        return _refusal(dossier, [Fault(("", ""), "no_event", "the extract tells of no event of this organization")])
    ordered = sorted(dossier.changes, key=lambda change: change.order)
    return Timeline(
        tuple(TimelineState(change.event, change.order, change.state, change.correction) for change in ordered)
    )


def _refusal(dossier: Dossier, faults: list[Fault]) -> Refusal:
    blamed: dict[Row, Rejection] = {}
    for value, code, reason in faults:
        for row in dossier.origins.get(value) or dossier.rows:
            blamed.setdefault(row, Rejection(row, code, reason))
    rejections = tuple(blamed[row] for row in sorted(blamed))
    hold = tuple(row for row in dossier.rows if row not in blamed)
    _, code, reason = faults[0]
    return Refusal(code, reason, rejections, hold)
