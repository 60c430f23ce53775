"""Candidates that are only like what was typed, step by step. Pure.

For where few names match for certain. Each step asks for less: words that one letter parts from those typed; all but one of
them; two of the rarest; one; a beginning of the whole. No step decides anything: `score` does. It goes on only while nothing
good was seen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from search.question.index import Postings, Row, Sought
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
    unknown = [unit for unit in query.units if not any(counts.get(form) for form in unit)]
    meant = dict(zip(unknown, postings.near([unit[0] for unit in unknown]), strict=True))
    words = [meant[unit][0][0] if meant.get(unit) else unit[-1] for unit in query.units]
    return " ".join(words) if any(meant.values()) else None


def _steps(postings: Postings, query: Query, filters: Filters, counts: Mapping[str, int]) -> Iterator[list[Row]]:
    if not query.units:
        return

    def rows(sought: Sequence[Sought]) -> list[Row]:
        return [row for part in postings.names(sought, filters) for row in part]

    several = len(query.units) > 1
    units = [unit for unit in query.units if not (several and is_like_form(unit))]
    if len(units) > _MOST_UNITS:
        names = {unit: sum(counts.get(form, 0) for form in unit) for unit in units}
        units = sorted(names, key=lambda unit: (names[unit] == 0, names[unit], unit))[:_MOST_UNITS]
    wide = _wide(postings, units, counts)
    # what no name has cannot be asked for
    known = [(group, count) for group, count in wide if count or group.prefix]
    groups = tuple(group for group, _ in known)
    by_count = sorted(range(len(groups)), key=lambda at: (known[at][1], at))
    if query.shorter is not None:
        yield rows([Sought(_LESS, keys=query.shorter.keys)])
    if 0 < len(groups) <= 2 * _FEW_WORDS:
        yield rows([Sought(_ALL, ways=(groups,))])
    if 1 < len(groups) <= _FEW_WORDS:
        yield rows([Sought(_LESS, ways=(groups[:at] + groups[at + 1 :],)) for at in range(len(groups))])
    if len(groups) > 2:
        pairs = combinations(by_count[:_RAREST], 2)
        yield rows([Sought(_LESS, ways=((groups[left], groups[right]),)) for left, right in pairs])
    single = [Sought(_ONE, ways=((groups[at],),)) for at in by_count[:3]]
    characters = dict.fromkeys(char for unit in query.units for char in unit[0] if not unit[0].isascii())
    if 1 < len(characters) <= _FEW_WORDS and len(query.units) <= len(characters):
        single.append(Sought(_ONE, ways=(tuple(Group((char,)) for char in characters),)))
    key = query.keys[0] if query.keys else ""
    if len(key) > 4:
        single.append(Sought(_LESS, prefixes=(key[: max(4, len(key) * 3 // 5)],)))
    if query.acronyms:
        single.append(Sought(_LESS, keys=query.acronyms))
    yield rows(single)


@dataclass(slots=True)
class _Wide:
    """A unit with the words that it may mean, and how many organizations have one of them."""

    words: dict[str, None]
    count: int
    prefix: str | None = None

    def add(self, terms: Sequence[tuple[str, int]]) -> None:
        for term, count in terms[:_NEAR]:
            self.words[term] = None
            self.count += count


def _wide(postings: Postings, units: Sequence[tuple[str, ...]], counts: Mapping[str, int]) -> list[tuple[Group, int]]:
    """Each unit with the words that it may mean, and how many organizations have one of them."""
    forms = list(dict.fromkeys(form for unit in units for form in unit[:2]))
    near = dict(zip(forms, postings.near(forms), strict=True))
    wide, strange = [], []
    for unit in units:
        each = _Wide(dict.fromkeys(unit), sum(counts.get(form, 0) for form in unit))
        for form in unit[:2]:
            each.add(near[form])
        if not any(counts.get(form) for form in unit):
            longest = max(unit, key=len)
            if len(longest) > 2:
                each.prefix = longest
            stems = [longest[:length] for length in range(4, len(longest))]
            each.words.update(dict.fromkeys(stems))
            if len(each.words) == len(unit) + len(stems) and len(longest) > 4:
                strange.append((each, longest))
        wide.append(each)
    for (each, _), terms in zip(strange, postings.alike([longest for _, longest in strange]), strict=True):
        each.add(terms)
    return [(Group(tuple(each.words), each.prefix), each.count) for each in wide]
