"""The whole public app on one page: what it reads, its routes, its limits.

It holds no private key and signs nothing.
"""

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from registry.errors import RegistryError
from registry.foreign.challenges import Challenges
from registry.reading.reader import Reader
from registry.store.token_queue import Requests
from schemas.codes import LANGUAGES
from search.access.keys import KnownKeys
from search.access.quota import Windows
from search.api import described, vc, verify
from search.api.credentials import credentials_router
from search.api.documents import documents_router
from search.api.formats import formats_router
from search.api.health import health_router
from search.api.log import public_log_router
from search.api.match import MATCH_BYTES, MATCH_PATH, Matching, match_router
from search.api.organizations import organizations_router
from search.http import problems
from search.http.checkpointed import Checkpointed
from search.http.compressed import Compressed
from search.http.hosts import Hosts
from search.http.limits import Limits
from search.http.rated import Rated
from search.http.validated import Validated
from search.pages.formats import codes_in_words
from search.pages.routes import is_page_request, pages_router
from search.pages.site import Elsewhere, Site
from search.pages.verify_page import MAX_FORM_BYTES
from search.question.index import Index
from search.question.matching import MatchedHere
from search.verify.judge import PostedVerifier, Verifier

#: where a POST changes nothing, so that any origin's page may make it
OPEN_POSTS = frozenset((verify.PATH, verify.BATCH_PATH, MATCH_PATH, *vc.PATHS))


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes share, and what outlives a renewal of the app.

    `failed_status`: 200 or 400 (VC API); `matching`: a lane for lists of names, None: in this process; `elsewhere`: what the
    pages tell of other places; `rate_limit`: requests a minute of a client without a key, None: nothing is counted;
    `windows`, `keys`, `clock`: what counts them, and what lets in more.
    """

    verifier: Verifier
    challenges: Challenges
    requests: Requests
    failed_status: int = 200
    matching: Matching | None = None
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    rate_limit: int | None = None
    windows: Windows = field(default_factory=Windows)
    keys: KnownKeys = field(default_factory=lambda: KnownKeys(None))
    clock: Callable[[], float] = time.monotonic


def services_here(reader: Reader) -> Services:
    """In this process and in memory, without fetching: what tests and small tools want."""
    return Services(PostedVerifier(reader), Challenges(secrets.token_bytes(32)), Requests(None))


class Renewed:
    """The app, made anew when the trust file has changed: the first batch of a register adds an issuer to it.

    While the store cannot be read the app stays as it is, and says so where it is asked for more than it has.
    """

    def __init__(self, reader: Reader, index: Index, services: Services | None = None, seconds: float = 2.0) -> None:
        self._reader, self._index, self._seconds = reader, index, seconds
        self._services = services or services_here(reader)
        self._trust: dict[str, Any] = reader.trust()
        self._app = create_app(reader, index, self._services)
        self._looked = time.monotonic()

    def _look(self) -> ASGIApp:
        """The app for the trust file of now, looked at once in a while."""
        if time.monotonic() - self._looked >= self._seconds:
            self._looked = time.monotonic()  # before it takes long: the others go on with the app that there is
            with suppress(RegistryError):
                self._renew()
        return self._app

    def _renew(self) -> None:
        trust = self._reader.trust()
        if trust != self._trust:
            self._trust, self._app = trust, create_app(self._reader, self._index, self._services)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = await run_in_threadpool(self._look) if scope["type"] == "http" else self._app
        await app(scope, receive, send)


class _Described(FastAPI):
    """An app whose OpenAPI document is finished once, when it is first asked for."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = described.finished(super().openapi())
        return self.openapi_schema


def create_app(reader: Reader, index: Index, services: Services | None = None) -> ASGIApp:
    """The app over one installation. The site's modules hold the trust file as it is now."""
    app = _Described(
        title="Greffe",
        summary="A verifiable organization registry: search, evidence, verification.",
        version="1",
        servers=[{"url": reader.identity.base_url}],
        default_response_class=Response,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    services = services or services_here(reader)
    site = Site(reader.trust(), reader.identity.base_url, services.elsewhere, services.rate_limit)
    problems.install(app)
    app.include_router(organizations_router(reader, index))
    app.include_router(match_router(reader, services.matching or MatchedHere(index)))
    app.include_router(documents_router(reader))
    app.include_router(verify.verify_router(services.verifier))
    app.include_router(vc.vc_api_router(services.verifier, services.challenges, failed_status=services.failed_status))
    app.include_router(credentials_router(reader, services.requests))
    app.include_router(public_log_router(reader, index))

    app.include_router(health_router(reader, index))
    app.include_router(formats_router(codes_in_words(site)))
    app.include_router(pages_router(reader, index, services.verifier, site))
    _show_pages_for_errors(app, site)
    forms = {f"/{language}/verify": MAX_FORM_BYTES for language in LANGUAGES}
    bodies = {verify.BATCH_PATH: verify.BATCH_BYTES, MATCH_PATH: MATCH_BYTES, **forms}
    answering: ASGIApp = Compressed(Validated(app))
    if services.rate_limit is not None:
        answering = Rated(answering, services.rate_limit, services.windows, services.keys, services.clock)
    checkpointed = Checkpointed(answering, reader.published_head)
    limited = Limits(checkpointed, bodies, _refused_for_people(site), OPEN_POSTS)
    return Hosts(limited, reader.identity.base_url)


def _refused_for_people(site: Site) -> Callable[[Scope, Response], Response]:
    """The answer where a request is refused before a route sees it: a page to people, the problem to programs."""

    def shown(scope: Scope, refused: Response) -> Response:
        request = Request({**scope, "query_string": b""})
        return site.error_page(request, refused.status_code) if is_page_request(request) else refused

    return shown


def _show_pages_for_errors(app: FastAPI, site: Site) -> None:
    """People get a page where programs get a problem: nothing here, nothing for now, or what should not have happened."""

    def for_people(answer: Callable[[Request, Any], Any]) -> Callable[[Request, Exception], Response]:
        def handler(request: Request, error: Exception) -> Response:
            response: Response = answer(request, error)
            if response.status_code in (404, 500, 503) and is_page_request(request):
                return site.error_page(request, response.status_code)
            return response

        return handler

    for kind, answer in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, for_people(answer))
