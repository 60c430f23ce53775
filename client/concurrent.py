"""The client for asyncio, each call in a thread of its own.

Every call ends within its time, so that no thread stays behind; one that was cancelled waits for no `Retry-After`. What the
calls do is left to `blocking`.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import ParamSpec, TypeVar

from client.answers import Candidate, History, Organization, Results
from client.blocking import Client
from client.connection import PATIENCE, SECONDS, given_up
from client.following import Growth
from client.trust import Trust
from registry.log.entry import Entry
from registry.verify.completeness import CompletenessVerdict
from registry.verify.verdict import Verdict

P = ParamSpec("P")
T = TypeVar("T")


class AsyncClient:
    """As `Client`, to be awaited. `client`: the one that does the work."""

    def __init__(
        self,
        base: str,
        trust: Trust,
        *,
        key: str | None = None,
        max_age: timedelta | None = None,
        seconds: float = SECONDS,
        patience: float = PATIENCE,
    ) -> None:
        """As `Client`."""
        self.client = Client(base, trust, key=key, max_age=max_age, seconds=seconds, patience=patience)

    async def search(self, q: str, *, limit: int = 20, cursor: str | None = None, **filters: str) -> Results:
        """As `Client.search`."""
        return await _in_thread(self.client.search, q, limit=limit, cursor=cursor, **filters)

    async def match(self, rows: Iterable[str | Mapping[str, str]]) -> list[tuple[Candidate, ...]]:
        """As `Client.match`."""
        return await _in_thread(self.client.match, rows)

    async def organization(
        self, register: str, number: str, at: date | None = None, *, verify: bool = True
    ) -> Organization:
        """As `Client.organization`."""
        return await _in_thread(self.client.organization, register, number, at, verify=verify)

    async def evidence(self, register: str, number: str, at: date | None = None, *, verify: bool = True) -> bytes:
        """As `Client.evidence`."""
        return await _in_thread(self.client.evidence, register, number, at, verify=verify)

    async def history(self, register: str, number: str) -> History:
        """As `Client.history`."""
        return await _in_thread(self.client.history, register, number)

    async def follow(self, known: str | None = None) -> "AsyncGrowth":
        """As `Client.follow`, to be iterated by `async for`."""
        return AsyncGrowth(await _in_thread(self.client.follow, known))

    async def verify(self, data: bytes, on: date | None = None) -> Verdict | CompletenessVerdict:
        """As `Client.verify`: without any network."""
        return await _in_thread(self.client.verify, data, on)


class AsyncGrowth:
    """As `Growth`, to be iterated by `async for`: each bundle is fetched and proven in a thread."""

    def __init__(self, growth: Growth) -> None:
        self._growth = growth
        self.checkpoint, self.old, self.new = growth.checkpoint, growth.old, growth.new

    async def __aiter__(self) -> AsyncIterator[Entry]:
        bundles = self._growth.bundles()
        while (bundle := await _in_thread(lambda: next(bundles, None))) is not None:
            for entry in bundle:
                yield entry


async def _in_thread(function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
    """What a call gives, which goes on in a thread; it is told when nobody waits any more."""
    gone = threading.Event()
    before = given_up.set(gone)
    try:
        return await asyncio.to_thread(function, *arguments, **named)
    finally:
        gone.set()
        given_up.reset(before)
