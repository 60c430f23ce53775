"""A small app of the VC API alone, over a registry with nothing of what is posted or over a real office."""

from collections.abc import Callable
from typing import Any

import httpx
from fastapi import FastAPI

from registry.foreign.challenges import Challenges
from registry.foreign.retrieval import Fetch, no_fetch
from registry.foreign.verify import ForeignVerifier
from registry.installation.office import Office
from search.api.described import finished
from search.api.vc import vc_api_router
from search.http import problems
from search.http.limits import Limits
from search.verify.judge import PostedVerifier
from tests.builders.described import Described
from tests.builders.http_client import Client
from tests.builders.site import small_registry
from tests.builders.stranger import AT

VERIFY, PRESENT, CHALLENGES = "/credentials/verify", "/presentations/verify", "/challenges"
SECRET = b"\x01" * 32
Post = Callable[..., httpx.Response]


def strangers(fetch: Fetch = no_fetch) -> PostedVerifier:
    """The verifier of an installation that has issued none of what is posted."""
    return PostedVerifier(small_registry(), ForeignVerifier(fetch))


def posting(verifier: PostedVerifier, challenges: Challenges | None = None, failed_status: int = 200) -> Post:
    """Posts to a small app of the VC API alone, behind the limits of the whole one."""
    app = FastAPI()
    problems.install(app)
    app.include_router(vc_api_router(verifier, challenges or Challenges(SECRET), lambda: AT, failed_status))
    client, described = Client(Limits(app)), Described(finished(app.openapi()))

    def post(path: str, body: Any = None, **more: Any) -> httpx.Response:
        return described.check(client.request("POST", path, **({"json": body} if body is not None else {}), **more))

    return post


def titles(answer: dict[str, Any]) -> list[str]:
    return [problem["title"] for problem in answer["problemDetails"]]


def own(filled: Office) -> dict[str, Any]:
    document: dict[str, Any] = filled.reader.evidence("sample", "BC0000001", 2)["credential"]
    return document
