"""KEEP: admit what was signed, and append it: one transaction of at most 256 entries, guarded by compare-and-swap.

What is admitted is checked once, from the bytes to be stored, with another implementation than the one that signed. Then
entries, bodies, salts, places, hashes and head change in one transaction; the caller acknowledges after it. A batch that
is killed leaves nothing. Any error drops the state in memory, so that nothing half-true is ever built upon. Signing
checkpoints is left to `publish`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import sqlalchemy as sa

from registry.credential import proof, status
from registry.credential.document import canonicalize_ours, check_schema
from registry.credential.identity import Identity
from registry.credential.rdf import Canonicalize
from registry.encoding import strict_json
from registry.errors import Conflict, LedgerDamaged, Refused, StorageFailed
from registry.keys import PublicKey
from registry.log import entry, tiles
from registry.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from registry.store import database, tables
from registry.store.tables import INDEX, LEDGER, Log

BATCH = 256
CLOCK_TOLERANCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries, and the Merkle root over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where an organization's n-th credential stands: in its history, and in a status list."""

    register: str
    number: str
    n: int
    list_id: str
    list_index: int
    event: str
    event_order: str
    digest: bytes
    org_salt: bytes | None


@dataclass(frozen=True, slots=True)
class ChangedList:
    """A status list that this entry opens, or changes: its id, register, number m, seed, and bits."""

    id: str
    register: str
    purpose: str
    m: int
    seed: bytes
    bits: bytes


@dataclass(frozen=True, slots=True)
class OpenedIssuer:
    """An issuer whose keys this entry logs. `did_line`: the first line of its did:webvh log, where it has one."""

    register: str
    did: str
    name: str
    did_line: str | None


@dataclass(frozen=True, slots=True)
class NamedKeys:
    """The register whose issuer's DID document this entry changes. `did_line`: the next line of its did:webvh log."""

    register: str
    did_line: str | None


@dataclass(frozen=True, slots=True)
class ChangedLogKey:
    """The n-th key of a log (`ledger`, `index`), and what it does from this `key` entry of the office on (`log_keys.SIGNS`)."""

    log: str
    n: int
    vkey: str
    state: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What goes with an `erase` entry: the bodies under those entries; `digest` stays.

    `register`, `number`: of the organization whose places go too, None where further erasures of it follow.
    """

    entries: tuple[int, ...]
    digest: bytes
    register: str | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """One entry to append: its members, the bytes of the document that it commits to, and what stands beside it.

    A `note` may have no document, and then no salt; an `erase` has none.
    """

    kind: str
    document: bytes | None = None
    salt: bytes | None = None
    issuer: str | None = None
    org: str | None = None
    key: str | None = None
    type: str | None = None
    effective: str | None = None
    reason: str | None = None
    refers: tuple[int, ...] = ()
    place: Place | None = None
    status_list: ChangedList | None = None
    opens: OpenedIssuer | None = None
    names: NamedKeys | None = None
    erased: Erased | None = None
    log_key: ChangedLogKey | None = None


#: the texts of an entry, as an admission has them; the commitment is the last
_texts_of = attrgetter(*entry.TEXTS[:-1])


class Ledger:
    """The one writer of a store. `whose` ledger it must be, and its first key (a vkey)."""

    def __init__(self, kept: database.Store, whose: Identity, genesis_key: str) -> None:
        self._store = kept
        self._origin, self._genesis_key = whose.origin, genesis_key
        self._canonicalize = canonicalize_ours(whose.context_url)
        self._reload()

    def _reload(self) -> None:
        with self._store.read() as connection:
            found = database.read_head(connection)
            if found is None:
                raise Refused("not_initialized", "the ledger was never opened: run greffe init")
            size, root, origin, genesis_key = found
            if (origin, genesis_key) != (self._origin, self._genesis_key):
                raise Refused(
                    "identity_disagrees", "the store is of another ledger than identity.json and the key file"
                )
            self._frontier = read_frontier(connection, size)
            if self._frontier.root() != root:
                raise LedgerDamaged("head_damaged", f"the hashes of the {size} entries do not give the stored root")
            last = entry.parse(database.read_entries(connection, size - 1, size)[0]) if size else None
        self.head = Head(size, root)
        self._time = last.time if last else 0
        self._prev = leaf_hash(last.print()).hex() if last else entry.genesis_prev(origin, genesis_key)

    def append(self, batch: Sequence[Admission], keys: Mapping[str, PublicKey], at: datetime) -> Head:
        """Admit and append a batch made for the current head; returns when it is durable.

        `keys`: verification method -> public key, of the issuer that may be admitted.

        Untrue: a document that its proof or its schema does not fit. Conflict: somebody else appended. Refused `clock`: `at`
        is more than a minute behind the last entry. Conflict `storage_low`, `storage_full`: nothing was appended, for want of
        room. StorageFailed: the batch may be there or not, and this process takes no other.
        """
        if not 0 < len(batch) <= BATCH:
            raise ValueError(f"a batch has 1 to {BATCH} entries")
        now = int(at.timestamp()) * 1000
        if now < self._time - CLOCK_TOLERANCE_MS:
            raise Refused("clock", "the clock is more than 60 s behind the last entry")
        admitted = [(one, _admitted(one, keys, self._canonicalize)) for one in batch]
        self._store.check_room()
        try:
            self._append(admitted, max(now, self._time))
        except StorageFailed:
            raise
        except BaseException:
            self._reload()
            raise
        return self.head

    def _append(self, batch: list[tuple[Admission, str | None]], time: int) -> None:
        prev, leaves, rows = self._prev, list[bytes](), list[tuple[int, bytes]]()
        for index, (one, commitment) in enumerate(batch, self.head.size):
            body = entry.print_new(index, time, prev, one.kind, (*_texts_of(one), commitment), one.refers)
            leaf = leaf_hash(body)
            prev = leaf.hex()
            rows.append((index, body))
            leaves.append(leaf)
        frontier = Frontier(self.head.size, self._frontier.hashes)
        grown = [tile for level, n, hashes in frontier.extend(leaves) for tile in tiles.spread(level, n, hashes)]
        start, head = self.head.size, Head(frontier.size, frontier.root())
        with self._store.write() as connection:
            database.swap_head(connection, (start, self.head.root), (head.size, head.root))
            database.insert_rows(connection, tables.entries, ("i", "body"), rows)
            for level, n, hashes in grown:
                database.grow_tile(connection, level, n, hashes)
            keep_beside(connection, start, [one for one, _ in batch])
        self.head, self._frontier, self._prev, self._time = head, frontier, prev, time


def open_ledger(kept: database.Store, origin: str, genesis_key: str, index_key: str) -> None:
    """Make the tables and an empty head, once; Refused when the store is of another ledger. The keys are vkeys."""
    kept.create()
    with kept.write() as connection:
        found = database.read_head(connection)
        if found is None:
            values = {"id": 1, "size": 0, "root": EMPTY_ROOT, "origin": origin, "genesis_key": genesis_key}
            database.insert(connection, tables.head, [values])
        elif found[2:] != (origin, genesis_key):
            raise Refused("identity_disagrees", "the store is of another ledger than identity.json and the key file")
        for log, vkey in ((LEDGER, genesis_key), (INDEX, index_key)):
            if not database.read_log_keys(connection, log):
                database.insert(connection, tables.log_keys, [{"log": log.name, "n": 1, "vkey": vkey, "signs": 1}])


def is_open(kept: database.Store) -> bool:
    """Whether a ledger was opened in that store: it knows the keys of both logs, which may be retired by now."""
    with kept.read() as connection:
        is_there = sa.inspect(connection).has_table(tables.log_keys.name)
        return is_there and all(database.read_log_keys(connection, log) for log in (LEDGER, INDEX))


def read_frontier(connection: sa.Connection, size: int, log: Log = LEDGER) -> Frontier:
    """The right edge of the tree of that size, from the tiles. LedgerDamaged `tile_missing`."""
    try:
        return Frontier.of(size, tiles.subtree_from(lambda level, n: database.read_tile(connection, level, n, log)))
    except KeyError as error:
        raise LedgerDamaged("tile_missing", str(error)) from None


def _admitted(one: Admission, keys: Mapping[str, PublicKey], canonicalize: Canonicalize) -> str | None:
    """The commitment to a document whose stored bytes were checked; None where there is no document."""
    if one.document is None or one.salt is None:
        if one.kind not in ("note", "erase") or (one.document, one.salt) != (None, None):
            raise ValueError(f"a {one.kind} entry commits to a document under a salt")
        return None
    document = strict_json.parse_object(one.document)
    if one.kind in entry.CREDENTIAL_KINDS or one.kind == "status":
        statement = proof.check(document, keys.get, canonicalize)
        check_schema("status-list/v1" if one.kind == "status" else "organization/v1", document)
        return entry.commitment_to(one.salt, statement.jcs)
    return entry.commitment(one.salt, document)


def keep_beside(connection: sa.Connection, start: int, batch: Sequence[Admission]) -> None:
    """What stands beside the entries: bodies and salts, issuers, status lists, and the places of credentials."""
    numbered = [(i, one) for i, one in enumerate(batch, start) if one.kind != "note" or one.document is not None]
    kept = ({"i": i, "body": one.document, "salt": one.salt} for i, one in numbered if one.document is not None)
    database.insert(connection, tables.documents, kept)
    database.insert(
        connection,
        tables.issuers,
        (
            {"register": one.opens.register, "did": one.opens.did, "name": one.opens.name, "key_entry": i, "issued": 0}
            for i, one in numbered
            if one.opens is not None
        ),
    )
    named = ({"i": i, "register": one.names.register} for i, one in numbered if one.names is not None)
    database.insert(connection, tables.key_versions, named)
    for _, one in numbered:
        told = one.opens or one.names
        if told is not None and told.did_line is not None:
            _keep_did_line(connection, told.register, told.did_line)
    for i, one in numbered:
        if one.status_list is not None:
            _keep_list(connection, i, one.status_list)
    _keep_places(connection, [(i, one.place) for i, one in numbered if one.place is not None])
    for _, one in numbered:
        if one.erased is not None:
            _erase(connection, one.erased)
        if one.log_key is not None:
            changed = one.log_key
            database.put_log_key(connection, changed.log, changed.n, changed.vkey, changed.state)


def _erase(connection: sa.Connection, gone: Erased) -> None:
    connection.execute(sa.delete(tables.documents).where(tables.documents.c.i.in_(gone.entries)))
    for table in (tables.credentials, tables.org_salts) if gone.register is not None else ():
        chosen = (table.c.register == gone.register, table.c.number == gone.number)
        connection.execute(sa.delete(table).where(*chosen))
    if not connection.execute(sa.select(tables.erased).where(tables.erased.c.digest == gone.digest)).one_or_none():
        database.insert(connection, tables.erased, [{"digest": gone.digest}])


def _keep_did_line(connection: sa.Connection, register: str, line: str) -> None:
    n = len(database.read_did_log(connection, register)) + 1
    database.insert(connection, tables.did_logs, [{"register": register, "n": n, "line": line}])


def _keep_list(connection: sa.Connection, i: int, changed: ChangedList) -> None:
    lists = tables.status_lists
    known = connection.execute(sa.update(lists).where(lists.c.id == changed.id).values(bits=changed.bits)).rowcount
    if not known:
        names = ("id", "register", "purpose", "m", "seed", "bits")
        database.insert(connection, lists, [{name: getattr(changed, name) for name in names}])
    database.insert(connection, tables.status_versions, [{"i": i, "list_id": changed.id}])


def _keep_places(connection: sa.Connection, places: list[tuple[int, Place]]) -> None:
    names = ("register", "number", "n", "event", "event_order", "digest", "list_id", "list_index")
    rows = ({"i": i, **{name: getattr(place, name) for name in names}} for i, place in places)
    database.insert(connection, tables.credentials, rows)
    issuers = tables.issuers
    for register, count in Counter(place.register for _, place in places).items():
        counted = sa.update(issuers).where(issuers.c.register == register).values(issued=issuers.c.issued + count)
        if connection.execute(counted).rowcount != 1:
            raise Conflict("issuer_unknown", f"the register {register} has no issuer in this ledger")
    persons = {(place.register, place.number): place for _, place in places if place.org_salt is not None}
    known = database.read_pseudonymous(connection, *zip(*persons, strict=True)) if persons else set()
    rows = (
        {"register": place.register, "number": place.number, "salt": place.org_salt}
        for key, place in persons.items()
        if key not in known
    )
    database.insert(connection, tables.org_salts, rows)


def next_position(seed: bytes, issued: int) -> tuple[int, int]:
    """(m, index): the status list number, and the index in it, of an issuer's credential after `issued` others."""
    return issued // status.LENGTH + 1, status.position(seed, issued % status.LENGTH)
