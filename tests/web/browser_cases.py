"""The tests of the browser's verifier as cases, each by its name, for a verifier whose source was changed.

The shared vectors of whole files are cases of their own, so that a table can name the file; of the other tests each set of
parameters is one. Tests that open a window of their own are left out: a changed source is planted in one page.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from inspect import signature
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Route

from tests.web import (
    test_answers,
    test_forged,
    test_hostile_pages,
    test_hostile_styles,
    test_looks,
    test_misleading,
    test_pages_in_chromium,
    test_states,
    test_successor,
    test_twins,
    test_verifier,
)
from tests.web.in_page import call, without_complaints

SOURCES = Path(__file__).parents[2] / "search" / "web" / "static"
#: gives what a test needs, by the name of the fixture
Ask = Callable[[str], Any]
#: raises where the verifier does not do as it should
Case = Callable[[Ask], None]
#: in the order in which they are asked
_TESTS = (
    *(test_verifier.test_strict_json_cases, test_verifier.test_jcs_cases, test_verifier.test_canonical_nquads),
    *(test_verifier.test_signatures_of_every_kind_of_key, test_verifier.test_merkle_roots),
    *(test_verifier.test_inclusion_cases, test_verifier.test_published_note_and_checkpoint_vectors),
    *(test_verifier.test_cosignatures, test_verifier.test_policies),
    *(test_verifier.test_what_this_browser_cannot_check_is_never_counted, test_verifier.test_a_gzip_bomb_is_stopped),
    test_verifier.test_credential_status_is_one_object_or_an_array_and_nothing_else,
    *(test_forged.test_what_is_signed_but_wrong_fails_at_its_step, test_forged.test_what_is_changed_fails_at_its_step),
    *(test_twins.test_damaged_evidence_fails_at_its_step_as_in_python, test_twins.test_revoked_fails_with_its_reason),
    test_twins.test_a_date_in_the_future_fails_beyond_a_minute,
    test_twins.test_what_was_corrected_was_in_force_on_no_day,
    test_answers.test_both_answer_alike,
    test_pages_in_chromium.test_an_honest_page_is_verified,
    test_looks.test_each_verdict_has_a_word_a_colour_and_a_shape_of_its_own,
    test_looks.test_a_witness_of_the_registry_itself_is_not_called_independent,
    test_misleading.test_what_was_not_signed_cannot_stand_beside_what_was,
    test_misleading.test_what_was_signed_must_be_seen,
    test_misleading.test_what_is_not_known_must_be_said_so,
    test_misleading.test_the_address_is_the_credentials,
    test_misleading.test_a_warning_that_the_evidence_does_not_hold_yet_is_not_verified,
    test_misleading.test_a_revoked_credential_must_be_called_so,
    test_misleading.test_an_honest_banner_is_verified_and_the_verdict_tells_the_status_too,
    test_misleading.test_a_banner_says_what_was_signed_and_leads_there,
    test_successor.test_what_another_registration_says_is_said_in_its_one_sentence_and_place,
    test_misleading.test_a_file_is_checked_as_the_bytes_that_it_is,
    test_pages_in_chromium.test_each_changed_claim_is_named_by_its_field_and_marked_where_it_stands,
    test_pages_in_chromium.test_what_the_page_may_not_say,
    test_pages_in_chromium.test_evidence_changed_on_the_wire_fails_at_its_step,
    test_pages_in_chromium.test_another_organizations_evidence_does_not_fit_the_page,
    test_pages_in_chromium.test_without_evidence_nothing_is_called_checked,
    test_pages_in_chromium.test_a_second_check_after_a_failed_one_starts_anew,
    *(test_states.test_each_state_has_its_own_check, test_states.test_a_page_of_a_state_cannot_pass_for_another),
    test_states.test_an_old_state_at_the_newest_ones_address_is_told_as_replaced,
    test_hostile_pages.test_html_alone_cannot_make_the_check_say_verified_of_somebody_else,
    test_hostile_pages.test_what_html_adds_to_the_registration_is_named,
    test_hostile_pages.test_the_panel_stands_over_whatever_html_puts_beside_it,
    test_hostile_styles.test_no_style_sheet_reaches_the_panel_or_the_checked_page,
)


def cases() -> dict[str, Case]:
    """All of them by their names, in the order in which they are asked: vectors, then pages."""
    made: dict[str, Case] = {}
    for file, function in (("verify", "verify"), ("completeness", "verifyCompleteness")):
        shared = json.loads((test_verifier.VECTORS / f"{file}.json").read_text("utf-8"))
        for case in shared["cases"]:
            made[f"{file}.json: {case['name']}"] = partial(_judged, function, shared, case)
    for test in _TESTS:
        for name, parameters in _variants(test):
            made[name] = partial(_asked, test, parameters)
    return made


@contextmanager
def page_with(room: BrowserContext, file: str, text: str) -> Iterator[Page]:
    """A page whose scripts run as they are written, where the source `file` has another text."""
    page = room.new_page()

    def as_written(route: Route) -> None:
        found = re.search(r"/(en|fr)/(\w+\.js)$", route.request.url)
        assert found is not None
        body = f'export * from "../source-{found[1]}/{found[2]}";'
        route.fulfill(content_type="text/javascript", body=body)

    page.route(re.compile(r"/static/\w+/(en|fr)/(checker|paste)\.js$"), as_written)
    page.route(
        re.compile(rf"/source-(en|fr)/{re.escape(file)}$"),
        lambda route: route.fulfill(content_type="text/javascript", body=text),
    )
    with without_complaints(page):
        yield page
        page.close()


def _judged(function: str, shared: dict[str, Any], case: dict[str, Any], ask: Ask) -> None:
    body = f"""const {{ trust: {{ pinned }} }} = await load("trust.js");
      const {{ {function} }} = await load(a.module);
      const text = Array.from(a.base);
      text.splice(a.at, a.delete, a.insert);
      return {function}(text.join(""), {{ ...a.trust, pinned }}, new Date(a.when), a.on ?? null);"""
    argument = {
        "base": shared["bases"][case["base"]],
        "when": shared["at"],
        "trust": {**shared["trust"], **case.get("trust", {})},
        "on": case.get("on"),
        "module": "verify/steps.js" if function == "verify" else "completeness.js",
        **{name: case[name] for name in ("at", "delete", "insert")},
    }
    verdict = call(ask("modules"), argument["module"], body, argument)
    wanted = case["expect"]
    steps = verdict.pop("steps")
    assert {name: verdict[name] for name in wanted if name not in ("steps", "codes")} == {
        name: value for name, value in wanted.items() if name not in ("steps", "codes")
    }
    assert {step["step"]: step["result"] for step in steps} == wanted["steps"]
    assert {step["step"]: step["code"] for step in steps if step["code"] is not None} == wanted["codes"]


def _asked(test: Callable[..., None], parameters: dict[str, Any], ask: Ask) -> None:
    test(**{name: parameters[name] if name in parameters else ask(name) for name in signature(test).parameters})


def _variants(test: Callable[..., None]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, parameters) of each run of a test that pytest would make of its marks."""
    axes: list[list[tuple[str, dict[str, Any]]]] = []
    for mark in (mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"):
        names, sets = mark.args
        keys = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
        rows = [values if len(keys) > 1 else (values,) for values in sets]
        axes.append([(_label(row, n), dict(zip(keys, row, strict=True))) for n, row in enumerate(rows)])
    for chosen in product(*axes):
        labels = ", ".join(label for label, _ in chosen)
        merged = {key: value for _, parameters in chosen for key, value in parameters.items()}
        yield f"{test.__name__}[{labels}]" if chosen else test.__name__, merged


def _label(row: tuple[Any, ...], n: int) -> str:
    first = row[0]
    return first if len(row) == 1 and isinstance(first, str) and len(first) < 60 else str(n)
