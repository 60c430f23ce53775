"""The browser's answers to a verdict are word for word those of the server's form, in both languages."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from babel.support import Translations
from playwright.sync_api import Page

from registry.verify.completeness import TYPE, WAITS
from registry.verify.steps import STEPS
from schemas import codes
from search.pages.translations import load_translations
from search.views.answers import WORDS, answers
from tests.builders.papers import LANGUAGES
from tests.web.in_page import SERVED, call

Json = dict[str, Any]
WHOSE = {"register": "sample", "number": "BC0000001", "name": "A {on} LTD.", "status": "Active", "since": "2021-02-03"}
NAMELESS = {**WHOSE, "name": None, "status": None, "since": "2021-03-01T10:00:00Z"}
DAYS = ({"from": "2020-01-01", "until": None}, {"from": "2020-01-01", "until": "2021-12-31"})
NEVER = {"from": "2020-01-01", "until": "2020-01-01"}
BY = {"index": 7, "kind": "correct", "effective": None}


def verdict_of(verdict: str, **members: Any) -> Json:
    """A verdict's JSON; `failed` and `open`: step -> code of those that did not pass."""
    failed, undecided = members.pop("failed", {}), members.pop("undecided", {})
    steps = [
        {
            "step": name,
            "result": "failed" if name in failed else undecided.get(name, "passed"),
            "code": failed.get(name),
            "reason": None,
        }
        for name in members.pop("names", STEPS)
    ]
    whole = {"asOf": None, "on": None, "organization": None, "inForce": None, "replacedBy": None, **members}
    return {"verdict": verdict, **whole, "steps": steps}


def verdicts() -> list[Json]:
    """Verdicts of every kind, on days and without, known and unknown."""
    made = []
    for on, as_of, whose, days in product(
        (None, "2020-02-01", "odd {day}"), (None, "2026-01-02T03:04:05Z"), (WHOSE, NAMELESS), (None, *DAYS, NEVER)
    ):
        members = {"on": on, "asOf": as_of, "organization": whose, "inForce": days}
        made.append(verdict_of("verified", **members))
        made.append(verdict_of("verified", **members, undecided={"witnessed": "not_asked", "current": "not_asked"}))
        made.append(verdict_of("superseded", **members, replacedBy=BY, failed={"current": "superseded"}))
        made.append(verdict_of("indeterminate", **members, undecided={"current": "indeterminate"}))
        alone = [{"current": code} for code in ("not_in_force_on", "corrected", "erased", "list_not_latest")]
        listed = product(("revoked", "suspended", "signature"), ({}, {"current": "superseded"}))
        together = [{"not_revoked": code, **current} for code, current in listed]
        made += [verdict_of("failed", **members, failed=failed) for failed in (*alone, *together)]
    made.append(
        verdict_of("failed", failed={"well_formed": "malformed"}, undecided=dict.fromkeys(STEPS[1:], "not_reached"))
    )
    made.append(verdict_of("failed", failed={"proof_valid": "signature", "not_revoked": "revoked"}))
    for entries, as_of in product((0, 1, 2), (None, "2026-10-01T03:04:05Z")):
        proven = {"register": "sample", "number": "BC0000009", "entries": entries}
        made.append(verdict_of("verified", names=tuple(WAITS), type=TYPE, proven=proven, asOf=as_of))
    made.append(verdict_of("failed", names=tuple(WAITS), type=TYPE, proven=None, failed={"complete": "map"}))
    made.append(
        verdict_of("indeterminate", names=tuple(WAITS), type=TYPE, proven=None, undecided={"complete": "indeterminate"})
    )
    return made


READ = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
#: how long after the newest day of the verdicts they are read: of every unit, at both ends of its span
AGES = [timedelta(days=days) for days in (0, 6, 7, 60, 61, 730, 731, 1826)]


def old(messages: Translations, unit: str) -> set[str]:
    """All that may be said of an age in that unit."""
    return {messages.gettext(WORDS[unit]).format(n=n) for n in range(2, 100)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_answer_alike(modules: Page, language: str) -> None:
    made = [{**verdict, "now": (READ + AGES[n % 8]).isoformat()} for n, verdict in enumerate(verdicts())]
    body = """const { answersTo } = await import(`${around}/source-${a.language}/answers.js`);
      return a.verdicts.map((verdict) => answersTo({ proven: null, ...verdict, isList: verdict.type === "Completeness" },
        new Date(verdict.now)));"""
    shown = call(modules, SERVED, body, {"verdicts": made, "language": language})
    messages = load_translations(language)
    seen = set()
    for verdict, answer in zip(made, shown, strict=True):
        expected = answers(
            verdict,
            messages.gettext,
            lambda table, register, code: codes.label(table, register, code, language),
            datetime.fromisoformat(verdict["now"]),
        )
        assert answer["sentence"] == expected.sentence
        assert answer["name"] == expected.name
        assert [tuple(row) for row in answer["rows"]] == list(expected.rows)
        assert answer["notes"] == list(expected.notes)
        assert answer["notChecked"] == list(expected.not_checked)
        seen.add(expected.sentence)
        seen |= set(expected.notes)
    assert len(seen) > 30
    ages = [unit for unit in ("oldDays", "oldMonths", "oldYears") if old(messages, unit) & seen]
    assert ages == ["oldDays", "oldMonths", "oldYears"]
