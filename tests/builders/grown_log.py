"""A ledger that grew and was published several times, for software of other people to read; and a fork of it.

Both are made by the office's own code with the same keys and the same randomness: the sample register, then notes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from issuer import sources
from issuer.run.issue import issue
from registry.encoding.jcs import jcs
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.admission import Admission, Statement
from registry.ledger.ledger import BATCH
from registry.ledger.publish import publish
from registry.log import checkpoint, note, tiles
from registry.log.merkle import Frontier, Subtree
from registry.store import rows
from sample_data.make_expected import fixed_bytes as seeded
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.command import NOW, ROOT, surroundings
from tests.builders.site import serving

#: whole tiles only; some; three levels of tiles, the second with a whole one and the third with just begun one
SIZES = (1536, 4001, 65536 + 513)
#: of the fork: the last size that both have stands first
FORK_SIZES = (1536, 1537, 4001, 4500)


@dataclass(frozen=True)
class GrownLog:
    """A published ledger. `checkpoints`: every one that was published, by size, the last one is the current one."""

    office: Office
    checkpoints: dict[int, str]

    @property
    def key(self) -> note.VerifierKey:
        return self.office.log_keys.genesis

    @property
    def vkey(self) -> str:
        return self.key.print()

    @property
    def size(self) -> int:
        return max(self.checkpoints)

    @property
    def current(self) -> str:
        return self.checkpoints[self.size]

    def subtree(self) -> Subtree:
        """The ledger's complete subtrees, read from its tiles."""

        @cache
        def read_tile(level: int, n: int) -> bytes:
            with self.office.store.read() as connection:
                return rows.read_tile(connection, level, n)

        return cache(tiles.subtree_from(read_tile))

    def root(self, size: int) -> bytes:
        return Frontier.of(size, self.subtree()).root()

    def entry(self, index: int) -> bytes:
        with self.office.store.read() as connection:
            return rows.read_entries(connection, index, index + 1)[0]

    def write_out(self, folder: Path) -> Path:
        """The published log as files: checkpoint, tiles and bundles of just the widths that its size asks for."""
        _write(folder / "checkpoint", self.current.encode())
        for level in (None, 0, 1, 2):
            n = 0
            while width := tiles.width_of(level, n, self.size):
                path = tiles.Tile(level, n, width).print()
                _write(folder / "tile" / path, self.office.reader.log.tile(path))
                n += 1
        return folder


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def grow(data: Path, sizes: tuple[int, ...], text_of: Callable[[int], str]) -> GrownLog:
    """A ledger in that directory, published after the sample register and at each of the sizes; `text_of`: a note's text."""
    office = initialize(from_environ({"GREFFE_DATA": str(data)}), seeded("keys"))
    issue(office, "table", sources.read("table", ROOT / "sample_data"), surroundings())
    checkpoints = [publish(office.store, office.log_keys.signers).note]
    for size in sizes:
        _append_notes(office, size, text_of)
        checkpoints.append(publish(office.store, office.log_keys.signers).note)
    return GrownLog(office, {checkpoint.parse(note.parse(text).text).size: text for text in checkpoints})


def _append_notes(office: Office, size: int, text_of: Callable[[int], str]) -> None:
    with office.writing() as ledger:
        while ledger.head.size < size:
            start = ledger.head.size
            texts = [jcs({"text": text_of(index)}) for index in range(start, min(size, start + BATCH))]
            ledger.append([Admission(Statement("note", reason="interop"), text, bytes(32)) for text in texts], {}, NOW)


def honest(folder: Path) -> GrownLog:
    return grow(folder / "data", SIZES, lambda index: f"note {index}")


def forked(folder: Path) -> GrownLog:
    """The same ledger up to the first size, and another one after it: signed by the same key."""
    return grow(folder / "data", FORK_SIZES, lambda index: f"{'note' if index < FORK_SIZES[0] else 'other'} {index}")


@contextmanager
def served(log: GrownLog) -> Iterator[str]:
    """The ledger's own public app; gives its base URL."""
    with serving(create_app(log.office.reader, EmbeddedIndex(log.office.settings.index))) as base:
        yield base
