"""The office sees of the store what its seal and its entry bear out.

One `Records` is one snapshot. Its head bears its seal, so that all entries lie under a root that the office itself has written;
a document is held against its entry under that root, a place against its own seal, and whether an organization's places are all
there against the entries.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from registry.credential import status
from registry.credential.identity import Identity
from registry.errors import LedgerDamaged, Malformed, NotFound, Untrue
from registry.log.checkpoint import Checkpoint
from registry.log.entry import Entry, parse, pseudonym
from registry.records import places as all_places
from registry.records.committed import read_committed, read_entry
from registry.records.newest import newest_entry
from registry.records.seals import Seals
from registry.store import issuer_rows, place_rows, rows, schema, seal_rows
from registry.store.database import Connection
from registry.store.issuer_rows import IssuerRow, ListRow
from registry.store.place_rows import PlaceRow
from registry.store.tables import Log


class Records:
    """One snapshot. Refused `unsealed`; LedgerDamaged `seal_broken`, `record_untrue`: the store was changed."""

    def __init__(self, connection: Connection, identity: Identity, seals: Seals) -> None:
        self._connection, self._identity, self._seals = connection, identity, seals
        sealed = seals.read(connection)
        size, root, origin, _ = sealed.head
        #: how far the ledger goes, as the office has written it
        self.head = Checkpoint(origin, size, root)
        self._sealed = sealed.tables
        self._gone = frozenset[int]()
        self._replaced = frozenset[int]()
        self._are_all_places_checked = False
        self._lists: dict[str, ListRow] = {}

    def entry(self, index: int) -> Entry:
        """An entry under the head."""
        return read_entry(self._connection, index, self.head)

    def document(self, index: int) -> dict[str, Any]:
        """The document under an entry. NotFound `body_missing`: it is gone, or was erased and came back."""
        if index in self._gone:
            raise NotFound("body_missing", f"the body under entry {index} was erased")
        return read_committed(self._connection, index, self.head)

    def issuer(self, register: str) -> IssuerRow | None:
        """The issuer of a register; None before its first batch."""
        issuers = (IssuerRow._make(row) for row in self._sealed["issuer"])
        return next((row for row in issuers if row.register == register), None)

    def issuer_document(self, register: str) -> dict[str, Any]:
        """The newest DID document of a register's issuer, as it was logged. NotFound `register_unknown`."""
        issuer = self.issuer(register)
        if issuer is None:
            raise NotFound("register_unknown", "there is no issuer for that register")
        index = max((i for i, named in self._sealed["key_version"] if named == register), default=issuer.key_entry)
        document = self.document(index)
        if document.get("id") != self._identity.issuer_did(register):
            raise LedgerDamaged("record_untrue", f"entry {index} does not name the keys of {register}")
        return document

    def did_log(self, register: str) -> list[str]:
        """The lines of the did:webvh log of a register's issuer; none where it has no log."""
        return [line for named, _, line in self._sealed["did_log"] if named == register]

    def log_keys(self, log: Log) -> list[tuple[str, int]]:
        """(vkey, what it does) of every key that a log has had, in their order."""
        return [(vkey, state) for name, _, vkey, state in self._sealed["log_key"] if name == log.name]

    def entries(self, start: int, end: int) -> list[Entry]:
        """Entries [start, end). All places must have been checked: that held all entries against the head."""
        assert self._are_all_places_checked
        return [parse(body) for body in rows.read_entries(self._connection, start, end)]

    def places_between(self, start: int, end: int) -> list[PlaceRow]:
        """The places of the credentials under entries [start, end), in their order. All places must have been checked."""
        assert self._are_all_places_checked
        return sorted(place_rows.read_places_between(self._connection, start, end))

    def find_document(self, index: int) -> dict[str, Any] | None:
        """The document under an entry; None where its body is gone."""
        try:
            return self.document(index)
        except NotFound:
            return None

    def standing(self, credential: Mapping[str, Any]) -> str | None:
        """`revoked` or `suspended`; None where no list that a credential names says so, or it names none that is here."""
        for named in status.named_by(dict(credential)):
            try:
                row = self.status_list(named["statusListCredential"])
            except NotFound:
                continue
            if status.is_set(row.bits, int(named["statusListIndex"])):
                return status.SET[named["statusPurpose"]]
        return None

    def place(self, index: int) -> PlaceRow | None:
        """The place of the credential under an entry; None where it has none."""
        place = next(iter(place_rows.read_places_between(self._connection, index, index + 1)), None)
        if place is None:
            return None
        return next(row for row in self.places(place.register, place.number) if row.i == index)

    def erased(self) -> set[bytes]:
        """What stayed of every erased organization (`log/entry.erased_digest`)."""
        return {digest for (digest,) in self._sealed["erased"]}

    def has_unknown_persons(self, register: str) -> bool:
        """Whether entries of a register are of unknown persons; who plans has checked all places first."""
        return place_rows.has_unknown_persons(self._connection, register)

    def lists(self, register: str) -> list[ListRow]:
        """The status lists of a register."""
        return [row for row in map(ListRow._make, self._sealed["status_list"]) if row.register == register]

    def status_list(self, list_id: str) -> ListRow:
        """A status list, whose bits are those of its newest logged version. NotFound `status_list_unknown`."""
        if list_id in self._lists:
            return self._lists[list_id]
        row = next((row for row in map(ListRow._make, self._sealed["status_list"]) if row.id == list_id), None)
        if row is None:
            raise NotFound("status_list_unknown", f"there is no status list {list_id}")
        document = self.document(self.newest_list_entry(list_id).index)
        try:
            is_same = (
                document.get("id") == list_id
                and status.decode(document["credentialSubject"]["encodedList"]) == row.bits
            )
        except (KeyError, Malformed, Untrue):
            is_same = False
        if not is_same:
            raise LedgerDamaged("record_untrue", f"the bits of {list_id} are not those of its newest version")
        self._lists[list_id] = row
        return row

    def newest_list_entry(self, list_id: str) -> Entry:
        """The entry that logs the newest version of a status list; `status_list` holds it against the bits. NotFound."""
        index = issuer_rows.newest_list_version(self._connection, list_id, self.head.size)
        if index is None:
            raise NotFound("status_list_unknown", f"no version of the status list {list_id} was logged")
        return self.entry(index)

    def list_versions(self, list_id: str) -> Iterator[Entry]:
        """The entries that log the versions of a status list, the newest first."""
        below = self.head.size
        while (index := issuer_rows.newest_list_version(self._connection, list_id, below)) is not None:
            yield self.entry(index)
            below = index

    def places(self, register: str, number: str) -> list[PlaceRow]:
        """The places of an organization's credentials, in the order of n; empty when it has none."""
        sealed = seal_rows.read_sealed_organization(self._connection, register, number)
        places = [row.place for row in sealed if self._seals.is_sealed(row)]
        if len(places) != len(sealed) or [place.n for place in places] != list(range(1, len(places) + 1)):
            raise LedgerDamaged("record_untrue", f"the places of {register}/{number} are not as the office wrote them")
        if not self._are_all_places_checked:
            self._check_newest(register, number, places)
        return places

    def replaced(self, places: Iterable[PlaceRow]) -> frozenset[int]:
        """Those of an organization's entries that a `correct` took the place of. `places`: all of its credentials."""
        if self._are_all_places_checked:
            return self._replaced.intersection(place.i for place in places)
        entries = (self.entry(place.i) for place in places)
        return frozenset(index for entry in entries if entry.kind == "correct" for index in entry.refers)

    def numbers(self, register: str) -> set[str]:
        """The numbers of all organizations of a register that have places."""
        return place_rows.read_numbers(self._connection, register)

    def check_all_places(self) -> None:
        """Hold every place against its entry, in one pass over the ledger: what plans for many asks once.

        LedgerDamaged `schema_differs` too: what stands in the schema may hide a row from whoever asks a second time.
        """
        schema.check(self._connection, "the store")
        gone, replaced = all_places.check_all(self._connection, self._seals, self._identity, self.head)
        self._gone, self._replaced = frozenset(gone), frozenset(replaced)
        self._are_all_places_checked = True

    def _check_newest(self, register: str, number: str, places: list[PlaceRow]) -> None:
        """The last of the places is the newest entry that speaks of the organization."""
        org = f"{register}:{number}"
        if places:
            self.org_salt(register, number, places[-1].i)
            org = self.entry(places[-1].i).org or ""
        newest = newest_entry(self._connection, org, self.head)
        if newest is not None and self.entry(newest).kind == "erase":
            return  # its places are gone, or going
        if newest != (places[-1].i if places else None):
            raise LedgerDamaged("record_untrue", f"the newest credential of {register}/{number} is not in its place")

    def org_salt(self, register: str, number: str, index: int) -> bytes | None:
        """The salt behind an organization's pseudonym, 32 bytes; None when it has none. `index`: of its newest entry."""
        salt = place_rows.read_org_salt(self._connection, register, number)
        org = f"{register}:{number}" if salt is None else pseudonym(salt, register, number)
        if self.entry(index).org != org:
            raise LedgerDamaged("record_untrue", f"entry {index} is not of {register}/{number}, or its salt is another")
        return salt
