"""A hit: what answers a question, how, and its place among the results.

Pure. How well a name answers is left to `score`, which ones are looked at to `finding`.
"""

from dataclasses import dataclass

from search.question.document import Document
from search.question.query import Filters

#: how an answer was found, from the surest way to the least sure
EXACT_NUMBER, EXACT_NAME, PREFIX, WORDS, ACRONYM, SPELLING, PART, NUMBER_PREFIX, LISTED = (
    "exact_number",
    "exact_name",
    "prefix",
    "words",
    "acronym",
    "spelling",
    "part",
    "number_prefix",
    "listed",
)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the order of results: smaller is earlier. Stages: the best, by their place; then all others, by rank."""

    stage: int
    rank: int


BEST, OTHERS = 0, 1


@dataclass(frozen=True, slots=True)
class Hit:
    """An organization that answers, and how well.

    `name`: the place in `document.names` that matched, None: the number. `why`: a stable code, as above. `score`: 0 to 1.
    `edits`: letters that differ; `dropped`: typed words that the name has not; `missing`: words of the name that were not typed;
    `form_agrees`: whether the legal form is the one typed, None where none was.
    """

    document: Document
    position: Position
    name: int | None
    why: str
    score: float = 1.0
    edits: int = 0
    dropped: tuple[str, ...] = ()
    missing: int = 0
    form_agrees: bool | None = None

    @property
    def matched_name(self) -> str | None:
        """The text that matched; for a listing the current name, else the number."""
        if self.name is not None:
            return self.document.names[self.name].text
        return self.document.number if self.matched_kind == "number" else self.document.name

    @property
    def matched_kind(self) -> str:
        """legal, assumed, translated, former, home or number."""
        if self.name is not None:
            return self.document.names[self.name].kind
        by_number = self.why in (EXACT_NUMBER, NUMBER_PREFIX)
        return "number" if by_number or self.document.name is None else "legal"

    @property
    def matched_since(self) -> str | None:
        """The day from which the name that matched is or was in force; None: not known."""
        return None if self.name is None else self.document.names[self.name].since

    @property
    def matched_until(self) -> str | None:
        """The day on which the name that matched was given up; None: in force, or not known."""
        return None if self.name is None else self.document.names[self.name].until

    @property
    def is_in_force(self) -> bool | None:
        """Whether the name that matched is in force; None: a number or a listing matched no name."""
        return None if self.name is None else is_in_force(self.matched_kind, self.matched_until)


def is_in_force(kind: str, until: str | None) -> bool:
    """Whether a name of that kind, given up on the day `until` (None: never), is in force in the state that tells of it."""
    return kind != "former" and until is None


def listed(document: Document, filters: Filters) -> Hit:
    """An organization where nothing was typed: by its name, or by one of the kind or of the day that was asked for."""
    place = None
    if filters.name_kind or filters.at is not None:
        places = (at for at in range(len(document.names)) if name_passes(filters, document, at))
        place = min(places, key=lambda at: (document.names[at].kind not in ("legal", "former"), at), default=None)
    return Hit(document, Position(OTHERS, document.rank), place, LISTED)


def passes(filters: Filters, document: Document) -> bool:
    """Whether an organization passes all filters but that of names; an unknown registration date is in no range."""
    return (
        (not filters.register or document.register in filters.register)
        and (not filters.status or document.status in filters.status)
        and (not filters.type or document.type in filters.type)
        and (not filters.jurisdiction or document.jurisdiction in filters.jurisdiction)
        and (filters.registered_from is None or (document.registered_on or "") >= filters.registered_from)
        and (
            filters.registered_to is None
            or (document.registered_on is not None and document.registered_on <= filters.registered_to)
        )
        and (not filters.name_kind or any(name.kind in filters.name_kind for name in document.names))
        and (filters.at is None or (document.registered_on or "") <= filters.at)
    )


def name_passes(filters: Filters, document: Document, place: int) -> bool:
    """Whether a name is of a kind that was asked for, and in force on the day asked for."""
    name = document.names[place]
    return (not filters.name_kind or name.kind in filters.name_kind) and (
        filters.at is None or ((name.since or "") <= filters.at and (name.until is None or filters.at < name.until))
    )
