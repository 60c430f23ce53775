"""What a register's organizations look like, in an SQLite file of its own.

A row is a register, a number, a digest of whatever it is compared by (16 bytes), and the entry that it was read from. All is
derived from the ledger, and made anew where the file is lost. What is compared is the issuer's affair.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from registry.edge.side_file import FORGETS, open_file

_metadata = sa.MetaData()
_likeness = sa.Table(
    "likeness",
    _metadata,
    sa.Column("register", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Index("likeness_digest", "register", "digest"),
    sa.Index("likeness_entry", "entry"),
    sqlite_strict=True,
)
_followed = sa.Table("followed", _metadata, sa.Column("entries", sa.Integer, nullable=False), sqlite_strict=True)
_STRIDE = 500


class Likeness(NamedTuple):
    """One organization. `digest`: 16 bytes; `entry`: the index of the entry that says so."""

    register: str
    number: str
    digest: bytes
    entry: int


class Likenesses:
    """The file, made where it is missing, and used once it was prepared."""

    def __init__(self, path: Path) -> None:
        self._engine = open_file(path, "journal_mode=DELETE", "synchronous=FULL", *FORGETS, timeout=30)

    def prepare(self) -> bool:
        """Make its tables where there are none. False: it is no such file."""
        try:
            _metadata.create_all(self._engine)
            entries = self.followed()
        except (sa.exc.OperationalError, sqlite3.OperationalError) as error:
            if "no such column" not in str(error):
                raise
            return False
        except (sa.exc.DatabaseError, sqlite3.DatabaseError):
            return False
        return isinstance(entries, int) and entries >= 0

    def followed(self) -> int:
        """How many entries of the ledger it has read."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(_followed.c.entries)).scalar() or 0

    def put(self, rows: Iterable[Likeness], gone: Sequence[int], upto: int) -> None:
        """Rows that take the place of those of the same organizations; without those that came of the entries `gone`."""
        with self._engine.begin() as connection:
            values = [row._asdict() for row in rows]
            if values:
                connection.execute(sa.insert(_likeness).prefix_with("OR REPLACE"), values)
            for start in range(0, len(gone), _STRIDE):
                chosen = _likeness.c.entry.in_(gone[start : start + _STRIDE])
                connection.execute(sa.delete(_likeness).where(chosen))
            connection.execute(sa.delete(_followed))
            connection.execute(sa.insert(_followed).values(entries=upto))

    def drop(self, register: str, number: str) -> None:
        """Forget an organization."""
        whose = (_likeness.c.register == register, _likeness.c.number == number)
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_likeness).where(*whose))

    def numbers(self, register: str, digest: bytes, limit: int) -> list[str]:
        """At most `limit` numbers of organizations with that digest, sorted."""
        chosen = sa.select(_likeness.c.number).where(_likeness.c.register == register, _likeness.c.digest == digest)
        with self._engine.connect() as connection:
            return list(connection.execute(chosen.order_by(_likeness.c.number).limit(limit)).scalars())

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
