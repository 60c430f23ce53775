"""What is made of the words at start-up: no word is lost where they are divided."""

import json
from collections import defaultdict
from typing import Any

import pytest

from schemas import codes
from search.pages.static_files import GROUPED_CLAIMS, act_file, labels, static_files
from search.pages.translations import load_translations
from tests.builders.site import small_registry

REGISTERS = ["im", "permits", "sample"]


def module(body: bytes) -> dict[str, Any]:
    """name -> value of what a module exports."""
    lines = (line.removeprefix("export const ").rstrip(";").partition("=") for line in body.decode().splitlines())
    return {name: json.loads(value) for name, _, value in lines}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_small_files_hold_all_acts_each_in_its_place(language: str) -> None:
    messages = load_translations(language)
    trust = {**small_registry().trust(), "issuers": [{"registers": REGISTERS}]}
    files = static_files(trust, {language: messages})
    whole = labels(REGISTERS, language, messages)
    given = module(files[f"{language}/given.js"].body)["labels"]
    assert given["acts"] == ["permits", "sample"]
    for register in given["acts"]:
        joined: dict[str, dict[str, set[str]]] = {claim: defaultdict(set) for claim in GROUPED_CLAIMS}
        for n in range(64):
            acts = module(files[f"{language}/acts-{register}-{n}.js"].body)["acts"]
            for claim, table in acts.items():
                for said, group in table.items():
                    assert {act_file(code) for code in group.split(" ")} == {n}
                    joined[claim][said] |= set(group.split(" "))
        expected = {
            claim: {said: set(group.split(" ")) for said, group in whole["claims"][register][claim].items()}
            for claim in GROUPED_CLAIMS
        }
        assert joined == expected
    assert (
        given["claims"]["sample"] | {claim: whole["claims"]["sample"][claim] for claim in GROUPED_CLAIMS}
        == (whole["claims"]["sample"])
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_reasons_that_come_when_wanted_are_all_of_them(language: str) -> None:
    messages = load_translations(language)
    files = static_files(small_registry().trust(), {language: messages})
    reasons = module(files[f"{language}/reasons.js"].body)["reasons"]
    assert reasons == labels(["sample"], language, messages)["reasons"]
    assert module(files[f"{language}/answer_words.js"].body)["answerWords"]["reasons"] == reasons
    given = module(files[f"{language}/given.js"].body)["labels"]["reasons"]
    assert given.items() <= reasons.items()
    assert len(given) < len(reasons)


def test_most_pages_want_little_of_them() -> None:
    files = static_files(small_registry().trust(), {"fr": load_translations("fr")})
    sizes = [len(file.gzip) for path, file in files.items() if path.startswith("fr/acts-sample-")]
    assert len(sizes) == 64
    assert max(sizes) < 700
    assert codes.codes("filing", "sample")
