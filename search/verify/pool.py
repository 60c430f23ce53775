"""Verify what strangers post in processes of their own, so that a document made to be dear slows nobody else.

Three lanes, each with its workers and its waiting line: `own` for evidence and for credentials of this installation, whose cost
is small and known; `small` and `large` for strangers', which may cost as much as their size lets them, by workers of lower
priority. A turn is one document, so that a request of many goes no faster than one of few, and holds one worker at most. A
document that spends its budget costs a worker its life and is answered `indeterminate`: not checked is not valid. What is
checked is left to `verification`, how a worker works to `verifier_worker`.
"""

import json
import multiprocessing
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, TypeVar

from registry.credential.document import issuer_of
from registry.errors import Conflict
from registry.foreign.finding import unknown
from registry.foreign.retrieval import FETCHES, MOST_FETCHES, Fetch, Limited, NotRetrieved, no_fetch
from registry.foreign.verify import ForeignResult
from registry.reading.reader import Reader
from registry.verify.steps import STEPS
from registry.verify.verdict import Step, Verdict, conclude
from search.verify import worker
from search.verify.judge import Judged

#: for one request, waiting included; what is not checked by then is not checked
REQUEST_SECONDS = 30.0
START_SECONDS = 60.0
#: requests that one lane takes at once; all lanes together leave threads of the web framework (it has 40) to others
ADMITTED = 8
#: a stranger's document of that size costs some 30 ms at most, whatever it holds; most honest ones are smaller
SMALL_BYTES = 4096
WORKERS = {"own": 1, "small": 2, "large": 1}
_NICENESS = {"own": 0, "small": 5, "large": 10}
T = TypeVar("T")
_BUDGET = f"{worker.CPU_SECONDS:g} s and {worker.MEMORY_BYTES // 2**20} MiB"


class _GivenUp(Exception):
    """A document was not checked. `str` says why."""


class _Fetched:
    """What one request has had from elsewhere: as many places as `retrieval` lets it."""

    def __init__(self, fetch: Fetch, documents: int) -> None:
        self._fetch = Limited(fetch, min(FETCHES * documents, MOST_FETCHES))
        self._found: dict[bytes, bytes] = {}

    def found(self, wish: bytes) -> bytes | None:
        """What answers a wish, None where it was not fetched yet."""
        return self._found.get(wish)

    def fetch(self, wish: bytes) -> None:
        """Fetch it, or be refused, and keep what came of it."""
        try:
            self._found[wish] = worker.BODY + self._fetch(wish[1:].decode("utf-8", "surrogateescape"))
        except NotRetrieved as error:
            self._found[wish] = worker.REFUSAL + json.dumps([error.code, error.message]).encode()


class _Worker:
    """One process, and this end of its pipe. Used by one thread at a time."""

    def __init__(self, open_verifier: worker.Open, niceness: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        arguments = (theirs, open_verifier, niceness)
        self.process = context.Process(target=worker.work, args=arguments, daemon=True, name="greffe verifier")
        self.process.start()
        theirs.close()
        self._has_started = False
        self.is_spent = False

    def ask(self, request: bytes, fetched: _Fetched, deadline: float) -> bytes:
        """The answer: one letter and JSON, or a wish to fetch what is not there yet.

        _GivenUp: there will be none, and the worker is spent.
        """
        self.is_spent = True
        deadline += self._wait_for_start()
        try:
            self._pipe.send_bytes(request)
            while (message := self._receive(deadline))[:1] == worker.WISH:
                found = fetched.found(message)
                self._pipe.send_bytes(found or worker.LATER)
                if found is None:
                    break
        except (EOFError, OSError):
            raise _GivenUp(self._cause()) from None
        self.is_spent = message[:1] == worker.LAST
        return message

    def _wait_for_start(self) -> float:
        """How many seconds the start took, once. Conflict `verifier_down`."""
        if self._has_started:
            return 0.0
        began = time.monotonic()
        try:
            self._receive(began + START_SECONDS)
        except (EOFError, OSError, _GivenUp):
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
            raise _GivenUp("it was not checked in time")
        return self._pipe.recv_bytes()

    def _cause(self) -> str:
        self.process.join(5)
        is_over = self.process.exitcode in (-signal.SIGPROF, worker.MEMORY_SPENT)
        return f"too costly: its check was given up after {_BUDGET}" if is_over else "its check was cut short"


class _Lane:
    """Workers of one kind, and those who wait for them, first come first served. Workers are started when first needed."""

    def __init__(self, open_verifier: worker.Open, workers: int, niceness: int) -> None:
        self._open, self._most, self._niceness = open_verifier, workers, niceness
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._requests = 0
        self._is_closed = False
        self.replaced = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """A request that may wait here. Conflict `busy`: too many do already."""
        with self._changed:
            if self._requests >= ADMITTED:
                raise Conflict("busy", "too many documents wait to be verified")
            self._requests += 1
        try:
            yield
        finally:
            with self._changed:
                self._requests -= 1

    def ask(self, request: bytes, fetched: _Fetched, deadline: float) -> bytes:
        """The answer to one request about one document. _GivenUp; Conflict `closing`, `verifier_down`.

        No worker waits for what lies elsewhere: it is fetched between two turns, and the document is begun again.
        """
        while True:
            one = self._taken(deadline)
            try:
                message = one.ask(request, fetched, deadline)
            finally:
                self._give_back(one)
            if message[:1] != worker.WISH:
                return message
            fetched.fetch(message)

    def _taken(self, deadline: float) -> _Worker:
        turn = object()
        with self._changed:
            self._line.append(turn)
            try:
                while not self._is_turn_of(turn):
                    if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                        raise _GivenUp("it was not checked in time")
                return self._idle.pop() if self._idle else self._started()
            finally:
                self._line.remove(turn)
                self._changed.notify_all()

    def _is_turn_of(self, turn: object) -> bool:
        if self._is_closed:
            raise Conflict("closing", "the server is being closed")
        return self._line[0] is turn and bool(self._idle or len(self._workers) < self._most)

    def _started(self) -> _Worker:
        one = _Worker(self._open, self._niceness)
        self._workers.add(one)
        return one

    def _give_back(self, one: _Worker) -> None:
        if one.is_spent:
            one.end()
        with self._changed:
            if not one.is_spent:
                self._idle.append(one)
            else:
                self._workers.discard(one)
                if not self._is_closed:
                    self.replaced += 1
                    self._idle.append(self._started())  # at once: it starts while nobody waits for it
            self._changed.notify_all()

    def pids(self) -> list[int]:
        """The processes that there are now."""
        with self._changed:
            return [one.process.pid for one in self._workers if one.process.pid is not None]

    def close(self) -> None:
        """End every worker; who waits is told `closing`."""
        with self._changed:
            self._is_closed = True
            ending = list(self._workers)
            for one in ending:
                one.process.kill()
            self._changed.notify_all()
        for one in ending:
            one.process.join()


class VerifierPool:
    """Answers as `verification.PostedVerifier` does, out of processes of its own. Safe to use from several threads.

    `open_verifier`: what each worker verifies with, picklable; `fetch`: how what lies elsewhere is had, in this process.
    Everything may raise Conflict: `busy`, `closing`, `verifier_down`; each means: try later.
    """

    def __init__(self, reader: Reader, open_verifier: worker.Open, fetch: Fetch = no_fetch) -> None:
        self._reader, self._fetch = reader, fetch
        self._lanes = {name: _Lane(open_verifier, count, _NICENESS[name]) for name, count in WORKERS.items()}
        self._issuers: frozenset[str] = frozenset()

    @property
    def replaced(self) -> int:
        """How many workers a document has cost."""
        return sum(lane.replaced for lane in self._lanes.values())

    def pids(self) -> list[int]:
        """The processes that there are now."""
        return [pid for lane in self._lanes.values() for pid in lane.pids()]

    def close(self) -> None:
        """End every process; no request is answered afterwards."""
        for lane in self._lanes.values():
            lane.close()

    def judge(self, documents: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
        """The verdicts on evidence files and credentials as JSON, in order."""
        requests = [_request("judge", one, at) for one in documents]
        lanes = [
            "own" if "credential" in one or "credentialSubject" not in one else self._lane_of(one, request)
            for one, request in zip(documents, requests, strict=True)
        ]
        return self._asked(lanes, requests, lambda told: told, lambda reason: _unchecked(reason).to_json())

    def credentials(self, documents: list[dict[str, Any]], at: datetime) -> list[Judged]:
        """The verdicts on credentials, in order."""
        requests = [_request("credential", one, at) for one in documents]
        lanes = [self._lane_of(one, request) for one, request in zip(documents, requests, strict=True)]
        return self._asked(
            lanes, requests, worker.judged_from, lambda reason: Judged(_unchecked(reason), _unknown(reason))
        )

    def presentation(
        self, document: dict[str, Any], at: datetime, challenge: str | None, domain: str | None
    ) -> ForeignResult:
        """What is found in a presentation, its credentials left out: as `ForeignVerifier.presentation`."""
        request = _request("presentation", document, at, challenge=challenge, domain=domain)
        return self._asked([_lane_by_size(request)], [request], worker.result_from, _unknown)[0]

    def _asked(
        self, lanes: list[str], requests: list[bytes], read: Callable[[Any], T], given_up: Callable[[str], T]
    ) -> list[T]:
        """What `read` makes of the answer to each request, or `given_up` of the reason why there is none."""
        deadline = time.monotonic() + REQUEST_SECONDS
        fetched = _Fetched(self._fetch, len(lanes))
        answers: list[T] = []
        with ExitStack() as admitted:
            for name in sorted(set(lanes)):
                admitted.enter_context(self._lanes[name].admitted())
            for name, request in zip(lanes, requests, strict=True):
                try:
                    answers.append(_read(self._lanes[name].ask(request, fetched, deadline), read))
                except _GivenUp as reason:
                    answers.append(given_up(str(reason)))
        return answers

    def _lane_of(self, credential: dict[str, Any], request: bytes) -> str:
        """`own` where its issuer is one of this installation's, as the trust file says; the worker asks it again."""
        did = issuer_of(credential) or ""
        if did not in self._issuers and did.startswith(self._reader.identity.issuer_did("")):
            self._issuers = frozenset(issuer["did"] for issuer in self._reader.trust()["issuers"])
        return "own" if did in self._issuers else _lane_by_size(request)


def _lane_by_size(request: bytes) -> str:
    return "small" if len(request) <= SMALL_BYTES else "large"


def _read(message: bytes, read: Callable[[Any], T]) -> T:
    told = json.loads(message[1:])
    if message[:1] == worker.ERROR:
        raise worker.error_from(told)
    return read(told)


def _request(what: str, document: dict[str, Any], at: datetime, **more: str | None) -> bytes:
    return json.dumps({"what": what, "document": document, "at": at.isoformat(), **more}).encode()


def _unchecked(reason: str) -> Verdict:
    return conclude({"well_formed": Step("well_formed", "indeterminate", reason)}, None, STEPS)


def _unknown(reason: str) -> ForeignResult:
    return ForeignResult((unknown("shape", "PROOF_VERIFICATION_ERROR", reason),))
