"""Walk the whole ledger and derive everything anew: chain, tree, checkpoints, bodies, proofs, places and status lists.

Reads one snapshot, so it may run beside a writer, on an empty ledger, and before any checkpoint. What it cannot know from
the store it takes from the trust file: the origin, the keys. An entry whose body is missing is counted, not a failure. The
search index is compared by whoever has one (`greffe audit` does).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from registry.audit.log_keys import check_log_keys, every_key
from registry.audit.map import MapAudit
from registry.credential import proof, status, webvh
from registry.credential.document import canonicalize_ours, check_schema, text_at
from registry.encoding import strict_json
from registry.errors import Malformed, RegistryError, Untrue
from registry.ledger.ledger import next_position
from registry.log import checkpoint, entry
from registry.log.merkle import Frontier, leaf_hash
from registry.log.tiles import place_of
from registry.store import database, tables
from registry.store.tables import INDEX, LEDGER
from registry.verify.trust import Trust

_STRIDE = 1024


@dataclass(slots=True)
class Audit:
    """The outcome. `first_bad`: (index of the first bad entry, what is wrong with it); `failures`: what else is wrong."""

    entries: int = 0
    root: bytes = b""
    checkpoints: int = 0
    body_missing: int = 0
    erased: int = 0
    first_bad: tuple[int, str] | None = None
    failures: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the ledger."""
        return self.first_bad is None and not self.failures


def audit(kept: database.Store, trust: Trust, progress: Callable[[int, int], None], size: int | None = None) -> Audit:
    """Audit the ledger in that store; `size`: the root at that size instead of at the head.

    `progress` is called with entries done and in all. Usage is the caller's: `size` lies within the ledger.
    """
    result = Audit()
    try:
        with kept.read() as connection:
            result.failures += kept.faults(connection)
            _Auditor(connection, trust, result).run(progress, size)
    # in a damaged file a value may be of another type than its column's, and a text no UTF-8
    except (sa.exc.DatabaseError, RegistryError, UnicodeError, TypeError) as error:
        result.failures.append(f"the store cannot be read: {error}")
    return result


class _Auditor:
    def __init__(self, connection: sa.Connection, trust: Trust, result: Audit) -> None:
        self._connection, self._trust, self._result = connection, trust, result
        self._issued: Counter[str] = Counter()
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._time = 0
        self._set: dict[str, set[int]] = {}
        self._keys: dict[str, set[int]] = {}
        self._versions: dict[int, str | None] = {}
        self._lists: dict[str, Any] = {}
        self._places: dict[int, sa.Row[Any]] = {}
        self._documents: dict[int, tuple[bytes, bytes]] = {}
        self._missing: set[int] = set()
        self._unplaced: dict[int, int] = {}
        self._lists_logged: dict[int, str] = {}
        self._ledger_keys = every_key(connection, LEDGER)
        self._office_keys: list[int] = []
        self._map = MapAudit(connection, trust.origin, every_key(connection, INDEX), result.failures)

    def run(self, progress: Callable[[int, int], None], size: int | None) -> None:
        result = self._result
        found = database.read_head(self._connection)
        if found is None:
            result.failures.append("the store has no head")
            return
        head_size, head_root, origin, genesis_key = found
        if origin != self._trust.origin or genesis_key != self._trust.genesis_key.print():
            result.failures.append("the ledger's origin or first key is not the trusted one")
        wanted = head_size if size is None else size
        signed = self._signed_checkpoints()
        frontier, derived = Frontier(), dict[tuple[int, int], bytearray]()
        prev = entry.genesis_prev(origin, genesis_key)
        for index, body in self._bodies(head_size):
            if index == wanted:
                result.root = frontier.root()
            self._check_root(signed, frontier)
            self._check_map(frontier)
            leaf = leaf_hash(body)
            self._note_first_bad(index, body, prev, leaf)
            prev = leaf.hex()
            for level, n, value in frontier.append(leaf):
                place = place_of(level, n)
                if place is not None:
                    derived.setdefault(place[:2], bytearray()).extend(value)
            if index % _STRIDE == 0:
                progress(index, head_size)
        self._check_root(signed, frontier)
        self._check_map(frontier)
        result.entries = frontier.size
        if wanted == frontier.size:
            result.root = frontier.root()
        if (frontier.size, frontier.root()) != (head_size, head_root):
            result.failures.append("the entries do not give the stored head")
        self._check_tiles(derived)
        if signed:
            result.failures.append(f"a checkpoint of size {max(signed)} lies beyond the ledger")
        result.body_missing = len(self._missing)
        self._check_lists()
        self._check_beside()
        if result.first_bad is None:
            self._map.finish(head_size)
        progress(head_size, head_size)

    def _bodies(self, size: int) -> Iterator[tuple[int, bytes]]:
        for start in range(0, size, _STRIDE):
            end = min(start + _STRIDE, size)
            try:
                bodies = database.read_entries(self._connection, start, end)
            except RegistryError as error:
                self._result.failures.append(str(error))
                return
            chosen = tables.credentials.c.i.between(start, end - 1)
            rows = self._connection.execute(sa.select(tables.credentials).where(chosen)).all()
            self._places = {row.i: row for row in rows}
            self._documents = database.read_documents(self._connection, start, end)
            versions = tables.status_versions
            logged = self._connection.execute(sa.select(versions).where(versions.c.i.between(start, end - 1)))
            self._lists_logged = {row.i: row.list_id for row in logged}
            yield from enumerate(bodies, start)

    def _signed_checkpoints(self) -> dict[int, bytes]:
        """Size -> root of every stored checkpoint whose signature holds."""
        roots = {}
        for row in self._connection.execute(sa.select(tables.checkpoints)):
            try:
                head = checkpoint.check(row.note, self._ledger_keys)
                if (head.origin, head.size) != (self._trust.origin, row.size):
                    raise Untrue("checkpoint", "it is of another origin or size")
            except RegistryError as error:
                self._result.failures.append(f"the checkpoint of size {row.size} is bad: {error}")
                continue
            roots[head.size] = head.root
        shown = database.read_published(self._connection)
        if shown is not None and not self._is_shown_signed(*shown, roots):
            self._result.failures.append("the published checkpoint is not one that the ledger signed")
        return roots

    def _is_shown_signed(self, size: int, text: str, roots: dict[int, bytes]) -> bool:
        try:
            head = checkpoint.check(text, self._ledger_keys)
        except RegistryError:
            return False
        return (head.origin, head.size, head.root) == (self._trust.origin, size, roots.get(size))

    def _check_root(self, signed: dict[int, bytes], frontier: Frontier) -> None:
        root = signed.pop(frontier.size, None)
        if root is None:
            return
        self._result.checkpoints += 1
        if root != frontier.root():
            self._result.failures.append(f"the checkpoint of size {frontier.size} has another root than the entries")

    def _check_map(self, frontier: Frontier) -> None:
        if self._result.first_bad is None:
            self._map.at(frontier)

    def _note_first_bad(self, index: int, body: bytes, prev: str, leaf: bytes) -> None:
        if self._result.first_bad is None:
            try:
                self._map.take(self._check_entry(index, body, prev), leaf, self._lists_logged.get(index))
            except (RegistryError, ValueError) as error:
                self._result.first_bad = (index, str(error))

    def _check_entry(self, index: int, body: bytes, prev: str) -> entry.Entry:
        found = entry.parse(body)
        self._check_parsed(found, index, prev)
        return found

    def _check_parsed(self, found: entry.Entry, index: int, prev: str) -> None:
        if (found.index, found.prev) != (index, prev):
            raise Malformed("chain", "it does not continue the chain")
        if found.time < self._time:
            raise Malformed("chain", "its time runs backwards")
        self._time = found.time
        if found.kind == "key":
            self._keys.setdefault(found.issuer or "", set()).add(index)
            if found.issuer == self._trust.office:
                self._office_keys.append(index)
        if found.kind == "status":
            self._versions[index] = None
        is_credential = found.kind in entry.CREDENTIAL_KINDS
        place = self._places.get(index)
        if is_credential and place is not None:
            self._check_place(found, place)
        if found.kind == "erase":
            self._check_erased(found)
        if found.commitment is None:
            return
        kept = self._documents.get(index)
        if kept is None:
            self._note_missing(found, place)
            return
        document = strict_json.parse_object(kept[0])
        if entry.commitment(kept[1], document) != found.commitment:
            raise Untrue("commitment", "its body or salt is not what it commits to")
        if is_credential:
            self._check_credential(found, document, place)
        elif found.kind == "status":
            self._check_status(found, document)

    def _check_erased(self, found: entry.Entry) -> None:
        if not self._missing.issuperset(found.refers):
            raise Untrue("erase", "a body that it erases is still there")
        self._missing -= set(found.refers)
        self._result.erased += len(found.refers)

    def _note_missing(self, found: entry.Entry, place: sa.Row[Any] | None) -> None:
        self._missing.add(found.index)
        if found.kind in entry.CREDENTIAL_KINDS and found.issuer is not None:
            if place is None:
                self._unplaced[found.index] = self._issued[found.issuer]
            self._issued[found.issuer] += 1
        if place is not None:
            self._numbers[place.register, place.number] += 1

    def _check_place(self, found: entry.Entry, place: sa.Row[Any]) -> None:
        org = f"{place.register}:{place.number}"
        if (found.org or "").startswith("~"):
            salt = database.read_org_salt(self._connection, place.register, place.number)
            org = "" if salt is None else entry.pseudonym(salt, place.register, place.number)
        if org != found.org:
            raise Untrue("org", "it speaks of another organization than its place")

    def _check_credential(self, found: entry.Entry, document: dict[str, Any], place: sa.Row[Any] | None) -> None:
        self._check_proof(found, document, "credential", "organization/v1")
        issuer = found.issuer or ""
        before, self._issued[issuer] = self._issued[issuer], self._issued[issuer] + 1
        subject = document["credentialSubject"]
        org = (subject["register"], subject["registrationNumber"])
        self._numbers[org] += 1
        if place is None or (place.register, place.number, place.n) != (*org, self._numbers[org]):
            raise Untrue("place", "its place is not that of its claims")
        effective = subject.get("registrationEvent", {}).get("eventDate")
        if document["id"].rsplit("/", 3)[1:] != [*org, str(place.n)] or found.effective != effective:
            raise Untrue("claims", "its id or its effective date is not that of its entry")
        m, index = next_position(self._list(place.list_id)["seed"], before)
        is_kept = place.list_index == index and place.list_id.endswith(f"-{m}")
        told = {(one["statusListCredential"], one["statusListIndex"]) for one in status.named_by(document)}
        lists = {status.sibling(place.list_id, one["statusPurpose"]) for one in status.named_by(document)}
        if any(self._list(list_id)["seed"] != self._list(place.list_id)["seed"] for list_id in lists):
            raise Untrue("status_index", "its lists do not share one order of positions")
        if not is_kept or place.list_id not in lists or told != {(list_id, str(index)) for list_id in lists}:
            raise Untrue("status_index", "its status index is not the one that its position gives")

    def _check_status(self, found: entry.Entry, document: dict[str, Any]) -> None:
        self._check_proof(found, document, "status", "status-list/v1")
        list_id = self._versions[found.index] = document["id"]
        purpose = document["credentialSubject"]["statusPurpose"]
        if status.sibling(list_id, purpose) != list_id:
            raise Untrue("status_list", "its id speaks of another purpose than its bits")
        is_set = self._set.setdefault(list_id, set())
        changed = {self._list_index(index, list_id, purpose) for index in found.refers}
        if found.reason == entry.REINSTATED and purpose == status.SUSPENSION:
            is_set -= changed
        else:
            is_set |= changed
        bits = status.decode(document["credentialSubject"]["encodedList"])
        known = self._list(list_id)
        told_set = _set_bits(bits)
        if known["seed"]:
            is_same = told_set == is_set
        else:  # a mirror does not tell where a credential's bit stands, but how many are set, and that none moved
            before = _set_bits(known["last"] or b"")
            is_same = len(told_set) == len(is_set) and (told_set <= before or told_set >= before)
        if not is_same:
            raise Untrue("status_bits", "the bits of the list are not those of its entries")
        known["last"] = bits

    def _list_index(self, index: int, list_id: str, purpose: str) -> int:
        """The index, in a list, of the credential under an entry; where its place is gone, from how many stand before it."""
        places = tables.credentials
        row = self._connection.execute(sa.select(places).where(places.c.i == index)).one_or_none()
        if row is not None and status.sibling(row.list_id, purpose) == list_id:
            return int(row.list_index)
        if row is None and index in self._unplaced:
            m, list_index = next_position(self._list(list_id)["seed"], self._unplaced[index])
            if list_id.endswith(f"-{m}"):
                return list_index
        raise Untrue("refers", f"entry {index} stands in another list")

    def _check_proof(self, found: entry.Entry, document: dict[str, Any], use: str, schema: str) -> None:
        issuer = self._trust.issuers.get(found.issuer or "")
        if issuer is None or text_at(document, "issuer", "id") != found.issuer:
            raise Untrue("issuer", "its issuer is not trusted, or not the document's")
        url = self._trust.organization_context or ""
        proof.check(
            document,
            lambda method: key.public if (key := issuer.keys.get(method)) and key.use == use else None,
            canonicalize_ours(url),
        )
        check_schema(schema, document)

    def _list(self, list_id: str) -> dict[str, Any]:
        if list_id not in self._lists:
            lists = tables.status_lists
            row = self._connection.execute(sa.select(lists).where(lists.c.id == list_id)).one_or_none()
            if row is None:
                raise Untrue("status_list", f"the store does not know the list {list_id}")
            self._lists[list_id] = {"seed": bytes(row.seed), "bits": bytes(row.bits), "last": None}
        found: dict[str, Any] = self._lists[list_id]
        return found

    def _check_lists(self) -> None:
        for list_id, known in self._lists.items():
            if known["last"] is not None and known["last"] != known["bits"]:
                self._result.failures.append(f"the bits kept for {list_id} are not those of its newest version")

    def _check_beside(self) -> None:
        """What is kept of issuers, lists and their versions is what the entries give; a body that is missing tells no list."""
        if self._result.first_bad is not None:
            return
        failures = self._result.failures
        failures += check_log_keys(self._connection, self._trust, self._office_keys)
        for row in self._connection.execute(sa.select(tables.issuers)):
            trusted = self._trust.issuers.get(row.did)
            is_trusted = trusted is not None and row.register in trusted.registers
            if (
                not is_trusted
                or row.key_entry not in self._keys.get(row.did, ())
                or row.issued != self._issued[row.did]
            ):
                failures.append(f"what is kept of the issuer of {row.register} is not what its entries give")
        for register in self._connection.execute(sa.select(tables.issuers.c.register)).scalars().all():
            self._check_did_log(register)
        opened = self._connection.execute(sa.select(tables.issuers.c.key_entry)).scalars()
        named = {*self._office_keys, *opened}
        named |= set(self._connection.execute(sa.select(tables.key_versions.c.i)).scalars())
        if named != {index for indexes in self._keys.values() for index in indexes}:
            failures.append("what is kept of the key entries is not what the entries give")
        stored = {row.i: row.list_id for row in self._connection.execute(sa.select(tables.status_versions))}
        if stored.keys() != self._versions.keys() or any(
            told not in (None, stored[index]) for index, told in self._versions.items()
        ):
            failures.append("what is kept of the versions of status lists is not what their entries give")
        for row in self._connection.execute(sa.select(tables.status_lists)):
            is_named = row.id.endswith(f"/status/{row.purpose}/{row.register}-{row.m}")
            if not is_named or row.id not in stored.values():
                failures.append(f"the list kept as {row.id} is not one that the entries give")

    def _check_did_log(self, register: str) -> None:
        """The log holds, and its newest version is the one that the newest DID document in the ledger names."""
        issuers, versions = tables.issuers, tables.key_versions
        chosen = sa.select(sa.func.max(versions.c.i)).where(versions.c.register == register)
        index = self._connection.execute(chosen).scalar()
        if index is None:
            index = self._connection.execute(
                sa.select(issuers.c.key_entry).where(issuers.c.register == register)
            ).scalar()
        kept = None if index is None else database.read_document(self._connection, index)
        if kept is None:
            return  # counted as missing; an entry of nobody is told elsewhere
        try:
            names = strict_json.parse_object(kept[0]).get("alsoKnownAs", [])
            if not names and not database.read_did_log(self._connection, register):
                return  # an issuer from before there were logs
            now = datetime.fromtimestamp(self._time / 1000, UTC) + timedelta(days=1)
            found = webvh.resolve(database.read_did_log(self._connection, register), str(names[0]), now)
            if f"{names[0]}?versionId={found.id}" not in names:
                raise Untrue("did_log", "its newest version is not the one that the ledger names")
        except (RegistryError, LookupError, TypeError) as error:
            self._result.failures.append(f"the did:webvh log of {register} is bad: {error}")

    def _check_tiles(self, derived: dict[tuple[int, int], bytearray]) -> None:
        """Every tile in the store is the one that the entries give; there is no other."""
        stored = tables.tiles
        for row in self._connection.execute(sa.select(stored).order_by(stored.c.level, stored.c.n)):
            if bytes(derived.pop((row.level, row.n), b"")) != bytes(row.hashes):
                self._result.failures.append(f"tile {row.n} of level {row.level} is not what the entries give")
        for level, n in derived:
            self._result.failures.append(f"tile {n} of level {level} is missing")


def _set_bits(bits: bytes) -> set[int]:
    return {
        place * 8 + offset for place, byte in enumerate(bits) if byte for offset in range(8) if byte >> (7 - offset) & 1
    }
