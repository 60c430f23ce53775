"""Parts of a site that do not answer, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from registry.errors import StorageAway
from registry.installation.office import Office
from search.errors import SearchAway


class AwayIndex:
    """An `Index` of which every method says that the search engine does not answer."""

    def __getattr__(self, name: str) -> object:
        def method(*_: object, **__: object) -> object:
            raise SearchAway

        return method


@contextmanager
def store_away(office: Office) -> Iterator[None]:
    """Within the block nothing can be read from the store of that office."""
    store = office.reader._store

    def read() -> object:
        raise StorageAway("storage_away", "the database server does not answer")

    store.read = read  # type: ignore[method-assign]
    try:
        yield
    finally:
        del store.read
