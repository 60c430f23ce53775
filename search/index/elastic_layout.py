"""What an Elasticsearch index of ours holds: its mapping, and documents as fields.

One document is one organization with its names, nested: so it is replaced as a whole or not at all. Beside them stand the terms
that names have ever had, so that misspelt words find them, and the cursor. All text comes analysed: every field is a keyword, a
number or nested, and the server's analysis takes no part.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from search.question.index import FACETS
from search.question.names import NORMALIZER
from search.question.prepared import Prepared
from search.question.query import NAME_KINDS
from search.question.terms import trigrams, variants

LAYOUT = "1"
#: after a key and before a rank, below all that keys hold
SEPARATOR = "\t"
#: how long the beginnings are that are written out; a longer one that is asked for has few continuations
EDGE = 4
#: in place of no end
NO_END = "~"
CURSOR = "cursor"
ORGANIZATION, TERM, META = "o", "t", "m"
_FIRST_BITS = 31
_LONGEST_ID = 400

_PLAIN = {"type": "keyword", "doc_values": False}
_SORTING = {"type": "keyword", "index": False}
_PROPERTIES: dict[str, Any] = {
    "what": {"type": "keyword"},
    "stored": {"type": "object", "enabled": False},
    # organizations
    "rank": {"type": "long"},
    **{field: {"type": "keyword"} for field in FACETS},
    "registered": {"type": "keyword"},
    "kinds": {"type": "keyword", "doc_values": False},
    "by_name": _SORTING,
    "by_date": _SORTING,
    "numbers": _PLAIN,
    "links": _PLAIN,
    "terms": _PLAIN,
    # their names, one for each key: with the tokens in the first
    "n": {
        "type": "nested",
        "dynamic": "strict",
        "properties": {
            "rank": {"type": "long", "index": False},
            "place": {"type": "keyword"},
            "key": _PLAIN,
            "edges": _PLAIN,
            "kind": _PLAIN,
            "since": _PLAIN,
            "until": _PLAIN,
            "tokens": _PLAIN,
            "begins": _PLAIN,
        },
    },
    # terms
    "term": {"type": "keyword"},
    "variants": _PLAIN,
    "grams": _PLAIN,
}
MAPPINGS = {"dynamic": "strict", "_source": {"includes": ["stored"]}, "properties": _PROPERTIES}


def index_settings(shards: int) -> dict[str, Any]:
    """Of an index that is being filled: it is searched when we say so, and has no copies yet."""
    return {
        "number_of_shards": shards,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        "mapping": {"nested_objects": {"limit": 100_000}},
    }


def organization_id(register: str, number: str) -> str:
    """The id of an organization's document."""
    return f"{ORGANIZATION}:{register}:{number}"


def version_of(entry: int, first: int) -> int:
    """What orders the versions of one organization: the later entry, then the earlier first one."""
    return (entry + 1) << _FIRST_BITS | ((1 << _FIRST_BITS) - 1 - first)


def organization(document: Prepared) -> dict[str, Any]:
    """The fields of an organization."""
    rows = list(document.ranked())
    return {
        "what": ORGANIZATION,
        "rank": document.rank,
        **{field: getattr(document, field) for field in FACETS},
        "registered": document.registered_on,
        "kinds": [kind for at, kind in enumerate(NAME_KINDS) if document.kinds >> at & 1],
        "by_name": document.by_name,
        "by_date": document.by_date,
        "numbers": document.numbers,
        "links": sorted({f"{register}{SEPARATOR}{number}" for _, register, number in document.links}),
        "terms": sorted(document.terms),
        "n": [nested for rank, name in rows for nested in _nested(rank, name)],
        "stored": {
            "entry": document.entry,
            "first": document.first,
            "rank": document.rank,
            "body": document.body,
            "names": [(rank, each.since, each.until, each.read, each.keys, each.tokens) for rank, each in rows],
        },
    }


def _nested(rank: int, name: Any) -> Iterable[dict[str, Any]]:
    tokens = name.tokens.split()
    begins = sorted({token[:length] for token in tokens for length in range(1, EDGE + 1)})
    for at, key in enumerate(name.keys.split("\t")):
        yield {
            "rank": rank,
            "place": f"{key}{SEPARATOR}{rank:016x}",
            "key": key,
            "edges": [key[:length] for length in range(1, min(EDGE, len(key)) + 1)],
            "kind": NAME_KINDS[name.kind],
            "since": name.since or "",
            "until": name.until or NO_END,
            **({} if at else {"tokens": tokens, "begins": begins}),
        }


def term_id(term: str) -> str:
    """The id of a term's document."""
    return f"{TERM}:{term}" if len(term.encode()) < _LONGEST_ID else f"{TERM}#{sha256(term.encode()).hexdigest()}"


def term_fields(term: str) -> dict[str, Any]:
    """The fields of a term. They never change, and it stays until the next rebuild."""
    return {
        "what": TERM,
        "term": term,
        "variants": sorted(variants(term)),
        "grams": sorted(trigrams(term)),
    }


def cursor_fields(cursor: int) -> dict[str, Any]:
    """What tells how far the index is, and by which version it was written."""
    return {"what": META, "stored": {"cursor": cursor, "layout": LAYOUT, "normalizer": NORMALIZER}}
