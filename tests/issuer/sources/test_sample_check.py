"""A canonicalizer that goes wrong signs nothing: the first document of each batch is held against another."""

from typing import Any

import pytest

from issuer.run.issue import issue
from issuer.signing import workers
from registry.credential import document
from registry.credential.rdf import compiled
from registry.credential.rdf.compiled import Tables, Terms
from registry.errors import Untrue
from registry.installation.office import Office
from tests.builders.command import surroundings
from tests.builders.ledger import STATES, extract

REAL = compiled.nquads


def gone_wrong(tables: Tables, statement: dict[str, Any]) -> bytes:
    """The compiled form, which leaves out what a registration's legal name is."""
    return b"".join(line for line in REAL(tables, statement).splitlines(True) if b"legalName" not in line)


def wrong_in(numbers: set[str]) -> Any:
    """The compiled form, wrong in the credentials of those organizations alone."""

    def nquads(tables: Tables, statement: dict[str, Any]) -> bytes:
        is_wrong = str(statement.get("credentialSubject", {}).get("registrationNumber")) in numbers
        return gone_wrong(tables, statement) if is_wrong else REAL(tables, statement)

    return nquads


def test_a_canonicalizer_that_goes_wrong_appends_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "nquads", gone_wrong)
    with pytest.raises(Untrue) as refused:
        issue(office, "table", extract(STATES), surroundings())
    assert refused.value.code == "canonical_differs"
    assert office.reader.size() == 0
    monkeypatch.undo()
    report = issue(office, "table", extract(STATES), surroundings())
    assert (report.issued, report.superseded) == (3, 1), "the same run goes through once it is right again"


def test_without_the_check_it_would_be_appended(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "nquads", gone_wrong)
    monkeypatch.setattr(workers, "check_sample", lambda *_: None)
    report = issue(office, "table", extract(STATES), surroundings())
    assert (report.issued, report.superseded) == (3, 1)
    assert office.reader.size() > 4, "wrong proofs, for good"


def test_tables_that_go_wrong_are_noticed_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the walk but what it looks names up in."""
    right = document.our_tables()
    own = right["organization/v1"]

    def bent(terms: Terms) -> Terms:
        return {
            name: term._replace(iri=term.iri + "x") if term is not None and name == "legalName" else term
            for name, term in terms.items()
        }

    types = {name: own_type._replace(terms=bent(own_type.terms)) for name, own_type in own.types.items()}
    assert types != own.types
    monkeypatch.setattr(document, "our_tables", lambda: {**right, "organization/v1": Tables(bent(own.terms), types)})
    document.canonicalize_ours.cache_clear()
    try:
        with pytest.raises(Untrue) as refused:
            issue(office, "table", extract(STATES), surroundings())
    finally:
        monkeypatch.undo()
        document.canonicalize_ours.cache_clear()
    assert (refused.value.code, office.reader.size()) == ("canonical_differs", 0)


def test_the_options_of_the_proofs_are_looked_at_too(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a proof says of itself is canonicalized as well, and signed with every credential of the batch."""

    def without_purpose(tables: Tables, statement: dict[str, Any]) -> bytes:
        lines = REAL(tables, statement).splitlines(True)
        return b"".join(line for line in lines if "proofPurpose" not in statement or b"proofPurpose" not in line)

    monkeypatch.setattr(document, "nquads", without_purpose)
    with pytest.raises(Untrue) as refused:
        issue(office, "table", extract(STATES), surroundings())
    assert (refused.value.code, office.reader.size()) == ("canonical_differs", 0)


def test_each_batch_has_a_sample_of_its_own(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch whose first document is wrong stops the run; what was acknowledged before it stays."""
    monkeypatch.setattr("issuer.run.batches.BATCH", 6)  # the key, two lists, three credentials; then one
    monkeypatch.setattr(document, "nquads", wrong_in({"FM0000003"}))
    with pytest.raises(Untrue) as refused:
        issue(office, "table", extract(STATES), surroundings())
    assert refused.value.code == "canonical_differs"
    there = [record.number for record in office.reader.records(0, office.reader.size()) if record.number]
    assert there == ["BC0000001", "BC0000001", "BC0000002"]
