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
    """A lock that can be let go and taken again."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def acquire(self, seconds: float = 0.0) -> None:
        """Take it. Conflict `busy`: another process has it, and did not let it go for so many seconds."""
        until = time.monotonic() + seconds
        while not _is_had(self._descriptor, fcntl.LOCK_EX):
            if time.monotonic() >= until:
                raise Conflict("busy", "another process is writing to this ledger")
            time.sleep(_LOOKS_SECONDS)

    def release(self) -> None:
        """Let it go."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let it go, for good."""
        os.close(self._descriptor)


@contextmanager
def locked(path: Path, seconds: float = 0.0) -> Iterator[FileLock]:
    """Lock a file for this process; the lock falls with the process, however that ends. Conflict `busy`, as `acquire`."""
    lock = FileLock(path)
    try:
        lock.acquire(seconds)
        yield lock
    finally:
        lock.close()


def is_locked(path: Path) -> bool:
    """Whether somebody has that lock. Two who look at the same time do not see each other."""
    if not path.exists():
        return False
    descriptor = os.open(path, os.O_RDWR)
    try:
        return not _is_had(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _is_had(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
