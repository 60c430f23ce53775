"""This ledger's own word on a credential that somebody shows.

What came later, and what the newest lists say.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from registry.credential import status
from registry.encoding.moment import print_utc
from registry.errors import NotFound
from registry.log import entry, map_log, note
from registry.log.policy import parse as parse_policy
from registry.reading.record import Known
from registry.records.committed import held
from registry.store import document_rows, issuer_rows, map_rows, rows
from registry.store.database import Connection


def known_of(
    connection: Connection, witness_policy: str, entry_bytes: bytes, credential: Mapping[str, Any]
) -> Known | None:
    """What the ledger knows of a credential under its published checkpoint; None where that entry is not in it."""
    published = rows.read_published(connection)
    parsed = entry.parse(entry_bytes)
    if published is None or parsed.index >= published[0] or parsed.org is None:
        return None
    size, signed = published
    if rows.read_entries(connection, parsed.index, parsed.index + 1) != [entry_bytes]:
        return None
    indexes = map_rows.listed(connection, map_log.organization_key(parsed.org), size)
    later = [
        entry.parse(rows.read_entries(connection, index, index + 1)[0]) for index in indexes if index > parsed.index
    ]
    standing = _standing_of(connection, credential)
    last = entry.parse(rows.read_entries(connection, size - 1, size)[0]).time // 1000
    times = parse_policy(witness_policy).cosigned(note.parse(signed))
    return Known(later, standing, print_utc(datetime.fromtimestamp(max(times.values(), default=last), UTC)))


def _standing_of(connection: Connection, credential: Mapping[str, Any]) -> str | None:
    """`revoked` or `suspended`, as the newest of the lists that a credential names say."""
    for named in status.named_by(dict(credential)):
        bits = list_bits(connection, str(named.get("statusListCredential")))
        index = named.get("statusListIndex")
        position = int(index) if isinstance(index, str) and index.isascii() and index.isdigit() else -1
        if bits is not None and 0 <= position < len(bits) * 8 and status.is_set(bits, position):
            return status.SET.get(str(named.get("statusPurpose")))
    return None


def list_bits(connection: Connection, list_id: str) -> bytes | None:
    """The bits of the newest version of a list, as it was logged; None where there is no such list. NotFound `body_missing`."""
    head = rows.read_head(connection)
    index = None if head is None else issuer_rows.newest_list_version(connection, list_id, head.size)
    if index is None:
        return None
    committed = document_rows.read_document(connection, index)
    if committed is None:
        raise NotFound("body_missing", f"the body under entry {index} is not in this store")
    document = held(entry.parse(rows.read_entries(connection, index, index + 1)[0]), *committed)
    return status.decode(document["credentialSubject"]["encodedList"])
