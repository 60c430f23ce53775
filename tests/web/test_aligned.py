"""Two lists beside each other: nothing is lost, the order stays, and as many equal items as can be stand side by side."""

import random
from typing import Any

from playwright.sync_api import Page

from tests.web.in_page import call


def _longest(left: list[str], right: list[str]) -> int:
    """The length of a longest common subsequence, the plain way."""
    rows = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for n in range(len(left)):
        for m in range(len(right)):
            equal = left[n] == right[m]
            rows[n + 1][m + 1] = rows[n][m] + 1 if equal else max(rows[n][m + 1], rows[n + 1][m])
    return rows[-1][-1]


def test_as_many_equal_items_as_can_be_stand_side_by_side(modules: Page) -> None:
    chance = random.Random(5)
    lists = [["".join(chance.choices("abcd", k=chance.randrange(9)))[:8] for _ in range(2)] for _ in range(300)]
    body = """const runs = (text) => Array.from(text, (what) => ({ what: what === "d" ? "" : what, text: what }));
      return a.map(([left, right]) => m.aligned(runs(left), runs(right), ({ text }) => text)
        .map((pair) => pair.map((run) => run?.text ?? null)));"""
    answers: list[list[list[Any]]] = call(modules, "verify/aligned.js", body, lists)
    for (left, right), pairs in zip(lists, answers, strict=True):
        assert "".join(pair[0] or "" for pair in pairs) == left
        assert "".join(pair[1] or "" for pair in pairs) == right
        assert sum(pair[0] == pair[1] for pair in pairs) == _longest(list(left), list(right)), (left, right, pairs)
