"""A number that somebody looked for and no register has, with its proof.

Which registers may be meant, and where the absence is proven. Only a search by number alone can be answered so: filters hide
what is there. The proof is the map's (`registry/verify`) and speaks of the number as it was typed; where the index knows it in
another way of writing, or the ledger holds a natural person under it, nothing is claimed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from registry.errors import NotPublished
from registry.verify.completeness import Completeness
from search.question.index import Index
from search.question.match import Hit
from search.question.names import compact_number
from search.question.query import NAMED, Filters, parse_query

#: of so many organizations of a register the numbers are looked at, to know how it writes them
_LOOKED_AT = 100
_SEPARATORS = re.compile(r"[\s\u2010-\u2015\u2212/-]+")
PROOF_PATH = "/api/v1/proof/organization"
#: digits alone, or at least four of them: `3M` is a name
_NUMBER = re.compile(r"(?=[0-9]+$|(?:[^0-9]*[0-9]){4})[A-Za-z0-9.-]{1,32}")


class AbsenceReader(Protocol):
    """What `registry.reading.reader.Reader` tells of what is absent, for code that may open no ledger."""

    def trust(self) -> dict[str, Any]: ...
    def organization(self, register: str, number: str) -> Sequence[object]: ...
    def completeness(self, register: str, number: str) -> Completeness: ...


@dataclass(frozen=True, slots=True)
class Absence:
    """A number that a register does not have. `entry`: the newest one that was looked at."""

    register: str
    number: str
    entry: int

    @property
    def path(self) -> str:
        """Where the proof is, below the base path."""
        return f"{PROOF_PATH}?{urlencode({'register': self.register, 'number': self.number})}"


def known_registers(reader: AbsenceReader) -> set[str]:
    """The codes of the registers that have an issuer here."""
    return {register for issuer in reader.trust()["issuers"] for register in issuer["registers"]}


def own_form(index: Index, register: str, typed: str) -> str | None:
    """A number as the register itself writes it; None where it is not of a form that its numbers have.

    One that the register has, in whatever way it was typed, is written as there. Another one must look like those that it has:
    `9000001` and `BC9000O01` look like none of a register whose numbers are `BC9000001`, so that their absence says nothing.
    """
    for document in index.lookup(compact_number(typed)):
        if document.register == register:
            return document.number
    written = _SEPARATORS.sub("", typed.strip()).upper()
    listing = parse_query("")
    known = index.search(listing, Filters(register=frozenset({register})), None, _LOOKED_AT).hits
    shapes = {_shape(hit.document.number) for hit in known}
    return written if _NUMBER.fullmatch(written) and _shape(written) in shapes else None


def _shape(number: str) -> str:
    """Letters and digits of a number as what they are: `BC9000001` has the shape `AA9999999`."""
    return re.sub("[A-Z]", "A", re.sub("[0-9]", "9", number))


def absences(
    reader: AbsenceReader, index: Index, text: str, chosen: frozenset[str], hits: Iterable[Hit]
) -> list[Absence]:
    """What is proven absent where somebody typed `text` and the index found `hits`. `chosen`: registers, empty for all."""
    named, number = NAMED.fullmatch(text.strip()), _NUMBER.fullmatch(text.strip())
    if (named is None and number is None) or any(hit.why == "exact_number" for hit in hits):
        return []
    known = known_registers(reader)
    if named is not None:
        register = named[1].lower()
        wanted = [(register, named[2])] if register in known & (chosen or known) else []
    else:
        wanted = [(register, text.strip()) for register in sorted(known & (chosen or known))]
    forms = ((register, own_form(index, register, typed)) for register, typed in wanted)
    tried = (_absence(reader, index, register, form) for register, form in forms if form is not None)
    return [absence for absence in tried if absence is not None]


def _absence(reader: AbsenceReader, index: Index, register: str, number: str) -> Absence | None:
    try:
        shown = reader.completeness(register, number)
    except NotPublished:
        return None
    size = shown.map_root.head.size
    # an index that has not read so far does not know every way of writing the numbers there
    if shown.entries or not size or index.cursor() < size or _is_known(index, register, number):
        return None
    return None if reader.organization(register, number) else Absence(register, number, size - 1)


def _is_known(index: Index, register: str, number: str) -> bool:
    """Whether the register has that number, in whatever way it is written."""
    return any(document.register == register for document in index.lookup(compact_number(number)))
