"""Complete and absent: what the map proves of a number, printed and parsed, and everything that must fail."""

import base64
import copy
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issuer.run.issue import issue
from registry.errors import Malformed, NotPublished
from registry.installation.office import Office
from registry.log import entry, map_log, map_tree
from registry.log.merkle import leaf_hash
from registry.log.proof_text import TlogProof
from registry.verify import completeness
from registry.verify.trust import parse as parse_trust
from registry.verify.verdict import Verdict
from tests.builders.command import NOW, ROOT, Greffe, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.builders.witnesses import publish_witnessed, witnessed_reader

Json = dict[str, Any]
ALL_PASSED = dict.fromkeys(completeness.WAITS, "passed")


@pytest.fixture
def trust(filled: Office) -> Json:
    """It asks for a witness; `filled` is published with that witness, with a few organizations more."""
    more = [state(f"BC{n:07d}", f"{n} B.C. LTD.", "1", "2020-01-01") for n in range(100, 120)]
    issue(filled, "table", extract([*STATES, *more]), surroundings("more"))
    publish_witnessed(filled)
    return witnessed_reader(filled).trust()


def judged(document: Json, trust: Json) -> completeness.CompletenessVerdict:
    return completeness.verify_completeness(json.dumps(document).encode(), parse_trust(json.dumps(trust).encode()), NOW)


def results(verdict: Verdict) -> dict[str, str]:
    return {step.name: step.result for step in verdict.steps}


def document_of(office: Office, number: str) -> Json:
    return office.reader.completeness("sample", number).to_json()


@pytest.mark.parametrize(("number", "count"), [("BC0000001", 2), ("BC0000002", 1), ("BC0000119", 1)])
def test_a_history_is_complete(filled: Office, trust: Json, number: str, count: int) -> None:
    document = document_of(filled, number)
    assert len(document["entries"]) == count
    verdict = judged(document, trust)
    assert results(verdict) == ALL_PASSED
    assert (verdict.verdict, verdict.as_of) == ("verified", "2026-01-02T03:04:05Z")
    entries = "1 entry" if count == 1 else f"{count} entries"
    assert verdict.proven == f"{entries} under sample:{number}, and no other"


@pytest.mark.parametrize("number", ["BC0000003", "BC9999999", "0", "-", "bc0000001"])
def test_a_number_that_nobody_has_is_absent(filled: Office, trust: Json, number: str) -> None:
    document = document_of(filled, number)
    assert document["entries"] == []
    assert document["other"] is not None
    verdict = judged(document, trust)
    assert results(verdict) == ALL_PASSED
    assert verdict.proven == f"no entries under sample:{number}"
    assert verdict.to_json()["proven"]["entries"] == 0


def test_a_natural_person_is_not_covered(filled: Office, trust: Json) -> None:
    """Its entries stand under a pseudonym, so nothing stands under its number: the file says what it covers."""
    document = document_of(filled, "FM0000003")
    assert document["entries"] == []
    assert document["covers"] == completeness.COVERS
    assert "pseudonym" in completeness.COVERS
    assert results(judged(document, trust)) == ALL_PASSED


def test_in_an_empty_ledger_every_number_is_absent(office: Office) -> None:
    with pytest.raises(NotPublished):
        office.reader.completeness("sample", "BC0000001")
    publish_witnessed(office)
    document = document_of(office, "BC0000001")
    assert (document["entries"], document["other"], document["path"]) == ([], None, "")
    assert results(judged(document, witnessed_reader(office).trust())) == ALL_PASSED


def test_what_the_trust_file_does_not_ask(filled: Office, trust: Json) -> None:
    lax = trust | {"witnessPolicy": "quorum none\n"}
    present, absent = judged(document_of(filled, "BC0000001"), lax), judged(document_of(filled, "BC0000009"), lax)
    assert results(present) == results(absent) == ALL_PASSED | {"witnessed": "not_asked"}
    assert (present.as_of, absent.as_of) == ("2026-01-02T03:04:05Z", None)
    keyless = judged(document_of(filled, "BC0000001"), trust | {"indexKeys": []})
    assert (keyless.verdict, results(keyless)["complete"]) == ("indeterminate", "indeterminate")


def test_it_was_so_when_the_newest_witness_saw_it(filled: Office, trust: Json) -> None:
    publish_witnessed(filled, NOW + timedelta(seconds=30))
    assert judged(document_of(filled, "BC0000009"), trust).as_of == "2026-01-02T03:04:35Z"
    publish_witnessed(filled, NOW + timedelta(minutes=9))
    assert results(judged(document_of(filled, "BC0000009"), trust))["witnessed"] == "failed"


def _flip(holder: Json, member: str, place: int = 0, bit: int = 1) -> None:
    data = bytearray(base64.b64decode(holder[member]))
    data[place] ^= bit
    holder[member] = base64.b64encode(data).decode()


def _swap_entries(document: Json, others: dict[str, Json]) -> None:
    document["entries"].reverse()


def _absence_for_present(document: Json, others: dict[str, Json]) -> None:
    """The genuine proof that another number is absent, under the name of one that is there."""
    document.update({name: others["absent"][name] for name in ("path", "other", "entries")})


def _leaf_of_itself(document: Json, others: dict[str, Json]) -> None:
    key = map_log.organization_key("sample:BC0000001")
    entries = [base64.b64decode(included["entry"]) for included in document["entries"]]
    value = map_log.value_of((entry.parse(data).index, leaf_hash(data)) for data in entries)
    shown = {"key": base64.b64encode(key).decode(), "value": base64.b64encode(value).decode()}
    document.update(entries=[], other=shown)


def _other_root(document: Json, others: dict[str, Json]) -> None:
    leaf = base64.b64decode(document["map"])
    document["map"] = base64.b64encode((b"1" if leaf[:1] == b"0" else b"0") + leaf[1:]).decode()


Mutation = Callable[[Json, dict[str, Json]], object]
#: of the file of BC0000001 -> what must not pass
MUTATIONS: dict[str, tuple[Mutation, str]] = {
    "the first entry omitted": (lambda f, o: f["entries"].pop(0), "complete"),
    "the last entry omitted": (lambda f, o: f["entries"].pop(), "complete"),
    "all entries omitted": (lambda f, o: f["entries"].clear(), "complete"),
    "an entry twice": (lambda f, o: f["entries"].append(f["entries"][-1]), "complete"),
    "the entries in another order": (_swap_entries, "complete"),
    "absence, where there are entries": (_absence_for_present, "complete"),
    "absence by its own leaf": (_leaf_of_itself, "complete"),
    "the way of another": (lambda f, o: f.update(path=o["other"]["path"]), "complete"),
    "an entry of another": (lambda f, o: f["entries"].append(o["other"]["entries"][0]), "included"),
    "the number of another": (lambda f, o: f.update(number="BC0000002"), "included"),
    "the register of another": (lambda f, o: f.update(register="other"), "included"),
    "the hashes swapped": (
        lambda f, o: f["entries"][0].update(hashes=f["entries"][1]["hashes"]),
        "included",
    ),
    "a bit of a hash": (
        lambda f, o: f["entries"][0]["hashes"].__setitem__(0, base64.b64encode(bytes(32)).decode()),
        "included",
    ),
    "another leaf beside its own": (lambda f, o: f.update(other=o["absent"]["other"]), "complete"),
    "a bit of the way": (lambda f, o: _flip(f, "path", 40), "complete"),
    "a bit number of the way": (lambda f, o: _flip(f, "path", 0), "complete"),
    "the map's root": (_other_root, "complete"),
    "the map's log: another index": (
        lambda f, o: f.update(proof=f["proof"].replace("index 1", "index 0", 1)),
        "complete",
    ),
    "the map of an older checkpoint": (lambda f, o: f.update({n: o["older"][n] for n in ("map", "proof")}), "complete"),
    "the checkpoint of an older map": (lambda f, o: f.update(checkpoint=o["older"]["checkpoint"]), "included"),
    "the checkpoint of the map's log": (
        lambda f, o: f.update(checkpoint=f["proof"].partition("\n\n")[2]),
        "checkpoint_signed",
    ),
    "another origin": (lambda f, o: f.update(origin="elsewhere.example"), "checkpoint_signed"),
    "without cosignature": (
        lambda f, o: f.update(checkpoint=f["checkpoint"][:-1].rpartition("\n")[0] + "\n"),
        "witnessed",
    ),
    "half a step": (lambda f, o: f.update(path="AAAA"), "well_formed"),
    "no entries": (lambda f, o: f.pop("entries"), "well_formed"),
    "an entry that is none": (lambda f, o: f["entries"].append({"entry": "e30=", "hashes": []}), "well_formed"),
    "an entry as text": (lambda f, o: f["entries"].append("x"), "well_formed"),
    "a hash of 31 bytes": (
        lambda f, o: f["entries"][0]["hashes"].append(base64.b64encode(bytes(31)).decode()),
        "well_formed",
    ),
    "other as text": (lambda f, o: f.update(other="x"), "well_formed"),
    "a number of another form": (lambda f, o: f.update(number="BC 1"), "well_formed"),
    "version": (lambda f, o: f.update(v=True), "well_formed"),
    "no type": (lambda f, o: f.pop("type"), "well_formed"),
    "another type": (lambda f, o: f.update(type="Evidence"), "well_formed"),
    "a credential too": (lambda f, o: f.update(credential={}), "well_formed"),
}


@pytest.fixture
def others(filled: Office) -> dict[str, Json]:
    """Before `trust` publishes anew: a file under the first checkpoint."""
    publish_witnessed(filled)
    return {"older": document_of(filled, "BC0000001")}


def files(filled: Office, others: dict[str, Json]) -> dict[str, Json]:
    return {**others, "absent": document_of(filled, "BC0000009"), "other": document_of(filled, "BC0000002")}


def test_every_mutation_fails_at_its_step(filled: Office, others: dict[str, Json], trust: Json) -> None:
    sound, kinds = document_of(filled, "BC0000001"), files(filled, others)
    assert judged(sound, trust).verdict == "verified"
    missed = {}
    for name, (mutate, step) in MUTATIONS.items():
        mutated = copy.deepcopy(sound)
        mutate(mutated, copy.deepcopy(kinds))
        verdict = judged(mutated, trust)
        first = next((outcome.name for outcome in verdict.steps if outcome.result in ("failed", "indeterminate")), None)
        if first != step or verdict.verdict == "verified" or verdict.proven is not None:
            missed[name] = (verdict.verdict, first)
    assert missed == {}


def test_an_absent_number_takes_no_other_leaf(filled: Office, others: dict[str, Json], trust: Json) -> None:
    sound, kinds = document_of(filled, "BC0000009"), files(filled, others)
    for changed in (
        {"other": None},
        {"other": {**sound["other"], "value": base64.b64encode(bytes(32)).decode()}},
        {"number": "BC0000001"},
        {"path": kinds["other"]["path"]},
        {"entries": kinds["other"]["entries"]},
    ):
        verdict = judged({**sound, **changed}, trust)
        assert verdict.verdict == "failed", changed


def test_without_the_map_an_omitted_entry_would_pass(
    filled: Office, others: dict[str, Json], trust: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the mutations: the map's proofs alone tell what was left out."""
    document, kinds = document_of(filled, "BC0000001"), files(filled, others)
    document["entries"].pop(0)
    absent = {**kinds["absent"], "number": "BC0000001"}
    assert judged(document, trust).verdict == judged(absent, trust).verdict == "failed"
    for name in ("check_present", "check_absent"):
        monkeypatch.setattr(map_tree, name, lambda *_: None)
    assert judged(document, trust).verdict == judged(absent, trust).verdict == "verified"


digests = st.binary(min_size=32, max_size=32)
numbers = st.text("ABCxyz0129.-", min_size=1, max_size=32)
SIGNED = "o\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n\n— o AAAAAAA=\n"


@st.composite
def entries(draw: st.DrawFn) -> completeness.Included:
    made = entry.Entry(
        index=draw(st.integers(2, 2**40)),
        time=draw(st.integers(0, 10**12)),
        prev=draw(digests).hex(),
        kind="erase",
        org=f"sample:{draw(numbers)}",
        reason="asked",
        refers=(1,),
    )
    return completeness.Included(made, made.print(), tuple(draw(st.lists(digests, max_size=40))))


files_made = st.builds(
    completeness.Completeness,
    origin=st.text(max_size=20),
    register=st.text("abc019", min_size=1, max_size=16),
    number=numbers,
    signed=st.text(max_size=50),
    map_root=st.builds(map_log.MapRoot, digests, st.just(SIGNED)),
    proof=st.builds(TlogProof, st.integers(0, 10**9), st.lists(digests, max_size=63).map(tuple), st.just(SIGNED)),
    path=st.integers(0, 20).flatmap(lambda steps: st.binary(min_size=33 * steps, max_size=33 * steps)),
    other=st.none() | st.tuples(digests, digests),
    entries=st.lists(entries(), max_size=4).map(tuple),
)


@given(files_made)
@settings(max_examples=60, deadline=None)
def test_files_print_and_parse(document: completeness.Completeness) -> None:
    assert completeness.parse(json.dumps(document.to_json()).encode()) == document


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"v":1,"entries":[]}', b"\xff", b'{"entries":[],"entries":[]}'])
def test_any_bytes_give_a_verdict(filled: Office, trust: Json, data: bytes) -> None:
    verdict = completeness.verify_completeness(data, parse_trust(json.dumps(trust).encode()), NOW)
    assert results(verdict) == dict.fromkeys(completeness.WAITS, "not_reached") | {"well_formed": "failed"}


@pytest.mark.parametrize(("register", "number"), [("", "1"), ("Sample", "1"), ("sample", ""), ("sample", "1:2")])
def test_what_names_no_organization_is_refused(filled: Office, register: str, number: str) -> None:
    with pytest.raises(Malformed, match="not the code of a register"):
        filled.reader.completeness(register, number)


def test_no_file_is_evidence_and_completeness_at_once(greffe: Greffe, tmp_path: Path) -> None:
    """A forged credential beside a genuine proof of absence: neither is believed, whatever the file calls itself."""
    rows = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()[:5]
    (tmp_path / "extract.csv").write_text("\n".join(rows) + "\n", "utf-8")
    greffe("init")
    greffe("issue", "--source", "table", tmp_path / "extract.csv")
    greffe("publish")
    genuine, absent, forged = (tmp_path / f"{name}.json" for name in ("genuine", "absent", "forged"))
    greffe("evidence", "sample", "BC9000001", "-o", genuine)
    greffe("completeness", "sample", "NOBODY1", "-o", absent)
    assert greffe("verify", genuine).stdout.splitlines()[-1].startswith("verified"), "the negative control"
    known = json.loads(greffe("verify", absent, "--json").stdout)["proven"]
    assert known["sentence"] == "no entries under sample:NOBODY1"
    assert (known["register"], known["number"], known["entries"]) == ("sample", "NOBODY1", 0)
    assert "no entries under sample:NOBODY1" in greffe("verify", absent).stdout.splitlines()
    evidence, proof = (json.loads(path.read_text("utf-8")) for path in (genuine, absent))
    evidence["credential"]["credentialSubject"]["legalName"] = "Forged Ltd"
    untyped = {name: value for name, value in proof.items() if name != "type"}
    mixed = [
        {**evidence, **proof},
        {**evidence, **untyped},
        {**evidence, "entries": []},
        {**evidence, "type": "Completeness"},
    ]
    for document in mixed:
        forged.write_text(json.dumps(document), "utf-8")
        output = greffe("verify", forged, expect=1).stdout
        assert "✗ well_formed" in output
        assert "never both" in output
        assert "NOBODY1" not in output
    forged.write_text(json.dumps(untyped), "utf-8")
    assert "✗ well_formed" in greffe("verify", forged, expect=1).stdout


def test_the_command(greffe: Greffe, tmp_path: Path) -> None:
    greffe("init")
    greffe("completeness", "sample", "BC1", expect=75)
    greffe("publish")
    path = tmp_path / "absent.json"
    greffe("completeness", "sample", "BC1", "-o", path)
    verdict = json.loads(greffe("verify", path, "--json").stdout)
    assert [step["step"] for step in verdict["steps"]] == list(completeness.WAITS)
    assert verdict["verdict"] == "verified"
    path.write_text(path.read_text("utf-8").replace('"other": null', '"other": 7'), "utf-8")
    assert "✗ well_formed" in greffe("verify", path, expect=1).stdout
    greffe("completeness", "sample", "BC 1", expect=2)
