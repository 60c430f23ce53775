"""The engine of an SQLite file that stands beside the ledger's store.

What stands in one is its owner's affair. `trusted_schema` is off in all: what somebody wrote into a schema runs nothing.
"""

import os
import stat
from pathlib import Path

import sqlalchemy as sa

from registry.errors import Refused

#: a commit is on the disk when it is acknowledged
DURABLE = ("synchronous=FULL", "fullfsync=1")
#: what was deleted is overwritten
FORGETS = ("secure_delete=ON",)


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

    sa.event.listen(engine, "connect", set_up)
    return engine


def make_shared(path: Path) -> None:
    """Make the file, if it is missing, for its folder's group to write to where the group may write to the folder.

    SQLite gives the files beside it the same mode.
    """
    if path.parent.stat().st_mode & stat.S_IWGRP and not path.exists():
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o660)
        os.fchmod(descriptor, 0o660)
        os.close(descriptor)


def _check_plain(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise Refused("not_a_file", f"{path} is a link, or no regular file: somebody has put it there")
