"""Two verifiers, one verdict: seeded damage to files, judged by Python and by a real Chromium, step by step.

Fifteen hundred files in `make soak`, fewer in every run.
"""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page

from registry.encoding.jcs import jcs
from registry.verify import trust as trusts
from registry.verify.completeness import verify_completeness
from registry.verify.steps import verify
from tests.builders.command import NOW, SOAK
from tests.mutations.any_form import WAYS
from tests.mutations.any_part import damaged
from tests.mutations.signed_oddly import signed_oddly
from tests.web.in_page import SERVED, call

Json = dict[str, Any]
EVIDENCE, COMPLETENESS, SIGNED = (1200, 300, 600) if SOAK else (150, 60, 40)
AT_ONCE = 50
SHARED: dict[str, tuple[Json, dict[str, Json]]] = {"signed": ({}, {})}
for _what, _name in (("evidence", "verify"), ("completeness", "completeness")):
    _vectors = json.loads((Path(__file__).parents[2] / f"schemas/vectors/{_name}.json").read_text("utf-8"))
    SHARED[_what] = _vectors["trust"], {name: json.loads(text) for name, text in _vectors["bases"].items()}
#: what the reader asks for, beside what is in the vectors' trust file
TRUSTS: list[Json] = [
    {},
    {},
    {},
    {"require": {"current": False}},
    {"witnessPolicy": "quorum none\n"},
    {"indexKeys": []},
    {"witnessPolicy": "quorum none\n", "require": {"current": False}},
]
MOMENTS = [NOW, NOW, NOW, NOW - timedelta(seconds=60), NOW - timedelta(seconds=61), NOW + timedelta(days=4000)]
MOMENTS += [datetime(1971, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
DAYS = [
    None,
    None,
    "2020-01-01",
    "2021-02-02",
    "2021-02-03",
    "2021-02-04",
    "2026-01-02",
    "2026-01-03",
    "0001-01-01",
    "9999-12-31",
]


def case(what: str, number: int) -> Json:
    """What both are asked; the file's bytes as base64."""
    seed = f"{what} {number}"
    if what == "signed":
        name, evidence, trust = signed_oddly(seed)
        data = base64.b64encode(json.dumps(evidence).encode()).decode()
        return {"seed": seed, "way": name, "data": data, "at": "2026-11-22T09:00:00Z", "on": None, "trust": trust}
    name, _, made = damaged(seed, SHARED[what][1])
    random = Random(f"around {seed}")
    moment, day = random.choice(MOMENTS), random.choice(DAYS)
    around = {"at": moment.isoformat().replace("+00:00", "Z"), "on": day, "trust": random.choice(TRUSTS)}
    return {"seed": seed, "way": name, "data": base64.b64encode(made).decode(), **around}


def by_python(what: str, asked: Json) -> Json:
    trust = trusts.parse(jcs({**SHARED[what][0], **asked["trust"]}))
    data, moment = base64.b64decode(asked["data"]), datetime.fromisoformat(asked["at"])
    if what == "completeness":
        verdict = verify_completeness(data, trust, moment).to_json()
        proven = verdict["proven"] and {name: verdict["proven"][name] for name in ("register", "number", "entries")}
        return {name: verdict[name] for name in ("verdict", "asOf", "type", "steps")} | {"proven": proven}
    on = None if asked["on"] is None else date.fromisoformat(asked["on"])
    return verify(data, trust, moment, on).to_json()


#: what is asked -> how the browser's verifier is called
CALLS = {
    "evidence": "m.verify(bytes, trusted, new Date(at), on)",
    "completeness": "m.verifyCompleteness(bytes, trusted, new Date(at))",
}
CALLS["signed"] = CALLS["evidence"]


def by_browser(page: Page, what: str, asked: list[Json]) -> list[Json]:
    body = f"""const {{ trust: {{ pinned }} }} = await load("trust.js");
      const verdicts = [];
      for (const {{ data, trust, at, on }} of a.cases) {{
        const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        const trusted = {{ ...a.trust, ...trust, pinned }};
        verdicts.push(await {CALLS[what]});
      }}
      return verdicts;"""
    verdicts: list[Json] = []
    for start in range(0, len(asked), AT_ONCE):
        cases = {"cases": asked[start : start + AT_ONCE], "trust": SHARED[what][0]}
        verdicts += call(page, SERVED, body, cases)
    return verdicts


def said(verdict: Json) -> Json:
    """All of it but the words for people."""
    steps = {step["step"]: (step["result"], step["code"]) for step in verdict["steps"]}
    return {**verdict, "steps": steps, "order": list(steps)}


def agreed(page: Page, what: str, cases: int) -> tuple[list[Json], list[Json]]:
    """What was asked, and the verdicts on which both agree."""
    asked = [case(what, number) for number in range(cases)]
    python = [by_python(what, each) for each in asked]
    differing = {
        each["seed"]: (each["way"], ours, theirs)
        for each, ours, theirs in zip(asked, python, by_browser(page, what, asked), strict=True)
        if said(ours) != said(theirs)
    }
    assert differing == {}
    return asked, python


def failed_steps(verdicts: list[Json]) -> set[str]:
    return {step["step"] for verdict in verdicts for step in verdict["steps"] if step["result"] == "failed"}


@pytest.mark.parametrize(("what", "cases"), [("evidence", EVIDENCE), ("completeness", COMPLETENESS)])
def test_python_and_the_browser_agree_on_every_damaged_file(modules: Page, what: str, cases: int) -> None:
    asked, python = agreed(modules, what, cases)
    # damage of every kind and reach, and not mere rubbish
    assert len({each["way"] for each in asked}) > len(WAYS) * 0.7
    assert {verdict["verdict"] for verdict in python} >= {"verified", "failed", "indeterminate"}
    assert len(failed_steps(python)) > len(python[0]["steps"]) * 0.6
    assert sum(verdict["steps"][0]["result"] == "passed" for verdict in python) > cases / 3


def test_they_agree_on_whatever_a_dishonest_issuer_signs(modules: Page) -> None:
    _, python = agreed(modules, "signed", SIGNED)
    assert all(verdict["steps"][0]["result"] == "passed" for verdict in python)
    assert failed_steps(python) >= {"issuer_trusted", "proof_valid", "entry_matches", "not_revoked"}
