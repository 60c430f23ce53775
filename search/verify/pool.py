"""Verify documents in other processes, so that a costly one slows nobody else.

Three lanes, each with its workers and its waiting line: `own` for evidence and for credentials of this installation, whose cost
is small and known; `small` and `large` for strangers', which may cost as much as their size lets them, by workers of lower
priority. A document that is not checked within its budget is answered `indeterminate`: not checked is not valid. What is checked
is left to `judge`, how a document gets its worker to `lane`. Shares are counted by `registry/edge/client`.
"""

import json
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import date, datetime
from typing import Any, TypeVar

from registry.credential.document import issuer_of
from registry.edge.client import current_client
from registry.foreign.finding import unknown
from registry.foreign.retrieval import Fetch, no_fetch
from registry.foreign.verify import ForeignResult
from registry.reading.reader import Reader
from registry.verify.steps import STEPS
from registry.verify.verdict import Verdict, conclude, step_of
from search.verify import worker
from search.verify.judge import JudgedCredential
from search.verify.lane import Fetched, GivenUp, Lane

#: for one request, waiting included; what is not checked by then is not checked
REQUEST_SECONDS = 30.0
#: a stranger's document of that size costs some 30 ms at most, whatever it holds; most honest ones are smaller
SMALL_BYTES = 4096
WORKERS = {"own": 1, "small": 2, "large": 1}
_NICENESS = {"own": 0, "small": 5, "large": 10}
T = TypeVar("T")


class VerifierPool:
    """Answers as `judge.PostedVerifier` does, out of processes of its own. Safe to use from several threads.

    `open_verifier`: what each worker verifies with, picklable; `fetch`: how what lies elsewhere is had, in this process.
    Everything may raise Conflict: `busy`, `closing`, `verifier_down`; each means: try later.
    """

    def __init__(self, reader: Reader, open_verifier: worker.Open, fetch: Fetch = no_fetch) -> None:
        self._reader, self._fetch = reader, fetch
        self._lanes = {name: Lane(open_verifier, count, _NICENESS[name]) for name, count in WORKERS.items()}
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

    def judge(self, documents: list[dict[str, Any]], at: datetime, on: date | None = None) -> list[dict[str, Any]]:
        """The verdicts on evidence files and credentials as JSON, in order; `on`: as of that day."""
        day = None if on is None else on.isoformat()
        requests = (_request("judge", document, at, on=day) for document in documents)  # each at its turn
        lanes = [
            "own" if "credential" in document or "credentialSubject" not in document else self._lane_of(document)
            for document in documents
        ]
        return self._asked(lanes, requests, lambda answer: answer, lambda reason: _unchecked(reason).to_json())

    def credentials(self, documents: list[dict[str, Any]], at: datetime) -> list[JudgedCredential]:
        """The verdicts on credentials, in order."""
        requests = (_request("credential", document, at) for document in documents)
        lanes = [self._lane_of(document) for document in documents]
        return self._asked(
            lanes, requests, worker.judged_from, lambda reason: JudgedCredential(_unchecked(reason), _unknown(reason))
        )

    def presentation(
        self, document: dict[str, Any], at: datetime, challenge: str | None, domain: str | None
    ) -> ForeignResult:
        """What is found in a presentation, its credentials left out: as `ForeignVerifier.presentation`."""
        request = _request("presentation", document, at, challenge=challenge, domain=domain)
        return self._asked([_lane_by_size(document)], [request], worker.result_from, _unknown)[0]

    def _asked(
        self, lanes: list[str], requests: Iterable[bytes], read: Callable[[Any], T], given_up: Callable[[str], T]
    ) -> list[T]:
        """What `read` makes of the answer to each request, or `given_up` of the reason why there is none."""
        deadline = time.monotonic() + REQUEST_SECONDS
        fetched = Fetched(self._fetch, len(lanes))
        answers: list[T] = []
        with ExitStack() as admitted:
            client = current_client()
            visits = {name: admitted.enter_context(self._lanes[name].admitted(client)) for name in sorted(set(lanes))}
            for name, request in zip(lanes, requests, strict=True):
                try:
                    answers.append(_read(self._lanes[name].ask(request, fetched, deadline, visits[name]), read))
                except GivenUp as reason:
                    answers.append(given_up(str(reason)))
        return answers

    def _lane_of(self, credential: dict[str, Any]) -> str:
        """`own` where its issuer is one of this installation's, as the trust file says; the worker asks it again."""
        did = issuer_of(credential) or ""
        if did not in self._issuers and did.startswith(self._reader.identity.issuer_did("")):
            self._issuers = frozenset(issuer["did"] for issuer in self._reader.trust()["issuers"])
        return "own" if did in self._issuers else _lane_by_size(credential)


def _lane_by_size(document: dict[str, Any]) -> str:
    return "small" if len(json.dumps(document)) <= SMALL_BYTES else "large"


def _read(message: bytes, read: Callable[[Any], T]) -> T:
    answer = json.loads(message[1:])
    if message[:1] == worker.ERROR:
        raise worker.error_from(answer)
    return read(answer)


def _request(what: str, document: dict[str, Any], at: datetime, **more: str | None) -> bytes:
    return json.dumps({"what": what, "document": document, "at": at.isoformat(), **more}).encode()


def _unchecked(reason: str) -> Verdict:
    return conclude({"well_formed": step_of("well_formed", "indeterminate", reason)}, None, STEPS)


def _unknown(reason: str) -> ForeignResult:
    return ForeignResult((unknown("shape", "PROOF_VERIFICATION_ERROR", reason),))
