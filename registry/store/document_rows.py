"""Statements on documents: the body and the salt under each entry.

Also entries together with the documents under them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.store import tables
from registry.store.columns import blob
from registry.store.database import insert


class RecordRow(NamedTuple):
    """The bytes of an entry; of its document and its salt, None where these are missing; its place, None unless it has one."""

    body: bytes
    document: bytes | None
    salt: bytes | None
    register: str | None
    number: str | None
    n: int | None


_ENTRIES, _DOCUMENTS, _PLACES = tables.entries, tables.documents, tables.credentials
_RECORDS = (
    sa.select(
        _ENTRIES.c.body,
        _DOCUMENTS.c.body.label("document"),
        _DOCUMENTS.c.salt,
        _PLACES.c.register,
        _PLACES.c.number,
        _PLACES.c.n,
    )
    .join_from(_ENTRIES, _DOCUMENTS, _DOCUMENTS.c.i == _ENTRIES.c.i, isouter=True)
    .join(_PLACES, _PLACES.c.i == _ENTRIES.c.i, isouter=True)
    .order_by(_ENTRIES.c.i)
)
_BETWEEN = _RECORDS.where(_ENTRIES.c.i >= sa.bindparam("start"), _ENTRIES.c.i < sa.bindparam("end"))
_AT = _RECORDS.where(_ENTRIES.c.i.in_(sa.bindparam("indexes", expanding=True)))
_OF_ORGANIZATION = _RECORDS.where(
    _PLACES.c.register == sa.bindparam("register"), _PLACES.c.number == sa.bindparam("number")
)
_CREDENTIAL = _OF_ORGANIZATION.where(_PLACES.c.n == sa.bindparam("n"))
_DOCUMENTS_BETWEEN = sa.select(_DOCUMENTS).where(
    _DOCUMENTS.c.i >= sa.bindparam("start"), _DOCUMENTS.c.i < sa.bindparam("end")
)


def read_records(connection: sa.Connection, start: int, end: int) -> list[RecordRow]:
    """The records of entries [start, end), as far as they are there."""
    return _read(connection, _BETWEEN, {"start": start, "end": end})


def read_records_at(connection: sa.Connection, indexes: Sequence[int]) -> list[RecordRow]:
    """The records of some entries, as far as they are there."""
    return _read(connection, _AT, {"indexes": list(indexes)})


def read_organization(connection: sa.Connection, register: str, number: str) -> list[RecordRow]:
    """The records of an organization, in their order; empty when it has none."""
    return _read(connection, _OF_ORGANIZATION, {"register": register, "number": number})


def read_credential(connection: sa.Connection, register: str, number: str, n: int) -> RecordRow | None:
    """The record of an organization's n-th credential; None where there is none."""
    return next(iter(_read(connection, _CREDENTIAL, {"register": register, "number": number, "n": n})), None)


def _read(connection: sa.Connection, chosen: sa.Select[Any], values: dict[str, Any]) -> list[RecordRow]:
    return [
        RecordRow(blob(body), _blob(document), _blob(salt), register, number, n)
        for body, document, salt, register, number, n in connection.execute(chosen, values)
    ]


def _blob(value: Any) -> bytes | None:
    return None if value is None else blob(value)


def read_document(connection: sa.Connection, i: int) -> tuple[bytes, bytes] | None:
    """(body, salt) of the document under entry `i`; None when it was erased or is missing."""
    return read_documents(connection, i, i + 1).get(i)


def read_documents(connection: sa.Connection, start: int, end: int) -> dict[int, tuple[bytes, bytes]]:
    """(body, salt) of the documents under entries [start, end), as far as they are there."""
    chosen = connection.execute(_DOCUMENTS_BETWEEN, {"start": start, "end": end})
    return {row.i: (blob(row.body), blob(row.salt)) for row in chosen}


def put_documents(connection: sa.Connection, documents: Iterable[tuple[int, bytes, bytes]]) -> None:
    """Store documents (index of the entry, body, salt)."""
    insert(connection, _DOCUMENTS, ("i", "body", "salt"), list(documents))


def delete_documents(connection: sa.Connection, indexes: Sequence[int]) -> None:
    """Delete the bodies and salts under those entries."""
    connection.execute(sa.delete(_DOCUMENTS).where(_DOCUMENTS.c.i.in_(indexes)))


def read_without_document(connection: sa.Connection) -> Iterator[bytes]:
    """The bytes of the entries that have no document, in any order."""
    chosen = (
        sa.select(_ENTRIES.c.body)
        .join_from(_ENTRIES, _DOCUMENTS, _DOCUMENTS.c.i == _ENTRIES.c.i, isouter=True)
        .where(_DOCUMENTS.c.i.is_(None))
    )
    return (blob(body) for body in connection.execute(chosen).scalars())
