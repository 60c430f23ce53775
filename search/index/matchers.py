"""Match many names in another process, so that no search waits for them.

One worker of lower priority per server, started when first needed; it opens the index by itself and takes a portion at a time, so
that a long list does not keep a short one waiting to its end. What counts as a match is left to `search/question/matching.py`.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context

from registry.errors import Conflict
from search.index.decoding import end_with_parent
from search.question.index import Index
from search.question.matching import Candidate, MatchedHere, Wanted, portions

#: requests that wait at once
ADMITTED = 4
_NICENESS = 5
_own_index: list[Index] = []


class MatchPool:
    """Matches in a process of its own. Safe to use from several threads. `opening`: gives the index there."""

    def __init__(self, opening: Callable[[], Index]) -> None:
        self._opening = opening
        self._changing = threading.Lock()
        self._admitted = threading.BoundedSemaphore(ADMITTED)
        self._executor: ProcessPoolExecutor | None = None

    def match(self, wanted: Sequence[Wanted], registers: Set[str]) -> list[list[Candidate]]:
        """The candidates of each, in order. Conflict `busy`: too many requests wait; `matcher_down`."""
        with self._admission():
            made: list[list[Candidate]] = []
            for portion in portions(wanted):
                executor = self._started()
                try:
                    made += executor.submit(_match_here, portion, registers).result()
                except BrokenProcessPool:
                    self.close()
                    raise Conflict("matcher_down", "what matches was ended; try again") from None
            return made

    def close(self) -> None:
        """Ends the process; the next request starts another."""
        with self._changing:
            executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        with self._changing:
            if self._executor is None:
                self._executor = ProcessPoolExecutor(1, get_context("spawn"), _open, (self._opening,))
            return self._executor

    @contextmanager
    def _admission(self) -> Iterator[None]:
        if not self._admitted.acquire(blocking=False):
            raise Conflict("busy", "too many lists wait to be matched")
        try:
            yield
        finally:
            self._admitted.release()


def _open(opening: Callable[[], Index]) -> None:
    end_with_parent()
    os.nice(_NICENESS)
    _own_index.append(opening())


def _match_here(wanted: Sequence[Wanted], registers: Set[str]) -> list[list[Candidate]]:
    return MatchedHere(_own_index[0]).match(wanted, registers)
