"""A lock is a file, and falls with the process that has it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import Conflict


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock a file for this process; the lock falls with the process, however that ends. Conflict `busy`."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("busy", "another process is writing to this ledger") from None
        yield
    finally:
        os.close(descriptor)
