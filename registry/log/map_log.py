r"""What the map says of the ledger, and the log of its roots.

Pure functions, which anyone can compute again. The map has one key per organization and one per status list. The value is
the RFC 6962 root over the entries of that key, its mini-log, whose leaves are
`u64 big endian index || leaf hash of the entry`. So one value tells which entry is the newest, and that there are no
others; a key that is absent tells that there is none at all.

    key = SHA-256("greffe-map/v1\n" || "organization" or "status-list" || "\n" || org or id of the list)

Each checkpoint of the ledger gives one leaf of the log `<origin>/index`: `hex(map root)\n` and the checkpoint as the ledger
signed it. Changing any of this is a new origin.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from registry.encoding.remembered import remembered
from registry.errors import Malformed, Untrue
from registry.log import checkpoint, note
from registry.log.merkle import Frontier, leaf_hash, node_hash


def index_origin(origin: str) -> str:
    """The origin of the map's log."""
    return f"{origin}/index"


def organization_key(org: str) -> bytes:
    """The key of an organization; `org`: as in its entries, `register:number` or a pseudonym."""
    return _key("organization", org)


def list_key(list_id: str) -> bytes:
    """The key of a status list, by its id."""
    return _key("status-list", list_id)


def _key(kind: str, name: str) -> bytes:
    return sha256(f"greffe-map/v1\n{kind}\n{name}".encode()).digest()


def mini_leaf(index: int, leaf: bytes) -> bytes:
    """The leaf hash, in the mini-log of its key, of the entry with that index and leaf hash."""
    return leaf_hash(index.to_bytes(8, "big") + leaf)


def value_after(before: Iterable[bytes], index: int, leaf: bytes) -> bytes:
    """The value of a key whose newest entry is that one; `before`: the frontier of the mini-log without it, largest first.

    All hashes of the proof stand to the left, so the entry is the last one, however many there are: the size need not be given.
    """
    top = mini_leaf(index, leaf)
    for left in reversed(list(before)):
        top = node_hash(left, top)
    return top


def value_of(entries: Iterable[tuple[int, bytes]]) -> bytes:
    """The value of a key with those entries (index, leaf hash), in their order."""
    frontier = Frontier()
    for index, leaf in entries:
        frontier.append(mini_leaf(index, leaf))
    return frontier.root()


@dataclass(frozen=True, slots=True)
class MapRoot:
    """One leaf of the map's log: the root of the map, 32 bytes, over the ledger of `signed`, a note that the ledger signed."""

    root: bytes
    signed: str

    def print(self) -> bytes:
        """The bytes of the leaf; `parse` of them gives the same."""
        return f"{self.root.hex()}\n{self.signed}".encode()

    @property
    def head(self) -> checkpoint.Checkpoint:
        """The checkpoint that the root belongs to. Malformed."""
        return checkpoint.parse(note.parse(self.signed).text)


@remembered(64)
def parse(data: bytes) -> MapRoot:
    """The leaf of those bytes. Malformed `map_root`."""
    try:
        root, newline, signed = data.decode().partition("\n")
        map_root = MapRoot(bytes.fromhex(root), signed)
    except ValueError:
        raise Malformed("map_root", "not a root and a checkpoint") from None
    if not newline or len(map_root.root) != 32 or map_root.print() != data:
        raise Malformed("map_root", "not the form in which a root of the map is printed")
    checkpoint.parse(note.parse(signed).text)
    return map_root


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes of a row of them. Untrue `hash_length`: not 32 bytes each."""
    if len(data) % 32:
        raise Untrue("hash_length", "a hash is not 32 bytes")
    return [data[start : start + 32] for start in range(0, len(data), 32)]
