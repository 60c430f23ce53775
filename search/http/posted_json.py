"""Posted JSON is refused unless declared so, and measured before it is parsed.

How many values it may hold at most is counted in its bytes, and a batch is cut into its items, each of which is parsed by itself:
neither size nor number is learned from what a parser has built already, and no step holds the interpreter for long.
"""

import re
import threading
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from registry.encoding import strict_json
from registry.errors import Malformed
from search.errors import BadParameter, TooMuch


async def posted_json(request: Request) -> bytes:
    """The bytes of the body, not yet read as JSON. HTTPException 415: declared as something else."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not re.fullmatch(r"application/([a-z.-]+\+json|vc|vp)", media_type):
        raise HTTPException(415, "the body is not declared as JSON (Content-Type)")
    return await request.body()


#: a string, one without end (which is no JSON), or a bracket; what a string holds is never looked at twice
_TOKEN = re.compile(rb'"(?>[^"\\]+|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_SPACE = b" \t\r\n"
_OPENS_ITEMS = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*\[")
#: one batch is parsed at a time: many threads at work keep the serving loop from its turn
_parsing = threading.Lock()
#: how much else than its items a batch may hold
_REST_BYTES = 4096


def posted_items(body: bytes, most: int, item_bytes: int, nodes: int) -> list[dict[str, Any]]:
    """The objects of `{"items": [...]}`: at most so many, each of so many bytes; `nodes`: values in all of it.

    Malformed, as `strict_json`; BadParameter `items`; TooMuch `too_many_items`, `item_too_large`.
    """
    with _parsing:
        if body.count(b",") + body.count(b"[") + body.count(b"{") > nodes:
            raise Malformed("json_limits", f"more than {nodes} values")
        start = _start_of_items(body)
        end, items = (start, []) if start is None else _cut(body, start, most, item_bytes)
        if (start or 0) + len(body) - (end or 0) > _REST_BYTES:
            raise _no_items()
        rest = body if start is None else body[:start] + body[end:]
        if strict_json.parse_object(rest).get("items") != []:
            raise _no_items()
        return [strict_json.parse_object(body[item]) for item in items]


def _start_of_items(body: bytes) -> int | None:
    """Where the items begin, behind the bracket of their array; None where there is none near the beginning."""
    depth = 0
    for token in _TOKEN.finditer(body, 0, _REST_BYTES):
        if depth == 1 and token[0] == b'"items"' and (opens := _OPENS_ITEMS.match(body, token.end())):
            return opens.end()
        depth += _step(token[0])
    return None


def _cut(body: bytes, start: int, most: int, item_bytes: int) -> tuple[int, list[slice]]:
    """Where the items end, before the bracket of their array, and each of them. Whether they are JSON is not looked at."""
    items: list[slice] = []
    depth, end = 0, start
    for token in _TOKEN.finditer(body, start):
        if depth == 0:
            between = body[end : token.start()].strip(_SPACE)
            if token[0] == b"]" and not between:
                return token.start(), items
            if token[0] != b"{" or between != (b"," if items else b""):
                raise _no_items()
            if len(items) == most:
                raise TooMuch("too_many_items", f"a batch has at most {most} items")
            start = token.start()
        depth += _step(token[0])
        if token.end() - start > item_bytes:
            raise TooMuch("item_too_large", f"an item of a batch has at most {item_bytes} bytes")
        if depth == 0:
            end = token.end()
            items.append(slice(start, end))
    raise Malformed("json", "not JSON: the array of items has no end")


def _no_items() -> BadParameter:
    return BadParameter("items", "items is not an array of objects, or too much stands beside it", "items")


def _step(token: bytes) -> int:
    return 1 if token in (b"{", b"[") else -1 if token in (b"}", b"]") else 0
