"""What a question asks of an index for certain. Pure.

`Asked` tells exactly which organizations match by what was typed, whatever the engine: they are counted and paged to the last.
Names that are merely like it are left to `widening`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from search.question.query import Group, Query

#: before the initials of a name among its keys
ACRONYM = "="
#: of a question with more words, its rarest ones are looked for
_MOST_GROUPS = 12
_MOST_JOINED = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """An organization matches by a number, by a name with one of `keys` or one that begins so, or by all groups of a way."""

    numbers: tuple[str, ...] = ()
    number_prefix: str = ""
    keys: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    ways: tuple[tuple[Group, ...], ...] = field(default=())


def spelled(query: Query) -> set[str]:
    """Every term of a question, for asking how many names have each."""
    return {form for unit in query.units for form in unit}


def asked(query: Query, counts: Mapping[str, int]) -> Asked:
    """What matches for certain. `counts`: how many names have each of `spelled`."""
    groups = telling(query.groups, counts, _MOST_GROUPS)
    ways = [tuple(groups)] if groups else []
    if len(query.groups) <= _MOST_JOINED:
        ways += [tuple(way) for way in _joined(query.groups)]
    letters = (ACRONYM + query.letters,) if query.letters else ()
    return Asked(
        query.numbers,
        query.number_prefix,
        tuple(dict.fromkeys((*query.keys, *letters))),
        query.prefixes,
        tuple(dict.fromkeys(ways)),
    )


def telling(groups: Iterable[Group], counts: Mapping[str, int], most: int) -> list[Group]:
    """The groups that tell most, in the order typed: those that the fewest names have."""
    groups = list(groups)
    if len(groups) <= most:
        return groups
    by_count = sorted(range(len(groups)), key=lambda at: (max(counts.get(word, 0) for word in groups[at].words), at))
    return [groups[at] for at in sorted(by_count[:most])]


def _joined(groups: tuple[Group, ...]) -> Iterable[list[Group]]:
    """The ways in which two words typed apart are one."""
    for at in range(len(groups) - 1):
        left, right = groups[at], groups[at + 1]
        words = dict.fromkeys(left.words[way] + right.words[way] for way in (0, -1))
        prefix = None if right.prefix is None else left.words[-1] + right.prefix
        yield [*groups[:at], Group(tuple(words), prefix), *groups[at + 2 :]]
