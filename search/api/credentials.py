"""A credential under its own URL, in any form asked for; its evidence.

JSON with every proof, or just that of one cryptosuite; `application/vc+jwt`, made by the office's signer when it is first asked
for (503 until then); or, for a person, the organization's page.
"""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import RedirectResponse, Response

from registry.credential import jwt
from registry.described.credential import EnvelopedCredential, SignedCredential
from registry.errors import NotFound
from registry.reading.reader import Reader
from registry.store.token_queue import IDENTITY_ANCHOR, VC_JWT, Requests
from registry.verify.anchor import REASON
from search.api.described import gives, leads
from search.api.models.documents import Evidence
from search.api.parameters import N, Number, Register
from search.http.json_answer import answer
from search.http.language import preferred_language
from search.http.negotiation import CREDENTIAL_FORMS, preferred
from search.http.parameters import only

_SHORT = "public, max-age=5"
Suite = Annotated[str | None, Query(description="just the proof of that cryptosuite", examples=["eddsa-jcs-2022"])]
AnchorIndex = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,8}$"}),
    Path(description="index of its entry", examples=["1"]),
]
#: a person is sent to the page
_FORMS = (*CREDENTIAL_FORMS, jwt.MEDIA_TYPE, "text/html")


def credentials_router(reader: Reader, requests: Requests) -> APIRouter:
    """The routes, as credentials name them and under `/api/v1`, where nobody is sent to a page."""
    router = APIRouter(tags=["evidence"])
    _add_routes(router, reader, requests, "", is_page=True)
    _add_routes(router, reader, requests, "/api/v1", is_page=False)
    _add_anchors(router, reader, requests)
    return router


def _with_token(responses: dict[int | str, dict[str, Any]]) -> dict[int | str, dict[str, Any]]:
    """The answers with the form of a token beside those of JSON."""
    responses[200]["content"][jwt.MEDIA_TYPE] = {"schema": {"type": "string"}}
    return responses


def _add_routes(router: APIRouter, reader: Reader, requests: Requests, prefix: str, *, is_page: bool) -> None:
    unknown = ("credential_unknown", "body_missing", "cryptosuite_unknown", "not_initialized")
    credential_answers = _with_token(gives(SignedCredential, *unknown, "not_signed_yet", forms=CREDENTIAL_FORMS))

    @router.get(
        prefix + "/credentials/{register}/{number}/{n}",
        operation_id="resolveCredential" if is_page else "getCredential",
        summary="A credential, as JSON or vc+jwt by Accept; with `cryptosuite`, just that one of its proofs",
        responses={**credential_answers, **(leads() if is_page else {})},
        dependencies=[Depends(only("cryptosuite"))],
    )
    def credential(request: Request, register: Register, number: Number, n: N, cryptosuite: Suite = None) -> Response:
        record = reader.credential(register, number, _n(n))
        if record.document is None:
            raise NotFound("body_missing", "the ledger no longer holds the body of this credential")
        form = preferred(request.headers.get("accept", ""), _FORMS if is_page and not cryptosuite else _FORMS[:-1])
        if form == "text/html":
            return _see_page(request, reader, register, number)
        if form == jwt.MEDIA_TYPE and cryptosuite is None:
            token = requests.get(VC_JWT, f"{register}/{number}/{record.n}")
            return Response(token, media_type=form, headers={"Cache-Control": _SHORT, "Vary": "Accept"})
        document = record.document if cryptosuite is None else _with_one_proof(record.document, cryptosuite)
        response = answer(request, document, form if form != jwt.MEDIA_TYPE else _FORMS[0], _SHORT)
        response.headers["Vary"] = "Accept"
        return response

    @router.get(
        prefix + "/credentials/{register}/{number}/{n}/evidence",
        operation_id="resolveEvidence" if is_page else "getEvidence",
        summary="The evidence file of a credential",
        responses=gives(Evidence, "credential_unknown", "body_missing", "not_published", "not_initialized"),
        dependencies=[Depends(only())],
    )
    def evidence(request: Request, register: Register, number: Number, n: N) -> Response:
        return answer(request, reader.evidence(register, number, _n(n)), cache=_SHORT)


def _add_anchors(router: APIRouter, reader: Reader, requests: Requests) -> None:
    @router.get(
        "/identity-anchors/{index}",
        operation_id="getIdentityAnchor",
        summary="A UNTP Digital Identity Anchor, as vc+jwt or enveloped in JSON by Accept",
        responses=_with_token(
            gives(
                EnvelopedCredential,
                *("anchor_unknown", "credential_unknown", "not_signed_yet"),
                forms=("application/json", "application/vc"),
            )
        ),
        dependencies=[Depends(only())],
    )
    def anchor(request: Request, index: AnchorIndex) -> Response:
        records = reader.records(_n(index), 1)
        if not records or records[0].reason != REASON or records[0].kind != "note":
            raise NotFound("anchor_unknown", "the ledger holds no such identity anchor")
        token = requests.get(IDENTITY_ANCHOR, str(records[0].index))
        form = preferred(request.headers.get("accept", ""), (jwt.MEDIA_TYPE, "application/json", "application/vc"))
        headers = {"Cache-Control": _SHORT, "Vary": "Accept"}
        if form == jwt.MEDIA_TYPE:
            return Response(token, media_type=form, headers=headers)
        response = answer(request, jwt.enveloped(token.decode()), form, _SHORT)
        response.headers["Vary"] = "Accept"
        return response


def _see_page(request: Request, reader: Reader, register: str, number: str) -> Response:
    """To the organization's page, in the reader's language."""
    language = preferred_language(request.headers.get("accept-language", ""))
    place = f"{reader.identity.base_path}/{language}/organizations/{register}/{number}"
    return RedirectResponse(place, status_code=303, headers={"Vary": "Accept, Accept-Language"})


def _with_one_proof(document: dict[str, Any], cryptosuite: str) -> dict[str, Any]:
    """The credential with one proof alone, as an object, for verifiers that know no proof sets."""
    for proof in document["proof"]:
        if proof["cryptosuite"] == cryptosuite:
            return {**document, "proof": proof}
    raise NotFound("cryptosuite_unknown", "the credential has no proof of that cryptosuite")


def _n(text: str) -> int:
    if not re.fullmatch("[1-9][0-9]{0,8}", text, re.ASCII):
        raise NotFound("credential_unknown", "a credential's number is a whole number from 1")
    return int(text)
