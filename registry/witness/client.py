"""A client asks several witnesses at once for cosignatures, and believes none.

c2sp.org/tlog-witness v1.0.0. Edge: DNS, sockets, a clock, threads (one for each witness). Only https, or http to this
machine; no redirect, no proxy, no compression; a time limit for everything that is asked of a witness at once, DNS included,
and `BYTES` of an answer. A cosignature is checked before it is handed on; whatever else a witness does becomes an `Answer`
that says so, never an error. Which witnesses are enough is left to `log/policy`.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import urlsplit

from registry.edge.bounded_connection import BoundedLink, TooLarge, seconds_left
from registry.errors import Malformed, RegistryError, Untrue
from registry.log import checkpoint, cosignature, note
from registry.log.policy import Witness
from registry.witness import rules

SECONDS = 2.0
BYTES = 64 * 1024
#: a witness's clock may be ahead of ours by so much
MAX_AHEAD_SECONDS = 60
_HEADER_BYTES = 32 * 1024
_ATTEMPTS = 3
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

#: what a witness did: cosigned; holds a larger checkpoint of ours; answered otherwise; did not answer
COSIGNED, AHEAD, REFUSED, UNREACHABLE = "cosigned", "ahead", "refused", "unreachable"
#: from an older size to the consistency proof
Consistency = Callable[[int], list[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness (its name in the policy) said. `signatures`: its cosignature, checked, or none; `seconds`: when it has
    cosigned, by its own clock; `size`: of the larger checkpoint that it says it holds, which is not proven.
    """

    name: str
    result: str
    reason: str = ""
    signatures: tuple[note.Signature, ...] = ()
    size: int | None = None
    seconds: int | None = None


class _Failed(Exception):
    """No answer, or none that can be used. `result`: REFUSED or UNREACHABLE; `seconds`: of a cosignature that is of no use."""

    def __init__(self, result: str, reason: str, seconds: int | None = None) -> None:
        super().__init__(reason)
        self.result, self.reason, self.seconds = result, reason, seconds


class WitnessClient:
    """Remembers from which size each witness wants its next proof. Safe to use from several threads."""

    def __init__(self, now: Callable[[], float] = time.time, tls: ssl.SSLContext | None = None) -> None:
        """`now`: POSIX seconds; `tls`: whose certificates are believed, the system's by default."""
        self._now, self._tls = now, tls
        self._sizes: dict[tuple[Witness, str], int] = {}
        self._asking: dict[tuple[Witness, str], threading.Thread] = {}
        self._proving = threading.Lock()

    def ask(
        self,
        witnesses: Sequence[Witness],
        origin: str,
        signed: str,
        size: int,
        consistency: Consistency,
        seconds: float = SECONDS,
    ) -> list[Answer]:
        """One answer of each witness, in their order, after at most that many seconds.

        `signed`: the checkpoint of `origin` and `size` as its log signed it; `consistency`: is called by one thread at a
        time, with sizes from 1 to below `size`; what it raises is raised here.
        """
        shown = note.parse(signed)
        until = time.monotonic() + seconds
        answers: dict[str, Answer | BaseException] = {}

        def run(asked: Witness) -> None:
            try:
                answers[asked.name] = self._ask(asked, origin, shown, size, consistency, until)
            except BaseException as error:
                answers[asked.name] = error  # raised again in the thread that asked

        threads = []
        for asked in witnesses:
            late = self._asking.get((asked, origin))
            if late is None or not late.is_alive():
                thread = threading.Thread(target=run, args=(asked,), daemon=True)
                self._asking[asked, origin] = thread
                threads.append(thread)
                thread.start()
        for thread in threads:
            thread.join(max(0.0, until + 0.1 - time.monotonic()))
        in_order = []
        for asked in witnesses:
            answer = answers.get(asked.name) or Answer(asked.name, UNREACHABLE, "it took too long")
            if isinstance(answer, BaseException):
                raise answer
            in_order.append(answer)
        return in_order

    def _ask(
        self, asked: Witness, origin: str, signed: note.Note, size: int, consistency: Consistency, until: float
    ) -> Answer:
        known = (asked, origin)
        old = min(self._sizes.get(known, 0), size)
        try:
            place = _place(asked)
            for _ in range(_ATTEMPTS):
                hashes: list[bytes] = []
                if 0 < old < size:
                    with self._proving:
                        hashes = consistency(old)
                body = rules.Request(old, tuple(hashes), signed).print().encode()
                status, media_type, answer = self._exchange(place, "POST", "/add-checkpoint", body, until)
                if status == 200:
                    signature, seconds = self._believed(asked, signed, answer)
                    self._sizes[known] = size
                    return Answer(asked.name, COSIGNED, signatures=(signature,), seconds=seconds)
                if status != 409 or media_type != rules.SIZE_TYPE:
                    raise _Failed(REFUSED, f"it answered with status {status}")
                their_size = _size(answer)
                self._sizes[known] = their_size
                if their_size > size:
                    return Answer(asked.name, AHEAD, f"it holds a checkpoint of {their_size}", size=their_size)
                old = their_size
            raise _Failed(REFUSED, "it wants a proof from yet another size, each time")
        except _Failed as failed:
            return Answer(asked.name, failed.result, failed.reason, seconds=failed.seconds)

    def _believed(self, asked: Witness, signed: note.Note, answer: str) -> tuple[note.Signature, int]:
        """The one cosignature of the witness's own key in its answer, checked, and its time."""
        try:
            lines = [note.parse_signature(line) for line in answer.removesuffix("\n").split("\n")]
            own = [line for line in lines if (line.name, line.key_id) == (asked.key.name, asked.key.key_id)][:1]
            seconds = cosignature.check(note.Note(signed.text, tuple(own)), asked.key)
        except (Malformed, Untrue) as error:
            raise _Failed(REFUSED, f"its answer is of no use: {error.message}") from None
        if seconds > self._now() + MAX_AHEAD_SECONDS:
            raise _Failed(REFUSED, "its cosignature is of the future", seconds)
        return own[0], seconds

    def monitored(self, asked: Witness, origin: str, seconds: float = SECONDS) -> str | None:
        """The newest checkpoint of `origin` that the witness shows, a note that it cosigned; None: there is none to be had.

        Whether the log itself signed it is for the caller to check.
        """
        until = time.monotonic() + seconds
        notes: list[str] = []

        def run() -> None:
            try:
                path = f"/{rules.origin_hash(origin)}/checkpoint"
                status, _, answer = self._exchange(_place(asked), "GET", path, None, until)
                signed = note.parse(answer)
                cosignature.check(signed, asked.key)
                if status == 200 and checkpoint.parse(signed.text).origin == origin:
                    notes.append(answer)
            except (_Failed, RegistryError):
                return

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(seconds + 0.1)
        return notes[0] if notes else None

    def _exchange(
        self, place: "_Place", method: str, path: str, body: bytes | None, until: float
    ) -> tuple[int, str, str]:
        """(status, media type, text) of one request. _Failed."""
        length = "" if body is None else f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        head = (
            f"{method} {place.path}{path} HTTP/1.1\r\nHost: {place.authority}\r\n{length}Accept-Encoding: identity\r\n"
            "User-Agent: greffe\r\nConnection: close\r\n\r\n"
        )
        try:
            with socket.create_connection((place.host, place.port), seconds_left(until)) as plain:
                plain.settimeout(seconds_left(until))
                link = self._secured(plain, place)
                with link:
                    link.sendall(head.encode("ascii") + (body or b""))
                    return _read(link, method, until)
        except TimeoutError:
            raise _Failed(UNREACHABLE, "it took too long") from None
        except OSError as error:
            raise _Failed(UNREACHABLE, f"no connection: {error.strerror or type(error).__name__}") from None
        except TooLarge:
            raise _Failed(REFUSED, f"its answer has more than {BYTES} bytes") from None
        except (HTTPException, ValueError):
            raise _Failed(REFUSED, "its answer is not HTTP, or no text") from None

    def _secured(self, plain: socket.socket, place: "_Place") -> socket.socket:
        if not place.is_secure:
            return plain
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls.wrap_socket(plain, server_hostname=place.host)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a witness is: from its URL."""

    is_secure: bool
    host: str
    port: int
    authority: str
    path: str


def _place(asked: Witness) -> _Place:
    if asked.url is None:
        raise _Failed(UNREACHABLE, "the policy has no URL for it")
    try:
        parts = urlsplit(asked.url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _Failed(UNREACHABLE, "its URL in the policy is no URL") from None
    is_plain = asked.url.isascii() and asked.url.isprintable() and " " not in asked.url
    if not host or not is_plain or parts.query or parts.fragment or "@" in parts.netloc:
        raise _Failed(UNREACHABLE, "its URL in the policy is not one of a witness")
    if parts.scheme not in ("http", "https") or (parts.scheme == "http" and host not in _LOOPBACK):
        raise _Failed(UNREACHABLE, "its URL in the policy is neither https nor of this machine")
    is_secure = parts.scheme == "https"
    return _Place(is_secure, host, port or (443 if is_secure else 80), parts.netloc, parts.path.rstrip("/"))


def _read(link: socket.socket, method: str, until: float) -> tuple[int, str, str]:
    response = HTTPResponse(BoundedLink(link, until, _HEADER_BYTES + BYTES), method=method)  # type: ignore[arg-type]
    response.begin()
    body = response.read(BYTES + 1)
    if len(body) > BYTES:
        raise _Failed(REFUSED, f"its answer has more than {BYTES} bytes")
    return response.status, response.headers.get_content_type(), body.decode()


def _size(text: str) -> int:
    try:
        return rules.parse_size(text)
    except Malformed:
        raise _Failed(REFUSED, "it names no size") from None
