"""The questions put to Elasticsearch, as its query language writes them.

Query DSL of Elasticsearch 8.19. Typed text stands in them as values alone: no query string is ever parsed by the engine. Each
gives the names or organizations that `Postings` wants, in its order, and what it stores of them.
"""

from collections.abc import Iterable, Sequence, Set
from typing import Any

from search.index.elastic_layout import EDGE, ORGANIZATION, SEPARATOR, TERM
from search.question.asked import Asked
from search.question.document import ACTIVE_SHIFT
from search.question.index import FACETS, Sought
from search.question.query import Filters, Group
from search.question.terms import trigrams, variants

_SORTED = {"name": "by_name", "registered": "by_date"}
_LONGEST_PREFIX = 200
#: what one search gives at most, as the engine's own default has it
MOST = 10_000
Body = dict[str, Any]


def names(sought: Sought, filters: Filters) -> list[Body]:
    """The organizations with the first names that are sought, by keys or ways; or one search for each prefix."""
    bodies = []
    if sought.keys:
        bodies.append(_named(_keyed(sought.keys), "n.rank", filters, sought.limit))
    bodies += [_named(_begun(prefix), "n.place", filters, sought.limit) for prefix in sought.prefixes]
    if sought.ways:
        bodies.append(_named(_worded(sought.ways), "n.rank", filters, sought.limit))
    return bodies


def numbered(numbers: Sequence[str], filters: Filters, limit: int) -> Body:
    """Organizations with one of the numbers, by rank."""
    return _by_rank([{"terms": {"numbers": list(numbers)}}, *_where(filters)], limit)


def number_begun(prefix: str, filters: Filters, limit: int) -> Body:
    """Organizations with a number that begins so, by rank."""
    return _by_rank([_beginning("numbers", prefix), *_where(filters)], limit)


def ranked(ranks: Sequence[int]) -> Body:
    """The organizations of these ranks."""
    return _by_rank([{"terms": {"rank": list(ranks)}}], len(ranks))


def identified(ids: Sequence[str]) -> Body:
    """The documents of these ids."""
    return {"size": len(ids), "query": {"ids": {"values": list(ids)}}, "track_total_hits": False}


def linked(target: str, since: int, limit: int) -> Body:
    """Organizations that state a link to another, by rank from `since` on."""
    return _by_rank([{"term": {"links": target}}, {"range": {"rank": {"gte": since}}}], limit)


def listed(filters: Filters, sort: str, after: Sequence[Any] | None, limit: int) -> Body:
    """All organizations that pass, in one of the orders; `after`: the `place` of the last one seen."""
    return _in_order([{"term": {"what": ORGANIZATION}}, *_where(filters)], sort, after, limit)


def members(
    asked: Asked, filters: Filters, sort: str, after: Sequence[Any] | None, without: Set[int], limit: int
) -> Body:
    """Organizations that match for certain, in one of the orders."""
    body = _in_order(_matching(asked, filters), sort, after, limit)
    if without:
        body["query"]["bool"]["must_not"] = [{"terms": {"rank": sorted(without)}}]
    return body


def order_of(sort: str) -> list[str]:
    """The fields by which a sort goes."""
    return [_SORTED[sort], "rank"] if sort in _SORTED else ["rank"]


def place_of(rank: int, sort: str) -> Body:
    """Where the organization of that rank stands in one of the orders, or stood before its status changed."""
    return {**ranked([rank, rank ^ 1 << ACTIVE_SHIFT]), "size": 1, "_source": False, "sort": order_of(sort)}


def fields(asked: Asked, filters: Filters, after: Body | None) -> Body:
    """How many organizations that match for certain have each set of fields; `after`: the last set seen."""
    sources = [{field: {"terms": {"field": field, "missing_bucket": True}}} for field in FACETS]
    composite: Body = {"size": MOST, "sources": sources}
    if after is not None:
        composite["after"] = after
    query = {"bool": {"filter": _matching(asked, filters)}}
    return {"size": 0, "query": query, "track_total_hits": False, "aggs": {"fields": {"composite": composite}}}


def listed_counts(filters: Filters, field: str) -> Body:
    """How many organizations pass, in all and by value of a field."""
    query = {"bool": {"filter": [{"term": {"what": ORGANIZATION}}, *_where(filters)]}}
    aggregation = {"values": {"terms": {"field": field, "size": MOST}}}
    return {"size": 0, "query": query, "track_total_hits": True, "aggs": aggregation}


def counts(terms: Sequence[str]) -> Body:
    """How many organizations have each of the terms."""
    filters = [{"term": {"terms": term}} for term in terms]
    return {"size": 0, "track_total_hits": False, "aggs": {"terms": {"filters": {"filters": filters}}}}


def sharing_variants(word: str) -> Body:
    """Terms that share a variant with a word."""
    return {
        "size": MOST,
        "query": {"bool": {"filter": [{"terms": {"variants": sorted(variants(word))}}]}},
        "_source": False,
        "docvalue_fields": ["term"],
        "track_total_hits": False,
        "sort": ["_doc"],
    }


def sharing_grams(word: str, limit: int) -> Body:
    """Terms that share most runs of three letters with a word."""
    shared = [{"constant_score": {"filter": {"term": {"grams": gram}}}} for gram in sorted(trigrams(word))]
    return {
        "size": limit,
        "query": {"bool": {"should": shared, "minimum_should_match": 1, "filter": [{"term": {"what": TERM}}]}},
        "_source": False,
        "docvalue_fields": ["term"],
        "track_total_hits": False,
        "sort": [{"_score": "desc"}, {"term": "asc"}],
    }


def cursors(cursor_id: str) -> Body:
    """The cursor, of which the engine tells by a number when it was last written."""
    return {
        "size": 2,
        "query": {"ids": {"values": [cursor_id]}},
        "seq_no_primary_term": True,
        "track_total_hits": False,
    }


def organizations() -> Body:
    """How many organizations there are."""
    return {"size": 0, "query": {"term": {"what": ORGANIZATION}}, "track_total_hits": True}


def _by_rank(filters: list[Body], limit: int) -> Body:
    return _in_order(filters, "relevance", None, limit)


def _in_order(filters: list[Body], sort: str, after: Sequence[Any] | None, limit: int) -> Body:
    body: Body = {
        "size": min(limit, MOST),
        "query": {"bool": {"filter": filters}},
        "sort": order_of(sort),
        "track_total_hits": False,
    }
    if after is not None:
        body["search_after"] = list(after)
    return body


def _named(match: Body, order: str, filters: Filters, limit: int) -> Body:
    """The organizations with the first names, in order of the least value of a field among those that match."""
    name = _name([match], filters)
    return {
        "size": min(limit, MOST),
        "query": {"bool": {"filter": [_nested(name), *_where(filters)]}},
        "sort": [{order: {"order": "asc", "mode": "min", "nested": {"path": "n", "filter": name}}}],
        "track_total_hits": False,
    }


def _matching(asked: Asked, filters: Filters) -> list[Body]:
    ways: list[Body] = []
    if asked.numbers:
        ways.append({"terms": {"numbers": list(asked.numbers)}})
    if asked.number_prefix:
        ways.append(_beginning("numbers", asked.number_prefix))
    named = [_begun(prefix) for prefix in asked.prefixes]
    if asked.keys:
        named.append(_keyed(asked.keys))
    if asked.ways:
        named.append(_worded(asked.ways))
    if named:
        ways.append(_nested(_name([_any(named)], filters)))
    return [_any(ways) if ways else {"match_none": {}}, *_where(filters)]


def _keyed(keys: Sequence[str]) -> Body:
    return {"terms": {"n.key": list(keys)}}


def _begun(prefix: str) -> Body:
    if len(prefix) <= EDGE and SEPARATOR not in prefix:
        return {"term": {"n.edges": prefix}}
    return _beginning("n.place", prefix)


def _worded(ways: Sequence[Sequence[Group]]) -> Body:
    return _any([_every(map(_group, way)) for way in ways])


def _group(group: Group) -> Body:
    words: Body = {"terms": {"n.tokens": list(group.words)}}
    if group.prefix is None:
        return words
    short = len(group.prefix) <= EDGE
    begun: Body = {"term": {"n.begins": group.prefix}} if short else _beginning("n.tokens", group.prefix)
    return _any([words, begun])


def _beginning(field: str, prefix: str) -> Body:
    # the engine takes none of more than 1000 bytes; of the few that begin so, the postings see which go on so
    return {"prefix": {field: prefix[:_LONGEST_PREFIX]}}


def _name(matches: list[Body], filters: Filters) -> Body:
    """What a name must pass itself."""
    parts = list(matches)
    if filters.name_kind:
        parts.append({"terms": {"n.kind": sorted(filters.name_kind)}})
    if filters.at is not None:
        parts += [{"range": {"n.since": {"lte": filters.at}}}, {"range": {"n.until": {"gt": filters.at}}}]
    return _every(parts)


def _where(filters: Filters) -> list[Body]:
    """What an organization must pass."""
    parts: list[Body] = [
        {"terms": {field: sorted(getattr(filters, field))}} for field in FACETS if getattr(filters, field)
    ]
    if filters.name_kind:
        parts.append({"terms": {"kinds": sorted(filters.name_kind)}})
    bounds = {"gte": filters.registered_from, "lte": filters.registered_to}
    if known := {side: bound for side, bound in bounds.items() if bound is not None}:
        parts.append({"range": {"registered": known}})
    if filters.at is not None:
        unknown = {"bool": {"must_not": [{"exists": {"field": "registered"}}]}}
        parts.append(_any([{"range": {"registered": {"lte": filters.at}}}, unknown]))
    return parts


def _nested(query: Body) -> Body:
    return {"nested": {"path": "n", "query": query, "score_mode": "none"}}


def _any(queries: Sequence[Body]) -> Body:
    return queries[0] if len(queries) == 1 else {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _every(queries: Iterable[Body]) -> Body:
    return {"bool": {"filter": list(queries)}}
