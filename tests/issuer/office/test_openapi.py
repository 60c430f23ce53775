"""The OpenAPI document of the office's app tells the truth: real answers, good and bad, are held against it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.installation.office import Office
from tests.builders.office import ISSUE, LISTS, STANDING, draft
from tests.builders.office_site import examples, office_site
from tests.builders.openapi_site import Site

EXAMPLES = Path(__file__).parents[3] / "issuer" / "office" / "examples.json"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Site, Office]]:
    with office_site(tmp_path / "sample") as opened:
        yield opened


def test_every_operation_answers_as_it_is_described_and_as_its_example_says(opened: tuple[Site, Office]) -> None:
    site, office = opened
    fresh, stored = examples(site, office), json.loads(EXAMPLES.read_text("utf-8"))
    assert fresh == stored, "run tools/make_examples.py"
    assert site.described.reached.keys() == site.described.operations.keys() == stored.keys()
    for name, (_, _, operation) in site.described.operations.items():
        for status, answer in stored[name].items():
            place = operation["requestBody"] if status == "request" else operation["responses"][status]
            form = next(iter(place["content"].values()))
            assert site.described.errors(form["schema"], answer) == [], name
            assert form["examples"]["sample"]["$ref"].startswith("#/components/examples/")
    assert site.post(ISSUE, stored["issueCredential"]["request"]).status_code == 200, "it is there"
    _refused(site, office, stored)


def _refused(site: Site, office: Office, stored: dict[str, Any]) -> None:
    """What each refuses: address, body, status."""
    good, lists = draft(office), {"statusPurpose": "revocation", "options": {"register": "none"}}
    for address, body, status in (
        (ISSUE, b"x", 400),
        (ISSUE, {}, 400),
        (ISSUE, {"credential": {**good, "proof": []}}, 400),
        (ISSUE, {"credential": good, "options": {"x": 1}}, 400),
        (ISSUE, {"credential": draft(office, legalName="  ")}, 400),
        (STANDING, {"credentialId": "urn:x", "credentialStatus": {}, "status": True}, 400),
        (LISTS, lists, 404),
        (LISTS, {**lists, "statusPurpose": "x"}, 400),
        ("/challenges", {"x": 1}, 400),
        ("/challenges", {"options": {"x": 1}}, 400),
        ("/challenges", {"options": []}, 400),
        ("/identity-anchors", {}, 400),
        ("/identity-anchors", {**stored["issueIdentityAnchor"]["request"], "options": {"x": 1}}, 400),
        ("/entries", b"{}", 415),
        (ISSUE + "?x=1", {}, 400),
    ):
        site.post(address, body, status)
    for body in (b"x", b"{}", b'{"kind": "note", "reason": "?"}'):
        site.post("/entries", body, 400, "application/x-ndjson")
    assert site.client.request("POST", ISSUE).status_code == 401
    site.described.check(site.client.request("POST", ISSUE))


def test_whoever_has_no_token_does_not_learn_what_the_office_can_do(opened: tuple[Site, Office]) -> None:
    site, _ = opened
    assert site.client.get("/openapi.json").status_code == 401
    document: dict[str, Any] = site.described.document
    assert document["openapi"].startswith("3.1")
    assert document["security"] == [{"token": []}]
    assert document["paths"]["/livez"]["get"]["security"] == []
