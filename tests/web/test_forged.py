"""What a dishonest issuer or ledger signs is still seen: everything here carries valid signatures of the right keys.

The browser's verifier and its Python twin must fail at the same step, with the same reason.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from registry.log import note
from tests.builders.reader import BASE, CREDENTIAL_KEY, LEDGER_KEY, Bend, SmallRegistry
from tests.builders.site import SECOND
from tests.web.test_twins import assert_same, browser_verdict, python_verdict

Document = dict[str, Any]
ELSEWHERE = "did:web:elsewhere.example"


def on(wanted: str, act: Callable[[Document, Document, list[Any]], None]) -> Bend:
    """Bends documents of one kind."""

    def bend(kind: str, document: Document, members: Document, signing: list[Any]) -> None:
        if kind == wanted:
            act(document, members, signing)

    return bend


def _wrong_key(document: Document, members: Document, signing: list[Any]) -> None:
    document["verificationMethod"][0]["publicKeyMultibase"] = document["verificationMethod"][2]["publicKeyMultibase"]


def _by_credential_key(document: Document, members: Document, signing: list[Any]) -> None:
    signing[:] = [CREDENTIAL_KEY, signing[1].replace("#status-1", "#credential-1")]
    members["key"] = signing[1]


def _kind_status(document: Document, members: Document, signing: list[Any]) -> None:
    members.update(kind="status", key=f"{ELSEWHERE}#k", type="Other", reason="opened")


def _kind_note(document: Document, members: Document, signing: list[Any]) -> None:
    members.clear()
    members.update(kind="note", reason="opened")


#: what is wrong -> (bend, the step that fails)
FORGED: dict[str, tuple[Bend, str]] = {
    "entry type": (on("issue", lambda d, m, s: m.update(type="OtherCredential")), "entry_matches"),
    "entry effective": (on("issue", lambda d, m, s: m.update(effective="2001-01-01")), "entry_matches"),
    "entry without effective": (on("issue", lambda d, m, s: m.update(effective=None)), "entry_matches"),
    "entry org": (on("issue", lambda d, m, s: m.update(org="sample:BC0000009")), "entry_matches"),
    "entry issuer": (on("issue", lambda d, m, s: m.update(issuer=ELSEWHERE)), "entry_matches"),
    "entry kind": (on("issue", _kind_note), "entry_matches"),
    "credential id": (
        on("issue", lambda d, m, s: d.update(id=f"{BASE}/credentials/sample/BC0000009/1")),
        "proof_valid",
    ),
    "credential number zero": (
        on("issue", lambda d, m, s: d.update(id=f"{BASE}/credentials/sample/BC0000001/0")),
        "proof_valid",
    ),
    "subject id": (
        on("issue", lambda d, m, s: d["credentialSubject"].update(id=f"{BASE}/organizations/sample/BC0000009")),
        "proof_valid",
    ),
    "schema id": (
        on("issue", lambda d, m, s: d["credentialSchema"].update(id=f"{BASE}/schemas/x.json")),
        "proof_valid",
    ),
    "claim that no schema knows": (
        on("issue", lambda d, m, s: d["credentialSubject"].update(motto="x")),
        "proof_valid",
    ),
    "date of another form": (
        on("issue", lambda d, m, s: d["credentialSubject"].update(registrationDate="3 May 1998")),
        "proof_valid",
    ),
    "no status": (on("issue", lambda d, m, s: d.pop("credentialStatus")), "proof_valid"),
    "name too long": (on("issue", lambda d, m, s: d["credentialSubject"].update(legalName="x" * 501)), "proof_valid"),
    "context appended": (on("issue", lambda d, m, s: d["@context"].append(f"{BASE}/other")), "proof_valid"),
    "context replaced": (on("issue", lambda d, m, s: d["@context"].__setitem__(1, f"{BASE}/other")), "proof_valid"),
    "valid from the future": (on("issue", lambda d, m, s: d.update(validFrom="2030-01-01T00:00:00Z")), "in_validity"),
    "valid from no time": (on("issue", lambda d, m, s: d.update(validFrom="2026-02-30T00:00:00Z")), "in_validity"),
    "another key in the issuer's document": (on("key", _wrong_key), "entry_matches"),
    "no key in the issuer's document": (on("key", lambda d, m, s: d.update(verificationMethod=[])), "entry_matches"),
    "key entry of another issuer": (on("key", lambda d, m, s: m.update(issuer=ELSEWHERE)), "entry_matches"),
    "key entry of another kind": (on("key", _kind_status), "entry_matches"),
    "list id": (on("status", lambda d, m, s: d.update(id=f"{BASE}/status/revocation/sample-2")), "not_revoked"),
    "list purpose": (
        on("status", lambda d, m, s: d["credentialSubject"].update(statusPurpose="suspension")),
        "not_revoked",
    ),
    "list issuer": (on("status", lambda d, m, s: d["issuer"].update(id=ELSEWHERE)), "not_revoked"),
    "list context": (on("status", lambda d, m, s: d["@context"].append(f"{BASE}/other")), "not_revoked"),
    "list with a member too many": (on("status", lambda d, m, s: d.update(motto="x")), "not_revoked"),
    "list signed by a credential key": (on("status", _by_credential_key), "not_revoked"),
    "list too short": (
        on("status", lambda d, m, s: d["credentialSubject"].update(encodedList="uH4sIAAAAAAAAAwMAAAAAAAAAAAA")),
        "not_revoked",
    ),
    "list entry type": (on("status", lambda d, m, s: m.update(type="Other")), "not_revoked"),
    "list entry issuer": (on("status", lambda d, m, s: m.update(issuer=ELSEWHERE)), "not_revoked"),
    "list entry kind": (on("status", _kind_note), "not_revoked"),
}


def both(page: Page, evidence: Document, trust: Document) -> dict[str, Any]:
    """The browser's verdict, which must be Python's too."""
    text = json.dumps(evidence, ensure_ascii=False)
    verdict = browser_verdict(page, text, trust)
    assert_same(verdict, python_verdict(text, trust))
    return verdict


def first_failed(verdict: dict[str, Any]) -> str:
    return next(str(step["step"]) for step in verdict["steps"] if step["result"] == "failed")


@pytest.mark.parametrize("name", FORGED)
def test_what_is_signed_but_wrong_fails_at_its_step(modules: Page, name: str) -> None:
    bend, step = FORGED[name]
    registry = SmallRegistry([SECOND], bend=bend)
    assert first_failed(both(modules, registry.evidence("sample", "BC0000001", 1), registry.trust())) == step


@pytest.mark.parametrize("kind", ["issue", "status"])
def test_the_same_words_may_be_signed_again_with_a_later_key(modules: Page, kind: str) -> None:
    """The entry's `key` tells which key was used when it was logged; a later proof over the same words is as good."""
    bend = on(kind, lambda document, members, signing: members.update(key=f"{ELSEWHERE}#k"))
    registry = SmallRegistry([SECOND], bend=bend)
    assert both(modules, registry.evidence("sample", "BC0000001", 1), registry.trust())["verdict"] == "verified"


def _flip(text: str, place: int) -> str:
    return text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]


def _path_of(member: str) -> Callable[[Document, Document], None]:
    def change(evidence: Document, trust: Document) -> None:
        carrier = evidence[member]
        start = carrier["proof"].index("\n", carrier["proof"].index("index ")) + 5
        carrier["proof"] = _flip(carrier["proof"], start)

    return change


def _list_salt(evidence: Document, trust: Document) -> None:
    evidence["statusList"]["salt"] = _flip(evidence["statusList"]["salt"], 4)


def _spaced_entry(evidence: Document, trust: Document) -> None:
    members = json.loads(base64.b64decode(evidence["entry"]))
    evidence["entry"] = base64.b64encode(json.dumps(members, indent=1).encode()).decode()


def _each_checkpoint(evidence: Document, change: Callable[[str], str]) -> None:
    for carrier in (evidence, evidence["statusList"], evidence["issuerKeys"]):
        head, _, text = carrier["proof"].partition("\n\n")
        carrier["proof"] = f"{head}\n\n{change(text)}"


def _second_line_wrong(evidence: Document, trust: Document) -> None:
    _each_checkpoint(evidence, lambda text: text + _flip(text.split("\n\n")[1], 40))


def _unknown_line(evidence: Document, trust: Document) -> None:
    _each_checkpoint(evidence, lambda text: text + "— witness.example/w " + base64.b64encode(b"x" * 68).decode() + "\n")


def _other_origin(evidence: Document, trust: Document) -> None:
    def change(text: str) -> str:
        body = text.split("\n\n")[0].replace("localhost:8000", "elsewhere.example") + "\n"
        return note.sign(body, "localhost:8000", LEDGER_KEY).print()

    _each_checkpoint(evidence, change)


def _fourth_line(evidence: Document, trust: Document) -> None:
    _each_checkpoint(
        evidence, lambda text: note.sign(text.split("\n\n")[0] + "\nmore\n", "localhost:8000", LEDGER_KEY).print()
    )


def _v2_not_pinned(evidence: Document, trust: Document) -> None:
    trust["contexts"]["https://www.w3.org/ns/credentials/v2"] = "0" * 64


def _second_proof_wrong(evidence: Document, trust: Document) -> None:
    proofs = evidence["credential"]["proof"]
    proofs.append({**proofs[0], "proofValue": _flip(proofs[0]["proofValue"], 20)})


CHANGED: dict[str, tuple[Callable[[Document, Document], None], str]] = {
    "path of the keys": (_path_of("issuerKeys"), "included"),
    "path of the list": (_path_of("statusList"), "not_revoked"),
    "salt of the list": (_list_salt, "not_revoked"),
    "entry with spaces": (_spaced_entry, "well_formed"),
    "second signature of a known key is wrong": (_second_line_wrong, "checkpoint_signed"),
    "checkpoint of another origin, signed by the ledger's key": (_other_origin, "checkpoint_signed"),
    "checkpoint with an extension line": (_fourth_line, "checkpoint_signed"),
    "context v2 not pinned": (_v2_not_pinned, "proof_valid"),
    "second proof wrong": (_second_proof_wrong, "proof_valid"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_is_changed_fails_at_its_step(modules: Page, registry: SmallRegistry, name: str) -> None:
    change, step = CHANGED[name]
    evidence, trust = registry.evidence("sample", "BC0000001", 2), registry.trust()
    evidence = json.loads(json.dumps(evidence))
    change(evidence, trust)
    assert first_failed(both(modules, evidence, trust)) == step


def test_lines_of_unknown_signers_are_ignored(modules: Page, registry: SmallRegistry) -> None:
    evidence = json.loads(registry.evidence_text("sample", "BC0000001", 2))
    _unknown_line(evidence, {})
    assert both(modules, evidence, registry.trust())["verdict"] == "verified"
