"""Statements on issuers: their keys' entries, their did:webvh logs, their status lists."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.store import tables
from registry.store.columns import blob, number, text
from registry.store.database import insert


class IssuerRow(NamedTuple):
    """The issuer of a register. `key_entry`: the entry that opens it; `issued`: how many credentials it has issued."""

    register: str
    did: str
    name: str
    key_entry: int
    issued: int


class ListRow(NamedTuple):
    """The m-th status list of a register and purpose: its seed, empty where it is not known, and its bits."""

    id: str
    register: str
    purpose: str
    m: int
    seed: bytes
    bits: bytes


_ISSUERS, _LISTS = tables.issuers, tables.status_lists
_ALL_ISSUERS = sa.select(*(_ISSUERS.c[name] for name in IssuerRow._fields)).order_by(_ISSUERS.c.register)
_ALL_LISTS = sa.select(*(_LISTS.c[name] for name in ListRow._fields)).order_by(_LISTS.c.id)


def read_issuer(connection: sa.Connection, register: str) -> IssuerRow | None:
    """The issuer of a register; None before its first batch."""
    row = connection.execute(_ALL_ISSUERS.where(_ISSUERS.c.register == register)).one_or_none()
    return None if row is None else _issuer(*row)


def read_issuers(connection: sa.Connection) -> list[IssuerRow]:
    """Every issuer, in the order of their registers."""
    return [_issuer(*row) for row in connection.execute(_ALL_ISSUERS)]


def _issuer(*row: object) -> IssuerRow:
    register, did, name, key_entry, issued = row
    return IssuerRow(text(register), text(did), text(name), number(key_entry), number(issued))


def put_issuers(connection: sa.Connection, issuers: Iterable[IssuerRow]) -> None:
    """Store issuers that open."""
    insert(connection, _ISSUERS, IssuerRow._fields, list(issuers))


def count_issued(connection: sa.Connection, register: str, count: int) -> bool:
    """Add to how many credentials a register's issuer has issued; False where it has no issuer."""
    counted = sa.update(_ISSUERS).where(_ISSUERS.c.register == register).values(issued=_ISSUERS.c.issued + count)
    return connection.execute(counted).rowcount == 1


def put_key_entries(connection: sa.Connection, entries: Iterable[tuple[int, str]]) -> None:
    """Note that entries (index, register) change the keys of a register's issuer."""
    insert(connection, tables.key_versions, ("i", "register"), list(entries))


def newest_key_entry(connection: sa.Connection, register: str, size: int) -> int | None:
    """The newest entry below `size` that names the keys of a register's issuer; None where there is no issuer."""
    index: int | None = connection.execute(_NEWEST_KEYS, {"of_register": register, "below": size}).scalar()
    if index is None:
        index = connection.execute(sa.select(_ISSUERS.c.key_entry).where(_ISSUERS.c.register == register)).scalar()
    return index


def read_did_log(connection: sa.Connection, register: str) -> list[str]:
    """The lines of the did:webvh log of a register's issuer; none where it has no log."""
    columns = tables.did_logs.c
    chosen = sa.select(columns.line).where(columns.register == register).order_by(columns.n)
    return [text(line) for line in connection.execute(chosen).scalars()]


def append_did_line(connection: sa.Connection, register: str, line: str) -> None:
    """Append a line to the did:webvh log of a register's issuer."""
    n = len(read_did_log(connection, register)) + 1
    insert(connection, tables.did_logs, ("register", "n", "line"), [(register, n, line)])


def read_list(connection: sa.Connection, list_id: str) -> ListRow | None:
    """A status list; None where there is none."""
    row = connection.execute(_ALL_LISTS.where(_LISTS.c.id == list_id)).one_or_none()
    return None if row is None else _list(row)


def read_lists(connection: sa.Connection, register: str | None = None) -> list[ListRow]:
    """Every status list, or those of a register, in the order of their ids."""
    chosen = _ALL_LISTS if register is None else _ALL_LISTS.where(_LISTS.c.register == register)
    return [_list(row) for row in connection.execute(chosen)]


def _list(row: sa.Row[Any]) -> ListRow:
    whose = (text(row.id), text(row.register), text(row.purpose), number(row.m))
    return ListRow(*whose, blob(row.seed), blob(row.bits))


def put_list_version(connection: sa.Connection, i: int, version: ListRow) -> None:
    """Let entry `i` open a status list, or give one that is there other bits."""
    changed = sa.update(_LISTS).where(_LISTS.c.id == version.id).values(bits=version.bits)
    if not connection.execute(changed).rowcount:
        insert(connection, _LISTS, ListRow._fields, [version])
    insert(connection, tables.status_versions, ("i", "list_id"), [(i, version.id)])


def newest_list_version(connection: sa.Connection, list_id: str, size: int) -> int | None:
    """The newest entry below `size` that logs a version of a status list; None where there is none."""
    index: int | None = connection.execute(_NEWEST_LIST, {"of_list": list_id, "below": size}).scalar()
    return index


_LIST_VERSIONS, _KEY_VERSIONS = tables.status_versions.c, tables.key_versions.c
_NEWEST_LIST = sa.select(sa.func.max(_LIST_VERSIONS.i)).where(
    _LIST_VERSIONS.list_id == sa.bindparam("of_list"), _LIST_VERSIONS.i < sa.bindparam("below")
)
_NEWEST_KEYS = sa.select(sa.func.max(_KEY_VERSIONS.i)).where(
    _KEY_VERSIONS.register == sa.bindparam("of_register"), _KEY_VERSIONS.i < sa.bindparam("below")
)
