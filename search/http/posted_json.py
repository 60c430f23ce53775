"""The body of a request that posts JSON; refused unless declared so."""

import re

from fastapi import Request
from starlette.exceptions import HTTPException


async def posted_json(request: Request) -> bytes:
    """The bytes of the body, not yet read as JSON. HTTPException 415: declared as something else."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not re.fullmatch(r"application/([a-z.-]+\+json|vc|vp)", media_type):
        raise HTTPException(415, "the body is not declared as JSON (Content-Type)")
    return await request.body()
