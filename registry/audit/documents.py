"""Documents, and what stands beside them, are compared with their entries.

These are bodies, proofs, places, erasures, issuers and their DID logs.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from registry.audit.lists import ListAudit
from registry.audit.log_keys import check_log_keys
from registry.audit.result import Audit, reading
from registry.credential import proof, webvh
from registry.credential.document import canonicalize_ours, check_schema, text_at
from registry.encoding import members, strict_json
from registry.errors import RegistryError, Untrue
from registry.log import entry
from registry.log.entry import Entry
from registry.store import document_rows, issuer_rows, place_rows, tables
from registry.store.columns import number
from registry.store.place_rows import PlaceRow
from registry.verify.trust import Trust


class DocumentAudit:
    """The bodies beside a walk over the entries. `result`: takes what is missing, erased or wrong."""

    def __init__(self, connection: sa.Connection, trust: Trust, result: Audit) -> None:
        self._connection, self._trust, self._result = connection, trust, result
        self._lists = ListAudit(connection)
        self._issued: Counter[str] = Counter()
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._keys: dict[str, set[int]] = {}
        self._office_keys: list[int] = []
        self._missing: set[int] = set()
        self._time = 0
        self._places: dict[int, PlaceRow] = {}
        self._documents: dict[int, tuple[bytes, bytes]] = {}

    def read_places(self, start: int, end: int) -> dict[int, PlaceRow]:
        """The places of entries [start, end). LedgerDamaged `column_type`."""
        return {place.i: place for place in place_rows.read_places_between(self._connection, start, end)}

    def read_documents(self, start: int, end: int) -> dict[int, tuple[bytes, bytes]]:
        """(body, salt) of the documents of entries [start, end)."""
        return document_rows.read_documents(self._connection, start, end)

    def take(self, places: dict[int, PlaceRow], documents: dict[int, tuple[bytes, bytes]]) -> None:
        """What stands beside the entries that come next."""
        self._places, self._documents = places, documents

    def check(self, logged: Entry) -> None:
        """What an entry commits to, and what stands beside it, is what it says. Untrue, Malformed."""
        self._time = logged.time
        if logged.kind == "key":
            self._keys.setdefault(logged.issuer or "", set()).add(logged.index)
            if logged.issuer == self._trust.office:
                self._office_keys.append(logged.index)
        if logged.kind == "status":
            self._lists.note_version(logged.index)
        is_credential = logged.kind in entry.CREDENTIAL_KINDS
        place = self._places.get(logged.index)
        if is_credential and place is not None:
            self._check_org(logged, place)
        if logged.kind == "erase":
            self._check_erased(logged)
        if logged.commitment is None:
            return
        committed = self._documents.get(logged.index)
        if committed is None:
            self._note_missing(logged, place)
            return
        body, salt = committed
        document = strict_json.parse_object(body)
        if entry.commitment(salt, document) != logged.commitment:
            raise Untrue("commitment", "its body or salt is not what it commits to")
        if is_credential:
            self._check_credential(logged, document, place)
        elif logged.kind == "status":
            self._check_proof(logged, document, "status", "status-list/v1")
            self._lists.check_version(logged, document)

    def finish(self) -> None:
        """The walk is over: compare the rows of issuers, keys and lists with what the entries gave."""
        self._result.body_missing = len(self._missing)
        failures = self._result.failures
        failures += self._lists.faults()
        if self._result.first_bad is not None:
            return
        with reading(failures, "what is kept of the keys of the logs"):
            failures += check_log_keys(self._connection, self._trust, self._office_keys)
        with reading(failures, "what is kept of the issuers"):
            failures += self._issuer_faults()
        with reading(failures, "what is kept of the status lists"):
            failures += self._lists.row_faults()

    def _check_erased(self, logged: Entry) -> None:
        if not self._missing.issuperset(logged.refers):
            raise Untrue("erase", "a body that it erases is still there")
        self._missing -= set(logged.refers)
        self._result.erased += len(logged.refers)

    def _note_missing(self, logged: Entry, place: PlaceRow | None) -> None:
        self._missing.add(logged.index)
        if logged.kind in entry.CREDENTIAL_KINDS and logged.issuer is not None:
            if place is None:
                self._lists.note_unplaced(logged.index, self._issued[logged.issuer])
            self._issued[logged.issuer] += 1
        if place is not None:
            self._numbers[place.register, place.number] += 1

    def _check_org(self, logged: Entry, place: PlaceRow) -> None:
        org = f"{place.register}:{place.number}"
        if (logged.org or "").startswith("~"):
            salt = place_rows.read_org_salt(self._connection, place.register, place.number)
            org = "" if salt is None else entry.pseudonym(salt, place.register, place.number)
        if org != logged.org:
            raise Untrue("org", "it speaks of another organization than its place")

    def _check_credential(self, logged: Entry, document: dict[str, Any], place: PlaceRow | None) -> None:
        self._check_proof(logged, document, "credential", "organization/v1")
        issuer = logged.issuer or ""
        before, self._issued[issuer] = self._issued[issuer], self._issued[issuer] + 1
        subject = document["credentialSubject"]
        org = (subject["register"], subject["registrationNumber"])
        self._numbers[org] += 1
        if place is None or (place.register, place.number, place.n) != (*org, self._numbers[org]):
            raise Untrue("place", "its place is not that of its claims")
        effective = subject.get("registrationEvent", {}).get("eventDate")
        if document["id"].rsplit("/", 3)[1:] != [*org, str(place.n)] or logged.effective != effective:
            raise Untrue("claims", "its id or its effective date is not that of its entry")
        self._lists.check_place(document, place, before)

    def _check_proof(self, logged: Entry, document: dict[str, Any], use: str, schema: str) -> None:
        issuer = self._trust.issuers.get(logged.issuer or "")
        if issuer is None or text_at(document, "issuer", "id") != logged.issuer:
            raise Untrue("issuer", "its issuer is not trusted, or not the document's")
        proof.check(
            document,
            lambda method: key.public if (key := issuer.keys.get(method)) and key.use == use else None,
            canonicalize_ours(self._trust.organization_context or ""),
        )
        check_schema(schema, document)

    def _issuer_faults(self) -> list[str]:
        faults = []
        issuers = self._connection.execute(sa.select(tables.issuers)).all()
        for row in issuers:
            trusted = self._trust.issuers.get(row.did)
            is_trusted = trusted is not None and row.register in trusted.registers
            is_logged = row.key_entry in self._keys.get(row.did, ())
            if not (is_trusted and is_logged and row.issued == self._issued[row.did]):
                faults.append(f"what is kept of the issuer of {row.register} is not what its entries give")
        for row in issuers:
            faults += self._did_log_faults(row.register)
        named = {*self._office_keys, *(row.key_entry for row in issuers)}
        named |= set(self._connection.execute(sa.select(tables.key_versions.c.i)).scalars())
        if named != {index for indexes in self._keys.values() for index in indexes}:
            faults.append("what is kept of the key entries is not what the entries give")
        return faults

    def _did_log_faults(self, register: str) -> list[str]:
        """The log holds, and its newest version is the one that the newest DID document in the ledger names."""
        issuers, versions = tables.issuers, tables.key_versions
        chosen = sa.select(sa.func.max(versions.c.i)).where(versions.c.register == register)
        index = self._connection.execute(chosen).scalar()
        if index is None:
            index = self._connection.execute(
                sa.select(issuers.c.key_entry).where(issuers.c.register == register)
            ).scalar()
        committed = None if index is None else document_rows.read_document(self._connection, number(index))
        if committed is None:
            return []  # counted as missing; an entry of nobody is named elsewhere
        try:
            document = strict_json.parse_object(committed[0])
            names = members.list_of(document, "alsoKnownAs", str) if "alsoKnownAs" in document else []
            lines = issuer_rows.read_did_log(self._connection, register)
            if not names and not lines:
                return []  # an issuer from before there were logs
            if not names:
                raise Untrue("did_log", "the ledger names no such log")
            now = datetime.fromtimestamp(self._time / 1000, UTC) + timedelta(days=1)
            version = webvh.resolve(lines, names[0], now)
            if f"{names[0]}?versionId={version.id}" not in names:
                raise Untrue("did_log", "its newest version is not the one that the ledger names")
        except RegistryError as error:
            return [f"the did:webvh log of {register} is bad: {error}"]
        return []
