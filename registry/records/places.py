"""All places are held against the entries, in one pass over the ledger.

Each credential entry has a place that bears its seal and names the same organization, unless it was erased, or is of an unknown
person; nothing else has one. So no filing is hidden, and none is made up, before what the register says is compared with them.
"""

from collections.abc import Iterator

from registry.credential.identity import Identity
from registry.errors import LedgerDamaged
from registry.log import entry
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import Frontier, leaf_hash
from registry.records.seals import Seals
from registry.store import place_rows, rows, seal_rows
from registry.store.database import Connection
from registry.store.seal_rows import SealedPlace

_STRIDE = 1024
_KIND, _ORG = b'"kind":"', b'","org":"'
_CREDENTIAL_KINDS = {kind.encode() for kind in entry.CREDENTIAL_KINDS}


def check_all(connection: Connection, seals: Seals, identity: Identity, head: Checkpoint) -> tuple[set[int], set[int]]:
    """Hold every place against the entries below `head`, which is believed; the entries whose bodies were erased, and those
    that a `correct` took the place of.

    LedgerDamaged `record_untrue`: one is missing, of another organization, or under an entry that is no credential;
    `seal_broken`: one does not bear its seal.
    """
    frontier, unplaced, gone, replaced = Frontier(), dict[int, str | None](), set[int](), set[int]()
    places = _sealed(connection, seals)
    row = next(places, None)
    for start in range(0, head.size, _STRIDE):
        bodies = rows.read_entries(connection, start, min(start + _STRIDE, head.size))
        frontier.extend([leaf_hash(body) for body in bodies])
        for index, body in enumerate(bodies, start):
            kind, org = _members(index, body)
            if kind == b"correct":
                replaced.update(entry.parse(body).refers)
            if row is not None and row.place.i == index:
                if kind not in _CREDENTIAL_KINDS or not _is_of(row, org.decode()):
                    raise _untrue(index, "its place is of another organization, or it is no credential")
                row = next(places, None)
            elif kind in _CREDENTIAL_KINDS:
                unplaced[index] = (
                    entry.parse(body).issuer if org.startswith(b"~") else None
                )  # nobody is unknown by name
            elif kind == b"erase":
                gone.update(entry.parse(body).refers)
    if row is not None:
        raise _untrue(row.place.i, "it has a place, and is not in the ledger")
    if frontier.root() != head.root:
        raise LedgerDamaged("record_untrue", "the entries are not those that the office has written")
    unknown = {i: identity.issuer_did(register) for i, register in place_rows.read_unknown_persons(connection)}
    for index in gone & unplaced.keys():
        del unplaced[index]
    for index in unplaced.keys() ^ unknown.keys():
        raise _untrue(index, "its place is missing, and nobody erased it")
    if unplaced != unknown:
        raise LedgerDamaged("record_untrue", "an unknown person has a name in its entry, or stands in another register")
    return gone, replaced


def _sealed(connection: Connection, seals: Seals) -> Iterator[SealedPlace]:
    for row in seal_rows.read_sealed_places(connection):
        if not seals.is_sealed(row):
            raise LedgerDamaged("seal_broken", f"the place of entry {row.place.i} is not as the office wrote it")
        yield row


def _members(index: int, body: bytes) -> tuple[bytes, bytes]:
    """Kind and organization of an entry that the office has printed: JCS sorts its members, and no text in it has a quote."""
    start = body.find(_KIND) + len(_KIND)
    end = body.find(b'"', start)
    if start < len(_KIND) or end < 0:
        raise _untrue(index, "it is no entry")
    if not body.startswith(_ORG, end):
        return body[start:end], b""
    return body[start:end], body[end + len(_ORG) : body.find(b'"', end + len(_ORG))]


def _is_of(row: SealedPlace, org: str) -> bool:
    place = row.place
    if not org.startswith("~"):
        return org == f"{place.register}:{place.number}"
    return row.org_salt is not None and entry.pseudonym(row.org_salt, place.register, place.number) == org


def _untrue(index: int, what: str) -> LedgerDamaged:
    return LedgerDamaged("record_untrue", f"entry {index}: {what}; see greffe audit")
