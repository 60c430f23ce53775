"""What is done to the files of a public log, and which judges must refuse it then."""

import base64
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.bits import flip


def flip_at(place: int) -> Callable[[Path], None]:
    """Flips a bit of the byte at that place of a file."""
    return lambda path: _write(path, flip(path.read_bytes(), 8 * place))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-32])


def _change_size(path: Path) -> None:
    origin, size, rest = path.read_text("utf-8").split("\n", 2)
    path.write_text(f"{origin}\n{int(size) - 1}\n{rest}", "utf-8")


def _change_root(path: Path) -> None:
    lines = path.read_text("utf-8").split("\n")
    lines[2] = base64.b64encode(bytes(32)).decode()
    path.write_text("\n".join(lines), "utf-8")


def _change_origin(path: Path) -> None:
    path.write_text("x" + path.read_text("utf-8"), "utf-8")


@dataclass(frozen=True)
class Tampering:
    """A file of the log as it was written out, what is done to it, and which judges of `checklog` must refuse then."""

    path: str
    do: Callable[[Path], None]
    refusing: frozenset[str]


_ALL = frozenset({"fsck", "xmod", "client", "since"})
#: entry 0 and its tile are among what the sampling judges look at; what they do not read they cannot refuse
TAMPERINGS = {
    "a bit of an entry": Tampering("tile/entries/000", flip_at(40), frozenset({"fsck", "xmod", "client"})),
    "a bit of the last bundle": Tampering("tile/entries/258.p/1", flip_at(40), frozenset({"fsck", "xmod", "client"})),
    "a length of an entry": Tampering("tile/entries/100", flip_at(1), frozenset({"fsck", "xmod"})),
    "a bundle is missing": Tampering("tile/entries/007", Path.unlink, frozenset({"fsck", "xmod"})),
    "a bit of a leaf hash": Tampering("tile/0/000", flip_at(32), frozenset({"fsck", "xmod", "client"})),
    "a tile cut short": Tampering("tile/0/003", _cut, frozenset({"fsck", "xmod"})),
    "a tile is missing": Tampering("tile/0/258.p/1", Path.unlink, _ALL),
    "a bit of an inner hash": Tampering("tile/1/000", flip_at(31), _ALL),
    "a bit of the top": Tampering("tile/2/000.p/1", flip_at(31), _ALL),
    "the size": Tampering("checkpoint", _change_size, frozenset({"checkpoint"})),
    "the root": Tampering("checkpoint", _change_root, frozenset({"checkpoint"})),
    "the origin": Tampering("checkpoint", _change_origin, frozenset({"checkpoint"})),
    "the signature": Tampering("checkpoint", flip_at(-9), frozenset({"checkpoint"})),
}


def tampered(written: Path, tampering: Tampering, folder: Path) -> Path:
    """A copy of a log that was written out, with something done to it."""
    shutil.copytree(written, folder)
    tampering.do(folder / tampering.path)
    return folder
