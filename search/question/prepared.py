"""A document with what an index keeps of its names and numbers. Pure.

Taking names apart costs more than writing them down. What is made here are plain values, so that another process can make and
send them, and ranks are added by the index: it alone knows which entry of an organization was its first.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

import orjson

from search.question.document import (
    Document,
    date_order,
    name_order,
    parse_document,
    print_document,
    rank_of,
    rank_of_name,
)
from search.question.names import analyse
from search.question.query import NAME_KINDS
from search.question.score import print_read
from search.question.terms import keys_of, terms_of

_FORMER = NAME_KINDS.index("former")


class PreparedName(NamedTuple):
    """One name. `kind`: its place in `NAME_KINDS`; `length`: of its units; `read`: as `print_read` printed it.

    `keys`: with tabs between; `tokens`, `terms`: with spaces.
    """

    kind: int
    length: int
    since: str | None
    until: str | None
    read: str
    keys: str
    tokens: str
    terms: str


class Prepared(NamedTuple):
    """`body`: the document as `print_document` printed it, with its own first entry; `links`: place, register and number.

    `names` in the order of the document's; `by_name`, `by_date`: what it is sorted by.
    """

    register: str
    number: str
    entry: int
    first: int
    status: str
    type: str
    jurisdiction: str | None
    registered_on: str | None
    kinds: int
    by_name: str
    by_date: str
    body: str
    numbers: tuple[str, ...]
    links: tuple[tuple[int, str, str], ...]
    names: tuple[PreparedName, ...]

    @property
    def document(self) -> Document:
        """The document that it was made of."""
        return parse_document(self.body)

    @property
    def rank(self) -> int:
        """As `Document.rank`."""
        return rank_of(self.register, self.status, self.first)

    @property
    def terms(self) -> set[str]:
        """The words of its names that are counted, each once."""
        return {term for name in self.names for term in name.terms.split()}

    def ranked(self) -> Iterator[tuple[int, PreparedName]]:
        """Each name with its rank, as `Document.name_rank` gives it."""
        rank = self.rank
        for place, name in enumerate(self.names):
            is_past = name.kind == _FORMER or name.until is not None
            yield rank_of_name(rank, place, name.kind, name.length, is_past=is_past), name


def prepare(document: Document) -> Prepared:
    """What an index keeps of a document."""
    names = []
    for entry in document.names:
        name = analyse(entry.text)
        units = name.units
        read = print_read(units, name.legal, sorted(name.keys))
        keys, terms = "\t".join(sorted(keys_of(name))), " ".join(sorted(terms_of(name)))
        kind, tokens = NAME_KINDS.index(entry.kind), " ".join(sorted(name.tokens))
        names.append(PreparedName(kind, len(units), entry.since, entry.until, read, keys, tokens, terms))
    return Prepared(
        document.register,
        document.number,
        document.entry,
        document.first,
        document.status,
        document.type,
        document.jurisdiction,
        document.registered_on,
        document.kinds,
        name_order(document),
        date_order(document),
        print_document(document),
        tuple(sorted(document.numbers)),
        tuple((at, link.register, link.number) for at, link in enumerate(document.links) if link.number is not None),
        tuple(names),
    )


def newer(fresh: Prepared, before: Prepared | None) -> Prepared:
    """Of one organization the document of the later entry, as of the earlier first one."""
    if before is None:
        return fresh
    newest = fresh if fresh.entry >= before.entry else before
    first = min(fresh.first, before.first)
    if newest.first == first:
        return newest
    return newest._replace(first=first, body=print_document(replace(newest.document, first=first)))


def prepared(documents: Iterable[Document | Prepared]) -> Iterator[Prepared]:
    """All of them, those that are not yet prepared here and now."""
    return (prepare(each) if isinstance(each, Document) else each for each in documents)


def print_prepared(documents: Iterable[Prepared]) -> bytes:
    """Some of them as bytes, for another process of the same program."""
    return orjson.dumps([(*each[:-1], [name[:] for name in each.names]) for each in documents])


def parse_prepared(data: bytes) -> list[Prepared]:
    """What `print_prepared` printed."""
    documents = []
    for *fields, numbers, links, names in orjson.loads(data):
        read = tuple(map(PreparedName._make, names))
        documents.append(Prepared._make((*fields, tuple(numbers), tuple(map(tuple, links)), read)))
    return documents
