"""The body of a request that posts JSON; refused unless declared so."""

import json
import re
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from registry.encoding import strict_json
from search.errors import BadParameter, TooMuch


async def posted_json(request: Request) -> bytes:
    """The bytes of the body, not yet read as JSON. HTTPException 415: declared as something else."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not re.fullmatch(r"application/([a-z.-]+\+json|vc|vp)", media_type):
        raise HTTPException(415, "the body is not declared as JSON (Content-Type)")
    return await request.body()


def posted_items(body: bytes, most: int, item_bytes: int, nodes: int) -> list[dict[str, Any]]:
    """The objects of `{"items": [...]}`: at most so many, each of so many bytes; `nodes`: values in all of it.

    Malformed, as `strict_json`; BadParameter `items`; TooMuch `too_many_items`, `item_too_large`.
    """
    items = strict_json.parse_object(body, nodes).get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadParameter("items", "items is not an array of objects", "items")
    if len(items) > most:
        raise TooMuch("too_many_items", f"a batch has at most {most} items")
    if any(len(json.dumps(item, ensure_ascii=False).encode()) > item_bytes for item in items):
        raise TooMuch("item_too_large", f"an item of a batch has at most {item_bytes} bytes")
    return items
