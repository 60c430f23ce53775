"""Vectors and code tables, for whoever writes a verifier.

Schemas and contexts are left to `documents`, the page that explains them to `search/pages/formats`.
"""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

import schemas
from registry.errors import NotFound
from search.api.described import gives
from search.api.models.documents import AllCodes, Vectors
from search.http.json_answer import answer
from search.http.parameters import only

_DAY = "public, max-age=86400"


def formats_router(codes: dict[str, Any]) -> APIRouter:
    """The routes. `codes`: what `/api/v1/codes` gives (`AllCodes`)."""
    router = APIRouter(tags=["formats"])

    @router.get(
        "/vectors/{name}",
        operation_id="getVectors",
        summary="Vectors for verifiers, good and bad",
        responses=gives(Vectors, "vectors_unknown"),
        dependencies=[Depends(only())],
    )
    def vectors(name: str) -> Response:
        try:
            body = schemas.vectors_bytes(name.removesuffix(".json"))
        except KeyError:
            raise NotFound("vectors_unknown", "there are no such vectors here") from None
        return Response(body, media_type="application/json", headers={"Cache-Control": _DAY})

    @router.get(
        "/api/v1/codes",
        operation_id="getCodes",
        summary="All codes, with words in both languages",
        responses=gives(AllCodes),
        dependencies=[Depends(only())],
    )
    def all_codes(request: Request) -> Response:
        return answer(request, codes, cache=_DAY)

    return router
