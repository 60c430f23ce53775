"""The schema of a store is compared with the one that greffe makes.

Whoever writes the store's file, or owns its tables, can put a trigger, a view or a rule where rows are read and written: from
then on the store does other things than it was told, and every row looks right. So each table, column, index, constraint,
trigger, function and view is compared by name and by what it is, and whatever the migrations do not make is named. The same
schema is made in memory, at the version that the store says it has, so that an older store is right as it is. What is peculiar
to PostgreSQL is `postgresql_schema`; what the rows say is left to the audit.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa

from registry.errors import LedgerDamaged, Refused
from registry.store import postgresql_schema, tables

#: an object for a person, and what it is; two that are equal are the same
Objects = Mapping[str, str]

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\[[^\]]*\]|`[^`]*`|--[^\n]*|/\*.*?\*/|\w+|\S", re.DOTALL)
_PLAIN_NAME = re.compile(r'"(\w+)"')
#: the newest version of the schema, as the last migration names it
REVISION = "0003"
_SETTINGS = ("application_id", "encoding", "user_version")


def protect(connection: sa.Connection) -> None:
    """Make the triggers that refuse to change what was appended, on the tables that are there."""
    names = frozenset(sa.inspect(connection).get_table_names())
    protection = _triggers if connection.dialect.name == "sqlite" else postgresql_schema.protection
    for statement in protection(names):
        connection.exec_driver_sql(statement)


def _triggers(names: frozenset[str]) -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for table in tables.APPEND_ONLY
        if table in names
        for verb in ("UPDATE", "DELETE")
    ]


def read_revision(connection: sa.Connection) -> str:
    """The version of its schema that a store names. LedgerDamaged `schema_differs`: it names none, or several."""
    names = []
    if sa.inspect(connection).has_table("alembic_version"):
        names = list(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())
    if len(names) != 1:
        raise LedgerDamaged("schema_differs", f"the store names {len(names)} versions of its schema instead of one")
    return str(names[0])


def faults(connection: sa.Connection) -> list[str]:
    """A line for each object of the store that is missing, that greffe does not make, or that is not as greffe makes it."""
    from registry.store.migrations import is_known  # loads Alembic

    try:
        revision = read_revision(connection)
    except LedgerDamaged as error:
        return [error.message]
    if not is_known(revision):
        return [f"the store's schema is {revision[:40]}, which this version does not know"]
    if connection.dialect.name == "sqlite":
        return _differences(_objects(connection), expected(revision))
    return _differences(postgresql_schema.objects(connection), _expected_on_postgresql(revision))


def check(connection: sa.Connection, whose: str) -> None:
    """LedgerDamaged `schema_differs` unless there is no fault. `whose`: for a person, `the store`."""
    lines = faults(connection)
    if lines:
        more = f", and {len(lines) - 3} more" if len(lines) > 3 else ""
        raise LedgerDamaged("schema_differs", f"{whose} has another schema: {'; '.join(lines[:3])}{more}")


def check_start(connection: sa.Connection) -> None:
    """Whether a process may work with a store: in a few statements, without looking at what each object is.

    Refused `store_older`, `store_newer`: another version of greffe made it. LedgerDamaged `schema_differs`: a table or a column
    is missing, as where a change of the schema was done by halves.
    """
    inspector = sa.inspect(connection)
    names = list[str]()
    if inspector.has_table("alembic_version"):
        names = list(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())
    if names != [REVISION] and (not names or max(names) < REVISION):
        raise Refused(
            "store_older", "an older version of greffe made the store: run greffe init, with the right to change tables"
        )
    if names != [REVISION]:
        raise Refused(
            "store_newer", f"the store's schema is {names[0][:40]}, which this version does not know: upgrade greffe"
        )
    columns = {name: {column["name"] for column in each} for (_, name), each in inspector.get_multi_columns().items()}
    lacking = [name for name in tables.METADATA.tables if name not in columns]
    lacking += [
        f"{name}.{column.name}"
        for name, table in tables.METADATA.tables.items()
        for column in table.columns
        if name in columns and column.name not in columns[name]
    ]
    if lacking:
        raise LedgerDamaged(
            "schema_differs",
            f"the store is half made: {', '.join(lacking[:5])} is missing, though its version is {REVISION}; restore it",
        )


@cache
def expected(revision: str) -> Objects:
    """What the migrations make in SQLite, up to that version."""
    with _made(revision) as connection:
        return _objects(connection)


@cache
def _expected_on_postgresql(revision: str) -> Objects:
    with _made(revision) as connection:
        return postgresql_schema.expected(sa.inspect(connection))


@contextmanager
def _made(revision: str) -> Iterator[sa.Connection]:
    """An empty store of that version in memory."""
    from registry.store.migrations import bring_forward  # loads Alembic

    engine = sa.create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            bring_forward(connection, revision)
            protect(connection)
            yield connection
    finally:
        engine.dispose()


def _differences(actual: Objects, wanted: Objects) -> list[str]:
    missing = [f"{name} is missing" for name in wanted if name not in actual]
    strange = [f"{name} is none that greffe makes" for name in actual if name not in wanted]
    changed = [f"{name} is not as greffe makes it" for name, what in wanted.items() if actual.get(name, what) != what]
    return [f"schema: {line}" for line in (*missing, *strange, *changed)]


def _objects(connection: sa.Connection) -> dict[str, str]:
    """What stands in an SQLite database, temporary objects aside."""
    objects: dict[str, str] = {}
    for name, what in (*_masters(connection), *_structures(connection)):
        objects[name] = objects.get(name, "") + what + "\n"
    return objects


def _masters(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM main.sqlite_master ORDER BY name").all()
    for kind, name, table, text in rows:
        yield f"the {kind} {name}", f"{table}: {_normal(text)}"
    for setting in _SETTINGS:
        value = connection.exec_driver_sql(f"PRAGMA main.{setting}").scalar()
        yield f"the setting {setting}", str(value)


def _structures(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Tables and indexes as SQLite has understood them, whatever their text says."""
    for name, kind, *form in (row[1:] for row in _pragma(connection, "table_list")):
        if name == "sqlite_schema":
            continue
        yield f"the {kind} {name}", repr(form)
        for column, *about in (row[1:] for row in _pragma(connection, "table_xinfo", name)):
            yield f"the column {column} of {name}", repr(about)
        for index, *about in (row[1:] for row in _pragma(connection, "index_list", name)):
            columns = _pragma(connection, "index_xinfo", index)
            yield f"the index {index}", repr((name, about, columns))


def _pragma(connection: sa.Connection, pragma: str, name: str | None = None) -> list[tuple[Any, ...]]:
    quoted = "" if name is None else '("{}")'.format(name.replace('"', '""'))
    rows = connection.exec_driver_sql(f"PRAGMA main.{pragma}{quoted}").all()
    return sorted((tuple(row) for row in rows), key=repr)


def _normal(text: str | None) -> str:
    """A statement without what makes no difference: white space, capital letters, and quotes around a plain name."""
    tokens = _TOKEN.findall(text or "")
    return " ".join(token if token.startswith("'") else _PLAIN_NAME.sub(r"\1", token).lower() for token in tokens)
