"""Compare the index with the ledger, organization by organization.

An index that lags is not wrong: it is compared with the ledger as of its cursor. One that cannot be read is wrong, and no more
than that: whatever it is, a rebuild puts it right.
"""

import sqlite3
from collections.abc import Sequence

from registry.reading.reader import Reader
from search.errors import SearchAway
from search.index.decoding import documents_of
from search.question.document import Document
from search.question.index import Index

_STRIDE = 1000
_SHOWN = 20
#: what reading a damaged index raises: the index, its database, and `parse_document`
_DAMAGE = (SearchAway, sqlite3.Error, KeyError, TypeError, ValueError)


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
    ids = list(expected)
    for start in range(0, len(ids), _STRIDE):
        part = ids[start : start + _STRIDE]
        there = _several(index, part)
        wrong = [id for id in part if there.get(id) != expected[id]]
        differs += [f"{register}/{number} is not as the ledger has it" for register, number in wrong]
        if len(differs) >= _SHOWN:
            break
    return behind, differs[:_SHOWN]


def _several(index: Index, ids: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Document]:
    """What the index has of them; what cannot be read is not there, and does not hide the others."""
    try:
        return index.several(ids)
    except _DAMAGE:
        if len(ids) == 1:
            return {}
        return {**_several(index, ids[: len(ids) // 2]), **_several(index, ids[len(ids) // 2 :])}
