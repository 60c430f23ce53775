"""Locks that fall with the process that holds them: one file each."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import Conflict


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file for this process; it falls with the process, however that ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("busy", "another process is writing to this ledger") from None
        yield
    finally:
        os.close(descriptor)
