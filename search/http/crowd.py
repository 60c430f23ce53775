"""Who waits longest without advancing: connections, in the order of their last step forward.

A step is a whole head, so much of a body, or so much of an answer that was taken. A connection that waits for us is not counted:
it does all that it can. At the cap the one that advanced longest ago goes first, so that a newcomer has its time whatever
thousand others do; addresses play no part, since many people share one and one attacker has many. What a step is in bytes, and
how a connection is dropped, is left to `connections`.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Crowd(Generic[T]):
    """At most `most` members. `seconds`: how long one may wait without a step; `clock`: seconds, never going back."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._slow: OrderedDict[T, float] = OrderedDict()
        self._served: set[T] = set()
        #: how many were dropped at the cap
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._slow) + len(self._served)

    def enter(self, member: T) -> T | None:
        """Take a newcomer; gives who has to go for it: the newcomer itself where all others are being served."""
        leaving = None
        if len(self) >= self._most:
            leaving = next(iter(self._slow), member)
            self.leave(leaving)
            self.dropped += 1
        if leaving is not member:
            self._slow[member] = self._clock()
        return leaving

    def advance(self, member: T) -> None:
        """It made a step, and the next one is its own again."""
        if member in self._served or member in self._slow:
            self._served.discard(member)
            self._slow[member] = self._clock()
            self._slow.move_to_end(member)

    def serve(self, member: T) -> None:
        """It has done its part, and waits for us."""
        if self._slow.pop(member, None) is not None:
            self._served.add(member)

    def leave(self, member: T) -> None:
        """It is gone, or going."""
        self._slow.pop(member, None)
        self._served.discard(member)

    def overdue(self) -> list[T]:
        """Those that made no step for too long, the slowest first. They stay members until they leave."""
        until = self._clock() - self._seconds
        slow = []
        for member, since in self._slow.items():
            if since > until:
                break
            slow.append(member)
        return slow
