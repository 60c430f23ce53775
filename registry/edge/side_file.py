"""The engine of an SQLite file that stands beside the ledger's store.

What stands in one is its owner's affair. `trusted_schema` is off in all: what somebody wrote into a schema runs nothing.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa

from registry.errors import Refused

#: a commit is on the disk when it is acknowledged
DURABLE = ("synchronous=FULL", "fullfsync=1")
#: what was deleted is overwritten
FORGETS = ("secure_delete=ON",)
#: instructions of one statement, some seconds: a view that somebody wrote into a schema may never end
_MOST_INSTRUCTIONS = 200_000_000


def open_file(path: Path | None, *pragmas: str, timeout: float = 5, autocommit: bool = False) -> sa.Engine:
    """The engine of that file, which is made where it is missing; in memory where `path` is None.

    `timeout`: seconds for a lock; `autocommit`: its owner begins each transaction by itself. Refused `not_a_file`: a link or a
    pipe stands there.
    """
    if path is None:
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    else:
        _check_plain(path)
        how = {"isolation_level": None} if autocommit else {}
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": timeout, **how})

    def set_up(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in (*pragmas, "trusted_schema=0"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        connection.set_progress_handler(lambda: 1, _MOST_INSTRUCTIONS)  # type: ignore[attr-defined]

    sa.event.listen(engine, "connect", set_up)
    return engine


def make_shared(path: Path) -> None:
    """Make the file, if it is missing, for its folder's group to write to where the group may write to the folder.

    SQLite gives the files beside it the same mode. Refused `not_a_file`: somebody has put a journal beside it.
    """
    if _is_shared(path):
        if not path.exists():
            _make(path, 0o660)
        _check_journal(path)


def bar_others(path: Path) -> None:
    """When a shared file in WAL mode is open, and when it is closed: leave what stands beside it, empty and the office's.

    A rollback journal, which it has none: SQLite would play back one that somebody else puts there, as whoever opens the
    file, and delete the file that it names as its super-journal (sqlite.org/fileformat2, section 3). And its log: where
    somebody else has made that, Linux does not let the office open it (`fs.protected_regular`). The office is whose folder
    it is. Refused `not_a_file`, as `make_shared`.
    """
    if _is_shared(path):
        if os.geteuid() == path.parent.stat().st_uid:
            for companion, mode in (("-journal", 0o600), ("-wal", 0o660), ("-shm", 0o660)):
                with suppress(FileExistsError):
                    _make(Path(f"{path}{companion}"), mode, os.O_EXCL)
        _check_journal(path)


def _make(path: Path, mode: int, flags: int = 0) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | flags, mode)
    os.fchmod(descriptor, mode)
    os.close(descriptor)


def _is_shared(path: Path) -> bool:
    return bool(path.parent.stat().st_mode & stat.S_IWGRP)


def _check_journal(path: Path) -> None:
    """What is there is of the owner of the folder, whose files nobody else can replace."""
    journal = Path(f"{path}-journal")
    try:
        status = journal.lstat()
    except FileNotFoundError:
        return
    is_own = status.st_uid == path.parent.stat().st_uid and status.st_nlink == 1
    if not (is_own and stat.S_ISREG(status.st_mode)):
        raise Refused("not_a_file", f"{journal} is not the office's: somebody has put it there, take it away")


def _check_plain(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise Refused("not_a_file", f"{path} is a link, or no regular file: somebody has put it there")
