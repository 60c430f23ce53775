"""What came later in an organization's ledger, and when a state was in force.

Evidence of a state that is not the newest carries every later entry of the organization. With the count and the frontier of those
before it they give the map's value, so that none is left out and none is made up. In force on a day is, among the entries that no
`correct` replaces, the greatest (day, index); a state is in force from its own day until the least later one that is not before
it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.errors import Untrue
from registry.log import map_log
from registry.log.entry import CREDENTIAL_KINDS, Entry
from registry.log.merkle import Frontier, leaf_hash
from registry.verify.verdict import SUPERSEDED, Indeterminate, Subject, demand, utc

#: so many later entries travel with evidence; where there are more, it says that they are missing
MOST = 24
_WORDS = {
    SUPERSEDED: "another state has taken its place",
    "corrected": "it was corrected",
    "erased": "it was erased",
}


@dataclass(frozen=True, slots=True)
class Later:
    """A later entry of the organization, and its bytes."""

    entry: Entry
    data: bytes


@dataclass(frozen=True, slots=True)
class InForce:
    """From that day on, until another state took its place; None: nothing is known to have."""

    start: str
    until: str | None

    def holds_on(self, day: str) -> bool:
        """Whether the state was in force on that day (ISO date)."""
        return self.start <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Replaced:
    """What the later entries say of a state. `code`: superseded, corrected or erased; `by`: the entry that says so."""

    code: str
    by: Entry


def day_of(entry: Entry) -> str:
    """The day from which an entry counts: that of `effective`, else the UTC day of its `time`."""
    return (entry.effective or utc(entry.time // 1000))[:10]


def check_later(own: Later, later: Sequence[Later], n: int, before: bytes, size: int) -> bytes:
    """The map's value after these entries. Untrue: one is of another organization, or not in its order below `size`."""
    hashes = map_log.split_hashes(before)
    demand(n.bit_count() == len(hashes), "latest is not of this entry")
    last, frontier = own.entry.index, Frontier(n, hashes)
    frontier.append(map_log.mini_leaf(own.entry.index, leaf_hash(own.data)))
    for each in later:
        demand(each.entry.org == own.entry.org, "a later entry is of another organization")
        in_order = last < each.entry.index < size
        demand(in_order, "the later entries are not in their order, or beyond the checkpoint")
        last = each.entry.index
        frontier.append(map_log.mini_leaf(each.entry.index, leaf_hash(each.data)))
    return frontier.root()


def in_force(own: Entry, later: Sequence[Entry]) -> InForce:
    """When the state was in force, by the entries that came later; a corrected one was never."""
    start = day_of(own)
    following = [day_of(entry) for entry in _standing(later) if day_of(entry) >= start]
    return InForce(start, min(following, default=None))


def replaced(own: Entry, later: Sequence[Entry]) -> Replaced | None:
    """What takes the place of the state, None where nothing does; `later`: all later entries of the organization."""
    for entry in later:
        if entry.kind == "erase":
            return Replaced("erased", entry)
    for entry in later:
        if entry.kind == "correct" and own.index in entry.refers:
            return Replaced("corrected", entry)
    standing, start = _standing(later), day_of(own)
    following = [entry for entry in standing if day_of(entry) >= start] or standing
    if not following:
        return None
    return Replaced(SUPERSEDED, min(following, key=lambda entry: (day_of(entry), entry.index)))


def _standing(later: Sequence[Entry]) -> list[Entry]:
    """The states among them that no later correction replaces."""
    gone = {index for entry in later if entry.kind == "correct" for index in entry.refers}
    return [entry for entry in later if entry.kind in CREDENTIAL_KINDS and entry.index not in gone]


def check_current(own: Entry, later: Sequence[Entry], on: date | None, as_of: str) -> None:
    """Raise unless the state is the newest, or was in force on that day, by all later entries as of that time.

    Untrue `superseded`, `corrected`, `erased`, `not_in_force_on`. Indeterminate: the day lies after `as_of`.
    """
    by = replaced(own, later)
    if by is not None and (on is None or by.code != SUPERSEDED):
        raise Untrue(by.code, f"{_WORDS[by.code]}: entry {by.by.index} of the ledger")
    if on is None:
        return
    if on.isoformat() > as_of[:10]:
        raise Indeterminate("the day lies after what the evidence knows")
    if not in_force(own, later).holds_on(on.isoformat()):
        raise Untrue("not_in_force_on", "it was not in force on that day")


def told_of(own: Entry, later: Sequence[Entry], subject: Subject) -> dict[str, Any]:
    """When the state was in force, and what took its place, by all later entries; nothing where nobody is spoken of."""
    if subject.organization is None:
        return {}
    days, by = in_force(own, later), replaced(own, later)
    until = days.until if by is None or by.code != "corrected" else days.start
    replaced_by = None
    if by is not None:
        replaced_by = {"index": by.by.index, "kind": by.by.kind, "effective": by.by.effective}
    return {"in_force": {"from": days.start, "until": until}, "replaced_by": replaced_by}
