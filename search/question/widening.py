"""Candidates that are only like what was typed, step by step. Pure.

For where few names match for certain. Each step asks for less: words that one letter parts from those typed; all but one of
them; two of the rarest; one; a beginning of the whole. No step decides anything: `score` does. It goes on only while nothing
good was seen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from search.question.index import Postings, Row
from search.question.query import Filters, Group, Query
from search.question.score import is_like_form

_NEAR = 6
_ALL, _LESS, _ONE = 100, 60, 80
_RAREST = 6
_FEW_WORDS = 6
#: of a question with more words, the rarest that names have are asked for
_MOST_UNITS = 16
#: a score from which on the next steps are spared
_GOOD = (0.95, 0.9, 0.86)


def widened(
    postings: Postings,
    query: Query,
    filters: Filters,
    counts: Mapping[str, int],
    best: Callable[[Sequence[Row]], float],
) -> None:
    """Hands candidates to `best`, step by step, which gives back the greatest score so far."""
    steps = _steps(postings, query, filters, counts)
    for step, rows in enumerate(steps):
        if best(rows) >= _GOOD[min(step, len(_GOOD) - 1)]:
            return


def corrected(postings: Postings, query: Query, counts: Mapping[str, int]) -> str | None:
    """What was typed with every word that no name has replaced by the most frequent one near it; None: nothing to replace."""
    words, is_changed = [], False
    for unit in query.units:
        near = [] if any(counts.get(form) for form in unit) else postings.near(unit[0])
        is_changed = is_changed or bool(near)
        words.append(near[0][0] if near else unit[-1])
    return " ".join(words) if is_changed else None


def _steps(postings: Postings, query: Query, filters: Filters, counts: Mapping[str, int]) -> Iterator[list[Row]]:
    if not query.units:
        return
    several = len(query.units) > 1
    units = [unit for unit in query.units if not (several and is_like_form(unit))]
    if len(units) > _MOST_UNITS:
        names = {unit: sum(counts.get(form, 0) for form in unit) for unit in units}
        units = sorted(names, key=lambda unit: (names[unit] == 0, names[unit], unit))[:_MOST_UNITS]
    wide = [_wide(postings, unit, counts) for unit in units]
    # what no name has cannot be asked for
    known = [(group, count) for group, count in wide if count or group.prefix]
    groups = [group for group, _ in known]
    by_count = sorted(range(len(groups)), key=lambda at: (known[at][1], at))
    if query.shorter is not None:
        yield postings.keyed(query.shorter.keys, filters, _LESS)
    if 0 < len(groups) <= 2 * _FEW_WORDS:
        yield postings.worded([groups], filters, _ALL)
    if 1 < len(groups) <= _FEW_WORDS:
        less: list[Row] = []
        for at in range(len(groups)):
            less += postings.worded([groups[:at] + groups[at + 1 :]], filters, _LESS)
        yield less
    if len(groups) > 2:
        pairs: list[Row] = []
        for left, right in combinations(by_count[:_RAREST], 2):
            pairs += postings.worded([[groups[left], groups[right]]], filters, _LESS)
        yield pairs
    single: list[Row] = []
    for at in by_count[:3]:
        single += postings.worded([[groups[at]]], filters, _ONE)
    characters = dict.fromkeys(char for unit in query.units for char in unit[0] if not unit[0].isascii())
    if 1 < len(characters) <= _FEW_WORDS and len(query.units) <= len(characters):
        single += postings.worded([[Group((char,)) for char in characters]], filters, _ONE)
    key = query.keys[0] if query.keys else ""
    if len(key) > 4:
        single += postings.begun([key[: max(4, len(key) * 3 // 5)]], filters, _LESS)
    if query.acronyms:
        single += postings.keyed(query.acronyms, filters, _LESS)
    yield single


def _wide(postings: Postings, unit: tuple[str, ...], counts: Mapping[str, int]) -> tuple[Group, int]:
    """A unit with the words that it may mean, and how many names have one of them."""
    words = dict.fromkeys(unit)
    count = sum(counts.get(form, 0) for form in unit)
    for form in unit[:2]:
        for term, names in postings.near(form)[:_NEAR]:
            words[term] = None
            count += names
    prefix = None
    if not any(counts.get(form) for form in unit):
        longest = max(unit, key=len)
        if len(longest) > 2:
            prefix = longest
        stems = [longest[:length] for length in range(4, len(longest))]
        words.update(dict.fromkeys(stems))
        if len(words) == len(unit) + len(stems) and len(longest) > 4:
            for term, names in postings.alike(longest)[:_NEAR]:
                words[term] = None
                count += names
    return Group(tuple(words), prefix), count
