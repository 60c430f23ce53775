"""The browser's verifier against the shared cases and published vectors, in a real Chromium."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from registry.canonical import jcs
from tests.web.in_page import call

VECTORS = Path(__file__).parents[1] / "vectors"


def cases(path: str) -> list[dict[str, Any]]:
    """The cases of one vector file."""
    found: list[dict[str, Any]] = json.loads((VECTORS / path).read_text())
    assert found
    return found


@pytest.mark.parametrize("name", ["accepted", "refused"])
def test_strict_json_cases(modules: Page, name: str) -> None:
    wanted = cases(f"json/{name}.json")
    body = """return a.map((text) => {
      try { m.parse(text); return "accepted"; } catch (error) { return error.code ?? `crash: ${error}`; }
    });"""
    results = call(modules, "verify/strict_json.js", body, [case["text"] for case in wanted])
    assert not [result for result in results if result.startswith("crash")]
    differing = [
        case["name"] for case, result in zip(wanted, results, strict=True) if (result != "accepted") != case["refuse"]
    ]
    assert differing == []


def test_jcs_cases(modules: Page) -> None:
    wanted = cases("canonical/cases.json")
    body = """const { parse } = await load("verify/strict_json.js"); return a.map((text) => m.print(parse(text)));"""
    results = call(modules, "verify/canonical.js", body, [case["text"] for case in wanted])
    assert results == [case["canonical"] for case in wanted]


def test_jcs_agrees_with_python_on_many_objects(modules: Page) -> None:
    names = ["a", "B", "é", "\uff5e", "😀", "", "10", "9", "__proto__", "\u2028", '"', "\\", "\n"]
    objects = [
        {name: [number, {other: name}] for number, name in enumerate(names[start:])}
        for start in range(len(names))
        for other in names
    ]
    body = "const { parse } = await load('verify/strict_json.js'); return a.map((text) => m.print(parse(text)));"
    results = call(modules, "verify/canonical.js", body, [json.dumps(one) for one in objects])
    assert results == [jcs(one).decode() for one in objects]


UNHEX = "const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));"


def test_merkle_roots(modules: Page) -> None:
    wanted: Any = json.loads((VECTORS / "merkle/roots.json").read_text())
    body = f"""{UNHEX}
      const {{ hex }} = await load("verify/bytes.js");
      const leaves = await Promise.all(a.map((entry) => m.leafHash(unhex(entry))));
      const sizes = [...leaves.keys(), leaves.length];
      return Promise.all(sizes.map(async (size) => hex(await m.rootOf(leaves.slice(0, size)))));"""
    assert call(modules, "verify/merkle.js", body, wanted["leaves"]) == wanted["roots"]


def test_inclusion_cases(modules: Page) -> None:
    wanted = cases("merkle/inclusion.json")
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
