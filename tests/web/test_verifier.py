"""The browser's verifier against the shared cases and published vectors, in a real Chromium."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

import schemas
from registry.credential.document import check_schema
from registry.encoding.jcs import jcs
from registry.errors import Malformed, Untrue
from registry.keys import HeldKey, MlDsaKey, Signer, SigningKey, from_multikey, multikey, secret_of
from registry.log import checkpoint, cosignature, note
from registry.log import policy as tlog_policy
from registry.verify.steps import STEPS
from tests.mutations.bits import flip
from tests.vectors.json_cases import text_of
from tests.vectors.make_trust import changed
from tests.web.hostile import ORGANIZATION
from tests.web.in_page import CHECKER, SERVED, call

VECTORS = Path(__file__).parents[2] / "schemas" / "vectors"


#: every vector file, with the fewest cases that it holds
FILES = {
    "json-accepted.json": 23,
    "json-refused.json": 64,
    "jcs.json": 6,
    "inclusion.json": 95,
    "roots.json": 9,
    "verify.json": 157,
    "decided.json": 120,
    "completeness.json": 49,
    "trust.json": 61,
    "nquads.json": 139,
    "cosignatures.json": 20,
    "policies.json": 52,
}


def cases(path: str) -> list[dict[str, Any]]:
    """The cases of one vector file, all of them."""
    cases: list[dict[str, Any]] = json.loads((VECTORS / path).read_text("utf-8"))
    assert len(cases) >= FILES[path]
    assert len({case["name"] for case in cases}) == len(cases)
    return cases


def test_no_vector_file_is_left_unread() -> None:
    files = {path.relative_to(VECTORS).as_posix() for path in VECTORS.rglob("*.json")}
    assert files == FILES.keys()


@pytest.mark.parametrize(
    ("path", "module", "name"),
    [("/verify", SERVED, "verify"), (ORGANIZATION, CHECKER, "verify"), ("/verify", SERVED, "decided")],
)
def test_every_verdict_of_the_shared_cases(page: Page, site: str, path: str, module: str, name: str) -> None:
    page.goto(f"{site}/en{path}")
    shared = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    wanted = shared["cases"]
    assert len(wanted) >= FILES[f"{name}.json"]
    body = """const { trust: { pinned } } = await load("trust.js");
      const verdicts = [];
      for (const { base, at, delete: gone, insert, trust, on } of a.cases) {
        const text = Array.from(a.bases[base]);
        text.splice(at, gone, insert);
        verdicts.push(await m.verify(text.join(""), { ...a.trust, ...trust, pinned }, new Date(a.at), on));
      }
      return verdicts;"""
    verdicts = call(page, module, body, shared)
    answers = [
        {
            "verdict": verdict["verdict"],
            "asOf": verdict["asOf"],
            **{name: verdict[name] for name in ("on", "organization", "inForce", "replacedBy")},
            "steps": {step["step"]: step["result"] for step in verdict["steps"]},
            "codes": {step["step"]: step["code"] for step in verdict["steps"] if step["code"] is not None},
        }
        for verdict in verdicts
    ]
    differing = {
        case["name"]: (mine, case["expect"])
        for case, mine in zip(wanted, answers, strict=True)
        if mine != case["expect"] or list(mine["steps"]) != list(STEPS)
    }
    assert differing == {}


def test_what_is_a_trust_file_and_what_is_none(modules: Page) -> None:
    shared: Any = json.loads((VECTORS / "trust.json").read_text("utf-8"))
    texts = [json.dumps(changed(shared["trust"], case)) for case in shared["cases"]]
    body = """return Promise.all(a.map((text) => m.parse(text).then(() => false, (error) => error.code ?? `crash: ${error}`)));"""
    results = call(modules, "verify/trust_file.js", body, texts)
    assert not [result for result in results if str(result).startswith("crash")]
    answers = {case["name"]: bool(result) for case, result in zip(shared["cases"], results, strict=True)}
    assert answers == {case["name"]: case["refuse"] for case in shared["cases"]}
    assert len(answers) == FILES["trust.json"]


@pytest.mark.parametrize("name", ["accepted", "refused"])
def test_strict_json_cases(modules: Page, name: str) -> None:
    wanted = cases(f"json-{name}.json")
    body = """return a.map((text) => {
      try { m.parse(text); return "accepted"; } catch (error) { return error.code ?? `crash: ${error}`; }
    });"""
    results = call(modules, "verify/strict_json.js", body, [text_of(case) for case in wanted])
    assert not [result for result in results if result.startswith("crash")]
    differing = [
        case["name"] for case, result in zip(wanted, results, strict=True) if (result != "accepted") != case["refuse"]
    ]
    assert differing == []


def test_jcs_cases(modules: Page) -> None:
    wanted = cases("jcs.json")
    body = """const { parse } = await load("verify/strict_json.js"); return a.map((text) => m.print(parse(text)));"""
    results = call(modules, "verify/jcs.js", body, [case["text"] for case in wanted])
    assert results == [case["canonical"] for case in wanted]


def test_jcs_agrees_with_python_on_many_objects(modules: Page) -> None:
    names = ["a", "B", "é", "\uff5e", "😀", "", "10", "9", "__proto__", "\u2028", '"', "\\", "\n"]
    objects = [
        {name: [number, {other: name}] for number, name in enumerate(names[start:])}
        for start in range(len(names))
        for other in names
    ]
    body = "const { parse } = await load('verify/strict_json.js'); return a.map((text) => m.print(parse(text)));"
    results = call(modules, "verify/jcs.js", body, [json.dumps(value) for value in objects])
    assert results == [jcs(value).decode() for value in objects]


def test_canonical_nquads(modules: Page) -> None:
    shared: Any = json.loads((VECTORS / "nquads.json").read_text("utf-8"))
    wanted = shared["cases"]
    assert len(wanted) >= FILES["nquads.json"]
    body = """const { parse } = await load("verify/strict_json.js");
      return a.cases.map(({ tables, text }) => {
        try { return m.nquads(a.tables[tables], parse(text)); }
        catch (error) { return error.code === undefined ? `crash: ${error}` : null; }
      });"""
    posted = [{"tables": case["tables"], "text": json.dumps(case["document"])} for case in wanted]
    texts = call(modules, "verify/nquads.js", body, {"tables": shared["tables"], "cases": posted})
    differing = [case["name"] for case, mine in zip(wanted, texts, strict=True) if mine != case["nquads"]]
    assert differing == []
    assert 20 < sum(mine is None for mine in texts) < len(texts) - 20


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_signatures_of_every_kind_of_key(modules: Page, kind: str) -> None:
    """Points are unfolded from their compressed form: half of them have an odd y."""
    messages = []
    for n in range(12):
        signer = HeldKey(kind, secret_of(kind, bytes([n]) * 32)).signer()
        message = b"message %d" % n
        signature = signer.sign(message)
        wrong = flip(signature, -8)
        messages.append([multikey(signer.public), signature.hex(), wrong.hex(), message.hex()])
    body = f"""{UNHEX}
      return Promise.all(a.map(async ([key, signature, wrong, message]) => {{
        const holds = (one) => m.isSigned(m.fromMultikey(key), unhex(one), unhex(message));
        return [await holds(signature), await holds(wrong), await holds(signature.slice(2))];
      }}));"""
    assert call(modules, "verify/keys.js", body, messages) == [[True, False, False]] * 12
    assert len({from_multikey(key).raw[:1] for key, *_ in messages}) == (11 if kind == "Ed25519" else 2)


UNHEX = "const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));"


def test_merkle_roots(modules: Page) -> None:
    wanted: Any = json.loads((VECTORS / "roots.json").read_text("utf-8"))
    assert len(wanted["roots"]) == len(wanted["leaves"]) + 1 == FILES["roots.json"]
    body = f"""{UNHEX}
      const {{ hex }} = await load("verify/bytes.js");
      const leaves = await Promise.all(a.map((entry) => m.leafHash(unhex(entry))));
      const sizes = [...leaves.keys(), leaves.length];
      return Promise.all(sizes.map(async (size) => hex(await m.rootOf(leaves.slice(0, size)))));"""
    assert call(modules, "verify/merkle.js", body, wanted["leaves"]) == wanted["roots"]


def test_inclusion_cases(modules: Page) -> None:
    wanted = cases("inclusion.json")
    body = f"""{UNHEX}
      return Promise.all(a.map(async (one) => {{
        try {{
          await m.checkInclusion(one.index, one.size, unhex(one.leaf), one.proof.map(unhex), unhex(one.root));
          return "accepted";
        }} catch (error) {{ return error.code ?? `crash: ${{error}}`; }}
      }}));"""
    results = call(modules, "verify/merkle.js", body, wanted)
    assert [case["name"] for case, result in zip(wanted, results, strict=True) if result.startswith("crash")] == []
    differing = [
        case["name"] for case, result in zip(wanted, results, strict=True) if (result != "accepted") != case["refuse"]
    ]
    assert differing == []


def test_published_note_and_checkpoint_vectors(modules: Page) -> None:
    example = {
        "vkey": "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "text": "This is an example message.\n",
        "line": "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72I"
        "neyaQM=\n",
    }
    ledger = {
        "vkey": "orgbook.example/ledger/v1+45f83828+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
        "text": "orgbook.example/ledger/v1\n3\nNmQuc8JUCrEh46a/lUWwokmCzYMOsT080Z3jzmwCHsE=\n",
        "line": "— orgbook.example/ledger/v1 Rfg4KPnME/6UuDUn4EkclszKpPbGSToBSdHqnZEurOmYNkxNlRJ5L7Dvp+8r/mKrzCht75Tvo"
        "H8f37Nx9t2qUX/bHws=\n",
    }
    body = """const results = [];
      for (const { vkey, text, line } of a) {
        const note = m.parse(`${text}\\n${line}`);
        results.push((await m.check(note, [await m.parseVkey(vkey)])).length, m.print(note) === `${text}\\n${line}`);
        const changed = m.parse(`${text.replace("e", "f")}\\n${line}`);
        results.push(await m.check(changed, [await m.parseVkey(vkey)]).catch((error) => error.code));
        results.push(await m.check(note, []).catch((error) => error.code));
      }
      return results;"""
    results = call(modules, "verify/note.js", body, [example, ledger])
    assert results == [1, True, "signature", "signature"] * 2


def test_cosignatures(modules: Page) -> None:
    """Those of ML-DSA-44 are found and never believed."""
    shared: Any = json.loads((VECTORS / "cosignatures.json").read_text("utf-8"))
    wanted = shared["cases"]
    assert len(wanted) == FILES["cosignatures.json"]
    body = """const note = await load("verify/note.js");
      return Promise.all(a.map(async ({ vkey, note: text }) => {
        const key = await note.parseVkey(vkey, note.COSIGNATURES);
        return m.check(note.parse(text), key).catch((error) => error.code ?? `crash: ${error}`);
      }));"""
    results = call(modules, "verify/cosignature.js", body, wanted)
    is_read = {case["name"]: note.parse_vkey(case["vkey"], note.COSIGNATURES).algorithm == 4 for case in wanted}
    expected = {
        case["name"]: case.get("seconds", case.get("code")) if is_read[case["name"]] else "not_cosigned"
        for case in wanted
    }
    assert dict(zip(expected, results, strict=True)) == expected
    assert 5 < sum(is_read.values()) < len(wanted)


def test_policies(modules: Page) -> None:
    shared: Any = json.loads((VECTORS / "policies.json").read_text("utf-8"))
    accepted, refused = shared["accepted"], shared["refused"]
    assert len(accepted) + len(refused) == FILES["policies.json"]
    body = """const met = (policy, sets) => sets.map((names) => m.isMet(policy, new Set(names)));
      const accepted = await Promise.all(a.accepted.map(async ({ text, met: enough, unmet }) => {
        const policy = await m.parse(text);
        return [met(policy, enough), met(policy, unmet)];
      }));
      const refused = await Promise.all(a.refused.map(({ text }) =>
        m.parse(text).then(() => "accepted", (error) => `${error.code}: ${error.message}`)));
      return [accepted, refused];"""
    decisions, reasons = call(modules, "verify/policy.js", body, shared)
    assert decisions == [[[True] * len(case["met"]), [False] * len(case["unmet"])] for case in accepted]
    refusals = {case["name"]: _refusal(case["text"]) for case in refused}
    assert dict(zip(refusals, reasons, strict=True)) == refusals


def _refusal(text: str) -> str:
    with pytest.raises(Malformed) as error:
        tlog_policy.parse(text)
    return f"{error.value.code}: {error.value.message}"


ML_DSA = MlDsaKey(b"\x04" * 32)


@pytest.mark.parametrize(
    ("quorum", "cosigners", "wanted"),
    [
        ("one", ["one"], "passed"),
        ("either", ["one", "two"], "passed"),
        ("both", ["one", "two"], "indeterminate"),
        ("two", ["one", "two"], "indeterminate"),
        ("two", ["two"], "indeterminate"),
        ("both", ["two"], "failed"),
        ("two", ["one"], "failed"),
        ("one", [], "indeterminate"),
    ],
)
def test_what_this_browser_cannot_check_is_never_counted(
    modules: Page, quorum: str, cosigners: list[str], wanted: str
) -> None:
    """The witness `two` cosigns with ML-DSA-44; Python, which can check that, passes what is indeterminate here."""
    signers: dict[str, Signer] = {"one": SigningKey(b"\x02" * 32), "two": ML_DSA}
    lines = "".join(
        f"witness {name} {cosignature.verifier_key(name, key.public).print()}\n" for name, key in signers.items()
    )
    groups = {"either": "group either any one two\n", "both": "group both all one two\n"}
    policy = f"{lines}{groups.get(quorum, '')}quorum {quorum}\n"
    text = checkpoint.Checkpoint("log.example", 3, bytes(32)).print()
    signed = note.sign(text, "log.example", SigningKey(b"\x01" * 32))
    made = [cosignature.make(text, name, signers[name], 1_700_000_000) for name in cosigners]
    signed_text = note.Note(text, (*signed.signatures, *made)).print()
    body = """const found = m.checkWitnessed(await m.parse(a.policy), a.signed, (a.latest - 60) * 1000);
      return found.then(({ missing }) => missing ?? "passed", (error) => `failed: ${error.message}`);"""
    argument = {"policy": policy, "signed": signed_text, "latest": 1_700_000_000}
    results = call(modules, "verify/policy.js", body, argument)
    reasons = {
        "passed": "passed",
        "indeterminate": "the policy needs a cosignature of ML-DSA-44, which this browser cannot check",
        "failed": "failed: the witnesses that cosigned are fewer than the policy demands",
    }
    assert results == (reasons[wanted] if cosigners else "no witness of the policy has cosigned the checkpoint")
    early = call(modules, "verify/policy.js", body, {**argument, "latest": 1_699_999_999})
    if quorum in ("one", "both") and cosigners:
        assert early == reasons["failed"], "one of the future does not count"


def test_a_gzip_bomb_is_stopped(modules: Page) -> None:
    body = """const zeros = new Blob([new Uint8Array(64 * 1024 * 1024)]).stream().pipeThrough(new CompressionStream("gzip"));
      const packed = new Uint8Array(await new Response(zeros).arrayBuffer());
      let text = "";
      for (const byte of packed) text += String.fromCharCode(byte);
      const encoded = `u${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
      return m.inflate(encoded).then(() => "inflated", (error) => error.message);"""
    assert call(modules, "verify/status.js", body, None) == "the list is too large"


def test_an_unknown_schema_keyword_is_never_skipped(modules: Page) -> None:
    body = """try { m.checkSchema("x", { type: "string", format: "date" }); return "passed"; }
      catch (error) { return error.message; }"""
    assert call(modules, "verify/schema.js", body, None) == "unknown schema keyword format"


STATUS = {
    "id": "http://localhost:8000/status/revocation/sample-1#5",
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "5",
    "statusListCredential": "http://localhost:8000/status/revocation/sample-1",
}
#: what is wrong or right with it -> credentialStatus, and whether the schema takes it
STATUSES: dict[str, tuple[Any, bool]] = {
    "one object": (STATUS, True),
    "an array of one": ([STATUS], True),
    "an array of two": ([STATUS, {**STATUS, "statusPurpose": "suspension"}], True),
    "an empty array": ([], False),
    "an array of three": ([STATUS] * 3, False),
    "an array in an array": ([[STATUS]], False),
    "text": ("revocation", False),
    "null": (None, False),
    "a number": (5, False),
    "true": (True, False),
    "an array of text": (["revocation"], False),
    "an object without members": ({}, False),
    "one good, one empty": ([STATUS, {}], False),
    "a member too many": ({**STATUS, "statusSize": "1"}, False),
    "a member too many in an array": ([{**STATUS, "statusSize": "1"}], False),
    "a member too few": ({name: value for name, value in STATUS.items() if name != "statusPurpose"}, False),
    "another type": ({**STATUS, "type": "StatusList2021Entry"}, False),
    "another purpose": ({**STATUS, "statusPurpose": "message"}, False),
    "an index that is a number": ({**STATUS, "statusListIndex": 5}, False),
    "an index with a zero in front": ([{**STATUS, "statusListIndex": "05"}], False),
    "an index of seven digits": ({**STATUS, "statusListIndex": "1234567"}, False),
    "a list that is no address": ([{**STATUS, "statusListCredential": "javascript:x"}], False),
}


def test_credential_status_is_one_object_or_an_array_and_nothing_else(modules: Page) -> None:
    evidence = json.loads(json.loads((VECTORS / "verify.json").read_text("utf-8"))["bases"]["company"])
    schema = schemas.schema_document("organization/v1")
    assert "anyOf" in schema["properties"]["credentialStatus"]
    documents = [{**evidence["credential"], "credentialStatus": status} for status, _ in STATUSES.values()]
    body = """return a.documents.map((document) => {
      try { m.checkSchema(document, a.schema); return "fits"; }
      catch (error) { return error.code === "schema" ? error.message : `crash: ${error}`; }
    });"""
    results = call(modules, "verify/schema.js", body, {"documents": documents, "schema": schema})
    wanted = [
        "fits" if fits else "the closed schema does not fit at /credentialStatus" for _, fits in STATUSES.values()
    ]
    assert dict(zip(STATUSES, results, strict=True)) == dict(zip(STATUSES, wanted, strict=True))
    assert dict(zip(STATUSES, map(_told_by_python, documents), strict=True)) == dict(zip(STATUSES, wanted, strict=True))


def _told_by_python(document: dict[str, Any]) -> str:
    try:
        check_schema("organization/v1", document)
    except Untrue as error:
        return error.message
    return "fits"


def test_no_branch_hides_an_unknown_keyword(modules: Page) -> None:
    body = """try { m.checkSchema({}, { anyOf: [{ type: "string" }, { unknown: 1 }] }); return "passed"; }
      catch (error) { return error.message; }"""
    assert call(modules, "verify/schema.js", body, None) == "unknown schema keyword unknown"
