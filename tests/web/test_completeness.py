"""Completeness files in the browser's verifier, as Python judges them."""

import json

from playwright.sync_api import Page

from tests.web.in_page import SERVED, call
from tests.web.test_verifier import FILES, VECTORS


def test_every_verdict_on_a_completeness_file(modules: Page) -> None:
    shared = json.loads((VECTORS / "completeness.json").read_text("utf-8"))
    wanted = shared["cases"]
    assert len(wanted) >= FILES["completeness.json"]
    body = """const { isCompleteness } = await load("completeness.js");
      const verdicts = [];
      for (const { base, at, delete: gone, insert, trust } of a.cases) {
        const text = Array.from(a.bases[base]);
        text.splice(at, gone, insert);
        const whole = text.join("");
        const verdict = await m.verifyCompleteness(whole, { ...a.trust, ...trust }, new Date(a.at));
        verdicts.push({ ...verdict, isOne: isCompleteness(whole) });
      }
      return verdicts;"""
    verdicts = call(modules, SERVED, body, shared)
    answers = {
        case["name"]: {
            **{name: verdict[name] for name in ("verdict", "asOf", "proven")},
            "steps": {step["step"]: step["result"] for step in verdict["steps"]},
            "codes": {step["step"]: step["code"] for step in verdict["steps"] if step["code"] is not None},
        }
        for case, verdict in zip(wanted, verdicts, strict=True)
    }
    assert answers == {case["name"]: case["expect"] for case in wanted}
    no_json = {case["name"] for case, verdict in zip(wanted, verdicts, strict=True) if not verdict["isOne"]}
    assert no_json == {"a member twice"}
