"""Places, pseudonyms' salts, unknown persons and erasures are compared with the entries.

Each credential has one place, unless it was erased or is of an unknown person; nothing else has one.
"""

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa

from registry.audit.lists import ListAudit
from registry.errors import Untrue
from registry.log import entry
from registry.log.entry import Entry
from registry.store import place_rows, tables
from registry.store.columns import blob, number
from registry.store.place_rows import PlaceRow
from registry.verify.trust import Trust

_DIGEST_BYTES = 32


class PlaceAudit:
    """The places beside a walk over the entries. `lists`: where a place names an index in."""

    def __init__(self, connection: sa.Connection, trust: Trust, lists: ListAudit) -> None:
        self._connection, self._trust, self._lists = connection, trust, lists
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._places: dict[int, PlaceRow] = {}
        #: the credentials without a place: their organization and their issuer
        self._unplaced: dict[int, tuple[str, str]] = {}
        #: the organizations that the entries name by a pseudonym, and whose they are by their places
        self._pseudonymous: set[tuple[str, str]] = set()
        self._erased: set[int] = set()
        self._erased_orgs: set[str] = set()
        #: how many credentials each issuer has issued
        self.issued: Counter[str] = Counter()

    def bring(self, places: dict[int, PlaceRow]) -> None:
        """The places of the entries that come next."""
        self._places = places

    def take(self, logged: Entry) -> PlaceRow | None:
        """The place of an entry, compared with it and with its position in its list; None where it has none. Untrue."""
        place = self._places.get(logged.index)
        if logged.kind == "erase":
            self._erased |= set(logged.refers)
            self._erased_orgs.add(logged.org or "")
        if logged.kind not in entry.CREDENTIAL_KINDS:
            if place is not None:
                raise Untrue("place", "it has a place, and is no credential")
            return None
        issuer = logged.issuer or ""
        before, self.issued[issuer] = self.issued[issuer], self.issued[issuer] + 1
        if place is None:
            self._unplaced[logged.index] = (logged.org or "", issuer)
            self._lists.note_unplaced(logged.index, before)
            return None
        self._check_org(logged, place)
        self._numbers[place.register, place.number] += 1
        if place.n != self._numbers[place.register, place.number]:
            raise Untrue("place", "its place is not the next one of its organization")
        self._lists.check_position(place, before)
        return place

    def faults(self, body_missing: int) -> list[str]:
        """The walk is over: what is wrong besides. `body_missing`: how many bodies are missing, those erased aside."""
        return [*self._unplaced_faults(), *self._erased_faults(body_missing), *self._salt_faults()]

    def _check_org(self, logged: Entry, place: PlaceRow) -> None:
        org = f"{place.register}:{place.number}"
        if (logged.org or "").startswith("~"):
            salt = place_rows.read_org_salt(self._connection, place.register, place.number)
            org = "" if salt is None else entry.pseudonym(salt, place.register, place.number)
            self._pseudonymous.add((place.register, place.number))
        if org != logged.org:
            raise Untrue("org", "it speaks of another organization than its place")

    def _unplaced_faults(self) -> Iterator[str]:
        """A place is gone from a store only with what an `erase` entry names, or where a mirror has no name for a person."""
        without = {index: whose for index, whose in self._unplaced.items() if index not in self._erased}
        stored = dict(place_rows.read_unknown_persons(self._connection))
        for index, (org, issuer) in without.items():
            if not org.startswith("~"):
                yield f"the place of entry {index} is missing, and nobody erased it"
                continue
            trusted = self._trust.issuers.get(issuer)
            if trusted is None or stored.get(index) not in trusted.registers:
                yield f"entry {index} has no place, and is not noted as of an unknown person of its register"
        for index in sorted(stored.keys() - without.keys()):
            yield f"entry {index} is noted as of an unknown person, and is none"

    def _erased_faults(self, body_missing: int) -> Iterator[str]:
        """An erasure that was killed between its entries still has every place; one that is over has none."""
        left = [place for place in self._left() if not self._is_going_on(place)]
        yield from (f"the place of entry {place.i}, which was erased, is still there" for place in left)
        digests = [blob(digest) for digest in self._connection.execute(sa.select(tables.erased.c.digest)).scalars()]
        if any(len(digest) != _DIGEST_BYTES for digest in digests):
            yield "what is kept of an erased organization is no digest"
        # whose digest it is, the secret alone tells; and a pseudonym that a mirror did not explain leaves none
        least = 0 if self._lists.is_without_seeds else sum(not org.startswith("~") for org in self._erased_orgs)
        # what was erased after the last checkpoint, a mirror does not know: its bodies are missing
        if not least <= len(digests) <= len(self._erased_orgs) + body_missing:
            yield f"{len(digests)} organizations are kept as erased, the entries erase {len(self._erased_orgs)}"

    def _left(self) -> Iterator[PlaceRow]:
        for index in sorted(self._erased):
            yield from place_rows.read_places_between(self._connection, index, index + 1)

    def _is_going_on(self, place: PlaceRow) -> bool:
        others = place_rows.read_places(self._connection, place.register, place.number)
        return any(other.i not in self._erased for other in others)

    def _salt_faults(self) -> Iterator[str]:
        salts = tables.org_salts.c
        stored = {
            (row.register, row.number) for row in self._connection.execute(sa.select(salts.register, salts.number))
        }
        for register, name in sorted(stored - self._pseudonymous):
            yield f"a salt is kept for {register}:{name}, which has no pseudonym"


def outside(connection: sa.Connection, size: int) -> list[str]:
    """What stands under no entry of the ledger, which has `size` of them; and a head that is not the first row."""
    faults = []
    for table in (tables.entries, tables.documents, tables.credentials):
        column = table.c.i
        chosen = sa.select(column).where(sa.or_(column < 0, column >= size)).order_by(column).limit(1)
        index = connection.execute(chosen).scalar()
        if index is not None:
            faults.append(f"{table.name} has a row {number(index)}, and the ledger no such entry")
    if list(connection.execute(sa.select(tables.head.c.id)).scalars()) != [1]:
        faults.append("the head is not the one row of its table")
    return faults
