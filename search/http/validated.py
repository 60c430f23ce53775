"""Every read has an ETag, and 304 for a client that has it.

RFC 9110, sections 8.8.3 and 13.1.2. For answers that make none of their own (`json_answer` does), out of their bytes; not for
what nobody may store, what comes in pieces, and whatever is no 200.
"""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Validated:
    """An app whose answers to GET have an ETag."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        wanted = Headers(scope=scope).get("if-none-match", "")
        start: Message | None = None

        async def validating(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _lacks_one(message):
                start = message
                return
            if start is not None:
                begun, start = start, None
                await send(_tagged(begun, message, wanted))
            await send(message)

        await self._app(scope, receive, validating)


def is_wanted(tag: str, if_none_match: str) -> bool:
    """Whether a client that sent that header has the answer with that tag already."""
    known = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in known or known == ["*"]


def _lacks_one(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return message["status"] == 200 and "etag" not in headers and "no-store" not in headers.get("cache-control", "")


def _tagged(start: Message, body: Message, wanted: str) -> Message:
    """The start of the answer with its tag; 304, and an empty `body`, where the client has it."""
    if body.get("more_body", False):
        return start
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["ETag"] = tag = f'"{hashlib.sha256(body.get("body", b"")).hexdigest()[:32]}"'
    if not is_wanted(tag, wanted):
        return {**start, "headers": headers.raw}
    body["body"] = b""
    for name in ("Content-Length", "Content-Type"):
        if name in headers:
            del headers[name]
    return {**start, "status": 304, "headers": headers.raw}
