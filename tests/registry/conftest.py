"""A small ledger with organizations of each kind, for tests of the registry."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from issuer.run.issue import issue
from issuer.timeline.changes import Change, Dossier, Extract
from registry.installation.office import Office
from registry.ledger.publish import publish
from schemas.organization import Event, Name, State
from tests.conftest import surroundings


def state(number: str, name: str, event: str, effective: str, entity_type: str = "BC") -> State:
    """One state of a made-up organization."""
    return State(
        register="sample",
        number=number,
        entity_type=entity_type,
        legal_name=name,
        status="Active",
        register_status="ACT",
        jurisdiction="CA-BC",
        names=(Name(name, "legal"),),
        event=Event("FILE", event, "ICORP", effective),
    )


def extract(states: Iterable[State]) -> Extract:
    """What a source would have read: one dossier for each organization."""
    by_number: dict[str, list[State]] = {}
    for one in states:
        by_number.setdefault(one.number, []).append(one)
    dossiers = []
    for number, own in sorted(by_number.items()):
        changes = []
        for one in own:
            assert one.event is not None
            assert one.event.id is not None
            order = (one.event.effective, int(one.event.id))
            changes.append(Change("sample", number, one.event.id, order, one))
        dossiers.append(Dossier("sample", number, (), tuple(changes)))
    return Extract("sample", [], dossiers, [])


STATES = [
    state("BC0000001", "ORIGNAL ÉCARLATE LTÉE", "1", "2020-01-01"),
    state("BC0000001", "SCARLET MOOSE LTD.", "2", "2021-02-03"),
    state("BC0000002", "HARBOUR SEAL INC.", "3", "2020-05-06"),
    state("FM0000003", "JEAN'S BAKERY", "4", "2019-07-08", "SP"),
]


@pytest.fixture
def filled(office: Office) -> Office:
    """An office that has issued and published three organizations, one of them a natural person."""
    issue(office, "table", extract(STATES), surroundings())
    publish(office.store, office.signers)
    return office


@pytest.fixture
def store_file(filled: Office) -> Path:
    """The file of the filled ledger, closed, with nothing left in the write-ahead log."""
    with filled.store.write() as connection:
        pass
    with filled.store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.store.close()
    filled.reader._store.close()
    assert filled.store.path is not None
    return filled.store.path
