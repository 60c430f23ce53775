"""Two registers, each with an issuer of its own: who speaks for what, and a link between them, shown on both sides."""

import hashlib
import json
from pathlib import Path

import pytest
from fastapi import FastAPI

from issuer import sources
from issuer.run.issue import issue
from issuer.sources.table import HEADER
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.verify import steps, trust
from schemas.organization import Relationship, from_subject
from search.api.organizations import organizations_router
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.pages.routes import pages_router
from search.pages.site import Site
from search.verify.judge import PostedVerifier
from tests.builders.command import NOW, surroundings
from tests.builders.http_client import Client

ROW = dict.fromkeys(HEADER, "") | {
    "number": "PT0000001",
    "event_id": "1",
    "event_type": "FILE",
    "filing_type": "FRREG",
    "effective": "2022-03-04",
    "entity_type": "OTH",
    "legal_name": "HARBOUR WORKS",
    "status": "ACT",
    "relationships": "heldBy sample:BC0000002 2022-03-04",
}
PLACES = (("sample", "BC0000002"), ("branches", "PT0000001"))


def delivered(folder: Path, **changed: str) -> Path:
    """A delivery of the register `branches`."""
    row = ROW | changed
    text = "".join(",".join(line) + "\n" for line in (HEADER, [row[column] for column in HEADER]))
    (folder / "extract.csv").write_text(text, "utf-8")
    file = {"rows": 1, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    manifest = {"register": "branches", "files": {"extract.csv": file}}
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture
def both(filled: Office, tmp_path: Path) -> Office:
    """An office that has the sample's organizations and one of the register `branches`."""
    folder = tmp_path / "branches"
    folder.mkdir()
    report = issue(filled, "table", sources.read("table", delivered(folder)), surroundings("branches"))
    assert report.issued == 1
    publish(filled.store, filled.log_keys.signers)
    return filled


def app(office: Office, folder: Path) -> Client:
    """Pages and routes over that office."""
    index = EmbeddedIndex(folder / "index.db")
    follow(office.reader, index)
    public = FastAPI()
    public.include_router(organizations_router(office.reader, index))
    site = Site(office.reader.trust(), office.identity.base_url)
    public.include_router(pages_router(office.reader, index, PostedVerifier(office.reader), site))
    return Client(public)


def test_a_link_to_another_register_is_signed_and_shown_on_both_sides(both: Office, tmp_path: Path) -> None:
    evidence = both.reader.evidence("branches", "PT0000001", 1)
    subject = evidence["credential"]["credentialSubject"]
    link = Relationship("heldBy", "BC0000002", None, "2022-03-04", None, "sample")
    assert from_subject(subject).relationships == (link,)
    assert evidence["credential"]["credentialSchema"]["id"].endswith("/schemas/organization/v2.json")
    client = app(both, tmp_path)
    (held,) = client.get("/api/v1/organizations/branches/PT0000001/relationships").json()["items"]
    assert (held["kind"], held["stated"], held["register"], held["number"], held["name"], held["url"]) == (
        *("heldBy", "to", "sample", "BC0000002", "HARBOUR SEAL INC.", "/organizations/sample/BC0000002"),
    )
    (holds,) = client.get("/api/v1/organizations/sample/BC0000002/relationships").json()["items"]
    assert (holds["kind"], holds["stated"], holds["register"], holds["number"], holds["url"]) == (
        *("holds", "from", "branches", "PT0000001", "/organizations/branches/PT0000001"),
    )
    assert holds["labels"]["kind"] == {"en": "Holds", "fr": "Est titulaire de"}
    for language, own, other in (("en", "Is held by", "Holds"), ("fr", "A pour titulaire", "Est titulaire de")):
        page = client.get(f"/{language}/organizations/branches/PT0000001").text
        assert own in page
        assert f'href="/{language}/organizations/sample/BC0000002"' in page
        page = client.get(f"/{language}/organizations/sample/BC0000002").text
        assert other in page
        assert f'href="/{language}/organizations/branches/PT0000001"' in page


def test_each_issuer_speaks_for_its_register_and_types_alone(both: Office) -> None:
    document = both.reader.trust()
    evidence = {register: both.reader.evidence(register, number, 1) for register, number in PLACES}
    for changed, verified in (
        ({}, {"sample", "branches"}),
        ({"branches": {"types": ["OrganizationRegistrationCredential"]}}, {"sample", "branches"}),
        ({"branches": {"types": ["PermitCredential"]}}, {"sample"}),
        ({"sample": {"types": []}}, {"branches"}),
    ):
        issuers = [issuer | changed.get(issuer["registers"][0], {}) for issuer in document["issuers"]]
        trusted = trust.parse(json.dumps(document | {"issuers": issuers}).encode())
        verdicts = {name: steps.verify(json.dumps(file).encode(), trusted, NOW) for name, file in evidence.items()}
        assert {name for name, verdict in verdicts.items() if verdict.verdict == "verified"} == verified
        codes = {step.code for verdict in verdicts.values() for step in verdict.steps if step.result == "failed"}
        assert codes == ({"issuer_type"} if len(verified) == 1 else set())


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("heldBy branches:PT0000002", "relationship_number"),
        ("heldBy Sample:BC0000002", "relationship"),
        ("heldBy sample:", "relationship"),
        ("heldBy sample:BC_1", "relationship"),
        ("heldBy sample:BC0000002; heldBy sample:BC0000002", "relationship_double"),
        ("heldBy BC1", "relationship_number"),
        ("heldBy sample:PT0000001; heldBy im:000001C; heldBy elsewhere:1-a", None),
        ("heldBy im:PT0000001", "relationship_number"),
    ],
)
def test_a_number_of_another_register_bears_its_register(tmp_path: Path, link: str, code: str | None) -> None:
    extract = sources.read("table", delivered(tmp_path, relationships=link))
    list(extract.dossiers)
    assert [rejection.code for rejection in extract.rejections] == ([] if code is None else [code])
