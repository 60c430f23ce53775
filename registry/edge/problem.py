"""What every app of ours says of an error: problem+json (RFC 9457) with a stable `code`; and how much of a body it takes.

Text and ASGI messages alone, no web framework: which status an error has, and which headers go with it, is each app's affair.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


def problem_text(status: int, code: str, detail: str, **more: object) -> str:
    """The JSON of a problem. `type` is about:blank, so `title` is the phrase of the status; `more` adds members."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    return json.dumps(body, ensure_ascii=False)


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None as soon as it is longer than `limit` bytes, whatever Content-Length claims, or when it breaks off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def replaying(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, then what comes after it."""
    is_given = False

    async def replay() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
