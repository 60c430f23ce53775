"""The W3C VC API of a verifier (VCALM 0.9): credentials, presentations, challenges.

POST /credentials/verify, /presentations/verify, /challenges. A verification that fails is an answer, 200 with `verified: false`;
a caller that wants an error instead (the W3C test suites do) sets `failed_status`. Only what is not a request at all is refused:
a problem with a stable `code`, and the standard's own beside it. Unknown options are refused too, so that nobody believes that
they were heeded.
"""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from registry.described.openapi import taken
from registry.encoding import strict_json
from registry.errors import Malformed
from registry.foreign.challenges import Challenges
from search.api.described import COUNTED, JUDGED, POSTED, gives, verifies
from search.api.models.vc import (
    Challenge,
    ChallengeRequest,
    VerifyCredentialAnswer,
    VerifyCredentialRequest,
    VerifyPresentationAnswer,
    VerifyPresentationRequest,
)
from search.http.parameters import only
from search.http.posted_json import posted_json
from search.http.problems import problem
from search.verify.judge import Verifier
from search.verify.presentations import PresentationVerifier
from search.verify.vc_answer import credential_answer, problem_detail

PATHS = CREDENTIALS, PRESENTATIONS, CHALLENGES = "/credentials/verify", "/presentations/verify", "/challenges"
#: option -> what its value must be. `checks` is what earlier versions had: everything is checked whatever it says
_OPTIONS: dict[str, type] = {
    "returnCredential": bool,
    "returnProblemDetails": bool,
    "returnResults": bool,
    "checks": list,
}
_PRESENTATION_OPTIONS: dict[str, type] = {
    "challenge": str,
    "domain": str,
    "returnPresentation": bool,
    "returnProblemDetails": bool,
    "returnResults": bool,
    "checks": list,
}


class _Refused(Exception):
    """It is no request. `problem`: the standard's name for it; `code`: ours."""

    def __init__(self, code: str, problem: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.problem, self.detail = code, problem, detail


def vc_api_router(
    verifier: Verifier,
    challenges: Challenges,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    failed_status: int = 200,
) -> APIRouter:
    """The routes. `now`: an aware clock; `failed_status`: 200 or 400, for an answer whose `verified` is false."""
    router = APIRouter(tags=["VC API"])
    presentations = PresentationVerifier(verifier, challenges)
    codes = (*COUNTED, *POSTED, *JUDGED, "document_missing", "options", "option_unknown", "option_value")

    def judge_credential(body: bytes) -> dict[str, Any]:
        document, options = _request(body, "verifiableCredential", _OPTIONS)
        answer = credential_answer(verifier.credentials([document], now())[0], document)
        return _as_asked(answer, options, {"credential": document} if options.get("returnCredential") else {})

    def judge_presentation(body: bytes) -> dict[str, Any]:
        document, options = _request(body, "verifiablePresentation", _PRESENTATION_OPTIONS)
        answer = presentations.answer(document, now(), options.get("challenge"), options.get("domain"))
        return _as_asked(
            answer, options, {"verifiablePresentation": document} if options.get("returnPresentation") else {}
        )

    async def respond(request: Request, judge: Callable[[bytes], dict[str, Any]]) -> Response:
        body = await posted_json(request)
        try:
            answer = await run_in_threadpool(judge, body)
        except _Refused as refused:
            details = [problem_detail(refused.problem, refused.detail)]
            return problem(400, refused.code, refused.detail, verified=False, problemDetails=details)
        return _respond(answer, 200 if answer["verified"] else failed_status)

    @router.post(
        CREDENTIALS,
        operation_id="verifyCredential",
        summary="Verify a credential (VC API)",
        responses=verifies(VerifyCredentialAnswer, *codes, failed_status=failed_status),
        openapi_extra=taken(VerifyCredentialRequest),
        dependencies=[Depends(only())],
    )
    async def verify_credential(request: Request) -> Response:
        return await respond(request, judge_credential)

    @router.post(
        PRESENTATIONS,
        operation_id="verifyPresentation",
        summary="Verify a presentation (VC API)",
        responses=verifies(VerifyPresentationAnswer, *codes, "challenges_full", failed_status=failed_status),
        openapi_extra=taken(VerifyPresentationRequest),
        dependencies=[Depends(only())],
    )
    async def verify_presentation(request: Request) -> Response:
        return await respond(request, judge_presentation)

    @router.post(
        CHALLENGES,
        operation_id="createChallenge",
        summary="A challenge for a presentation (VC API)",
        responses=gives(Challenge, *COUNTED, *POSTED),
        openapi_extra=taken(ChallengeRequest, required=False),
        dependencies=[Depends(only())],
    )
    async def create_challenge(request: Request) -> Response:
        body = await request.body()
        if body:
            await posted_json(request)
            strict_json.parse_object(body)
        return _respond({"challenge": challenges.make(secrets.token_bytes(16), now())}, 200)

    return router


def _respond(answer: dict[str, Any], status: int) -> Response:
    return JSONResponse(answer, status, {"Cache-Control": "no-store"})


def _request(body: bytes, name: str, known: dict[str, type]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document under `name`, and the options."""
    try:
        members = strict_json.parse_object(body)
    except Malformed as error:
        raise _Refused(error.code, "PARSING_ERROR", error.message) from None
    document, options = members.get(name), members.get("options", {})
    if not isinstance(document, dict):
        raise _Refused("document_missing", "PARSING_ERROR", f"{name} is not an object")
    if not isinstance(options, dict):
        raise _Refused("options", "PARSING_ERROR", "options is not an object")
    unknown = [*(members.keys() - {name, "options"}), *(options.keys() - known.keys())]
    if unknown:
        raise _Refused(
            "option_unknown", "UNKNOWN_OPTION_PROVIDED", f"the option {min(unknown)[:80]!r} is not known here"
        )
    for option, value in options.items():
        if not isinstance(value, known[option]):
            raise _Refused("option_value", "MALFORMED_VALUE_ERROR", f"the option {option!r} cannot have that value")
    return document, options


def _as_asked(answer: dict[str, Any], options: dict[str, Any], returned: dict[str, Any]) -> dict[str, Any]:
    """The answer with what the options ask for."""
    left_out = {
        member
        for member, option in (("problemDetails", "returnProblemDetails"), ("results", "returnResults"))
        if options.get(option) is False
    }
    return {**{name: value for name, value in answer.items() if name not in left_out}, **returned}
