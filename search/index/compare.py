"""Compare the index with the ledger, organization by organization.

An index that lags is not wrong: it is compared with the ledger as of its cursor.
"""

from registry.reading.reader import Reader
from search.index.follow import documents_of
from search.question.index import Index

_STRIDE = 1000
_SHOWN = 20


def compare(reader: Reader, index: Index) -> list[str]:
    """What differs, at most 20 lines of it; empty when the index reflects the ledger as of its cursor."""
    health = index.health()
    if health.outdated:
        return ["the index was made by another version"]
    cursor = index.cursor()
    if cursor > reader.size():
        return [f"the index reflects {cursor} entries, the ledger has {reader.size()}"]
    expected = {}
    for start in range(0, cursor, _STRIDE):
        for document in documents_of(reader.records(start, min(_STRIDE, cursor - start))):
            expected[document.register, document.number] = document
    differs = [
        f"{register}/{number} is not as the ledger has it"
        for (register, number), document in expected.items()
        if index.get(register, number) != document
    ]
    if health.documents != len(expected):
        differs.append(f"the index holds {health.documents} organizations, the ledger {len(expected)}")
    return differs[:_SHOWN]
