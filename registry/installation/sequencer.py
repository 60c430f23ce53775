"""The sequencer puts what many callers submit into the ledger's order.

A bounded pool stands before the one writer, which appends several requests in a transaction. A request is appended whole or not
at all, its entries follow each other, and its caller hears of it after the commit. The writer holds the ledger while there is
something to append, never long enough to keep the office's other acts waiting. A request that the ledger refuses takes no other
with it. After StorageFailed nothing is taken any more, and the process is to end. Judging what a caller may submit, and answering
it with the outcome, is left to the caller's app.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime

from registry.errors import Conflict, RegistryError, StorageFailed
from registry.installation.office import Office
from registry.ledger.admission import Admission, Head
from registry.ledger.ledger import BATCH, Ledger

#: entries that may wait
ROOM = 4096
#: seconds that the writer holds the ledger, at most and, in the hope of more, at least
_TURN, _LINGER = 0.25, 0.01

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Appended:
    """The index of a request's first entry, and the head of the transaction that holds it."""

    first: int
    head: Head


@dataclass(frozen=True, slots=True)
class _Request:
    """What one caller submitted. Its entries do not rest on where the ledger stands."""

    batch: Sequence[Admission]
    outcome: Future[Appended] = field(default_factory=Future)


class Sequencer:
    """The pool of one office, and the thread that empties it. `room`: how many entries may wait.

    `failed`: is called once, in that thread, when the disk has failed.
    """

    def __init__(
        self,
        office: Office,
        now: Callable[[], datetime],
        failed: Callable[[StorageFailed], None],
        room: int = ROOM,
    ) -> None:
        self._office, self._now, self._failed, self._room = office, now, failed, room
        self._waiting: deque[_Request] = deque()
        self._entries = 0
        self._refusal: RegistryError | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
        self._thread.start()

    def submit(self, batch: Sequence[Admission]) -> Future[Appended]:
        """Ask for 1 to 256 entries to be appended, one after the other; the future is done after the commit, or has its error.

        Conflict `overloaded`: too much waits already, and nothing of this is taken; `closing`: the office is shutting down.
        StorageFailed: the disk failed earlier.
        """
        if not 0 < len(batch) <= BATCH:
            raise ValueError(f"a request has 1 to {BATCH} entries")
        request = _Request(batch)
        with self._changed:
            if self._refusal is not None:
                raise self._refusal
            if self._entries + len(batch) > self._room:
                raise Conflict("overloaded", f"{self._entries} entries wait already, at most {self._room} may")
            self._waiting.append(request)
            self._entries += len(batch)
            self._changed.notify()
        return request.outcome

    def close(self) -> None:
        """Take nothing more, append what waits, and end the thread."""
        with self._changed:
            self._refusal = self._refusal or Conflict("closing", "the office is shutting down")
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while self._wait(None):
            try:
                with self._office.writing(comes_between=True) as ledger:
                    self._take_turn(ledger)
            except StorageFailed as error:
                self._fail(error)
            except Exception as error:  # a thread that died would leave its callers waiting for ever
                self._refuse(self._gathered(self._room), error)

    def _take_turn(self, ledger: Ledger) -> None:
        end = time.monotonic() + _TURN
        while time.monotonic() < end and self._wait(_LINGER):
            self._append(ledger, self._gathered(BATCH))

    def _wait(self, seconds: float | None) -> bool:
        """Whether something waits: now, or before so many seconds are over; None: before the pool is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._refusal is not None, seconds)
            return bool(self._waiting)

    def _gathered(self, most: int) -> list[_Request]:
        """The requests that have waited longest, of so many entries together at most."""
        requests = list[_Request]()
        with self._changed:
            while self._waiting and len(self._waiting[0].batch) <= most:
                request = self._waiting.popleft()
                self._entries -= len(request.batch)
                most -= len(request.batch)
                if request.outcome.set_running_or_notify_cancel():
                    requests.append(request)
        return requests

    def _append(self, ledger: Ledger, requests: list[_Request]) -> None:
        """One transaction for all; where it is refused, not for want of room, one for each, so that each has its own answer."""
        if not requests:
            return
        first = ledger.head.size
        try:
            head = ledger.append([admission for request in requests for admission in request.batch], {}, self._now())
        except StorageFailed as error:
            self._refuse(requests, error)
            raise
        except Exception as error:  # whatever it is, the callers get it
            if len(requests) == 1 or isinstance(error, Conflict):
                self._refuse(requests, error)
            else:
                for request in requests:
                    self._append(ledger, [request])
            return
        for request in requests:
            request.outcome.set_result(Appended(first, head))
            first += len(request.batch)

    def _fail(self, error: StorageFailed) -> None:
        with self._changed:
            self._refusal = error
        self._refuse(self._gathered(self._room), error)
        _log.critical("nothing is appended any more: %s", error)
        self._failed(error)

    @staticmethod
    def _refuse(requests: list[_Request], error: Exception) -> None:
        for request in requests:
            request.outcome.set_exception(error)
