"""A search for a number that nobody has: what the page and the API say of it, and that neither claims more than the proof."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from issuer.run.issue import issue
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.verify import completeness
from registry.verify.trust import parse as parse_trust
from registry.verify.verdict import Verdict
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.question import absence
from search.question.absence import Absence, absences
from tests.builders.command import NOW, surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import STATES, extract, state
from tests.builders.witnesses import publish_witnessed

Json = dict[str, Any]


@pytest.fixture
def filled(office: Office) -> Office:
    """Three organizations, one of them a natural person, under a checkpoint of 7 entries."""
    issue(office, "table", extract(STATES), surroundings())
    publish(office.store, office.log_keys.signers)
    return office


@pytest.fixture
def client(filled: Office) -> Client:
    index = EmbeddedIndex(filled.settings.index)
    follow(filled.reader, index)
    return Client(create_app(filled.reader, index))


def judged(office: Office, text: bytes) -> Verdict:
    return completeness.verify_completeness(text, parse_trust(json.dumps(office.reader.trust()).encode()), NOW)


SENTENCES = {
    "en": "No registration with this number: proven as of entry 6",
    "fr": "Aucune immatriculation sous ce numéro\u00a0: prouvé jusqu’à l’inscription 6",
}


@pytest.mark.parametrize("typed", ["9000001", "BC9000O01", "123456789", "123456789RC0001", "SC999999", "BC99999999"])
def test_what_is_no_number_of_the_register_is_never_proven_absent(client: Client, typed: str) -> None:
    """The register writes BC0000001: of another form nothing follows, whether such an organization is there or not."""
    path = f"/api/v1/proof/organization?register=sample&number={typed}"
    refused = client.request("GET", path)
    assert (refused.status_code, refused.json()["code"]) == (422, "number")
    page = client.request("GET", f"/en/search?q={typed}").text
    assert "proven as of entry" not in page
    assert client.request("GET", f"/api/v1/organizations?q={typed}").json().get("absence") is None


@pytest.mark.parametrize("typed", ["bc0000001", "BC 0000001", "BC-0000001", "0000001", "1", "bc1"])
def test_a_number_that_is_there_is_brought_to_the_form_of_the_register(client: Client, typed: str) -> None:
    shown = client.request("GET", f"/api/v1/proof/organization?register=sample&number={typed}").json()
    assert (shown["number"], len(shown["entries"])) == ("BC0000001", 2)


def test_a_register_that_is_not_known_has_no_proofs(client: Client) -> None:
    refused = client.request("GET", "/api/v1/proof/organization?register=none&number=BC9999999")
    assert (refused.status_code, refused.json()["code"]) == (404, "register_unknown")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_links_to_a_proof_that_holds(filled: Office, client: Client, language: str) -> None:
    page = client.request("GET", f"/{language}/search?q=BC9999999").text
    assert SENTENCES[language] in page
    href = re.search(r'href="([^"]+)" download="sample-BC9999999.absence.json"', page)
    assert href is not None
    answer = client.request("GET", href[1].replace("&amp;", "&"))
    assert answer.headers["cache-control"] == "public, max-age=5"
    assert judged(filled, answer.content).verdict == "verified"
    assert answer.json()["entries"] == []


@pytest.mark.parametrize("query", ["BC9999999", "sample%3ABC9999999", "BC9999999&register=sample"])
def test_the_answer_for_programs_names_the_proof(filled: Office, client: Client, query: str) -> None:
    answer = client.request("GET", f"/api/v1/organizations?q={query}").json()
    assert answer["absence"] == "/api/v1/proof/organization?register=sample&number=BC9999999"
    shown = client.request("GET", answer["absence"])
    assert judged(filled, shown.content).verdict == "verified"


@pytest.mark.parametrize(
    "query",
    [
        "BC0000001",
        "bc0000001",
        "sample%3ABC0000001",
        "BC0000001&status=Historical",
        "FM0000003",
        "fm0000003",
        "FM0000003&status=Historical",
        "sample%3AFM0000003",
        "sample%3Abc0000001",
        "sample%3ABC-0000001",
        "sample%3ABC.0000001",
        "sample%3A0000001",
        "sample%3A1",
        "sample%3Afm0000003",
        "sample%3AFM-0000003",
        "sample%3A0000003",
        "BC9999999&status=Active",
        "BC9999999&register=im",
        "im%3A000001C",
        "3M",
        "harbour",
        "BC 9999999",
        "",
    ],
)
def test_nothing_is_claimed_of_what_is_there_or_is_no_number(client: Client, query: str) -> None:
    assert client.request("GET", f"/api/v1/organizations?q={query}").json()["absence"] is None
    assert "data-absent-number" not in client.request("GET", f"/en/search?q={query}").text


WAYS = ["BC0000001", "bc0000001", "BC-0000001", "0000001", "1"]


@pytest.mark.parametrize("number", WAYS)
def test_a_number_with_its_register_finds_the_organization(client: Client, number: str) -> None:
    body = client.request("GET", f"/api/v1/organizations?q=sample%3A{number}").json()
    assert [(item["register"], item["number"], item["matched"]["why"]) for item in body["items"]] == [
        ("sample", "BC0000001", "exact_number")
    ]
    assert 'href="/en/organizations/sample/BC0000001' in client.request("GET", f"/en/search?q=sample%3A{number}").text
    elsewhere = client.request("GET", f"/api/v1/organizations?q=sample%3A{number}&register=im").json()
    assert (elsewhere["items"], elsewhere["absence"]) == ([], None)
    assert client.request("GET", f"/api/v1/organizations?q=im%3A{number}").json()["items"] == []


def test_by_the_typed_text_alone_what_is_there_would_be_called_absent(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the map knows one way of writing a number, the index all of them."""
    index = EmbeddedIndex(filled.settings.index)
    follow(filled.reader, index)
    for number in ("bc0000001", "BC-0000001", "0000001", "fm0000003"):
        assert absences(filled.reader, index, f"sample:{number}", frozenset(), ()) == []
    monkeypatch.setattr(absence, "_is_known", lambda *_: False)
    monkeypatch.setattr(absence, "own_form", lambda _index, _register, typed: typed)
    for number in ("bc0000001", "BC-0000001", "0000001", "fm0000003"):
        assert absences(filled.reader, index, f"sample:{number}", frozenset(), ()) != []


def test_an_index_that_lags_behind_the_proof_claims_nothing(filled: Office) -> None:
    index = EmbeddedIndex(filled.settings.index)
    assert absences(filled.reader, index, "sample:bc9999999", frozenset(), ()) == []
    follow(filled.reader, index)
    assert len(absences(filled.reader, index, "sample:bc9999999", frozenset(), ())) == 1


def test_a_proof_posted_as_evidence_proves_no_credential(filled: Office, client: Client) -> None:
    evidence = filled.reader.evidence("sample", "BC0000001", 2)
    absent = filled.reader.completeness("sample", "NOBODY1").to_json()
    assert client.request("POST", "/api/v1/verify", json=evidence).json()["verdict"] != "failed", "the negative control"
    forged = json.loads(json.dumps(evidence))
    forged["credential"]["credentialSubject"]["legalName"] = "Forged Ltd"
    alone = client.request("POST", "/api/v1/verify", json=absent).json()
    assert (alone["type"], alone["organization"], {step["step"] for step in alone["steps"]} & {"proof_valid"}) == (
        "Completeness",
        None,
        set(),
    )
    for posted in ({**forged, **absent}, {**absent, **forged}):
        assert client.request("POST", "/api/v1/verify", json=posted).json()["verdict"] == "failed"


def test_what_the_proof_leaves_open_is_said_beside_it(client: Client) -> None:
    page = client.request("GET", "/en/search?q=FM9999999").text
    assert "The entries of natural persons stand under a pseudonym, and no absence of theirs can be shown." in page
    assert client.request("GET", "/api/v1/proof/organization?register=sample&number=FM9999999").json()["covers"]


def test_what_is_logged_and_not_yet_in_index_or_checkpoint_is_not_called_absent(
    filled: Office,
    client: Client,
) -> None:
    more = state("BC9999999", "9999999 B.C. LTD.", "9", "2021-01-01")
    issue(filled, "table", extract([*STATES, more]), surroundings("more"))
    assert client.request("GET", "/api/v1/organizations?q=BC9999999").json()["absence"] is None
    publish_witnessed(filled)
    assert client.request("GET", "/api/v1/organizations?q=BC9999999").json()["absence"] is None
    assert "data-absent-number" not in client.request("GET", "/en/search?q=BC9999999").text


def test_the_list_of_what_is_there(filled: Office, client: Client) -> None:
    answer = client.request("GET", "/api/v1/proof/organization?register=sample&number=BC0000001")
    assert len(answer.json()["entries"]) == 2
    assert judged(filled, answer.content).verdict == "verified"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("register=sample&number=BC%209", 422, "number"),
        ("register=Sample&number=1", 404, "register_unknown"),
        ("register=sample&number=1&x=1", 422, "unknown_parameter"),
    ],
)
def test_what_is_refused(client: Client, query: str, status: int, code: str) -> None:
    answer = client.request("GET", f"/api/v1/proof/organization?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_before_a_map_is_published(office: Office, tmp_path: Path) -> None:
    index = EmbeddedIndex(office.settings.index)
    client = Client(create_app(office.reader, index))
    assert client.request("GET", "/api/v1/organizations?q=BC9999999").json()["absence"] is None
    refused = client.request("GET", "/api/v1/proof/organization?register=sample&number=BC9999999")
    assert (refused.status_code, refused.json()["code"]) == (404, "register_unknown")
    issue(office, "table", extract(STATES), surroundings())
    follow(office.reader, index)
    assert client.request("GET", "/api/v1/proof/organization?register=sample&number=BC9999999").status_code == 409
    publish_witnessed(office)
    follow(office.reader, index)
    assert client.request("GET", "/api/v1/proof/organization?register=sample&number=BC9999999").json()["entries"] == []


def test_a_path_writes_its_number_as_it_is() -> None:
    path = Absence("sample", "1.2-3", 1).path
    assert path == "/api/v1/proof/organization?register=sample&number=1.2-3"
