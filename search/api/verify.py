"""Verify what is posted: one document, or up to 1,000 at once.

What is judged, and how, is left to `search/verify`.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry.described.openapi import taken
from registry.encoding import strict_json
from registry.errors import Malformed
from registry.verify import steps
from registry.verify.evidence import check_is_evidence
from search.api.described import COUNTED, JUDGED, POSTED, gives
from search.api.models.verdict import BatchAnswer, BatchRequest, CompletenessVerdict, Judged, Verdict
from search.api.parameters import On
from search.errors import NotEvidence
from search.http.json_answer import answer
from search.http.parameters import only
from search.http.posted_json import posted_items, posted_json
from search.http.rated import spend
from search.verify.judge import BATCH_ITEMS, Verifier

PATH, BATCH_PATH = "/api/v1/verify", "/api/v1/verify/batch"
BATCH_BYTES = 8 * 1024 * 1024
ITEM_BYTES = 256 * 1024
BATCH_NODES = 250_000


def verify_router(verifier: Verifier, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> APIRouter:
    """The routes. `now`: an aware clock."""
    router = APIRouter(tags=["evidence"])

    @router.post(
        PATH,
        operation_id="verify",
        summary="Verify an evidence file, a completeness file or a credential",
        responses=gives(
            CompletenessVerdict | Verdict, *COUNTED, "media_type", "not_evidence", "bad_parameter", *JUDGED
        ),
        openapi_extra=taken(Judged),
        dependencies=[Depends(only("on"))],
    )
    async def verify_one(request: Request, on: On = None) -> Response:
        body = await posted_json(request)

        def judge() -> dict[str, Any]:
            try:
                check_is_evidence(body)
            except Malformed as error:
                raise NotEvidence(error.code, error.message) from None
            try:
                document = strict_json.parse_object(body)
            except Malformed as error:
                return steps.malformed(error.message, error.code, on).to_json()
            return verifier.judge([document], now(), on)[0]

        return answer(request, await run_in_threadpool(judge), cache="no-store")

    @router.post(
        BATCH_PATH,
        operation_id="verifyBatch",
        summary="Verify up to 1,000 at once",
        responses=gives(
            BatchAnswer, *COUNTED, *POSTED, *JUDGED, "items", "too_many_items", "item_too_large", "bad_parameter"
        ),
        openapi_extra=taken(BatchRequest),
        dependencies=[Depends(only("on"))],
    )
    async def verify_batch(request: Request, on: On = None) -> Response:
        body = await posted_json(request)

        def judge() -> list[dict[str, Any]]:
            items = posted_items(body, BATCH_ITEMS, ITEM_BYTES, BATCH_NODES)
            spend(request, len(items))
            return verifier.judge(items, now(), on)

        return answer(request, {"results": await run_in_threadpool(judge)}, cache="no-store")

    return router
