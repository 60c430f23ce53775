"""The registry office's app, which alone reaches the signer.

POST /credentials/issue, /credentials/status and /status-lists, in the shapes of the W3C VC API; POST /challenges and
/identity-anchors, for organizations that show control of a DID; POST /entries, for notes; GET /livez. Whoever has the
office's token may do all of it, and read /openapi.json; there are no pages. A request is refused whole: an unknown
member or option is never passed over. Every change is written under the ledger's one lock; 503 where another process has it,
and for an anchor of a credential that no checkpoint covers yet.
Issuing answers 201, or 200 with the credential that is there where the newest one says the same. An office whose disk has
failed is to end: whoever serves the app is told.
"""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp

from issuer.actions.anchors import AnchorIssuer
from issuer.office.described import OPERATIONS, finished
from issuer.office.door import HEADERS, Door, check_media_type, problem
from issuer.office.entries import BODY_BYTES, appending, closing
from issuer.office.issuing import Disagrees, issue_posted
from issuer.office.standing import change_posted, open_list
from registry import errors
from registry.credential import jwt
from registry.edge.problem import RETRY_AFTER, UNFORESEEN, log_unforeseen, refused, status_of
from registry.encoding import strict_json
from registry.installation.office import Office
from registry.installation.sequencer import Sequencer
from registry.ledger.surroundings import Surroundings

#: of every error that is not 500; `registry.edge.problem.status_of` reads it
STATUS: dict[type[Exception], int] = {
    errors.Malformed: 400,
    errors.Usage: 400,
    errors.NotFound: 404,
    Disagrees: 409,
    errors.Untrue: 422,
    errors.Conflict: 503,
    errors.NotPublished: 503,
}
Act = Callable[[dict[str, Any]], Response]


class _Described(FastAPI):
    """An app whose OpenAPI document is finished once, when it is first asked for."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = finished(super().openapi())
        return self.openapi_schema


def create_office_app(
    office: Office,
    around: Surroundings,
    token: str,
    anchors: AnchorIssuer | None = None,
    sequencer: Sequencer | None = None,
    end: Callable[[errors.StorageFailed], None] | None = None,
) -> ASGIApp:
    """The app of one installation behind its door. `token`: what a request must carry; `anchors`: issues identity anchors.

    `sequencer`: appends what is posted to /entries, and is closed with the app; `end`: is told that the disk has failed.
    """
    app = _Described(
        title="Greffe office",
        summary="The registry office: issuing, standings, identity anchors, notes.",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": "/"}],
        default_response_class=Response,
        lifespan=closing(sequencer),
    )

    def answer_error(request: Request, error: Exception) -> Response:
        if isinstance(error, errors.StorageFailed) and end is not None:
            end(error)
        return _answer_error(request, error)

    app.add_exception_handler(errors.RegistryError, answer_error)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _unforeseen)

    def issue(members: dict[str, Any]) -> Response:
        credential, options = _members(members, "credential")["credential"], _options(members, {"approveHeld": bool})
        posted = issue_posted(
            office, _object(credential, "credential"), around, approve_held=options.get("approveHeld", False)
        )
        return JSONResponse({"verifiableCredential": posted.document}, 201 if posted.is_new else 200, HEADERS)

    def change(members: dict[str, Any]) -> Response:
        given = _members(members, "credentialId", "credentialStatus", "status")
        options = _options(members, {"reason": str})
        if not isinstance(given["status"], bool):
            raise errors.Malformed("status", "status is neither true nor false")
        credential_id = _text(given["credentialId"], "credentialId")
        named = _object(given["credentialStatus"], "credentialStatus")
        entry, is_changed = change_posted(office, credential_id, named, given["status"], options.get("reason"), around)
        answer = {
            "credentialId": credential_id,
            "credentialStatus": entry,
            "status": given["status"],
            "changed": is_changed,
        }
        return JSONResponse(answer, 200, HEADERS)

    def open_status_list(members: dict[str, Any]) -> Response:
        given = _members(members, "statusPurpose", optional=("id",))
        register = _text(_options(members, {"register": str}).get("register"), "options.register")
        purpose = _text(given["statusPurpose"], "statusPurpose")
        list_id = _text(given["id"], "id") if "id" in given else None
        opened = open_list(office, register, purpose, list_id, around)
        answer = {"id": opened, "statusPurpose": purpose, "register": register}
        return JSONResponse(answer, 201, {**HEADERS, "Location": opened})

    def make_challenge(members: dict[str, Any]) -> Response:
        _options(_members(members), {})
        issuer = _anchors(anchors)
        return JSONResponse({"challenge": issuer.challenge(), "domain": issuer.domain}, 200, HEADERS)

    def issue_anchor(members: dict[str, Any]) -> Response:
        given = _members(members, "register", "number", "challenge", "verifiablePresentation")
        _options(members, {})
        shown = _object(given["verifiablePresentation"], "verifiablePresentation")
        register, number, challenge = (_text(given[name], name) for name in ("register", "number", "challenge"))
        made = _anchors(anchors).issue(register, number, shown, challenge)
        answer = {"verifiableCredential": jwt.enveloped(made.token), "credential": made.document}
        return JSONResponse(answer, 201, {**HEADERS, "Location": made.document["id"]})

    for path, act in (
        ("/credentials/issue", issue),
        ("/credentials/status", change),
        ("/status-lists", open_status_list),
        ("/challenges", make_challenge),
        ("/identity-anchors", issue_anchor),
    ):
        app.add_api_route(path, _answering(act), methods=["POST"], **OPERATIONS[path])

    app.add_api_route("/entries", appending(sequencer, around.random), methods=["POST"], **OPERATIONS["/entries"])

    @app.get("/livez", **OPERATIONS["/livez"])
    def livez() -> Response:
        return PlainTextResponse("ok\n", headers=HEADERS)

    return Door(app, office.identity.base_url, token, {"/entries": BODY_BYTES})


def _anchors(desk: AnchorIssuer | None) -> AnchorIssuer:
    if desk is None:
        raise errors.NotFound("anchors_off", "this office issues no identity anchors")
    return desk


def _answering(act: Act) -> Callable[[Request], Any]:
    """The route that reads a posted JSON object and does what it asks for, in a thread of its own."""

    async def answer(request: Request) -> Response:
        check_media_type(request, "application/json", "JSON")
        body = await request.body()
        return await run_in_threadpool(lambda: act(strict_json.parse_object(body)))

    return answer


def _members(members: dict[str, Any], *wanted: str, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The members of a request besides its options. Malformed `member_missing`, `member_unknown`."""
    for name in wanted:
        if name not in members:
            raise errors.Malformed("member_missing", f"the request lacks {name}")
    unknown = sorted(members.keys() - {*wanted, *optional, "options"})
    if unknown:
        raise errors.Malformed("member_unknown", f"the request has no member {unknown[0][:80]!r}")
    return members


def _options(members: dict[str, Any], known: dict[str, type]) -> dict[str, Any]:
    """The options of a request. Malformed `option_unknown`, `option_value`."""
    options = _object(members.get("options", {}), "options")
    for name, value in sorted(options.items()):
        if name not in known:
            raise errors.Malformed("option_unknown", f"the option {name[:80]!r} is not known here")
        if not isinstance(value, known[name]):
            raise errors.Malformed("option_value", f"the option {name!r} cannot have that value")
    return options


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise errors.Malformed("member_value", f"{name} is not an object")
    return value


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise errors.Malformed("member_value", f"{name} is not text")
    return value


def _answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.RegistryError)
    status = status_of(error, STATUS)
    if isinstance(error, errors.StorageFailed):
        return problem(500, error.code, "the disk failed: whether it was appended, the ledger tells after a restart")
    if status == 500:
        return _unforeseen(request, error)
    return problem(status, error.code, error.message[:300], RETRY_AFTER if status == 503 else None)


def _answer_http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, *refused(error.status_code, str(error.detail)), error.headers)


def _unforeseen(request: Request, error: Exception) -> Response:
    request_id = log_unforeseen(error, request.method, request.url.path)
    return problem(500, "internal", UNFORESEEN, request_id=request_id)
