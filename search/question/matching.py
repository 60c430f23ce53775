"""Whose name or number a row of a list is. Pure.

A row gets at most five candidates. `match` is true only under a rule that was measured (docs/finding.md): the number is that of
one organization and no name typed beside it speaks against it; or the name answers with `SURE` or more, `MARGIN` ahead of the
next organization, with no word too many or missing, no figure wrong, and no namesake. Everything else is for a person to decide.
A name is that of an organization: a permit is meant only where its number is given, or its register.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from schemas import PERMIT, credential_type
from search.errors import BadParameter
from search.question import match
from search.question.index import Index
from search.question.match import Hit
from search.question.names import analyse
from search.question.query import MAX_CHARACTERS, Filters, parse_date, parse_question

MOST = 5
SURE, MARGIN = 0.96, 0.03
#: a name typed beside a number speaks against it where it answers with less
_AGREES = 0.6
_FIELDS = ("id", "name", "number", "register", "at")
_MOST_EDITS = 2
_PORTION = 25
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one row asks. `name`, `number`: at least one is not empty."""

    id: str | int | None
    name: str
    number: str
    register: str
    at: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organization that a row may mean. `is_match`: under the rule, it is the one."""

    hit: Hit
    is_match: bool


class MatchedHere:
    """Matches in this process: for commands, and where there is no lane."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def match(self, wanted: Sequence[Wanted], registers: Set[str]) -> list[list[Candidate]]:
        """The candidates of each, in order."""
        return [candidates(self._index, each, lambda: registers) for each in wanted]


def portions(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """A list in parts that are short enough for others to come between."""
    return (rows[start : start + _PORTION] for start in range(0, len(rows), _PORTION))


def parse_wanted(given: Mapping[str, Any]) -> Wanted:
    """One query as it was posted. BadParameter: `queries`, `query_too_long`, `bad_date`."""
    for field in _FIELDS[1:]:
        if not isinstance(given.get(field, ""), str | None):
            raise BadParameter("queries", f"{field} is a text", "queries")
    id = given.get("id")
    if not isinstance(id, str | int | None) or isinstance(id, bool):
        raise BadParameter("queries", "id is a text or a whole number", "queries")
    name, number = (given.get("name") or "").strip(), (given.get("number") or "").strip()
    if not name and not number:
        raise BadParameter("queries", "a query has a name or a number", "queries")
    if max(len(name), len(number)) > MAX_CHARACTERS:
        raise BadParameter("query_too_long", f"a name is longer than {MAX_CHARACTERS} characters", "queries")
    return Wanted(id, name, number, (given.get("register") or "").strip().lower(), parse_date(given.get("at"), "at"))


def candidates(index: Index, wanted: Wanted, registers: Callable[[], Set[str]]) -> list[Candidate]:
    """What a row may mean, the best first. `registers`: the codes that there are."""
    filters = Filters(register=frozenset({wanted.register} if wanted.register else ()), at=wanted.at)
    if wanted.number:
        by_number = _search(index, wanted.number, replace(filters, at=None), registers)
        exact = [hit for hit in by_number if hit.why == match.EXACT_NUMBER and hit.score == 1.0]
        if exact:
            return _by_number(index, wanted, filters, exact, registers)
        if not wanted.name:
            return [Candidate(hit, False) for hit in by_number[:MOST]]
    hits = _search(index, wanted.name, filters, registers) if wanted.name else []
    sure = bool(hits) and not wanted.number and _is_sure(hits, wanted.name)
    return [Candidate(hit, sure and place == 0) for place, hit in enumerate(hits[:MOST])]


def _search(index: Index, text: str, filters: Filters, registers: Callable[[], Set[str]]) -> list[Hit]:
    query, chosen = parse_question(text, filters, registers)
    hits = index.search(query, chosen, None, MOST + 1).hits
    return [hit for hit in hits if chosen.register or hit.why == match.EXACT_NUMBER or not _is_permit(hit)]


def _is_permit(hit: Hit) -> bool:
    return credential_type(hit.document.register) == PERMIT


def _by_number(
    index: Index, wanted: Wanted, filters: Filters, exact: Sequence[Hit], registers: Callable[[], Set[str]]
) -> list[Candidate]:
    """Those with the number; a name typed beside it must be one of theirs."""
    agreeing = list(exact)
    if wanted.name:
        named = {_key(hit): hit.score for hit in _search(index, wanted.name, filters, registers)}
        agreeing = [hit for hit in exact if named.get(_key(hit), 0.0) >= _AGREES]
    sure = len(agreeing) == 1
    ordered = [*agreeing, *(hit for hit in exact if hit not in agreeing)]
    return [Candidate(hit, sure and place == 0) for place, hit in enumerate(ordered[:MOST])]


def _is_sure(hits: Sequence[Hit], name: str) -> bool:
    best = hits[0]
    if best.why == match.EXACT_NUMBER:
        return len(hits) == 1 or hits[1].why != match.EXACT_NUMBER
    margin = best.score - hits[1].score if len(hits) > 1 else 1.0
    if best.score < SURE or margin < MARGIN or best.form_agrees is False:
        return False
    if best.why == match.EXACT_NAME:
        is_same = not analyse(name).keys.isdisjoint(analyse(best.matched_name or "").keys)
        return is_same and sum(hit.why == match.EXACT_NAME for hit in hits) == 1
    same_figures = sorted(re.findall("[0-9]+", name)) == sorted(re.findall("[0-9]+", best.matched_name or ""))
    return not best.dropped and not best.missing and same_figures and best.edits <= _MOST_EDITS


def _key(hit: Hit) -> tuple[str, str]:
    return hit.document.register, hit.document.number
