"""Statements on the MACs over rows, and on the rows that they cover.

What a MAC covers, and when it holds, is `registry/records`.
"""

from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.errors import LedgerDamaged
from registry.store import tables
from registry.store.columns import blob
from registry.store.place_rows import PlaceRow

_SEALS, _PLACES, _SALTS = tables.seals, tables.credentials, tables.org_salts
_AT_ONCE = 1024


class SealedPlace(NamedTuple):
    """A place, the MAC beside it, empty where it has none, and the salt behind the organization's pseudonym, if it has one."""

    place: PlaceRow
    seal: bytes
    org_salt: bytes | None


def has_seals(connection: sa.Connection) -> bool:
    """Whether the store has a table of MACs; one of an older version has not."""
    return sa.inspect(connection).has_table(_SEALS.name)


def read_seals(connection: sa.Connection) -> dict[str, bytes]:
    """The MAC over each table, by its name."""
    return {row.name: blob(row.mac) for row in connection.execute(sa.select(_SEALS.c.name, _SEALS.c.mac))}


def put_seal(connection: sa.Connection, name: str, mac: bytes) -> None:
    """Store the MAC over a table."""
    changed = sa.update(_SEALS).where(_SEALS.c.name == name).values(mac=mac)
    if not connection.execute(changed).rowcount:
        connection.execute(sa.insert(_SEALS).values(name=name, mac=mac))


def read_table(connection: sa.Connection, name: str) -> list[tuple[Any, ...]]:
    """Every row of a table, in the order of its key: of bytes and code points, whatever the database sorts by."""
    rows = connection.execute(_whole(name)).all()
    try:
        return sorted((tuple(map(_plain, row)) for row in rows), key=partial(key_of, name))
    except TypeError:
        raise LedgerDamaged("column_type", f"the keys of {name} are of several types") from None


def key_of(name: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The key of a row that has every column of its table."""
    return tuple(row[at] for at in _key_places(name))


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


@cache
def _whole(name: str) -> sa.Select[Any]:
    return sa.select(*tables.METADATA.tables[name].columns)


@cache
def _key_places(name: str) -> tuple[int, ...]:
    return tuple(at for at, column in enumerate(tables.METADATA.tables[name].columns) if column.primary_key)


_SEALED = sa.select(*(_PLACES.c[name] for name in PlaceRow._fields), _PLACES.c.seal, _SALTS.c.salt).join_from(
    _PLACES, _SALTS, sa.and_(_SALTS.c.register == _PLACES.c.register, _SALTS.c.number == _PLACES.c.number), isouter=True
)
_NEXT_PLACES = _SEALED.where(_PLACES.c.i >= sa.bindparam("start")).order_by(_PLACES.c.i).limit(_AT_ONCE)
_SEAL_PLACE = sa.update(_PLACES).where(_PLACES.c.i == sa.bindparam("at")).values(seal=sa.bindparam("mac"))
_OF_ORGANIZATION = _SEALED.where(
    _PLACES.c.register == sa.bindparam("register"), _PLACES.c.number == sa.bindparam("number")
).order_by(_PLACES.c.n)


def read_sealed_places(connection: sa.Connection) -> Iterator[SealedPlace]:
    """Every place with its MAC, in the order of the entries."""
    start = 0
    while rows := connection.execute(_NEXT_PLACES, {"start": start}).all():
        for row in rows:
            yield _sealed(row)
        if rows[-1].i < start:  # in a damaged file the rows have no order, and this would never end
            raise LedgerDamaged("rows_unordered", "the places do not stand in their order")
        start = rows[-1].i + 1


def read_sealed_organization(connection: sa.Connection, register: str, number: str) -> list[SealedPlace]:
    """The places of an organization's credentials with their MACs, in the order of n; empty when it has none."""
    chosen = connection.execute(_OF_ORGANIZATION, {"register": register, "number": number})
    return [_sealed(row) for row in chosen]


def _sealed(row: Iterable[Any]) -> SealedPlace:
    *place, seal, salt = row
    return SealedPlace(PlaceRow._make(place), blob(seal), None if salt is None else blob(salt))


def seal_places(connection: sa.Connection, macs: Iterable[tuple[int, bytes]]) -> None:
    """Store the MACs (index of the entry, MAC) of places that are there."""
    values = [{"at": i, "mac": mac} for i, mac in macs]
    if values:
        connection.execute(_SEAL_PLACE, values)
