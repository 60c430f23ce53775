"""What somebody wrote into the index file is never shown: names and status come from the ledger."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

import search.api.organizations as routes
from registry.installation.public import Public
from registry.installation.settings import from_environ
from search.app import create_app, services_here
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.question.matching import MatchedHere
from tests.builders.http_client import Client

FALSE = "Falsified Holdings Inc."


@pytest.fixture
def falsified(live_installation, tmp_path: Path) -> tuple[Client, str, str]:
    """A site whose index says that an organization has another name and is dissolved; that one's number and true name."""
    public = Public(from_environ(live_installation.environ))
    path = tmp_path / "index.db"
    index = EmbeddedIndex(path)
    follow(public.reader, index)
    connection = sqlite3.connect(path)
    rank, number, body = connection.execute(
        "SELECT rank, number, body FROM org WHERE status = 'Active' LIMIT 1"
    ).fetchone()
    document = json.loads(body)
    name = document["name"]
    document |= {"name": FALSE, "status": "Historical"}
    for entry in document["names"]:
        if entry["text"] == name:
            entry["text"] = FALSE
    connection.execute("UPDATE org SET body = ?, status = 'Historical' WHERE rank = ?", (json.dumps(document), rank))
    connection.commit()
    connection.close()
    services = replace(services_here(public.reader), matching=MatchedHere(index))
    return Client(create_app(public.reader, index, services)), number, name


def test_results_suggestions_and_matches_are_the_ledgers(falsified: tuple[Client, str, str]) -> None:
    client, number, name = falsified
    (item,) = client.get("/api/v1/organizations", params={"q": number}).json()["items"]
    assert (item["name"], item["status"]) == (name, "Active")
    (suggestion,) = client.get("/api/v1/autocomplete", params={"q": number}).json()["items"]
    assert suggestion["name"] == name
    answer = client.request("POST", "/api/v1/match", json={"queries": [{"id": 1, "number": number}]}).json()
    (candidate,) = answer["results"][0]["items"]
    assert (candidate["name"], candidate["match"]) == (name, False)
    assert FALSE not in client.get("/en/search", params={"q": number}).text
    assert name.split()[0] in client.get("/en/search", params={"q": number}).text


def test_a_name_that_the_index_invented_is_not_shown(falsified: tuple[Client, str, str]) -> None:
    client, number, name = falsified
    answer = client.get("/api/v1/organizations", params={"q": name}).json()
    assert FALSE not in json.dumps(answer)
    assert number not in [item["number"] for item in answer["items"]]


def test_without_the_look_at_the_ledger_it_would_be(
    falsified: tuple[Client, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, number, _ = falsified
    monkeypatch.setattr(routes, "held_or_found", lambda _reader, hits: (tuple(hits), True))
    (item,) = client.get("/api/v1/organizations", params={"q": number}).json()["items"]
    assert item["name"] == FALSE
