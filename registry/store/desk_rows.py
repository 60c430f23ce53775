"""What waits on the office's desk, in an SQLite file of its own.

A row is a kind, a register, a number, and a body. What bodies mean is the issuer's affair; whether rows are as the office wrote
them is `installation/desk`'s.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from registry.edge.side_file import DURABLE, FORGETS, open_file
from registry.errors import Conflict, LedgerDamaged, StorageFailed
from registry.store.columns import blob, number, text

_metadata = sa.MetaData()
_rows = sa.Table(
    "row",
    _metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("register", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)
_seal = sa.Table(
    "seal",
    _metadata,
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("mac", sa.LargeBinary, nullable=False),
    sqlite_strict=True,
)


class Key(NamedTuple):
    """Whose row it is, and what for."""

    kind: str
    register: str
    number: str


class DeskFile:
    """The file, made when something is written. LedgerDamaged `desk_damaged`, StorageFailed: it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = open_file(path, "journal_mode=DELETE", *DURABLE, *FORGETS, timeout=30)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def read(self) -> tuple[int, bytes, dict[Key, bytes]]:
        """Revision, MAC (0 and empty where there is no file), and every row, in one snapshot."""
        if not self._path.exists():
            return 0, b"", {}
        with self._errors(), self._engine.begin() as connection:
            seals = connection.execute(sa.select(_seal)).all()
            chosen = connection.execute(sa.select(_rows))
            bodies = {Key(text(row.kind), text(row.register), text(row.number)): blob(row.body) for row in chosen}
            if len(seals) > 1:
                raise LedgerDamaged("desk_damaged", "the desk's file has several seals")
            revision, mac = (number(seals[0].revision), blob(seals[0].mac)) if seals else (0, b"")
            return revision, mac, bodies

    def write(self, revision: int, mac: bytes, put: dict[Key, bytes], gone: Iterable[Key]) -> None:
        """Put and delete rows, and seal all, in one transaction. `revision`: the one after that which was read.

        Conflict `overtaken`: another process has written meanwhile.
        """
        with self._errors(), self._engine.begin() as connection:
            _metadata.create_all(connection)
            before = connection.execute(sa.select(_seal.c.revision)).scalar() or 0
            if before != revision - 1:
                raise Conflict("overtaken", "the desk was changed meanwhile: run it again, what was committed stands")
            for key in (*gone, *put):
                where = [_rows.c[name] == value for name, value in key._asdict().items()]
                connection.execute(sa.delete(_rows).where(*where))
            if put:
                connection.execute(sa.insert(_rows), [{**key._asdict(), "body": body} for key, body in put.items()])
            connection.execute(sa.delete(_seal))
            connection.execute(sa.insert(_seal).values(revision=revision, mac=mac))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.OperationalError as error:
            raise StorageFailed("desk_failed", f"the desk's file cannot be used: {error.orig}") from error
        except sa.exc.DatabaseError as error:
            raise LedgerDamaged("desk_damaged", f"the desk's file is damaged: {error.orig}") from error
