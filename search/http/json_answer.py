"""JSON answers with a strong ETag, and 304 for a client that has them.

RFC 9110 sections 8.8.3 and 13.1.2. A malformed If-None-Match counts as none, and so does that of another method than GET and
HEAD, which the section answers with 412: a POST that changes nothing is simply answered.
"""

import hashlib
import json
from typing import Any

from fastapi import Request
from starlette.responses import Response

from search.http.validated import is_wanted


def answer(request: Request, payload: Any, media_type: str = "application/json", cache: str = "no-cache") -> Response:
    """`payload` as JSON, with an ETag over its bytes; `cache`: the Cache-Control to send."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": cache}
    if request.method not in ("GET", "HEAD"):
        return Response(body, 200, headers, media_type)
    if is_wanted(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(body, 200, headers, media_type)
