"""The head token remembers, outside every backup, what each log signed last.

It is a file of its own, and the compare-and-swap token of both logs. A store that was put back from a backup, and a second store
of the same ledger, would sign another tree of a size that was signed before. The token is moved before each signature, in a
transaction of its own, and only where the store still holds what the token names; so it can be ahead of the store's signatures,
never behind them.
"""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from registry.edge.side_file import open_file
from registry.errors import StorageFailed
from registry.log.checkpoint import Checkpoint, check_holds

_metadata = sa.MetaData()
_tokens = sa.Table(
    "head_token",
    _metadata,
    sa.Column("log", sa.Text, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)


class HeadToken:
    """The token of one installation. `path`: the file; it is made where it is missing.

    StorageFailed `storage_failed`: the disk failed, so that nothing may be signed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = open_file(path, "journal_mode=DELETE", "synchronous=EXTRA", "fullfsync=1", autocommit=True)
        sa.event.listen(self._engine, "handle_error", _judge)
        _metadata.create_all(self._engine)

    def read(self, log: str) -> Checkpoint | None:
        """The head of that log (`ledger`, `index`) that was signed last; None before the first."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(_tokens).where(_tokens.c.log == log)).one_or_none()
        return None if row is None else Checkpoint(row.origin, row.size, bytes(row.root))

    def advance(self, log: str, head: Checkpoint, root_at: Callable[[int], bytes]) -> None:
        """Let `head` be what is signed next. `root_at`: the root of an earlier size, from the store.

        Refused `store_behind`, `store_forked`: the store no longer holds what was signed last.
        """
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            row = connection.execute(sa.select(_tokens).where(_tokens.c.log == log)).one_or_none()
            values = {"log": log, "origin": head.origin, "size": head.size, "root": head.root}
            if row is None:
                connection.execute(sa.insert(_tokens).values(values))
            else:
                check_holds(Checkpoint(row.origin, row.size, bytes(row.root)), head, root_at, self._path.name)
                connection.execute(sa.update(_tokens).where(_tokens.c.log == log).values(values))
            connection.commit()

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()


def _judge(context: sa.engine.ExceptionContext) -> None:
    name = getattr(context.original_exception, "sqlite_errorname", None) or ""
    if name.startswith("SQLITE_IOERR"):
        raise StorageFailed("storage_failed", f"the disk failed ({name}): end this process, look at the disk")
