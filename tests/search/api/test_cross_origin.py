"""Reads are open to every origin, whatever they answer: data, a redirect, or 304; pages are not data."""

from hashlib import sha256

import httpx
import pytest

from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.verify.trust import fingerprint
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.command import Greffe
from tests.builders.http_client import Client

NUMBER = "sample/BC9000001"


@pytest.fixture(scope="module")
def client(live_installation: Greffe, tmp_path_factory: pytest.TempPathFactory) -> Client:
    public = Public(from_environ(live_installation.environ))
    return Client(create_app(public.reader, EmbeddedIndex(tmp_path_factory.mktemp("cors") / "index.db")))


@pytest.mark.parametrize(
    "path",
    [
        "/checkpoint",
        "/tile/0/000",
        "/trust.json",
        f"/organizations/{NUMBER}.json",
        f"/credentials/{NUMBER}/1",
        "/api/v1/nothing",
    ],
)
def test_reads_are_open(client: Client, path: str) -> None:
    assert client.request("GET", path).headers["access-control-allow-origin"] == "*"


def test_what_has_not_changed_is_open_too(client: Client) -> None:
    tag = client.request("GET", "/trust.json").headers["etag"]
    again = client.request("GET", "/trust.json", headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["access-control-allow-origin"]) == (304, "*")


def test_the_trust_file_as_it_is_fetched_has_its_fingerprint(client: Client) -> None:
    answer = client.request("GET", "/trust.json")
    assert sha256(answer.content).hexdigest() == fingerprint(answer.json())


def test_pages_are_not_data(client: Client) -> None:
    assert "access-control-allow-origin" not in client.request("GET", "/en/about").headers


@pytest.mark.parametrize(
    ("accept", "language", "place"),
    [
        ("text/html", "en;q=0.2,fr-CA", f"/fr/organizations/{NUMBER}?at=2020-01-01"),
        ("text/html", "en-CA", f"/en/organizations/{NUMBER}?at=2020-01-01"),
        ("application/json", "fr", f"/api/v1/organizations/{NUMBER}?at=2020-01-01"),
    ],
)
def test_a_subject_leads_to_its_page_or_its_data(client: Client, accept: str, language: str, place: str) -> None:
    headers = {"Accept": accept, "Accept-Language": language}
    answer = client.request("GET", f"/organizations/{NUMBER}?at=2020-01-01", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, place)


POSTS = [
    ("/api/v1/verify", {}, 422),
    ("/api/v1/verify/batch", {"items": []}, 200),
    ("/api/v1/match", {"queries": []}, 200),
    ("/credentials/verify", {}, 400),
    ("/presentations/verify", {}, 400),
    ("/challenges", {}, 200),
]


@pytest.mark.parametrize(("path", "body", "status"), POSTS, ids=lambda value: str(value)[:24])
def test_a_post_that_changes_nothing_is_open(client: Client, path: str, body: object, status: int) -> None:
    answer = client.request("POST", path, json=body)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (status, "*")
    refused = client.request("POST", path, content=b"x" * 9_000_000)
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (413, "*")


def asking(client: Client, path: str, method: str) -> httpx.Response:
    """What a browser asks before a page of another origin may post JSON (Fetch standard, CORS preflight)."""
    headers = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    return client.request("OPTIONS", path, headers=headers)


@pytest.mark.parametrize("path", [path for path, _, _ in POSTS])
def test_a_browser_that_asks_beforehand_may_post(client: Client, path: str) -> None:
    answer = asking(client, path, "POST")
    allowed = {
        name: answer.headers[f"access-control-allow-{name}"].lower() for name in ("origin", "methods", "headers")
    }
    assert (answer.status_code, allowed["origin"], allowed["methods"]) == (204, "*", "post")
    assert "content-type" in allowed["headers"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    ("path", "method"),
    [("/en/verify", "POST"), ("/trust.json", "POST"), ("/api/v1/verify", "PUT"), ("/api/v1/verify/", "POST")],
)
def test_other_methods_and_forms_are_not_open(client: Client, path: str, method: str) -> None:
    answer = asking(client, path, method)
    assert answer.status_code >= 400
    assert "access-control-allow-origin" not in answer.headers
    assert "access-control-allow-origin" not in client.request(method, path).headers


def test_a_browser_that_asks_beforehand_may_read(client: Client) -> None:
    answer = asking(client, "/trust.json", "GET")
    assert (answer.status_code, answer.headers["access-control-allow-methods"]) == (204, "GET, HEAD")


def test_a_condition_on_a_post_does_nothing(client: Client) -> None:
    """RFC 9110 section 13.1.2: 304 is an answer to GET and HEAD alone."""
    for condition in ("*", '"x"'):
        answer = client.request("POST", "/api/v1/verify", json={}, headers={"If-None-Match": condition})
        assert answer.status_code != 304
        assert answer.content
    tag = client.request("POST", "/api/v1/verify/batch", json={"items": []}).headers["etag"]
    again = client.request("POST", "/api/v1/verify/batch", json={"items": []}, headers={"If-None-Match": tag})
    assert (again.status_code, again.json()) == (200, {"results": []})
    got = client.request("GET", "/trust.json", headers={"If-None-Match": "*"})
    assert got.status_code == 304, "control: a GET with that condition is"
