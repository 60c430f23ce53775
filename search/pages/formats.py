"""The page from which other verifiers are written, and all codes in words.

The page is a text in each language (`web/templates/formats_en.html`, `formats_fr.html`). Vectors and codes are handed out by
`api/formats`, schemas and contexts by `api/documents`.
"""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

import schemas
from registry.verify.steps import STEPS
from schemas import codes
from schemas.codes import LANGUAGES
from search.pages.site import Site
from search.views import wording
from search.views.reasons import reasons_by_code


def add_formats_page(router: APIRouter, site: Site, language: str) -> None:
    """The page in one language."""

    @router.get(f"/{language}/formats")
    def formats() -> Response:
        return site.render(
            f"formats_{language}.html", language, "/formats", schemas=schemas.SCHEMAS, vectors=schemas.VECTORS
        )


def codes_in_words(site: Site) -> dict[str, Any]:
    """`steps`, in their order; `verdict`: code -> reasons by language; `tables`: register -> table -> code -> its entry.

    The register `credential` has what all registers share. An entry has `en` and `fr`; more stands in some.
    """
    of_pages = {code: {code: words} for code, words in wording.PAGE_CODES.items()}
    verdict = {
        code: {language: sorted(set(site.texts(language, reasons).values())) for language in LANGUAGES}
        for code, reasons in {**reasons_by_code(), **of_pages}.items()
    }
    return {"steps": list(STEPS), "verdict": verdict, "tables": codes.tables()}
