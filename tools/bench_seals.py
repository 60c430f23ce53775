"""Rows about what it costs that the store is not believed: the same run with it and without.

Called by `bench.py`. Both sides take turns, three rounds each, in CPU time of this process; the median is told.
"""

import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from bench_rows import say

from issuer import sources
from issuer.run.issue import issue
from issuer.timeline.changes import Extract
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.surroundings import Surroundings
from registry.records.seals import Sealed
from registry.store import rows, seal_rows
from registry.store.database import Connection
from registry.store.rows import HeadRow
from sample_data import generate

ORGANIZATIONS = 1000
ROUNDS = 3
#: what holds the store against seals and entries in a run, and what stands in its place where the store is believed
_BELIEVING = {
    "registry.records.places.check_all": lambda *_arguments: set(),
    "registry.records.seals.Seals.read": lambda _self, connection: Sealed(
        rows.read_head(connection), _Tables(connection)
    ),
    "registry.records.seals.Seals.opened": lambda _self, connection, _changed, _at=None: _Unsealed(connection),
    "registry.records.seals.Seals.is_sealed": lambda _self, _row: True,
    "registry.records.seals.Seals.place": lambda _self, _place: b"",
}


class _Tables(dict[str, list[tuple[Any, ...]]]):
    """The rows of a table, read when somebody asks for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __missing__(self, name: str) -> list[tuple[Any, ...]]:
        return seal_rows.read_table(self._connection, name)


class _Unsealed:
    """Stands where `Sealing` does, and seals nothing."""

    def __init__(self, connection: Connection) -> None:
        head = rows.read_head(connection)
        assert head is not None
        self.head, self._tables = head, _Tables(connection)

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        return self._tables[name]

    def put(self, name: str, row: tuple[Any, ...]) -> None:
        pass

    def close(self, head: HeadRow) -> None:
        pass


def say_seals(scratch: Path) -> None:
    """A run that issues half a register, and one that finds that half unchanged and issues the rest."""
    halves = [_extract(scratch / f"extract-{count}", count) for count in (ORGANIZATIONS // 2, ORGANIZATIONS)]
    held, believed = list[float](), list[float]()
    for turn in range(ROUNDS):
        held.append(_issued(scratch / f"held-{turn}", halves))
        believed.append(_believed(scratch / f"believed-{turn}", halves))
    say("issuing where the store is believed", median(believed), "entries/s", "issuing where the store is believed")
    say("issuing, held against seals and entries", median(held), "entries/s", "issuing where the store is believed")


def _extract(folder: Path, count: int) -> Path:
    folder.mkdir()
    text, _ = generate.extract(count, generate.SEED, planted=False)
    (folder / "extract.csv").write_text(text, "utf-8", newline="")
    return folder


def _believed(folder: Path, halves: list[Path]) -> float:
    patches = [patch(name, stub) for name, stub in _BELIEVING.items()]
    for each in patches:
        each.start()
    try:
        return _issued(folder, halves)
    finally:
        for each in patches:
            each.stop()


def _issued(folder: Path, halves: list[Path]) -> float:
    """Entries a second of CPU time."""
    office: Office = initialize(from_environ({"GREFFE_DATA": str(folder)}))
    around = Surroundings(lambda: datetime.now(UTC), bytes, lambda _head: None, lambda _done, _total: None)
    extracts: list[Extract] = [sources.read("table", half) for half in halves]
    start = time.process_time()
    for extract in extracts:
        issue(office, "table", extract, around)
    seconds = time.process_time() - start
    size = office.reader.size()
    office.store.close()
    return size / seconds
