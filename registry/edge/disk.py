"""Files are written whole or not at all, and a full disk is recognized.

SQLite says SQLITE_FULL where a write finds no room, and only that the disk failed (SQLITE_IOERR) where the file that its
readers share cannot grow; then the disk itself is asked. What a full disk means to an open transaction is left to
`store/sqlite`, the refusal before it is nearly full to `store/disk_room`.
"""

import errno
import os
import shutil
from pathlib import Path

#: with less than that many bytes free a file can be too large by its next page
_NEXT_TO_NOTHING = 256 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)


def is_full(error: BaseException, folder: Path) -> bool:
    """Whether that error says that there is no room; `folder`: on the disk that was written to, there or yet to be made."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, OSError):
        return cause.errno in _FULL
    name = getattr(cause, "sqlite_errorname", None) or ""
    return name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _is_used_up(folder))


def _is_used_up(folder: Path) -> bool:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free < _NEXT_TO_NOTHING


def write_file(path: Path, data: bytes, mode: int = 0o640) -> None:
    """Write a file by rename, so that it is there whole or not at all, and survives a power loss.

    `mode`: as it is said, whatever the umask; what everybody may have is 0o644.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
