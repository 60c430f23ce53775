"""The client for asyncio, each call in a thread of its own.

Every call ends within its time, so that no thread stays behind. What the calls do is left to `blocking`.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import date

from client.answers import Candidate, Organization, Results
from client.blocking import Client
from client.connection import SECONDS
from client.trust import Trust
from registry.verify.completeness import CompletenessVerdict
from registry.verify.verdict import Verdict


class AsyncClient:
    """As `Client`, to be awaited. `client`: the one that does the work."""

    def __init__(self, base: str, trust: Trust, *, seconds: float = SECONDS) -> None:
        """As `Client`."""
        self.client = Client(base, trust, seconds=seconds)

    async def search(self, q: str, *, limit: int = 20, cursor: str | None = None, **filters: str) -> Results:
        """As `Client.search`."""
        return await asyncio.to_thread(self.client.search, q, limit=limit, cursor=cursor, **filters)

    async def match(self, rows: Iterable[str | Mapping[str, str]]) -> list[tuple[Candidate, ...]]:
        """As `Client.match`."""
        return await asyncio.to_thread(self.client.match, rows)

    async def organization(
        self, register: str, number: str, at: date | None = None, *, verify: bool = True
    ) -> Organization:
        """As `Client.organization`."""
        return await asyncio.to_thread(self.client.organization, register, number, at, verify=verify)

    async def evidence(self, register: str, number: str, at: date | None = None, *, verify: bool = True) -> bytes:
        """As `Client.evidence`."""
        return await asyncio.to_thread(self.client.evidence, register, number, at, verify=verify)

    async def verify(self, data: bytes, on: date | None = None) -> Verdict | CompletenessVerdict:
        """As `Client.verify`: without any network."""
        return await asyncio.to_thread(self.client.verify, data, on)
