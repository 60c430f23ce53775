"""A writer for the fault tests: appends batches of notes by the ledger's own call, and acknowledges each after its commit.

It runs in a process of its own, forked from a server that has imported everything already, so that a process costs some ten
milliseconds and its system calls are those of the ledger. What it tells stands in one message each: `committed SIZE ROOT`, as
`greffe issue` says it, or `stopped CODE`.
"""

import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict, RegistryError
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.admission import Admission, Statement
from registry.ledger.clock import Clock
from registry.ledger.ledger import Ledger
from registry.ledger.publish import publish
from registry.log import checkpoint
from registry.log.merkle import Frontier, leaf_hash
from registry.records.seals import Sealing, Seals
from registry.store import database, map_rows, rows, sqlite, tables
from registry.store.rows import read_frontier
from registry.verify.trust import Trust, parse
from tests.builders.command import FORKED

Told = tuple[int, str]
#: multiprocessing asks after all its children whenever it starts one: two threads at that get in each other's way
_ALONE = threading.Lock()


@dataclass(frozen=True)
class Task:
    """What to append, where. `without`: the safeties taken out, for a negative control: `fsync`, `swap`. `dies`: (name of the
    crash point, how often it is passed before the writer dies there).
    """

    environ: dict[str, str]
    batches: int
    sizes: tuple[int, ...] = (1,)
    reason: str = "fault"
    publishes_every: int = 0
    without: frozenset[str] = field(default_factory=frozenset)
    dies: tuple[str, int] | None = None


#: crash point -> the function that it lies before, or after
CRASH_POINTS: dict[str, tuple[Any, str]] = {
    "before the head is swapped": (rows, "swap_head"),
    "before the entries are inserted": (rows, "put_entries"),
    "before the hashes are inserted": (rows, "grow_tile"),
    "before the commit": (SQLiteDialect_pysqlite, "do_commit"),
    "after the commit": (SQLiteDialect_pysqlite, "do_commit"),
    "before a checkpoint is signed": (checkpoint, "sign"),
    "before the map is kept": (map_rows, "keep"),
    "before a checkpoint is shown": (rows, "put_published"),
}


def write(task: Task, answers: Connection, go: Connection) -> None:
    """Append until done or ended; a batch that lost a race, or found no room, is tried again."""
    os.setsid()
    settings = from_environ(task.environ)
    office = Office(settings)
    if "fsync" in task.without:
        sa.event.listen(office.store.engine, "connect", _sync_seldom)
    if "swap" in task.without:
        rows.swap_head, sqlite.insert = _swap_blindly, _insert_over
        Seals.opened = _open_at_any_head(Seals.opened)  # type: ignore[method-assign]
    if task.dies is not None:
        _die_at(*task.dies)
    signers = office.log_keys.signers if task.publishes_every else None
    office.store.close()  # the connection that told of the keys
    answers.send_bytes(b"ready")
    go.recv_bytes()
    try:
        ledger = Ledger(office.store, office.identity, office.log_keys.genesis.print(), office.seals, Clock(list))
        for number in range(task.batches):
            batch = [Admission(Statement("note", reason=task.reason))] * task.sizes[number % len(task.sizes)]
            head = _append(ledger, batch)
            answers.send_bytes(f"committed {head.size} {head.root.hex()}".encode())
            if signers is not None and number % task.publishes_every == 0:
                publish(office.store, signers)
        office.store.close()
    except (RegistryError, OSError, sa.exc.SQLAlchemyError) as error:
        code = error.code if isinstance(error, RegistryError) else "environment"
        answers.send_bytes(f"stopped {code}".encode())
        os._exit(78)


def _append(ledger: Ledger, batch: list[Admission]) -> Any:
    for _ in range(1000):
        try:
            return ledger.append(batch, {}, datetime.now(UTC))
        except Conflict as error:
            if error.code not in ("head_moved", "busy", "storage_full"):
                raise
    raise Conflict("busy", "lost a thousand races")


def _die_at(point: str, passes: int) -> None:
    """SIGKILL to itself at a crash point."""
    place, name = CRASH_POINTS[point]
    act, left = getattr(place, name), iter(range(passes))

    def act_or_die(*arguments: Any, **named: Any) -> Any:
        is_over = next(left, None) is None
        if is_over and point.startswith("after"):
            act(*arguments, **named)
        if is_over:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*arguments, **named)

    setattr(place, name, act_or_die)


def _sync_seldom(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=NORMAL")


def _swap_blindly(connection: sa.Connection, _old: tuple[int, bytes], new: tuple[int, bytes]) -> None:
    connection.execute(sa.update(tables.head).values(size=new[0], root=new[1]))


def _open_at_any_head(opened: Callable[..., Sealing]) -> Callable[..., Sealing]:
    """The seals look at the head too."""
    return lambda seals, connection, changed, _at=None: opened(seals, connection, changed)


def _insert_over(connection: sa.Connection, table: str, columns: Any, values: Any) -> None:
    places = ", ".join("?" * len(columns))
    connection.exec_driver_sql(f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({places})", list(values))


class Writer:
    """A running `write`, ready but not begun. Leave its `with` block and it is gone."""

    def __init__(self, task: Task) -> None:
        self._answers, theirs = FORKED.Pipe(duplex=False)
        go, self._go = FORKED.Pipe(duplex=False)
        self._process = FORKED.Process(target=write, args=(task, theirs, go), daemon=True)
        with _ALONE:
            self._process.start()
        theirs.close()
        go.close()
        assert self._answers.recv_bytes() == b"ready"
        assert self._process.pid is not None
        self.pid = self._process.pid
        self.stopped: str | None = None

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *_: object) -> None:
        with _ALONE:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._answers.close()
        self._go.close()

    def begin(self) -> None:
        """Let it append."""
        self._go.send_bytes(b"go")

    def kill(self) -> None:
        """SIGKILL, and wait until it is dead."""
        os.kill(self.pid, signal.SIGKILL)
        self.exit_code()

    def exit_code(self) -> int | None:
        """How it ended; it has said its last word, or been killed."""
        with _ALONE:
            self._process.join()
            return self._process.exitcode

    def next(self) -> Told | None:
        """The next acknowledgement; None after the last."""
        try:
            word, *rest = self._answers.recv_bytes().decode().split()
        except (EOFError, ConnectionResetError):
            return None
        if word == "stopped":
            self.stopped = rest[0]
            return None
        return int(rest[0]), rest[1]

    def rest(self) -> list[Told]:
        """All the acknowledgements that are still to come, until it ends."""
        return list(iter(self.next, None))


@contextmanager
def opened(environ: dict[str, str]) -> Iterator[database.Store]:
    """The store as the next process finds it."""
    store = database.Store(from_environ(environ).database_url)
    try:
        yield store
    finally:
        store.close()


def trust_of(office: Office) -> Trust:
    """What an auditor trusts; appending notes does not change it."""
    return parse(jcs(office.reader.trust()))


def check_roots(store: database.Store, acknowledged: list[Told]) -> int:
    """Every acknowledged size has the acknowledged root; by the tiles alone, so that it costs little. The size of the ledger."""
    with store.read() as connection:
        head = rows.read_head(connection)
        assert head is not None
        for size, root in acknowledged:
            assert size <= head[0], f"{size} entries were acknowledged, {head[0]} are there"
            assert read_frontier(connection, size).root().hex() == root, f"another root at {size}"
    return head[0]


def check_all(store: database.Store, trust: Trust, acknowledged: list[Told]) -> int:
    """The audit finds nothing, and the entries give every acknowledged root. The size of the ledger."""
    report = audit(store, trust, lambda _done, _total: None)
    assert (report.first_bad, report.failures) == (None, [])
    roots, frontier = dict(acknowledged), Frontier()
    with store.read() as connection:
        for body in rows.read_entries(connection, 0, report.entries):
            frontier.append(leaf_hash(body))
            assert roots.pop(frontier.size, frontier.root().hex()) == frontier.root().hex(), f"at {frontier.size}"
    assert roots == {}, "acknowledged, but not there"
    return report.entries


def check_pages(file: Path) -> None:
    """SQLite's own check of every page and index."""
    connection = sqlite3.connect(file)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()
