"""The process that verifies one posted document at a time, within a budget.

It is asked over a pipe. Spent CPU time ends the process by a signal (setitimer(2), ITIMER_PROF), spent memory by its exit
status (setrlimit(2), RLIMIT_DATA; counted where /proc tells what is used). It opens the store read-only, holds no key, and
reaches no network: what lies elsewhere it asks its parent for. Messages are bytes: one letter and JSON. Who is asked what, and
when, is left to `lane` and `pool`.
"""

import json
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable
from dataclasses import astuple
from datetime import date, datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from registry import errors
from registry.foreign.finding import Finding
from registry.foreign.retrieval import Fetch, NotRetrieved
from registry.foreign.verify import ForeignResult, ForeignVerifier, contexts_known_at
from registry.installation.public import Public
from registry.installation.settings import Settings
from registry.verify.verdict import Verdict
from search.verify.judge import JudgedCredential, PostedVerifier

#: what one document may use beyond what the process uses when it starts
CPU_SECONDS = 5.0
MEMORY_BYTES = 64 * 1024 * 1024
#: the exit status of a process whose memory is spent
MEMORY_SPENT = 3

#: letters of messages. From the worker: started, an answer, its last answer, an error, a wish to fetch
STARTED, ANSWER, LAST, ERROR, WISH = b"s", b"a", b"l", b"e", b"f"
#: to the worker, after a wish: a body, a refusal, "give this document up for now, it will be asked again"
BODY, REFUSAL, LATER = b"b", b"n", b"t"

#: (how to fetch what lies elsewhere) -> what verifies; called in the worker, so it must be picklable
Open = Callable[[Fetch], PostedVerifier]


class _Later(BaseException):
    """What lies elsewhere is not here yet. No error: nothing on the way may take it for one."""


def open_posted(settings: Settings, fetch: Fetch) -> PostedVerifier:
    """What verifies for the installation of those settings."""
    reader = Public(settings).reader
    return PostedVerifier(reader, ForeignVerifier(fetch, contexts_known_at(reader.identity.context_url)))


def work(connection: "Connection[bytes, bytes]", open_verifier: Open, niceness: int) -> None:
    """Answer until the pipe closes or a budget is spent. The process's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the parent, which then ends this
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(niceness)
    verifier = open_verifier(lambda url: _fetched(connection, url))
    limit = _limit_memory()
    connection.send_bytes(STARTED)
    try:
        while True:
            asked = json.loads(connection.recv_bytes())
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
            try:
                letter, answer = _answer(verifier, asked)
            except _Later:
                continue
            finally:
                signal.setitimer(signal.ITIMER_PROF, 0)
            is_half_full = limit is not None and (_used_bytes() or 0) > limit - MEMORY_BYTES // 2
            connection.send_bytes((LAST if letter == ANSWER and is_half_full else letter) + json.dumps(answer).encode())
    except MemoryError:
        os._exit(MEMORY_SPENT)
    except (EOFError, OSError):
        os._exit(0)


def _answer(verifier: PostedVerifier, asked: dict[str, Any]) -> tuple[bytes, Any]:
    document, at = asked["document"], datetime.fromisoformat(asked["at"])
    try:
        match asked["what"]:
            case "judge":
                on = asked.get("on")
                return ANSWER, verifier.judge([document], at, None if on is None else date.fromisoformat(on))[0]
            case "credential":
                return ANSWER, _judged_json(verifier.credentials([document], at)[0])
            case _:
                result = verifier.foreign.presentation(document, at, asked["challenge"], asked["domain"])
                return ANSWER, list(map(astuple, result.findings))
    except MemoryError:
        raise
    except errors.RegistryError as error:
        return ERROR, [type(error).__name__, error.code, error.message]
    except Exception as error:  # the parent logs it as what should not have happened
        return ERROR, ["", "internal", f"{type(error).__name__}: {error}"]


def _judged_json(judged: JudgedCredential) -> dict[str, Any]:
    findings = None if judged.foreign is None else list(map(astuple, judged.foreign.findings))
    return {"verdict": judged.verdict.to_json(), "findings": findings}


def judged_from(answer: dict[str, Any]) -> JudgedCredential:
    """What `credential` was answered, as `PostedVerifier.credentials` gives it."""
    verdict, findings = answer["verdict"], answer["findings"]
    foreign = None if findings is None else result_from(findings)
    return JudgedCredential(Verdict.from_json(verdict), foreign)


def result_from(findings: list[list[Any]]) -> ForeignResult:
    """What `presentation` was answered."""
    return ForeignResult(tuple(Finding(*values) for values in findings))


def error_from(answer: list[str]) -> Exception:
    """The error that was met: of its own class where it is one of the registry's."""
    name, code, message = answer
    kind = getattr(errors, name, None)
    return RuntimeError(message) if kind is None else kind(code, message)


def _fetched(connection: "Connection[bytes, bytes]", url: str) -> bytes:
    connection.send_bytes(WISH + url.encode("utf-8", "surrogateescape"))
    message = connection.recv_bytes()
    if message[:1] == LATER:
        raise _Later
    if message[:1] == REFUSAL:
        raise NotRetrieved(*json.loads(message[1:]))
    return message[1:]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
    os._exit(1)


def _used_bytes() -> int | None:
    """The data of this process, as RLIMIT_DATA counts it; None where /proc does not say."""
    try:
        fields = Path("/proc/self/statm").read_text("ascii").split()
    except OSError:
        return None
    return int(fields[5]) * resource.getpagesize()


def _limit_memory() -> int | None:
    used = _used_bytes()
    if used is None:
        return None
    limit = used + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    return limit
