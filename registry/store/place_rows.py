"""Statements on places: whose each credential is, and where it stands.

Also the salts behind pseudonyms, unknown persons, and what stays of the erased.
"""

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from registry.store import tables
from registry.store.columns import blob, number, text
from registry.store.database import insert


class PlaceRow(NamedTuple):
    """Where a credential stands: under entry `i`, the n-th of its organization, at an index of its list.

    `event`, `event_order`, `digest`: of the state that it tells; empty where a mirror alone has brought it back.
    """

    i: int
    register: str
    number: str
    n: int
    event: str
    event_order: str
    digest: bytes
    list_id: str
    list_index: int


class OrgSaltRow(NamedTuple):
    """The salt behind an organization's pseudonym, 32 bytes."""

    register: str
    number: str
    salt: bytes


_PLACES, _SALTS, _UNKNOWN, _ERASED = tables.credentials, tables.org_salts, tables.unknown_persons, tables.erased
_COLUMNS = [_PLACES.c[name] for name in PlaceRow._fields]
_OF_ORGANIZATION = (
    sa.select(*_COLUMNS)
    .where(_PLACES.c.register == sa.bindparam("register"), _PLACES.c.number == sa.bindparam("number"))
    .order_by(_PLACES.c.n)
)
_ORG_SALT = sa.select(_SALTS.c.salt).where(
    _SALTS.c.register == sa.bindparam("register"), _SALTS.c.number == sa.bindparam("number")
)


def read_places(connection: sa.Connection, register: str, number: str) -> list[PlaceRow]:
    """The places of an organization's credentials, in the order of n; empty when it has none."""
    return [
        PlaceRow._make(row) for row in connection.execute(_OF_ORGANIZATION, {"register": register, "number": number})
    ]


def read_places_between(connection: sa.Connection, start: int, end: int) -> list[PlaceRow]:
    """The places of the credentials under entries [start, end), in any order."""
    chosen = sa.select(*_COLUMNS).where(_PLACES.c.i >= start, _PLACES.c.i < end)
    return [_place(*row) for row in connection.execute(chosen)]


def _place(*row: object) -> PlaceRow:
    """A place whose values are of the types of their columns. LedgerDamaged `column_type`."""
    i, register, name, n, event, order, digest, list_id, list_index = row
    whose = (number(i), text(register), text(name), number(n))
    return PlaceRow(*whose, text(event), text(order), blob(digest), text(list_id), number(list_index))


def read_numbers(connection: sa.Connection, register: str) -> set[str]:
    """The numbers of a register's organizations that have places."""
    chosen = sa.select(_PLACES.c.number).where(_PLACES.c.register == register).distinct()
    return {text(name) for name in connection.execute(chosen).scalars()}


def put_places(connection: sa.Connection, places: Iterable[tuple[PlaceRow, bytes]]) -> None:
    """Store places of credentials, each with its MAC."""
    insert(connection, _PLACES, (*PlaceRow._fields, "seal"), [(*place, seal) for place, seal in places])


def delete_place(connection: sa.Connection, i: int) -> None:
    """Delete the place of the credential under entry `i`, if it has one."""
    connection.execute(sa.delete(_PLACES).where(_PLACES.c.i == i))


def read_org_salt(connection: sa.Connection, register: str, number: str) -> bytes | None:
    """The salt behind an organization's pseudonym, 32 bytes; None when it has none."""
    salt = connection.execute(_ORG_SALT, {"register": register, "number": number}).scalar()
    return None if salt is None else blob(salt)


def read_org_salts(connection: sa.Connection) -> list[OrgSaltRow]:
    """The salts behind all pseudonyms, in any order."""
    return [
        OrgSaltRow(text(row.register), text(row.number), blob(row.salt))
        for row in connection.execute(sa.select(_SALTS))
    ]


def read_pseudonymous(
    connection: sa.Connection, registers: Iterable[str], numbers: Iterable[str]
) -> dict[tuple[str, str], bytes]:
    """Those of the organizations (register, number) that have a pseudonym, each with the salt behind it."""
    chosen = sa.select(_SALTS).where(_SALTS.c.register.in_(list(registers)), _SALTS.c.number.in_(list(numbers)))
    return {(row.register, row.number): blob(row.salt) for row in connection.execute(chosen)}


def put_org_salts(connection: sa.Connection, salts: Iterable[OrgSaltRow]) -> None:
    """Store salts of organizations that had none."""
    insert(connection, _SALTS, OrgSaltRow._fields, list(salts))


def has_unknown_persons(connection: sa.Connection, register: str) -> bool:
    """Whether some of a register's entries are of unknown persons: whose they are nobody here knows."""
    chosen = sa.select(_UNKNOWN.c.i).where(_UNKNOWN.c.register == register).limit(1)
    return connection.execute(chosen).first() is not None


def read_unknown_persons(connection: sa.Connection) -> list[tuple[int, str]]:
    """The entries of unknown persons: index and register, in their order."""
    chosen = sa.select(_UNKNOWN.c.i, _UNKNOWN.c.register).order_by(_UNKNOWN.c.i)
    return [(number(row.i), text(row.register)) for row in connection.execute(chosen)]


def put_unknown_persons(connection: sa.Connection, entries: Iterable[tuple[int, str]]) -> None:
    """Note that entries (index, register) are of unknown persons."""
    insert(connection, _UNKNOWN, ("i", "register"), list(entries))


def delete_unknown_person(connection: sa.Connection, i: int) -> None:
    """Note that entry `i` is no longer of an unknown person: its place is back, or it was erased."""
    connection.execute(sa.delete(_UNKNOWN).where(_UNKNOWN.c.i == i))


def delete_organization(connection: sa.Connection, register: str, number: str) -> None:
    """Delete an organization's places, and the salt behind its pseudonym."""
    for table in (_PLACES, _SALTS):
        connection.execute(sa.delete(table).where(table.c.register == register, table.c.number == number))


def read_erased(connection: sa.Connection) -> set[bytes]:
    """What stayed of every erased organization: its digest (`entry.erased_digest`)."""
    return {blob(digest) for digest in connection.execute(sa.select(_ERASED.c.digest)).scalars()}


def put_erased(connection: sa.Connection, digest: bytes) -> None:
    """Store what stays of an erased organization, unless it is there."""
    if connection.execute(sa.select(_ERASED).where(_ERASED.c.digest == digest)).one_or_none() is None:
        insert(connection, _ERASED, ("digest",), [(digest,)])
