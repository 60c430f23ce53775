"""Completeness files that are posted: judged as the command judges them, and held against what the ledger has by now."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

from issuer.run.issue import issue
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.verify.completeness import verify_completeness
from registry.verify.trust import parse
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.verify.judge import PostedVerifier
from tests.builders.command import NOW, surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import STATES, extract, state

Json = dict[str, Any]
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def client(filled: Office, tmp_path: Path) -> Client:
    return Client(create_app(filled.reader, EmbeddedIndex(tmp_path / "index")))


def file_of(filled: Office, number: str) -> Json:
    return filled.reader.completeness("sample", number).to_json()


def by_the_command(filled: Office, document: Json) -> Json:
    trust = parse(json.dumps(filled.reader.trust()).encode())
    return verify_completeness(json.dumps(document).encode(), trust, NOW).to_json()


def _no_change(document: Json) -> Json:
    return document


def _one_left_out(document: Json) -> Json:
    return {**document, "entries": document["entries"][1:]}


def _of_another(document: Json) -> Json:
    return {**document, "number": "BC0000009"}


def _with_a_credential(document: Json) -> Json:
    return {**document, "credential": {}}


def test_it_is_judged_everywhere_as_by_the_command(filled: Office, client: Client) -> None:
    changes = (_no_change, _one_left_out, _of_another, _with_a_credential)
    numbers = ("BC0000001", "BC0000002", "BC0009999")
    documents = [change(file_of(filled, number)) for number in numbers for change in changes]
    expected = [by_the_command(filled, document) for document in documents]
    assert [verdict["verdict"] for verdict in expected[:4]] == ["verified", "failed", "failed", "failed"]
    assert [verdict["verdict"] for verdict in expected[::4]] == ["verified"] * 3
    assert PostedVerifier(filled.reader).judge(documents, NOW) == expected
    batch = json.dumps({"items": [*documents, {}]})
    answers = client.request("POST", "/api/v1/verify/batch", content=batch, headers=JSON).json()["results"]
    assert answers == [*expected, {"verdict": None, "code": "not_evidence"}]
    for document, verdict in zip(documents, expected, strict=True):
        text = json.dumps(document)
        assert client.request("POST", "/api/v1/verify", content=text, headers=JSON).json() == verdict
        page = client.request("POST", "/en/verify", content="evidence=" + quote_plus(text)).text
        assert f'data-verdict="{verdict["verdict"]}"' in page
        assert ("Proven: " in page) == (verdict["proven"] is not None)


@pytest.mark.parametrize("number", ["BC0000001", "BC0009999"])
def test_more_entries_by_now_are_told_and_not_called_forged(filled: Office, client: Client, number: str) -> None:
    document = file_of(filled, number)
    assert by_the_command(filled, document)["verdict"] == "verified"
    later = state(number, "LATER NAME LTD.", "77", "2025-02-03")
    issue(filled, "table", extract([*STATES, later]), surroundings("more"))
    publish(filled.store, filled.log_keys.signers)
    answer = client.request("POST", "/api/v1/verify", content=json.dumps(document), headers=JSON).json()
    (failed,) = [step for step in answer["steps"] if step["result"] == "failed"]
    assert (answer["verdict"], failed["step"], failed["code"]) == ("failed", "complete", "not_latest")
    assert answer["proven"] is None
    page = client.request("POST", "/en/verify", content="evidence=" + quote_plus(json.dumps(document))).text
    assert "Do not rely on it: more entries have come under this number since" in page
    assert "Ask for a newer proof." in page
    assert "Proven" not in page
    assert PostedVerifier(filled.reader).judge([file_of(filled, number)], NOW)[0]["verdict"] == "verified"
