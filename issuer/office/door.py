"""The door of the office's app: who is let in, and how it refuses.

Lets in only what names this host (RFC 9110 section 7.2), is small, and carries the office's token (RFC 6750), which is compared
in constant time and never told or logged. What is refused is answered with problem+json (RFC 9457) and a stable `code`, in the
shape that the public app has; that room is none that this one may import.
"""

import hmac
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from registry.edge.disk import write_file
from registry.edge.problem import MEDIA_TYPE, problem_text, read_body, replaying
from registry.errors import Refused

BODY_BYTES = 256 * 1024
OPEN_PATHS = ("/livez",)
MIN_TOKEN = 32
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """A problem+json response; `more` adds members."""
    text = problem_text(status, code, detail, **more)
    return Response(text, status, {**HEADERS, **(headers or {})}, MEDIA_TYPE)


def check_media_type(request: Request, wanted: str, name: str) -> None:
    """HTTPException 415 unless the body is declared as `wanted`, which a person calls `name`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != wanted:
        raise HTTPException(415, f"the body is not declared as {name} (Content-Type)")


def read_token(path: Path) -> str:
    """The token in that file, made (mode 0600) where there is none.

    Refused `token_open`: others may read the file. Refused `token_short`: it holds less than 32 characters.
    """
    if not path.exists():
        write_file(path, secrets.token_urlsafe(32).encode() + b"\n", 0o600)
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise Refused("token_open", f"others may read {path}: chmod 600 it, or remove it for a new one")
        token = file.read().decode("latin-1").strip()
    if len(token) < MIN_TOKEN:
        raise Refused("token_short", f"{path} holds less than {MIN_TOKEN} characters: remove it for a new one")
    return token


class Door:
    """Wraps an ASGI app. `base_url`: of the identity; its host and any loopback name are ours, on whatever port.

    `limits`: path -> how many bytes a body may have there, where that is not BODY_BYTES.
    """

    def __init__(self, app: ASGIApp, base_url: str, token: str, limits: Mapping[str, int] | None = None) -> None:
        self._app, self._limits = app, limits or {}
        self._hosts = {*_LOOPBACK, urlsplit(base_url).hostname}
        self._token = token.encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refuse_head(scope)
        if refused is None:
            limit = self._limits.get(scope["path"], BODY_BYTES)
            body = await read_body(receive, limit)
            if body is None:
                refused = problem(413, "body_too_large", f"a body has at most {limit} bytes")
            else:
                receive = replaying(body, receive)
        await (self._app if refused is None else refused)(scope, receive, send)

    def _refuse_head(self, scope: Scope) -> Response | None:
        if not self._is_ours(_values(scope, b"host")):
            return problem(400, "host", "this installation does not go by that name")
        if scope["path"] not in OPEN_PATHS and not self._is_let_in(_values(scope, b"authorization")):
            scheme = 'Bearer realm="greffe office"'
            return problem(401, "token", "the office's token is wanted", {"WWW-Authenticate": scheme})
        if scope["query_string"]:
            return problem(400, "unknown_parameter", "this address takes no parameters")
        if any(value.strip().lower() != b"identity" for value in _values(scope, b"content-encoding")):
            return problem(415, "content_encoding", "a compressed body is not taken")
        return None

    def _is_ours(self, given: list[bytes]) -> bool:
        host = given[0].decode("latin-1").lower() if len(given) == 1 else ""
        name, colon, port = host.rpartition(":")
        return (name if colon and port.isdigit() else host) in self._hosts

    def _is_let_in(self, given: list[bytes]) -> bool:
        scheme, _, token = (given[0] if len(given) == 1 else b"").partition(b" ")
        return hmac.compare_digest(token.strip(), self._token) and scheme.lower() == b"bearer"


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for header, value in scope["headers"] if header == name]
