"""The one table from errors to HTTP, as problem+json with stable codes.

RFC 9457. Covers our own errors, what FastAPI and Starlette refuse by themselves (404, 405, 422), and anything unforeseen: 500
with a `request_id` that the log has too, never a stack trace. A problem says `type` about:blank, so `title` is the phrase of
its status; programs read `code`. What the office's app says too is left to `registry/edge/problem.py`.
"""

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from registry import errors as registry
from registry.edge.problem import (
    MEDIA_TYPE,
    RETRY_AFTER,
    UNFORESEEN,
    log_unforeseen,
    problem_text,
    refused,
    status_of,
)
from search import errors as search

#: of every error; `registry.edge.problem.status_of` reads it
STATUS: dict[type[Exception], int] = {
    registry.Malformed: 400,
    registry.Untrue: 422,
    registry.Conflict: 503,
    registry.NotFound: 404,
    registry.NotPublished: 409,
    registry.NotReady: 503,
    registry.LedgerDamaged: 500,
    registry.Refused: 500,
    registry.Usage: 400,
    registry.RegistryError: 500,
    search.BadParameter: 422,
    search.BadCursor: 400,
    search.NotEvidence: 422,
    search.TooMuch: 413,
    search.RateLimited: 429,
    search.AccessUnknown: 401,
    search.IndexOutdated: 503,
    search.SearchAway: 503,
    search.SearchError: 500,
}


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """A problem+json response; `more` adds members."""
    text = problem_text(status, code, detail, **more)
    return Response(text, status, {**(headers or {}), "Cache-Control": "no-store"}, MEDIA_TYPE)


def answer_error(request: Request, error: Exception) -> Response:
    """The problem for one of our own errors; those of 500 and above are logged."""
    status = status_of(error, STATUS)
    code, message = getattr(error, "code", "internal"), getattr(error, "message", "")
    if status == 500:
        return _unforeseen(request, error, code)
    more = {"parameter": error.parameter} if isinstance(error, search.BadParameter) else {}
    return problem(status, code, message, _headers_of(error, status), **more)


def _headers_of(error: Exception, status: int) -> Mapping[str, str]:
    if isinstance(error, search.RateLimited):
        return {"Retry-After": str(error.seconds)}
    if isinstance(error, search.AccessUnknown):
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # RFC 6750 section 3.1
    return RETRY_AFTER if status == 503 else {}


def install(app: FastAPI) -> None:
    """Makes `app` answer every error with a problem."""
    app.add_exception_handler(registry.RegistryError, answer_error)
    app.add_exception_handler(search.SearchError, answer_error)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(Exception, _unforeseen)


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = _allowed(request)
    return problem(error.status_code, *refused(error.status_code, str(error.detail)), headers)


def _answer_validation(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = [str(step) for step in first["loc"]]
    name = place[-1] if len(place) > 1 else place[0]
    return problem(422, "bad_parameter", f"{name}: {first['msg']}", parameter=name)


def _allowed(request: Request) -> str:
    """Every method that some route answers at this address: the router itself names those of the first route only."""

    def answered(method: str) -> bool:
        asked = {**request.scope, "method": method}
        return any(route.matches(asked)[0] is Match.FULL for route in request.app.router.routes)

    methods = [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if answered(method)]
    return ", ".join(["GET", "HEAD", *methods[1:]] if "GET" in methods else methods)


def _unforeseen(request: Request, error: Exception, code: str = "internal") -> Response:
    request_id = log_unforeseen(error, request.method, request.url.path)
    return problem(500, code, UNFORESEEN, request_id=request_id)
