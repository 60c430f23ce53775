"""Organizations of which nothing stands: all that a register said of them was withdrawn.

The desk notes which events that were, so that the next delivery of the same is unchanged. Told again, they are issued again.
"""

from issuer.timeline.history import Timeline
from registry.installation.desk import Desk

#: why such an organization is not issued, and under what the desk has it
GHOST = "withdrawn"


def note(desk: Desk, register: str, number: str, timeline: Timeline) -> None:
    """From now on nothing stands of that organization."""
    desk.put(GHOST, register, number, _body(timeline))


def forget(desk: Desk, register: str, number: str) -> None:
    """Something stands of it again."""
    desk.drop(GHOST, register, number)


def is_one(desk: Desk, register: str, number: str) -> bool:
    """Whether nothing stands of it."""
    return desk.get(GHOST, register, number) is not None


def is_same(desk: Desk, register: str, number: str, timeline: Timeline) -> bool:
    """Whether nothing stands of it for these very withdrawals."""
    return desk.get(GHOST, register, number) == _body(timeline)


def _body(timeline: Timeline) -> bytes:
    return "\n".join(sorted(timeline.withdrawn)).encode()
