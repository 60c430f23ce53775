"""The audit walks the whole ledger and derives everything anew.

Chain, tree and checkpoints are compared here; the rest is left to `documents`, `lists`, `log_keys` and `map`. It reads one
snapshot, so it may run beside a writer, on an empty ledger, and before any checkpoint. What it cannot know from the store it
takes from the trust file: the origin, the keys. An entry whose body is missing is counted, not a failure. The search index is
compared by a caller that has one (`greffe audit`).
"""

from collections.abc import Callable, Iterator

import sqlalchemy as sa

from registry.audit.documents import DocumentAudit
from registry.audit.log_keys import every_key
from registry.audit.map import MapAudit
from registry.audit.result import Audit
from registry.errors import Malformed, RegistryError, Untrue
from registry.log import checkpoint, entry
from registry.log.merkle import Frontier, leaf_hash
from registry.log.tiles import place_of
from registry.store import database, rows, tables
from registry.store.columns import blob, text
from registry.store.tables import INDEX, LEDGER
from registry.verify.trust import Trust

_STRIDE = 1024
#: what reading a damaged store may raise: a text may be no UTF-8, and of one row there may be two
_UNREADABLE = (sa.exc.DatabaseError, sa.exc.MultipleResultsFound, RegistryError, UnicodeError)


def audit(store: database.Store, trust: Trust, progress: Callable[[int, int], None], size: int | None = None) -> Audit:
    """Audit the ledger in that store; `size`: the root at that size instead of at the head.

    `progress` is called with entries done and in all. Usage is the caller's: `size` lies within the ledger.
    """
    result = Audit()
    try:
        with store.read() as connection:
            result.failures += store.faults(connection)
            _Auditor(connection, trust, result).run(progress, size)
    except (
        sa.exc.DatabaseError,
        sa.exc.MultipleResultsFound,
        RegistryError,
        UnicodeError,
    ) as error:  # in a damaged file a text may be no UTF-8
        result.failures.append(f"the store cannot be read: {error}")
    return result


class _Auditor:
    def __init__(self, connection: sa.Connection, trust: Trust, result: Audit) -> None:
        self._connection, self._trust, self._result = connection, trust, result
        self._time = 0
        self._lists_logged: dict[int, str] = {}
        self._ledger_keys = every_key(connection, LEDGER)
        self._documents = DocumentAudit(connection, trust, result)
        self._map = MapAudit(connection, trust.origin, every_key(connection, INDEX), result.failures)

    def run(self, progress: Callable[[int, int], None], size: int | None) -> None:
        result = self._result
        head = rows.read_head(self._connection)
        if head is None:
            result.failures.append("the store has no head")
            return
        head_size, head_root, origin, genesis_key = head
        if origin != self._trust.origin or genesis_key != self._trust.genesis_key.print():
            result.failures.append("the ledger's origin or first key is not the trusted one")
        wanted = head_size if size is None else size
        signed = self._signed_checkpoints()
        frontier, derived = Frontier(), dict[tuple[int, int], bytearray]()
        prev = entry.genesis_prev(origin, genesis_key)
        for index, body in self._bodies(head_size):
            if index == wanted:
                result.root = frontier.root()
            self._check_root(signed, frontier)
            self._check_map(frontier)
            leaf = leaf_hash(body)
            self._note_first_bad(index, body, prev, leaf)
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
        if (frontier.size, frontier.root()) != (head_size, head_root):
            result.failures.append("the entries do not give the stored head")
        self._check_tiles(derived)
        if signed:
            result.failures.append(f"a checkpoint of size {max(signed)} lies beyond the ledger")
        self._documents.finish()
        if result.first_bad is None:
            self._map.finish()
        progress(head_size, head_size)

    def _bodies(self, size: int) -> Iterator[tuple[int, bytes]]:
        for start in range(0, size, _STRIDE):
            end = min(start + _STRIDE, size)
            try:
                bodies = rows.read_entries(self._connection, start, end)
            except RegistryError as error:
                self._result.failures.append(str(error))
                return
            self._documents.load(start, end)
            versions = tables.status_versions
            logged = self._connection.execute(sa.select(versions).where(versions.c.i.between(start, end - 1)))
            self._lists_logged = {row.i: row.list_id for row in logged}
            yield from enumerate(bodies, start)

    def _signed_checkpoints(self) -> dict[int, bytes]:
        """Size -> root of every stored checkpoint whose signature holds."""
        roots = {}
        for row in self._connection.execute(sa.select(tables.checkpoints)):
            try:
                head = checkpoint.check(text(row.note), self._ledger_keys)
                if (head.origin, head.size) != (self._trust.origin, row.size):
                    raise Untrue("checkpoint", "it is of another origin or size")
            except RegistryError as error:
                self._result.failures.append(f"the checkpoint of size {row.size} is bad: {error}")
                continue
            roots[head.size] = head.root
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
        if self._result.first_bad is None:
            self._map.at(frontier)

    def _note_first_bad(self, index: int, body: bytes, prev: str, leaf: bytes) -> None:
        if self._result.first_bad is None:
            try:
                self._map.take(self._check_entry(index, body, prev), leaf, self._lists_logged.get(index))
            except RegistryError as error:
                self._result.first_bad = (index, str(error))

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
