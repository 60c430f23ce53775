"""What the index keeps of one organization, and how a credential becomes it.

A `Document` holds all that a result shows, so that search never asks the ledger; it is found by, never believed.
Pure. Reading the ledger is left to `search/index/follow.py`, matching to `search/question/match.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas import PERMIT, credential_type
from schemas.organization import State, from_subject
from search.question.letters import fold
from search.question.names import analyse, number_keys
from search.question.query import NAME_KINDS, UNKNOWN

#: a name's rank holds, from below: its place among the names, its kind, its organization's rank, whether it was given up, and
#: its length
KIND_SHIFT = 11
KIND_MASK = 7
NAME_BITS = 14
ACTIVE_SHIFT = 40
#: of those that are not active, permits come last, in force or not
PERMIT_SHIFT = ACTIVE_SHIFT - 1
FORMER_SHIFT = NAME_BITS + ACTIVE_SHIFT + 1
_LONGEST_LENGTH = 7
#: of each kind of relationship, how the other side would say it
INVERSE = {
    "doesBusinessAs": "isOwnedBy",
    "isOwnedBy": "doesBusinessAs",
    "amalgamatedInto": "amalgamatedFrom",
    "amalgamatedFrom": "amalgamatedInto",
    "continuedInto": "continuedFrom",
    "continuedFrom": "continuedInto",
    "heldBy": "holds",
    "holds": "heldBy",
}


@dataclass(frozen=True, slots=True)
class NameEntry:
    """One name of an organization. `kind`: legal, assumed, translated, former or home; dates ISO."""

    text: str
    kind: str
    language: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship that an organization states. `number` is in `register`; None where only a name is known."""

    kind: str
    register: str
    number: str | None = None
    name: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One organization as of ledger entry `entry` (0-based), its `n`-th credential.

    `first`: its first entry that is known; it tells the place among others, not what is said, so equality ignores it.
    `name`: the current legal name, None where the register knows none. `names`: current ones first. `status`: Active,
    Historical or unknown; `register_status`: the register's own code for it. `locality`: the town or city of its first address
    that has one.
    """

    register: str
    number: str
    entry: int
    first: int = field(compare=False)
    n: int
    name: str | None
    status: str
    type: str
    jurisdiction: str | None = None
    registered_on: str | None = None
    business_number: str | None = None
    names: tuple[NameEntry, ...] = ()
    links: tuple[Link, ...] = ()
    locality: str | None = None
    register_status: str | None = None

    @property
    def rank(self) -> int:
        """Place among all organizations, unique: active ones first, permits last, then in the order of their first entry."""
        return rank_of(self.register, self.status, self.first)

    def name_rank(self, place: int) -> int:
        """Place of `names[place]` among all names, unique: of few words first, former ones last, then as their organizations."""
        kind = NAME_KINDS.index(self.names[place].kind)
        is_past = self.names[place].kind == "former" or self.names[place].until is not None
        return rank_of_name(self.rank, place, kind, len(analyse(self.names[place].text).units), is_past=is_past)

    @property
    def numbers(self) -> frozenset[str]:
        """Compact forms of all numbers that identify it."""
        own = number_keys(self.number)
        return own | number_keys(self.business_number) if self.business_number else own

    @property
    def kinds(self) -> int:
        """Kinds of names that it has, as bits in the order of `NAME_KINDS`."""
        bits = 0
        for name in self.names:
            bits |= 1 << NAME_KINDS.index(name.kind)
        return bits


def rank_of(register: str, status: str, first: int) -> int:
    """As `Document.rank`: a permit never stands before an organization that answers as well."""
    if credential_type(register) == PERMIT:
        return 1 << ACTIVE_SHIFT | 1 << PERMIT_SHIFT | first
    return (0 if status == "Active" else 1) << ACTIVE_SHIFT | first


def rank_of_name(rank: int, place: int, kind: int, length: int, *, is_past: bool) -> int:
    """As `Document.name_rank`. `rank`: of the organization; `kind`: place in `NAME_KINDS`; `length`: how many units it has;
    `is_past`: given up.
    """
    length = min(length, _LONGEST_LENGTH)
    return length << FORMER_SHIFT + 1 | int(is_past) << FORMER_SHIFT | rank << NAME_BITS | kind << KIND_SHIFT | place


def organization_of(name_rank: int) -> int:
    """The rank of the organization whose name has that rank."""
    return name_rank >> NAME_BITS & ((1 << ACTIVE_SHIFT + 1) - 1)


def place_of(name_rank: int) -> int:
    """The place of a name among those of its organization."""
    return name_rank & ((1 << KIND_SHIFT) - 1)


def kind_of(name_rank: int) -> str:
    """The kind of a name: legal, assumed, translated, former or home."""
    return NAME_KINDS[name_rank >> KIND_SHIFT & KIND_MASK]


def document_from(subject: Mapping[str, Any], entry: int, n: int) -> Document:
    """The document of a `credentialSubject` that passed its schema, logged at ledger entry `entry`."""
    state = from_subject(dict(subject))
    return Document(
        register=state.register,
        number=state.number,
        entry=entry,
        first=entry,
        n=n,
        name=state.legal_name,
        status=state.status or UNKNOWN,
        type=state.entity_type,
        jurisdiction=state.jurisdiction,
        registered_on=state.registered_on,
        business_number=state.business_number,
        names=_names(state),
        links=tuple(
            Link(link.kind, link.register or state.register, link.number, link.name, link.since, link.until)
            for link in state.relationships
        ),
        locality=next((address.locality for address in state.addresses if address.locality), None),
        register_status=state.register_status,
    )


def name_order(document: Document) -> str:
    """What organizations are sorted by name with; those without one come last."""
    return "\U0010ffff" if document.name is None else fold(document.name)


def date_order(document: Document) -> str:
    """What organizations are sorted by date with; those without one come last."""
    return document.registered_on or "9"


def print_document(document: Document) -> str:
    """A document as compact JSON."""
    return orjson.dumps(document).decode()


def parse_document(text: str) -> Document:
    """The document that `print_document` printed. KeyError, TypeError, ValueError: it is something else."""
    plain = orjson.loads(text)
    plain["names"] = tuple(NameEntry(**name) for name in plain["names"])
    plain["links"] = tuple(Link(**link) for link in plain["links"])
    return Document(**plain)


def _names(state: State) -> tuple[NameEntry, ...]:
    names = {
        (name.text, name.kind): NameEntry(name.text, name.kind, name.language, name.since, name.until)
        for name in state.names
    }
    if state.legal_name is not None:
        names.setdefault((state.legal_name, "legal"), NameEntry(state.legal_name, "legal"))
    return tuple(sorted(names.values(), key=lambda name: NAME_KINDS.index(name.kind)))
