"""What every request must keep to, and the headers of every answer: middleware.

Refused with problem+json, before a route sees the request: headers or addresses that are too large, NUL and broken UTF-8 in
path or query, a parameter given twice, a compressed body, and a body above the limit, counted as it arrives, whatever
Content-Length claims (RFC 9110, RFC 6585); where bodies fill the room that there is for them, the next has to come later. HEAD
is answered as GET without the body. JSON answers get headers under which no browser runs them; reads may come from any origin,
and so may what is posted where nothing is changed; a browser that asks beforehand (Fetch standard, CORS preflight) is answered.
Pages set their own policy.
"""

from collections.abc import Callable, Mapping, Set
from urllib.parse import unquote_to_bytes

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.edge.client import current_client, works_for
from registry.edge.problem import RETRY_AFTER, read_body, replaying
from search.http.bodies import Bodies
from search.http.problems import problem

HEADER_BYTES = 16 * 1024
ADDRESS_BYTES = 16 * 1024
BODY_BYTES = 256 * 1024

_JSON_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Greffe-Checkpoint, RateLimit, RateLimit-Policy, Retry-After",
}


class Limits:
    """Wraps an ASGI app. `body_bytes`: by exact path, where more or less than `BODY_BYTES` is right.

    `shown`: what a refused request is answered, given its scope and the problem; `open_posts`: the paths where a POST changes
    nothing, so that any origin's page may make it.
    """

    def __init__(
        self,
        app: ASGIApp,
        body_bytes: Mapping[str, int] | None = None,
        shown: Callable[[Scope, Response], Response] = lambda _, refused: refused,
        open_posts: Set[str] = frozenset(),
    ) -> None:
        self._shown, self._open_posts = shown, open_posts
        self._app = app
        self._body_bytes = dict(body_bytes or {})
        self._bodies = Bodies()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        works_for((scope.get("client") or ("",))[0])
        without_body = scope["method"] == "HEAD"
        if without_body:
            scope = {**scope, "method": "GET"}
        send = _finishing(send, self._is_open(scope["method"], scope["path"]), without_body)
        refused = _refuse_head(scope)
        answered = self._preflight(scope) if refused is None else self._shown(scope, refused)
        if answered is not None:
            await answered(scope, receive, send)
            return
        with self._bodies.counted(current_client()) as take:
            has_room = True

            def counts(size: int) -> bool:
                nonlocal has_room
                has_room = take(size)
                return has_room

            body = await read_body(receive, self._body_bytes.get(scope["path"], BODY_BYTES), counts)
            if body is not None:
                await self._app(scope, replaying(body, receive), send)
            elif has_room:
                refused = problem(413, "body_too_large", "the body is larger than this address takes")
                await self._shown(scope, refused)(scope, receive, send)
            else:
                refused = problem(503, "busy", "too much is being sent at this time", RETRY_AFTER)
                await self._shown(scope, refused)(scope, receive, send)

    def _is_open(self, method: str, path: str) -> bool:
        """Whether a page of any origin may ask so, and read the answer."""
        return method in ("GET", "HEAD") or (method == "POST" and path in self._open_posts)

    def _preflight(self, scope: Scope) -> Response | None:
        """The answer to a browser that asks whether another origin's page may ask here; None: no, or it asks something else."""
        if scope["method"] != "OPTIONS":
            return None
        asked = dict(scope["headers"]).get(b"access-control-request-method", b"").decode("latin-1")
        if not self._is_open(asked, scope["path"]):
            return None
        methods = "POST" if asked == "POST" else "GET, HEAD"
        return Response(status_code=204, headers={**_PREFLIGHT_HEADERS, "Access-Control-Allow-Methods": methods})


def _refuse_head(scope: Scope) -> Response | None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode("utf-8", "surrogateescape")
    query: bytes = scope["query_string"]
    if sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES:
        return problem(431, "headers_too_large", "the headers of the request are too large")
    if len(raw_path) + len(query) > ADDRESS_BYTES:
        return problem(414, "address_too_long", "the address is too long")
    if any(name == b"content-encoding" and value.strip().lower() != b"identity" for name, value in headers):
        return problem(415, "content_encoding", "a compressed body is not taken")
    decoded = unquote_to_bytes(raw_path) + b"?" + unquote_to_bytes(query)
    if b"\0" in decoded:
        return problem(400, "nul", "the address holds a NUL character")
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        return problem(400, "encoding", "the address is not UTF-8")
    names = [unquote_to_bytes(part.partition(b"=")[0].replace(b"+", b" ")) for part in query.split(b"&") if part]
    if len(set(names)) < len(names):
        return problem(400, "duplicate_parameter", "a parameter of the query is given twice")
    return None


def _add(headers: MutableHeaders, added: Mapping[str, str]) -> None:
    for name, value in added.items():
        headers.setdefault(name, value)


def _finishing(send: Send, is_open: bool, without_body: bool) -> Send:
    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            media_type = headers.get("content-type", "").partition(";")[0]
            if media_type.endswith("json"):
                _add(headers, _JSON_HEADERS)
            if is_open and media_type != "text/html":
                _add(headers, _CORS_HEADERS)
        elif without_body and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return finish
