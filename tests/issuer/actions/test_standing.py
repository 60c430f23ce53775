"""Revoked, suspended, reinstated: one entry a change, of the list of that purpose alone; every version stays."""

import json

import pytest

from issuer.actions.standing import change_entries, change_one, reinstatement, revocation, suspension
from registry.audit.audit import audit
from registry.credential import status
from registry.errors import NotFound, Usage
from registry.installation.office import Office
from registry.log import entry
from registry.store import rows
from registry.verify import trust
from tests.builders.command import surroundings


def standing(office: Office, number: str, n: int) -> str | None:
    return office.reader.standing(office.reader.credential("sample", number, n))


def last_entry(office: Office) -> entry.Entry:
    size = office.reader.size()
    with office.store.read() as connection:
        return entry.parse(rows.read_entries(connection, size - 1, size)[0])


def is_well(office: Office) -> bool:
    return audit(office.store, trust.parse(json.dumps(office.reader.trust()).encode()), lambda _done, _all: None).ok


def test_suspended_and_reinstated(filled: Office) -> None:
    before = filled.reader.size()
    done = change_one(filled, "sample", "BC0000001", None, suspension("under_review"), surroundings("a"), dry_run=False)
    assert (standing(filled, "BC0000001", 2), done.already) == ("suspended", False)
    newest = last_entry(filled)
    assert (newest.kind, newest.reason, len(newest.refers)) == ("status", "under_review", 1)
    assert status.is_set(
        status.decode(filled.reader.status_list("suspension/sample-1")["credentialSubject"]["encodedList"]),
        done.list_index,
    )
    revocations = filled.reader.status_list("revocation/sample-1")["credentialSubject"]
    assert revocations["statusPurpose"] == "revocation"
    assert not any(status.decode(revocations["encodedList"]))
    lifted = change_one(filled, "sample", "BC0000001", 2, reinstatement(), surroundings("b"), dry_run=False)
    assert (lifted.list_index, standing(filled, "BC0000001", 2)) == (done.list_index, None)
    assert (last_entry(filled).reason, filled.reader.size()) == ("reinstated", before + 2)
    assert change_one(filled, "sample", "BC0000001", 2, reinstatement(), surroundings("c"), dry_run=False).already
    assert is_well(filled)


def test_a_revocation_outlasts_a_reinstatement(filled: Office) -> None:
    for change in (revocation("fraud"), suspension("fraud"), reinstatement()):
        change_one(filled, "sample", "BC0000001", 2, change, surroundings(change.reason), dry_run=False)
    assert standing(filled, "BC0000001", 2) == "revoked"
    assert is_well(filled)


def test_many_at_once_are_one_entry(filled: Office) -> None:
    places = [record.index for record in filled.reader.records(0, 100) if record.number]
    before = filled.reader.size()
    head = change_entries(filled, "sample", places, suspension("court_order"), surroundings("all"))
    assert head is not None
    assert (head.size, last_entry(filled).refers) == (before + 1, tuple(places))
    assert change_entries(filled, "sample", places, suspension("court_order"), surroundings("again")) is None
    assert is_well(filled)


def test_what_is_not_there_or_for_no_published_reason(filled: Office) -> None:
    with pytest.raises(Usage):
        suspension("because")
    for number, n in (("BC0000009", None), ("BC0000001", 9)):
        with pytest.raises(NotFound):
            change_one(filled, "sample", number, n, revocation("fraud"), surroundings(), dry_run=False)
