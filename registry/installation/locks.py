"""A lock is a file, and falls with the process that has it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import Conflict

_LOOKS_SECONDS = 0.02


class FileLock:
    """A lock that can be let go and taken again. `shared`: with others who share it."""

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX

    def acquire(self, seconds: float = 0.0) -> None:
        """Take it. Conflict `busy`: another process has it, and did not let it go for so many seconds."""
        until = time.monotonic() + seconds
        while not self._is_had():
            if time.monotonic() >= until:
                raise Conflict("busy", "another process is writing to this ledger")
            time.sleep(_LOOKS_SECONDS)

    def release(self) -> None:
        """Let it go."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let it go, for good."""
        os.close(self._descriptor)

    def _is_had(self) -> bool:
        try:
            fcntl.flock(self._descriptor, self._kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def locked(path: Path, seconds: float = 0.0, *, shared: bool = False) -> Iterator[FileLock]:
    """Lock a file for this process; the lock falls with the process, however that ends. Conflict `busy`, as `acquire`."""
    lock = FileLock(path, shared=shared)
    try:
        lock.acquire(seconds)
        yield lock
    finally:
        lock.close()


def is_locked(path: Path) -> bool:
    """Whether somebody has that lock for himself alone."""
    try:
        with locked(path, shared=True):
            return False
    except Conflict:
        return True
