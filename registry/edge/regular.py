"""Files that somebody else laid out are read without being led astray.

Regular ones, no further than a limit, never through a link out: a pipe would wait for ever, a device never end, a link lead to
a file of ours. POSIX open(2): O_NOFOLLOW, O_NONBLOCK.
"""

import errno
import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from registry.errors import Malformed

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ABSENT = (errno.ENOENT, errno.ENOTDIR)


def read_below(folder: Path, path: str, limit: int) -> bytes | None:
    """The bytes of the file at that path below a folder; None where there is none.

    Malformed `not_a_file`: it is no regular file, or a link stands on the way to it; `too_large`: more than `limit` bytes.
    OSError: it cannot be read.
    """
    parts = PurePosixPath(path).parts
    if not parts or any(part in ("..", "/") for part in parts):
        raise Malformed("not_a_file", f"{path[:80]!a} is no path below a folder")
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = _open(part, descriptor, path, os.O_DIRECTORY)
            if inner is None:
                return None
            os.close(descriptor)
            descriptor = inner
        return _read(parts[-1], descriptor, path, limit)
    finally:
        os.close(descriptor)


def open_below(folder: Path, path: str) -> BinaryIO | None:
    """That file, open for reading, however large; None where there is none. Errors as `read_below`, but `too_large`."""
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return _opened(path, directory, path)
    finally:
        os.close(directory)


def printable(path: str) -> str:
    """A path as it may be printed: a name that would change the line that it stands in is escaped."""
    return path if path.isascii() and path.isprintable() else ascii(path)


def paths_below(folder: Path) -> set[str]:
    """The paths of everything below a folder that is no folder; links are named, and not followed."""
    paths = set[str]()
    for root, folders, files in os.walk(folder):
        own = Path(root)
        linked = [name for name in folders if (own / name).is_symlink()]
        paths |= {(own / name).relative_to(folder).as_posix() for name in (*files, *linked)}
    return paths


def _open(name: str, folder: int, path: str, flags: int = 0) -> int | None:
    try:
        return os.open(name, _FLAGS | flags, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP or (error.errno == errno.ENOTDIR and _is_link(name, folder)):
            raise Malformed("not_a_file", f"{path[:200]!a} is a link, or stands behind one") from None
        if error.errno == errno.ENXIO:
            raise Malformed("not_a_file", f"{path[:200]!a} is no regular file") from None
        if error.errno in _ABSENT:
            return None
        raise


def _is_link(name: str, folder: int) -> bool:
    return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _opened(name: str, folder: int, path: str) -> BinaryIO | None:
    descriptor = _open(name, folder, path)
    if descriptor is None:
        return None
    try:
        file = os.fdopen(descriptor, "rb")
    except IsADirectoryError:
        os.close(descriptor)
        return None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return file
    file.close()
    raise Malformed("not_a_file", f"{path[:200]!a} is no regular file")


def _read(name: str, folder: int, path: str, limit: int) -> bytes | None:
    file = _opened(name, folder, path)
    if file is None:
        return None
    with file:
        data = file.read(limit + 1) if os.fstat(file.fileno()).st_size <= limit else None
    if data is None or len(data) > limit:
        raise Malformed("too_large", f"{path[:200]!a} holds more than {limit} bytes")
    return data
