"""`/livez` and `/readyz`: whether this process runs, and what of the installation is missing.

A line for each part, its name first: `ledger` (the store), `index`, `publisher` (what is committed and not signed yet), `quorum`
(what is signed and waits for witnesses). 503 where the ledger cannot be read; all else still answers, and is a line of words.
"""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from registry.described.openapi import content
from registry.edge.problem import RETRY_AFTER
from registry.errors import RegistryError
from registry.reading.reader import Reader
from registry.reading.record import Progress
from search.api.described import gives
from search.errors import SearchError
from search.question.index import Index

TEXT = ("text/plain",)
_HEADERS = {"Cache-Control": "no-store"}


def health_router(reader: Reader, index: Index) -> APIRouter:
    """The two routes."""
    router = APIRouter(tags=["operations"])

    @router.get(
        "/livez", operation_id="getLiveness", summary="That this process runs", responses=gives(str, forms=TEXT)
    )
    def livez() -> Response:
        return PlainTextResponse("ok\n", headers=_HEADERS)

    @router.get(
        "/readyz",
        operation_id="getReadiness",
        summary="Which parts answer, and what is behind: a line for each",
        responses={**gives(str, forms=TEXT), 503: {"description": "the ledger is away", "content": content(str, TEXT)}},
    )
    def readyz() -> Response:
        try:
            progress = reader.progress()
        except RegistryError as error:
            lines = [f"ledger away ({error.code})", f"index {_standing(index, None)}"]
            return PlainTextResponse(_text(lines), 503, {**_HEADERS, **RETRY_AFTER})
        unsigned, unshown = progress.size - progress.signed, progress.signed - progress.published
        lines = [
            "ledger ok",
            f"index {_standing(index, progress)}",
            f"publisher {f'{unsigned} entries behind' if unsigned else 'ok'}",
            f"quorum {f'{unshown} entries behind' if unshown else 'ok'}",
        ]
        return PlainTextResponse(_text(lines), headers=_HEADERS)

    return router


def _standing(index: Index, progress: Progress | None) -> str:
    """How the index stands to the ledger; where that is away, whether it answers."""
    try:
        if index.health().outdated:
            return "away (index_outdated)"
        cursor = index.cursor()
    except SearchError as error:
        return f"away ({error.code})"
    if progress is None or cursor == progress.size:
        return "ok"
    apart = abs(progress.size - cursor)
    return f"{apart} entries {'behind' if cursor < progress.size else 'ahead of this ledger'}"


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
