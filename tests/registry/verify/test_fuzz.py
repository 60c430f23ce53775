"""No false accept: credentials with their evidence under every operator of `mutations`, and thousands of changed bytes.

Fifty and ten thousand in `make soak`, fewer in every run.

Seeded. What is still verified must tell the same as the file that was changed, for a reason that is written down.
"""

import json
from collections import Counter
from random import Random
from typing import Any

import pytest

from issuer import sources
from issuer.run.issue import issue
from registry.credential import proof
from registry.credential.cryptosuites import Statement
from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.verify import proven_once, steps
from registry.verify.trust import Trust, parse
from sample_data import generate
from sample_data.make_expected import fixed_bytes as seeded
from search.verify.judge import PostedVerifier
from tests.builders.command import NOW, SOAK, surroundings
from tests.mutations import proofs
from tests.mutations.evidence import HARMLESS, OPERATORS, dumped, mutated

Json = dict[str, Any]
FILES, BYTES = (50, 10_000) if SOAK else (20, 4_000)
#: what an evidence file tells (contract): of the file, and of what it carries under an entry
MEMBERS = (
    "v",
    "origin",
    "credential",
    "entry",
    "salt",
    "proof",
    "statusList",
    "suspensionList",
    "issuerKeys",
    "latest",
    "orgSalt",
)
LOGGED = ("credential", "document", "entry", "salt", "proof")
assert proofs.OPERATORS is OPERATORS


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A published ledger of generated organizations, persons among them."""
    folder = tmp_path_factory.mktemp("fuzz")
    text, _ = generate.extract(organizations=150, planted=False)
    (folder / "extract.csv").write_text(text, "utf-8")
    office = initialize(from_environ({"GREFFE_DATA": str(folder / "data")}), seeded("keys"))
    issue(office, "table", sources.read("table", folder / "extract.csv"), surroundings())
    publish(office.store, office.log_keys.signers)
    return office


@pytest.fixture(scope="module")
def files(issued: Office) -> list[Json]:
    """The evidence of fifty credentials, each the newest of its organization."""
    records = [record for record in issued.reader.records(0, issued.reader.size()) if record.n is not None]
    newest = {(record.register, record.number): record for record in records}
    chosen = Random(4).sample(list(newest.values()), FILES)
    gathered = [issued.reader.evidence(str(record.register), str(record.number), record.n or 0) for record in chosen]
    assert sum("orgSalt" in evidence for evidence in gathered) >= 2
    assert any(not dumped(evidence["credential"]).isascii() for evidence in gathered)
    return gathered


@pytest.fixture(scope="module")
def trust(issued: Office) -> Trust:
    return parse(jcs(issued.reader.trust()))


def is_verified(data: bytes, trust: Trust) -> bool:
    return steps.verify(data, trust, NOW).verdict == "verified"


def meaning_of(data: bytes) -> Any:
    """What a file tells: its members that are read, as JSON values; None where it is not of its form."""
    try:
        members = strict_json.parse_object(data)
    except Malformed:
        return None
    meaning = {name: members[name] for name in MEMBERS if name in members}
    for name in ("statusList", "suspensionList", "issuerKeys"):
        if isinstance(meaning.get(name), dict):
            meaning[name] = {member: meaning[name][member] for member in LOGGED if member in meaning[name]}
    return meaning


def accepted(files: list[Json], trust: Trust) -> tuple[Counter[str], Counter[str]]:
    """How often each operator was applied, and how often what came of it was verified."""
    applied, verified = Counter[str](), Counter[str]()
    for name in OPERATORS:
        random = Random(name)
        for place, evidence in enumerate(files):
            data = mutated(name, evidence, files[place - 1], random)
            if data is None:
                continue
            assert data != dumped(evidence).encode(), f"{name} changed nothing"
            applied[name] += 1
            verified[name] += is_verified(data, trust)
    return applied, verified


def test_the_untouched_files_are_verified(files: list[Json], trust: Trust) -> None:
    assert all(is_verified(dumped(evidence).encode(), trust) for evidence in files)
    assert len({evidence["entry"] for evidence in files}) == FILES


def test_no_operator_leads_to_a_false_accept(files: list[Json], trust: Trust) -> None:
    applied, verified = accepted(files, trust)
    assert len(OPERATORS) - len(HARMLESS) >= 40
    assert set(applied) == set(OPERATORS), "each finds something to change"
    assert sum(count == FILES for count in applied.values()) >= 40
    assert {name for name in OPERATORS if verified[name]} == set(HARMLESS)
    assert {name for name in HARMLESS if verified[name] < applied[name]} == set(), "the reasons hold for every file"


def test_without_the_check_of_proofs_it_would_be_noticed(
    files: list[Json], trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "check", lambda document, *_: Statement(document))
    _, verified = accepted(files[:3], trust)
    assert {"proofs_of_another", "proof_value_bit", "signature_zero"} <= set(verified) - set(HARMLESS)


def test_without_the_check_of_commitments_it_would_be_noticed(
    files: list[Json], trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a proof over the meaning alone does not cover is covered by the entry."""
    monkeypatch.setattr(proven_once, "_demand_commits", lambda _commitment, _own: None)
    _, verified = accepted(files[:3], trust)
    assert {"salt_of_another", "unsigned_by_meaning_alone"} <= set(+verified) - set(HARMLESS)


def test_no_changed_byte_leads_to_a_false_accept(files: list[Json], trust: Trust) -> None:
    """Half of the files hold escape sequences. A change in the case of one, or of white space, tells the same."""
    random = Random(10_000)
    texts = [(json.dumps(evidence) if place % 2 else dumped(evidence)).encode() for place, evidence in enumerate(files)]
    meant = [meaning_of(text) for text in texts]
    assert None not in meant
    verified = 0
    for number in range(BYTES):
        place = number % FILES
        text = bytearray(texts[place])
        at = random.randrange(len(text))
        text[at] ^= random.randrange(1, 256) if number % 2 else 1 << random.randrange(8)
        if is_verified(bytes(text), trust):
            verified += 1
            assert meaning_of(bytes(text)) == meant[place], (number, at)
    assert verified < BYTES // 100


def test_a_changed_credential_alone_is_not_verified_either(issued: Office, files: list[Json]) -> None:
    """By our own store, as it is posted: two hundred of them, and what may stay verified besides."""
    verifier, random = PostedVerifier(issued.reader), Random(200)
    verdicts: dict[str, set[str]] = {"harmless": set(), "changed": set()}
    count = Counter[str]()
    while count["changed"] < 200:
        name = random.choice(sorted(OPERATORS))
        evidence, other = random.sample(files, 2)
        data = mutated(name, evidence, other, random)
        try:
            credential = None if data is None else strict_json.parse_object(data).get("credential")
        except Malformed:
            continue
        if not isinstance(credential, dict) or credential in (evidence["credential"], other["credential"]):
            continue
        kind = "harmless" if name in HARMLESS else "changed"
        count[kind] += 1
        verdicts[kind].add(verifier.judge([credential], NOW)[0]["verdict"])
        assert verifier.credentials([credential], NOW)[0].verdict.verdict in verdicts[kind]
    assert "verified" not in verdicts["changed"]
    assert verdicts["harmless"] == {"verified"}
