"""Answers go out as gzip to whoever takes it.

RFC 9110, section 8.4.1.3: a page shrinks to a third, a list to an eighth. Nothing here is a secret that a text beside it could
be made to guess: no session, no cookie, no token of one's own. What has an encoding already, and what is bytes, stays as it is.
A strong ETag becomes a weak one (section 8.8.3.3): the bytes of the two forms differ.
"""

import gzip
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: smaller answers fit into one packet as they are
_LEAST = 1000
_LEVEL = 6
_TEXT = re.compile(r"text/.+|application/(?:.+\+)?(?:json|xml|jwt)|application/(?:javascript|vc)|image/svg\+xml")


class Compressed:
    """An app whose texts are compressed where the request takes gzip."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Only an answer whose body comes in one piece is compressed."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        takes, known = "gzip" in asked.get("accept-encoding", ""), asked.get("if-none-match", "")
        start: Message | None = None

        async def compressing(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_text(message):
                start = message
                return
            if message["type"] == "http.response.start" and message["status"] == 304:
                message = _as_known(message, known)
            if start is not None:
                begun, start = start, None
                await send(_compress(begun, message, takes))
            await send(message)

        await self._app(scope, receive, compressing)


def _is_text(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    media_type = headers.get("content-type", "").partition(";")[0]
    return _TEXT.fullmatch(media_type) is not None and "content-encoding" not in headers


def _as_known(message: Message, known: str) -> Message:
    """The start of a 304, with the ETag as the client has it: of the compressed form, where that was sent."""
    headers = MutableHeaders(raw=list(message["headers"]))
    tag = headers.get("etag", "")
    if tag.startswith('"') and f"W/{tag}" in known:
        headers["ETag"] = f"W/{tag}"
    return {**message, "headers": headers.raw}


def _compress(start: Message, body: Message, takes: bool) -> Message:
    """The start of the answer as it goes out; `body` is compressed where that is wanted, and it is whole and large enough."""
    headers = MutableHeaders(raw=list(start["headers"]))
    headers.add_vary_header("Accept-Encoding")
    if takes and not body.get("more_body", False) and len(body.get("body", b"")) >= _LEAST:
        body["body"] = gzip.compress(body["body"], _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body["body"]))
        tag = headers.get("etag", "")
        if tag.startswith('"'):
            headers["ETag"] = f"W/{tag}"
    return {**start, "headers": headers.raw}
