"""RDF canonicalization of JSON-LD documents, by a fast and a slow path.

Follows RDFC-1.0 over JSON-LD 1.1. `compiled` is fast and takes what it understands; `bounded` takes the rest, within
limits. They give the same bytes wherever both answer; what neither takes is refused. Which contexts there are is said by
the caller: nothing is ever fetched. Read `compiled`, `bounded`, `names`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from registry.credential.rdf.bounded import SHA256, Bounded
from registry.credential.rdf.compiled import Tables, Unsupported, compile_contexts, nquads
from registry.credential.rdf.names import names_of, shared_ids

__all__ = ["SHA256", "Canonicalize", "canonicalizer", "shared_ids", "with_brought"]

#: sequences of contexts whose tables are kept; further ones take the slow path
_MOST_TABLES = 64


class Canonicalize(Protocol):
    """Canonical N-Quads (RDFC-1.0) of a document; `digest` names the hash that labels blank nodes (hashlib's name)."""

    def __call__(self, document: dict[str, Any], digest: str = SHA256) -> bytes: ...


def canonicalizer(contexts: Mapping[str, dict[str, Any]]) -> Canonicalize:
    """The canonicalization of documents whose `@context` names only URLs in `contexts` (URL -> context document).

    The function gives canonical N-Quads (RDFC-1.0, UTF-8), or raises Untrue: `context`, `data_loss`, `iri`, `language_tag`,
    `value`, `work_limit`.
    """
    known = dict(contexts)
    bounded = Bounded(known, names_of(known))
    known_tables: dict[tuple[str, ...], Tables | None] = {}

    def tables_of(context: Any) -> Tables | None:
        urls = tuple(context) if isinstance(context, list) else (context,)
        if not all(isinstance(url, str) and url in known for url in urls):
            return None
        if urls not in known_tables and len(known_tables) < _MOST_TABLES:
            try:
                known_tables[urls] = compile_contexts([known[url] for url in urls])
            except Unsupported:
                known_tables[urls] = None
        return known_tables.get(urls)

    def canonicalize(document: dict[str, Any], digest: str = SHA256) -> bytes:
        tables = tables_of(document.get("@context"))
        if tables is not None:
            try:
                return nquads(tables, document)
            except Unsupported:
                pass
        return bounded.nquads(document, digest=digest)

    return canonicalize


def with_brought(
    known: Mapping[str, dict[str, Any]], brought: Mapping[str, dict[str, Any]]
) -> tuple[Canonicalize, Callable[[dict[str, Any]], None]]:
    """As `canonicalizer`, where a stranger brought some of the contexts: never by tables, whose merging has no limit.

    Gives also the check that what a verifier looks for is called by its own name (Untrue `context`).
    """
    bounded = Bounded({**known, **brought}, names_of(known))

    def canonicalize(document: dict[str, Any], digest: str = SHA256) -> bytes:
        return bounded.nquads(document, digest=digest)

    return canonicalize, bounded.check_read
