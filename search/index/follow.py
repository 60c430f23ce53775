"""Read new ledger entries after the index's cursor, and apply them to the index.

Only entries that bring a credential (issue, supersede, correct) make documents; all others just move the cursor. The
index writes documents and cursor in one transaction, so a kill loses nothing and repeats nothing.
"""

import logging
import threading
from collections.abc import Iterator

from registry.log.entry import CREDENTIAL_KINDS
from registry.reading.reader import Reader
from registry.reading.record import Record
from search.question.document import Document, document_from
from search.question.index import Index

_log = logging.getLogger(__name__)


def follow(reader: Reader, index: Index, batch: int = 500) -> int:
    """Brings the index up to the ledger's head and returns the head: how many entries the index now reflects.

    An index of another version, or one that is ahead of this ledger, is rebuilt. So it is after an erasure: nothing of what was
    erased stays in a file.
    """
    followed = index.cursor()
    if followed > reader.size() or (followed == 0 and index.health().outdated):
        return reindex(reader, index, batch)
    while records := reader.records(index.cursor(), batch):
        if any(record.kind == "erase" for record in records):
            return reindex(reader, index, batch)
        index.apply(documents_of(records), records[-1].index + 1)
    return index.cursor()


def reindex(reader: Reader, index: Index, batch: int = 500) -> int:
    """Builds a new index from the whole ledger, then switches to it. Returns how many entries it reflects."""
    size = reader.size()
    index.rebuild(_all(reader, size, batch), size)
    return size


class Follower(threading.Thread):
    """Follows the ledger in the background of `greffe serve`, once every `interval` seconds, until `close`.

    An error is logged, kept in `error` and tried again: finding may lag, the pages still answer.
    """

    def __init__(self, reader: Reader, index: Index, interval: float = 1.0) -> None:
        super().__init__(name="greffe-follow", daemon=True)
        self.error: Exception | None = None
        self._reader, self._index, self._interval = reader, index, interval
        self._closing = threading.Event()

    def run(self) -> None:
        while not self._closing.is_set():
            try:
                follow(self._reader, self._index)
                self.error = None
            except Exception as error:
                if str(error) != str(self.error):
                    _log.exception("the index could not follow the ledger")
                self.error = error
            self._closing.wait(self._interval)

    def close(self) -> None:
        """Stops after the batch at hand, and waits for it."""
        self._closing.set()
        self.join()


def _all(reader: Reader, size: int, batch: int) -> Iterator[Document]:
    start = 0
    while start < size:
        records = reader.records(start, min(batch, size - start))
        if not records:
            return
        yield from documents_of(records)
        start = records[-1].index + 1


def documents_of(records: list[Record]) -> Iterator[Document]:
    """The documents of some records, in order: of several of one organization, the index keeps the last."""
    for record in records:
        if record.kind in CREDENTIAL_KINDS and record.document is not None and record.n is not None:
            yield document_from(record.document["credentialSubject"], record.index, record.n)
