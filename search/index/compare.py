"""Compare the index with the ledger, organization by organization.

An index that lags is not wrong: it is compared with the ledger as of its cursor. One that cannot be read is wrong, and no more
than that: whatever it is, a rebuild puts it right.
"""

import sqlite3

from registry.reading.reader import Reader
from search.errors import SearchAway
from search.index.decoding import documents_of
from search.question.document import Document
from search.question.index import Index

_STRIDE = 1000
_SHOWN = 20
#: what reading a damaged index raises: the database, and `parse_document`
_DAMAGE = (sqlite3.Error, KeyError, TypeError, ValueError)


def compare(reader: Reader, index: Index) -> tuple[int | None, list[str]]:
    """How many entries the index is behind, and what differs, at most 20 lines of it.

    None: it cannot be read. No line: it reflects the ledger as of its cursor.
    """
    try:
        health, cursor = index.health(), index.cursor()
    except (*_DAMAGE, SearchAway) as error:
        return None, [f"the index cannot be read: {type(error).__name__}"]
    size = reader.size()
    behind = size - min(cursor, size)
    if health.outdated:
        return behind, ["the index was made by another version"]
    if cursor > size:
        return behind, [f"the index reflects {cursor} entries, the ledger has {size}"]
    expected = {}
    for start in range(0, cursor, _STRIDE):
        for document in documents_of(reader.subjects(start, min(_STRIDE, cursor - start))):
            expected[document.register, document.number] = document
    differs = []
    if health.documents != len(expected):
        differs.append(f"the index holds {health.documents} organizations, the ledger {len(expected)}")
    for (register, number), document in expected.items():
        if len(differs) < _SHOWN and not _is_same(index, document):
            differs.append(f"{register}/{number} is not as the ledger has it")
    return behind, differs


def _is_same(index: Index, document: Document) -> bool:
    """Whether the index has that document; what cannot be read is another one."""
    try:
        return index.get(document.register, document.number) == document
    except _DAMAGE:
        return False
