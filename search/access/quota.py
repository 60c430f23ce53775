"""Counts what each client asks for, in windows of a minute.

A window begins with a client's first request, and its whole quota is there again at its end. Fields are printed as
draft-ietf-httpapi-ratelimit-headers-11 has them, which are lists of RFC 9651. Memory is bounded: so many clients are remembered,
and the one whose window is oldest goes for a newcomer, which then begins anew. Time is passed in. Pure.
"""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass

#: seconds of a window
WINDOW = 60
#: clients that are remembered, some 11 MB
CLIENTS = 32_768
#: so many items of a list count as one request
ITEMS = 10
#: what an operator may give a key more of -> the addresses below which it counts
SCOPES: dict[str, tuple[str, ...]] = {
    "search": ("/api/v1/organizations", "/api/v1/autocomplete"),
    "match": ("/api/v1/match",),
    "verify": ("/api/v1/verify", "/credentials/verify", "/presentations/verify", "/challenges"),
}


def scope_of(path: str) -> str | None:
    """The scope that an address belongs to, None: it is never counted."""
    for scope, places in SCOPES.items():
        if any(path == place or path.startswith(f"{place}/") for place in places):
            return scope
    return None


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests in a window. `str` is a member of `RateLimit-Policy`."""

    name: str
    quota: int

    def __str__(self) -> str:
        return f'"{self.name}";q={self.quota};w={WINDOW}'


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a quota. `is_granted`: whether what was asked for was there; `seconds`: until the window ends, from 1.

    `str` is a member of `RateLimit`.
    """

    policy: Policy
    remaining: int
    seconds: int
    is_granted: bool = True

    def __str__(self) -> str:
        return f'"{self.policy.name}";r={self.remaining};t={self.seconds}'


def units(items: int) -> int:
    """What a list of that many items counts as: one for each ten of them, at least one."""
    return max(1, math.ceil(items / ITEMS))


class Windows:
    """What each client has used in its window. Safe to use from several threads. `most`: clients that are remembered."""

    def __init__(self, most: int = CLIENTS) -> None:
        self._most = most
        #: (policy, client) -> when the window began, what was used; all last as long, so that the oldest ends first
        self._used: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._used)

    def take(self, policy: Policy, client: str, count: int, now: float) -> Left:
        """Takes `count` of a client's quota, or nothing where less is left; 0 looks. `now`: seconds, never going back.

        What is more than a whole quota takes all of it.
        """
        key = (policy.name, client)
        count = min(count, policy.quota)
        with self._lock:
            self._forget(now)
            began, used = self._used.get(key, (now, 0))
            is_granted = used + count <= policy.quota
            if is_granted and count:
                if key not in self._used and len(self._used) >= self._most:
                    self._used.popitem(last=False)
                used += count
                self._used[key] = (began, used)
        seconds = min(WINDOW, max(1, math.ceil(began + WINDOW - now)))
        return Left(policy, max(0, policy.quota - used), seconds, is_granted)

    def _forget(self, now: float) -> None:
        """Those whose window has ended."""
        while self._used and next(iter(self._used.values()))[0] + WINDOW <= now:
            self._used.popitem(last=False)
