"""Whether an organization answers a question, by which name, and how well.

The one judge that every index obeys. Pure. Stages go from best to worst; within one stage the rank of the name decides (names
in force before former ones, active organizations first, then the order of the ledger). An index may find candidates as it
likes, but gives each organization once, at the place that `best` names.
"""

from dataclasses import dataclass

from search.question.document import Document
from search.question.names import Name, analyse
from search.question.query import Filters, Query

NUMBER, FULL_NAME, NAME, NAME_PREFIX, WORDS, WORD_PREFIX, NUMBER_PREFIX, LISTED = range(8)

WHY = {
    NUMBER: "exact_number",
    FULL_NAME: "exact_name",
    NAME: "exact_name",
    NAME_PREFIX: "prefix",
    WORDS: "words",
    WORD_PREFIX: "words",
    NUMBER_PREFIX: "number_prefix",
    LISTED: "listed",
}


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the order of results: smaller is earlier. `rank` is of the name, else of the organization."""

    stage: int
    rank: int


@dataclass(frozen=True, slots=True)
class Hit:
    """An organization that answers, and where. `name`: the place in `document.names` that matched, None: the number."""

    document: Document
    position: Position
    name: int | None

    @property
    def why(self) -> str:
        """Stable code: exact_number, exact_name, prefix, words, number_prefix or listed."""
        return WHY[self.position.stage]

    @property
    def matched_name(self) -> str | None:
        """The text that matched; for a listing the current name, else the number."""
        if self.name is not None:
            return self.document.names[self.name].text
        return self.document.number if self.matched_kind == "number" else self.document.name

    @property
    def matched_kind(self) -> str:
        """legal, assumed, translated, former or number."""
        if self.name is not None:
            return self.document.names[self.name].kind
        by_number = self.position.stage in (NUMBER, NUMBER_PREFIX)
        return "number" if by_number or self.document.name is None else "legal"


def best(query: Query, filters: Filters, document: Document, names_asked: bool) -> Hit | None:
    """How `document` answers best; None: not at all. With `names_asked` false only its numbers are looked at.

    Of the filters, only the kind of name is regarded here: the others are `passes`.
    """
    if query.listing:
        return Hit(document, Position(LISTED, document.rank), None)
    if query.number and query.number in document.numbers:
        return Hit(document, Position(NUMBER, document.rank), None)
    if not names_asked:
        return None
    answer: tuple[Position, int] | None = None
    for place, entry in enumerate(document.names):
        if filters.name_kind and entry.kind not in filters.name_kind:
            continue
        stage = name_stage(query, analyse(entry.text))
        if stage is not None:
            position = Position(stage, document.name_rank(place))
            if answer is None or position < answer[0]:
                answer = position, place
    if answer is not None:
        return Hit(document, *answer)
    if query.number_prefix and any(number.startswith(query.number_prefix) for number in document.numbers):
        return Hit(document, Position(NUMBER_PREFIX, document.rank), None)
    return None


def name_stage(query: Query, name: Name) -> int | None:
    """The best stage at which one name answers, None: it does not."""
    if not name.full_keys.isdisjoint(query.full_keys):
        return FULL_NAME
    if not name.keys.isdisjoint(query.keys):
        return NAME
    if any(key.startswith(prefix) for prefix in query.prefixes for key in name.keys | name.full_keys):
        return NAME_PREFIX
    if not query.groups:
        return None
    *others, last = query.groups
    if not all(not name.tokens.isdisjoint(group.words) for group in others):
        return None
    if not name.tokens.isdisjoint(last.words):
        return WORDS
    if last.prefix is not None and any(token.startswith(last.prefix) for token in name.tokens):
        return WORD_PREFIX
    return None


def passes(filters: Filters, document: Document) -> bool:
    """Whether an organization passes all filters; an unknown registration date is in no range."""
    return (
        (not filters.register or document.register in filters.register)
        and (not filters.status or document.status in filters.status)
        and (not filters.type or document.type in filters.type)
        and (not filters.jurisdiction or document.jurisdiction in filters.jurisdiction)
        and (not filters.name_kind or any(name.kind in filters.name_kind for name in document.names))
        and (filters.registered_from is None or (document.registered_on or "") >= filters.registered_from)
        and (
            filters.registered_to is None
            or (document.registered_on is not None and document.registered_on <= filters.registered_to)
        )
    )
