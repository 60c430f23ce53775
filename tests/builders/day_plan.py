"""A day at the office as data: what breaks when, what was seen, and what of it may not be.

All times are seconds since the day began. Nothing here starts, waits or asks; `day_town` does.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf

#: seconds: a fault lasts so long; so soon after its end all must be well; then all is looked at in calm
LASTS, BACK, CALM = 12.0, 30.0, 3.0
#: so soon it must be told that a part does not answer; and, of a commit, that something stays behind it
NOTICED, TOLD = 7.0, 5.0
#: after the end of a fault deliveries still come for so long; and publisher and index may lag so long behind a commit
BUSY, LAG = 4.0, 20.0
#: parts of `/readyz`: what lags behind a commit, and all
LAGGING = ("index", "publisher", "quorum")
PARTS = ("site", "ledger", *LAGGING)

#: fault -> what must be told as missing while it lasts, and what may be
EFFECTS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "kill serve": (frozenset({"site"}), frozenset({"index"})),
    "kill publish": (frozenset({"publisher"}), frozenset({"quorum"})),
    "kill office": (frozenset(), frozenset(LAGGING)),
    "kill witness": (frozenset({"quorum"}), frozenset({"publisher"})),
    "kill issue": (frozenset(), frozenset(LAGGING)),
    "kill follow": (frozenset({"index"}), frozenset()),
    "kill database": (frozenset({"ledger"}), frozenset(LAGGING)),
    "stop database": (frozenset({"ledger"}), frozenset(LAGGING)),
    "cut database": (frozenset({"ledger"}), frozenset(LAGGING)),
    "freeze database": (frozenset({"ledger"}), frozenset(LAGGING)),
    "fill disk": (frozenset(), frozenset(LAGGING)),
}


#: not two of them at a time: a server that is gone cannot be frozen
_OF_THE_SERVER = {"kill database", "stop database", "freeze database"}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is broken from one moment to another. `lasted`: until when it surely was, before anybody mended it."""

    kind: str
    began: float
    ended: float
    lasted: float = inf

    @property
    def missing(self) -> frozenset[str]:
        return EFFECTS[self.kind][0]

    @property
    def shaken(self) -> frozenset[str]:
        return EFFECTS[self.kind][0] | EFFECTS[self.kind][1]

    def touches(self, start: float, end: float) -> bool:
        """Whether it or its aftermath falls between those moments."""
        return self.began <= end and start <= self.ended + BACK


def plan(seed: int, seconds: float) -> list[Fault]:
    """Faults for so many seconds: every kind once in a seeded order, then all again; in later rounds some come in twos."""
    chance, faults, at = random.Random(seed), list[Fault](), CALM
    turn = LASTS + BACK + CALM
    waiting = list[str]()
    while at + turn <= seconds:
        is_first = len(faults) < len(EFFECTS)
        if not waiting:
            waiting = chance.sample(sorted(EFFECTS), len(EFFECTS))
        kind = waiting.pop()
        faults.append(Fault(kind, at, at + LASTS))
        other = next((other for other in reversed(waiting) if not {kind, other} <= _OF_THE_SERVER), None)
        if not is_first and other is not None and chance.random() < 0.5:
            waiting.remove(other)
            at += chance.uniform(0, LASTS)
            faults.append(Fault(other, at, at + LASTS))
        at += turn
    return faults


def is_quiet(faults: Iterable[Fault], now: float) -> bool:
    """Whether no delivery is to come: after a fault, so that nothing has a reason to lag."""
    last = max((fault for fault in faults if fault.began <= now), key=lambda fault: fault.ended, default=None)
    return last is not None and now > last.ended + BUSY


@dataclass(frozen=True, slots=True)
class Commit:
    """An acknowledgement: the ledger had that size, and that root (hex), at that moment."""

    at: float
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Ready:
    """What `/readyz` said. `parts`: each that it named, and whether it is well; None: nobody answered."""

    asked: float
    answered: float
    status: int
    parts: Mapping[str, bool] | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended. `was_killed`: by the plan; `said`: its last lines."""

    name: str
    at: float
    code: int
    was_killed: bool
    said: str = ""


@dataclass
class Observed:
    """All that was seen of a day. `heads`: (size, root) of every checkpoint that anybody showed."""

    commits: list[Commit] = field(default_factory=list)
    ready: list[Ready] = field(default_factory=list)
    heads: set[tuple[int, str]] = field(default_factory=set)
    ended: list[Ended] = field(default_factory=list)
    #: how often a part was held to be well, or missing, with no grace
    strict: Counter[tuple[str, str]] = field(default_factory=Counter)


#: exit codes of a command that has done its work, or says that it is to be tried later
_FINE = {0, 3, 75}
DAEMONS = ("serve", "publish", "office", "witness")


def wrong(observed: Observed, faults: list[Fault], roots: Mapping[int, str]) -> list[str]:
    """All that may not be, in words; empty after a good day. `roots`: of the final ledger, by size."""
    return [
        *lost(observed.commits, roots),
        *forks({(commit.size, commit.root) for commit in observed.commits} | observed.heads, roots),
        *gone(observed.ended),
        *lies(observed, faults),
    ]


def lost(commits: Iterable[Commit], roots: Mapping[int, str]) -> Iterator[str]:
    """Acknowledgements that the final ledger does not hold."""
    for commit in commits:
        if roots.get(commit.size) != commit.root:
            yield f"committed {commit.size} {commit.root} at {commit.at:.1f} s is lost"


def forks(heads: Iterable[tuple[int, str]], roots: Mapping[int, str]) -> Iterator[str]:
    """Heads that somebody was shown and that are none of the final ledger."""
    for size, root in sorted(heads):
        if roots.get(size) != root:
            yield f"two roots for size {size}: {root} and {roots.get(size)}"


def gone(ended: Iterable[Ended]) -> Iterator[str]:
    """Processes that ended without being killed: a daemon in any way, a command with a code that says more than `later`."""
    for process in ended:
        if not process.was_killed and (process.name in DAEMONS or process.code not in _FINE):
            yield f"{process.name} ended by itself at {process.at:.1f} s with {process.code}: {process.said}"


def lies(observed: Observed, faults: list[Fault]) -> Iterator[str]:
    """What `/readyz` said and was not so. Counts in `observed.strict` what it was held to without grace."""
    for ready in observed.ready:
        parts = {"site": ready.parts is not None, **(ready.parts or {})}
        if parts.get("ledger", True) == (ready.status == 503) and ready.parts is not None:
            yield f"at {ready.asked:.1f} s: status {ready.status} with {parts}"
        for part, is_well in parts.items():
            if part in LAGGING and not parts["ledger"]:
                continue  # nothing tells what they lag behind
            must = _must(part, ready, faults, observed.commits)
            if must is not None:
                observed.strict[part, "well" if must else "missing"] += 1
                if must != is_well:
                    word = "well" if is_well else "missing"
                    yield f"at {ready.asked:.1f} to {ready.answered:.1f} s: {part} is said to be {word}"


def _must(part: str, ready: Ready, faults: list[Fault], commits: list[Commit]) -> bool | None:
    """Whether the part must be well (True) or missing (False) then; None: either may be said."""
    start, end = ready.asked, ready.answered
    lasting = [
        fault
        for fault in faults
        if part in fault.missing and fault.began <= start and end <= min(fault.ended, fault.lasted)
    ]
    since = min((fault.began for fault in lasting), default=end)
    if part not in LAGGING:
        if start - since >= NOTICED:
            return False
    elif any(since + 1 < commit.at <= start - TOLD for commit in commits):
        others = [fault for fault in faults if fault not in lasting and part in fault.shaken]
        return None if any(fault.touches(start, end) for fault in others) else False
    if any(part in fault.shaken and fault.touches(start, end) for fault in faults):
        return None
    if part in LAGGING and any(start - LAG <= commit.at <= end + 1 for commit in commits):
        return None
    return True
