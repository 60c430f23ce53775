"""The audit walks the whole ledger and derives everything anew.

Chain, tree and checkpoints are compared here; the rest is left to `documents`, `lists`, `log_keys` and `map`. It reads one
snapshot, so it may run beside a writer, on an empty ledger, and before any checkpoint. What it cannot know from the store it
takes from the trust file: the origin, the keys. An entry whose body is missing is counted, not a failure. The search index is
compared by a caller that has one (`greffe audit`).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

import sqlalchemy as sa

from registry.audit.documents import DocumentAudit
from registry.audit.log_keys import every_key
from registry.audit.map import MapAudit
from registry.audit.result import Audit, reading
from registry.errors import Conflict, Malformed, RegistryError, Untrue, Usage
from registry.log import checkpoint, entry
from registry.log.merkle import Frontier, leaf_hash
from registry.log.note import VerifierKey
from registry.log.tiles import WIDTH, place_of
from registry.store import database, rows, tables
from registry.store.columns import blob, text
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify.trust import Trust

_STRIDE = 1024
T = TypeVar("T")


def audit(store: database.Store, trust: Trust, progress: Callable[[int, int], None], size: int | None = None) -> Audit:
    """Audit the ledger in that store; `size`: the root at that size instead of at the head.

    `progress` is called with entries done and in all. Usage `size`: the ledger has fewer entries. Conflict: the store is busy
    or away. Whatever is wrong with the store is told in the outcome.
    """
    result = Audit()
    with store.read() as connection:
        with reading(result.failures, "the store"):
            result.failures += store.faults(connection)
        _Auditor(connection, trust, result).run(progress, size)
    return result


class _Auditor:
    def __init__(self, connection: sa.Connection, trust: Trust, result: Audit) -> None:
        self._connection, self._trust, self._result = connection, trust, result
        self._time = 0
        self._bad: dict[int, str] = {}
        self._lists_logged: dict[int, str] = {}
        self._ledger_keys = self._keys(LEDGER, trust.ledger_keys)
        self._documents = DocumentAudit(connection, trust, result)
        self._map: MapAudit | None = None
        with self._reading("the map's log"):
            self._map = MapAudit(connection, trust.origin, self._keys(INDEX, trust.index_keys), result.failures)

    def _reading(self, what: str) -> AbstractContextManager[None]:
        return reading(self._result.failures, what)

    def _keys(self, log: Log, trusted: Iterable[VerifierKey]) -> list[VerifierKey]:
        """Every key that a log has had; where they cannot be read, the trusted ones."""
        with self._reading(f"the keys of the log {log.name}"):
            return every_key(self._connection, log)
        return list(trusted)

    def run(self, progress: Callable[[int, int], None], size: int | None) -> None:
        result, head = self._result, None
        with self._reading("the head"):
            head = rows.read_head(self._connection)
            if head is None:
                result.failures.append("the store has no head")
        # with no head to begin from, the trusted ledger is walked as far as there are entries
        origin, genesis_key = self._trust.origin, self._trust.genesis_key.print()
        if head is not None and (head.origin, head.genesis_key) != (origin, genesis_key):
            result.failures.append("the ledger's origin or first key is not the trusted one")
        head_size = self._walked(head, size)
        wanted = head_size if size is None else size
        signed = self._signed_checkpoints()
        frontier, derived = Frontier(), dict[tuple[int, int], bytearray]()
        prev = entry.genesis_prev(origin, genesis_key)
        for index, body in self._bodies(head_size):
            if index == wanted:
                result.root = frontier.root()
            self._check_root(signed, frontier)
            self._check_map(frontier)
            leaf = self._note_first_bad(index, body, prev)
            prev = leaf.hex()
            for level, n, value in frontier.append(leaf):
                place = place_of(level, n)
                if place is not None:
                    derived.setdefault(place[:2], bytearray()).extend(value)
            if index % _STRIDE == 0:
                progress(index, head_size)
        self._check_root(signed, frontier)
        self._check_map(frontier)
        result.entries = frontier.size
        if wanted == frontier.size:
            result.root = frontier.root()
        if head is not None and (frontier.size, frontier.root()) != (head.size, head.root):
            result.failures.append("the entries do not give the stored head")
            if frontier.size < head.size and any(self._leaf_in_tile(frontier.size)):
                result.note_bad(frontier.size, "it is not in the store")
        with self._reading("the tiles"):
            self._check_tiles(derived)
        if signed:
            result.failures.append(f"a checkpoint of size {max(signed)} lies beyond the ledger")
        self._documents.finish(frontier.size)
        if result.first_bad is None and self._map is not None:
            with self._reading("the map"):
                self._map.finish()
        progress(head_size, head_size)

    def _walked(self, head: rows.HeadRow | None, size: int | None) -> int:
        """How many entries are walked over: those of the head, as far as there are any. Usage `size`."""
        end = None
        with self._reading("the end of the entries"):
            end = rows.end_of_entries(self._connection)
        if head is None or end is None:
            return max(0, (end or 0) if head is None else head.size)
        if size is not None and size > head.size == end:
            raise Usage("size", f"the ledger has {end} entries")
        if end > head.size:
            self._result.failures.append(f"entry {max(head.size, 0)} stands beyond the head")
        return max(0, min(head.size, end))

    def _bodies(self, size: int) -> Iterator[tuple[int, bytes | None]]:
        """Every entry by its index; None for one that cannot be read."""
        for start in range(0, size, _STRIDE):
            end = min(start + _STRIDE, size)
            bodies = self._rows(start, end, self._read_entries, "it")
            if not bodies:
                self._result.note_bad(start, self._bad[start])
                return
            if self._result.first_bad is None:
                self._lists_logged = self._rows(start, end, self._read_lists_logged, "the list that it logs")
                places = self._rows(start, end, self._documents.read_places, "its place")
                documents = self._rows(start, end, self._documents.read_documents, "its body or salt")
                self._documents.take(places, documents)
            for index in range(start, end):
                yield index, bodies.get(index)

    def _rows(self, start: int, end: int, read: Callable[[int, int], dict[int, T]], what: str) -> dict[int, T]:
        """What `read` gives of entries [start, end); where that fails row by row, so that the bad ones are known."""
        rows: dict[int, T] = {}
        failures: list[str] = []
        with reading(failures, what):
            return read(start, end)
        for index in range(start, end):
            failures.clear()
            with reading(failures, what):
                rows |= read(index, index + 1)
            if failures:
                self._bad.setdefault(index, failures[0])
        return rows

    def _read_entries(self, start: int, end: int) -> dict[int, bytes]:
        return dict(enumerate(rows.read_entries(self._connection, start, end), start))

    def _read_lists_logged(self, start: int, end: int) -> dict[int, str]:
        versions = tables.status_versions
        chosen = sa.select(versions.c.i, versions.c.list_id).where(versions.c.i.between(start, end - 1))
        return {row.i: text(row.list_id) for row in self._connection.execute(chosen)}

    def _signed_checkpoints(self) -> dict[int, bytes]:
        """Size -> root of every stored checkpoint whose signature holds."""
        roots: dict[int, bytes] = {}
        with self._reading("the checkpoints"):
            chosen = sa.select(tables.checkpoints).order_by(tables.checkpoints.c.size)
            for row in self._connection.execute(chosen):
                try:
                    head = checkpoint.check(text(row.note), self._ledger_keys)
                    if (head.origin, head.size) != (self._trust.origin, row.size):
                        raise Untrue("checkpoint", "it is of another origin or size")
                except RegistryError as error:
                    self._result.failures.append(f"the checkpoint of size {row.size} is bad: {error}")
                    continue
                roots[head.size] = head.root
        with self._reading("the published checkpoint"):
            shown = rows.read_published(self._connection)
            if shown is not None and not self._is_shown_signed(*shown, roots):
                self._result.failures.append("the published checkpoint is not one that the ledger signed")
        return roots

    def _is_shown_signed(self, size: int, text: str, roots: dict[int, bytes]) -> bool:
        try:
            head = checkpoint.check(text, self._ledger_keys)
        except RegistryError:
            return False
        return (head.origin, head.size, head.root) == (self._trust.origin, size, roots.get(size))

    def _check_root(self, signed: dict[int, bytes], frontier: Frontier) -> None:
        root = signed.pop(frontier.size, None)
        if root is None:
            return
        self._result.checkpoints += 1
        if root != frontier.root():
            self._result.failures.append(f"the checkpoint of size {frontier.size} has another root than the entries")

    def _check_map(self, frontier: Frontier) -> None:
        if self._result.first_bad is None and self._map is not None:
            with self._reading("the map"):
                self._map.at(frontier)

    def _note_first_bad(self, index: int, body: bytes | None, prev: str) -> bytes:
        """Check an entry while all before it are well; its leaf hash, as the tiles have it where it cannot be read."""
        leaf = self._leaf_in_tile(index) if body is None else leaf_hash(body)
        if self._result.first_bad is not None:
            return leaf
        failures: list[str] = []
        if index in self._bad:
            failures.append(self._bad[index])
        elif body is not None:
            with reading(failures, "what stands beside it"):
                self._check(index, body, prev, leaf)
        if failures:
            self._result.note_bad(index, failures[0])
        return leaf

    def _check(self, index: int, body: bytes, prev: str, leaf: bytes) -> None:
        try:
            logged = self._check_entry(index, body, prev)
            if self._map is not None:
                self._map.take(logged, leaf, self._lists_logged.get(index))
        except Conflict:
            raise
        except RegistryError as error:
            self._result.note_bad(index, str(error))

    def _leaf_in_tile(self, index: int) -> bytes:
        """The leaf hash of an entry that cannot be read, with which the walk goes on; 32 zeros where there is none."""
        failures: list[str] = []
        with reading(failures, "its leaf hash"):
            place = 32 * (index % WIDTH)
            leaf = rows.read_tile(self._connection, 0, index // WIDTH)[place : place + 32]
            if len(leaf) == 32:
                return leaf
        return bytes(32)

    def _check_entry(self, index: int, body: bytes, prev: str) -> entry.Entry:
        logged = entry.parse(body)
        if (logged.index, logged.prev) != (index, prev):
            raise Malformed("chain", "it does not continue the chain")
        if logged.time < self._time:
            raise Malformed("chain", "its time runs backwards")
        self._time = logged.time
        self._documents.check(logged)
        return logged

    def _check_tiles(self, derived: dict[tuple[int, int], bytearray]) -> None:
        """Every tile in the store is the one that the entries give; there is no other."""
        stored = tables.tiles
        for row in self._connection.execute(sa.select(stored).order_by(stored.c.level, stored.c.n)):
            if bytes(derived.pop((row.level, row.n), b"")) != blob(row.hashes):
                self._result.failures.append(f"tile {row.n} of level {row.level} is not what the entries give")
        for level, n in derived:
            self._result.failures.append(f"tile {n} of level {level} is missing")
