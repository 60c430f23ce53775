"""Who may write now: one process, in turns beside a long run.

Three files in the data directory. `ledger.lock`: whoever appends has it. `run.lock`: a run that gives way has it to its end, so
that no other writer comes in while it lets somebody pass. `door.lock`: whoever waits for the ledger has it in its hand, and is
next. An act that may come between two batches (a revocation, a note) waits so for a run too: the run sees that, lets the ledger
go, and stands at the door itself until it is free. So each gets its turn, however many short acts follow each other.

What cannot wait and takes something from under a run (an erasure, a stolen key) has its turn as well, and the run ends there,
with `overtaken`: what it planned rests on what is gone. What can wait and would do so too (a correction: it takes the next place
of the status lists, which the run has given out and signed) is refused at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import Conflict
from registry.installation.locks import FileLock, is_locked, locked

#: seconds: for a run, at the door and at the ledger; for a short act; and for somebody who only looks whether a run is under way
PATIENCE = 60.0
_MOMENT = 1.5
_GLANCE = 0.5


class Turns:
    """The turns of one data directory. All raise Conflict `busy`."""

    def __init__(self, data: Path) -> None:
        self._ledger, self._run, self._door = (data / f"{name}.lock" for name in ("ledger", "run", "door"))
        self._own: FileLock | None = None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write to the end, with nobody between."""
        self._check_no_run()
        with self._next(_MOMENT):
            self._check_no_run()  # it lets somebody pass, and nobody else
            yield

    @contextmanager
    def running(self) -> Iterator[None]:
        """Write for long, and `give_way`."""
        with locked(self._run, _GLANCE), self._next(_MOMENT) as own:
            self._own = own
            try:
                yield
            finally:
                self._own = None

    @contextmanager
    def between(self) -> Iterator[None]:
        """Write a little: between two batches of a run that gives way, else as `writing`."""
        with self._next(PATIENCE if is_locked(self._run) else _MOMENT):
            yield

    @contextmanager
    def _next(self, patience: float) -> Iterator[FileLock]:
        """The ledger, for which nobody else waits meanwhile."""
        door = FileLock(self._door)
        try:
            door.acquire(patience)
            with locked(self._ledger, patience) as own:
                door.release()
                yield own
        finally:
            door.close()

    def _check_no_run(self) -> None:
        if is_locked(self._run):
            raise Conflict(
                "busy", "a run is writing to this ledger, and this may not come between its batches: try again after it"
            )

    def give_way(self) -> bool:
        """Let in whoever waits at the door, if anybody does; whether somebody was in."""
        if self._own is None or not is_locked(self._door):
            return False
        self._own.release()
        with locked(self._door, PATIENCE):
            self._own.acquire(PATIENCE)
        return True
