"""A state and its credentialSubject: links to organizations of another register."""

from schemas.organization import Relationship, State, from_subject, to_subject

BASE = "http://localhost:8000"
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
