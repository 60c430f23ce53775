"""Hand over what evidence rests on: status lists, contexts, schemas, DID documents, trust.

Credentials and their evidence files are left to `credentials`. What is immutable may be cached for ever; what moves has an
ETag and a short life.
"""

import json

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

import schemas
from registry.encoding.jcs import jcs
from registry.errors import NotFound
from registry.reading.reader import Reader
from search.http.json_answer import answer
from search.http.language import preferred_language
from search.http.negotiation import CREDENTIAL_FORMS, preferred
from search.http.parameters import only

_IMMUTABLE = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=5"


def documents_router(reader: Reader) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["evidence"])

    @router.get("/status/{purpose}/{name}", summary="A status list credential", dependencies=[Depends(only())])
    def status_list(request: Request, purpose: str, name: str) -> Response:
        form = preferred(request.headers.get("accept", ""), CREDENTIAL_FORMS)
        response = answer(request, reader.status_list(f"{purpose}/{name}"), form, "public, max-age=300")
        response.headers["Vary"] = "Accept"
        return response

    @router.get("/contexts/{name}/{version}", summary="Our JSON-LD context", dependencies=[Depends(only())])
    def context(name: str, version: str) -> Response:
        try:
            body = schemas.context_bytes(f"{name}/{version}")
        except KeyError:
            raise NotFound("context_unknown", "there is no such context here") from None
        return Response(body, media_type="application/ld+json", headers={"Cache-Control": _IMMUTABLE})

    @router.get("/schemas/{name}/{version}", summary="Our JSON Schemas", dependencies=[Depends(only())])
    def schema(name: str, version: str) -> Response:
        try:
            body = schemas.schema_bytes(f"{name}/{version.removesuffix('.json')}")
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
        """As JCS, so that the SHA-256 of what was fetched is the trust file's fingerprint."""
        return answer(request, json.loads(jcs(reader.trust())), cache=_SHORT)

    @router.get("/organizations/{register}/{number}", include_in_schema=False)
    def organization(request: Request, register: str, number: str) -> Response:
        """The subject's own URL: its page for whoever takes pages, else its JSON."""
        accept = request.headers.get("accept", "")
        path = f"organizations/{register}/{number.removesuffix('.json')}"
        wants_json = number.endswith(".json") or "text/html" not in accept
        language = preferred_language(request.headers.get("accept-language", ""))
        place = f"api/v1/{path}" if wants_json else f"{language}/{path}"
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"Vary": "Accept, Accept-Language"}
        return RedirectResponse(f"{reader.identity.base_path}/{place}{query}", status_code=303, headers=headers)

    return router
