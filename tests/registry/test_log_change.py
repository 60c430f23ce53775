"""The keys of the logs change hands with an overlap, and every old checkpoint and proof still holds."""

import json

import pytest

from registry import log_change, note, verify
from registry.audit import audit
from registry.canonical import jcs
from registry.errors import Conflict, NotFound, NotPublished, Refused
from registry.installation import Office, initialize
from registry.log_change import Surroundings
from registry.publish import publish
from registry.tables import INDEX, LEDGER
from registry.trust import parse
from tests.conftest import NOW, seeded

AROUND = Surroundings(lambda: NOW, seeded("rotate"), lambda _head: None)


def failures(office: Office) -> list[str]:
    found = audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None)
    return [*found.failures, *([] if found.first_bad is None else [str(found.first_bad)])]


def verdict(office: Office, trust: bytes) -> str:
    evidence = json.dumps(office.reader.evidence("sample", "BC0000002", 1)).encode()
    return verify.verify(evidence, parse(trust), NOW).verdict


@pytest.mark.parametrize("log", [LEDGER, INDEX], ids=lambda log: log.name)
def test_both_keys_sign_until_the_older_one_is_retired(filled: Office, log: log_change.Log) -> None:
    before = jcs(filled.reader.trust())
    first = log_change.rotate(filled, log, AROUND)
    assert (first.n, first.signs) == (2, True)
    with pytest.raises(NotPublished, match="publish first"):
        log_change.retire(filled, log, 1, AROUND)
    with pytest.raises(Conflict, match="two keys"):
        log_change.rotate(filled, log, AROUND)
    publish(filled.store, filled.signers)
    both = jcs(filled.reader.trust())
    member = {"ledger": "ledgerKeys", "index": "indexKeys"}[log.name]
    assert [len(json.loads(text)[member]) for text in (before, both)] == [1, 2]
    assert [verdict(filled, text) for text in (before, both)] == ["verified", "verified"], "either key is enough"
    assert len(note.parse(filled.reader.checkpoint()).signatures) == (2 if log is LEDGER else 1)
    log_change.retire(filled, log, 1, AROUND)
    publish(filled.store, filled.signers)
    after = jcs(filled.reader.trust())
    assert json.loads(after)[member] == [first.vkey]
    assert json.loads(after)["genesisKey"] == json.loads(before)["genesisKey"]
    assert (verdict(filled, both), verdict(filled, after)) == ("verified", "verified")
    assert verdict(filled, before) != "verified"
    assert not filled.keys.has(log.name)
    assert failures(filled) == []


def test_a_second_rotation_and_what_the_office_document_says(filled: Office) -> None:
    for n in (1, 2):
        log_change.rotate(filled, LEDGER, AROUND)
        publish(filled.store, filled.signers)
        log_change.retire(filled, LEDGER, n, AROUND)
        publish(filled.store, filled.signers)
    document = filled.reader.office_document()
    fragments = [method["id"].partition("#")[2] for method in document["verificationMethod"]]
    assert fragments == ["index-1", "ledger-1", "ledger-2", "ledger-3"]
    assert [name.partition("#")[2] for name in document["assertionMethod"]] == ["index-1", "ledger-3"]
    assert failures(filled) == []


def test_keys_that_are_not_to_be_retired(filled: Office) -> None:
    with pytest.raises(NotFound):
        log_change.retire(filled, LEDGER, 2, AROUND)
    with pytest.raises(Refused, match="newest"):
        log_change.retire(filled, LEDGER, 1, AROUND)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO log_key VALUES ('ledger', 2, '{other}', 1)",
        "INSERT INTO log_key VALUES ('ledger', 2, '{other}', 0)",
        "UPDATE log_key SET vkey = '{other}'",
        "DELETE FROM log_key",
    ],
)
def test_a_key_that_nobody_logged_is_found(filled: Office, statement: str) -> None:
    trust = parse(jcs(filled.reader.trust()))
    other = note.VerifierKey(filled.identity.origin, b"\x07" * 32).print()
    with filled.store.write() as connection:
        connection.exec_driver_sql(statement.format(other=other))
    assert not audit(filled.store, trust, lambda _done, _total: None).ok


def test_the_policy_is_logged(filled: Office) -> None:
    head = log_change.log_policy(filled, AROUND)
    (record,) = filled.reader.records(head.size - 1, 1)
    assert (record.kind, record.document) == ("policy", {"policy": "quorum none"})
    publish(filled.store, filled.signers)
    assert failures(filled) == []


def test_another_process_opens_a_ledger_whose_first_keys_are_retired(filled: Office) -> None:
    for log in (LEDGER, INDEX):
        log_change.rotate(filled, log, AROUND)
        publish(filled.store, filled.signers)
        log_change.retire(filled, log, 1, AROUND)
    again = initialize(filled.settings)
    assert again.ledger_key == filled.ledger_key
    assert not again.keys.has("ledger")
    assert publish(again.store, again.signers).is_shown
