"""The public app queues here what only the office's key can make.

The office's signer makes it and leaves it here. The queue is an SQLite file of its own, so that the public app needs no right to
write to the ledger. A request is a kind and the id of a credential, nothing of the asker; the queue is bounded, and what was made
is kept until a key is disowned. Which kinds there are is the office's affair.
"""

from pathlib import Path

import sqlalchemy as sa

from registry.edge.side_file import FORGETS, bar_others, make_shared, open_file
from registry.errors import NotReady
from registry.store.sqlite import cut_log

#: kinds of what can be asked for
VC_JWT, IDENTITY_ANCHOR = "vc+jwt", "identity-anchor"
#: requests that may wait; one more is answered with `NotReady`, and is not queued
MAX_WAITING = 10_000
#: bytes of a kind or an id that are read
_LONGEST = 500
_metadata = sa.MetaData()
_carriers = sa.Table(
    "carrier",
    _metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary),
    sqlite_strict=True,
)
sa.Index("carrier_waiting", _carriers.c.kind, _carriers.c.id, sqlite_where=_carriers.c.body.is_(None))


class Requests:
    """The queue in a file, made where it is missing. Safe to use from several threads and processes."""

    def __init__(self, path: Path | None) -> None:
        """`path`: None keeps the queue in memory."""
        if path is not None:
            make_shared(path)
        self._engine = open_file(path, "journal_mode=WAL", "synchronous=NORMAL", *FORGETS)
        _metadata.create_all(self._engine)
        self._path = path
        self._bar_others()

    def get(self, kind: str, name: str) -> bytes:
        """What was made of that kind for a credential. NotReady: it is asked for now, come again in a moment."""
        named = (_carriers.c.kind == kind, _carriers.c.id == name)
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(_carriers.c.body).where(*named)).one_or_none()
            if row is not None and row.body is not None:
                return bytes(row.body)
            waiting = connection.execute(
                sa.select(sa.func.count()).select_from(_carriers).where(_carriers.c.body.is_(None))
            ).scalar_one()
            if row is None and waiting < MAX_WAITING:
                connection.execute(sa.insert(_carriers).prefix_with("OR IGNORE").values(kind=kind, id=name, body=None))
        raise NotReady("not_signed_yet", "the office's signer makes it now: ask again in a moment")

    def waiting(self, limit: int = 256) -> list[tuple[str, str]]:
        """(kind, id) of requests that wait; what is no text, or no short one, is dropped."""
        row_id: sa.ColumnElement[int] = sa.literal_column("rowid", sa.Integer)
        kind_bytes, id_bytes = (
            sa.func.substr(sa.cast(column, sa.LargeBinary), 1, _LONGEST + 1, type_=sa.LargeBinary)
            for column in (_carriers.c.kind, _carriers.c.id)
        )
        chosen = (
            sa.select(row_id, kind_bytes, id_bytes)
            .select_from(_carriers)
            .where(_carriers.c.body.is_(None))
            .limit(limit)
        )
        asked, unreadable = [], []
        with self._engine.begin() as connection:
            for row, kind, name in connection.execute(chosen).all():
                try:
                    texts = kind.decode("utf-8"), name.decode("utf-8")
                except UnicodeDecodeError:  # nobody can ask for that: somebody wrote into the file
                    unreadable.append(row)
                    continue
                if max(len(kind), len(name)) > _LONGEST:
                    unreadable.append(row)
                else:
                    asked.append(texts)
            for row in unreadable:
                connection.execute(sa.delete(_carriers).where(row_id == row))
        return asked

    def put(self, kind: str, name: str, body: bytes) -> None:
        """Keep what was made."""
        named = (_carriers.c.kind == kind, _carriers.c.id == name)
        with self._engine.begin() as connection:
            connection.execute(sa.update(_carriers).where(*named).values(body=body))

    def keep(self, kind: str, name: str, body: bytes) -> None:
        """Keep what was made without having been asked for."""
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_carriers).prefix_with("OR REPLACE").values(kind=kind, id=name, body=body))

    def drop(self, kind: str, name: str) -> None:
        """Forget a request that cannot be met."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(_carriers).where(_carriers.c.kind == kind, _carriers.c.id == name))

    def forget(self) -> bool:
        """Forget all that was made and asked for: a key that may have signed it is no longer believed, or it was erased.

        False: a reader or a writer that stayed for seconds was in the way; the same call again ends it.
        """
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.delete(_carriers))
            with self._engine.connect() as connection:
                connection.exec_driver_sql(
                    "VACUUM"
                )  # what was deleted before `secure_delete` was on stands in free pages
                return cut_log(connection)
        except sa.exc.OperationalError:  # another one reads or writes, or the disk is full
            return False

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()
        self._bar_others()

    def _bar_others(self) -> None:
        if self._path is not None:
            bar_others(self._path)
