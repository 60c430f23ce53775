"""The engine of an SQLite file that stands beside the ledger's store.

What stands in one is its owner's affair. `trusted_schema` is off in all: what somebody wrote into a schema runs nothing.
"""

from pathlib import Path

import sqlalchemy as sa

#: a commit is on the disk when it is acknowledged
DURABLE = ("synchronous=FULL", "fullfsync=1")
#: what was deleted is overwritten
FORGETS = ("secure_delete=ON",)


def open_file(path: Path | None, *pragmas: str, timeout: float = 5, autocommit: bool = False) -> sa.Engine:
    """The engine of that file, which is made where it is missing.

    `path`: None is in memory; `timeout`: seconds for a lock; `autocommit`: its owner begins each transaction by itself.
    """
    if path is None:
        engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool, connect_args={"check_same_thread": False})
    else:
        how = {"isolation_level": None} if autocommit else {}
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": timeout, **how})

    def set_up(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        for pragma in (*pragmas, "trusted_schema=0"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sa.event.listen(engine, "connect", set_up)
    return engine
