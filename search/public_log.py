"""Serve the ledger as a C2SP log: tiles and bundles for ever cacheable, and the two kinds of proof as JSON."""

import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from registry.errors import Malformed, NotFound
from registry.public_log import Proof, PublicLog
from search.json_answer import answer
from search.organizations import only

_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
Number = Annotated[int, Query(ge=0, le=2**53 - 1)]
Size = Annotated[int | None, Query(ge=0, le=2**53 - 1)]


def public_log_router(log: PublicLog) -> APIRouter:
    """`/tile/...`, `/tile/entries/...`, and the proofs below `/api/v1/proof`."""
    router = APIRouter(tags=["ledger"])

    @router.get("/tile/{path:path}", summary="A tile of hashes, or a bundle of entries", dependencies=[Depends(only())])
    def tile(path: str) -> Response:
        try:
            body = log.tile(path)
        except Malformed:
            raise NotFound("tile_unknown", "there is no such tile") from None
        return Response(body, media_type="application/octet-stream", headers=_IMMUTABLE)

    @router.get(
        "/api/v1/proof/inclusion",
        summary="That an entry is in the ledger",
        dependencies=[Depends(only("index", "size"))],
    )
    def inclusion(request: Request, index: Number, size: Size = None) -> Response:
        return answer(request, {"index": index, **_json(log.inclusion(index, size))})

    @router.get(
        "/api/v1/proof/consistency",
        summary="That the ledger only grew",
        dependencies=[Depends(only("from", "to"))],
    )
    def consistency(
        request: Request,
        old: Annotated[int, Query(ge=1, le=2**53 - 1, alias="from")],
        new: Annotated[int | None, Query(ge=1, le=2**53 - 1, alias="to")] = None,
    ) -> Response:
        return answer(request, {"from": old, **_json(log.consistency(old, new))})

    return router


def _json(proof: Proof) -> dict[str, object]:
    hashes = [base64.b64encode(value).decode() for value in proof.hashes]
    return {"size": proof.size, "root": base64.b64encode(proof.root).decode(), "hashes": hashes}
