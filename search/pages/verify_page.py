"""The verify page, and its form for browsers without JavaScript.

What is posted is judged as it is for the API, within limits of the form's own; the browser's own way is left to
`web/static/paste.js`.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from registry.encoding import strict_json
from registry.errors import Conflict, Malformed
from registry.verify.evidence import MAX_BYTES, check_is_evidence
from registry.verify.steps import malformed
from schemas import codes
from search.pages.site import Site
from search.verify.judge import Verifier
from search.views import wording
from search.views.answers import INPUT, answers
from search.views.reasons import REASONS

MAX_FORM_BYTES = 1024 * 1024


def add_verify_page(
    router: APIRouter, verifier: Verifier, site: Site, language: str, now: Callable[[], datetime]
) -> None:
    """The verify page in one language. `now`: an aware clock."""

    def page(
        text: str,
        status: int = 200,
        problem: str = "",
        verdict: dict[str, Any] | None = None,
        on: str = "",
    ) -> Response:
        return site.render(
            "verify.html",
            language,
            "/verify",
            status=status,
            answers=verdict and answers(verdict, lambda message: site.text(language, message), labelled),
            on=on,
            text=text,
            problem=problem and site.text(language, problem),
            results=site.texts(language, wording.RESULTS),
            reasons=site.texts(language, REASONS),
        )

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
            check_is_evidence(text.encode())
        except Malformed:
            return page(text, 422, INPUT["nothing"], on=day)
        try:
            document = _parsed(text.encode())
        except Malformed as error:
            return page(text, verdict=malformed(error.message, error.code, on).to_json(), on=day)
        try:
            (verdict,) = await run_in_threadpool(verifier.judge, [document], now(), on)
        except Conflict:
            return page(text, 503, wording.BUSY, on=day)
        return page(text, verdict=verdict, on=day)


def _parsed(text: bytes) -> dict[str, Any]:
    """What was posted, if it is no larger than evidence may be. Malformed."""
    if len(text) > MAX_BYTES:
        raise Malformed("too_large", f"evidence is at most {MAX_BYTES} bytes")
    return strict_json.parse_object(text)
