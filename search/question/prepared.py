"""A document with what an index keeps of its names and numbers. Pure.

Taking names apart costs more than writing them down. What is made here knows no rank, so that another process can make it, for an
index that alone knows which entry of an organization was its first.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from search.question.document import Document, rank_of_name
from search.question.names import analyse
from search.question.score import print_read
from search.question.terms import keys_of, terms_of


class PreparedName(NamedTuple):
    """One name. `length`: of its units; `read`: as `print_read` printed it; `tokens`: with spaces between them."""

    length: int
    read: str
    keys: tuple[str, ...]
    tokens: str
    terms: tuple[str, ...]


class Prepared(NamedTuple):
    """`names`: in the order of the document's; `numbers`: compact forms, sorted."""

    document: Document
    numbers: tuple[str, ...]
    names: tuple[PreparedName, ...]

    def ranked(self, document: Document) -> Iterator[tuple[int, PreparedName]]:
        """Each name with its rank, as those of `document`, which is this one but for its first entry."""
        for place, name in enumerate(self.names):
            yield rank_of_name(document, place, name.length), name


def prepare(document: Document) -> Prepared:
    """What an index keeps of a document."""
    names = (analyse(entry.text) for entry in document.names)
    return Prepared(
        document,
        tuple(sorted(document.numbers)),
        tuple(
            PreparedName(
                len(name.units),
                print_read(name.units, name.legal, sorted(name.keys)),
                tuple(sorted(keys_of(name))),
                " ".join(sorted(name.tokens)),
                tuple(sorted(terms_of(name))),
            )
            for name in names
        ),
    )


def prepared(documents: Iterable[Document | Prepared]) -> Iterator[Prepared]:
    """All of them, those that are not yet prepared here and now."""
    return (prepare(each) if isinstance(each, Document) else each for each in documents)
