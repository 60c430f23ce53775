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
from typing import Any

from registry.errors import LedgerDamaged, Refused
from registry.store import rows, seal_rows
from registry.store.columns import blob, text
from registry.store.database import Connection
from registry.store.place_rows import PlaceRow
from registry.store.rows import HeadRow

#: the tables whose rows have one MAC together, which the head's binds
BOUND = ("did_log", "erased", "issuer", "key_version", "log_key", "status_list")
HEAD, PUBLISHED, PLACES = "ledger_head", "published", "credential"
_VERSION = b"greffe-seal/v1\n"


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

    def renew(self, connection: Connection, changed: Iterable[str]) -> None:
        """Make the MACs over those tables anew, and the head's: what is appended changes them in the same transaction."""
        for name in changed:
            seal_rows.put_seal(connection, name, self._table(connection, name))
        self._renew_head(connection)

    def renew_published(self, connection: Connection) -> None:
        """Make the MAC over what is published anew."""
        seal_rows.put_seal(connection, PUBLISHED, self._table(connection, PUBLISHED))

    def seal_all(self, connection: Connection) -> None:
        """Make every MAC anew, over whatever the store holds: it was audited before."""
        sealed = ((row.place.i, self.place(row.place)) for row in seal_rows.read_sealed_places(connection))
        seal_rows.seal_places(connection, sealed)
        self.renew_published(connection)
        self.renew(connection, BOUND)

    def check(self, connection: Connection) -> HeadRow:
        """The head, when it and every table bear their MACs; places are checked as they are read.

        Refused `unsealed`: the store has no MACs. LedgerDamaged `seal_broken`: one does not hold, or entries stand beyond the
        head.
        """
        head, seals = rows.read_head(connection), self._seals(connection)
        for name in (*BOUND, PUBLISHED):
            if not hmac.compare_digest(self._table(connection, name), seals.get(name, b"")):
                raise _broken(f"the rows of {name}")
        if head is None or not hmac.compare_digest(self._head(head, seals), seals.get(HEAD, b"")):
            raise _broken("the head")
        if rows.end_of_entries(connection) != head.size:
            raise _broken("the entries beyond the head")
        return head

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

    def _renew_head(self, connection: Connection) -> None:
        head = rows.read_head(connection)
        if head is None:
            raise LedgerDamaged("head_damaged", "the store has no head")
        seal_rows.put_seal(connection, HEAD, self._head(head, seal_rows.read_seals(connection)))

    def _head(self, head: HeadRow, seals: dict[str, bytes]) -> bytes:
        return self._mac(HEAD, _encoded((*head, *(seals.get(name, b"") for name in BOUND))))

    def _table(self, connection: Connection, name: str) -> bytes:
        made = hmac.new(self._secret, _VERSION + name.encode() + b"\n", "sha256")
        for row in seal_rows.read_table(connection, name):
            made.update(_encoded(row))
        return made.digest()

    def _mac(self, name: str, data: bytes) -> bytes:
        return hmac.digest(self._secret, _VERSION + name.encode() + b"\n" + data, "sha256")


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
    return LedgerDamaged("seal_broken", f"{what} are not as the office wrote them: nothing is signed; see greffe audit")
