"""A synchronous client that talks to an ASGI app directly, without a server."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx


class Client:
    """`get`, `head` and `request` as httpx has them; an error that the app raises after its answer is not raised here."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def request(self, method: str, address: str, **more: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
                return await client.request(method, address, **more)

        with ThreadPoolExecutor(1) as thread:  # in this one Playwright may have a loop that runs already
            return thread.submit(asyncio.run, send()).result()

    def get(self, address: str, **more: Any) -> httpx.Response:
        return self.request("GET", address, **more)

    def head(self, address: str, **more: Any) -> httpx.Response:
        return self.request("HEAD", address, **more)
