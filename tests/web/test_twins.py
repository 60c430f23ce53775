"""One evidence, two verifiers: steps.js in Chromium and registry/verify/steps.py say the same, step by step, damaged or not."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from registry.encoding.jcs import jcs
from registry.errors import Malformed
from registry.log import note
from registry.verify import trust as trusts
from registry.verify.steps import STEPS, verify
from schemas import codes
from search.pages.static_files import act_file
from tests.builders.reader import SmallRegistry
from tests.web.in_page import SERVED, call

NOW = datetime(2026, 11, 22, 9, 0, 0, tzinfo=UTC)


def browser_verdict(
    page: Page, evidence: str, trust: dict[str, Any], at: datetime = NOW, on: str | None = None
) -> dict[str, Any]:
    """The verdict of steps.js, with the page's own pinned contexts and schemas beside the given trust file."""
    body = """const { trust } = await load("trust.js");
      return m.verify(a.evidence, { ...a.trust, pinned: trust.pinned }, new Date(a.at), a.on);"""
    argument = {"evidence": evidence, "trust": trust, "at": at.isoformat(), "on": on}
    verdict: dict[str, Any] = call(page, SERVED, body, argument)
    return verdict


def python_verdict(evidence: str, trust: dict[str, Any], at: datetime = NOW) -> dict[str, Any]:
    """The verdict of the twin."""
    return verify(evidence.encode(), trusts.parse(jcs(trust)), at).to_json()


@pytest.mark.parametrize("number", ["BC0000001", "FM0000002", "BC0000004"])
def test_sound_evidence_is_verified(modules: Page, registry: SmallRegistry, number: str) -> None:
    text = registry.evidence_text("sample", number, 1)
    verdict = browser_verdict(modules, text, registry.trust())
    assert verdict["verdict"] == "verified"
    assert verdict["asOf"] == "2026-09-21T14:13:21Z"
    assert [step["step"] for step in verdict["steps"]] == list(STEPS)
    assert verdict == python_verdict(text, registry.trust())


WITNESS = "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"

Mutation = Callable[[dict[str, Any], dict[str, Any]], None]


def _flip(text: str, place: int = 5) -> str:
    return text[:place] + ("B" if text[place] != "B" else "C") + text[place + 1 :]


def _claim(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["credential"]["credentialSubject"]["legalName"] = "SOMETHING ELSE LTD."


def _proof(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    proof = evidence["credential"]["proof"][0]
    proof["proofValue"] = _flip(proof["proofValue"], 20)


def _suite(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["credential"]["proof"][0]["cryptosuite"] = "eddsa-rdfc-2022"


def _no_proof(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["credential"]["proof"] = []


def _entry(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["entry"] = evidence["issuerKeys"]["entry"]


def _salt(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["salt"] = _flip(evidence["salt"])


def _short_salt(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["salt"] = "AAAA"


def _path_hash(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    lines = evidence["proof"].split("\n")
    lines[2] = _flip(lines[2])
    evidence["proof"] = "\n".join(lines)


def _index(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["proof"] = evidence["proof"].replace("index ", "index 1", 1)


def _one_checkpoint(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["statusList"]["proof"] = evidence["statusList"]["proof"].replace("localhost:8000\n", "localhost:8001\n", 1)


def _checkpoint_signature(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    for carrier in (evidence, evidence["statusList"], evidence["issuerKeys"]):
        carrier["proof"] = carrier["proof"][:-10] + _flip(carrier["proof"][-10:], 1)


def _origin(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["origin"] = "elsewhere.example"


def _issuer(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["credential"]["issuer"]["id"] = "did:web:elsewhere.example"


def _register(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    trust["issuers"][0]["registers"] = ["im"]


def _org(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["orgSalt"] = "A" * 43 + "="


def _list_bits(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    subject = evidence["statusList"]["credential"]["credentialSubject"]
    subject["encodedList"] = _flip(subject["encodedList"], 30)


def _no_list(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    del evidence["statusList"]


def _other_list(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["statusList"]["credential"]["id"] += "1"


def _list_entry(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["statusList"]["entry"] = evidence["issuerKeys"]["entry"]


def _key_salt(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["issuerKeys"]["salt"] = _flip(evidence["issuerKeys"]["salt"])


def _key_use(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    trust["issuers"][0]["keys"][0]["use"] = "status"


def _context(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    contexts = trust["contexts"]
    contexts[next(url for url in contexts if "organization" in url)] = "0" * 64


def _witnesses(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    trust["witnessPolicy"] = f"witness w {WITNESS}\nquorum w\n"


def _no_policy(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    trust["witnessPolicy"] = "witness w example\nquorum w\n"


def _current(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    trust["require"]["current"] = True


def _version(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["v"] = 2


def _not_object(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["issuerKeys"] = []


def _no_subject(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    del evidence["credential"]["credentialSubject"]


def _odd_status(evidence: dict[str, Any], trust: dict[str, Any]) -> None:
    evidence["credential"]["credentialStatus"] = None


FAILING: dict[str, tuple[Mutation, str]] = {
    "claim": (_claim, "proof_valid"),
    "proof value": (_proof, "proof_valid"),
    "unknown suite": (_suite, "proof_valid"),
    "no proof": (_no_proof, "proof_valid"),
    "other entry": (_entry, "entry_matches"),
    "salt": (_salt, "entry_matches"),
    "short salt": (_short_salt, "well_formed"),
    "path hash": (_path_hash, "included"),
    "index": (_index, "entry_matches"),
    "one checkpoint differs": (_one_checkpoint, "checkpoint_signed"),
    "checkpoint signature": (_checkpoint_signature, "checkpoint_signed"),
    "origin": (_origin, "checkpoint_signed"),
    "issuer": (_issuer, "issuer_trusted"),
    "register not trusted": (_register, "issuer_trusted"),
    "org": (_org, "entry_matches"),
    "bits of the list": (_list_bits, "not_revoked"),
    "no list": (_no_list, "not_revoked"),
    "id of the list": (_other_list, "not_revoked"),
    "entry of the list": (_list_entry, "not_revoked"),
    "salt of the keys": (_key_salt, "entry_matches"),
    "use of the key": (_key_use, "proof_valid"),
    "context hash": (_context, "proof_valid"),
    "version": (_version, "well_formed"),
    "issuerKeys no object": (_not_object, "well_formed"),
    "no subject": (_no_subject, "issuer_trusted"),
    "status is null": (_odd_status, "proof_valid"),
}


@pytest.mark.parametrize("name", FAILING)
def test_damaged_evidence_fails_at_its_step_as_in_python(modules: Page, registry: SmallRegistry, name: str) -> None:
    mutate, step = FAILING[name]
    evidence, trust = copy.deepcopy(registry.evidence("sample", "BC0000001", 2)), registry.trust()
    mutate(evidence, trust)
    text = json.dumps(evidence, ensure_ascii=False)
    verdict = browser_verdict(modules, text, trust)
    assert verdict["verdict"] == "failed"
    failed = [step["step"] for step in verdict["steps"] if step["result"] == "failed"]
    assert failed[0] == step
    assert_same(verdict, python_verdict(text, trust))


@pytest.mark.parametrize(("mutate", "step"), [(_witnesses, "witnessed"), (_current, "current")])
def test_what_is_asked_and_not_given_is_indeterminate(
    modules: Page, registry: SmallRegistry, mutate: Mutation, step: str
) -> None:
    evidence, trust = registry.evidence("sample", "BC0000001", 2), registry.trust()
    mutate(evidence, trust)
    verdict = browser_verdict(modules, json.dumps(evidence), trust)
    assert verdict["verdict"] == "indeterminate"
    assert [step["step"] for step in verdict["steps"] if step["result"] == "indeterminate"] == [step]
    assert verdict == python_verdict(json.dumps(evidence), trust)


def test_a_policy_that_python_refuses_is_refused(modules: Page, registry: SmallRegistry) -> None:
    evidence, trust = registry.evidence("sample", "BC0000001", 2), registry.trust()
    _no_policy(evidence, trust)
    verdict = browser_verdict(modules, json.dumps(evidence), trust)
    reasons = {step["step"]: step["reason"] for step in verdict["steps"] if step["result"] == "failed"}
    assert (verdict["verdict"], reasons) == ("failed", {"witnessed": "line 1 of the policy: not a verifier key"})
    with pytest.raises(Malformed, match="line 1 of the policy: not a verifier key"):
        trusts.parse(jcs(trust))


def test_revoked_fails_with_its_reason(modules: Page, registry: SmallRegistry) -> None:
    text = registry.evidence_text("sample", "BC0000003", 1)
    verdict = browser_verdict(modules, text, registry.trust())
    assert [step["reason"] for step in verdict["steps"] if step["step"] == "not_revoked"] == ["revoked"]
    assert verdict == python_verdict(text, registry.trust())


def test_a_date_in_the_future_fails_beyond_a_minute(modules: Page, registry: SmallRegistry) -> None:
    text = registry.evidence_text("sample", "BC0000001", 1)
    within, beyond = datetime(2026, 9, 21, 14, 12, 20, tzinfo=UTC), datetime(2026, 9, 21, 14, 12, 19, tzinfo=UTC)
    assert browser_verdict(modules, text, registry.trust(), within)["verdict"] == "verified"
    verdict = browser_verdict(modules, text, registry.trust(), beyond)
    assert verdict == python_verdict(text, registry.trust(), beyond)
    assert [step["step"] for step in verdict["steps"] if step["result"] == "failed"] == ["in_validity"]


def test_what_was_corrected_was_in_force_on_no_day(modules: Page) -> None:
    shared = json.loads((Path(__file__).parents[2] / "schemas/vectors/verify.json").read_text("utf-8"))
    text, day = shared["bases"]["corrected"], date(2022, 6, 1)
    verdict = browser_verdict(modules, text, shared["trust"], datetime.fromisoformat(shared["at"]), day.isoformat())
    assert (
        verdict
        == verify(
            text.encode(), trusts.parse(jcs(shared["trust"])), datetime.fromisoformat(shared["at"]), day
        ).to_json()
    )
    assert {step["step"]: step["code"] for step in verdict["steps"]}["current"] == "corrected"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"v":1}', "NaN", "[" * 100_000, '"\\ud800"', "x" * 300_000])
def test_any_text_gives_a_verdict(modules: Page, registry: SmallRegistry, text: str) -> None:
    verdict = browser_verdict(modules, text, registry.trust())
    assert [step["result"] for step in verdict["steps"]] == ["failed"] + ["not_reached"] * 9
    assert verdict["asOf"] is None


def test_every_single_wrong_type_gives_a_verdict(modules: Page, registry: SmallRegistry) -> None:
    sound = registry.evidence("sample", "BC0000001", 2)
    paths = [path for path in _paths(sound) if len(path) <= 5]
    texts = []
    for path in paths:
        for value in (None, 7, [], {}, "x"):
            changed = copy.deepcopy(sound)
            place: Any = changed
            for name in path[:-1]:
                place = place[name]
            if place[path[-1]] != value:
                place[path[-1]] = value
                texts.append((path, json.dumps(changed)))
    body = """const { trust } = await load("trust.js");
      const results = [];
      for (const text of a) results.push((await m.verify(text, trust, new Date("2026-11-22T09:00:00Z"))).verdict);
      return results;"""
    results = call(modules, SERVED, body, [text for _, text in texts])
    ignored = {("latest",)}
    assert len(texts) > 200
    assert [
        path for (path, _), result in zip(texts, results, strict=True) if result != "failed" and path not in ignored
    ] == []


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    paths = [path] if path else []
    for name, item in inner:
        paths += _paths(item, (*path, name))
    return paths


def assert_same(browser: dict[str, Any], python: dict[str, Any]) -> None:
    """The same verdict, results and time; the reasons too, but where they quote a parser's place."""
    assert browser["verdict"] == python["verdict"]
    assert browser["asOf"] == python["asOf"]
    assert [(step["step"], step["result"]) for step in browser["steps"]] == [
        (step["step"], step["result"]) for step in python["steps"]
    ]
    for mine, theirs in zip(browser["steps"], python["steps"], strict=True):
        if mine["step"] in ("issuer_trusted", "witnessed", "entry_matches", "included", "not_revoked", "current"):
            assert mine["reason"] == theirs["reason"]


def _is_note(text: str) -> bool:
    try:
        note.parse(text)
    except Malformed:
        return False
    return True


def test_every_character_is_in_a_name_or_not_for_both(modules: Page) -> None:
    """What is a space differs between the two languages: all of the first plane, and some above it."""
    characters = [chr(c) for c in (*range(0xD800), *range(0xE000, 0x10000), 0x1F600, 0xE0020, 0x10FFFF)]
    body = """return a.filter((character) => {
        try { m.parse(`o\\n1\\nx\\n\\n— a${character}b AAAAAAA=\\n`); return false; } catch { return true; }
      });"""
    refused: list[str] = call(modules, "verify/note.js", body, characters)
    assert refused == [c for c in characters if not _is_note(f"o\n1\nx\n\n— a{c}b AAAAAAA=\n")]
    assert {"\x85", "\u2028", "\u3000", " ", "+"} <= set(refused), "spaces of Python's"
    assert {"\ufeff", "\u180e", "\u200b", "\x7f"}.isdisjoint(refused), "U+FEFF is a space of JavaScript's alone"


def test_both_find_the_words_of_an_act_in_the_same_file(modules: Page) -> None:
    known = [code for table in ("event", "filing") for code in codes.codes(table, "sample")] + ["", "É", "x" * 99]
    assert len(known) > 500
    assert call(modules, "acts.js", "return a.map(m.fileOf);", known) == [act_file(code) for code in known]
