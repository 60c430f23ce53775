"""Status lists are audited: every bit must follow from the entries.

So must every version, and every credential's index.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.credential import status
from registry.credential.status import next_position
from registry.errors import Untrue
from registry.log import entry
from registry.store import place_rows, tables
from registry.store.columns import blob
from registry.store.place_rows import PlaceRow


@dataclass(slots=True)
class _List:
    """A list as the store keeps it; `newest`: the bits of the newest version walked over."""

    seed: bytes
    bits: bytes
    newest: bytes | None = None


class ListAudit:
    """The lists beside a walk over the entries."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._lists: dict[str, _List] = {}
        self._set: dict[str, set[int]] = {}
        #: credentials whose place is gone, by entry: how many of their issuer stand before
        self._unplaced: dict[int, int] = {}
        #: the list that each status entry logs; None where its body is missing
        self._versions: dict[int, str | None] = {}

    def note_version(self, index: int) -> None:
        """An entry that logs a version of some list."""
        self._versions[index] = None

    def note_unplaced(self, index: int, before: int) -> None:
        """A credential whose place is gone; `before`: how many of its issuer stand before it."""
        self._unplaced[index] = before

    @property
    def is_without_seeds(self) -> bool:
        """Whether nobody here knows the seed of some list: so it is where a mirror is audited."""
        lists = tables.status_lists
        chosen = sa.select(lists.c.id).where(lists.c.seed == b"").limit(1)
        return self._connection.execute(chosen).first() is not None

    def check_position(self, place: PlaceRow, before: int) -> None:
        """A place is the one that its position among the issuer's credentials gives. Untrue."""
        m, index = next_position(self._list(place.list_id).seed, before)
        is_first = status.sibling(place.list_id, status.REVOCATION) == place.list_id
        if not is_first or place.list_index != index or not place.list_id.endswith(f"/{place.register}-{m}"):
            raise Untrue("status_index", "its status index is not the one that its position gives")

    def check_place(self, document: dict[str, Any], place: PlaceRow) -> None:
        """A credential names its lists, and the index that its place has in all of them. Untrue."""
        named = status.named_by(document)
        positions = {(item["statusListCredential"], item["statusListIndex"]) for item in named}
        lists = {status.sibling(place.list_id, item["statusPurpose"]) for item in named}
        if any(self._list(list_id).seed != self._list(place.list_id).seed for list_id in lists):
            raise Untrue("status_index", "its lists do not share one order of positions")
        if place.list_id not in lists or positions != {(id, str(place.list_index)) for id in lists}:
            raise Untrue("status_index", "its status index is not that of its place")

    def check_version(self, version: entry.Entry, document: dict[str, Any]) -> None:
        """The bits of a version are those that the entries before it and its own give. Untrue."""
        list_id = self._versions[version.index] = document["id"]
        purpose = document["credentialSubject"]["statusPurpose"]
        if status.sibling(list_id, purpose) != list_id:
            raise Untrue("status_list", "its id speaks of another purpose than its bits")
        expected = self._set.setdefault(list_id, set())
        changed = {self._list_index(index, list_id, purpose) for index in version.refers}
        if version.reason == entry.REINSTATED and purpose == status.SUSPENSION:
            expected -= changed
        else:
            expected |= changed
        bits = status.decode(document["credentialSubject"]["encodedList"])
        row, actual = self._list(list_id), _set_bits(bits)
        if row.seed:
            is_same = actual == expected
        else:  # a mirror does not tell where a credential's bit stands, but how many are set, and that none moved
            before = _set_bits(row.newest or b"")
            is_same = len(actual) == len(expected) and (actual <= before or actual >= before)
        if not is_same:
            raise Untrue("status_bits", "the bits of the list are not those of its entries")
        row.newest = bits

    def faults(self) -> list[str]:
        """Where the bits that the store keeps are not those of a list's newest version."""
        return [
            f"the bits kept for {list_id} are not those of its newest version"
            for list_id, row in self._lists.items()
            if row.newest is not None and row.newest != row.bits
        ]

    def row_faults(self) -> list[str]:
        """Where the rows of lists and versions are not what the entries give; a body that is missing tells no list."""
        faults = []
        stored = {row.i: row.list_id for row in self._connection.execute(sa.select(tables.status_versions))}
        if stored.keys() != self._versions.keys() or any(
            list_id not in (None, stored[index]) for index, list_id in self._versions.items()
        ):
            faults.append("what is kept of the versions of status lists is not what their entries give")
        for row in self._connection.execute(sa.select(tables.status_lists)):
            is_named = row.id.endswith(f"/status/{row.purpose}/{row.register}-{row.m}")
            if not is_named or row.id not in stored.values():
                faults.append(f"the list kept as {row.id} is not one that the entries give")
        return faults

    def _list_index(self, index: int, list_id: str, purpose: str) -> int:
        """The index, in a list, of the credential under an entry; where its place is gone, from how many stand before it."""
        row = next(iter(place_rows.read_places_between(self._connection, index, index + 1)), None)
        if row is not None and status.sibling(row.list_id, purpose) == list_id:
            return int(row.list_index)
        if row is None and index in self._unplaced:
            m, list_index = next_position(self._list(list_id).seed, self._unplaced[index])
            if list_id.endswith(f"-{m}"):
                return list_index
        raise Untrue("refers", f"entry {index} stands in another list")

    def _list(self, list_id: str) -> _List:
        if list_id not in self._lists:
            lists = tables.status_lists
            row = self._connection.execute(sa.select(lists).where(lists.c.id == list_id)).one_or_none()
            if row is None:
                raise Untrue("status_list", f"the store does not know the list {list_id}")
            self._lists[list_id] = _List(blob(row.seed), blob(row.bits))
        return self._lists[list_id]


def _set_bits(bits: bytes) -> set[int]:
    return {
        place * 8 + offset for place, byte in enumerate(bits) if byte for offset in range(8) if byte >> (7 - offset) & 1
    }
