"""Hand over what evidence rests on: status lists, contexts, schemas, DID documents, trust.

Credentials and their evidence files are left to `credentials`. What is immutable may be cached for ever; what moves has an
ETag and a short life.
"""

import json
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import WithJsonSchema
from starlette.responses import RedirectResponse, Response

import schemas
from registry.described.credential import DidDocument, StatusListCredential
from registry.encoding.jcs import jcs
from registry.errors import NotFound
from registry.reading.reader import Reader
from search.api.described import gives, leads
from search.api.models.documents import Context, JsonSchema, TrustFile
from search.api.parameters import Register
from search.http.json_answer import answer
from search.http.language import preferred_language
from search.http.negotiation import CREDENTIAL_FORMS, preferred
from search.http.parameters import only

_IMMUTABLE = "public, max-age=31536000, immutable"
_SHORT = "public, max-age=5"
Purpose = Annotated[str, Path(description="revocation or suspension", examples=["revocation"])]
ListName = Annotated[str, Path(description="<register>-<m>, m from 1", examples=["sample-1"])]
Name = Annotated[str, Path(examples=["organization"])]
Version = Annotated[str, Path(examples=["v1"])]
NamedNumber = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9.-]{1,32}(\\.json)?$"}),
    Path(description="number in that register; with `.json` behind it, whoever asks gets JSON", examples=["BC9000001"]),
]
_NAMED = re.compile(r"[a-z0-9]{1,16}/[A-Za-z0-9.-]{1,32}(\.json)?")
SchemaVersion = Annotated[str, Path(description="with or without `.json`", examples=["v1.json"])]


def documents_router(reader: Reader) -> APIRouter:
    """The routes."""
    router = APIRouter(tags=["evidence"])

    @router.get(
        "/status/{purpose}/{name}",
        operation_id="getStatusList",
        summary="A status list credential",
        responses=gives(StatusListCredential, "status_list_unknown", "not_initialized", forms=CREDENTIAL_FORMS),
        dependencies=[Depends(only())],
    )
    def status_list(request: Request, purpose: Purpose, name: ListName) -> Response:
        form = preferred(request.headers.get("accept", ""), CREDENTIAL_FORMS)
        response = answer(request, reader.status_list(f"{purpose}/{name}"), form, "public, max-age=300")
        response.headers["Vary"] = "Accept"
        return response

    @router.get(
        "/contexts/{name}/{version}",
        operation_id="getContext",
        summary="Our JSON-LD context",
        responses=gives(Context, "context_unknown", forms=("application/ld+json",)),
        dependencies=[Depends(only())],
    )
    def context(name: Name, version: Version) -> Response:
        try:
            body = schemas.context_bytes(f"{name}/{version}")
        except KeyError:
            raise NotFound("context_unknown", "there is no such context here") from None
        return Response(body, media_type="application/ld+json", headers={"Cache-Control": _IMMUTABLE})

    @router.get(
        "/schemas/{name}/{version}",
        operation_id="getSchema",
        summary="Our JSON Schemas",
        responses=gives(JsonSchema, "schema_unknown", forms=("application/schema+json",)),
        dependencies=[Depends(only())],
    )
    def schema(name: Name, version: SchemaVersion) -> Response:
        try:
            body = schemas.schema_bytes(f"{name}/{version.removesuffix('.json')}")
        except KeyError:
            raise NotFound("schema_unknown", "there is no such schema here") from None
        return Response(body, media_type="application/schema+json", headers={"Cache-Control": _IMMUTABLE})

    @router.get(
        "/.well-known/did.json",
        operation_id="getOfficeDid",
        summary="The office's DID document",
        responses=gives(DidDocument, "not_initialized"),
        dependencies=[Depends(only())],
    )
    def office(request: Request) -> Response:
        return answer(request, reader.office_document(), cache="public, max-age=300")

    @router.get(
        "/issuers/{register}/did.json",
        operation_id="getIssuerDid",
        summary="An issuer's DID document",
        responses=gives(DidDocument, "register_unknown", "not_initialized"),
        dependencies=[Depends(only())],
    )
    def issuer(request: Request, register: Register) -> Response:
        return answer(request, reader.issuer_document(register), cache="public, max-age=300")

    @router.get(
        "/issuers/{register}/did.jsonl",
        operation_id="getIssuerDidLog",
        summary="An issuer's did:webvh log",
        responses=gives(str, "register_unknown", "did_log_unknown", "not_initialized", forms=("text/jsonl",)),
        dependencies=[Depends(only())],
    )
    def issuer_log(register: Register) -> Response:
        headers = {"Cache-Control": "public, max-age=300"}
        return Response(reader.did_log(register), media_type="text/jsonl", headers=headers)

    @router.get(
        "/trust.json",
        operation_id="getTrustFile",
        summary="The trust file of this installation",
        responses=gives(TrustFile),
        dependencies=[Depends(only())],
    )
    def trust(request: Request) -> Response:
        """As JCS, so that the SHA-256 of what was fetched is the trust file's fingerprint."""
        return answer(request, json.loads(jcs(reader.trust())), cache=_SHORT)

    @router.get(
        "/organizations/{register}/{number}",
        operation_id="resolveOrganization",
        summary="An organization's own URL: leads to its page, or to its JSON by Accept or `.json`",
        status_code=303,
        responses=leads("organization_unknown"),
    )
    def organization(request: Request, register: Register, number: NamedNumber) -> Response:
        """The subject's own URL: its page for whoever takes pages, else its JSON."""
        if not _NAMED.fullmatch(f"{register}/{number}"):
            raise NotFound("organization_unknown", "no such organization is registered here")
        accept = request.headers.get("accept", "")
        path = f"organizations/{register}/{number.removesuffix('.json')}"
        wants_json = number.endswith(".json") or "text/html" not in accept
        language = preferred_language(request.headers.get("accept-language", ""))
        place = f"api/v1/{path}" if wants_json else f"{language}/{path}"
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"Vary": "Accept, Accept-Language"}
        return RedirectResponse(f"{reader.identity.base_path}/{place}{query}", status_code=303, headers=headers)

    return router
