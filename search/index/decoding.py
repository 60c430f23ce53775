"""Read the ledger in other processes, so that the one that writes only writes.

Each reads a portion of entries by itself, holds every statement against its entry, and prepares the documents. Portions come back
in the order of the ledger; no more are asked for than may wait, so memory does not grow with the ledger.
"""

import gc
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait

from registry.installation.public import Public
from registry.installation.settings import Settings
from registry.log.entry import CREDENTIAL_KINDS
from registry.reading.reader import Reader
from registry.reading.record import Subject
from search.question.document import Document, document_from
from search.question.prepared import Prepared, parse_prepared, prepare, print_prepared

#: entries of a portion, and how many portions wait at once beside those that are worked on
PORTION = 1000
_WAITING = 2
_MOST_PROCESSES = 4
_NICENESS = 5
_own_reader: list[Reader] = []


@dataclass(frozen=True, slots=True)
class Portion:
    """Entries up to `upto` (exclusive): what they say of organizations, and whether one of them erases something."""

    upto: int
    documents: Sequence[Prepared]
    erases: bool


class Decoding:
    """Reads the ledger of an installation in other processes, which end with the iteration."""

    def __init__(self, settings: Settings, processes: int | None = None) -> None:
        self._settings = settings
        self._processes = processes or min(_MOST_PROCESSES, len(os.sched_getaffinity(0)))

    def portions(self, start: int, end: int) -> Iterator[Portion]:
        """All entries of [start, end) in order."""
        pool = ProcessPoolExecutor(self._processes, get_context("spawn"), _open, (self._settings,))
        waiting: deque[Future[tuple[int, bytes, bool]]] = deque()
        try:
            for first in range(start, end, PORTION):
                waiting.append(pool.submit(_portion_there, first, min(PORTION, end - first)))
                if len(waiting) >= self._processes + _WAITING:
                    yield _received(waiting.popleft().result())
            while waiting:
                yield _received(waiting.popleft().result())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def portion(reader: Reader, start: int, limit: int) -> Portion:
    """Some entries, as far as they are committed; without any, `upto` is `start`."""
    subjects = reader.subjects(start, limit)
    upto = subjects[-1].index + 1 if subjects else start
    documents = tuple(prepare(document) for document in documents_of(subjects))
    return Portion(upto, documents, any(subject.kind == "erase" for subject in subjects))


def documents_of(subjects: Iterable[Subject]) -> Iterator[Document]:
    """The documents of some entries, in order: of several of one organization, the index keeps the last."""
    for each in subjects:
        if each.kind in CREDENTIAL_KINDS and each.subject is not None and each.n is not None:
            yield document_from(each.subject, each.index, each.n)


def end_with_parent() -> None:
    """From here on this process ends when the one that started it does, however that ends: nobody else would end it."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _open(settings: Settings) -> None:
    end_with_parent()
    os.nice(_NICENESS)
    # what is read here refers to nothing that refers to it, and the process does not live long
    gc.disable()
    _own_reader.append(Public(settings).reader)


def _portion_there(start: int, limit: int) -> tuple[int, bytes, bool]:
    read = portion(_own_reader[0], start, limit)
    return read.upto, print_prepared(read.documents), read.erases


def _received(sent: tuple[int, bytes, bool]) -> Portion:
    upto, documents, erases = sent
    return Portion(upto, parse_prepared(documents), erases)
