"""A lane of the pool: workers of one kind, and the requests that wait.

A turn is one document, so that a request of many goes no faster than one of few, and holds one worker at most; turns go round
among the clients that wait. A lane takes so many requests of a client, and where it is full the client with the most gives one
up for one with fewer. A document that spends its budget costs a worker its life. Which lane a document takes is left to `pool`,
how a worker works to `worker`.
"""

import json
import multiprocessing
import signal
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from registry.errors import Conflict
from registry.foreign.retrieval import FETCHES, MOST_FETCHES, Fetch, Limited, NotRetrieved
from search.verify.worker import (
    BODY,
    CPU_SECONDS,
    LAST,
    LATER,
    MEMORY_BYTES,
    MEMORY_SPENT,
    REFUSAL,
    WISH,
    Open,
    work,
)

START_SECONDS = 60.0
#: requests that one lane takes at once, and of one client; all lanes together leave threads of the server to others
ADMITTED, SHARE = 40, 12
_BUDGET = f"{CPU_SECONDS:g} s and {MEMORY_BYTES // 2**20} MiB"


class GivenUp(Exception):
    """A document was not checked. `str` says why."""


class Fetched:
    """What one request has had from elsewhere: as many places as `retrieval` lets it."""

    def __init__(self, fetch: Fetch, documents: int) -> None:
        self._fetch = Limited(fetch, min(FETCHES * documents, MOST_FETCHES))
        self._answers: dict[bytes, bytes] = {}

    def answer(self, wish: bytes) -> bytes | None:
        """What answers a wish, None where it was not fetched yet."""
        return self._answers.get(wish)

    def fetch(self, wish: bytes) -> None:
        """Fetch it, or be refused, and keep what came of it."""
        try:
            self._answers[wish] = BODY + self._fetch(wish[1:].decode("utf-8", "surrogateescape"))
        except NotRetrieved as error:
            self._answers[wish] = REFUSAL + json.dumps([error.code, error.message]).encode()


class Worker:
    """One process, and this end of its pipe. Used by one thread at a time."""

    def __init__(self, open_verifier: Open, niceness: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        arguments = (theirs, open_verifier, niceness)
        self.process = context.Process(target=work, args=arguments, daemon=True, name="greffe verifier")
        self.process.start()
        theirs.close()
        self._has_started = False
        self.is_spent = False

    def ask(self, request: bytes, fetched: Fetched, deadline: float) -> bytes:
        """The answer: one letter and JSON, or a wish to fetch what is missing.

        GivenUp: there will be none, and the worker is spent.
        """
        self.is_spent = True
        deadline += self._wait_for_start()
        try:
            self._pipe.send_bytes(request)
            while (message := self._receive(deadline))[:1] == WISH:
                answer = fetched.answer(message)
                self._pipe.send_bytes(answer or LATER)
                if answer is None:
                    break
        except (EOFError, OSError):
            raise GivenUp(self._cause()) from None
        self.is_spent = message[:1] == LAST
        return message

    def _wait_for_start(self) -> float:
        """How many seconds the start took, once. Conflict `verifier_down`."""
        if self._has_started:
            return 0.0
        began = time.monotonic()
        try:
            self._receive(began + START_SECONDS)
        except (EOFError, OSError, GivenUp):
            raise Conflict("verifier_down", "what verifies did not start") from None
        self._has_started = True
        return time.monotonic() - began

    def end(self) -> None:
        """Kill the process, whatever it does, and wait until it is gone."""
        self.process.kill()
        self.process.join()
        self._pipe.close()

    def _receive(self, deadline: float) -> bytes:
        if not self._pipe.poll(max(0.0, deadline - time.monotonic())):
            raise GivenUp("it was not checked in time")
        return self._pipe.recv_bytes()

    def _cause(self) -> str:
        self.process.join(5)
        is_over = self.process.exitcode in (-signal.SIGPROF, MEMORY_SPENT)
        return f"too costly: its check was given up after {_BUDGET}" if is_over else "its check was cut short"


class Visit:
    """A request that a lane has taken in. `is_given_up`: it must go, for a client with fewer."""

    def __init__(self, client: str) -> None:
        self.client, self.is_given_up = client, False


@dataclass(eq=False, slots=True)
class _Turn:
    """A document that waits; `comes`: notified when it may be its turn."""

    visit: Visit
    comes: threading.Condition


class Lane:
    """Workers of one kind, and those who wait for them, client by client. Workers are started when first needed."""

    def __init__(self, open_verifier: Open, workers: int, niceness: int) -> None:
        self._open, self._most, self._niceness = open_verifier, workers, niceness
        self._lock = threading.Lock()
        #: the turns that wait, by client; whose turn came is behind the others
        self._line: OrderedDict[str, deque[_Turn]] = OrderedDict()
        self._visits: dict[str, list[Visit]] = {}
        self._idle: list[Worker] = []
        self._workers: set[Worker] = set()
        self._is_closed = False
        self.replaced = 0

    @contextmanager
    def admitted(self, client: str) -> Iterator[Visit]:
        """A request that may wait here. Conflict `busy`: too many of that client do already, or of all that have no more."""
        visit = Visit(client)
        with self._lock:
            own = self._visits.get(client, [])
            if len(own) >= SHARE:
                raise Conflict("busy", "too many of your documents wait to be verified")
            if sum(map(len, self._visits.values())) >= ADMITTED:
                self._make_room(len(own))
            self._visits.setdefault(client, []).append(visit)
        try:
            yield visit
        finally:
            with self._lock:
                self._leave(visit)

    def _make_room(self, own: int) -> None:
        most = max(self._visits.values(), key=len)
        if len(most) <= own + 1:
            raise Conflict("busy", "too many documents wait to be verified")
        visit = most[-1]
        visit.is_given_up = True
        self._leave(visit)
        for turn in self._line.get(visit.client, ()):
            turn.comes.notify()

    def _leave(self, visit: Visit) -> None:
        visits = self._visits.get(visit.client, [])
        if visit in visits:
            visits.remove(visit)
        if not visits:
            self._visits.pop(visit.client, None)

    def ask(self, request: bytes, fetched: Fetched, deadline: float, visit: Visit) -> bytes:
        """The answer to one request about one document. GivenUp; Conflict `busy`, `closing`, `verifier_down`.

        No worker waits for what lies elsewhere: it is fetched between two turns, and the document is begun again.
        """
        while True:
            worker = self._taken(deadline, visit)
            try:
                message = worker.ask(request, fetched, deadline)
            finally:
                self._give_back(worker)
            if message[:1] != WISH:
                return message
            fetched.fetch(message)

    def _taken(self, deadline: float, visit: Visit) -> Worker:
        with self._lock:
            turn = _Turn(visit, threading.Condition(self._lock))
            self._line.setdefault(visit.client, deque()).append(turn)
            try:
                while not self._is_turn_of(turn):
                    if not turn.comes.wait(max(0.0, deadline - time.monotonic())):
                        raise GivenUp("it was not checked in time")
                return self._idle.pop() if self._idle else self._started()
            finally:
                turns = self._line.pop(visit.client)
                turns.remove(turn)
                if turns:
                    self._line[visit.client] = turns  # behind the others
                self._call_next()

    def _is_turn_of(self, turn: _Turn) -> bool:
        if self._is_closed:
            raise Conflict("closing", "the server is being closed")
        if turn.visit.is_given_up:
            raise Conflict("busy", "others wait to be verified who have fewer documents here")
        return self._first() is turn and bool(self._idle or len(self._workers) < self._most)

    def _first(self) -> _Turn | None:
        return next(iter(self._line.values()))[0] if self._line else None

    def _call_next(self) -> None:
        turn = self._first()
        if turn is not None:
            turn.comes.notify()

    def _started(self) -> Worker:
        worker = Worker(self._open, self._niceness)
        self._workers.add(worker)
        return worker

    def _give_back(self, worker: Worker) -> None:
        if worker.is_spent:
            worker.end()
        with self._lock:
            if not worker.is_spent:
                self._idle.append(worker)
            else:
                self._workers.discard(worker)
                if not self._is_closed:
                    self.replaced += 1
                    self._idle.append(self._started())  # at once: it starts while nobody waits for it
            self._call_next()

    def pids(self) -> list[int]:
        """The processes that there are now."""
        with self._lock:
            return [worker.process.pid for worker in self._workers if worker.process.pid is not None]

    def close(self) -> None:
        """End every worker; a request that waits raises Conflict `closing`."""
        with self._lock:
            self._is_closed = True
            ending = list(self._workers)
            for worker in ending:
                worker.process.kill()
            for turn in (turn for turns in self._line.values() for turn in turns):
                turn.comes.notify()
        for worker in ending:
            worker.process.join()
