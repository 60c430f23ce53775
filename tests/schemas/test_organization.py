"""A state and its credentialSubject, and what may never change of how it is written."""

from copy import deepcopy
from hashlib import sha256

from schemas import context_bytes, context_document, schema_bytes
from schemas.organization import PERMIT, Relationship, State, from_subject, to_subject

BASE = "http://localhost:8000"
CONTEXT = "6a3a42d265d6025cfff7096f59055cdbd096c65cf42d5766f78ca6149ac1f004"
SCHEMA = "22557f8de49ad1fe23554aeea675f249f175b3abe7f5f3f437d8ecc276b04cd0"
LINKS = (
    Relationship("heldBy", "BC9000001", since="2020-01-02", register="sample"),
    Relationship("heldBy", "PT0000002"),
    Relationship("heldBy", name="NOT REGISTERED"),
)


def test_the_register_of_a_link_is_read_from_its_iri() -> None:
    state = State("permits", "PT0000001", "OTH", relationships=LINKS)
    subject = to_subject(state, BASE, f"{BASE}/credentials/permits/PT0000001/1")
    assert [link.get("relatedOrganization") for link in subject["relationships"]] == [
        f"{BASE}/organizations/sample/BC9000001",
        f"{BASE}/organizations/permits/PT0000002",
        None,
    ]
    assert from_subject(subject) == state


def test_an_iri_of_another_form_names_no_register() -> None:
    subject = {"register": "sample", "registrationNumber": "BC1", "entityType": "BC"}
    for iri in (
        "urn:x",
        f"{BASE}/organizations/UPPER/BC1",
        f"{BASE}/organizations/im/1/2",
        f"{BASE}/organizations/im/1\n",
    ):
        link = {"relationshipType": "heldBy", "relatedNumber": "1", "relatedOrganization": iri}
        assert from_subject({**subject, "relationships": [link]}).relationships == (Relationship("heldBy", "1"),)


def test_what_was_signed_under_the_first_version_is_read_for_ever() -> None:
    assert sha256(context_bytes("organization/v1")).hexdigest() == CONTEXT
    assert sha256(schema_bytes("organization/v1")).hexdigest() == SCHEMA


def test_the_second_context_says_all_that_the_first_says_and_no_term_otherwise() -> None:
    first, second = (deepcopy(context_document(f"organization/{version}")["@context"]) for version in ("v1", "v2"))
    assert second.pop("PermitCredential")
    assert second.pop("Permit")
    assert second["RegisteredOrganization"]["@context"].pop("relationshipsOmitted")
    assert second == first


def test_a_permit_is_read_back_as_it_was_written() -> None:
    permit = State(
        *("permits", "P-0001", "KELP", "KELP", "Active", "INF"),
        relationships=(Relationship("heldBy", "BC9000001", "HOLDER LTD.", register="sample"),),
        subject=PERMIT,
        valid_from="2020-01-02",
        valid_until="2040-01-02",
    )
    subject = to_subject(permit, BASE, f"{BASE}/credentials/permits/P-0001/1")
    assert (subject["type"], subject["permitUntil"], permit.is_permit) == ("Permit", "2040-01-02", True)
    assert from_subject(subject) == permit
