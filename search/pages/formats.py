"""What other verifiers are written from: the formats page, vectors, code tables.

The page is a text in each language (`web/templates/formats_en.html`, `formats_fr.html`). Schemas and contexts are left to
`api/documents`; what is served here goes with the package too (`schemas/vectors`, `schemas/codes`).
"""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

import schemas
from registry.errors import NotFound
from registry.verify.steps import STEPS
from schemas import codes
from schemas.codes import LANGUAGES
from search.http.json_answer import answer
from search.http.parameters import only
from search.pages.site import Site
from search.views import wording
from search.views.reasons import reasons_by_code

_DAY = "public, max-age=86400"


def formats_router(site: Site) -> APIRouter:
    """The vectors and the code tables, for programs."""
    router = APIRouter(tags=["formats"])

    @router.get("/vectors/{name}", summary="Vectors for verifiers, good and bad", dependencies=[Depends(only())])
    def vectors(name: str) -> Response:
        try:
            body = schemas.vectors_bytes(name.removesuffix(".json"))
        except KeyError:
            raise NotFound("vectors_unknown", "there are no such vectors here") from None
        return Response(body, media_type="application/json", headers={"Cache-Control": _DAY})

    tables = _codes(site)

    @router.get("/api/v1/codes", summary="All codes, with words in both languages", dependencies=[Depends(only())])
    def all_codes(request: Request) -> Response:
        return answer(request, tables, cache=_DAY)

    return router


def add_formats_page(router: APIRouter, site: Site, language: str) -> None:
    """The page in one language."""

    @router.get(f"/{language}/formats")
    def formats() -> Response:
        return site.render(
            f"formats_{language}.html", language, "/formats", schemas=schemas.SCHEMAS, vectors=schemas.VECTORS
        )


def _codes(site: Site) -> dict[str, Any]:
    """`steps`, in their order; `verdict`: code -> reasons by language; `tables`: register -> table -> code -> its entry.

    The register `credential` has what all registers share. An entry has `en` and `fr`; more stands in some.
    """
    reasons = {
        code: {language: sorted(set(site.texts(language, words).values())) for language in LANGUAGES}
        for code, words in {
            **reasons_by_code(),
            **{code: {code: text} for code, text in wording.PAGE_CODES.items()},
        }.items()
    }
    return {"steps": list(STEPS), "verdict": reasons, "tables": codes.tables()}
