"""The ledger appends what it admitted, at most 256 entries in one transaction.

The transaction is guarded by compare-and-swap on the head. What is admitted is checked once, from the bytes to be stored, with
another implementation than the one that signed. Then entries, bodies, salts, places, hashes and head change together; the caller
acknowledges after it. A batch that is killed leaves nothing. Any error drops the state in memory, so that nothing half-true is
ever built upon. Signing checkpoints is left to `publish`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from registry.credential import proof
from registry.credential.document import canonicalize_ours, check_schema, credential_schema
from registry.credential.identity import Identity
from registry.credential.log_keys import SIGNS
from registry.credential.rdf import Canonicalize
from registry.encoding import strict_json
from registry.errors import Conflict, LedgerDamaged, Refused, StorageFailed, Untrue
from registry.keys import PublicKey
from registry.ledger.admission import Admission, Head
from registry.ledger.clock import Clock
from registry.ledger.effects import apply_effects, touched
from registry.log import entry, tiles
from registry.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from registry.records.committed import read_last
from registry.records.seals import BOUND, PUBLISHED, Seals
from registry.store import rows, seal_rows
from registry.store.database import Connection, Store
from registry.store.rows import HeadRow, read_frontier
from registry.store.tables import INDEX, LEDGER
from schemas import credential_type

BATCH = 256
CLOCK_TOLERANCE_MS = 60_000
#: kinds that are appended however little is free, which is what the floor is kept for: they take away, revoke, disown
_BELOW_THE_FLOOR = ("erase", "status", "key")
#: kinds of entries that may be appended between two batches of a run
COME_BETWEEN = ("status", "note")


#: the texts of an entry, as a statement has them; the commitment is the last
_texts_of = attrgetter(*entry.TEXTS[:-1])


class Ledger:
    """The one writer of a store. `whose` ledger it must be, and its first key (a vkey); `seals`: what it writes bears;
    `clock`: what a batch's time is held against.
    """

    def __init__(self, store: Store, whose: Identity, genesis_key: str, seals: Seals, clock: Clock) -> None:
        self._store, self._seals, self._clock = store, seals, clock
        self._origin, self._genesis_key = whose.origin, genesis_key
        self._canonicalize = canonicalize_ours(whose.context_url)
        self._reload()

    def _reload(self) -> None:
        with self._store.read() as connection:
            if rows.read_head(connection) is None:
                raise Refused("not_initialized", "the ledger was never opened: run greffe init")
            size, root, origin, genesis_key = self._seals.check(connection)
            if (origin, genesis_key) != (self._origin, self._genesis_key):
                raise Refused(
                    "identity_disagrees", "the store is of another ledger than identity.json and the key file"
                )
            self._frontier = read_frontier(connection, size)
            if self._frontier.root() != root:
                raise LedgerDamaged("head_damaged", f"the hashes of the {size} entries do not give the stored root")
            last = entry.parse(read_last(connection, size, root)) if size else None
        self.head = Head(size, root)
        self._time = last.time if last else 0
        self._prev = leaf_hash(last.print()).hex() if last else entry.genesis_prev(origin, genesis_key)

    def catch_up(self) -> None:
        """Go on behind what other processes have appended: versions of status lists and notes, which no batch rests on.

        Conflict `overtaken`: something else. LedgerDamaged `root_differs`: the store does not continue what this process knows.
        """
        known, frontier = self.head.size, Frontier(self.head.size, self._frontier.hashes)
        self._reload()
        with self._store.read() as connection:
            bodies = rows.read_entries(connection, known, self.head.size) if self.head.size > known else []
        for body in bodies:
            frontier.append(leaf_hash(body))
        if (frontier.size, frontier.root()) != (self.head.size, self.head.root):
            raise LedgerDamaged(
                "root_differs", f"the store does not continue the {known} entries that were there before"
            )
        if any(entry.parse(body).kind not in COME_BETWEEN for body in bodies):
            raise Conflict(
                "overtaken", "something else was appended meanwhile: run it again, what was committed stands"
            )

    def append(self, batch: Sequence[Admission], keys: Mapping[str, PublicKey], at: datetime) -> Head:
        """Admit and append a batch made for the current head; returns when it is durable.

        `keys`: verification method -> public key, of the issuer that may be admitted.

        Untrue: a document that its proof or its schema does not fit. Conflict: somebody else appended. Refused `clock`: `at`
        is more than a minute behind the last entry; `clock_apart`, `clock_jumped`: see `clock`. Conflict `storage_low`,
        `storage_full`: nothing was appended, for want of room. StorageFailed: the batch may be there or not, and this process
        takes no other.
        """
        if not 0 < len(batch) <= BATCH:
            raise ValueError(f"a batch has 1 to {BATCH} entries")
        now = int(at.timestamp()) * 1000
        if now < self._time - CLOCK_TOLERANCE_MS:
            raise Refused("clock", "the clock is more than 60 s behind the last entry")
        self._clock.check(at, self._time // 1000)
        admitted = [(admission, _admitted(admission, keys, self._canonicalize)) for admission in batch]
        if not all(admission.statement.kind in _BELOW_THE_FLOOR for admission in batch):
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
        prev, leaves, entries = self._prev, list[bytes](), list[tuple[int, bytes]]()
        for index, (admission, commitment) in enumerate(batch, self.head.size):
            statement = admission.statement
            body = entry.print_new(
                index, time, prev, statement.kind, (*_texts_of(statement), commitment), statement.refers
            )
            leaf = leaf_hash(body)
            prev = leaf.hex()
            entries.append((index, body))
            leaves.append(leaf)
        frontier = Frontier(self.head.size, self._frontier.hashes)
        grown = [tile for level, n, hashes in frontier.extend(leaves) for tile in tiles.spread(level, n, hashes)]
        start, head = self.head.size, Head(frontier.size, frontier.root())
        with self._store.write() as connection:
            admissions = [admission for admission, _ in batch]
            sealing = self._seals.opened(connection, touched(admissions), (start, self.head.root))
            rows.swap_head(connection, (start, self.head.root), (head.size, head.root))
            rows.put_entries(connection, entries)
            for level, n, hashes in grown:
                rows.grow_tile(connection, level, n, hashes)
            apply_effects(connection, start, admissions, self._seals, sealing)
            sealing.close(sealing.head._replace(size=head.size, root=head.root))
        self.head, self._frontier, self._prev, self._time = head, frontier, prev, time


def open_ledger(store: Store, origin: str, genesis_key: str, index_key: str, seals: Seals) -> None:
    """Make the tables and an empty, sealed head, once; Refused when the store is of another ledger. The keys are vkeys."""
    store.create()
    with store.write() as connection:
        head = rows.read_head(connection)
        is_new = head is None
        if head is None:
            rows.put_head(connection, HeadRow(0, EMPTY_ROOT, origin, genesis_key))
        elif (head.origin, head.genesis_key) != (origin, genesis_key):
            raise Refused("identity_disagrees", "the store is of another ledger than identity.json and the key file")
        for log, vkey in ((LEDGER, genesis_key), (INDEX, index_key)):
            if not rows.read_log_keys(connection, log):
                rows.put_log_key(connection, log.name, 1, vkey, SIGNS)
        if is_new:
            _check_nothing_is_there(connection)
            seals.seal_tables(connection)


def _check_nothing_is_there(connection: Connection) -> None:
    """A ledger that begins has its two keys and nothing else: whatever stands beside them would be sealed with them.

    LedgerDamaged `not_empty`.
    """
    for name in (*BOUND, PUBLISHED):
        most = 2 if name == "log_key" else 0
        if len(seal_rows.read_table(connection, name)) > most:
            raise LedgerDamaged(
                "not_empty", f"there are rows of {name} in a store without a head: begin with another one"
            )


def is_open(store: Store) -> bool:
    """Whether a ledger was opened in that store: it knows the keys of both logs, which may be retired by now."""
    with store.read() as connection:
        return rows.has_tables(connection) and all(rows.read_log_keys(connection, log) for log in (LEDGER, INDEX))


def _admitted(admission: Admission, keys: Mapping[str, PublicKey], canonicalize: Canonicalize) -> str | None:
    """The commitment to a document whose stored bytes were checked; None where there is no document."""
    if admission.document is None:
        return None  # `entry.print_new` knows which kinds must commit to one
    if admission.salt is None:
        raise ValueError("an entry commits to its document under a salt")
    document, kind = strict_json.parse_object(admission.document), admission.statement.kind
    if kind in entry.CREDENTIAL_KINDS or kind == "status":
        checked = proof.check(document, keys.get, canonicalize)
        check_schema("status-list/v1" if kind == "status" else credential_schema(document), document)
        if kind != "status":
            _check_type(document, admission.statement.type)
        return entry.commitment_to(admission.salt, checked.jcs)
    return entry.commitment(admission.salt, document)


def _check_type(document: Mapping[str, Any], stated: str | None) -> None:
    """Untrue `issuer_type` unless a credential is of the type that its register's issuer speaks for, and its entry says so."""
    register = document["credentialSubject"]["register"]
    if not document["type"][1] == stated == credential_type(register):
        raise Untrue(
            "issuer_type", f"the issuer of {register} does not speak for credentials of the type {document['type'][1]}"
        )
