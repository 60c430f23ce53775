"""Hits as the ledger has them: an index decides nothing that is shown.

The entry that a hit names is read from the store, and what it says was held against it there. What the index says of it otherwise
is not shown; what the store has no longer, as after an erasure, or has changed, is left out. Where the store does not answer,
hits are shown as the index has them, and the answer says so. Pure but for the reader.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from registry.errors import LedgerDamaged, Malformed, StorageAway
from registry.log.entry import CREDENTIAL_KINDS
from registry.reading.record import Subject
from search.question.document import Document, document_from
from search.question.match import Hit
from search.question.matching import Candidate


class SubjectReader(Protocol):
    """What `registry.reading.reader.Reader` tells of entries."""

    def subjects_at(self, indexes: Sequence[int]) -> dict[int, Subject]: ...


def held_hits(reader: SubjectReader, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The hits in their order, each with the document of its entry."""
    subjects = _subjects(reader, sorted({hit.document.entry for hit in hits}))
    documents = {index: _document(subject) for index, subject in subjects.items()}
    checked = (_held(hit, documents.get(hit.document.entry)) for hit in hits)
    return tuple(hit for hit in checked if hit is not None)


def held_or_found(reader: SubjectReader, hits: Sequence[Hit]) -> tuple[tuple[Hit, ...], bool]:
    """What `held_hits` gives, and True; where the store does not answer, the hits as they are, and False."""
    try:
        return held_hits(reader, hits), True
    except StorageAway:
        return tuple(hits), False


def held_candidates(reader: SubjectReader, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same of what a row of a list may mean; one of which the index said something else is no match."""
    hits = {hit.document.entry: hit for hit in held_hits(reader, [candidate.hit for candidate in candidates])}
    return [
        replace(candidate, hit=hit, is_match=candidate.is_match and hit == candidate.hit)
        for candidate in candidates
        if (hit := hits.get(candidate.hit.document.entry)) is not None
    ]


def held_documents(reader: SubjectReader, documents: Sequence[Document]) -> list[Document | None]:
    """Each document as its entry has it; None where that is gone, or is another organization's."""
    subjects = _subjects(reader, sorted({document.entry for document in documents})) if documents else {}
    return [_same(document, subjects.get(document.entry)) for document in documents]


def _same(document: Document, subject: Subject | None) -> Document | None:
    said = None if subject is None else _document(subject)
    is_it = said is not None and (said.register, said.number) == (document.register, document.number)
    return said if is_it else None


def _subjects(reader: SubjectReader, indexes: Sequence[int]) -> dict[int, Subject]:
    try:
        return reader.subjects_at(indexes)
    except (LedgerDamaged, Malformed):
        if len(indexes) < 2:
            return {}
    return {index: subject for at in indexes for index, subject in _subjects(reader, [at]).items()}


def _document(subject: Subject) -> Document | None:
    if subject.kind not in CREDENTIAL_KINDS or subject.subject is None or subject.n is None:
        return None
    return document_from(subject.subject, subject.index, subject.n)


def _held(hit: Hit, document: Document | None) -> Hit | None:
    """The hit with that document. None: it is another organization's, or has not the name that matched."""
    if document == hit.document:
        return hit
    if document is None or (document.register, document.number) != (hit.document.register, hit.document.number):
        return None
    if hit.name is None:
        return replace(hit, document=document)
    matched = hit.document.names[hit.name]
    place = next((at for at, name in enumerate(document.names) if name.text == matched.text), None)
    return None if place is None else replace(hit, document=document, name=place)
