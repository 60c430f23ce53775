"""Organizations by their numbers from the ledger itself, where no index answers.

A number is tried as it was typed and as registers write it; nothing else is looked for. Pure but for the reader.
"""

import re
from collections.abc import Iterator, Sequence, Set
from typing import Protocol

from registry.errors import StorageAway
from registry.reading.record import Record
from search.question.absence import AbsenceReader, known_registers
from search.question.document import Document, document_from
from search.question.query import NAMED

_SEPARATORS = re.compile(r"[\s\u2010-\u2015\u2212/-]+")
_NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9.-]{1,32}")
#: a number of digits alone has these letters before it in the register's own writing (BC: at least seven digits)
_BEFORE_DIGITS, _DIGITS = "BC", 7


class OrganizationReader(AbsenceReader, Protocol):
    """What `registry.reading.reader.Reader` tells of one organization, and of all registers."""

    def organization(self, register: str, number: str) -> Sequence[Record]: ...


def registers_or_none(reader: OrganizationReader) -> Set[str]:
    """The codes of the registers that have an issuer here; none where the store does not answer."""
    try:
        return known_registers(reader)
    except StorageAway:
        return frozenset()


def document_of(reader: OrganizationReader, register: str, number: str) -> Document | None:
    """What the newest entry of an organization says; None where there is none, or no body under it."""
    for record in reversed(reader.organization(register, number)):
        if record.document is None or record.n is None:
            return None
        return document_from(record.document["credentialSubject"], record.index, record.n)
    return None


def numbered(reader: OrganizationReader, text: str, chosen: Set[str]) -> list[Document]:
    """The organizations with the number that somebody typed. `chosen`: registers, empty for all."""
    known = known_registers(reader)
    named = NAMED.fullmatch(text.strip())
    typed, registers = text, sorted(known & (chosen or known))
    if named is not None and named[1].lower() in known:
        typed, registers = named[2], [each for each in registers if each == named[1].lower()]
    tried = (document_of(reader, register, form) for register in registers for form in dict.fromkeys(_forms(typed)))
    return list({(each.register, each.number): each for each in tried if each is not None}.values())


def _forms(typed: str) -> Iterator[str]:
    stripped = typed.strip()
    for form in (stripped, stripped.upper(), _SEPARATORS.sub("", stripped).upper()):
        if _NUMBER.fullmatch(form):
            yield form
            if form.isdigit():
                yield _BEFORE_DIGITS + form.zfill(_DIGITS)
