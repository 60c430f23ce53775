"""What a ledger says of organizations, entry by entry, for an index.

Much cheaper than `Record`, and no less held against the entry: the statement whose hash is the entry's commitment is what was
logged (contract, Documents), whatever read it. Its proofs are not among it, so nobody looks at them. What has no such hash in
this way is read in the strict way, which says what is wrong.
"""

from typing import Any

import orjson

from registry.log import entry
from registry.reading.record import Subject
from registry.records.committed import held
from registry.store.document_rows import RecordRow


def subject_of(row: RecordRow) -> Subject:
    """What a row says. LedgerDamaged `record_untrue`; Malformed: the entry is none."""
    index, kind, commitment = _entry(row.body)
    if row.document is None or row.salt is None or row.n is None:
        return Subject(index, kind, row.n, None)
    statement = _statement(row.document)
    if statement is None or commitment != entry.commitment_to(row.salt, _print(statement)):
        statement = held(entry.parse(row.body), row.document, row.salt)
    return Subject(index, kind, row.n, statement["credentialSubject"])


def _entry(body: bytes) -> tuple[int, str, str | None]:
    """Index, kind and commitment; nothing is read of the other members, so their forms do not matter."""
    try:
        members = orjson.loads(body)
        if type(members) is dict and _print(members) == body and type(members["index"]) is int:
            return members["index"], members["kind"], members.get("commitment")
    except (orjson.JSONDecodeError, KeyError):
        pass
    logged = entry.parse(body)
    return logged.index, logged.kind, logged.commitment


def _statement(data: bytes) -> dict[str, Any] | None:
    """The document without its proofs; None: it is no JSON object."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if type(document) is not dict:
        return None
    document.pop("proof", None)
    return document


def _print(members: dict[str, Any]) -> bytes:
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
