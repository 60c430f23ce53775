"""Keys that change: rotated, retired, compromised; what was signed before stays as true as it was, or is suspended."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from issuer.actions import keys
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.credential import did
from registry.errors import NotFound, Refused, Usage
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.verify import steps, trust
from registry.verify.verdict import Verdict
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state

LATER = NOW + timedelta(days=2)


def verdict_of(office: Office, number: str, n: int) -> Verdict:
    publish(office.store, office.log_keys.signers)
    evidence = json.dumps(office.reader.evidence("sample", number, n)).encode()
    return steps.verify(evidence, trust.parse(json.dumps(office.reader.trust()).encode()), LATER)


def reason_of(verdict: Verdict, step: str) -> str | None:
    return next(result.reason for result in verdict.steps if result.name == step)


def is_well(office: Office) -> bool:
    trusted = trust.parse(json.dumps(office.reader.trust()).encode())
    return audit(office.store, trusted, lambda _done, _all: None).ok


def methods_of(office: Office, number: str, n: int) -> set[str]:
    document = office.reader.credential("sample", number, n).document or {}
    return {proof["verificationMethod"].partition("#")[2] for proof in document["proof"]}


def test_every_key_is_listed_with_its_state(filled: Office) -> None:
    listed = [(key.id.partition("#")[2], key.use, key.kind, key.state, key.is_held) for key in keys.keys(filled)]
    assert listed == [
        ("credential-1", "credential", "Ed25519", "in use", True),
        ("status-1", "status", "Ed25519", "in use", True),
    ]


def test_after_a_rotation_the_new_key_signs_and_the_old_one_is_still_believed(filled: Office) -> None:
    made = keys.rotate(filled, "sample", "credential", surroundings("rotate"))
    assert (made.id.partition("#")[2], made.state) == ("credential-2", "in use")
    issue(filled, "table", extract([*STATES, state("BC0000077", "NEW INC.", "9", "2020-05-06")]), surroundings("more"))
    assert methods_of(filled, "BC0000077", 1) == {"credential-2"}
    assert verdict_of(filled, "BC0000077", 1).verdict == "verified"
    assert methods_of(filled, "BC0000001", 2) == {"credential-1"}
    assert verdict_of(filled, "BC0000001", 2).verdict == "verified"
    assert is_well(filled)


def test_a_status_key_is_rotated_too_and_old_lists_hold(filled: Office) -> None:
    keys.rotate(filled, "sample", "status", surroundings("rotate"))
    assert verdict_of(filled, "BC0000001", 2).verdict == "verified"
    changed = surroundings("suspend")
    assert keys.standing.change_one(
        filled, "sample", "BC0000001", 2, keys.standing.suspension("fraud"), changed, dry_run=False
    ).head
    verdict = verdict_of(filled, "BC0000001", 2)
    assert (verdict.verdict, reason_of(verdict, "not_revoked")) == ("failed", "suspended")
    assert is_well(filled)


def test_a_key_in_use_is_not_retired_and_one_replaced_loses_its_private_half_alone(filled: Office) -> None:
    with pytest.raises(Refused, match="rotate it first"):
        keys.retire(filled, "sample", "credential-1")
    keys.rotate(filled, "sample", "credential", surroundings("rotate"))
    retired = keys.retire(filled, "sample", "credential-1")
    assert (retired.state, retired.is_held) == ("replaced", False)
    assert verdict_of(filled, "BC0000001", 2).verdict == "verified"


@pytest.mark.parametrize(
    ("register", "key"), [("sample", "credential-7"), ("sample", "nothing"), ("im", "credential-1")]
)
def test_unknown_keys_and_registers(filled: Office, register: str, key: str) -> None:
    size = filled.reader.size()
    with pytest.raises(NotFound):
        keys.retire(filled, register, key)
    with pytest.raises(NotFound):
        keys.compromise(filled, register, key, NOW, surroundings(), reissue=False, dry_run=False)
    if register == "im":
        with pytest.raises(NotFound):
            keys.rotate(filled, register, "credential", surroundings())
    else:
        with pytest.raises(Usage):
            keys.rotate(filled, register, "ledger", surroundings())
    assert filled.reader.size() == size


def test_a_compromise_is_a_dry_run_until_told(filled: Office) -> None:
    size = filled.reader.size()
    planned = keys.compromise(filled, "sample", "credential-1", NOW, surroundings(), reissue=False, dry_run=True)
    credentials = [record for record in filled.reader.records(0, size) if record.number]
    assert len(planned.signed) == len(credentials) > 3
    later = keys.compromise(filled, "sample", "credential-1", LATER, surroundings(), reissue=False, dry_run=True)
    assert later.signed == ()
    assert filled.reader.size() == size


def test_what_was_logged_since_the_theft_is_suspended_and_what_was_before_is_believed(filled: Office) -> None:
    thief = surroundings("stolen", NOW + timedelta(days=1))
    issue(filled, "table", extract([*STATES, state("BC0000077", "STOLEN INC.", "9", "2020-05-06")]), thief)
    since = NOW + timedelta(hours=1)
    around = surroundings("found out", LATER)
    done = keys.compromise(filled, "sample", "credential-1", since, around, reissue=False, dry_run=False)
    assert (done.suspended, done.reissued) == (1, 0)
    assert [name.rsplit("/", 2)[1] for name in done.signed] == ["BC0000077"]
    stolen = verdict_of(filled, "BC0000077", 1)
    assert (stolen.verdict, reason_of(stolen, "not_revoked")) == ("failed", "suspended")
    assert verdict_of(filled, "BC0000001", 2).verdict == "verified"
    document = filled.reader.issuer_document("sample")
    assert f"{document['id']}#credential-1" not in document["assertionMethod"]
    assert "credential-1" in did.keys_of(document), "a public key is never dropped"
    assert did.in_use(document, "credential") == "credential-2"
    states = {key.id.partition("#")[2]: (key.state, key.is_held) for key in keys.keys(filled)}
    assert states["credential-1"] == ("compromised", False)
    assert is_well(filled)
    size = filled.reader.size()
    again = keys.compromise(filled, "sample", "credential-1", since, around, reissue=False, dry_run=False)
    assert (again.signed, again.suspended, filled.reader.size()) == (done.signed, 0, size)


def test_what_was_logged_since_the_theft_is_issued_again_by_the_new_key(filled: Office) -> None:
    around = surroundings("found out", LATER)
    done = keys.compromise(filled, "sample", "credential-1", NOW, around, reissue=True, dry_run=False)
    numbers = {organization.number for organization in STATES}
    assert done.reissued == len(numbers)
    assert done.suspended == len(done.signed) - done.reissued
    last = filled.reader.organization("sample", "BC0000001")
    assert [(record.kind, record.reason) for record in last][-1] == ("correct", "key_compromise")
    assert methods_of(filled, "BC0000001", len(last)) == {"credential-2"}
    assert verdict_of(filled, "BC0000001", len(last)).verdict == "verified"
    assert reason_of(verdict_of(filled, "BC0000001", len(last) - 1), "not_revoked") == "revoked"
    assert is_well(filled)
    same = issue(filled, "table", extract(STATES), surroundings("same again", LATER))
    assert (same.issued, same.superseded, same.corrected) == (0, 0, 0)


def test_lists_are_signed_again_when_their_key_was_compromised(filled: Office) -> None:
    around = surroundings("found out", LATER)
    keys.compromise(filled, "sample", "status-1", NOW, around, reissue=False, dry_run=False)
    for purpose in ("revocation", "suspension"):
        proofs = filled.reader.status_list(f"{purpose}/sample-1")["proof"]
        assert {proof["verificationMethod"].partition("#")[2] for proof in proofs} == {"status-2"}
    assert verdict_of(filled, "BC0000001", 2).verdict == "verified"
    assert is_well(filled)


def test_a_compromise_that_was_killed_before_the_lists_were_signed_again_is_taken_up(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class _Killed(Exception):
        """The process ends here."""

    def killed(*_: object) -> None:
        raise _Killed

    around = surroundings("found out", LATER)
    with monkeypatch.context() as patched:
        patched.setattr(keys, "_sign_lists_again", killed)
        with pytest.raises(_Killed):
            keys.compromise(filled, "sample", "status-1", NOW, around, reissue=False, dry_run=False)
    assert {key.state for key in keys.keys(filled) if key.id.endswith("#status-1")} == {"compromised"}
    keys.compromise(filled, "sample", "status-1", NOW, around, reissue=False, dry_run=False)
    for purpose in ("revocation", "suspension"):
        proofs = filled.reader.status_list(f"{purpose}/sample-1")["proof"]
        assert {proof["verificationMethod"].partition("#")[2] for proof in proofs} == {"status-2"}
    size = filled.reader.size()
    keys.compromise(filled, "sample", "status-1", NOW, around, reissue=False, dry_run=False)
    assert filled.reader.size() == size


def test_what_was_issued_before_there_were_suspensions_is_revoked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("registry.credential.status.PURPOSES", ("revocation",))
        issue(office, "table", extract(STATES[:2]), surroundings("old"))
    issue(office, "table", extract(STATES), surroundings("new"))
    around = surroundings("found out", LATER)
    done = keys.compromise(office, "sample", "credential-1", NOW, around, reissue=False, dry_run=False)
    records = [record for record in office.reader.records(0, office.reader.size()) if record.number]
    standings = [office.reader.standing(record) for record in records]
    assert standings == ["revoked"] * 2 + ["suspended"] * (len(records) - 2)
    assert (done.revoked, done.suspended) == (2, len(records) - 2)
    assert is_well(office)


def test_a_suspension_from_before_does_not_keep_a_credential_out_of_it(filled: Office) -> None:
    suspended = keys.standing.suspension("under_review")
    keys.standing.change_one(filled, "sample", "BC0000002", 1, suspended, surroundings("before"), dry_run=False)
    around = surroundings("found out", LATER)
    keys.compromise(filled, "sample", "credential-1", NOW, around, reissue=True, dry_run=False)
    old, new = filled.reader.organization("sample", "BC0000002")
    assert (filled.reader.standing(old), filled.reader.standing(new)) == ("revoked", "suspended")
    lifted = keys.standing.reinstatement()
    keys.standing.change_one(filled, "sample", "BC0000002", None, lifted, around, dry_run=False)
    assert (filled.reader.standing(old), filled.reader.standing(new)) == ("revoked", None)


def test_what_is_issued_while_a_compromise_begins_is_not_overlooked(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = keys._key
    calls: list[object] = []

    def and_then_somebody_issues(*arguments: object) -> object:
        key = real(*arguments)  # type: ignore[arg-type]
        if not calls:
            late = extract([*STATES, state("BC0000077", "LATE INC.", "9", "2020-05-06")])
            issue(filled, "table", late, surroundings("late", LATER))
        calls.append(key)
        return key

    monkeypatch.setattr(keys, "_key", and_then_somebody_issues)
    around = surroundings("found out", LATER)
    done = keys.compromise(filled, "sample", "credential-1", NOW, around, reissue=False, dry_run=False)
    assert any(name.rsplit("/", 2)[1] == "BC0000077" for name in done.signed)
    assert filled.reader.standing(filled.reader.credential("sample", "BC0000077", 1)) == "suspended"


def test_a_suspension_for_another_reason_is_carried_onto_what_is_issued_again(filled: Office) -> None:
    """Else a credential that a court suspended would be verified again, because a key was stolen."""
    suspend = keys.standing.suspension("court_order")
    keys.standing.change_one(filled, "sample", "BC0000001", 2, suspend, surroundings("court"), dry_run=False)
    size = filled.reader.size()
    done = keys.compromise(
        filled, "sample", "credential-1", NOW - timedelta(days=1), surroundings("again"), reissue=True, dry_run=False
    )
    assert done.reissued > 1
    verdict = verdict_of(filled, "BC0000001", 3)
    assert (verdict.verdict, reason_of(verdict, "not_revoked")) == ("failed", "suspended")
    assert verdict_of(filled, "BC0000002", 2).verdict == "verified"
    with filled.records() as records:
        records.check_all_places()
        logged = records.entries(size, records.head.size)
    [carried] = [entry for entry in logged if entry.reason == "court_order"]
    again = next(entry for entry in logged if entry.kind == "correct" and entry.org == "sample:BC0000001")
    assert carried.refers == (again.index,)
    assert is_well(filled)


def test_what_the_register_does_not_say_is_not_issued_again(filled: Office) -> None:
    forged = [
        state("BC0000001", "THIEVES LTD.", "7", "2022-01-01"),
        state("BC0000077", "STOLEN INC.", "9", "2020-05-06"),
    ]
    issue(filled, "table", extract([*STATES, *forged]), surroundings("stolen"))
    since, around = NOW - timedelta(days=1), surroundings("found out")
    done = keys.compromise(
        filled, "sample", "credential-1", since, around, reissue=True, dry_run=False, extract=extract(STATES)
    )
    assert done.reissued == len({organization.number for organization in STATES}) - 1, "BC0000001 is not as it was told"
    for number, n in (("BC0000001", 3), ("BC0000077", 1)):
        assert len(filled.reader.organization("sample", number)) == n
        assert reason_of(verdict_of(filled, number, n), "not_revoked") == "suspended"
    assert verdict_of(filled, "BC0000002", 2).verdict == "verified"
    other = replace(extract(STATES), register="im")
    with pytest.raises(Usage) as refused:
        keys.compromise(filled, "sample", "credential-1", since, around, reissue=True, dry_run=True, extract=other)
    assert refused.value.code == "register_differs"


@pytest.mark.parametrize("use", ["credential", "status"])
def test_a_key_whose_private_half_is_lost_can_be_replaced(filled: Office, use: str) -> None:
    filled.keys.drop(f"sample-{use}")
    with pytest.raises(Refused):
        issue(filled, "table", extract([state("BC0000077", "NEW INC.", "9", "2020-05-06")]), surroundings("more"))
    made = keys.rotate(filled, "sample", use, surroundings("rotate"))
    assert (made.id.partition("#")[2], made.state) == (f"{use}-2", "in use")
    issue(filled, "table", extract([state("BC0000077", "NEW INC.", "9", "2020-05-06")]), surroundings("more"))
    assert verdict_of(filled, "BC0000077", 1).verdict == "verified"
    assert is_well(filled)


@pytest.mark.parametrize("use", ["credential", "status"])
def test_a_key_whose_private_half_is_gone_can_be_disowned(filled: Office, use: str) -> None:
    filled.keys.drop(f"sample-{use}")
    done = keys.compromise(
        filled, "sample", f"{use}-1", NOW - timedelta(days=1), surroundings("gone"), reissue=True, dry_run=False
    )
    assert (done.new_key or "").endswith(f"#{use}-2")
    states = {key.id.partition("#")[2]: key.state for key in keys.keys(filled)}
    assert states[f"{use}-1"] == "compromised"
    assert is_well(filled)


def test_a_store_put_back_from_before_a_compromise_is_refused(filled: Office, tmp_path: Path) -> None:
    """No token, witness or mirror knows of it: the keys do."""
    shutil.copy(filled.settings.data / "ledger.db", tmp_path / "old.db")
    keys.compromise(filled, "sample", "credential-1", LATER, surroundings("theft"), reissue=False, dry_run=False)
    filled.store.close()
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "head-token.db"):
        (filled.settings.data / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", filled.settings.data / "ledger.db")
    with pytest.raises(Refused, match=r"credential-2 of sample.*put back"):
        issue(Office(filled.settings), "table", extract(STATES), surroundings("behind"))
    filled.settings.named_keys.unlink()
    issue(
        Office(filled.settings), "table", extract(STATES), surroundings("behind")
    )  # the negative control: nobody else notices
