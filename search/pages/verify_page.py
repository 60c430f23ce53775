"""The verify page, and its form for browsers without JavaScript.

What is posted is judged as it is for the API, within limits of the form's own; the browser's own way is left to
`web/static/paste.js`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from registry.encoding import strict_json
from registry.errors import Conflict, Malformed
from registry.verify.evidence import MAX_BYTES, is_evidence
from registry.verify.steps import malformed
from schemas import codes
from search.errors import NotEvidence
from search.pages.site import Site
from search.verify.judge import Verifier
from search.views import wording
from search.views.answers import INPUT, answers
from search.views.reasons import REASONS

MAX_FORM_BYTES = 1024 * 1024
#: credentials of one presentation; each is a document for the verifier
MOST_PRESENTED = 10


def add_verify_page(
    router: APIRouter, verifier: Verifier, site: Site, language: str, now: Callable[[], datetime]
) -> None:
    """The verify page in one language. `now`: an aware clock."""

    def page(
        text: str,
        status: int = 200,
        problem: str = "",
        verdicts: Sequence[dict[str, Any]] = (),
        presented: bool = False,
        on: str = "",
    ) -> Response:
        return site.render(
            "verify.html",
            language,
            "/verify",
            status=status,
            outcomes=[answers(verdict, say, labelled, now()) for verdict in verdicts],
            presented=presented,
            on=on,
            text=text,
            problem=problem and site.text(language, problem),
            results=site.texts(language, wording.RESULTS),
            reasons=site.texts(language, REASONS),
        )

    def say(message: str) -> str:
        return site.text(language, message)

    def labelled(table: str, register: str, code: str) -> str:
        return codes.label(table, register, code, language)

    @router.get(f"/{language}/verify")
    def form() -> Response:
        return page("")

    @router.post(f"/{language}/verify")
    async def verify_here(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > MAX_FORM_BYTES:
                return page("", 413, INPUT["tooLarge"])
        try:
            fields = parse_qs(
                body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=10
            )
            (text,), (day,) = fields.get("evidence", [""]), fields.get("on", [""])
            on = date.fromisoformat(day) if day else None
        except ValueError:
            return page("", 400, wording.BROKEN_FORM)
        text = text.strip(" \t\r\n")
        if not text:
            return page("", 400, INPUT["empty"])
        try:
            verdicts, is_presented = await run_in_threadpool(_judged, verifier, text.encode(), now(), on)
        except NotEvidence:
            return page(text, 422, INPUT["nothing"], on=day)
        except Conflict:
            return page(text, 503, wording.BUSY, on=day)
        return page(text, verdicts=verdicts, presented=is_presented, on=day)


def _judged(verifier: Verifier, text: bytes, at: datetime, on: date | None) -> tuple[list[dict[str, Any]], bool]:
    """The verdicts on a text, and whether they are of a presentation's credentials. NotEvidence; Conflict."""
    try:
        members = _parsed(text)
    except Malformed as error:
        if not text.startswith(b"{"):
            raise NotEvidence("not_evidence", "the text is no object") from None
        return [malformed(error.message, error.code, on).to_json()], False
    if is_evidence(members):
        return verifier.judge([members], at, on), False
    return verifier.judge(_presented(members), at, on), True


def _presented(members: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The credentials of a presentation. NotEvidence: it is none, holds something else, or too many."""
    listed = members.get("verifiableCredential")
    every = listed if isinstance(listed, list) else [listed]
    documents = [each for each in every if isinstance(each, dict) and is_evidence(each)]
    if not 0 < len(documents) == len(every) <= MOST_PRESENTED:
        raise NotEvidence("not_evidence", "neither evidence, nor a credential, nor a presentation of some")
    return documents


def _parsed(text: bytes) -> dict[str, Any]:
    """What was posted, if it is no larger than evidence may be. Malformed."""
    if len(text) > MAX_BYTES:
        raise Malformed("too_large", f"evidence is at most {MAX_BYTES} bytes")
    return strict_json.parse_object(text)
