"""Permits of another ministry, from the ledger to a verdict, both pages, a correction, a revocation and an erasure."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from issuer.actions.correction import correct
from issuer.actions.erasure import erase
from issuer.actions.standing import change_one, revocation
from issuer.run.issue import issue
from registry.commands.answers import answers
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.log import entry
from registry.store import rows
from registry.verify import steps, trust
from registry.verify.verdict import Verdict
from schemas import PERMIT
from schemas.organization import Event
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders import ledger
from tests.builders.command import NOW, surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import extract, state
from tests.builders.mirror import audited
from tests.builders.permits import IN_FORCE, PERMITS, permits
from tests.issuer.timeline.test_draft import merged

HOLDER = "sample/BC0000002"


@pytest.fixture(scope="module")
def installation(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small ledger, permits of an organization of it, and a company of too many parts."""
    data = tmp_path_factory.mktemp("permits") / "data"
    office = ledger.copied(filled_installation, data)
    assert issue(office, "table", permits(), surroundings("permits")).issued == 4
    assert issue(office, "table", extract([merged(150, MANY)]), surroundings("many")).issued == 1
    publish(office.store, office.log_keys.signers)
    ledger.closed(office)
    return data


MANY = state("BC0000009", "MANY PARTS LTD.", "9", "2020-01-01")


@pytest.fixture
def office(installation: Path, tmp_path: Path) -> Office:
    return ledger.copied(installation, tmp_path / "data")


@pytest.fixture
def client(office: Office, tmp_path: Path) -> Client:
    return app(office, tmp_path)


def app(office: Office, folder: Path) -> Client:
    index = EmbeddedIndex(folder / "index.db")
    follow(office.reader, index)
    return Client(create_app(office.reader, index))


def verdict(office: Office, number: str, n: int, register: str = "permits") -> Verdict:
    file = json.dumps(office.reader.evidence(register, number, n)).encode()
    return steps.verify(file, trust.parse(office.settings.trust_file.read_bytes()), NOW)


def test_the_trust_file_names_the_type_and_pins_both_contexts(office: Office) -> None:
    document = json.loads(office.settings.trust_file.read_bytes())
    assert document == office.reader.trust()
    types = {issuer["registers"][0]: issuer.get("types") for issuer in document["issuers"]}
    assert types == {"permits": [PERMIT], "sample": None}
    own_urls = {url for url in document["contexts"] if url.startswith(office.identity.base_url)}
    assert own_urls == {f"{office.identity.base_url}/contexts/organization/{version}" for version in ("v1", "v2")}
    with office.store.read() as connection:
        logged = [entry.parse(body) for body in rows.read_entries(connection, 0, office.reader.size())]
    own = [each for each in logged if each.issuer == office.identity.issuer_did("permits") and each.kind == "issue"]
    assert {each.type for each in own} == {PERMIT}
    assert sorted((each.org or "")[:1] for each in own) == ["p", "p", "p", "~"], (
        "a kind that persons hold is a pseudonym"
    )
    assert audited(office).ok


def test_what_was_verified_is_said_in_words_of_a_permit(office: Office) -> None:
    in_force, suspended = (list(answers(verdict(office, *place), NOW)) for place in (("P-0002", 1), ("P-0001", 2)))
    assert in_force[0] == "permit    KELP, OPEN SEA"
    assert "valid     from 2022-03-04, without an end" in in_force
    assert "holder    HARBOUR SEAL INC., number BC0000002 in the register sample" in in_force
    assert in_force[-1].startswith("verified: genuine")
    assert "not in force" not in "".join(in_force)
    assert suspended[-1].endswith("; the permit itself is not in force (SUS)")
    stall = verdict(office, "P-0003", 1)
    assert list(answers(stall, NOW))[-1].endswith("the last day of the permit was 2025-12-31") == (NOW.year > 2025)
    assert not any(line.startswith("in force") for line in (*in_force, *suspended))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Permit or licence", "In force", "Valid from", "Is held by", "Ministry of Shores and Markets (fictional)"),
        ),
        ("fr", ("Permis ou licence", "En vigueur", "Valide à partir du", "A pour titulaire", "Ministère des Rivages")),
    ],
)
def test_the_page_of_a_permit_is_not_that_of_a_company(client: Client, language: str, words: tuple[str, ...]) -> None:
    page = client.get(f"/{language}/organizations/permits/P-0004").text
    for said in words:
        assert said in page, said
    body = page[page.index('<article class="organization"') :]
    for unsaid in (">Active<", ">En activité<", ">Registration<", ">Immatriculation<", "Legal name", '"Organization"'):
        assert unsaid not in body, unsaid
    assert f'href="/{language}/organizations/{HOLDER}"' in body
    assert '"@type": "Permit"' in page


@pytest.mark.parametrize(
    ("language", "heading", "note", "status"),
    [
        ("en", "Permits and licences that it holds", "Its own credential does not state them", "Suspended"),
        ("fr", "Permis et licences dont elle est titulaire", "Sa propre attestation n’en fait pas mention", "Suspendu"),
    ],
)
def test_the_page_of_the_holder_lists_its_permits(
    client: Client, language: str, heading: str, note: str, status: str
) -> None:
    page = client.get(f"/{language}/organizations/{HOLDER}").text
    section = page[page.index(heading) : page.index('<section id="history"')]
    assert note in section
    listed = section.split('class="rows permits"')[1].split("</ul>")[0]
    rows_shown = re.findall(r"<li><strong><a href=\"[^\"]+\"><bdi>([^<]+)</bdi></a></strong>", listed)
    assert rows_shown == ["KELP, SEAL BAY", "KELP, OPEN SEA", "STALL 3", "KELP, RED REEF"]
    first = section[section.index("KELP, SEAL BAY") : section.index("</li>")]
    assert first.index("P-0001") < first.index("(fictional)" if language == "en" else "(fictif)") < first.index(status)
    items = client.get(f"/api/v1/organizations/{HOLDER}/relationships").json()["items"]
    assert {
        (item["kind"], item["stated"], item["number"], item["status"]) for item in items if item["kind"] == "holds"
    } == {
        ("holds", "from", permit.number, "Historical" if permit.number == "P-0001" else "Active") for permit in PERMITS
    }


def test_what_the_index_alone_says_of_a_permit_is_not_shown(office: Office, tmp_path: Path) -> None:
    client = app(office, tmp_path)
    erase(office, "permits", "P-0002", "privacy_request", surroundings("erase"), dry_run=False)
    assert "KELP, OPEN SEA" not in client.get(f"/en/organizations/{HOLDER}").text


def test_a_permit_is_found_by_its_number_and_name_and_never_before_its_holder(client: Client) -> None:
    def found(query: str) -> list[str]:
        return [item["number"] for item in client.get("/api/v1/organizations", params={"q": query}).json()["items"]]

    assert found("P-0001") == found("p0001") == ["P-0001"]
    assert found("kelp seal bay")[0] == "P-0001"
    assert found("harbour seal") == ["BC0000002"], "a holder's name finds the holder"
    answer = client.get("/api/v1/organizations", params={"q": "", "register": "permits"}).json()
    assert {value["value"]: value["labels"]["en"] for value in answer["facets"]["type"]["values"]} == {
        "KELP": "Kelp harvesting licence",
        "STALL": "Market stall permit",
    }
    assert client.get("/api/v1/organizations/permits/P-0001").json()["credential_type"] == PERMIT


def test_a_permit_of_the_very_name_of_an_organization_comes_after_it(office: Office, tmp_path: Path) -> None:
    named = [replace(IN_FORCE, number="P-0010", legal_name=name) for name in ("HARBOUR SEAL INC.",)]
    issue(office, "table", permits(named), surroundings("named"))
    over = replace(
        state("BC0000008", "HARBOUR SEAL INC.", "8", "2021-01-01"), status="Historical", register_status="HDV"
    )
    issue(office, "table", extract([over]), surroundings("over"))
    client = app(office, tmp_path)
    items = client.get("/api/v1/organizations", params={"q": "Harbour Seal Inc."}).json()["items"]
    assert [item["number"] for item in items] == ["BC0000002", "BC0000008", "P-0010"]
    suggested = client.get("/api/v1/autocomplete", params={"q": "Harbour Seal"}).json()["items"]
    assert [item["number"] for item in suggested] == ["BC0000002", "BC0000008", "P-0010"]
    queries = [
        {"id": 1, "name": "KELP, SEAL BAY"},
        {"id": 2, "name": "KELP, SEAL BAY", "register": "permits"},
        {"id": 3, "number": "P-0001"},
    ]
    answer = client.request("POST", "/api/v1/match", json={"queries": queries}).json()["results"]
    assert [[item["number"] for item in result["items"] if item["match"]] for result in answer] == [
        *([], ["P-0001"], ["P-0001"]),
    ]
    assert not [item for item in answer[0]["items"] if item["register"] == "permits"]


def test_relationships_left_to_others_are_counted_on_page_and_in_json(office: Office, client: Client) -> None:
    about = client.get("/api/v1/organizations/sample/BC0000009").json()
    stated = len(office.reader.evidence("sample", "BC0000009", 1)["credential"]["credentialSubject"]["relationships"])
    assert about["relationships_omitted"] == 150 - stated > 0
    links = client.get("/api/v1/organizations/sample/BC0000009/relationships").json()
    assert links["omitted"] == 150 - stated
    page = client.get("/en/organizations/sample/BC0000009").text
    assert f'credentials of the others: <bdi data-claim="relationshipsOmitted">{150 - stated}</bdi></p>' in page
    assert "Relations qui n’y tenaient pas" in client.get("/fr/organizations/sample/BC0000009").text
    assert len(json.dumps(office.reader.evidence("sample", "BC0000009", 1), ensure_ascii=False).encode()) < 64_000
    assert verdict(office, "BC0000009", 1, "sample").verdict == "verified"
    again = issue(office, "table", extract([merged(150, MANY)]), surroundings("again"))
    assert (again.issued, again.superseded, again.corrected) == (0, 0, 0)
    more = issue(office, "table", extract([merged(151, MANY)]), surroundings("more"))
    assert more.superseded + more.corrected == 1, "one more that is left out is told"


def test_an_update_of_a_permit_goes_on_from_the_ledger(office: Office) -> None:
    renewed = replace(
        IN_FORCE, number="P-0004", legal_name="KELP, RED REEF AND BAY", event=Event("RENEWED", "2", None, "2025-01-02")
    )
    report = issue(office, "table", permits([renewed]), surroundings("renewed"))
    assert (report.issued, report.superseded, report.corrected) == (0, 1, 0)
    subject = office.reader.organization("permits", "P-0004")[-1].document or {}
    assert subject["credentialSubject"]["legalName"] == "KELP, RED REEF AND BAY"
    assert subject["credentialSubject"]["statusFrom"] == "2022-03-04"


def test_what_is_posted_is_judged_as_a_permit(office: Office, client: Client) -> None:
    evidence = office.reader.evidence("permits", "P-0004", 1)
    answer = client.request("POST", "/api/v1/verify", json=evidence).json()
    assert (answer["verdict"], answer["organization"]["permit"]["holder"]["number"]) == ("verified", "BC0000002")
    signed = client.get("/credentials/permits/P-0004/1").json()
    assert signed == evidence["credential"]
    answer = client.request("POST", "/credentials/verify", json={"verifiableCredential": signed}).json()
    assert answer["verified"] is True
    for path, kind in (("/contexts/organization/v2", "@context"), ("/schemas/permit/v1.json", "title")):
        assert kind in client.get(path).json()


def test_a_permit_is_corrected_revoked_and_erased_as_anything_else(office: Office) -> None:
    values = {"valid-until": "2031-03-03"}
    correct(office, "permits", "P-0004", values, "clerical_error", "a person", surroundings("right"), dry_run=False)
    change_one(office, "permits", "P-0002", None, revocation("fraud"), surroundings("revoke"), dry_run=False)
    publish(office.store, office.log_keys.signers)
    kinds = [record.kind for record in office.reader.organization("permits", "P-0004")]
    assert kinds == ["issue", "correct"]
    corrected = verdict(office, "P-0004", 2)
    assert (corrected.subject.organization or {})["permit"]["until"] == "2031-03-03"
    revoked = {step.name: step.code for step in verdict(office, "P-0002", 1).steps if step.result == "failed"}
    assert revoked == {"not_revoked": "revoked"}
    kept = json.dumps(office.reader.evidence("permits", "P-0003", 1)).encode()
    erase(office, "permits", "P-0003", "privacy_request", surroundings("erase"), dry_run=False)
    assert office.reader.organization("permits", "P-0003") == []
    trusted = trust.parse(office.settings.trust_file.read_bytes())
    assert steps.verify(kept, trusted, NOW).verdict == "verified"
    again = issue(office, "table", permits(), surroundings("again"))
    assert (again.issued, again.superseded, again.corrected) == (0, 0, 0), "what was erased is not issued again"
    assert audited(office).ok
