"""The audit of places: what an erasure leaves, and what a mirror alone does not bring back."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from issuer.actions.erasure import erase
from registry.installation.office import Office
from registry.installation.public import Public
from registry.ledger.publish import publish
from registry.mirror.audit import audit_mirror
from registry.mirror.source import Mirror
from registry.operations.export import export
from registry.operations.restore import restore_from_mirror
from registry.store import place_rows, tables
from registry.verify.trust import parse
from tests.builders.command import surroundings
from tests.builders.ledger import emptied
from tests.builders.mirror import audited, quiet


@pytest.fixture
def mirror(filled: Office, tmp_path: Path) -> Mirror:
    """Of a ledger that has erased a person, and an organization of no person."""
    for number in ("FM0000003", "BC0000002"):
        erase(filled, "sample", number, "privacy_request", surroundings(number), dry_run=False)
    publish(filled.store, filled.log_keys.signers)
    export(Public(filled.settings), tmp_path / "mirror", quiet)
    return Mirror(str(tmp_path / "mirror"))


def test_what_was_erased_is_of_nobody_after_a_restore(filled: Office, mirror: Mirror, tmp_path: Path) -> None:
    restored = emptied(filled, tmp_path / "again")
    restore_from_mirror(restored, mirror, {}, quiet)
    with restored.store.read() as connection:
        assert place_rows.read_unknown_persons(connection) == []
    outcome = audited(restored)
    assert (outcome.first_bad, outcome.failures, outcome.body_missing, outcome.erased) == (None, [], 2, 2)


def test_a_mirror_of_what_was_erased_is_well(filled: Office, mirror: Mirror, tmp_path: Path) -> None:
    trust = parse((tmp_path / "mirror" / "trust.json").read_bytes())
    outcome = audit_mirror(mirror, trust, quiet)
    assert (outcome.first_bad, outcome.failures, outcome.erased) == (None, [], 2)


def test_a_place_of_what_was_erased_is_noticed(filled: Office) -> None:
    with filled.store.read() as connection:
        (place,) = place_rows.read_places(connection, "sample", "BC0000002")
    erase(filled, "sample", "BC0000002", "court_order", surroundings("erase"), dry_run=False)
    assert audited(filled).ok
    with filled.store.write() as connection:
        place_rows.put_places(connection, [(place, filled.seals.place(place))])
    assert audited(filled).failures == [f"the place of entry {place.i}, which was erased, is still there"]


def test_an_erasure_that_nobody_logged_is_noticed(filled: Office) -> None:
    with filled.store.write() as connection:
        place_rows.put_erased(connection, bytes(32))
    assert audited(filled).failures == ["1 organizations are kept as erased, the entries erase 0"]


def test_without_a_body_a_place_is_held_against_its_position(filled: Office) -> None:
    with filled.store.write() as connection:
        connection.execute(sa.delete(tables.documents).where(tables.documents.c.i == 5))
    assert audited(filled).ok
    with filled.store.write() as connection:
        places = tables.credentials
        connection.execute(sa.update(places).where(places.c.i == 5).values(list_index=places.c.list_index + 1))
    outcome = audited(filled)
    assert outcome.first_bad is not None
    assert outcome.first_bad[0] == 5
