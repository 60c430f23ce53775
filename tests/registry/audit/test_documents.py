"""The audit of documents: the proofs that no commitment covers, and the forms that they are stored in."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registry.audit import documents
from registry.encoding.stored import stored
from registry.installation.office import Office
from registry.ledger.admission import Admission, Statement
from registry.log import entry
from registry.store import document_rows, rows
from tests.builders import ledger
from tests.builders.every_row import every_row
from tests.builders.mirror import audited

Mutate = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return every_row(tmp_path_factory.mktemp("every-row") / "data")


@pytest.fixture
def office(installation: Path, tmp_path: Path) -> Office:
    return ledger.copied(installation, tmp_path / "data")


def rewritten(office: Office, index: int, data: bytes) -> None:
    """Put other bytes under an entry, as whoever writes the file can."""
    assert office.store.path is not None
    with closing(sqlite3.connect(office.store.path)) as connection:
        connection.execute("UPDATE document SET body = ? WHERE i = ?", (data, index))
        connection.commit()


def documents_of(office: Office) -> dict[int, tuple[bytes, bytes]]:
    with office.store.read() as connection:
        return document_rows.read_documents(connection, 0, 1000)


def _proofs(document: dict[str, Any]) -> list[Any]:
    proofs: list[Any] = document["proof"]
    return proofs


#: what nobody has signed: each proof that is left holds all the same
SETS: dict[str, Mutate] = {
    "first gone": lambda document: _proofs(document).pop(0),
    "last gone": lambda document: _proofs(document).pop(),
    "first twice": lambda document: _proofs(document).append(_proofs(document)[0]),
    "last twice": lambda document: _proofs(document).append(_proofs(document)[-1]),
    "one twice, one gone": lambda document: document.update(proof=[_proofs(document)[0]] * 2),
    "in another order": lambda document: _proofs(document).reverse(),
    "none": lambda document: _proofs(document).clear(),
    "no member": lambda document: document.pop("proof"),
}


@pytest.mark.parametrize("name", SETS)
def test_a_set_of_proofs_that_the_key_does_not_make_is_noticed(office: Office, name: str) -> None:
    signed = {index: data for index, (data, _) in documents_of(office).items() if "proof" in json.loads(data)}
    assert len(signed) > 10
    for index, data in signed.items():
        document = json.loads(data)
        SETS[name](document)
        rewritten(office, index, stored(document))
        outcome = audited(office)
        assert outcome.first_bad is not None
        assert outcome.first_bad[0] == index
        rewritten(office, index, data)
    assert audited(office).ok


def test_without_the_rule_of_sets_a_missing_proof_passes(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commitment leaves `proof` out, and the proof that is left holds."""
    index, data = next((i, data) for i, (data, _) in documents_of(office).items() if "proof" in json.loads(data))
    document = json.loads(data)
    document["proof"].pop()
    rewritten(office, index, stored(document))
    assert not audited(office).ok
    monkeypatch.setattr(documents, "check_set", lambda *_: None)
    assert audited(office).ok


def test_a_proof_beside_a_document_that_nobody_signs_is_noticed(office: Office) -> None:
    unsigned = {index: data for index, (data, _) in documents_of(office).items() if "proof" not in json.loads(data)}
    with office.store.read() as connection:
        kinds = {entry.parse(rows.read_entries(connection, index, index + 1)[0]).kind for index in unsigned}
    assert kinds == {"key", "policy", "note"}
    for index, data in unsigned.items():
        rewritten(office, index, stored({**json.loads(data), "proof": [{"type": "DataIntegrityProof"}]}))
        outcome = audited(office)
        assert outcome.first_bad is not None
        assert outcome.first_bad[0] == index
        rewritten(office, index, data)


def test_a_document_with_a_space_more_is_noticed(office: Office) -> None:
    for index, (data, _) in documents_of(office).items():
        rewritten(office, index, data.replace(b":", b": ", 1))
        outcome = audited(office)
        assert outcome.first_bad is not None
        assert outcome.first_bad[0] == index
        rewritten(office, index, data)


def test_at_the_end_of_time_the_audit_says_so(office: Office) -> None:
    """What a did:webvh log may say is held against the time of the last entry, a day later."""
    with Office(office.settings, accepts_time=True).writing() as writing:
        end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
        writing.append([Admission(Statement("note", reason="late"))], {}, end)
    outcome = audited(office)
    assert outcome.first_bad is None
    assert [failure.partition(" is bad: ")[2] for failure in outcome.failures] == [
        "the ledger's last entry is of the end of time"
    ] * 2
