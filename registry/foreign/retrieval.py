"""Fetching, to the pure files, is a function from URL to bytes.

It has one error. A request may be limited to some URLs, and answers may be remembered.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable

from registry.errors import RegistryError

#: the body found at an https URL; NotRetrieved
Fetch = Callable[[str], bytes]

FETCHES = 8
#: of a request that holds many documents
MOST_FETCHES = 32


class NotRetrieved(RegistryError):
    """Something that lies elsewhere was not had, for the reason in `code`. Says nothing about whether it would hold."""


def no_fetch(_url: str) -> bytes:
    """Fetching is off: NotRetrieved `fetch_off`, always."""
    raise NotRetrieved("fetch_off", "this installation fetches nothing from elsewhere")


class Limited:
    """A Fetch for one request: at most `most` different URLs, each asked for once, whatever it answered.

    NotRetrieved `fetch_limit` beyond that.
    """

    def __init__(self, fetch: Fetch, most: int = FETCHES) -> None:
        self._fetch, self._most = fetch, most
        self._answers: dict[str, bytes | NotRetrieved] = {}

    def __call__(self, url: str) -> bytes:
        if url not in self._answers:
            if len(self._answers) >= self._most:
                raise NotRetrieved("fetch_limit", f"a request may send us to at most {self._most} places")
            self._answers[url] = _answer(self._fetch, url)
        return _body(self._answers[url])


class Remembered:
    """A Fetch that asks for a URL once in `seconds`, so that nobody makes us press a stranger's server.

    `clock`: seconds, never going back. Remembers the last `most` answers, refusals among them, but not `fetch_busy`: that says
    nothing of the place. Safe to use from several threads.
    """

    def __init__(self, fetch: Fetch, clock: Callable[[], float], seconds: float = 60, most: int = 64) -> None:
        self._fetch, self._clock, self._seconds, self._most = fetch, clock, seconds, most
        self._known: OrderedDict[str, tuple[float, bytes | NotRetrieved]] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, url: str) -> bytes:
        with self._lock:
            until, last_answer = self._known.get(url, (0.0, b""))
            if url in self._known and self._clock() < until:
                return _body(last_answer)
        answer = _answer(self._fetch, url)
        if isinstance(answer, NotRetrieved) and answer.code == "fetch_busy":
            raise answer
        with self._lock:
            self._known[url] = (self._clock() + self._seconds, answer)
            self._known.move_to_end(url)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return _body(answer)


def _answer(fetch: Fetch, url: str) -> bytes | NotRetrieved:
    try:
        return fetch(url)
    except NotRetrieved as error:
        return error


def _body(answer: bytes | NotRetrieved) -> bytes:
    if isinstance(answer, NotRetrieved):
        raise NotRetrieved(answer.code, answer.message)
    return answer
