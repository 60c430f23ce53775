"""Matching many names at once: the contract's shape, what counts as certain, what is refused before it is looked at."""

import json
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from registry.errors import Conflict
from search.api.match import MATCH_BYTES, MATCH_PATH, match_router
from search.http import problems
from search.http.limits import Limits
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.index.matchers import ADMITTED, MatchPool
from search.question.matching import MatchedHere, Wanted, candidates
from tests.builders.http_client import Client
from tests.builders.reader import FakeReader
from tests.builders.register import small_ledger

Json = dict[str, Any]


@pytest.fixture(scope="module")
def reader() -> FakeReader:
    return small_ledger()


@pytest.fixture(scope="module")
def path(reader: FakeReader, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "index.db"
    follow(reader, EmbeddedIndex(path))
    return path


@pytest.fixture(scope="module")
def client(reader: FakeReader, path: Path) -> Client:
    app = FastAPI()
    problems.install(app)
    app.include_router(match_router(reader, MatchedHere(EmbeddedIndex(path))))
    return Client(Limits(app, {MATCH_PATH: MATCH_BYTES}))


def match(client: Client, *queries: Json) -> list[Json]:
    answer = client.request("POST", "/api/v1/match", json={"queries": list(queries)})
    assert answer.status_code == 200, answer.text
    results: list[Json] = answer.json()["results"]
    return results


def test_answers_in_the_contracts_shape_and_in_order(client: Client) -> None:
    named, numbered, nobody = match(
        client,
        {"id": "a", "name": "BKV Social Enterprise Company"},
        {"id": 7, "number": "BC 0491266", "register": "sample"},
        {"name": "xylqwv brmpf"},
    )
    assert (named["id"], numbered["id"], nobody["id"]) == ("a", 7, None)
    assert nobody["items"] == []
    first = named["items"][0]
    assert {"register", "number", "name", "status", "score", "match", "matched"} <= set(first)
    assert (first["number"], first["match"], first["score"]) == ("BC0491266", True, 1.0)
    assert set(first["matched"]) == {"name", "kind", "why"}
    assert [item["match"] for item in numbered["items"]] == [True]
    assert max(len(result["items"]) for result in match(client, {"name": "ltd"}, {"name": "zara"})) <= 5


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"name": "Harbour Social Ventures Limited"}, "BC0491266"),
        ({"name": "BKV Social Enterprize Company"}, "BC0491266"),
        ({"number": "bc0491266", "name": "BKV Social"}, "BC0491266"),
        ({"name": "sample:BC0491266"}, "BC0491266"),
    ],
)
def test_a_match(client: Client, query: Json, number: str) -> None:
    item = match(client, query)[0]["items"][0]
    assert (item["number"], item["match"]) == (number, True)


@pytest.mark.parametrize(
    "query",
    [
        {"name": "BKV Social"},
        {"name": "BKV Social Enterprise Holdings Company"},
        {"name": "Enterprise"},
        {"number": "BC0491266", "name": "Quite Another Mill Ltd."},
        {"name": "North Shore Boat Works"},
        {"name": "500008 BC Ltd"},
        {"name": "Harbour Social Ventures Corporation"},
    ],
    ids=str,
)
def test_what_a_person_must_decide(client: Client, query: Json) -> None:
    assert not any(item["match"] for item in match(client, query)[0]["items"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{}", 422, "queries"),
        ('{"queries": [1]}', 422, "queries"),
        ('{"queries": [{}]}', 422, "queries"),
        ('{"queries": [{"name": 5}]}', 422, "queries"),
        ('{"queries": [{"id": true, "name": "a"}]}', 422, "queries"),
        ('{"queries": [{"name": "a", "at": "soon"}]}', 422, "bad_date"),
        (json.dumps({"queries": [{"name": "x" * 3000}]}), 422, "query_too_long"),
        (json.dumps({"queries": [{"name": "a"}] * 1001}), 413, "too_many_queries"),
        ("[]", 400, "json"),
        ('{"queries": [], "queries": []}', 400, "json_strict"),
        (" " * (1024 * 1024 + 1), 413, "body_too_large"),
    ],
)
def test_refused(client: Client, body: str, status: int, code: str) -> None:
    headers = {"content-type": "application/json"}
    answer = client.request("POST", "/api/v1/match", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nothing_asked_is_nothing_answered(client: Client) -> None:
    assert match(client) == []


def test_a_process_of_its_own_answers_the_same(path: Path) -> None:
    wanted = [
        Wanted(at, name, "", "", None) for at, name in enumerate(["zara", "BKV Social", "nobody is called so"] * 20)
    ]
    pool = MatchPool(partial(EmbeddedIndex, path))
    try:
        assert pool.match(wanted, {"sample"}) == MatchedHere(EmbeddedIndex(path)).match(wanted, {"sample"})
    finally:
        pool.close()


def test_when_too_many_lists_wait_the_next_is_told_so(path: Path) -> None:
    pool = MatchPool(partial(EmbeddedIndex, path))
    gate = threading.Event()

    class Slow(list[Wanted]):
        def __len__(self) -> int:
            gate.wait(10)
            return 0

    waiting = [threading.Thread(target=pool.match, args=(Slow(), set())) for _ in range(ADMITTED)]
    for thread in waiting:
        thread.start()
    try:
        with pytest.raises(Conflict, check=lambda error: error.code == "busy"):
            pool.match([], set())
    finally:
        gate.set()
        for thread in waiting:
            thread.join()
        pool.close()


def test_without_the_margin_a_namesake_would_be_matched(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the rule."""
    index = EmbeddedIndex(path)
    wanted = Wanted(None, "North Shore Boat Works", "", "", None)
    assert not candidates(index, wanted, set)[0].is_match
    monkeypatch.setattr("search.question.matching._is_sure", lambda hits, name: hits[0].score >= 0.96)
    assert candidates(index, wanted, set)[0].is_match
