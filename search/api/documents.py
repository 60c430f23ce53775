"""Hand over what evidence rests on: status lists, contexts, schemas, DID documents, trust; verify what is posted.

Credentials and their evidence files are left to `credentials`. What is immutable may be cached for ever; what moves has an
ETag and a short life.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

import schemas
from registry.credential import jwt
from registry.encoding import strict_json
from registry.errors import Malformed, NotFound
from registry.reading.reader import Reader
from registry.verify import steps
from search.api.organizations import only
from search.errors import BadParameter, TooMuch
from search.http.json_answer import answer
from search.http.posted_json import posted_json
from search.pages.site import preferred_language
from search.verify.judge import BATCH_ITEMS, Verifier

BATCH_PATH = "/api/v1/verify/batch"
BATCH_BYTES = 8 * 1024 * 1024
ITEM_BYTES = 256 * 1024
BATCH_NODES = 2_000_000
_IMMUTABLE = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=5"
#: of a credential; a person is sent to the page
_FORMS = ("application/json", "application/vc", "application/ld+json", jwt.MEDIA_TYPE, "text/html")


def evidence_router(
    reader: Reader,
    verifier: Verifier,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """The routes. `now`: an aware clock."""
    router = APIRouter(tags=["evidence"])
    _add_documents(router, reader)
    _add_verify(router, verifier, now)
    return router


def _add_documents(router: APIRouter, reader: Reader) -> None:
    @router.get("/status/{purpose}/{name}", summary="A status list credential", dependencies=[Depends(only())])
    def status_list(request: Request, purpose: str, name: str) -> Response:
        return answer(request, reader.status_list(f"{purpose}/{name}"), cache="public, max-age=300")

    @router.get("/contexts/{name}/{version}", summary="Our JSON-LD context", dependencies=[Depends(only())])
    def context(name: str, version: str) -> Response:
        try:
            body = schemas.context_bytes(f"{name}/{version}")
        except KeyError:
            raise NotFound("context_unknown", "there is no such context here") from None
        return Response(body, media_type="application/ld+json", headers={"Cache-Control": _IMMUTABLE})

    @router.get("/schemas/{name}/{version}.json", summary="Our JSON Schemas", dependencies=[Depends(only())])
    def schema(name: str, version: str) -> Response:
        try:
            body = schemas.schema_bytes(f"{name}/{version}")
        except KeyError:
            raise NotFound("schema_unknown", "there is no such schema here") from None
        return Response(body, media_type="application/schema+json", headers={"Cache-Control": _IMMUTABLE})

    @router.get("/.well-known/did.json", summary="The office's DID document", dependencies=[Depends(only())])
    def office(request: Request) -> Response:
        return answer(request, reader.office_document(), cache="public, max-age=300")

    @router.get("/issuers/{register}/did.json", summary="An issuer's DID document", dependencies=[Depends(only())])
    def issuer(request: Request, register: str) -> Response:
        return answer(request, reader.issuer_document(register), cache="public, max-age=300")

    @router.get("/issuers/{register}/did.jsonl", summary="An issuer's did:webvh log", dependencies=[Depends(only())])
    def issuer_log(register: str) -> Response:
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(reader.did_log(register), media_type="text/jsonl", headers=headers)

    @router.get("/trust.json", summary="The trust file of this installation", dependencies=[Depends(only())])
    def trust(request: Request) -> Response:
        return answer(request, reader.trust(), cache=_SHORT)

    @router.get("/organizations/{register}/{number}", include_in_schema=False)
    def organization(request: Request, register: str, number: str) -> Response:
        """The subject's own URL: its page, or its JSON by `Accept` or `.json`."""
        accept = request.headers.get("accept", "")
        path = f"organizations/{register}/{number.removesuffix('.json')}"
        wants_json = number.endswith(".json") or ("json" in accept and "text/html" not in accept)
        language = preferred_language(request.headers.get("accept-language", ""))
        place = f"api/v1/{path}" if wants_json else f"{language}/{path}"
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"Vary": "Accept, Accept-Language"}
        return RedirectResponse(f"{reader.identity.base_path}/{place}{query}", status_code=303, headers=headers)


def _add_verify(router: APIRouter, verifier: Verifier, now: Callable[[], datetime]) -> None:
    @router.post("/api/v1/verify", summary="Verify an evidence file or a credential", dependencies=[Depends(only())])
    async def verify_one(request: Request) -> Response:
        body = await posted_json(request)

        def judge() -> dict[str, Any]:
            try:
                document = strict_json.parse_object(body)
            except Malformed as error:
                if error.code != "json_strict":
                    raise
                return steps.malformed(error.message).to_json()
            return verifier.judge([document], now())[0]

        return answer(request, await run_in_threadpool(judge), cache="no-store")

    @router.post(BATCH_PATH, summary="Verify up to 1,000 at once", dependencies=[Depends(only())])
    async def verify_batch(request: Request) -> Response:
        body = await posted_json(request)

        def judge() -> list[dict[str, Any]]:
            return verifier.judge(_items(body), now())

        return answer(request, {"results": await run_in_threadpool(judge)}, cache="no-store")


def _items(body: bytes) -> list[dict[str, Any]]:
    items = strict_json.parse_object(body, BATCH_NODES).get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadParameter("items", "items is not an array of objects", "items")
    if len(items) > BATCH_ITEMS:
        raise TooMuch("too_many_items", f"a batch has at most {BATCH_ITEMS} items")
    if any(len(json.dumps(item, ensure_ascii=False).encode()) > ITEM_BYTES for item in items):
        raise TooMuch("item_too_large", f"an item of a batch has at most {ITEM_BYTES} bytes")
    return items
