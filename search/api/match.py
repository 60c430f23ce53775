"""`POST /api/v1/match`: whose names or numbers these are, many at once.

The size of a body, the number of queries and their shape are refused before any is looked up. What counts as a match is left to
`search/question/matching.py`, the work to a lane of its own.
"""

from collections.abc import Sequence, Set
from typing import Any, Protocol

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from registry.described.openapi import taken
from registry.encoding import strict_json
from registry.reading.reader import Reader
from search.api.described import COUNTED, POSTED, SEARCHED, gives
from search.api.models.finding import MatchAnswer, MatchRequest
from search.errors import BadParameter, TooMuch
from search.http.json_answer import answer
from search.http.parameters import only
from search.http.posted_json import posted_json
from search.http.rated import spend
from search.question.absence import known_registers
from search.question.matching import Candidate, Wanted, parse_wanted
from search.views import organization_json as shape
from search.views.held_hits import held_candidates

MATCH_PATH = "/api/v1/match"
MATCH_BYTES = 1024 * 1024
QUERIES = 1000
_NODES = 12_000


class Matching(Protocol):
    """What matches: in this process, or in one of its own."""

    def match(self, wanted: Sequence[Wanted], registers: Set[str]) -> list[list[Candidate]]: ...


def match_router(reader: Reader, matching: Matching) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["organizations"])

    @router.post(
        MATCH_PATH,
        operation_id="matchNames",
        summary="Whose names or numbers these are, up to 1,000 at once",
        responses=gives(
            MatchAnswer, *COUNTED, *POSTED, *SEARCHED, "too_many_queries", "queries", "query_too_long", "bad_date"
        ),
        openapi_extra=taken(MatchRequest),
        dependencies=[Depends(only())],
    )
    async def match(request: Request) -> Response:
        body = await posted_json(request)

        def matched() -> list[dict[str, Any]]:
            queries = _queries(body)
            spend(request, len(queries))
            wanted = [parse_wanted(query) for query in queries]
            registers = known_registers(reader)
            published = reader.published_size()
            every = [held_candidates(reader, candidates) for candidates in matching.match(wanted, registers)]
            return [
                {"id": each.id, "items": [shape.candidate(candidate, published) for candidate in candidates]}
                for each, candidates in zip(wanted, every, strict=True)
            ]

        return answer(request, {"results": await run_in_threadpool(matched)}, cache="no-store")

    return router


def _queries(body: bytes) -> list[dict[str, Any]]:
    queries = strict_json.parse_object(body, _NODES).get("queries")
    if not isinstance(queries, list) or not all(isinstance(query, dict) for query in queries):
        raise BadParameter("queries", "queries is not an array of objects", "queries")
    if len(queries) > QUERIES:
        raise TooMuch("too_many_queries", f"a request has at most {QUERIES} queries")
    return queries
