"""The schema on PostgreSQL: what protects the tables, and what stands there.

That is read from pg_catalog (postgresql.org/docs, "System Catalogs"), so that what the owner of the tables can do is seen: a
trigger that is switched off, a function with another body, a rule, a policy of row security, a table that inherits from ours, or
a table of the same name in a schema that is searched first. What an extension has made is left alone.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from registry.store import tables

APPEND_ONLY = """
CREATE OR REPLACE FUNCTION greffe_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
#: the rows of one statement continue those before it, without a gap
CONTINUES = """
CREATE OR REPLACE FUNCTION greffe_continues() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE first bigint; last bigint; many bigint; before bigint;
BEGIN
    SELECT min(i), max(i), count(*) INTO first, last, many FROM added;
    IF many = 0 THEN RETURN NULL; END IF;
    EXECUTE format('SELECT max(i) FROM %I.%I WHERE i < $1', TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO before USING first;
    IF first <> coalesce(before + 1, 0) OR many <> last - first + 1 THEN
        RAISE EXCEPTION '% has no entry before %', TG_TABLE_NAME, first USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$
"""
_FUNCTIONS = {"greffe_append_only": APPEND_ONLY, "greffe_continues": CONTINUES}
#: SQLite's types and defaults as PostgreSQL has them
_TYPES = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea", "VARCHAR(32)": "character varying(32)"}
_DEFAULTS = {None: None, "x''": r"'\x'::bytea"}
#: pg_trigger.tgtype: BEFORE 2, INSERT 4, DELETE 8, UPDATE 16, TRUNCATE 32; FOR EACH ROW would be 1
_BEFORE_CHANGE, _AFTER_INSERT = 2 + 8 + 16 + 32, 4

_SEARCHED = """
WITH searched AS (
    SELECT n.oid, CASE WHEN n.nspname = (CAST(:path AS text[]))[1] THEN '' ELSE n.nspname || '.' END AS prefix
    FROM pg_namespace n WHERE n.nspname = ANY (CAST(:path AS text[]))
), relation AS (
    SELECT c.*, s.prefix || c.relname AS named FROM pg_class c JOIN searched s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
)
"""
#: kind, name, the table that it is of, what it is: each column a text
_CATALOGS = (
    """
    SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE 'relation' END, named, NULL,
           concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity, relispartition)
    FROM relation
    """,
    """
    SELECT 'column', a.attname, r.named, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull,
           a.attidentity::text || a.attgenerated::text, pg_get_expr(d.adbin, d.adrelid),
           CASE WHEN a.attcollation <> t.typcollation THEN 'collated' END)
    FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    WHERE r.relkind = 'r'
    """,
    """
    SELECT 'constraint', replace(pg_get_constraintdef(k.oid), '"', ''), r.named,
           concat_ws(' ', k.contype, k.convalidated, k.condeferrable)
    FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid WHERE k.contype <> 'n'
    """,
    """
    SELECT 'index', c.relname, r.named, concat_ws(' ', m.amname, x.indisunique, x.indisvalid, x.indpred IS NULL,
           (SELECT string_agg(pg_get_indexdef(c.oid, at, true), ', ' ORDER BY at)
            FROM generate_series(1, x.indnatts) AS at))
    FROM relation r JOIN pg_index x ON x.indrelid = r.oid JOIN pg_class c ON c.oid = x.indexrelid
    JOIN pg_am m ON m.oid = c.relam
    WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
    """,
    """
    SELECT 'trigger', g.tgname, r.named, concat_ws(' ', g.tgtype, g.tgenabled, g.tgnargs, g.tgqual IS NULL,
           g.tgattr::text = '', g.tgconstraint, coalesce(g.tgoldtable, '-'), coalesce(g.tgnewtable, '-'),
           coalesce(s.prefix, 'elsewhere.') || p.proname)
    FROM relation r JOIN pg_trigger g ON g.tgrelid = r.oid AND NOT g.tgisinternal JOIN pg_proc p ON p.oid = g.tgfoid
    LEFT JOIN searched s ON s.oid = p.pronamespace
    """,
    """
    SELECT 'function', s.prefix || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', NULL,
           concat_ws(' ', l.lanname, p.prokind, p.prosecdef, p.provolatile, p.proretset, format_type(p.prorettype, NULL),
           p.proconfig::text, p.prosrc)
    FROM pg_proc p JOIN searched s ON s.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    """,
    """
    SELECT 'operator', s.prefix || o.oprname, NULL, o.oprcode::text
    FROM pg_operator o JOIN searched s ON s.oid = o.oprnamespace
    WHERE NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e'
    )
    """,
    "SELECT 'rule', w.rulename, r.named, '' FROM relation r JOIN pg_rewrite w ON w.ev_class = r.oid WHERE r.relkind <> 'v'",
    "SELECT 'policy', p.polname, r.named, '' FROM relation r JOIN pg_policy p ON p.polrelid = r.oid",
    "SELECT 'heir', i.inhrelid::regclass::text, r.named, '' FROM relation r JOIN pg_inherits i ON i.inhparent = r.oid",
    "SELECT 'parent', i.inhparent::regclass::text, r.named, '' FROM relation r JOIN pg_inherits i ON i.inhrelid = r.oid",
)


def protection(names: frozenset[str]) -> list[str]:
    """The statements that make functions and triggers on those tables: entries are not changed, deleted or skipped."""
    statements = [text.replace("%", "%%") for text in _FUNCTIONS.values()]
    statements += [
        f"CREATE OR REPLACE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION greffe_append_only()"
        for table in tables.APPEND_ONLY
        if table in names
    ]
    statements += [
        f"CREATE OR REPLACE TRIGGER {table}_continues AFTER INSERT ON {table} "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION greffe_continues()"
        for table in _grown(names)
    ]
    return statements


def objects(connection: sa.Connection) -> dict[str, str]:
    """What stands in the schemas that are searched: an object for a person, and what it is.

    Meanwhile nothing but PostgreSQL's own is searched: a function of the owner's cannot answer for one of the catalogs'.
    """
    there: dict[str, str] = {}
    path, searched = connection.exec_driver_sql(
        "SELECT pg_catalog.current_schemas(false)::text[], pg_catalog.current_setting('search_path')"
    ).one()
    set_path = sa.text("SELECT pg_catalog.set_config('search_path', :names, true)")
    connection.execute(set_path, {"names": "pg_catalog, pg_temp"})
    for catalog in _CATALOGS:
        for kind, name, table, what in connection.execute(sa.text(_SEARCHED + catalog), {"path": path}):
            key = _named(kind, name, table)
            there[key] = there.get(key, "") + what
    connection.execute(set_path, {"names": searched})
    return there


def expected(inspector: sa.Inspector) -> dict[str, str]:
    """What the migrations and `protection` make on PostgreSQL. `inspector`: of what they make in SQLite."""
    names = frozenset(inspector.get_table_names())
    made = {
        _named(kind, name, table): what
        for each in sorted(names)
        for kind, name, table, what in _expected_table(inspector, each)
    }
    for name, text in _FUNCTIONS.items():
        made[_named("function", f"{name}()", None)] = f"plpgsql f f v f trigger {text.split('$$')[1]}"
    for table in tables.APPEND_ONLY:
        if table in names:
            what = f"{_BEFORE_CHANGE} O 0 t t 0 - - greffe_append_only"
            made[_named("trigger", f"{table}_append_only", table)] = what
    for table in _grown(names):
        made[_named("trigger", f"{table}_continues", table)] = f"{_AFTER_INSERT} O 0 t t 0 - added greffe_continues"
    return made


def _expected_table(inspector: sa.Inspector, table: str) -> Iterator[tuple[str, str, str | None, str]]:
    yield "table", table, None, "r p f f f"
    for column in inspector.get_columns(table):
        default = _DEFAULTS[_plain(column["default"])]
        what = [
            _TYPES[str(column["type"])],
            "f" if column["nullable"] else "t",
            "",
            *([] if default is None else [default]),
        ]
        yield "column", column["name"], table, " ".join(what)
    primary = ", ".join(inspector.get_pk_constraint(table)["constrained_columns"])
    yield "constraint", f"PRIMARY KEY ({primary})", table, "p t f"
    for unique in inspector.get_unique_constraints(table):
        yield "constraint", f"UNIQUE ({', '.join(unique['column_names'])})", table, "u t f"
    for index in inspector.get_indexes(table):
        columns = ", ".join(name or "" for name in index["column_names"])
        yield "index", index["name"] or "", table, f"btree f t t {columns}"


def _plain(default: Any) -> str | None:
    return None if default is None else str(default).strip("()")


def _grown(names: frozenset[str]) -> list[str]:
    return [log.entries.name for log in (tables.LEDGER, tables.INDEX) if log.entries.name in names]


def _named(kind: str, name: str, table: str | None) -> str:
    return f"the {kind} {name}" + ("" if table is None else f" of {table}")
