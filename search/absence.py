"""A number that somebody looked for and nobody has: which registers it may be meant in, and where its absence is proven.

Only a search by number alone can be answered so: filters hide what is there. The proof is the map's (`registry.completeness`)
and speaks of the number as it was typed; where the ledger holds a natural person under it, nothing is claimed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from registry.completeness import Completeness
from registry.errors import NotPublished
from search.match import Hit

PROOF_PATH = "/api/v1/proof/organization"
_NAMED = re.compile(r"([a-z0-9]{1,16}):([A-Za-z0-9.-]{1,32})")
#: digits alone, or at least four of them: `3M` is a name
_NUMBER = re.compile(r"(?=[0-9]+$|(?:[^0-9]*[0-9]){4})[A-Za-z0-9.-]{1,32}")


class AbsenceReader(Protocol):
    """The part of `registry.reader.Reader` that tells what is absent."""

    def trust(self) -> dict[str, Any]: ...
    def organization(self, register: str, number: str) -> list[Any]: ...
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


def absences(reader: AbsenceReader, text: str, chosen: frozenset[str], hits: Iterable[Hit]) -> list[Absence]:
    """What is proven absent where somebody typed `text` and the index found `hits`. `chosen`: registers, empty for all."""
    named, number = _NAMED.fullmatch(text.strip()), _NUMBER.fullmatch(text.strip())
    if (named is None and number is None) or any(hit.why == "exact_number" for hit in hits):
        return []
    known = {register for issuer in reader.trust()["issuers"] for register in issuer["registers"]}
    if named is not None:
        wanted = [(named[1], named[2])] if named[1] in known & (chosen or known) else []
    else:
        wanted = [(register, text.strip()) for register in sorted(known & (chosen or known))]
    found = (_absence(reader, register, typed) for register, typed in wanted)
    return [one for one in found if one is not None]


def _absence(reader: AbsenceReader, register: str, number: str) -> Absence | None:
    try:
        shown = reader.completeness(register, number)
    except NotPublished:
        return None
    size = shown.map_root.head.size
    if shown.entries or not size or reader.organization(register, number):
        return None
    return Absence(register, number, size - 1)
