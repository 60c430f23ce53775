"""One request, one answer, within a limit of time and of bytes.

Only https, or http to this machine; no redirection is followed, no proxy is used. Where the site asks to wait (`Retry-After`,
RFC 9110 section 10.2.3), it is waited for, within a bound. Edge: sockets and a clock. What an answer means is left to the
callers.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from client.errors import BadAnswer, Busy, Misused, NotFound, Problem, Unreachable
from registry.edge.bounded_connection import BoundedLink, TooLarge, seconds_left

SECONDS = 30.0
#: seconds that a call waits in all where the site asks for it, longer than a window of its quota; and how often
PATIENCE, _TIMES = 90.0, 3
MOST = 16 * 1024 * 1024
_HEADER_BYTES = 64 * 1024
_HERE = ("localhost", "127.0.0.1", "::1")
_LATER = (429, 503)
#: set once nobody waits for what a call will give: it waits for its site no longer
given_up: ContextVar[threading.Event | None] = ContextVar("given_up", default=None)


def wait(seconds: float) -> None:
    """Wait so long. Unreachable: nobody waits for the answer any more."""
    gone = given_up.get()
    if gone is None:
        time.sleep(seconds)
    elif gone.wait(seconds):
        raise Unreachable("the call was given up")


class Connection:
    """A site. `base`: its base URL; `seconds`: for a whole answer; `pause`: waits that many seconds.

    `key`: an access key, sent with every request; `patience`: seconds that a call waits in all where the site asks for it.
    """

    def __init__(
        self,
        base: str,
        seconds: float = SECONDS,
        pause: Callable[[float], None] = wait,
        *,
        key: str | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """Misused: no https URL, or no key."""
        if key is not None and not re.fullmatch("[!-~]{1,500}", key):
            raise Misused("the access key is none")
        parts = urlsplit(base)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise Misused(f"not the base URL of a site: {base[:80]!r}")
        if parts.scheme == "http" and parts.hostname not in _HERE:
            raise Misused("a site elsewhere is asked over https")
        try:
            self._host, self._port = parts.hostname, parts.port
        except ValueError:
            raise Misused("the port of the base URL is no port") from None
        self._path, self._seconds, self._pause = quote(parts.path.rstrip("/"), "/%"), seconds, pause
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._access = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._patience = patience

    def get(self, path: str, query: Mapping[str, str] | None = None, most: int = MOST) -> bytes:
        """The body at a path below the base URL, of at most that many bytes.

        Unreachable, BadAnswer, Problem.
        """
        return self._asked("GET", f"{path}?{urlencode(query)}" if query else path, None, most)

    def post(self, path: str, value: object) -> bytes:
        """The body of the answer to a JSON value. As `get`."""
        return self._asked("POST", path, json.dumps(value).encode(), MOST)

    def _asked(self, method: str, path: str, body: bytes | None, most: int) -> bytes:
        status, retry_after, data = self._once(method, path, body, most)
        left, times = self._patience, _TIMES
        while status in _LATER and retry_after is not None and retry_after <= left and times:
            self._pause(retry_after)
            left, times = left - retry_after, times - 1
            status, retry_after, data = self._once(method, path, body, most)
        if status == 200:
            return data
        raise _problem(status, retry_after, data)

    def _once(self, method: str, path: str, body: bytes | None, most: int) -> tuple[int, int | None, bytes]:
        """(status, seconds of Retry-After, body)."""
        until = time.monotonic() + self._seconds
        connection = self._kind(self._host, self._port, timeout=self._seconds)
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}
        headers |= self._access
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.connect()
            connection.sock.settimeout(seconds_left(until))
            connection.request(method, self._path + path, body, headers)
            answer = HTTPResponse(BoundedLink(connection.sock, until, _HEADER_BYTES + most), method=method)  # type: ignore[arg-type]
            answer.begin()
            data = answer.read(most + 1)
            if len(data) > most:
                raise TooLarge
            if answer.length:
                raise Unreachable("the answer broke off")
            return answer.status, _seconds_of(answer.getheader("Retry-After")), data
        except TooLarge:
            raise BadAnswer(f"the answer has more than {most} bytes") from None
        except (OSError, HTTPException) as error:
            raise Unreachable(f"the site does not answer: {type(error).__name__}") from None
        finally:
            connection.close()


def _seconds_of(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _problem(status: int, retry_after: int | None, data: bytes) -> Problem:
    """What a body of problem+json (RFC 9457) says, or the status alone."""
    members = _members(data)
    code, detail = members.get("code"), members.get("detail")
    code = code if isinstance(code, str) and re.fullmatch("[a-z0-9_]{1,64}", code) else f"http_{status}"
    detail = _printable(detail) if isinstance(detail, str) else f"the site answered with status {status}"
    if status in _LATER:
        return Busy(status, code, detail, retry_after)
    return NotFound(status, code, detail) if status in (404, 410) else Problem(status, code, detail)


def _printable(text: str) -> str:
    """What a site says of its refusal, so that it can stand in a terminal or a log as one line."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:1000])


def _members(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
