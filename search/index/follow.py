"""Read new ledger entries after the index's cursor, and apply them to the index.

Only entries that bring a credential (issue, supersede, correct) make documents; all others just move the cursor. The
index writes documents and cursor in one transaction, so a kill loses nothing and repeats nothing. Reading is left to `decoding`.
"""

import logging
import threading
from collections.abc import Iterator

from registry.reading.reader import Reader
from search.index.decoding import Decoding, Portion
from search.index.decoding import portion as read_portion
from search.question.index import Index

#: entries from which on other processes read them
_MANY = 5000
_log = logging.getLogger(__name__)


def follow(reader: Reader, index: Index, batch: int = 500, decoding: Decoding | None = None) -> int:
    """Brings the index up to the ledger's head and returns the head: how many entries the index now reflects.

    An index of another version, or one that is ahead of this ledger, is rebuilt. So it is after an erasure: nothing of what was
    erased stays in a file. And one that has nothing, where there is much: `decoding` is asked for what others read meanwhile.
    One that several share is never rebuilt for being ahead: this ledger may be a replica that lags behind (`reindex` does it).
    """
    followed, size = index.cursor(), reader.size()
    if followed > size and index.is_shared:
        return followed
    if followed > size or (followed == 0 and (size > _MANY or index.health().outdated)):
        return reindex(reader, index, batch, decoding)
    while True:
        followed = index.cursor()
        size = reader.size()
        for portion in _portions(reader, followed, size, batch, decoding):
            if portion.erases:
                return reindex(reader, index, batch, decoding)
            index.apply(portion.documents, portion.upto)
        if index.cursor() == followed:
            return followed


def reindex(reader: Reader, index: Index, batch: int = 500, decoding: Decoding | None = None) -> int:
    """Builds a new index from the whole ledger, then switches to it. Returns how many entries it reflects."""
    size = reader.size()
    portions = _portions(reader, 0, size, batch, decoding)
    index.rebuild((document for portion in portions for document in portion.documents), size)
    return size


def _portions(reader: Reader, start: int, end: int, batch: int, decoding: Decoding | None) -> Iterator[Portion]:
    if decoding is not None and end - start > _MANY:
        yield from decoding.portions(start, end)
        return
    while start < end:
        taken = read_portion(reader, start, min(batch, end - start))
        if taken.upto == start:
            return
        yield taken
        start = taken.upto


class Follower(threading.Thread):
    """Follows the ledger in the background of `greffe serve`, once every `interval` seconds, until `close`.

    An error is logged, kept in `error` and tried again: finding may lag, the pages still answer.
    """

    def __init__(self, reader: Reader, index: Index, interval: float = 0.5, decoding: Decoding | None = None) -> None:
        super().__init__(name="greffe-follow", daemon=True)
        self.error: Exception | None = None
        self._reader, self._index, self._interval, self._decoding = reader, index, interval, decoding
        self._closing = threading.Event()

    def run(self) -> None:
        while not self._closing.is_set():
            try:
                follow(self._reader, self._index, decoding=self._decoding)
                self.error = None
            except Exception as error:
                if str(error) != str(self.error):
                    code = getattr(error, "code", None)
                    what = "" if code is None else f": {code}: {error}"
                    _log.error("the index could not follow the ledger%s", what, exc_info=code is None)
                self.error = error
            self._closing.wait(self._interval)

    def close(self) -> None:
        """Stops after the batch at hand, and waits for it."""
        self._closing.set()
        self.join()
