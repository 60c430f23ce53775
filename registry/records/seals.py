r"""MACs stand over what no entry commits to.

Their secret lies with the keys. Whoever writes the store's file can make any row; without the secret they cannot make the MAC
that goes with it. A place bears one of its own, which binds every value and the entry that it stands under. Of the small tables
all rows together have one, so that a row which is missing, doubled or added is noticed too. The MAC over the head binds size
and root of the ledger and the MACs over those tables: an old row put back belongs to an old head, and the entries since then
betray that. What is published changes without an entry and has a MAC of its own; that it was not put back is known beside the
keys (`installation/seen`).

    HMAC-SHA256(secret, "greffe-seal/v1\n" || table || "\n" || each value of each row, with its type and its length in bytes)
"""

import hmac
from collections.abc import Iterable
from typing import Any, NamedTuple

from registry.errors import Conflict, LedgerDamaged, Refused
from registry.store import rows, seal_rows
from registry.store.columns import blob, text
from registry.store.database import Connection
from registry.store.place_rows import PlaceRow
from registry.store.rows import HeadRow

#: the tables whose rows have one MAC together, which the head's binds
BOUND = ("did_log", "erased", "issuer", "key_version", "log_key", "status_list")
HEAD, PUBLISHED, PLACES, DESK = "ledger_head", "published", "credential", "desk"
_VERSION = b"greffe-seal/v1\n"
#: all rows of a table, in the order of its key
Rows = list[tuple[Any, ...]]


class Sealed(NamedTuple):
    """Head and tables, by name, that bore their MACs when they were read."""

    head: HeadRow
    tables: dict[str, Rows]


class Seals:
    """Makes MACs and checks them. `secret`: 32 bytes of the installation (`key_store.SEALS`)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def place(self, place: PlaceRow) -> bytes:
        """The MAC over a place, 32 bytes."""
        return hmac.digest(self._secret, _encoded_place(place), "sha256")

    def is_sealed(self, sealed: seal_rows.SealedPlace) -> bool:
        """Whether a place bears its MAC."""
        return hmac.compare_digest(self.place(sealed.place), sealed.seal)

    def opened(self, connection: Connection, changed: Iterable[str], at: tuple[int, bytes] | None = None) -> "Sealing":
        """The rows of those tables within a transaction that is about to change them; they and the head bear their MACs.

        `at`: size and root that the head must have. Refused, LedgerDamaged: as `check`. Conflict `head_moved`.
        """
        head, seals = rows.read_head(connection), self._seals(connection)
        if head is None or not hmac.compare_digest(self.head(head, seals), seals.get(HEAD, b"")):
            raise _broken("the head")
        if at is not None and head[:2] != at:
            raise Conflict("head_moved", f"the ledger is no longer at size {at[0]}: somebody else appended")
        read = {name: seal_rows.read_table(connection, name) for name in changed}
        for name, values in read.items():
            self._check_table(name, values, seals)
        return Sealing(self, connection, head, seals, read)

    def seal_all(self, connection: Connection) -> None:
        """Make every MAC anew, over whatever the store holds: it was audited before."""
        sealed = ((row.place.i, self.place(row.place)) for row in seal_rows.read_sealed_places(connection))
        seal_rows.seal_places(connection, sealed)
        self.seal_tables(connection)

    def seal_tables(self, connection: Connection) -> None:
        """Make the MACs of the tables and the head anew, over whatever the store holds: it is new, or was audited before."""
        head, seals = rows.read_head(connection), dict[str, bytes]()
        if head is None:
            raise LedgerDamaged("head_damaged", "the store has no head")
        for name in (*BOUND, PUBLISHED):
            seals[name] = self.table(name, seal_rows.read_table(connection, name))
        for name, mac in {**seals, HEAD: self.head(head, seals)}.items():
            seal_rows.put_seal(connection, name, mac)

    def check(self, connection: Connection) -> HeadRow:
        """The head, when it and every table bear their MACs; places are checked as they are read.

        Refused `unsealed`: the store has no MACs. LedgerDamaged `seal_broken`: one does not hold, or entries stand beyond the
        head.
        """
        return self.read(connection).head

    def read(self, connection: Connection) -> "Sealed":
        """Head and tables, as `check`: what is used is what was checked, however often the store would be asked."""
        head, seals, tables = rows.read_head(connection), self._seals(connection), dict[str, Rows]()
        for name in (*BOUND, PUBLISHED):
            tables[name] = seal_rows.read_table(connection, name)
            self._check_table(name, tables[name], seals)
        if head is None or not hmac.compare_digest(self.head(head, seals), seals.get(HEAD, b"")):
            raise _broken("the head")
        if rows.end_of_entries(connection) != head.size:
            raise _broken("the entries beyond the head")
        return Sealed(head, tables)

    def broken(self, connection: Connection) -> list[str]:
        """What does not bear its MAC, places included, a line each. Refused `unsealed`: the store has no MACs."""
        lines = []
        try:
            self.check(connection)
        except LedgerDamaged as error:
            lines.append(error.message)
        unsealed = (row.place for row in seal_rows.read_sealed_places(connection) if not self.is_sealed(row))
        lines += [f"the place of entry {place.i} is not as the office wrote it" for place in unsealed]
        return lines

    def _seals(self, connection: Connection) -> dict[str, bytes]:
        seals = seal_rows.read_seals(connection) if seal_rows.has_seals(connection) else {}
        if not seals:
            raise Refused("unsealed", "the store was never sealed: greffe doctor --seal audits and seals it")
        return seals

    def _check_table(self, name: str, values: Rows, seals: dict[str, bytes]) -> None:
        if not hmac.compare_digest(self.table(name, values), seals.get(name, b"")):
            raise _broken(f"the rows of {name}")

    def head(self, head: HeadRow, seals: dict[str, bytes]) -> bytes:
        """The MAC over the head and the MACs of the tables that it binds."""
        return self._mac(HEAD, _encoded((*head, *(seals.get(name, b"") for name in BOUND))))

    def table(self, name: str, values: Rows) -> bytes:
        """The MAC over all rows of a table, in the order of its key."""
        made = hmac.new(self._secret, _VERSION + name.encode() + b"\n", "sha256")
        for row in values:
            made.update(_encoded(row))
        return made.digest()

    def desk(self, revision: int, values: Rows) -> bytes:
        """The MAC over the rows of the office's desk, at a revision."""
        return self.table(DESK, [(revision,), *values])

    def _mac(self, name: str, data: bytes) -> bytes:
        return hmac.digest(self._secret, _VERSION + name.encode() + b"\n" + data, "sha256")


class Sealing:
    """Tables that change within one transaction, as the office means them to be.

    The new MACs are made of what was read and checked before, and of what the office itself has put: a trigger in the store, or
    whoever writes beside the office, changes rows and not what is sealed.
    """

    def __init__(
        self, seals: Seals, connection: Connection, head: HeadRow, macs: dict[str, bytes], read: dict[str, Rows]
    ) -> None:
        self._seals, self._connection, self._macs = seals, connection, macs
        #: the head as it was
        self.head = head
        self._tables = {name: {seal_rows.key_of(name, row): row for row in values} for name, values in read.items()}

    def put(self, name: str, row: tuple[Any, ...]) -> None:
        """A row that is new, or takes the place of the one with its key."""
        self._tables[name][seal_rows.key_of(name, row)] = row

    def rows(self, name: str) -> Rows:
        """The rows of a table, in the order of its key."""
        return [row for _, row in sorted(self._tables[name].items())]

    def close(self, head: HeadRow) -> None:
        """Make the MACs anew, with that of the head as it is from now on."""
        for name in self._tables:
            self._macs[name] = self._seals.table(name, self.rows(name))
        self._macs[HEAD] = self._seals.head(head, self._macs)
        for name in (*self._tables, HEAD):
            seal_rows.put_seal(self._connection, name, self._macs[name])


#: what `_encoded` gives of a place, with the name of its table before it: made for every credential
_PLACE = _VERSION + PLACES.encode() + b"\ni%d:s%d:%bs%d:%bi%d:s%d:%bs%d:%bb%d:%bs%d:%bi%d:;"


def _encoded_place(place: PlaceRow) -> bytes:
    i, register, number, n, event, event_order, digest, list_id, list_index = place
    whose = text(register).encode(), text(number).encode()
    state = text(event).encode(), text(event_order).encode(), blob(digest), text(list_id).encode()
    lengths = [len(data) for data in (*whose, *state)]
    return _PLACE % (
        i, lengths[0], whose[0], lengths[1], whose[1], n, lengths[2], state[0], lengths[3], state[1],
        lengths[4], state[2], lengths[5], state[3], list_index,
    )  # fmt: skip


def _encoded(values: Iterable[Any]) -> bytes:
    """The values of a row, so that no other row gives the same bytes."""
    parts = []
    for value in values:
        if isinstance(value, str):
            data = value.encode()
            parts.append(b"s%d:%b" % (len(data), data))
        elif isinstance(value, int):
            parts.append(b"i%d:" % value)
        else:
            data = blob(value)
            parts.append(b"b%d:%b" % (len(data), data))
    return b"".join(parts) + b";"


def _broken(what: str) -> LedgerDamaged:
    return LedgerDamaged("seal_broken", f"not as the office wrote it: {what}; nothing is signed, see greffe audit")
