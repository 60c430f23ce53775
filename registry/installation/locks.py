"""A lock is a file, and falls with the process that has it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import Conflict

_LOOKS_SECONDS = 0.02


@contextmanager
def locked(path: Path, seconds: float = 0.0) -> Iterator[None]:
    """Lock a file for this process; the lock falls with the process, however that ends.

    Conflict `busy`: another process has it, and did not let it go for so many seconds.
    """
    until = time.monotonic() + seconds
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _is_had(descriptor):
            if time.monotonic() >= until:
                raise Conflict("busy", "another process is writing to this ledger")
            time.sleep(_LOOKS_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _is_had(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
