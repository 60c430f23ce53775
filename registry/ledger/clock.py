"""The clock is held against others before a batch gets its time.

An entry's time stays for ever, and no later one is below it: a clock that runs years ahead would stop the ledger. Where a
witness cosigns afresh, its time is the measure; where none answers, the last entry is, from which a clock may be further away.
A day apart, or such a jump, is for a person to accept: then it holds for this process while the clock goes on as it did.
What stands behind the last entry is refused in `ledger` anyway. Before the first entry no clock can be right that says it is
before this software was made, as one without a battery does. That it runs ahead then only a witness can tell, of a checkpoint
that it cosigned: of an empty ledger that was published. Without one, a first batch far in the future is not noticed.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from registry.errors import Refused

#: the clock and a witness may be so far apart
APART_SECONDS = 24 * 3600
#: where no witness answers, a batch may come so long after the last entry
JUMP_SECONDS = 400 * 24 * 3600
#: POSIX seconds: this software is no older (2025-01-01)
MADE = 1_735_689_600
#: for so long it holds that nobody contradicted
_AGREED_SECONDS = 600


class Clock:
    """What others say of the time, asked once in ten minutes: a run of many batches does not wait for a witness at each.

    `times`: asks the witnesses, POSIX seconds of each that answers; `accepts`: a person has looked at the clock as it is at the
    first batch.
    """

    def __init__(self, times: Callable[[], list[int]], *, accepts: bool = False) -> None:
        self._times, self._accepts = times, accepts
        #: how far a batch's time was from this process's own monotonic clock when nobody contradicted it, and when that was
        self._agreed: tuple[float, float] | None = None
        #: that distance when a person had accepted it
        self._accepted: float | None = None

    def check(self, at: datetime, last: int) -> None:
        """Refused `clock`, `clock_apart`, `clock_jumped`. `last`: POSIX seconds of the last entry, 0 before the first."""
        now, ticks = at.timestamp(), time.monotonic()
        if not last and now < MADE:
            raise Refused("clock", f"the clock says {_shown(now)}, before this software was made: set it right")
        if self._accepts and self._accepted is None:
            self._accepted = now - ticks
        if self._is_accepted(now, ticks) or self._is_agreed(now, ticks):
            return
        times = self._times()
        nearest = min(times, key=lambda seconds: abs(now - seconds), default=None)
        if nearest is not None and abs(now - nearest) > APART_SECONDS:
            raise Refused(
                "clock_apart",
                f"this machine's clock says {_shown(now)}, a witness {_shown(nearest)}: set it right, or say --accept-time",
            )
        if nearest is None and last and now - last > JUMP_SECONDS:
            raise Refused(
                "clock_jumped",
                f"the clock says {_shown(now)}, the last entry is of {_shown(last)}, and no witness tells the time: "
                "set it right, or say --accept-time",
            )
        self._agreed = now - ticks, ticks

    def _is_accepted(self, now: float, ticks: float) -> bool:
        return self._accepted is not None and abs(now - ticks - self._accepted) < APART_SECONDS

    def _is_agreed(self, now: float, ticks: float) -> bool:
        """Whether nobody contradicted a moment ago, and the clock has gone on like this process's own since."""
        if self._agreed is None:
            return False
        distance, since = self._agreed
        return ticks - since < _AGREED_SECONDS and abs(now - ticks - distance) < APART_SECONDS


def _shown(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")
