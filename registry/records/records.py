"""The office's view of the store: every row is held against its seal and its entry before anybody acts on it.

One `Records` is one snapshot. Its head bears its seal, so that all entries lie under a root that the office itself has written;
a document is held against its entry under that root, a place against its own seal, and whether an organization's places are all
there against the entries.
"""

from typing import Any

from registry.credential.identity import Identity
from registry.credential.status import decode
from registry.errors import LedgerDamaged, Malformed, NotFound, Untrue
from registry.log import entry
from registry.log.checkpoint import Checkpoint
from registry.records import places as all_places
from registry.records.committed import read_committed, read_entry
from registry.records.newest import newest_entry
from registry.records.seals import Seals
from registry.store import issuer_rows, place_rows, seal_rows
from registry.store.database import Connection
from registry.store.issuer_rows import IssuerRow, ListRow
from registry.store.place_rows import PlaceRow


class Records:
    """One snapshot. Refused `unsealed`; LedgerDamaged `seal_broken`, `record_untrue`: the store was changed."""

    def __init__(self, connection: Connection, identity: Identity, seals: Seals) -> None:
        self._connection, self._identity, self._seals = connection, identity, seals
        size, root, origin, _ = seals.check(connection)
        #: how far the ledger goes, as the office has written it
        self.head = Checkpoint(origin, size, root)
        self._are_all_places_checked = False

    @property
    def connection(self) -> Connection:
        """What reads rows of the sealed tables: they were held against their seals already."""
        return self._connection

    def entry(self, index: int) -> entry.Entry:
        """An entry under the head."""
        return read_entry(self._connection, index, self.head)

    def document(self, index: int) -> dict[str, Any]:
        """The document under an entry. NotFound `body_missing`."""
        return read_committed(self._connection, index, self.head)

    def issuer(self, register: str) -> IssuerRow | None:
        """The issuer of a register; None before its first batch."""
        return issuer_rows.read_issuer(self._connection, register)

    def issuer_document(self, register: str) -> dict[str, Any]:
        """The newest DID document of a register's issuer, as it was logged. NotFound `register_unknown`."""
        index = issuer_rows.newest_key_entry(self._connection, register, self.head.size)
        if index is None:
            raise NotFound("register_unknown", "there is no issuer for that register")
        document = self.document(index)
        if document.get("id") != self._identity.issuer_did(register):
            raise LedgerDamaged("record_untrue", f"entry {index} does not name the keys of {register}")
        return document

    def lists(self, register: str) -> list[ListRow]:
        """The status lists of a register."""
        return issuer_rows.read_lists(self._connection, register)

    def status_list(self, list_id: str) -> ListRow:
        """A status list, whose bits are those of its newest logged version. NotFound `status_list_unknown`."""
        row = issuer_rows.read_list(self._connection, list_id)
        index = issuer_rows.newest_list_version(self._connection, list_id, self.head.size)
        if row is None or index is None:
            raise NotFound("status_list_unknown", f"there is no status list {list_id}")
        document = self.document(index)
        try:
            is_same = document.get("id") == list_id and decode(document["credentialSubject"]["encodedList"]) == row.bits
        except (KeyError, Malformed, Untrue):
            is_same = False
        if not is_same:
            raise LedgerDamaged("record_untrue", f"the bits of {list_id} are not those of its newest version")
        return row

    def places(self, register: str, number: str) -> list[PlaceRow]:
        """The places of an organization's credentials, in the order of n; empty when it has none."""
        sealed = seal_rows.read_sealed_organization(self._connection, register, number)
        places = [row.place for row in sealed if self._seals.is_sealed(row)]
        if len(places) != len(sealed) or [place.n for place in places] != list(range(1, len(places) + 1)):
            raise LedgerDamaged("record_untrue", f"the places of {register}/{number} are not as the office wrote them")
        if not self._are_all_places_checked:
            self._check_newest(register, number, places)
        return places

    def check_all_places(self) -> None:
        """Hold every place against its entry, in one pass over the ledger: what plans for many asks once."""
        all_places.check_all(self._connection, self._seals, self._identity, self.head)
        self._are_all_places_checked = True

    def _check_newest(self, register: str, number: str, places: list[PlaceRow]) -> None:
        """The last of the places is the newest entry that speaks of the organization."""
        org = self.entry(places[-1].i).org if places else f"{register}:{number}"
        salt = self.org_salt(register, number)
        pseudonym = None if salt is None else entry.pseudonym(salt, register, number)
        if places and org not in (f"{register}:{number}", pseudonym):
            raise LedgerDamaged("record_untrue", f"entry {places[-1].i} is not of {register}/{number}")
        newest = newest_entry(self._connection, org or "", self.head)
        if newest != (places[-1].i if places else None):
            raise LedgerDamaged("record_untrue", f"the newest credential of {register}/{number} is not in its place")

    def org_salt(self, register: str, number: str) -> bytes | None:
        """The salt behind an organization's pseudonym, 32 bytes; None when it has none."""
        return place_rows.read_org_salt(self._connection, register, number)
