"""Search, match and verify are counted by client; what a verifier needs is not; keys give more. Time stands still."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from search.access.keys import KeyFile, KnownKeys
from search.access.quota import Windows, scope_of
from search.app import create_app, services_here
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders.described import Described
from tests.builders.http_client import Client
from tests.builders.ledger import copied

SEARCH, MATCH, BATCH = "/api/v1/organizations", "/api/v1/match", "/api/v1/verify/batch"
NOW = datetime(2026, 11, 30, tzinfo=UTC)
QUOTA = 5


class Asker(Client):
    """Asks from an address, as whoever serves says it is."""

    def __init__(self, app: Any) -> None:
        async def from_address(scope: Any, receive: Any, send: Any) -> None:
            headers = dict(scope["headers"])
            address = headers.get(b"x-address", b"192.0.2.1").decode()
            # uvicorn sets port 0 where it believes a proxy
            port = 0 if b"x-believed" in headers else 4711
            await app({**scope, "client": (address, port)}, receive, send)

        super().__init__(from_address)

    def post(self, path: str, value: object, **headers: str) -> httpx.Response:
        sent = {"Content-Type": "application/json", **headers}
        return self.request("POST", path, content=json.dumps(value).encode(), headers=sent)


class Installation:
    """An app with a quota of five a minute, and a clock that a test moves."""

    def __init__(self, reader: Any, folder: Path, rate_limit: int | None = QUOTA) -> None:
        self.seconds = 1000.0
        self.keys = KeyFile(folder / "public")
        index = EmbeddedIndex(folder / "index.db")
        follow(reader, index)
        services = replace(
            services_here(reader),
            rate_limit=rate_limit,
            windows=Windows(),
            keys=KnownKeys(folder / "public"),
            clock=lambda: self.seconds,
        )
        self.client = Asker(create_app(reader, index, services))

    def statuses(self, count: int, path: str = SEARCH, **headers: str) -> list[int]:
        return [self.client.get(path, headers=headers).status_code for _ in range(count)]


@pytest.fixture(scope="module")
def reader(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return copied(filled_installation, tmp_path_factory.mktemp("rated") / "data").reader


@pytest.fixture
def site(reader: Any, tmp_path: Path) -> Installation:
    return Installation(reader, tmp_path)


def test_every_answer_says_what_is_left_and_the_one_too_many_when_to_go_on(site: Installation) -> None:
    answers = [site.client.get(SEARCH) for _ in range(QUOTA)]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"default";q=5;w=60'}
    assert [answer.headers["ratelimit"] for answer in answers] == [f'"default";r={r};t=60' for r in (4, 3, 2, 1, 0)]
    site.seconds += 12.5
    refused = site.client.get(SEARCH)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "48"
    assert refused.headers["ratelimit"] == '"default";r=0;t=48'
    assert refused.headers["access-control-allow-origin"] == "*"
    exposed = refused.headers["access-control-expose-headers"]
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed.split(", "))
    site.seconds += 48
    assert site.client.get(SEARCH).headers["ratelimit"] == '"default";r=4;t=60'


def test_control_where_nothing_is_counted_nobody_is_refused(reader: Any, tmp_path: Path) -> None:
    site = Installation(reader, tmp_path, rate_limit=None)
    assert site.statuses(QUOTA + 3) == [200] * (QUOTA + 3)
    answer = site.client.get(SEARCH, headers={"Authorization": "Bearer of the gateway's"})
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers


def test_a_client_is_an_address_or_a_network_of_64_bits(site: Installation) -> None:
    assert site.statuses(QUOTA + 1)[-1] == 429
    assert site.statuses(1, **{"X-Address": "192.0.2.2"}) == [200]
    assert site.statuses(QUOTA, **{"X-Address": "2001:db8::1"}) == [200] * QUOTA
    assert site.statuses(1, **{"X-Address": "2001:db8::ffff:1"}) == [429]
    assert site.statuses(1, **{"X-Address": "2001:db8:0:1::1"}) == [200]


def test_head_and_what_has_not_changed_count_and_a_preflight_does_not(site: Installation) -> None:
    tag = site.client.get(SEARCH).headers["etag"]
    again = site.client.get(SEARCH, headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["ratelimit"]) == (304, '"default";r=3;t=60')
    assert site.client.head(SEARCH).headers["ratelimit"] == '"default";r=2;t=60'
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    preflight = site.client.request("OPTIONS", SEARCH, headers=asked)
    assert preflight.status_code == 204
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    assert site.client.get(f"{SEARCH}?limit=0").headers["ratelimit"] == '"default";r=1;t=60', "a wrong question counts"


def test_a_list_counts_one_for_each_ten_items_begun(site: Installation) -> None:
    def queries(count: int) -> dict[str, Any]:
        return {"queries": [{"name": "kelp"}] * count}

    assert site.client.post(MATCH, queries(10)).headers["ratelimit"] == '"default";r=4;t=60'
    assert site.client.post(MATCH, queries(21)).headers["ratelimit"] == '"default";r=1;t=60'
    refused = site.client.post(MATCH, queries(11))
    assert (refused.status_code, refused.headers["ratelimit"]) == (429, '"default";r=0;t=60')
    assert refused.headers["retry-after"] == "60"
    site.seconds += 60
    answer = site.client.post(BATCH, {"items": [{"v": 1, "origin": "x"}] * 15})
    assert (answer.status_code, answer.headers["ratelimit"]) == (200, '"default";r=3;t=60')
    site.seconds += 60
    answer = site.client.post(BATCH, {"items": [{"v": 1, "origin": "x"}] * 60})
    assert (answer.status_code, answer.headers["ratelimit"]) == (200, '"default";r=0;t=60'), "more than a whole quota"
    site.seconds += 60
    assert site.statuses(1) == [200]
    answer = site.client.post(BATCH, {"items": [{"v": 1, "origin": "x"}] * 60})
    assert (answer.status_code, answer.headers["ratelimit"]) == (429, '"default";r=3;t=60')


def test_what_a_verifier_needs_is_never_refused(site: Installation) -> None:
    assert site.statuses(QUOTA + 1)[-1] == 429
    for path in (
        *("/checkpoint", "/trust.json", "/readyz", "/en/", "/en/search?q=kelp", "/status/revocation/sample-1"),
        *("/credentials/sample/BC0000001/1/evidence", "/api/v1/credentials/sample/BC0000001/1/evidence"),
        *(
            "/tile/0/000.p/7",
            "/api/v1/proof/organization?register=sample&number=BC0000001",
            "/contexts/organization/v1",
        ),
    ):
        answer = site.client.get(path, headers={"Authorization": "Bearer nothing"})
        assert answer.status_code == 200, path
        assert "ratelimit" not in answer.headers


def test_a_key_has_the_quota_of_its_scope_and_no_other(site: Installation) -> None:
    key, made = site.keys.add("Kelp Lending", ("match",), 100, NOW)
    bearer = {"Authorization": f"Bearer {key}"}
    answer = site.client.post(MATCH, {"queries": [{"name": "kelp"}] * 200}, **bearer)
    assert answer.status_code == 200
    assert answer.headers["ratelimit-policy"] == '"match";q=100;w=60'
    assert answer.headers["ratelimit"] == '"match";r=80;t=60'
    elsewhere = {**bearer, "X-Address": "192.0.2.9"}
    assert site.client.post(MATCH, {"queries": []}, **elsewhere).headers["ratelimit"] == '"match";r=79;t=60'
    assert site.client.get(SEARCH, headers=bearer).headers["ratelimit"] == '"default";r=4;t=60'
    assert site.client.post(MATCH, {"queries": []}).headers["ratelimit"] == '"default";r=3;t=60', "control"
    site.keys.end(made.id, NOW)
    refused = site.client.post(MATCH, {"queries": []}, **bearer)
    assert (refused.status_code, refused.json()["code"]) == (401, "access_unknown")


def test_an_unknown_key_is_refused_and_counted_and_never_served_as_nobody(site: Installation) -> None:
    for sent in ("Bearer greffe-access-guessed", "bearer greffe-access-\xff", "BEARER  greffe-access-"):
        refused = site.client.get(SEARCH, headers={b"authorization": sent.encode("latin-1")})
        assert (refused.status_code, refused.json()["code"]) == (401, "access_unknown")
        assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert refused.headers["access-control-allow-origin"] == "*"
    assert site.statuses(3, Authorization="Bearer greffe-access-guessed") == [401, 401, 429]


@pytest.mark.parametrize("sent", ["Basic eDp5", "Bearer", "Bearer ", "Bearer of.the.gateway", "Bearer \xff"])
def test_whoever_sends_another_token_is_served_as_nobody_as_before_there_were_keys(
    site: Installation, sent: str
) -> None:
    answer = site.client.get(SEARCH, headers={b"authorization": sent.encode("latin-1")})
    assert (answer.status_code, answer.headers["ratelimit"]) == (200, '"default";r=4;t=60')


@pytest.mark.parametrize(
    ("address", "forwarded", "count"),
    [
        *(
            ("127.0.0.1", "192.0.2.7", 1),
            ("10.1.2.3", "192.0.2.7", 1),
            ("127.0.0.1", "", 0),
            ("8.8.8.8", "192.0.2.7", 0),
        ),
        # whom a named proxy asks for, as its header says with a port or without
        *(("10.1.2.3", "10.1.2.3", 0), ("10.1.2.3", "192.0.2.7, 10.1.2.3:4711", 0), ("fd00::1", "[fd00::1]:4711", 0)),
    ],
)
def test_a_proxy_that_is_not_named_is_warned_of_once(
    site: Installation, caplog: pytest.LogCaptureFixture, address: str, forwarded: str, count: int
) -> None:
    headers = {"X-Address": address, **({"X-Forwarded-For": forwarded} if forwarded else {})}
    assert site.statuses(2, **headers) == [200, 200]
    texts = [record.getMessage() for record in caplog.records if "GREFFE_TRUSTED_PROXIES" in record.getMessage()]
    assert len(texts) == count
    assert all(text.startswith(address) for text in texts)


def test_nobody_is_warned_of_a_client_nearby_behind_a_proxy_that_is_named(
    site: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"X-Address": "10.1.2.3", "X-Forwarded-For": "10.1.2.3", "X-Believed": "yes"}
    assert site.statuses(2, **headers) == [200, 200]
    assert "GREFFE_TRUSTED_PROXIES" not in caplog.text


def test_the_openapi_document_says_what_is_counted_and_how_it_is_refused(site: Installation) -> None:
    described = Described(site.client.get("/openapi.json").json())
    counted = {name for name, (_, path, _) in described.operations.items() if scope_of(path)}
    for name, (_, _, operation) in described.operations.items():
        responses = operation["responses"]
        assert ({"401", "429"} <= responses.keys()) == (name in counted), name
        assert ("security" in operation) == (name in counted), name
        assert ("RateLimit" in responses.get("200", {}).get("headers", {})) == (name in counted), name
    assert len(counted) == 12
    assert (
        described.check(site.client.get(SEARCH, headers={"Authorization": "Bearer greffe-access-x"})).status_code == 401
    )
    refused = [described.check(site.client.get(SEARCH)) for _ in range(QUOTA)][-1]
    assert refused.status_code == 429
    for status, name in (("401", "WWW-Authenticate"), ("429", "Retry-After")):
        assert name in described.operations["searchOrganizations"][2]["responses"][status]["headers"]
