"""Middleware: search, match and verify are counted, client by client.

The answers say what is left, by draft-ietf-httpapi-ratelimit-headers-11: `RateLimit-Policy` and `RateLimit`, beside 429 with
`Retry-After` (RFC 6585). An access key comes as `Authorization: Bearer` (RFC 6750); one that is not known is refused, also where
nobody needs one. Another token is somebody else's affair, a gateway's perhaps. A route says by `spend` how many items came at
once. What is counted, and how, is left to `search/access`.
"""

import logging
from collections.abc import Callable

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.edge.client import current_client, is_near
from search.access.keys import PREFIX, KnownKeys
from search.access.quota import Policy, Windows, scope_of, units
from search.errors import AccessUnknown, RateLimited, SearchError
from search.http.problems import answer_error

_log = logging.getLogger(__name__)
DEFAULT = "default"
_SCHEME = b"bearer "
_ACCOUNT = "greffe.account"


class Account:
    """What a request is counted by. Used by the thread that answers it."""

    def __init__(self, windows: Windows, policy: Policy, client: str, clock: Callable[[], float]) -> None:
        self._windows, self._policy, self._client, self._clock = windows, policy, client, clock

    def spend(self, count: int) -> None:
        """RateLimited: that much is not left."""
        left = self._windows.take(self._policy, self._client, count, self._clock())
        if not left.is_granted:
            raise RateLimited(left.seconds)

    def spend_list(self, count: int) -> None:
        """The rest of a list, of which one is spent; of one that is more than a whole quota, all there is. RateLimited."""
        self.spend(min(count, self._policy.quota) - 1)

    def headers(self) -> dict[str, str]:
        """What the answer says of it."""
        left = self._windows.take(self._policy, self._client, 0, self._clock())
        return {"RateLimit-Policy": str(self._policy), "RateLimit": str(left)}


def spend(request: Request, items: int) -> None:
    """Count a list of that many items; the first ten are counted already. RateLimited."""
    account = request.scope.get(_ACCOUNT)
    if isinstance(account, Account):
        account.spend_list(units(items))


class Rated:
    """Wraps an ASGI app. `quota`: requests a minute of a client without a key; `clock`: seconds, never going back."""

    def __init__(self, app: ASGIApp, quota: int, windows: Windows, keys: KnownKeys, clock: Callable[[], float]) -> None:
        self._app, self._windows, self._keys, self._clock = app, windows, keys, clock
        self._policy = Policy(DEFAULT, quota)
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        name = scope_of(scope["path"]) if scope["type"] == "http" else None
        if name is None:
            await self._app(scope, receive, send)
            return
        self._warn_of_proxy(scope)
        account = Account(self._windows, self._policy, current_client(), self._clock)
        refused: SearchError | None = None
        try:
            account = self._account(scope, name, account)
            account.spend(1)
        except SearchError as error:
            refused = error

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(account.headers())
            await send(message)

        if refused is None:
            await self._app({**scope, _ACCOUNT: account}, receive, telling)
        else:
            await answer_error(Request(scope), refused)(scope, receive, telling)

    def _warn_of_proxy(self, scope: Scope) -> None:
        """Once: somebody on this machine or network asks for others, and is not named as their proxy.

        Who is named among those that a request was forwarded for is no proxy, but whom a named one asks for.
        """
        if self._has_warned:
            return
        forwarded = [value for header, value in scope["headers"] if header == b"x-forwarded-for"]
        address = (scope.get("client") or ("",))[0].encode()
        if forwarded and not any(address in value for value in forwarded) and is_near(current_client()):
            self._has_warned = True
            text = "%s asks for others, and GREFFE_TRUSTED_PROXIES does not name it: all of them count as one client"
            _log.warning(text, current_client())

    def _account(self, scope: Scope, name: str, own: Account) -> Account:
        """That of the key, where one is sent and is good for this; else the client's own. AccessUnknown; RateLimited."""
        sent = next((value for header, value in scope["headers"] if header == b"authorization"), b"")
        if not sent.lower().startswith(_SCHEME):
            return own
        token = sent[len(_SCHEME) :].strip().decode("latin-1")
        if not token.startswith(PREFIX):
            return own
        key = self._keys.find(token)
        if key is None:
            own.spend(1)  # whoever tries keys is counted
            raise AccessUnknown
        if name not in key.scopes:
            return own
        return Account(self._windows, Policy(name, key.per_minute), f"key {key.id}", self._clock)
