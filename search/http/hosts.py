"""Answer to our own name only: middleware that refuses a foreign Host.

RFC 9110 section 7.2. So no cache and no link is ever poisoned with another name. The identity's host and any loopback name are
ours; the listening address is not identity.
"""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from search.http.problems import problem

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Hosts:
    """Wraps an ASGI app. `base_url`: of the identity."""

    def __init__(self, app: ASGIApp, base_url: str) -> None:
        self._app = app
        self._own = urlsplit(base_url).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_ours(scope):
            await problem(400, "host", "this installation does not go by that name")(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        if len(hosts) != 1:
            return False
        name, colon, port = hosts[0].rpartition(":")
        if not colon or not port.isdigit():
            name = hosts[0]
        return hosts[0] == self._own or name in _LOOPBACK
