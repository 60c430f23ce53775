"""The way to an Elasticsearch cluster: addresses, credentials, retries, patience.

Nothing else here talks to the official client's transport. What is tried again is harmless when it happens twice. Where the
cluster does not answer in time, refuses, or is not ours to ask, and where something else answers in its place, as a proxy does
with a page, the error is `SearchAway`; what is missing is `Gone`.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from elasticsearch import (
    ApiError,
    Elasticsearch,
    NotFoundError,
    OrjsonSerializer,
    TransportError,
    UnsupportedProductError,
)

from registry.errors import Usage
from registry.installation.settings import SearchEngine
from search.errors import SearchAway

#: seconds after which nothing is tried again for a reader, and for a writer; and seconds of one request
READING, WRITING = 6.0, 120.0
_ONE_READING, _ONE_WRITING = 4.0, 60.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
#: connections to each address of one process
_CONNECTIONS = 16
#: what passes: too much at once, a node that stops, a shard that moves
_PASSING = (408, 429, 500, 502, 503, 504)
#: members of what the engine itself says when it refuses, or misses something
_OWN_WORDS = frozenset(("error", "found", "succeeded"))
#: what reading an answer raises that has another form than the engine's
_ODD = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_log = logging.getLogger(__name__)
T = TypeVar("T")


class Gone(Exception):
    """The index or the point in time is no more: another took its place."""


class Cluster:
    """Asks a cluster, and asks again while it may help. Safe to use from several threads.

    A request reads what it needs of the answer itself: what is no answer of the engine's is noticed there (`in_form`).
    `reading`, `writing`: seconds after which nothing is tried again.
    """

    def __init__(self, engine: SearchEngine, reading: float = READING, writing: float = WRITING) -> None:
        secured: dict[str, Any] = dict(_credentials(engine.credentials_file)) if engine.credentials_file else {}
        if engine.ca_file is not None:
            if not engine.ca_file.is_file():
                raise Usage("setting", f"GREFFE_SEARCH_CA_FILE: there is no file {engine.ca_file}")
            secured["ca_certs"] = str(engine.ca_file)
        # the retries are ours: the client's know no pause
        self._client = Elasticsearch(
            list(engine.addresses),
            connections_per_node=_CONNECTIONS,
            max_retries=0,
            retry_on_timeout=False,
            serializer=OrjsonSerializer(),
            **secured,
        )
        self.reading, self.writing = reading, writing
        # made once: each has all parts of a client
        self._reader = self._client.options(request_timeout=min(_ONE_READING, reading))
        self._writer = self._client.options(request_timeout=min(_ONE_WRITING, writing))

    def read(self, request: Callable[[Elasticsearch], T]) -> T:
        """What a request gives, for somebody who waits. SearchAway; Gone."""
        return self._ask(self._reader, request, self.reading)

    def write(self, request: Callable[[Elasticsearch], T]) -> T:
        """What a request gives, for somebody who has time. SearchAway; Gone."""
        return self._ask(self._writer, request, self.writing)

    def search(self, searches: Sequence[Mapping[str, Any]], alias: str | None = None) -> list[dict[str, Any]]:
        """The answers to some searches, made in one journey; each is whole or none is. SearchAway; Gone.

        `alias`: where, unless each names its point in time.
        """
        if not searches:
            return []
        where = {} if alias is None else {"index": alias}
        lines: list[Mapping[str, Any]] = []
        for each in searches:
            lines += [{**where, "allow_partial_search_results": False}, each]
        answers: list[dict[str, Any]] = self.read(lambda client: client.msearch(searches=lines).body["responses"])
        with in_form():
            if len(answers) != len(searches):
                raise ValueError(f"{len(answers)} answers to {len(searches)} searches")
            for answer in answers:
                if "error" in answer:
                    status, reason = int(answer["status"]), answer["error"].get("type", "")
                    if status == 404 or status in _PASSING:
                        raise Gone(reason)
                    raise RuntimeError(f"the search engine refused a question of ours: {answer['error']}")
        return answers

    def bulk(self, alias: str, operations: Sequence[Mapping[str, Any]]) -> None:
        """Makes some writes, each an action and its document, until all are acknowledged; one that is too late is no error."""
        waiting, pause, deadline = list(operations), _FIRST_PAUSE, time.monotonic() + self.writing
        while waiting:
            sent = waiting
            outcomes = self.write(partial(_bulk, alias, sent))
            waiting = []
            for at, (status, reason) in enumerate(outcomes):
                if status == 404:
                    raise Gone(alias)
                if status in _PASSING:
                    waiting += sent[2 * at : 2 * at + 2]
                elif status >= 300 and status != 409:
                    raise RuntimeError(f"the search engine refused a document of ours: {reason}")
            if waiting:
                if time.monotonic() + pause > deadline:
                    raise SearchAway
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def close(self) -> None:
        """Closes all connections."""
        self._client.close()

    def _ask(self, client: Elasticsearch, request: Callable[[Elasticsearch], T], patience: float) -> T:
        pause, deadline = _FIRST_PAUSE, time.monotonic() + patience
        while True:
            try:
                with in_form():
                    return request(client)
            except UnsupportedProductError:
                _log.error("at the address of the search engine something else answers")
                raise SearchAway from None
            except ApiError as error:
                is_own = isinstance(error.body, dict) and not _OWN_WORDS.isdisjoint(error.body)
                if is_own and isinstance(error, NotFoundError):
                    raise Gone(str(error.message)) from None
                if error.status_code in (401, 403):
                    _log.error("the search engine refuses our credentials: status %d", error.status_code)
                    raise SearchAway from None
                if error.status_code not in _PASSING and is_own:
                    raise
                if error.status_code not in _PASSING:
                    _log.error("something between us and the search engine answers: status %d", error.status_code)
                    raise SearchAway from None
                reason = f"status {error.status_code}"
            except TransportError as error:
                reason = type(error).__name__
            if time.monotonic() + pause > deadline:
                _log.warning("the search engine does not answer: %s", reason)
                raise SearchAway
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


@contextmanager
def in_form() -> Iterator[None]:
    """Within the block an answer is read. SearchAway: it has another form than the engine's, and is logged."""
    try:
        yield
    except _ODD as error:
        _log.error("what answers in the place of the search engine has another form", exc_info=True)
        raise SearchAway from error


def _bulk(alias: str, operations: Sequence[Mapping[str, Any]], client: Elasticsearch) -> list[tuple[int, Any]]:
    """Status of each of the writes, and why one was refused."""
    items = client.bulk(index=alias, operations=operations, require_alias=True).body["items"]
    outcomes = [outcome for item in items for outcome in item.values()]
    if len(outcomes) != len(operations) // 2:
        raise ValueError(f"{len(outcomes)} outcomes of {len(operations) // 2} writes")
    return [(int(outcome["status"]), outcome.get("error")) for outcome in outcomes]


def _credentials(file: Path) -> Mapping[str, Any]:
    """`user:password`, or an API key, encoded as the engine gives it out, which has no colon. Usage `setting`: neither."""
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise Usage("setting", f"GREFFE_SEARCH_CREDENTIALS_FILE: {file} cannot be read") from None
    user, colon, password = text.partition(":")
    if not text or "\n" in text or (colon and not (user and password)):
        raise Usage("setting", "GREFFE_SEARCH_CREDENTIALS_FILE holds one line: user:password, or an encoded API key")
    return {"basic_auth": (user, password)} if colon else {"api_key": text}
