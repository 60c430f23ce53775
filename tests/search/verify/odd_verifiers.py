"""What a worker may be opened with in place of the real verifier: it spins, waits, eats memory, dies, or asks to fetch.

A document tells which: `{"credentialSubject": {}, "issuer": "did:x:y", "do": ["sleep", 2]}`. Each call is answered
`{"did": ..., "pid": ...}`.
"""

import os
import signal
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

from registry.foreign.retrieval import Fetch, NotRetrieved
from search.verify import worker
from search.verify.judge import JudgedCredential, PostedVerifier

CPU_SECONDS = 0.5


class Odd(PostedVerifier):
    """Does what it is told."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._ballast: list[bytearray] = []

    def judge(self, documents: list[dict[str, Any]], at: datetime, on: date | None = None) -> list[dict[str, Any]]:
        return [{"did": self._act(*document.get("do", ["nothing", 0])), "pid": os.getpid()} for document in documents]

    def credentials(self, documents: list[dict[str, Any]], at: datetime) -> list[JudgedCredential]:
        self.judge(documents, at)
        return []

    def _act(self, what: str, value: Any) -> Any:
        match what:
            case "spin":
                while True:
                    pass
            case "sleep":
                time.sleep(value)
            case "wait":  # says so, and goes on when it is let
                (Path(value) / "begun").touch()
                while not (Path(value) / "released").exists():
                    time.sleep(0.01)
            case "pause":
                time.sleep(0 if (Path(value) / "released").exists() else 0.1)
            case "allocate":
                for _ in range(value):
                    self._ballast.append(bytearray(b"x") * 2**20)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "fail":
                raise AssertionError(value)
            case "fetch":
                try:
                    return self._fetch(value).decode()
                except NotRetrieved as error:
                    return error.code
        return what


def open_odd(fetch: Fetch) -> PostedVerifier:
    """Odd, with little CPU time for each document."""
    worker.CPU_SECONDS = CPU_SECONDS
    return Odd(fetch)


def open_nothing(_fetch: Fetch) -> PostedVerifier:
    """A worker that cannot start."""
    os._exit(9)
