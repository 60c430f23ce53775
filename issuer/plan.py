"""What the ledger does not hold yet: the timeline of an organization against the credentials it has.

The last credential's event is looked up in the timeline. States after it are new; if the state at that event now reads
otherwise, the register has rewritten it, and the current state is issued again. Where the timeline does not know the event
(a snapshot has none), its last state is compared. The same input again therefore plans nothing, a run that was killed is
taken up where it ended, and a change that is changed back is a change.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from issuer.draft import digest
from issuer.history import TimelineState


@dataclass(frozen=True, slots=True)
class Held:
    """An organization's last credential in the ledger. `index`: of its entry; `digest`: as draft.digest."""

    n: int
    index: int
    event: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Planned:
    """One credential to issue. `kind`: issue, supersede or correct."""

    kind: str
    timeline: TimelineState
    digest: bytes


def plan(states: Sequence[TimelineState], held: Held | None) -> list[Planned]:
    """The credentials that bring the ledger from `held` to the end of the timeline, oldest first."""
    news = list(states) if held is None else _news(states, held)
    planned = []
    for number, one in enumerate(news):
        first = held is None and number == 0
        kind = "issue" if first else "correct" if one.correction else "supersede"
        planned.append(Planned(kind, one, digest(one.state)))
    return planned


def _news(states: Sequence[TimelineState], held: Held) -> list[TimelineState]:
    at = next((n for n, one in enumerate(states) if held.event and one.event == held.event), None)
    if at is None:
        last = states[-1]
        return [] if digest(last.state) == held.digest else [last]
    rewritten = digest(states[at].state) != held.digest
    return list(states[at if rewritten else at + 1 :])
