"""A change of the ledger takes clock, randomness and listeners from its surroundings.

A listener hears of each commit, or of progress.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from registry.ledger.admission import Head


def _unseen(_done: int, _total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`now`: an aware clock; `random`: so many bytes; `committed`: called after each commit; `progress`: done, and in all."""

    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    committed: Callable[[Head], None]
    progress: Callable[[int, int], None] = _unseen

    def moment(self) -> datetime:
        """The time as entries and signatures have it: UTC, in whole seconds."""
        return self.now().astimezone(UTC).replace(microsecond=0)
