"""How well a name answers a question. Pure.

The one judge of every index. Words are compared in their spellings, in any order, each with the one that is most like it, and
weighed by how rare they are: words that many names have (`university`, `holdings`) tell little. What is joined or split is
compared without spaces. The constants were set on real spellings; docs/finding.md has the figures.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from search.question.document import kind_of
from search.question.legal_forms import FORM_WORDS
from search.question.query import Query

Units = Sequence[tuple[str, ...]]

_EDITS = (0.0, 0.1, 0.22, 0.37)
_INITIAL = 0.6
_FORM_LIKE = 0.15
#: of a question with more words, those that tell most are compared
_MOST_UNITS = 40
#: a typed word that no name has at all speaks less against a name than one that others have
_UNKNOWN, _SPARED = ("",), 0.5
#: where the whole name stands within what was typed
_WITHIN = 0.62
#: a number with a figure wrong is another number, for all that is known
_WRONG_FIGURE = 0.75
_JOINED = 0.97
#: of a score: typed words that the name has, words of the name that were typed, likeness letter by letter
TYPED, TOLD, LETTERS = 0.5, 0.3, 0.2
#: by kind of the name that matched
KINDS = {"legal": 1.0, "assumed": 1.0, "translated": 1.0, "former": 0.995, "home": 0.995}
FORM, ACTIVE = 0.004, 0.002
#: where the name has what was typed without spaces in one piece, form and all
_WHOLE, _WHOLE_WITH_FORM, _NEXT_TO_SAME = 0.03, 0.1, 0.96


@dataclass(frozen=True, slots=True)
class Read:
    """A name as an index keeps it for comparing: its units, codes of legal forms, all its keys."""

    units: tuple[tuple[str, ...], ...]
    legal: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """`value`: 0 to 1. `edits`: letters that differ; `dropped`: places of typed units that the name has not.

    `missing`: how many of its own units were not typed; `is_same`: whether the two share a key.
    """

    value: float
    edits: int
    dropped: tuple[int, ...]
    missing: int
    is_same: bool = False


def print_read(units: Units, legal: Sequence[str], keys: Sequence[str]) -> str:
    """A name for comparing, as one text."""
    return "\t".join((" ".join("/".join(unit) for unit in units), " ".join(sorted(set(legal))), " ".join(sorted(keys))))


def parse_read(text: str) -> Read:
    """What `print_read` printed."""
    units, legal, keys = text.split("\t")
    return Read(
        tuple(tuple(unit.split("/")) for unit in units.split(" ") if unit), tuple(legal.split()), tuple(keys.split(" "))
    )


def weigher(counts: Mapping[str, int], size: int) -> Callable[[tuple[str, ...]], float]:
    """The weight of a unit among `size` names, of which `counts` have each spelling."""
    known: dict[tuple[str, ...], float] = {}

    def weigh(unit: tuple[str, ...]) -> float:
        weight = known.get(unit)
        if weight is None:
            count = max(counts.get(form, 0) for form in unit)
            weight = known[unit] = math.log(1 + (size + 10) / (count + 1))
        return weight

    return weigh


@lru_cache(maxsize=4096)
def is_like_form(unit: tuple[str, ...]) -> bool:
    """Whether a typed word is a legal form that was misspelt or cut short: it tells no more than the form would."""
    word = unit[0]
    if len(word) < 4 or word.isdigit():
        return False
    return any(
        (form.startswith(word) and len(word) > 3 and len(word) < len(form))
        or (len(word) > 5 and OSA.distance(word, form, score_cutoff=2) <= (1 if len(word) < 8 else 2))
        for form in FORM_WORDS
    )


class Judge:
    """Judges names for one question. `weigh`: how rare a unit is."""

    def __init__(self, query: Query, weigh: Callable[[tuple[str, ...]], float]) -> None:
        self._query, self._weigh = query, weigh
        several = len(query.units) > 1
        self._weights = [weigh(unit) * (_FORM_LIKE if several and is_like_form(unit) else 1.0) for unit in query.units]
        self._order = sorted(range(len(query.units)), key=lambda at: -self._weights[at])[:_MOST_UNITS]
        self._total = sum(self._weights[at] for at in self._order) or 1.0
        self._last = len(query.units) - 1 if query.groups and query.groups[-1].prefix is not None else -1
        self._sorted = " ".join(sorted(unit[0] for unit in query.units))
        unknown = weigh(_UNKNOWN)
        self._spared = [_SPARED * weight if weight >= unknown else 0.0 for weight in self._weights]
        self._keys = frozenset(query.keys)
        self._like: dict[tuple[int, tuple[str, ...]], tuple[float, int]] = {}

    def judge(self, name: Read) -> Score:
        """How well a name answers."""
        if not self._keys.isdisjoint(name.keys):
            return Score(1.0, 0, (), 0, True)
        if not self._query.units or not name.units:
            return Score(0.0, 0, tuple(range(len(self._query.units))), len(name.units))
        free = dict(enumerate(name.units))
        typed = own = 0.0
        edits = 0
        dropped = []
        for at in self._order:
            best, best_place, best_edits = 0.0, -1, 0
            for place, unit in free.items():
                like, distance = self._likeness(at, unit)
                if like > best:
                    best, best_place, best_edits = like, place, distance
                    if like == 1.0:
                        break
            if best_place < 0:
                dropped.append(at)
                continue
            typed += best * self._weights[at]
            own += best * self._weigh(free.pop(best_place))
            edits += best_edits
        if dropped and free:
            typed, own, edits = self._join(dropped, free, name.units, typed, own, edits)
        whole = sum(map(self._weigh, name.units))
        typed /= max(self._total - sum(self._spared[at] for at in dropped), typed) or 1.0
        value = self._blend(typed, own / whole, name)
        if own > 0.99 * whole and len(name.units) > 1:
            value = max(value, _WITHIN + (0.92 - _WITHIN) * typed)
        return Score(min(value, 0.999), edits, tuple(sorted(dropped)), len(free))

    def _blend(self, typed: float, own: float, name: Read) -> float:
        letters = fuzz.ratio(self._sorted, " ".join(sorted(unit[0] for unit in name.units))) / 100
        value = TYPED * typed + TOLD * own + LETTERS * letters
        keys = (fuzz.ratio(key, other) for key in self._query.keys[:2] for other in name.keys[:2])
        joined = max(keys, default=0.0) / 100
        return max(value, _JOINED * joined * joined)

    def _join(
        self, dropped: list[int], free: dict[int, tuple[str, ...]], units: Units, typed: float, own: float, edits: int
    ) -> tuple[float, float, int]:
        """What was written in one word and is two here, or the other way round."""
        for at in list(dropped):
            after = at + 1
            if at in dropped and after in dropped:
                joined = self._query.units[at][0] + self._query.units[after][0]
                place = next((place for place, unit in free.items() if joined in unit), None)
                if place is not None:
                    dropped.remove(at)
                    dropped.remove(after)
                    typed += self._weights[at] + self._weights[after]
                    own += self._weigh(free.pop(place))
                    continue
            for place in list(free):
                is_pair = at in dropped and place in free and place + 1 in free
                if is_pair and units[place][0] + units[place + 1][0] in self._query.units[at]:
                    dropped.remove(at)
                    typed += self._weights[at]
                    own += self._weigh(free.pop(place)) + self._weigh(free.pop(place + 1))
        return typed, own, edits

    def _likeness(self, at: int, unit: tuple[str, ...]) -> tuple[float, int]:
        known = self._like.get((at, unit))
        if known is None:
            known = self._like[at, unit] = _compare(self._query.units[at], unit, at == self._last)
        return known


def _compare(typed: tuple[str, ...], unit: tuple[str, ...], is_beginning: bool) -> tuple[float, int]:
    """How like one typed unit is to one of a name, 0 to 1, and how many letters differ."""
    if not set(typed).isdisjoint(unit):
        return 1.0, 0
    return max(
        (_compare_words(left, right, is_beginning) for left in typed[:3] for right in unit[:3]),
        key=lambda pair: pair[0],
        default=(0.0, 0),
    )


def _compare_words(typed: str, word: str, is_beginning: bool) -> tuple[float, int]:
    shorter, longer = (typed, word) if len(typed) <= len(word) else (word, typed)
    best, edits = 0.0, 0
    if longer.startswith(shorter):
        if len(shorter) == 1:
            return (_INITIAL, 0) if shorter.isalpha() else (0.0, 0)
        if not shorter.isdigit() or is_beginning:
            share = len(shorter) / len(longer)
            begins = is_beginning and shorter is typed
            best = (0.86 if begins else 0.58) + (0.12 if begins else 0.32) * share
    if typed.isdigit() or word.isdigit():
        near = len(shorter) > 4 and OSA.distance(typed, word, score_cutoff=1) <= 1
        return max((_WRONG_FIGURE, 1), (best, 0)) if near else (best, 0)
    if len(shorter) < 3:
        return best, edits
    allowed = 1 if len(shorter) < 6 else 2 if len(shorter) < 9 else 3
    distance = OSA.distance(typed, word, score_cutoff=allowed)
    if distance <= allowed:
        like = 1 - _EDITS[distance] - (0.15 if len(shorter) < 4 else 0.05 if len(shorter) < 5 else 0)
        if like > best:
            best, edits = like, distance
    elif best == 0.0 and len(shorter) > 4:
        ratio = OSA.normalized_similarity(typed, word, score_cutoff=0.6)
        best, edits = 0.8 * ratio, (OSA.distance(typed, word) if ratio else 0)
    return best, edits


def adjusted(value: float, query: Query, name: Read, rank: int, is_active: bool) -> float:
    """A score with what only decides between names that answer alike: the kind of name, the legal form, the status."""
    value *= KINDS[kind_of(rank)]
    if query.unspaced and value < _NEXT_TO_SAME and any(query.unspaced in key for key in name.keys):
        value = min(_NEXT_TO_SAME, value + (_WHOLE_WITH_FORM if query.legal else _WHOLE))
    if query.legal:
        typed, own = set(query.legal), set(name.legal)
        value += FORM * (len(typed & own) / len(typed | own) - 1)
    return max(0.0, min(1.0, value - (0 if is_active else ACTIVE)))
