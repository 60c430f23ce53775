"""Changes of a store's rows, generated from its tables: each column in several ways, and rows deleted, doubled and added.

They are made past the triggers, as whoever writes the file can.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.store import tables
from registry.store.database import Store
from tests.mutations.bits import flip

DELETED, EMPTIED, DOUBLED, ADDED = "a row deleted", "all rows deleted", "a row doubled", "a row added"
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Change:
    """One change. `what`: the column, or what is done with rows; `statement`, `values`: what makes it."""

    table: str
    what: str
    how: str
    statement: str
    values: tuple[Any, ...]


class Contents:
    """The rows of every table, now and as they once were."""

    def __init__(self, now: Path, older: Path) -> None:
        self.now, self.older = _rows(now), _rows(older)
        self.size = len(self.now["ledger_entry"])


def _rows(file: Path) -> dict[str, list[Row]]:
    with closing(sqlite3.connect(file)) as connection:
        return {
            table.name: connection.execute(f"SELECT {', '.join(table.columns.keys())} FROM {table.name}").fetchall()
            for table in tables.METADATA.sorted_tables
        }


def changes(contents: Contents, name: str, *, is_whole: bool) -> Iterator[Change]:
    """Every change of that table. `is_whole`: of every row, and in more ways; else of three rows."""
    table = tables.METADATA.tables[name]
    rows = sorted(contents.now[name])
    chosen = rows if is_whole else sorted({rows[0], rows[len(rows) // 2], rows[-1]})
    for row in chosen:
        for place, column in enumerate(table.columns):
            statement = f"UPDATE {name} SET {column.name} = ? WHERE {_key(table)}"
            for how, value in _values(contents, table, place, row, is_whole=is_whole):
                if value != row[place]:
                    yield Change(name, column.name, how, statement, (value, *_key_of(table, row)))
            if isinstance(row[place], str) and row[place].count("\n") > 1:
                shorter = "".join(row[place].splitlines(keepends=True)[:-1])
                yield Change(name, f"{column.name}, its last line", "gone", statement, (shorter, *_key_of(table, row)))
        yield Change(name, DELETED, "", f"DELETE FROM {name} WHERE {_key(table)}", _key_of(table, row))
    yield Change(name, EMPTIED, "", f"DELETE FROM {name}", ())
    insert = f"INSERT INTO {name} VALUES ({', '.join('?' * len(table.columns))})"
    for row in chosen:
        for how, doubled in _doubled(table, rows, row):
            yield Change(name, DOUBLED, how, insert, doubled)
    if "i" in table.columns and name != "index_entry":
        place = table.columns.keys().index("i")
        for index in range(-1, contents.size + 2):
            added = (*rows[0][:place], index, *rows[0][place + 1 :])
            yield Change(name, ADDED, f"at {index}", insert, _told_apart(table, added, index))


def _values(contents: Contents, table: sa.Table, place: int, row: Row, *, is_whole: bool) -> Iterator[tuple[str, Any]]:
    value = row[place]
    if isinstance(value, int):
        yield from (("one more", value + 1), ("one less", value - 1), ("far away", value + 1_000_000))
    else:
        for bit in _bits(value, is_whole=is_whole):
            yield "a bit flipped", _flipped(value, bit)
        yield "emptied", value[:0]
        yield "longer", value + value[-1:] if value else value + (b"\0" if isinstance(value, bytes) else "x")
        if isinstance(value, str):
            yield "a space more", value + " "
    others = [other[place] for other in contents.now[table.name] if other[place] != value]
    yield from (("another row's", other) for other in others[: 3 if is_whole else 1] + others[-1:])
    for older in contents.older[table.name]:
        if _key_of(table, older) == _key_of(table, row) and older[place] != value:
            yield "its own older one", older[place]


def _flipped(value: Any, bit: int) -> Any:
    """The bytes with that bit flipped; of a text the lowest bit of that character, so that it stays a text."""
    if isinstance(value, bytes):
        return flip(value, bit)
    place = bit // 8
    return value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]


def _bits(value: Any, *, is_whole: bool) -> set[int]:
    """Which bits are flipped: the one in the middle of the value, and of each line of a text of several."""
    length = len(value) * 8
    bits = {length // 2} if length else set()
    if isinstance(value, str):
        end = 0
        for line in value.splitlines(keepends=True):
            bits.add((end + len(line) // 2) * 8)
            end += len(line)
    return bits | set(range(3, length, max(1, length // 24))) if is_whole else bits


def _doubled(table: sa.Table, rows: list[Row], row: Row) -> Iterator[tuple[str, Row]]:
    """The same values under another key: one that is free, before all others or after them."""
    for column in table.primary_key:
        place = table.columns.keys().index(column.name)
        value = row[place]
        if isinstance(value, int):
            new = [max(each[place] for each in rows) + 1, min(each[place] for each in rows) - 1]
        else:
            new = [value + value[-1:], _flipped(value, 3)] if value else []
        for other in new:
            yield f"{column.name} = {other!r:.30}", _told_apart(table, (*row[:place], other, *row[place + 1 :]), other)


def _told_apart(table: sa.Table, row: Row, by: object) -> Row:
    """The row, where needed with another value in a column that must be unique besides the key."""
    unique = {
        column.name
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
        for column in list(constraint.columns)[-1:]
    }
    names = table.columns.keys()
    return tuple(
        1000 + (by if isinstance(by, int) else 0) if name in unique else value
        for name, value in zip(names, row, strict=True)
    )


def _key(table: sa.Table) -> str:
    return " AND ".join(f"{column.name} = ?" for column in table.primary_key)


def _key_of(table: sa.Table, row: Row) -> Row:
    names = table.columns.keys()
    return tuple(row[names.index(column.name)] for column in table.primary_key)


class Within(Store):
    """A store as it is within one open transaction."""

    def __init__(self, store: Store, connection: sa.Connection) -> None:
        self._store, self._connection = store, connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """The transaction that is open."""
        yield self._connection

    def faults(self, connection: sa.Connection) -> list[str]:
        """As the store itself."""
        return self._store.faults(connection)


@contextmanager
def changed(store: Store, change: Change) -> Iterator[Store | None]:
    """The store with that change, which is undone; None where the database itself does not take it."""
    with store.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        triggers = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (change.table,)
        ).all()
        for trigger, _ in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        try:
            count = connection.exec_driver_sql(change.statement, change.values).rowcount
        except sa.exc.IntegrityError:
            count = 0
        for _, statement in triggers:
            connection.exec_driver_sql(statement)
        try:
            yield Within(store, connection) if count else None
        finally:
            connection.rollback()
