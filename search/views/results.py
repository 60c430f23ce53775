"""What the search page shows: results, filters as links, and the next page.

Each result has the name that matched and why, each filter its counts. Pure but for the index it is given. The question is
`query`'s, the answer the index's; a cursor is a position in the order of results.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Protocol
from urllib.parse import urlencode

from schemas import codes
from search.errors import BadParameter
from search.question.absence import Absence, absences
from search.question.cursor import parse_cursor, print_cursor
from search.question.index import FACETS, SORTS, Counts, Index, Near
from search.question.letters import fold
from search.question.match import Hit, Position, listed
from search.question.query import UNKNOWN, Filters, parse_filters, parse_question
from search.views import wording
from search.views.from_store import OrganizationReader, numbered, registers_or_none
from search.views.held_hits import SubjectReader, held_or_found
from search.views.places import place_words

PAGE_SIZE = 20
_SHOWN_VALUES = 12
_FILTERS = (*FACETS, "name_kind", "registered_from", "registered_to", "at")


class ResultsReader(OrganizationReader, SubjectReader, Protocol):
    """What the page asks of the ledger."""


@dataclass(frozen=True, slots=True)
class Result:
    """One organization.

    `status`: Active, Historical or unknown; `sub_status`: what the register says beyond that, or empty; `matched`: another name
    that matched, or empty; `since`, `until`: the days on which it began and was given up, or empty; `is_given_up`: an assumed,
    translated or home name no longer in force. `why`: how this result and those after it answer, empty where that has been said.
    `edits`: letters that differ; `dropped`: typed words that the name has not. `place`, `registered`: what tells namesakes apart.
    """

    register: str
    number: str
    name: str | None
    status: str
    status_label: str
    sub_status: str
    type_label: str
    register_label: str
    matched: str
    matched_kind: str
    since: str
    until: str
    is_given_up: bool
    why: str
    edits: int
    dropped: str
    place: str
    registered: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter: its words, how many match, whether it is chosen, and the link that turns it on or off."""

    label: str
    count: int
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the results: its words, whether it is the present one, and its link."""

    label: str
    chosen: bool
    href: str


@dataclass(frozen=True, slots=True)
class Choices:
    """One filter."""

    title: str
    exact: bool
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class ResultsView:
    """The page. `total` is a lower bound unless `exact`; `next`, `first`: links, empty where there is nothing to go to.

    `absent`: where nothing was asked but a number that no register has, by the label of the register. `similar`: organizations
    with similar names, only where there is no result; `meant`: what else may have been meant, and its link, or empty.
    `carried`: what stays as it is when a new text is typed. `is_held`: false where the ledger could not be asked for the results.
    """

    total: int
    exact: bool
    results: tuple[Result, ...]
    filters: tuple[Choices, ...]
    next: str
    first: str
    absent: tuple[tuple[str, Absence], ...]
    similar: tuple[Result, ...]
    meant: tuple[str, str] | None
    orders: tuple[Order, ...]
    carried: tuple[tuple[str, str], ...]
    is_held: bool

    @property
    def is_filtered(self) -> bool:
        """Whether a value of a filter is chosen."""
        return any(choice.chosen for choices in self.filters for choice in choices.values)


def results_view(
    index: Index, reader: ResultsReader, given: Mapping[str, str], language: str, translate: Callable[[str], str]
) -> ResultsView:
    """The page for the parameters `given` (only known ones are read). BadParameter, BadCursor."""
    filters = parse_filters({name: given.get(name) for name in _FILTERS})
    query, filters = parse_question(given.get("q", ""), filters, lambda: registers_or_none(reader))
    sort = given.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise BadParameter("bad_parameter", f"sort is one of {', '.join(SORTS)}", "sort")
    parameters = {name: given[name] for name in ("q", *_FILTERS, "sort") if given.get(name)}
    question = "page" + _link(parameters)
    after = Position(*parse_cursor(question, given["cursor"], 2)) if given.get("cursor") else None
    outcome = index.find(query, filters, after, PAGE_SIZE, sort)
    page, counts = outcome.page, outcome.counts
    is_plain = filters == Filters(register=filters.register) and after is None
    near = outcome.near or Near((), None)
    hits, is_held = held_or_found(reader, page.hits)
    similar, _ = held_or_found(reader, near.similar)
    absent = absences(reader, index, query.raw, filters.register, page.hits) if is_plain and is_held else []
    return ResultsView(
        total=counts.total,
        exact=counts.exact,
        results=_results(hits, language, translate),
        filters=_choices(counts, parameters, language, translate),
        next=_link({**parameters, "cursor": print_cursor(question, *astuple(page.next))}) if page.next else "",
        first=_link(parameters) if given.get("cursor") else "",
        absent=tuple(
            (codes.label("register", absence.register, absence.register, language), absence) for absence in absent
        ),
        similar=_results(similar, language, translate),
        meant=None if near.did_you_mean is None else (near.did_you_mean, _link({**parameters, "q": near.did_you_mean})),
        orders=tuple(
            Order(translate(words), name == sort, _link({**parameters, "sort": name}))
            for name, words in wording.SORTS.items()
        ),
        carried=tuple((name, text) for name, text in parameters.items() if name != "q"),
        is_held=is_held,
    )


def results_by_number(
    reader: ResultsReader, given: Mapping[str, str], language: str, translate: Callable[[str], str]
) -> tuple[Result, ...]:
    """Where no index answers: the organizations with the number that was typed, from the ledger. BadParameter."""
    filters = parse_filters({name: given.get(name) for name in _FILTERS})
    documents = numbered(reader, given.get("q", ""), filters.register)
    return _results([listed(document, Filters()) for document in documents], language, translate)


def _results(hits: Sequence[Hit], language: str, translate: Callable[[str], str]) -> tuple[Result, ...]:
    """Each says how it answers where the one before it answers otherwise: the same sentence stands once."""
    results = [_result(hit, language, translate) for hit in hits]
    return tuple(
        replace(result, why="") if place and results[place - 1].why == result.why else result
        for place, result in enumerate(results)
    )


def _result(hit: Hit, language: str, translate: Callable[[str], str]) -> Result:
    document = hit.document
    another = hit.matched_name is not None and hit.matched_kind != "number" and hit.matched_name != document.name
    why = wording.WHY.get(hit.why, "")
    shown = {word for name in (document.name, hit.matched_name) if name for word in re.findall(r"\w+", fold(name))}
    return Result(
        register=document.register,
        number=document.number,
        name=document.name,
        status=document.status,
        status_label=_status_label(document.status, language, translate, document.register),
        sub_status=codes.sub_status_label(document.register, document.register_status, language) or "",
        type_label=codes.label("entity_type", document.register, document.type, language),
        register_label=codes.label("register", document.register, document.register, language),
        matched=str(hit.matched_name) if another else "",
        matched_kind=codes.label("name_kind", document.register, hit.matched_kind, language) if another else "",
        since=(hit.matched_since or "") if another else "",
        until=(hit.matched_until or "") if another else "",
        is_given_up=another and hit.matched_kind != "former" and hit.is_in_force is False,
        why=translate(why) if why else "",
        edits=hit.edits,
        dropped=" ".join(word for word in hit.dropped if word not in shown),
        place=", ".join(filter(None, (document.locality, place_words(document.jurisdiction or "", translate)))),
        registered=document.registered_on or "",
    )


def _status_label(status: str, language: str, translate: Callable[[str], str], register: str = "") -> str:
    """`register`: whose word for it, as a permit is in force where an organization is active; none: that of all."""
    if status == UNKNOWN:
        return translate(wording.UNKNOWN_STATUS)
    return codes.label("registration_status", register, status, language)


def _choices(
    counts: Counts, parameters: Mapping[str, str], language: str, translate: Callable[[str], str]
) -> tuple[Choices, ...]:
    known = [value for value, _ in counts.facets["register"].values] if "register" in counts.facets else []
    chosen_registers = set(parameters.get("register", "").split(",")) & set(known)
    registers = sorted(chosen_registers) or known

    def words(field: str, value: str) -> str:
        if field == "status":
            return _status_label(value, language, translate)
        if field == "type":
            labels = {codes.label("entity_type", register, value, language) for register in registers}
            return " / ".join(sorted(labels - {value})) or value
        if field == "jurisdiction":
            return place_words(value, translate)
        return codes.label("register", value, value, language) if field == "register" else value

    choices = []
    for field in FACETS:
        facet = counts.facets.get(field)
        chosen = set(parameters.get(field, "").split(",")) - {""}
        if facet is None or (len(facet.values) < 2 and not chosen):
            continue
        rows = sorted(facet.values, key=lambda row: row[0] not in chosen)[:_SHOWN_VALUES]
        values = tuple(
            Choice(words(field, value), count, value in chosen, _toggled(parameters, field, chosen, value))
            for value, count in rows
        )
        choices.append(Choices(translate(wording.FACETS[field]), facet.exact, values))
    return tuple(choices)


def _toggled(parameters: Mapping[str, str], field: str, chosen: set[str], value: str) -> str:
    values = chosen ^ {value}
    others = {name: text for name, text in parameters.items() if name != field}
    return _link({**others, field: ",".join(sorted(values))} if values else others)


def _link(parameters: Mapping[str, str]) -> str:
    return "?" + urlencode(parameters)
