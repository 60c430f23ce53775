"""The index of an installation: embedded, or on a search engine."""

from registry.installation.settings import Settings
from search.index.embedded import EmbeddedIndex
from search.question.index import Index


def open_index(settings: Settings, origin: str) -> Index:
    """The index; made, empty, where there is none yet. `origin`: of the ledger. Usage `setting`: its files cannot be read."""
    if settings.search_engine is None:
        return EmbeddedIndex(settings.index)
    # here, so that nobody waits for a client that is not needed
    from search.index.elastic import ElasticIndex

    return ElasticIndex(settings.search_engine, origin)
