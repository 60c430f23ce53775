"""Defects planted in the browser's verifier, one at a time: the shared vectors and the pages' cases kill every one.

Each stands in `defects.toml` with the case that kills it: the table of this run. That case is asked first, and the others where
it lets the defect pass. The source unchanged passes the same case. A few in every run; all of them in `make soak`.
"""

import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.builders.command import SOAK
from tests.web.browser_cases import SOURCES, cases, page_with

DEFECTS: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "defects.toml").read_text("utf-8"))
CASES = cases()
_EVERY_RUN = (
    "a signature is not checked",
    "the words of the page are not compared",
    "a bit is read from the other end",
)
_AT_LEAST = 24
#: file, text and names of cases -> the name of the one that kills
Killer = Callable[[str, str, list[str]], str | None]


def planted(defect: dict[str, str]) -> str:
    """The text of the source with the defect in it. The place of the defect is there exactly once."""
    text = (SOURCES / defect["file"]).read_text("utf-8")
    assert text.count(defect["from"]) == 1, f"{defect['file']} has changed: {defect['from']}"
    return text.replace(defect["from"], defect["to"])


@pytest.fixture
def killer(request: pytest.FixtureRequest, room: BrowserContext) -> Killer:
    """Gives the name of the first of the named cases that `text`, in the place of a source, does not pass; None: all pass."""

    def ask_all(file: str, text: str, names: list[str]) -> str | None:
        with page_with(room, file, text) as modules:
            modules.goto(f"{request.getfixturevalue('site')}/en/verify")
            return next((name for name in names if not passes(file, text, name, modules)), None)

    def passes(file: str, text: str, name: str, modules: Page) -> bool:
        with ExitStack() as opened:

            def ask(wanted: str) -> Any:
                if wanted in ("page", "victim"):
                    return opened.enter_context(page_with(room, file, text))
                return modules if wanted == "modules" else request.getfixturevalue(wanted)

            try:
                CASES[name](ask)
            except Exception:  # whatever a test makes of an answer that it did not expect
                return False
        return True

    return ask_all


@pytest.mark.parametrize("name", DEFECTS if SOAK else _EVERY_RUN)
def test_a_planted_defect_is_killed(killer: Killer, name: str) -> None:
    defect = DEFECTS[name]
    known = defect.get("killed_by")
    names = sorted(CASES, key=lambda case: case != known)
    case = killer(defect["file"], planted(defect), names)
    assert case is not None, "it survives: a case is lacking"
    assert case == known, f"killed by {case}: write that into defects.toml"
    unchanged = (SOURCES / defect["file"]).read_text("utf-8")
    assert killer(defect["file"], unchanged, [case]) is None, "the source as it stands does not pass either"


def test_every_defect_is_another_one() -> None:
    assert len(DEFECTS) >= _AT_LEAST
    assert len({planted(defect) for defect in DEFECTS.values()}) == len(DEFECTS)
    assert {defect["killed_by"] for defect in DEFECTS.values()} <= CASES.keys()


@pytest.mark.parametrize("names", [list(CASES) if SOAK else [DEFECTS[_EVERY_RUN[0]]["killed_by"]]], ids=["cases"])
def test_the_sources_as_they_are_written_pass_every_case(killer: Killer, names: list[str]) -> None:
    assert killer("checker.js", (SOURCES / "checker.js").read_text("utf-8"), names) is None
