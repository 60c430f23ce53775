"""Serve both logs, the ledger and its map's, as C2SP tlog-tiles.

Checkpoints, tiles and bundles of entries of both; proofs of the ledger as JSON. What never changes may be cached for ever; a
checkpoint has a short life, and one that is pending none.
"""

import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field
from starlette.responses import PlainTextResponse, Response

from registry.errors import Malformed, NotFound
from registry.reading.public_log import Proof, PublicLog
from registry.reading.reader import Reader
from search.api.described import SEARCHED, gives
from search.api.models.documents import Checkpoint, CompletenessFile, ConsistencyProof, InclusionProof, TlogProof
from search.errors import BadParameter
from search.http.json_answer import answer
from search.http.parameters import only
from search.question.absence import PROOF_PATH, known_registers, own_form
from search.question.index import Index

#: where the log of the map is served
INDEX_PATH = "/index"
_SHORT = {"Cache-Control": "public, max-age=5"}
_IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}
Number = Annotated[int, Query(ge=0, le=2**53 - 1, description="index of the entry", examples=[1])]
Size = Annotated[int | None, Query(ge=0, le=2**53 - 1, description="of the tree; else the published one")]
Bytes = Annotated[bytes, Field(description="rows of 32-byte hashes; of entries: each with its length before it")]
TILES = "c2sp.org/tlog-tiles: <level>/<n>, or entries/<n>, with .p/<width> behind a partial one"
TEXT = ("text/plain",)


def public_log_router(reader: Reader, index: Index) -> APIRouter:
    """`/checkpoint`, `/checkpoint/pending`, `/tile/...`; the same of the map's log below `/index`; `/api/v1/proof/...`."""
    router = APIRouter(tags=["ledger"])
    _add_log(router, reader.log, "", "The ledger", "Ledger", "0/000")
    _add_log(router, reader.index_log, INDEX_PATH, "The log of the map", "Map", "0/000.p/1")
    _add_proofs(router, reader.log)
    _add_tlog_proof(router, reader)
    _add_completeness(router, reader, index)
    return router


def _add_log(router: APIRouter, log: PublicLog, below: str, name: str, kind: str, example: str) -> None:
    @router.get(
        f"{below}/checkpoint",
        operation_id=f"get{kind}Checkpoint",
        summary=f"{name}: the published checkpoint",
        responses=gives(Checkpoint, "not_published", forms=TEXT),
        dependencies=[Depends(only())],
    )
    def checkpoint() -> Response:
        return PlainTextResponse(log.checkpoint(), headers=_SHORT)

    @router.get(
        f"{below}/checkpoint/pending",
        operation_id=f"getPending{kind}Checkpoint",
        summary=f"{name}: the newest signed checkpoint, cosigned or not",
        responses=gives(Checkpoint, "not_published", forms=TEXT),
        dependencies=[Depends(only())],
    )
    def pending() -> Response:
        return PlainTextResponse(log.pending(), headers={"Cache-Control": "no-store"})

    @router.get(
        f"{below}/tile/{{path:path}}",
        operation_id=f"get{kind}Tile",
        summary=f"{name}: a tile of hashes, or a bundle of entries",
        responses=gives(Bytes, "tile_unknown", "not_published", forms=("application/octet-stream",)),
        dependencies=[Depends(only())],
    )
    def tile(path: Annotated[str, Path(description=TILES, examples=[example])]) -> Response:
        try:
            body = log.tile(path)
        except Malformed:
            raise NotFound("tile_unknown", "there is no such tile") from None
        return Response(body, media_type="application/octet-stream", headers=_IMMUTABLE)


def _add_proofs(router: APIRouter, log: PublicLog) -> None:
    @router.get(
        "/api/v1/proof/inclusion",
        operation_id="proveInclusion",
        summary="That an entry is in the ledger",
        responses=gives(InclusionProof, "entry_unknown", "size_unknown", "not_published", "bad_parameter"),
        dependencies=[Depends(only("index", "size"))],
    )
    def inclusion(request: Request, index: Number, size: Size = None) -> Response:
        return answer(request, {"index": index, **_json(log.inclusion(index, size))})

    @router.get(
        "/api/v1/proof/consistency",
        operation_id="proveConsistency",
        summary="That the ledger only grew",
        responses=gives(ConsistencyProof, "proof_sizes", "size_unknown", "not_published", "bad_parameter"),
        dependencies=[Depends(only("from", "to"))],
    )
    def consistency(
        request: Request,
        old: Annotated[int, Query(ge=1, le=2**53 - 1, alias="from", examples=[1])],
        new: Annotated[int | None, Query(ge=1, le=2**53 - 1, alias="to")] = None,
    ) -> Response:
        return answer(request, {"from": old, **_json(log.consistency(old, new))})


def _add_tlog_proof(router: APIRouter, reader: Reader) -> None:
    @router.get(
        "/api/v1/proof/tlog-proof",
        operation_id="getTlogProof",
        summary="That an entry is in the ledger, as a c2sp.org/tlog-proof with the cosigned checkpoint",
        responses=gives(TlogProof, "entry_unknown", "not_published", "bad_parameter", forms=TEXT),
        dependencies=[Depends(only("index"))],
    )
    def tlog_proof(index: Number) -> Response:
        headers = {**_SHORT, "Content-Disposition": f'attachment; filename="{index}.tlog-proof"'}
        return PlainTextResponse(reader.tlog_proof(index), headers=headers)


def _add_completeness(router: APIRouter, reader: Reader, index: Index) -> None:
    @router.get(
        PROOF_PATH,
        operation_id="proveCompleteness",
        summary="All entries of an organization, or that no entry stands under its number",
        responses=gives(CompletenessFile, "register_unknown", "number", "not_published", "bad_parameter", *SEARCHED),
        dependencies=[Depends(only("register", "number"))],
    )
    def organization(
        request: Request,
        register: Annotated[str, Query(description="the register's code", examples=["sample"])],
        number: Annotated[str, Query(description="in whatever way it is written", examples=["BC9000001"])],
    ) -> Response:
        if register not in known_registers(reader):
            raise NotFound("register_unknown", "there is no issuer for that register")
        form = own_form(index, register, number)
        if form is None:
            raise BadParameter(
                "number", "the register writes no number like that, so that its absence says nothing", "number"
            )
        return answer(request, reader.completeness(register, form).to_json(), cache=_SHORT["Cache-Control"])


def _json(proof: Proof) -> dict[str, object]:
    hashes = [base64.b64encode(value).decode() for value in proof.hashes]
    return {"size": proof.size, "root": base64.b64encode(proof.root).decode(), "hashes": hashes}
