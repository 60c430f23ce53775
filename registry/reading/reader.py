"""The reader gives records, evidence and public documents, without any key.

Each answer is read in one snapshot, so that a proof and its checkpoint always belong together. Safe to use from several
threads; opens the store read-only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from registry.credential import log_keys, status
from registry.credential.identity import Identity
from registry.errors import LedgerDamaged, NotFound, NotPublished
from registry.keys import ED25519, PublicKey
from registry.log import entry, map_log, note
from registry.log.checkpoint import Checkpoint
from registry.log.proof_text import TlogProof
from registry.reading.own_word import known_of, list_bits
from registry.reading.prover import Prover
from registry.reading.public_log import PublicLog
from registry.reading.record import Account, Known, Progress, Record, Subject, head_of
from registry.reading.subjects import subject_of
from registry.records.committed import held, read_committed
from registry.store import document_rows, issuer_rows, place_rows, rows
from registry.store.database import Connection, Store
from registry.store.document_rows import RecordRow
from registry.store.rows import HeadRow
from registry.store.tables import INDEX, LEDGER
from registry.verify import evidence, latest
from registry.verify.completeness import Completeness
from registry.verify.evidence import Logged
from registry.verify.trust import QUORUM_NONE, context_digest
from schemas import CREDENTIALS_V2, REGISTRATION, credential_type


class Reader:
    """A read-only view of one installation. `witness_policy`: c2sp tlog-policy text for the trust file."""

    def __init__(self, identity: Identity, store: Store, witness_policy: str = QUORUM_NONE) -> None:
        self.identity = identity
        self._store = store
        self.witness_policy = witness_policy

    @property
    def log(self) -> PublicLog:
        """The same ledger as a public log."""
        return PublicLog(self._store)

    @property
    def index_log(self) -> PublicLog:
        """The log of the map's roots as a public log."""
        return PublicLog(self._store, INDEX)

    def size(self) -> int:
        """How many entries are committed."""
        with self._store.read() as connection:
            return _head(connection).size

    def progress(self) -> Progress:
        """How far the ledger goes, is signed, and is published."""
        with self._store.read() as connection:
            signed, published = rows.last_signed(connection), rows.read_published(connection)
            sizes = (each[0] if each else 0 for each in (signed, published))
            return Progress(_head(connection).size, *sizes)

    def published_size(self) -> int:
        """How many entries the published checkpoint covers; 0 before the first."""
        with self._store.read() as connection:
            published = rows.read_published(connection)
        return published[0] if published else 0

    def published_head(self) -> tuple[int, bytes] | None:
        """Size and root of the published checkpoint; None before the first."""
        try:
            return head_of(self.log.checkpoint())
        except NotPublished:
            return None

    def checkpoint(self) -> str:
        """The published checkpoint, a signed note. NotPublished before the first."""
        with self._store.read() as connection:
            return Prover(connection).signed

    def records(self, start: int, limit: int) -> list[Record]:
        """The records of entries [start, start + limit), as far as they are committed."""
        with self._store.read() as connection:
            end = min(_head(connection).size, start + limit)
            return [_record(row) for row in document_rows.read_records(connection, start, end)]

    def subjects(self, start: int, limit: int) -> list[Subject]:
        """What entries [start, start + limit) say of organizations, as far as they are committed."""
        with self._store.read() as connection:
            end = min(_head(connection).size, start + limit)
            return [subject_of(row) for row in document_rows.read_records(connection, start, end)]

    def subjects_at(self, indexes: Sequence[int]) -> dict[int, Subject]:
        """What these entries say of organizations, by their indexes; without those that are not committed."""
        with self._store.read() as connection:
            size = _head(connection).size
            rows_at = document_rows.read_records_at(connection, [index for index in indexes if index < size])
            return {subject.index: subject for subject in map(subject_of, rows_at)}

    def organization(self, register: str, number: str) -> list[Record]:
        """Every record of an organization, in the order of n; empty when the ledger holds none."""
        with self._store.read() as connection:
            return [_record(row) for row in document_rows.read_organization(connection, register, number)]

    def credential(self, register: str, number: str, n: int) -> Record:
        """The record of an organization's n-th credential. NotFound."""
        with self._store.read() as connection:
            return _credential(connection, register, number, n)

    def standing(self, record: Record) -> str | None:
        """What the newest status lists say of a credential: `revoked`, `suspended`, or None where no bit is set."""
        return self.standings([record]).get(record.index)

    def standings(self, records: Sequence[Record]) -> dict[int, str]:
        """By entry index, what `standing` says of each record; without those of which no bit is set."""
        with self._store.read() as connection:
            return _standings(connection, records)

    def account(self, register: str, number: str) -> Account:
        """What the ledger tells of an organization; without records when it holds none."""
        with self._store.read() as connection:
            records = [_record(row) for row in document_rows.read_organization(connection, register, number)]
            size, checkpoint = rows.read_published(connection) or (0, None)
            return Account(records, _standings(connection, records), checkpoint, size)

    def evidence(self, register: str, number: str, n: int) -> dict[str, Any]:
        """The evidence file of a credential under the published checkpoint, as a JSON object.

        NotFound: no such credential, or its body is gone. NotPublished: no checkpoint covers it yet. LedgerDamaged
        `record_untrue`: the store names other documents than those that were signed.
        """
        with self._store.read() as connection:
            row = _credential_row(connection, register, number, n)
            prover = Prover(connection)
            credential = _named(prover.logged_row(row), self.identity.credential_id(register, number, n))
            lists, keys = {}, {latest.ORGANIZATION: map_log.organization_key(credential.entry.org or "")}
            for named in status.named_by(credential.document):
                list_id, member = named["statusListCredential"], latest.LISTS[named["statusPurpose"]]
                lists[member] = _named(prover.status_list(list_id), list_id)
                keys[member] = map_log.list_key(list_id)
            newest, index = prover.latest(keys), credential.entry.index
            org = credential.entry.org or ""
            is_newest = newest is not None and _newest_index(newest) == index
            if not is_newest:
                _check_not_erased(prover, newest)
            later = () if is_newest else prover.later(keys[latest.ORGANIZATION], index)
            return evidence.Evidence(
                origin=self.identity.origin,
                credential=credential,
                status_list=lists.get("statusList"),
                suspension_list=lists.get("suspensionList"),
                issuer_keys=_named(prover.issuer_keys(register), self.identity.issuer_did(register)),
                latest=_newest_lists(newest if not later else prover.latest(keys, index), lists),
                org_salt=place_rows.read_org_salt(connection, register, number) if org.startswith("~") else None,
                later=later or None,
                is_cut=later is None,
            ).to_json()

    def known_of(self, entry_bytes: bytes, credential: Mapping[str, Any]) -> Known | None:
        """What this ledger knows of a credential under its published checkpoint; None where that entry is not in it."""
        with self._store.read() as connection:
            return known_of(connection, self.witness_policy, entry_bytes, credential)

    def completeness(self, register: str, number: str) -> Completeness:
        """All entries of an organization under the published checkpoint, or that there are none. Malformed; NotPublished."""
        with self._store.read() as connection:
            return Prover(connection).organization(register, number)

    def logged(self, index: int) -> Logged:
        """The document under an entry, proven under the published checkpoint. NotFound; NotPublished."""
        with self._store.read() as connection:
            if index >= _head(connection).size:
                raise NotFound("entry_unknown", "the ledger has no such entry")
            prover = Prover(connection)
            if index >= prover.size:
                raise NotPublished("not_published", "no published checkpoint covers this entry yet")
            return prover.logged(index)

    def tlog_proof(self, index: int) -> str:
        """The tlog-proof of an entry under the published checkpoint, as text. NotFound; NotPublished."""
        with self._store.read() as connection:
            if index >= _head(connection).size:
                raise NotFound("entry_unknown", "the ledger has no such entry")
            prover = Prover(connection)
            if index >= prover.size:
                raise NotPublished("not_published", "no published checkpoint covers this entry yet")
            return TlogProof(index, tuple(prover.entry(index)[1]), prover.signed).print()

    def status_list(self, name: str) -> dict[str, Any]:
        """The newest status list credential `{purpose}/{register}-{m}`. NotFound."""
        with self._store.read() as connection:
            size = _head(connection).size
            index = list_version(connection, f"{self.identity.base_url}/status/{name}", size)
            return _document(connection, index)

    def issuer_document(self, register: str) -> dict[str, Any]:
        """The newest DID document of a register's issuer. NotFound."""
        with self._store.read() as connection:
            return _document(connection, key_entry(connection, register, _head(connection).size))

    def did_log(self, register: str) -> str:
        """The did:webvh log of a register's issuer, a line of JSON per version. NotFound."""
        with self._store.read() as connection:
            lines = issuer_rows.read_did_log(connection, register)
        if not lines:
            raise NotFound("did_log_unknown", "there is no did:webvh log for that register")
        return "".join(f"{line}\n" for line in lines)

    def office_document(self) -> dict[str, Any]:
        """The DID document of the office, with the ledger's keys."""
        with self._store.read() as connection:
            return office_document(connection, self.identity)

    def trust(self, check: Callable[[Connection], HeadRow] | None = None) -> dict[str, Any]:
        """The trust file of this installation, for handing to a stranger. `check`: gives the head, which is believed then.

        LedgerDamaged `record_untrue`: what names an issuer's keys is not what was logged.
        """
        with self._store.read() as connection:
            if check is None:
                return trust_document(connection, self.identity, self.witness_policy, _head(connection).size)
            size, root, origin, _ = check(connection)
            head = Checkpoint(origin, size, root)
            return trust_document(connection, self.identity, self.witness_policy, size, head)


def trust_document(
    connection: Connection, identity: Identity, witness_policy: str, size: int, head: Checkpoint | None = None
) -> dict[str, Any]:
    """The trust file as of the first `size` entries. `head`: under which they are held, where one is believed."""
    issuers = []
    for name in registers(connection, size):
        index = key_entry(connection, name, size)
        document = _document(connection, index) if head is None else read_committed(connection, index, head)
        issuers.append(_trusted(name, document))
    ledger_keys, index_keys = (
        [vkey for vkey, state in rows.read_log_keys(connection, log) if state != log_keys.DISOWNED]
        for log in (LEDGER, INDEX)
    )
    return {
        "v": 1,
        "origin": identity.origin,
        "genesisKey": _head(connection).genesis_key,
        "ledgerKeys": ledger_keys,
        "indexKeys": index_keys,
        "issuers": issuers,
        "contexts": {
            CREDENTIALS_V2: context_digest("credentials/v2"),
            **{url: context_digest(name) for name, url in identity.context_urls.items()},
        },
        "witnessPolicy": witness_policy,
        "require": {"current": True},
    }


def office_document(
    connection: Connection, identity: Identity, changed: Mapping[str, tuple[str, int]] | None = None
) -> dict[str, Any]:
    """The DID document of the office, with the keys of both logs (`log_keys`).

    `changed`: by fragment (`ledger-2`), a key that is about to change: its vkey, and what it will do.
    """
    known = {
        f"{log.name}-{n}": key
        for log in (LEDGER, INDEX)
        for n, key in enumerate(rows.read_log_keys(connection, log), 1)
    }
    known |= changed or {}
    keys = {
        fragment: (PublicKey(ED25519, note.parse_vkey(vkey).public), state)
        for fragment, (vkey, state) in sorted(known.items())
    }
    return log_keys.document(identity.office_did, keys)


def registers(connection: Connection, size: int) -> list[str]:
    """The registers whose issuers opened within the first `size` entries, in their order."""
    return [row.register for row in issuer_rows.read_issuers(connection) if row.key_entry < size]


def _head(connection: Connection) -> HeadRow:
    head = rows.read_head(connection)
    if head is None:
        raise NotFound("not_initialized", "the ledger was never opened: run greffe init")
    return head


def _record(row: RecordRow) -> Record:
    logged = entry.parse(row.body)
    document = None if row.document is None or row.salt is None else held(logged, row.document, row.salt)
    place = (row.register, row.number, row.n)
    return Record(
        logged.index, logged.time, logged.kind, *place, document, logged.effective, logged.reason, logged.refers
    )  # fmt: skip


def _standings(connection: Connection, records: Sequence[Record]) -> dict[int, str]:
    places = [(record.index, place) for record in records for place in status.named_by(record.document or {})]
    ids = {place["statusListCredential"] for _, place in places}
    lists = {list_id: bits for list_id in ids if (bits := list_bits(connection, list_id)) is not None}
    standings: dict[int, str] = {}
    for index, place in places:
        bits = lists.get(place["statusListCredential"])
        if bits is not None and status.is_set(bits, int(place["statusListIndex"])):
            standings.setdefault(index, status.SET[place["statusPurpose"]])
    return standings


def _credential(connection: Connection, register: str, number: str, n: int) -> Record:
    return _record(_credential_row(connection, register, number, n))


def _credential_row(connection: Connection, register: str, number: str, n: int) -> RecordRow:
    row = document_rows.read_credential(connection, register, number, n)
    if row is None:
        raise NotFound("credential_unknown", f"the ledger holds no credential {register}/{number}/{n}")
    return row


def _named(logged: Logged, document_id: str) -> Logged:
    """The document, which must be the one of that id. LedgerDamaged `record_untrue`."""
    if logged.document.get("id") != document_id:
        raise LedgerDamaged("record_untrue", f"entry {logged.entry.index} is not that of {document_id}")
    return logged


def _newest_index(proven: latest.Latest) -> int | None:
    """The newest entry of the organization, as the signed map tells it."""
    newest = proven.newest.get(latest.ORGANIZATION)
    return None if newest is None else newest.index


def _check_not_erased(prover: Prover, proven: latest.Latest | None) -> None:
    """NotFound `body_missing`: the newest entry of the organization erases it, and the body in the store has come back."""
    newest = None if proven is None else _newest_index(proven)
    if newest is not None and entry.parse(prover.entry(newest)[0]).kind == "erase":
        raise NotFound("body_missing", f"the organization was erased, as entry {newest} says")


def _newest_lists(proven: latest.Latest | None, lists: Mapping[str, Logged]) -> latest.Latest | None:
    """What the map says, where it names those versions of the lists. LedgerDamaged `record_untrue`: there is a newer one."""
    for member, logged in lists.items():
        newest = None if proven is None else proven.newest.get(member)
        if newest is not None and newest.index != logged.entry.index:
            raise LedgerDamaged("record_untrue", f"entry {logged.entry.index} is not the newest version of its list")
    return proven


def _document(connection: Connection, index: int) -> dict[str, Any]:
    committed = document_rows.read_document(connection, index)
    if committed is None:
        raise NotFound("body_missing", f"the body under entry {index} is not in this store")
    return held(entry.parse(rows.read_entries(connection, index, index + 1)[0]), *committed)


def list_version(connection: Connection, list_id: str, size: int) -> int:
    """The newest entry below `size` that logs a version of that status list. NotFound."""
    index = issuer_rows.newest_list_version(connection, list_id, size)
    if index is None:
        raise NotFound("status_list_unknown", "there is no such status list")
    return index


def key_entry(connection: Connection, register: str, size: int) -> int:
    """The newest entry below `size` that names the keys of a register's issuer. NotFound."""
    index = issuer_rows.newest_key_entry(connection, register, size)
    if index is None:
        raise NotFound("register_unknown", "there is no issuer for that register")
    return index


def _trusted(register: str, document: dict[str, Any]) -> dict[str, Any]:
    keys = [
        {
            "id": method["id"],
            "publicKeyMultibase": method["publicKeyMultibase"],
            "use": "status" if "#status-" in method["id"] else "credential",
        }
        for method in document["verificationMethod"]
        if "publicKeyMultibase" in method
    ]
    declared = credential_type(register)
    types = {} if declared == REGISTRATION else {"types": [declared]}
    return {"did": document["id"], "registers": [register], **types, "keys": keys}
