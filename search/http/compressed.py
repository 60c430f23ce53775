"""Pages go out as gzip to whoever takes it.

RFC 9110, section 8.4.1.3: a page shrinks to a third.
Of pages alone: they hold no secret that somebody else's text beside it could be made to guess. What has an encoding already stays
as it is.
"""

import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: smaller pages fit into one packet as they are
_LEAST = 1000
_LEVEL = 6


class CompressedPages:
    """An app whose HTML is compressed where the request takes gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Only an answer whose body comes in one piece is compressed."""
        if scope["type"] != "http" or "gzip" not in Headers(scope=scope).get("accept-encoding", ""):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def compressing(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_page(message):
                start = message
                return
            if start is not None:
                begun, start = start, None
                await send(_compress(begun, message))
            await send(message)

        await self._app(scope, receive, compressing)


def _is_page(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


def _compress(start: Message, body: Message) -> Message:
    """The start of the answer as it goes out; `body` is compressed where it is whole and large enough."""
    headers = MutableHeaders(raw=list(start["headers"]))
    headers.add_vary_header("Accept-Encoding")
    if not body.get("more_body", False) and len(body.get("body", b"")) >= _LEAST:
        body["body"] = gzip.compress(body["body"], _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body["body"]))
    return {**start, "headers": headers.raw}
