"""The SQL that finds candidates in the embedded index, stage by stage.

A question in, statement and values out. Typed text reaches SQL as bound values alone, and FTS5's MATCH as quoted tokens alone
(sqlite.org/fts5.html section 3). Every statement gives `(rank, body)` in order of rank. A candidate that stands earlier by
another of its names is left to `search/question/match.py` to refuse.
"""

# ruff: noqa: S608 - what is put into the text of a statement is ours: names of columns, masks and question marks

from collections.abc import Sequence
from dataclasses import dataclass, replace

from search.index.layout import ACTIVE_SHIFT, KIND_SHIFT, NAME_BITS, ORGANIZATION_MASK
from search.question import match as judge
from search.question.query import NAME_KINDS, Filters, Group, Query

#: above every character that a key can hold
_END = "\U0010ffff"
_FIELDS = ("register", "status", "type", "jurisdiction")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and its bound values."""

    sql: str
    values: tuple[str | int, ...]


def page(stage: int, query: Query, filters: Filters, after: int) -> Statement | None:
    """Candidates of one stage whose rank is greater than `after`; None: the stage cannot give any."""
    where, values = _where(filters)
    if stage == judge.LISTED:
        return Statement(f"SELECT rank, body FROM org o WHERE rank > ?{where} ORDER BY rank", (after, *values))
    if stage == judge.NUMBER:
        return Statement(
            "SELECT o.rank, o.body FROM ident i CROSS JOIN org o ON o.rank = i.org"
            f" WHERE i.ident = ? AND o.rank > ?{where} ORDER BY o.rank",
            (query.number, after, *values),
        )
    if stage == judge.NUMBER_PREFIX:
        if not query.number_prefix:
            return None
        return Statement(
            "SELECT DISTINCT o.rank, o.body FROM ident i CROSS JOIN org o ON o.rank = i.org"
            f" WHERE i.ident >= ? AND i.ident < ? AND o.rank > ?{where} ORDER BY o.rank",
            (query.number_prefix, query.number_prefix + _END, after, *values),
        )
    names = _stage_names(stage, query)
    if names is None:
        return None
    kinds, kind_values = _kinds(filters, "n.name")
    return Statement(
        f"SELECT n.name, o.body FROM ({names.sql}) n CROSS JOIN org o ON {_organization('n.name')}"
        f" WHERE n.name > ?{kinds}{where} ORDER BY n.name",
        (*names.values, after, *kind_values, *values),
    )


def matching(query: Query, filters: Filters, names_asked: bool, active: bool, cap: int) -> Statement:
    """The fields (`FACETS`) of at most `cap` organizations that match, each once: the active ones, or the others."""
    where, values = _where(filters)
    parts = [Statement("SELECT org FROM ident WHERE ident = ?", (query.number,))]
    if names_asked:
        if query.number_prefix:
            ends = query.number_prefix, query.number_prefix + _END
            parts.append(Statement("SELECT org FROM ident WHERE ident >= ? AND ident < ?", ends))
        kinds, kind_values = _kinds(filters, "name")
        organization = f"(name >> {NAME_BITS}) & {ORGANIZATION_MASK}"
        for stage in (judge.NAME, judge.NAME_PREFIX, judge.WORD_PREFIX):
            names = _names(stage, query)
            if names is not None:
                sql = f"SELECT {organization} FROM ({names.sql}) WHERE 1{kinds}"
                parts.append(Statement(sql, (*names.values, *kind_values)))
    union = " UNION ".join(part.sql for part in parts)
    part_values = tuple(value for part in parts for value in part.values)
    return Statement(
        f"SELECT o.register, o.status, o.type, o.jurisdiction FROM ({union}) m"
        f" CROSS JOIN org o ON o.rank = m.org WHERE m.org >> {ACTIVE_SHIFT} = ?{where} LIMIT ?",
        (*part_values, 0 if active else 1, *values, cap),
    )


def listed(filters: Filters, field: str | None) -> Statement:
    """How many organizations pass; with `field` (a name from `FACETS`), how many by value of it."""
    where, values = _where(filters)
    if field is None:
        return Statement(f"SELECT count(*) FROM org o WHERE 1{where}", values)
    assert field in _FIELDS
    return Statement(f"SELECT {field}, count(*) FROM org o WHERE {field} IS NOT NULL{where} GROUP BY {field}", values)


def without(filters: Filters, field: str) -> Filters:
    """The same filters, that field left open."""
    match field:
        case "register":
            return replace(filters, register=frozenset())
        case "status":
            return replace(filters, status=frozenset())
        case "type":
            return replace(filters, type=frozenset())
        case "jurisdiction":
            return replace(filters, jurisdiction=frozenset())
    raise KeyError(field)


def _stage_names(stage: int, query: Query) -> Statement | None:
    """The names of a stage without those that a better stage has for certain."""
    names = _names(stage, query)
    if names is None or stage not in (judge.WORDS, judge.WORD_PREFIX):
        return names
    better = [judge.NAME_PREFIX if query.prefixes else judge.NAME]
    if stage == judge.WORD_PREFIX:
        better.append(judge.WORDS)
    sql, values = f"SELECT name FROM ({names.sql}) WHERE 1", names.values
    for earlier in filter(None, (_names(other, query) for other in better)):
        sql += f" AND name NOT IN ({earlier.sql})"
        values += earlier.values
    return Statement(sql, values)


def _names(stage: int, query: Query) -> Statement | None:
    if stage in (judge.FULL_NAME, judge.NAME):
        keys = query.full_keys if stage == judge.FULL_NAME else query.keys
        return Statement(f"SELECT DISTINCT name FROM key WHERE key IN ({_marks(keys)})", keys) if keys else None
    if stage == judge.NAME_PREFIX:
        if not query.prefixes:
            return None
        ranges = " OR ".join("key >= ? AND key < ?" for _ in query.prefixes)
        values = tuple(end for prefix in query.prefixes for end in (prefix, prefix + _END))
        return Statement(f"SELECT DISTINCT name FROM key WHERE {ranges}", values)
    if not query.groups:
        return None
    expression = " AND ".join(_group(group, stage == judge.WORD_PREFIX) for group in query.groups)
    return Statement("SELECT rowid AS name FROM words WHERE words MATCH ?", (expression,))


def _group(group: Group, with_prefix: bool) -> str:
    alternatives = [f'"{word}"' for word in group.words]
    if with_prefix and group.prefix is not None:
        alternatives.append(f'"{group.prefix}" *')
    return f"({' OR '.join(alternatives)})"


def _where(filters: Filters) -> tuple[str, tuple[str | int, ...]]:
    sql, values = "", []
    for field in _FIELDS:
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
    return sql, tuple(values)


def _kinds(filters: Filters, name: str) -> tuple[str, tuple[int, ...]]:
    kinds = tuple(sorted(NAME_KINDS.index(kind) for kind in filters.name_kind))
    return (f" AND ({name} >> {KIND_SHIFT}) & 3 IN ({_marks(kinds)})" if kinds else ""), kinds


def _organization(name: str) -> str:
    return f"o.rank = ({name} >> {NAME_BITS}) & {ORGANIZATION_MASK}"


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
