"""What waits, and what does no longer, once the entries of a run stand.

Nothing of it is written before: until then the delivery itself is what tells it.
"""

from collections.abc import Set

from issuer.run import corrections, ghosts, held, pending
from issuer.timeline.history import Timeline
from registry.installation.desk import Desk


class Settling:
    """What is gathered while a register's delivery is planned."""

    def __init__(self, desk: Desk, register: str) -> None:
        self._desk, self._register = desk, register
        #: for a person
        self._held: list[held.Held] = []
        #: for their days
        self._pending: list[tuple[str, Timeline]] = []
        self._issued: list[tuple[str, Timeline]] = []
        self._ghosts: dict[str, Timeline] = {}

    def hold(self, item: held.Held) -> None:
        """It waits for a person."""
        self._held.append(item)

    def wait(self, number: str, timeline: Timeline) -> None:
        """Its states of later days wait, if it has any, in the place of those before."""
        self._pending.append((number, timeline))

    def stand(self, number: str, timeline: Timeline) -> None:
        """It is issued as the register says: a person has looked at that, where the office had corrected it."""
        self._issued.append((number, timeline))

    def vanish(self, number: str, timeline: Timeline) -> None:
        """Nothing of it stands."""
        self._ghosts[number] = timeline

    def holds(self, code: str) -> bool:
        """Whether anything waits for a person under that code."""
        return any(item.code == code for item in self._held)

    def write(self, seen: Set[str]) -> None:
        """Put it on the desk. `seen`: the numbers that the delivery told of, of which nothing else is held any more."""
        desk, register = self._desk, self._register
        still_held = {item.number for item in self._held}
        for number in seen - still_held:
            held.forget(desk, register, number)
        for item in self._held:
            held.note(desk, item)
        for number, timeline in self._pending:
            if number not in still_held:
                pending.note(desk, register, number, timeline.pending)
        for number, timeline in self._issued:
            corrections.accept(desk, register, number, timeline)
            if timeline.states:
                ghosts.forget(desk, register, number)
        for number, timeline in self._ghosts.items():
            ghosts.note(desk, register, number, timeline)
