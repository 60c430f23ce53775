"""A mirror is replayed: the store comes forward to the mirror's checkpoint.

Brought are every entry that the checkpoint covers, what stands beside them, and the map. The mirror's checkpoint must be signed
by this ledger's own key, and each batch is proven to lie under it before it is appended, as `ledger` appends: at most 256
entries, guarded by compare-and-swap, what stands beside them in the same transaction. Then the map is grown anew, and each of its
roots must be the one in the mirror's log of it. A run that was killed is taken up by the next one, wherever it was. What a mirror
does not have (bodies, salts) is left missing; `operations/private_export` brings it back.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from registry.credential import did
from registry.credential.identity import Identity
from registry.encoding import strict_json
from registry.errors import LedgerDamaged, Refused, RegistryError, Untrue
from registry.ledger.admission import Head
from registry.ledger.effects import apply_effects, count_issued, touched
from registry.ledger.ledger import BATCH
from registry.ledger.map_growth import grow_map, keep_map
from registry.log import checkpoint, entry, map_log, note, tiles
from registry.log.merkle import leaf_hash
from registry.mirror.derive import Derived, MirrorDeriver, Secret
from registry.mirror.files import PREFIXES
from registry.mirror.log import BadEntry, MirrorLog
from registry.mirror.source import Mirror
from registry.records.seals import PUBLISHED, Sealing, Seals
from registry.store import document_rows, map_rows, place_rows, rows
from registry.store.database import Connection, Store
from registry.store.rows import read_frontier
from registry.store.tables import INDEX, LEDGER, Log

#: called after each commit: entries in the store, and in the mirror
Progress = Callable[[int, int], None]


class Restoring:
    """One run. `keys`: those of each log, by its name, that may have signed the mirror's checkpoints; `seals`: what is stored
    bears them; `secret`: gives the installation's secrets, None where they are not at hand; `seeds`: of status lists, by id,
    where they are known otherwise.

    Refused `mirror_behind`, `store_forked`; Untrue, Malformed: the mirror holds no ledger of this installation.
    """

    def __init__(
        self,
        store: Store,
        identity: Identity,
        mirror: Mirror,
        keys: Mapping[str, list[note.VerifierKey]],
        seals: Seals,
        secret: Secret | None,
        progress: Progress,
        seeds: Mapping[str, bytes] = MappingProxyType({}),
    ) -> None:
        self._store, self._progress, self._seals = store, progress, seals
        with store.read() as connection:
            self.ledger, self.index = (
                MirrorLog(mirror, PREFIXES[log.name], origin, keys[log.name])
                for log, origin in ((LEDGER, identity.origin), (INDEX, map_log.index_origin(identity.origin)))
            )
            #: the cosigned checkpoint that the mirror shows of the ledger
            self.shown = self.ledger
            self.ledger = self._newest(mirror, identity, keys)
            self._check_agrees(connection, LEDGER, self.ledger)
            self._check_agrees(connection, INDEX, self.index)
        self._deriver = MirrorDeriver(identity, mirror, secret, self._read_entry, seeds)

    def run(self) -> int:
        """Bring the store to the mirror's checkpoint; how many entries were appended. BadEntry; Untrue; Conflict."""
        appended = self._append_entries()
        self._grow_map()
        with self._store.write() as connection:
            sealing = self._seals.opened(connection, (PUBLISHED,))
            for log, shown in ((LEDGER, self.shown), (INDEX, self.index)):
                before = rows.read_published(connection, log)
                if before is None or before[0] < shown.head.size:
                    rows.put_published(connection, shown.head.size, shown.signed, log)
                    sealing.put(PUBLISHED, (log.name, shown.head.size, shown.signed))
            sealing.close(sealing.head)
        return appended

    def _newest(self, mirror: Mirror, identity: Identity, keys: Mapping[str, list[note.VerifierKey]]) -> MirrorLog:
        """The ledger as of its newest checkpoint: of an export that was killed at its end the map's log alone has that."""
        if not self.index.head.size:
            return self.ledger
        last = map_log.parse(self.index.entries(self.index.head.size - 1, self.index.head.size)[0])
        if last.head.size <= self.ledger.head.size:
            return self.ledger
        return MirrorLog(mirror, PREFIXES[LEDGER.name], identity.origin, keys[LEDGER.name], last.signed)

    def _check_agrees(self, connection: Connection, log: Log, shown: MirrorLog) -> None:
        """What the store holds is the beginning of what the mirror shows."""
        size, root = _head(connection, log)
        if size > shown.head.size:
            raise Refused(
                "mirror_behind",
                f"the store has {size} entries of {shown.head.origin}, the mirror only {shown.head.size}: nothing to restore",
            )
        if size and shown.root_at(size) != root:
            raise Refused(
                "store_forked",
                f"the store has {size} entries of {shown.head.origin}, and they are not the first of the {shown.head.size} "
                "that the mirror has",
            )

    def _read_entry(self, index: int) -> bytes | None:
        return self.ledger.entries(index, index + 1)[0] if index < self.ledger.head.size else None

    def _append_entries(self) -> int:
        with self._store.read() as connection:
            self._deriver.begin(connection)
            first, root = _head(connection, LEDGER)
            frontier = read_frontier(connection, first)
            prev, time = _last(connection, first)
        head = Head(first, root)
        while head.size < self.ledger.head.size:
            end = min(self.ledger.head.size, (head.size // BATCH + 1) * BATCH)
            bodies = self.ledger.entries(head.size, end)
            grown: dict[tuple[int, int], list[bytes]] = {}
            for body in bodies:
                for level, n, value in frontier.append(leaf_hash(body)):
                    place = tiles.place_of(level, n)
                    if place is not None:
                        grown.setdefault(place[:2], []).append(value)
            new = Head(end, frontier.root())
            self._check_under(head.size, bodies, new)
            entries = []
            for index, body in enumerate(bodies, head.size):
                parsed = _parsed(index, body, prev, time)
                prev, time = leaf_hash(body).hex(), parsed.time
                entries.append(parsed)
            with self._store.read() as connection:
                derived = self._deriver.derive(connection, entries)
            with self._store.write() as connection:
                admissions = [each.admission for each in derived]
                sealing = self._seals.opened(connection, {*touched(admissions), "issuer"}, (head.size, head.root))
                rows.swap_head(connection, (head.size, head.root), (new.size, new.root))
                rows.put_entries(connection, list(enumerate(bodies, head.size)))
                for (level, n), hashes in grown.items():
                    rows.grow_tile(connection, level, n, hashes)
                apply_effects(connection, head.size, admissions, self._seals, sealing)
                _put_unknown(connection, head.size, derived, sealing)
                sealing.close(sealing.head._replace(size=new.size, root=new.root))
            head = new
            self._progress(head.size, self.ledger.head.size)
        return head.size - first

    def _check_under(self, start: int, bodies: list[bytes], new: Head) -> None:
        """The entries lie under the mirror's checkpoint. BadEntry."""
        try:
            self.ledger.check_prefix(new.size, new.root)
        except RegistryError:
            bad = self.ledger.first_bad(start, bodies)
            error = Untrue("mirror_entry", "it is not under the mirror's checkpoint, or a tile of the mirror is wrong")
            raise BadEntry(bad, error) from None

    def _grow_map(self) -> None:
        """Grow the map leaf by leaf, each compared with the mirror's, until its log is the mirror's."""
        with self._store.read() as connection:
            keys = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, LEDGER)]
            first = map_rows.last_covered(connection).leaves
            frontier = read_frontier(connection, first, INDEX)
        for index in range(first, self.index.head.size):
            leaf = self.index.entries(index, index + 1)[0]
            frontier.append(leaf_hash(leaf))
            if index % BATCH == BATCH - 1 or index == self.index.head.size - 1:
                self.index.check_prefix(frontier.size, frontier.root())
            self._grow_to(map_log.parse(leaf), keys, index)
        with self._store.write() as connection:
            last = rows.last_signed(connection, INDEX)
            if last is None or last[0] < self.index.head.size:
                rows.put_checkpoint(connection, self.index.head.size, self.index.own, INDEX)

    def _grow_to(self, leaf: map_log.MapRoot, keys: list[note.VerifierKey], index: int) -> None:
        head = checkpoint.check(leaf.signed, keys)
        with self._store.read() as connection:
            size, _ = _head(connection, LEDGER)
            if head.size > size or read_frontier(connection, head.size).root() != head.root:
                raise Untrue("map", f"leaf {index} of the map's log is of another ledger")
            grown = grow_map(connection, head.size, map_rows.last_covered(connection))
            last = rows.last_signed(connection)
        if grown.root != leaf.root:
            raise Untrue("map", f"leaf {index} of the map's log is not what the entries give")
        with self._store.write() as connection:
            keep_map(connection, grown, leaf.signed)
            if last is None or last[0] < head.size:
                rows.put_checkpoint(connection, head.size, leaf.signed)


def first_index_key(mirror: Mirror, otherwise: note.VerifierKey) -> note.VerifierKey:
    """The first key of the map's log, as the office's document in a mirror names it; `otherwise`, where it names none.

    It need not be believed: what the entries say of the keys must follow from it.
    """
    first = f"{INDEX.name}-1"
    try:
        named = did.keys_of(strict_json.parse_object(mirror.read(".well-known/did.json") or b"{}"))
    except RegistryError:
        return otherwise
    return note.VerifierKey(otherwise.name, named[first].raw) if first in named else otherwise


def count_missing(connection: Connection) -> int:
    """How many entries commit to a body that is not in the store."""
    return sum(b'"commitment":' in body for body in document_rows.read_without_document(connection))


def _head(connection: Connection, log: Log) -> tuple[int, bytes]:
    if log is INDEX:
        size = map_rows.last_covered(connection).leaves
        return size, read_frontier(connection, size, INDEX).root()
    head = rows.read_head(connection)
    if head is None:
        raise LedgerDamaged("head_damaged", "the store has no head")
    return head.size, head.root


def _last(connection: Connection, size: int) -> tuple[str, int]:
    """`prev` of the entry that comes next, and the time that it may not be before."""
    head = rows.read_head(connection)
    if head is None or not size:
        return ("", 0) if head is None else (entry.genesis_prev(head.origin, head.genesis_key), 0)
    body = rows.read_entries(connection, size - 1, size)[0]
    return leaf_hash(body).hex(), entry.parse(body).time


def _parsed(index: int, body: bytes, prev: str, time: int) -> entry.Entry:
    """An entry that continues the chain. BadEntry."""
    try:
        parsed = entry.parse(body)
        if (parsed.index, parsed.prev) != (index, prev) or parsed.time < time:
            raise Untrue("chain", "it does not continue the chain, or its time runs backwards")
    except RegistryError as error:
        raise BadEntry(index, error) from None
    return parsed


def _put_unknown(connection: Connection, start: int, batch: list[Derived], sealing: Sealing) -> None:
    """Note the entries of unknown persons; they count as issued all the same.

    What was erased is of nobody any more, and has no place, also where nobody here knows whose it was.
    """
    unknown = [(i, derived.unknown) for i, derived in enumerate(batch, start) if derived.unknown is not None]
    place_rows.put_unknown_persons(connection, unknown)
    for index in (index for derived in batch for index in derived.admission.statement.refers if _erases(derived)):
        place_rows.delete_unknown_person(connection, index)
        place_rows.delete_place(connection, index)
    count_issued(connection, Counter(register for _, register in unknown), sealing)


def _erases(derived: Derived) -> bool:
    return derived.admission.statement.kind == "erase"
