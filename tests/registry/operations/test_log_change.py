"""The keys of the logs change hands with an overlap, and every old checkpoint and proof still holds."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict, NotFound, NotPublished, Refused, Untrue
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.log import cosignature, note
from registry.log.policy import Witness
from registry.operations import log_change
from registry.operations.log_change import Surroundings
from registry.store.tables import INDEX, LEDGER
from registry.verify import steps
from registry.verify.trust import parse
from registry.witness.client import COSIGNED, REFUSED, Answer
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders import witnesses
from tests.builders.command import NOW

AROUND = Surroundings(lambda: NOW, seeded("rotate"), lambda _head: None)


def failures(office: Office) -> list[str]:
    report = audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None)
    return [*report.failures, *([] if report.first_bad is None else [str(report.first_bad)])]


def verdict(office: Office, trust: bytes) -> str:
    evidence = json.dumps(office.reader.evidence("sample", "BC0000002", 1)).encode()
    return steps.verify(evidence, parse(trust), NOW).verdict


@pytest.mark.parametrize("log", [LEDGER, INDEX], ids=lambda log: log.name)
def test_both_keys_sign_until_the_older_one_is_retired(filled: Office, log: log_change.Log) -> None:
    before = jcs(filled.reader.trust())
    old = json.dumps(filled.reader.evidence("sample", "BC0000002", 1)).encode()
    assert steps.verify(old, parse(before), NOW).verdict == "verified"
    first = log_change.rotate(filled, log, AROUND)
    assert (first.n, first.signs) == (2, True)
    with pytest.raises(NotPublished, match="publish first"):
        log_change.retire(filled, log, 1, AROUND)
    with pytest.raises(Conflict, match="two keys"):
        log_change.rotate(filled, log, AROUND)
    publish(filled.store, filled.log_keys.signers)
    both = jcs(filled.reader.trust())
    member = {"ledger": "ledgerKeys", "index": "indexKeys"}[log.name]
    assert [len(json.loads(text)[member]) for text in (before, both)] == [1, 2]
    assert [verdict(filled, text) for text in (before, both)] == ["verified", "verified"], "either key is enough"
    assert len(note.parse(filled.reader.checkpoint()).signatures) == (2 if log is LEDGER else 1)
    log_change.retire(filled, log, 1, AROUND)
    publish(filled.store, filled.log_keys.signers)
    after = jcs(filled.reader.trust())
    assert json.loads(after)[member] == json.loads(both)[member], "the retired key is believed for what it signed"
    assert json.loads(after)[member][1] == first.vkey
    assert json.loads(after)["genesisKey"] == json.loads(before)["genesisKey"]
    assert (verdict(filled, both), verdict(filled, after)) == ("verified", "verified")
    assert verdict(filled, before) != "verified"
    assert steps.verify(old, parse(after), NOW).verdict == "verified"
    log_change.retire(filled, log, 1, AROUND, disown=True)
    publish(filled.store, filled.log_keys.signers)
    without = jcs(filled.reader.trust())
    assert json.loads(without)[member] == [first.vkey]
    assert steps.verify(old, parse(without), NOW).verdict == "failed", (
        "the negative control: what it signed proves nothing"
    )
    assert verdict(filled, without) == "verified"
    assert log_change.retire(filled, log, 1, AROUND).disowned, "a disowned key stays one"
    assert jcs(filled.reader.trust()) == without
    assert not filled.keys.has(log.name)
    assert failures(filled) == []


def test_a_trust_file_from_before_or_after_is_enough_for_an_audit(filled: Office) -> None:
    """Somebody else's copy of the trust file is older than a rotation, or newer than the mirror at hand."""
    before = parse(jcs(filled.reader.trust()))
    log_change.rotate(filled, LEDGER, AROUND)
    publish(filled.store, filled.log_keys.signers)
    assert audit(filled.store, before, lambda _done, _total: None).ok
    after = json.loads(jcs(filled.reader.trust()))
    newer = parse(jcs(after | {"ledgerKeys": after["ledgerKeys"][1:]}))
    assert audit(filled.store, newer, lambda _done, _total: None).ok
    strange = note.VerifierKey(filled.identity.origin, b"\x07" * 32).print()
    assert not audit(filled.store, parse(jcs(after | {"ledgerKeys": [strange]})), lambda _done, _total: None).ok


def test_a_second_rotation_and_what_the_office_document_says(filled: Office) -> None:
    for n in (1, 2):
        log_change.rotate(filled, LEDGER, AROUND)
        publish(filled.store, filled.log_keys.signers)
        log_change.retire(filled, LEDGER, n, AROUND)
        publish(filled.store, filled.log_keys.signers)
    document = filled.reader.office_document()
    fragments = [method["id"].partition("#")[2] for method in document["verificationMethod"]]
    assert fragments == ["index-1", "ledger-1", "ledger-2", "ledger-3"]
    assert [name.partition("#")[2] for name in document["assertionMethod"]] == ["index-1", "ledger-3"]
    assert not any("revoked" in method for method in document["verificationMethod"])
    log_change.retire(filled, LEDGER, 2, AROUND, disown=True)
    publish(filled.store, filled.log_keys.signers)
    methods = filled.reader.office_document()["verificationMethod"]
    assert [method["id"].partition("#")[2] for method in methods if "revoked" in method] == ["ledger-2"]
    assert failures(filled) == []


@pytest.mark.parametrize(("did", "signs"), [(-1, 0), (-1, 1), (0, 1), (0, -1)])
def test_what_a_key_does_must_be_what_was_logged(filled: Office, did: int, signs: int) -> None:
    log_change.rotate(filled, LEDGER, AROUND)
    publish(filled.store, filled.log_keys.signers)
    log_change.retire(filled, LEDGER, 1, AROUND, disown=did == -1)
    publish(filled.store, filled.log_keys.signers)
    assert failures(filled) == []
    with filled.store.write() as connection:
        connection.exec_driver_sql(f"UPDATE log_key SET signs = {signs} WHERE log = 'ledger' AND n = 1")
    assert failures(filled) == ["the keys kept of the logs are not those that the office has logged"]


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


class Knowing:
    """In the place of the client: a witness that cosigns what one of these keys has signed."""

    def __init__(self, vkeys: list[str]) -> None:
        self.vkeys = vkeys

    def ask(self, asked: list[Witness], _origin: str, signed: str, *_: object) -> list[Answer]:
        try:
            note.check(note.parse(signed), [note.parse_vkey(vkey) for vkey in self.vkeys])
        except Untrue:
            return [Answer(witness.name, REFUSED, "it answered with status 403") for witness in asked]
        line = cosignature.make(note.parse(signed).text, witnesses.NAME, witnesses.KEY, int(NOW.timestamp()))
        return [Answer(witness.name, COSIGNED, signatures=(line,)) for witness in asked]

    def monitored(self, *_: object) -> None:
        """It shows nothing."""


@pytest.mark.parametrize("log", [LEDGER, INDEX], ids=lambda log: log.name)
def test_a_key_that_the_witnesses_do_not_know_takes_nothing_over(
    filled: Office, log: log_change.Log, tmp_path: Path
) -> None:
    file = tmp_path / "policy"
    file.write_text(witnesses.policy(filled), "utf-8")
    office = Office(replace(filled.settings, witness_policy=file))
    trust = office.reader.trust()
    knowing = Knowing([*trust["ledgerKeys"], *trust["indexKeys"]])
    office._client = knowing  # type: ignore[assignment]
    made = log_change.rotate(office, log, AROUND)
    with office.publishing(lambda _line: None) as now:
        assert now().is_shown
        size = office.reader.size()
        with pytest.raises(NotPublished, match=r"w1 did not cosign .* 403") as refused:
            log_change.retire(office, log, 1, AROUND)
        assert (refused.value.code, office.reader.size(), office.keys.has(log.name)) == ("overlap", size, True)
        knowing.vkeys.append(made.vkey)
        log_change.retire(office, log, 1, AROUND)
        assert now().is_shown


def test_the_policy_is_logged(filled: Office) -> None:
    head = log_change.log_policy(filled, AROUND)
    (record,) = filled.reader.records(head.size - 1, 1)
    assert (record.kind, record.document) == ("policy", {"policy": "quorum none"})
    publish(filled.store, filled.log_keys.signers)
    assert failures(filled) == []


def test_another_process_opens_a_ledger_whose_first_keys_are_retired(filled: Office) -> None:
    for log in (LEDGER, INDEX):
        log_change.rotate(filled, log, AROUND)
        publish(filled.store, filled.log_keys.signers)
        log_change.retire(filled, log, 1, AROUND)
    again = initialize(filled.settings)
    assert again.log_keys.genesis == filled.log_keys.genesis
    assert not again.keys.has("ledger")
    assert publish(again.store, again.log_keys.signers).is_shown
