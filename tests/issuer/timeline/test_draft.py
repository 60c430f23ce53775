"""What a credential says of a state: its type, the context that it needs, and which relationships it leaves to others."""

from dataclasses import replace
from typing import Any

import pytest

from issuer.timeline import draft
from registry.credential.identity import make
from registry.encoding.jcs import jcs
from schemas import PERMIT, REGISTRATION
from schemas.organization import Name, Relationship, State, from_subject, to_subject
from tests.builders.ledger import state
from tests.builders.permits import IN_FORCE

IDENTITY = make("http://localhost:8000")
PLAIN = state("BC0000001", "MANY PARTS LTD.", "1", "2020-01-01")


def merged(count: int, of: State = PLAIN) -> State:
    """A company that came of so many others."""
    links = (Relationship("amalgamatedFrom", f"BC{n:07d}", f"PART {n} LTD.", "2020-01-01") for n in range(2, count + 2))
    return replace(of, relationships=tuple(links))


def drafted(of: State) -> dict[str, Any]:
    return draft.credential(draft.Numbered(of, 1, (), 0), IDENTITY, "The register", "2026-01-01T00:00:00Z")


def size(of: State) -> int:
    return len(
        jcs(to_subject(of, "urn:greffe:any-installation-whatever", "urn:greffe:any-installation-whatever:credential"))
    )


def test_what_fits_is_said_in_the_first_context_and_schema() -> None:
    few = merged(3)
    assert draft.fitted(few) is few
    document = drafted(few)
    assert document["@context"][1] == "http://localhost:8000/contexts/organization/v1"
    assert document["credentialSchema"]["id"] == "http://localhost:8000/schemas/organization/v1.json"
    assert document["type"][1] == REGISTRATION


@pytest.mark.parametrize("count", [80, 150, 1000])
def test_the_last_ones_that_do_not_fit_are_left_to_others_and_counted(count: int) -> None:
    whole = merged(count)
    fitted = draft.fitted(whole)
    left = len(fitted.relationships)
    assert fitted.relationships == whole.relationships[:left]
    assert fitted.relationships_omitted == count - left
    assert size(fitted) <= draft.MAX_CLAIMS_BYTES < size(replace(fitted, relationships=whole.relationships[: left + 1]))
    judged = draft.judge(whole)
    assert judged.refusal is None
    assert judged.digest == draft.judge(fitted).digest, "a state that was read back is the same"
    document = drafted(whole)
    assert document["credentialSubject"]["relationshipsOmitted"] == count - left
    assert document["@context"][1] == "http://localhost:8000/contexts/organization/v2"
    assert document["credentialSchema"]["id"] == "http://localhost:8000/schemas/organization/v2.json"
    assert from_subject(document["credentialSubject"]) == fitted


def test_a_link_without_a_number_has_no_other_side_and_stays() -> None:
    nobody = Relationship("continuedFrom", None, "ELSEWHERE LTD.")
    whole = replace(merged(150), relationships=(*merged(150).relationships, nobody))
    assert draft.fitted(whole).relationships[-1] == nobody


def test_what_is_still_too_large_is_refused() -> None:
    names = tuple(Name(f"{'A' * 400} {n}", "former") for n in range(60))
    whole = merged(5, replace(PLAIN, names=names))
    assert draft.fitted(whole) is whole
    assert (draft.judge(whole).refusal or ("", ""))[0] == "organization_too_large"


def test_too_many_to_read_are_known_before_anything_is_made_of_them() -> None:
    assert not draft.is_too_large(merged(draft.MAX_RELATIONSHIPS))
    assert draft.is_too_large(merged(draft.MAX_RELATIONSHIPS + 1))


def test_a_permit_is_said_in_its_own_type_schema_and_context() -> None:
    document = drafted(IN_FORCE)
    assert document["type"] == ["VerifiableCredential", PERMIT]
    assert document["credentialSubject"]["type"] == "Permit"
    assert document["@context"][1] == "http://localhost:8000/contexts/organization/v2"
    assert document["credentialSchema"]["id"] == "http://localhost:8000/schemas/permit/v1.json"
    assert from_subject(document["credentialSubject"]) == IN_FORCE
    assert draft.judge(IN_FORCE).refusal is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (replace(IN_FORCE, register="sample", number="BC0000001"), "issuer_type"),
        (replace(PLAIN, register="permits", number="P-0001"), "issuer_type"),
        (replace(IN_FORCE, relationships=()), "schema"),
        (replace(IN_FORCE, relationships=IN_FORCE.relationships * 2), "schema"),
        (replace(IN_FORCE, relationships=(replace(IN_FORCE.relationships[0], kind="isOwnedBy"),)), "schema"),
        (replace(IN_FORCE, relationships=(replace(IN_FORCE.relationships[0], name=None),)), "schema"),
        (replace(IN_FORCE, relationships=(replace(IN_FORCE.relationships[0], number=None),)), "schema"),
        (replace(IN_FORCE, valid_from=None), "schema"),
        (replace(IN_FORCE, business_number="123456789"), "schema"),
        (replace(IN_FORCE, names=(Name("KELP", "legal"),)), "schema"),
        (replace(PLAIN, valid_from="2020-01-01"), "schema"),
    ],
)
def test_an_issuer_says_nothing_that_is_not_its_to_say(wrong: State, code: str) -> None:
    assert (draft.judge(wrong).refusal or ("", ""))[0] == code
