"""What every answer keeps to: compressed, validated, of a named checkpoint; and no more than was asked for."""

import base64
import json
from pathlib import Path

import pytest

from registry.log import checkpoint, note
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.views.organization_json import ITEM_MEMBERS
from tests.builders.http_client import Client
from tests.builders.ledger import copied

LIST = "/api/v1/organizations"
ONE = "/api/v1/organizations/sample/BC0000001"
READS = (
    *(LIST, ONE, f"{ONE}/history", f"{ONE}/credentials", f"{ONE}/relationships", "/trust.json", "/checkpoint"),
    *(
        "/contexts/organization/v1",
        "/schemas/organization/v1",
        "/issuers/sample/did.jsonl",
        "/credentials/sample/BC0000001/1",
    ),
    *("/tile/0/000.p/7", "/openapi.json"),
)


@pytest.fixture(scope="module")
def client(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Client:
    office = copied(filled_installation, tmp_path_factory.mktemp("manners") / "data")
    index = EmbeddedIndex(tmp_path_factory.mktemp("index") / "index.db")
    follow(office.reader, index)
    return Client(create_app(office.reader, index))


@pytest.mark.parametrize("path", READS)
def test_every_read_has_a_validator_and_is_not_sent_twice(client: Client, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200
    tag = first.headers["etag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"If-None-Match": '"another"'}).content == first.content
    assert client.head(path).headers["etag"] == tag


def test_every_answer_names_the_published_checkpoint(client: Client) -> None:
    head = checkpoint.parse(note.parse(client.get("/checkpoint").text).text)
    root = base64.b64encode(head.root).decode()
    for path in (*READS, "/en/", "/api/v1/organizations/sample/none"):
        assert client.get(path).headers["greffe-checkpoint"] == f"size={head.size}, root=:{root}:"
    assert "Greffe-Checkpoint" in client.get(LIST).headers["access-control-expose-headers"]
    for path in READS[:5]:
        assert client.get(path).json()["ledger"] == {"size": head.size, "root": root}


def test_a_list_has_no_more_than_was_asked_for(client: Client) -> None:
    whole = client.get(LIST).json()
    assert whole["facets"]["register"]
    assert tuple(sorted(whole["items"][0])) == tuple(sorted(ITEM_MEMBERS))
    few = client.get(f"{LIST}?fields=number,name&facets=0").json()
    assert few["facets"] == {}
    assert [list(item) for item in few["items"]] == [["number", "name"]] * len(whole["items"])
    assert few["total"] == whole["total"]
    for wrong in ("fields=", "fields=number,colour", "facets=2", "facets="):
        answer = client.get(f"{LIST}?{wrong}")
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter"), wrong


def test_the_day_and_the_time_that_were_asked_for_are_said(client: Client) -> None:
    assert {name: client.get(ONE).json()[name] for name in ("at", "known")} == {"at": None, "known": None}
    asked = client.get(f"{ONE}?at=2020-06-01&known=2030-01-01T00:00:00Z").json()
    assert (asked["at"], asked["known"]) == ("2020-06-01", "2030-01-01T00:00:00Z")


def test_an_id_that_is_fetched_by_a_program_leads_to_json_that_any_origin_may_read(client: Client) -> None:
    for accept in ("*/*", "application/json", ""):
        sent = client.get(
            "/organizations/sample/BC0000001", headers={"Accept": accept, "Origin": "https://other.example"}
        )
        assert (sent.status_code, sent.headers["location"]) == (303, ONE)
        assert sent.headers["access-control-allow-origin"] == "*"
        assert client.get(ONE).headers["access-control-allow-origin"] == "*"
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Accept-Language": "fr"}
    assert client.get("/organizations/sample/BC0000001", headers=browser).headers["location"].startswith("/fr/")


@pytest.mark.parametrize("form", ["application/json", "application/vc", "application/ld+json"])
def test_a_status_list_comes_in_the_form_that_is_asked_for(client: Client, form: str) -> None:
    answer = client.get("/status/revocation/sample-1", headers={"Accept": form})
    assert (answer.status_code, answer.headers["content-type"], answer.headers["vary"]) == (
        200,
        form,
        "Accept, Accept-Encoding",
    )
    assert "BitstringStatusListCredential" in json.loads(answer.content)["type"]
