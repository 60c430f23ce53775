"""What every app says of an error: problem+json with a stable `code`.

RFC 9457. Also how much of a body an app takes. Text and ASGI messages alone, no web framework: each app has its own table
of statuses, and makes the responses, with the headers that go with them.
"""

import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
#: goes with 503
RETRY_AFTER = {"Retry-After": "5"}
#: all that an answer says of an error that nobody foresaw
UNFORESEEN = "this should not have happened"
#: codes for what a web framework refuses by itself; the others are `http_<status>`
_REFUSED_CODES = {404: "not_found", 405: "method_not_allowed", 415: "media_type", 422: "bad_parameter"}
_REFUSED_DETAILS = {404: "there is nothing at this address", 405: "this address does not answer that method"}

_log = logging.getLogger(__name__)
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


def status_of(error: Exception, table: Mapping[type[Exception], int]) -> int:
    """The status in an app's table: that of the first class in the error's own line of ancestors; 500 where none is there."""
    return next((table[cls] for cls in type(error).__mro__ if cls in table), 500)


def refused(status: int, detail: str) -> tuple[str, str]:
    """(code, detail) of what a web framework refuses by itself; `detail`: what it says of that."""
    return _REFUSED_CODES.get(status, f"http_{status}"), _REFUSED_DETAILS.get(status, detail)


def log_unforeseen(error: Exception, method: str, path: str) -> str:
    """Logs an error that nobody foresaw; gives the id of the request, by which the answer is found in the log.

    One of our own, which has a code, says in a line what is untrue; any other leaves its trace.
    """
    request_id, code = secrets.token_hex(8), getattr(error, "code", None)
    what = "" if code is None else f": {code}: {error}"
    _log.error(
        "request %s failed: %s %s%s", request_id, method, path, what, exc_info=None if code is not None else error
    )
    return request_id


async def read_body(receive: Receive, limit: int, take: Callable[[int], bool] = lambda _: True) -> bytes | None:
    """The whole body; None as soon as it is longer than `limit` bytes, whatever Content-Length claims, or when it breaks off.

    `take`: whether there is room for so many bytes more; None where there is not.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")
        body += part
        if len(body) > limit or not take(len(part)):
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
