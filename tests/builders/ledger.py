"""A small ledger: organizations of each kind, as states and as the extract that a source would read; and offices that have it."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from issuer.run.issue import issue
from issuer.timeline.changes import Change, Dossier, Extract
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from sample_data.make_expected import fixed_bytes
from schemas.organization import Event, Name, State
from tests.builders.command import surroundings


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
    for state in states:
        by_number.setdefault(state.number, []).append(state)
    dossiers = []
    for number, own in sorted(by_number.items()):
        changes = []
        for state in own:
            assert state.event is not None
            assert state.event.id is not None
            order = (state.event.effective, int(state.event.id))
            changes.append(Change("sample", number, state.event.id, order, state))
        dossiers.append(Dossier("sample", number, (), tuple(changes)))
    return Extract("sample", [], dossiers, [])


STATES = [
    state("BC0000001", "ORIGNAL ÉCARLATE LTÉE", "1", "2020-01-01"),
    state("BC0000001", "SCARLET MOOSE LTD.", "2", "2021-02-03"),
    state("BC0000002", "HARBOUR SEAL INC.", "3", "2020-05-06"),
    state("FM0000003", "JEAN'S BAKERY", "4", "2019-07-08", "SP"),
]


def empty(data: Path) -> Path:
    """A new installation, with keys that are always the same; closed, to be copied."""
    closed(initialize(from_environ({"GREFFE_DATA": str(data)}), fixed_bytes("keys")))
    return data


def filled(data: Path) -> Path:
    """One that has issued and published the states above; closed, to be copied."""
    closed(fill(opened(empty(data))))
    return data


def fill(office: Office) -> Office:
    """Issues and publishes the states above: three organizations, one of them a natural person."""
    issue(office, "table", extract(STATES), surroundings())
    publish(office.store, office.log_keys.signers)
    return office


def copied(source: Path, data: Path) -> Office:
    """A copy of a closed installation, open."""
    shutil.copytree(source, data)
    return opened(data)


def opened(data: Path) -> Office:
    return Office(from_environ({"GREFFE_DATA": str(data)}))


def emptied(office: Office, data: Path) -> Office:
    """Another data directory with the same identity and keys, and an empty store."""
    return initialize(from_environ({"GREFFE_DATA": str(_with_keys(office, data))}))


def beside(office: Office, data: Path, url: str) -> Office:
    """Another data directory with the same identity and keys, on the store at that URL: the office on a second machine."""
    return Office(from_environ({"GREFFE_DATA": str(_with_keys(office, data)), "GREFFE_DATABASE_URL": url}))


def _with_keys(office: Office, data: Path) -> Path:
    data.mkdir()
    shutil.copytree(office.settings.keys, data / "keys")
    shutil.copy(office.settings.data / "identity.json", data)
    return data


def closed(office: Office) -> None:
    office.store.close()
    office.reader._store.close()
