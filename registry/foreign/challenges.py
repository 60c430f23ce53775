"""A challenge is good for a while, and for one presentation.

VCALM 0.9. It carries its own end and our seal, so that handing one out stores nothing; only those that were answered are
remembered, until their end. Another application's challenge has no seal of ours: keeping it single is left to that
application.
"""

import hmac
import threading
from datetime import datetime

from registry.encoding.base64url import base64url, unbase64url
from registry.errors import Conflict, Malformed, Untrue

SECONDS = 300
MOST = 10_000
_RANDOM, _END, _SEAL = 16, 8, 16
#: how every challenge of ours begins, so that those of an earlier process are not taken for another application's
_OURS = "greffe-"


class Challenges:
    """`secret`: 32 bytes, new whenever the process starts. `most`: how many answered ones are remembered at a time.

    Safe to use from several threads.
    """

    def __init__(self, secret: bytes, seconds: int = SECONDS, most: int = MOST) -> None:
        self._secret, self._seconds, self._most = secret, seconds, most
        self._answered: dict[str, int] = {}
        self._lock = threading.Lock()

    def make(self, random: bytes, at: datetime) -> str:
        """A new challenge, of 16 random bytes, good from `at` on for a while."""
        body = random + _milliseconds(at, self._seconds).to_bytes(_END, "big")
        return self._print(body)

    def is_ours(self, challenge: str) -> bool:
        """Whether it was made here, whether or not it is over. Untrue `challenge`, as `check`."""
        return self._end(challenge) is not None

    def check(self, challenge: str, at: datetime) -> None:
        """Untrue `challenge`: it was made here, and is over or answered already."""
        end = self._end(challenge)
        if end is not None and (end < _milliseconds(at) or challenge in self._answered):
            raise Untrue("challenge", "the challenge has expired or was answered before")

    def answer(self, challenge: str, at: datetime) -> None:
        """Take the challenge as answered, for ever. Untrue `challenge`, as `check`; Conflict: try later."""
        end = self._end(challenge)
        if end is None:
            return
        with self._lock:
            self.check(challenge, at)
            if len(self._answered) >= self._most:
                now = _milliseconds(at)
                self._answered = {name: until for name, until in self._answered.items() if until >= now}
            if len(self._answered) >= self._most:
                raise Conflict("challenges_full", "too many challenges were answered in a short time; try again later")
            self._answered[challenge] = end

    def _end(self, challenge: str) -> int | None:
        """When it ends, in milliseconds since 1970; None: another application's.

        Untrue `challenge`: it looks like ours and is not: made before this process started, or made up.
        """
        if not challenge.startswith(_OURS):
            return None
        try:
            packed = unbase64url(challenge.removeprefix(_OURS))
        except Malformed:
            packed = b""
        body = packed[: _RANDOM + _END]
        if not hmac.compare_digest(challenge.encode(), self._print(body).encode()):
            raise Untrue("challenge", "the challenge was not made by this process: ask for a new one")
        return int.from_bytes(body[_RANDOM:], "big")

    def _print(self, body: bytes) -> str:
        seal = hmac.digest(self._secret, b"greffe-challenge/v1\n" + body, "sha256")[:_SEAL]
        return _OURS + base64url(body + seal)


def _milliseconds(at: datetime, plus_seconds: int = 0) -> int:
    return int(at.timestamp() * 1000) + plus_seconds * 1000
