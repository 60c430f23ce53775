"""The SQL that reads the embedded index.

A question in, statement and values out. Typed text reaches SQL as bound values alone, and FTS5's MATCH as quoted tokens alone
(sqlite.org/fts5.html section 3).
"""

# ruff: noqa: S608 - what is put into the text of a statement is ours: names of columns, masks and question marks

from collections.abc import Sequence
from dataclasses import dataclass

from search.question.asked import Asked
from search.question.document import ACTIVE_SHIFT, KIND_MASK, KIND_SHIFT, NAME_BITS
from search.question.index import FACETS
from search.question.query import NAME_KINDS, Filters, Group

#: above every character that a key can hold
_END = "\U0010ffff"
_ORGANIZATION_MASK = (1 << ACTIVE_SHIFT + 1) - 1
_SORTED = {"name": "by_name", "registered": "by_date"}
_MATCHED = "SELECT rowid AS name FROM words WHERE words MATCH ?"


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and its bound values."""

    sql: str
    values: tuple[str | int, ...]


def listed(filters: Filters, sort: str, after: int | None, limit: int) -> Statement:
    """`(rank, body)` of organizations in one order, after the one of that rank."""
    where, values = _where(filters)
    order, place, bound = _after(sort, after)
    return Statement(
        f"SELECT rank, body FROM org o WHERE 1{place}{where} ORDER BY {order} LIMIT ?", (*bound, *values, limit)
    )


def numbered(numbers: Sequence[str], filters: Filters, limit: int) -> Statement:
    """`(rank)` of organizations with one of the numbers."""
    where, values = _where(filters)
    return Statement(
        "SELECT DISTINCT o.rank FROM ident i CROSS JOIN org o ON o.rank = i.org"
        f" WHERE i.ident IN ({_marks(numbers)}){where} ORDER BY o.rank LIMIT ?",
        (*numbers, *values, limit),
    )


def number_begun(prefix: str, filters: Filters, limit: int) -> Statement:
    """`(rank)` of organizations with a number that begins so."""
    where, values = _where(filters)
    return Statement(
        "SELECT DISTINCT o.rank FROM ident i CROSS JOIN org o ON o.rank = i.org"
        f" WHERE i.ident >= ? AND i.ident < ?{where} ORDER BY o.rank LIMIT ?",
        (prefix, prefix + _END, *values, limit),
    )


def keyed(keys: Sequence[str], filters: Filters, limit: int) -> Statement:
    """`(rank, read)` of names with one of the keys."""
    source = f"SELECT DISTINCT name FROM key WHERE key IN ({_marks(keys)})"
    return _names(Statement(source, tuple(keys)), filters, "m.name", limit)


def begun(prefix: str, filters: Filters, limit: int) -> Statement:
    """`(rank, read)` of the first names, in order of their keys, with a key that begins so; a name may come twice."""
    source = "SELECT key, name FROM key WHERE key >= ? AND key < ?"
    return _names(Statement(source, (prefix, prefix + _END)), filters, "m.key, m.name", limit)


def worded(ways: Sequence[Sequence[Group]], filters: Filters, limit: int) -> Statement:
    """`(rank, read)` of names that have all groups of one of the ways."""
    return _names(Statement(_MATCHED, (_expression(ways),)), filters, "m.name", limit)


def members(asked: Asked, filters: Filters, sort: str, after: int | None, limit: int) -> Statement:
    """`(rank, name)` of organizations that match, each with its best name or NULL, after the one of that rank."""
    where, values = _where(filters)
    order, place, bound = _after(sort, after)
    union = _union(asked, filters)
    return Statement(
        f"SELECT o.rank, min(m.name) FROM ({union.sql}) m CROSS JOIN org o ON o.rank = m.org"
        f" WHERE 1{place}{where} GROUP BY o.rank ORDER BY {order} LIMIT ?",
        (*union.values, *bound, *values, limit),
    )


def fields(asked: Asked, filters: Filters, active: bool, cap: int) -> Statement:
    """The fields (`FACETS`) of at most `cap` organizations that match, each once: the active ones, or the others."""
    where, values = _where(filters)
    union = _union(asked, filters)
    columns = ", ".join(f"o.{field}" for field in FACETS)
    return Statement(
        f"SELECT {columns} FROM (SELECT DISTINCT org FROM ({union.sql})) m CROSS JOIN org o ON o.rank = m.org"
        f" WHERE m.org >> {ACTIVE_SHIFT} = ?{where} LIMIT ?",
        (*union.values, 0 if active else 1, *values, cap),
    )


def counted(filters: Filters, field: str | None) -> Statement:
    """How many organizations pass; with `field` (a name from `FACETS`), how many by value of it."""
    where, values = _where(filters)
    if field is None:
        return Statement(f"SELECT count(*) FROM org o WHERE 1{where}", values)
    assert field in FACETS
    return Statement(f"SELECT {field}, count(*) FROM org o WHERE {field} IS NOT NULL{where} GROUP BY {field}", values)


def _names(source: Statement, filters: Filters, order: str, limit: int) -> Statement:
    named, named_values = _name_where(filters)
    where, values = _where(filters)
    join = f" CROSS JOIN org o ON o.rank = {_organization('n.rank')}" if where else ""
    return Statement(
        f"SELECT n.rank, n.read FROM ({source.sql}) m CROSS JOIN name n ON n.rank = m.name{join}"
        f" WHERE 1{named}{where} ORDER BY {order} LIMIT ?",
        (*source.values, *named_values, *values, limit),
    )


def _union(asked: Asked, filters: Filters) -> Statement:
    """`(org, name)` of all that match by a number or by a name that passes."""
    parts = []
    if asked.numbers:
        parts.append(Statement(f"SELECT org, NULL FROM ident WHERE ident IN ({_marks(asked.numbers)})", asked.numbers))
    if asked.number_prefix:
        ends = asked.number_prefix, asked.number_prefix + _END
        parts.append(Statement("SELECT org, NULL FROM ident WHERE ident >= ? AND ident < ?", ends))
    sources = []
    if asked.keys:
        sources.append(Statement(f"SELECT name FROM key WHERE key IN ({_marks(asked.keys)})", asked.keys))
    begun = "SELECT name FROM key WHERE key >= ? AND key < ?"
    sources += [Statement(begun, (prefix, prefix + _END)) for prefix in asked.prefixes]
    if asked.ways:
        sources.append(Statement(_MATCHED, (_expression(asked.ways),)))
    named, values = _name_where(filters)
    join = " CROSS JOIN name n ON n.rank = s.name" if named else ""
    for source in sources:
        sql = f"SELECT {_organization('s.name')}, s.name FROM ({source.sql}) s{join} WHERE 1{named}"
        parts.append(Statement(sql, (*source.values, *values)))
    parts.insert(0, Statement("SELECT NULL AS org, NULL AS name WHERE 0", ()))
    union = " UNION ALL ".join(part.sql for part in parts)
    return Statement(union, tuple(value for part in parts for value in part.values))


def _expression(ways: Sequence[Sequence[Group]]) -> str:
    return " OR ".join(f"({' AND '.join(map(_group, way))})" for way in ways)


def _group(group: Group) -> str:
    alternatives = [f'"{word}"' for word in group.words]
    if group.prefix is not None:
        alternatives.append(f'"{group.prefix}" *')
    return f"({' OR '.join(alternatives)})"


def _after(sort: str, after: int | None) -> tuple[str, str, tuple[int, ...]]:
    """The order of a sort, and what puts a row after the organization of that rank.

    One whose status has changed since stands where it stood; one that is gone stands before all others.
    """
    column = _SORTED.get(sort)
    if column is None:
        return "o.rank", "" if after is None else " AND o.rank > ?", () if after is None else (after,)
    order = f"o.{column}, o.rank"
    if after is None:
        return order, "", ()
    place = f"coalesce((SELECT {column} FROM org WHERE rank IN (?, ?) LIMIT 1), '')"
    return order, f" AND (o.{column}, o.rank) > ({place}, ?)", (after, after ^ 1 << ACTIVE_SHIFT, after)


def _where(filters: Filters) -> tuple[str, tuple[str | int, ...]]:
    sql, values = "", []
    for field in FACETS:
        wanted = sorted(getattr(filters, field))
        if wanted:
            sql += f" AND o.{field} IN ({_marks(wanted)})"
            values += wanted
    if filters.name_kind:
        sql += f" AND o.kinds & {sum(1 << NAME_KINDS.index(kind) for kind in filters.name_kind)} != 0"
    for operator, bound in ((">=", filters.registered_from), ("<=", filters.registered_to)):
        if bound is not None:
            sql += f" AND o.registered {operator} ?"
            values.append(bound)
    if filters.at is not None:
        sql += " AND coalesce(o.registered, '') <= ?"
        values.append(filters.at)
    return sql, tuple(values)


def _name_where(filters: Filters) -> tuple[str, tuple[str | int, ...]]:
    """What a name, `n`, must pass itself."""
    sql = ""
    values: list[str | int] = []
    kinds = sorted(NAME_KINDS.index(kind) for kind in filters.name_kind)
    if kinds:
        sql += f" AND (n.rank >> {KIND_SHIFT}) & {KIND_MASK} IN ({_marks(kinds)})"
        values += kinds
    if filters.at is not None:
        sql += " AND coalesce(n.since, '') <= ? AND (n.until IS NULL OR n.until > ?)"
        values += [filters.at, filters.at]
    return sql, tuple(values)


def _organization(name: str) -> str:
    return f"({name} >> {NAME_BITS}) & {_ORGANIZATION_MASK}"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
