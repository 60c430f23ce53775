"""One sealed file takes what no mirror has, such as bodies and salts.

It has bodies and salts of credentials and notes, places, pseudonyms' salts, seeds of status lists, and what was erased. The file
is of a store at one moment; nothing is sealed in it that is not what its entry says. Bringing it back, each body is compared with
the commitment of its own entry, and each place with the entry's organization; what an `erase` entry names is not brought back,
however old the file is. How the file is sealed is `sealed_file`. The store may have more entries than the file knows, or fewer:
what is of no entry here is passed over.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.credential import proof
from registry.credential.document import canonicalize_ours
from registry.credential.identity import Identity
from registry.edge.regular import open_below
from registry.encoding import base64std, strict_json
from registry.encoding.jcs import jcs
from registry.errors import LedgerDamaged, Malformed, NotFound, Refused, RegistryError, Untrue
from registry.installation.key_folder import read_passphrase
from registry.installation.key_store import installation_secret
from registry.installation.office import Office
from registry.log import entry
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import Frontier, leaf_hash
from registry.mirror.published import PUBLIC_KINDS
from registry.operations import sealed_file
from registry.reading.reader import key_entry, registers, trust_document
from registry.records.committed import held
from registry.records.records import Records
from registry.records.seals import Sealing
from registry.store import document_rows, issuer_rows, place_rows, rows
from registry.store.damage import refusing
from registry.store.database import Connection
from registry.store.place_rows import OrgSaltRow, PlaceRow
from registry.verify.trust import Trust
from registry.verify.trust import parse as parse_trust

FILE = "private.greffe"
_RECORDS = 500
_STRIDE = 1024


@dataclass(frozen=True, slots=True)
class Returned:
    """What was brought back: bodies, and places of credentials."""

    bodies: int
    places: int


def export_private(office: Office, folder: Path) -> int:
    """Write the file into that folder, by rename, mode 0600; how many bodies it has.

    LedgerDamaged: a body, a salt or a place is not what its entry says, and the file is the one from before. Refused `unsealed`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    passphrase = read_passphrase(office.settings.passphrase_file)
    draft = folder / f".{FILE}.{os.getpid()}"
    bodies = 0

    def counted(connection: Connection, head: Checkpoint) -> Iterator[list[Any]]:
        nonlocal bodies
        for chunk in _chunks(office, connection, head):
            bodies += sum(record[0] == "document" for record in chunk)
            yield chunk

    with office.store.read() as connection, refusing():
        head = _believed_head(office, connection)
        about = {"origin": head.origin, "size": head.size}
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                salt = os.urandom(sealed_file.SALT_BYTES)
                sealed_file.seal(file, about, passphrase, salt, counted(connection, head))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(folder / FILE)
        finally:
            draft.unlink(missing_ok=True)
    return bodies


def _believed_head(office: Office, connection: Connection) -> Checkpoint:
    """The head, under which every place was held against its seal and its entry where the store is sealed.

    NotFound `not_initialized`. LedgerDamaged; Refused `unsealed`: the store has lost its seals.
    """
    for fault in office.store.faults(connection):  # a page that lost its rows looks like bodies that are missing
        raise LedgerDamaged("store_damaged", f"{fault}; see greffe audit")
    if not office.settings.sealed.exists():
        head = rows.read_head(connection)
        if head is None:
            raise LedgerDamaged("head_damaged", "the store has no head")
        return Checkpoint(head.origin, head.size, head.root)
    records = Records(connection, office.identity, office.seals)
    records.check_all_places()
    return records.head


def read_seeds(office: Office, folder: Path) -> dict[str, bytes]:
    """The seeds of the status lists, by id. NotFound, Refused, Malformed: as `return_private`."""
    seeds = {}
    with _opened(office, folder) as file:
        for chunk in sealed_file.unseal(file, read_passphrase(office.settings.passphrase_file)):
            for record in chunk:
                match record:
                    case ["seed", str(list_id), str(seed)]:
                        seeds[list_id] = base64std.decode(seed, "seed")
                    case ["seed", *_]:
                        raise _not_of_its_form()
    return seeds


def return_private(office: Office, folder: Path) -> Returned:
    """Bring back what the file in that folder has and the store lacks.

    NotFound `private`: there is no such file. Refused `sealed`, and `identity_disagrees`: it is of another ledger. Untrue: a body
    is not what its entry commits to. Malformed `private`: a record is of another form. Nothing is brought back then.
    """
    read_seeds(office, folder)  # the whole file is unsealed once before anything of it is believed
    with _opened(office, folder) as file, office.restoring():
        returning = _Returning(office)
        for chunk in sealed_file.unseal(file, read_passphrase(office.settings.passphrase_file)):
            with office.store.write() as connection:
                sealing = office.seals.opened(connection, ("erased",))
                for record in chunk:
                    returning.take(connection, record, sealing)
                sealing.close(sealing.head)
    return Returned(returning.bodies, returning.places)


def _opened(office: Office, folder: Path) -> Any:
    file = open_below(folder, FILE) if folder.is_dir() else None
    if file is None:
        raise NotFound("private", f"there is no {FILE} in {folder}")
    if sealed_file.read_header(file).get("origin") != office.identity.origin:
        file.close()
        raise Refused("identity_disagrees", f"{FILE} is of another ledger")
    return file


def _chunks(office: Office, connection: Connection, head: Checkpoint) -> Iterator[list[Any]]:
    """Everything, what later records rest upon first."""
    chunk: list[Any] = []
    for record in _records(office, connection, head):
        chunk.append(record)
        if len(chunk) == _RECORDS:
            yield chunk
            chunk = []
    yield chunk


def _records(office: Office, connection: Connection, head: Checkpoint) -> Iterator[list[Any]]:
    for row in issuer_rows.read_lists(connection):
        yield ["seed", row.id, base64std.encode(row.seed)]
    for digest in sorted(place_rows.read_erased(connection)):
        yield ["erased", base64std.encode(digest)]
    pseudonyms = {}
    for register, number, salt in place_rows.read_org_salts(connection):
        pseudonyms[register, number] = entry.pseudonym(salt, register, number)
        yield ["salt", register, number, base64std.encode(salt)]
    frontier, named = Frontier(), set[tuple[str, str]]()
    trust = _issuers(office, connection, head)
    for start in range(0, head.size, _STRIDE):
        end = min(start + _STRIDE, head.size)
        bodies = rows.read_entries(connection, start, end)
        frontier.extend([leaf_hash(body) for body in bodies])
        entries = {index: entry.parse(body) for index, body in enumerate(bodies, start)}
        for place in sorted(place_rows.read_places_between(connection, start, end)):
            organization = (place.register, place.number)
            _check_place(place, entries[place.i], pseudonyms.get(organization))
            named.add(organization)
            if place.digest:
                yield _place_record(place)
        for index, (document, salt) in sorted(document_rows.read_documents(connection, start, end).items()):
            _check_proof(trust, office.identity, entries[index], held(entries[index], document, salt))
            if entries[index].kind not in PUBLIC_KINDS:
                yield ["document", index, document.decode(), base64std.encode(salt)]
    if frontier.root() != head.root:
        raise LedgerDamaged("record_untrue", "the entries do not give the stored head; see greffe audit")
    for register, number in pseudonyms.keys() - named:
        raise LedgerDamaged("record_untrue", f"the salt of {register}/{number} belongs to no entry; see greffe audit")


def _check_place(place: PlaceRow, logged: entry.Entry, pseudonym: str | None) -> None:
    """LedgerDamaged unless the entry is a credential of the place's organization."""
    if logged.kind not in entry.CREDENTIAL_KINDS or logged.org not in (f"{place.register}:{place.number}", pseudonym):
        raise LedgerDamaged(
            "record_untrue", f"the place of entry {place.i} is not that of what was logged; see greffe audit"
        )


def _issuers(office: Office, connection: Connection, head: Checkpoint) -> Trust:
    """The issuers and their keys, as the entries below `head` commit to their documents."""
    for register in registers(connection, head.size):
        index = key_entry(connection, register, head.size)
        committed = document_rows.read_document(connection, index)
        if committed is not None:
            held(entry.parse(rows.read_entries(connection, index, index + 1)[0]), *committed)
    return parse_trust(jcs(trust_document(connection, office.identity, office.reader.witness_policy, head.size)))


def _check_proof(trust: Trust, identity: Identity, logged: entry.Entry, document: dict[str, Any]) -> None:
    """LedgerDamaged unless the proofs of a credential, to which no entry commits, are its issuer's."""
    issuer = trust.issuers.get(logged.issuer or "")
    if logged.kind not in entry.CREDENTIAL_KINDS:
        return
    keys = {} if issuer is None else {name: key.public for name, key in issuer.keys.items() if key.use == "credential"}
    try:
        proof.check(document, keys.get, canonicalize_ours(identity.context_url))
    except RegistryError as error:
        raise LedgerDamaged(
            "record_untrue", f"the body of entry {logged.index} is not as it was signed: {error}; see greffe audit"
        ) from None


def _place_record(place: PlaceRow) -> list[Any]:
    whose = (place.i, place.register, place.number, place.n)
    state = (place.event, place.event_order, base64std.encode(place.digest))
    return ["place", *whose, place.list_id, place.list_index, *state]


def _not_of_its_form() -> Malformed:
    return Malformed("private", f"a record of {FILE} is not of its form")


class _Returning:
    """Takes records in the order in which they were written."""

    def __init__(self, office: Office) -> None:
        self._secret, self._seals = installation_secret(office.keys, "erased"), office.seals
        self._salts: dict[tuple[str, str], bytes] = {}
        self.bodies = self.places = 0
        with office.store.read() as connection:
            head = rows.read_head(connection)
            self._size = 0 if head is None else head.size
            self._gone = erased_entries(connection, self._size)

    def take(self, connection: Connection, record: Any, sealing: Sealing) -> None:
        """One record. Malformed `private`: it is of another form."""
        match record:
            case ["seed", str(list_id), str(seed)]:
                self._check_seed(connection, list_id, base64std.decode(seed, "seed"))
            case ["erased", str(digest)]:
                _put_erased(connection, base64std.decode(digest, "digest"), sealing)
            case ["salt", str(register), str(number), str(salt)]:
                self._salts[register, number] = base64std.decode(salt, "salt")
            case [
                "place",
                int(i),
                str(register),
                str(number),
                int(n),
                str(list_id),
                int(list_index),
                str(event),
                str(order),
                str(digest),
            ]:
                state = (event, order, base64std.decode(digest, "digest"))
                self._place(connection, PlaceRow(i, register, number, n, *state, list_id, list_index), sealing)
            case ["document", int(index), str(text), str(salt)]:
                self._document(connection, index, text.encode(), base64std.decode(salt, "salt"))
            case _:
                raise _not_of_its_form()

    def _check_seed(self, connection: Connection, list_id: str, seed: bytes) -> None:
        row = issuer_rows.read_list(connection, list_id)
        if row is not None and row.seed != seed:
            raise Refused(
                "seed_differs", f"{list_id} has another seed here: restore mirror and private export together"
            )

    def _place(self, connection: Connection, place: PlaceRow, sealing: Sealing) -> None:
        index, register, number = place.i, place.register, place.number
        if index >= self._size:
            return
        if index in self._gone:
            _put_erased(connection, entry.erased_digest(self._secret, register, number), sealing)
            place_rows.delete_unknown_person(connection, index)
            return
        if any(known.digest for known in place_rows.read_places_between(connection, index, index + 1)):
            return
        salt = self._salts.get((register, number))
        org = f"{register}:{number}" if salt is None else entry.pseudonym(salt, register, number)
        logged = entry.parse(rows.read_entries(connection, index, index + 1)[0]).org
        if logged not in (org, f"{register}:{number}"):
            raise Untrue("org", f"the place of entry {index} is another organization's")
        place_rows.delete_place(connection, index)
        place_rows.put_places(connection, [(place, self._seals.place(place))])
        place_rows.delete_unknown_person(connection, index)
        if salt is not None and place_rows.read_org_salt(connection, register, number) is None:
            place_rows.put_org_salts(connection, [OrgSaltRow(register, number, salt)])
        self.places += 1

    def _document(self, connection: Connection, index: int, body: bytes, salt: bytes) -> None:
        if index >= self._size or index in self._gone or document_rows.read_document(connection, index) is not None:
            return
        logged = entry.parse(rows.read_entries(connection, index, index + 1)[0])
        if entry.commitment(salt, strict_json.parse_object(body)) != logged.commitment:
            raise Untrue("commitment", f"the body of entry {index} is not what it commits to")
        document_rows.put_documents(connection, [(index, body, salt)])
        self.bodies += 1


def _put_erased(connection: Connection, digest: bytes, sealing: Sealing) -> None:
    place_rows.put_erased(connection, digest)
    sealing.put("erased", (digest,))


def erased_entries(connection: Connection, size: int) -> set[int]:
    """The entries whose bodies an `erase` entry has taken."""
    gone: set[int] = set()
    for start in range(0, size, _STRIDE):
        for body in rows.read_entries(connection, start, min(start + _STRIDE, size)):
            if b'"kind":"erase"' in body:
                gone |= set(entry.parse(body).refers)
    return gone
