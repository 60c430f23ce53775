"""Every answer names the published checkpoint in a header.

`Greffe-Checkpoint: size=652, root=:<base64>:` (RFC 9651, a dictionary of an integer and a byte sequence). It is at most a
second old, so that a body may stand on a newer one, which it names itself. Where the ledger cannot be asked, or nothing is
published yet, it is left out.
"""

import base64
import math
import time
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.errors import RegistryError

HEADER = "Greffe-Checkpoint"
#: seconds for which what was read is said
_SECONDS = 1.0


class Checkpointed:
    """An app whose answers have the header. `head`: gives size and root of the published checkpoint, None before the first."""

    def __init__(self, app: ASGIApp, head: Callable[[], tuple[int, bytes] | None]) -> None:
        self._app, self._head = app, head
        self._looked, self._text = -math.inf, ""

    def _read(self) -> None:
        self._looked = time.monotonic()
        try:
            head = self._head()
        except RegistryError:
            head = None
        self._text = "" if head is None else f"size={head[0]}, root=:{base64.b64encode(head[1]).decode()}:"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if time.monotonic() - self._looked >= _SECONDS:
            await run_in_threadpool(self._read)

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start" and self._text:
                MutableHeaders(scope=message)[HEADER] = self._text
            await send(message)

        await self._app(scope, receive, naming)
