"""Documents are compared with their entries: bodies, salts, proofs and claims.

What stands beside them is left to `places`, `lists`, `issuers` and `log_keys`, which this walk leads along.
"""

from typing import Any

import sqlalchemy as sa

from registry.audit.issuers import IssuerAudit
from registry.audit.lists import ListAudit
from registry.audit.log_keys import check_log_keys
from registry.audit.places import PlaceAudit, outside
from registry.audit.result import Audit, reading
from registry.credential import proof
from registry.credential.cryptosuites import proof_set
from registry.credential.document import canonicalize_ours, check_schema, credential_schema, text_at
from registry.encoding import strict_json
from registry.encoding.stored import stored
from registry.errors import Untrue
from registry.log import entry
from registry.log.entry import Entry
from registry.store import document_rows, place_rows
from registry.store.place_rows import PlaceRow
from registry.verify.trust import Trust


class DocumentAudit:
    """The bodies beside a walk over the entries. `result`: takes what is missing, erased or wrong."""

    def __init__(self, connection: sa.Connection, trust: Trust, result: Audit) -> None:
        self._connection, self._trust, self._result = connection, trust, result
        self._lists = ListAudit(connection)
        self._places = PlaceAudit(connection, trust, self._lists)
        self._issuers = IssuerAudit(connection, trust)
        self._missing: set[int] = set()
        self._documents: dict[int, tuple[bytes, bytes]] = {}

    def read_places(self, start: int, end: int) -> dict[int, PlaceRow]:
        """The places of entries [start, end). LedgerDamaged `column_type`."""
        return {place.i: place for place in place_rows.read_places_between(self._connection, start, end)}

    def read_documents(self, start: int, end: int) -> dict[int, tuple[bytes, bytes]]:
        """(body, salt) of the documents of entries [start, end)."""
        return document_rows.read_documents(self._connection, start, end)

    def take(self, places: dict[int, PlaceRow], documents: dict[int, tuple[bytes, bytes]]) -> None:
        """What stands beside the entries that come next."""
        self._places.bring(places)
        self._documents = documents

    def check(self, logged: Entry) -> None:
        """What an entry commits to, and what stands beside it, is what it says. Untrue, Malformed."""
        self._issuers.take(logged)
        self._check_type(logged)
        if logged.kind == "status":
            self._lists.note_version(logged.index)
        place = self._places.take(logged)
        if logged.kind == "erase":
            self._check_erased(logged)
        committed = self._documents.get(logged.index)
        if logged.commitment is None:
            if committed is not None:
                raise Untrue("document", "a document stands under it, and it commits to none")
            return
        if committed is None:
            self._missing.add(logged.index)
            return
        body, salt = committed
        document = strict_json.parse_object(body)
        if entry.commitment(salt, document) != logged.commitment:
            raise Untrue("commitment", "its body or salt is not what it commits to")
        if stored(document) != body:
            raise Untrue("document", "its body is not in the form in which documents are stored")
        if logged.kind in entry.CREDENTIAL_KINDS:
            self._check_credential(logged, document, place)
        elif logged.kind == "status":
            self._check_proof(logged, document, "status", "status-list/v1")
            self._issuers.note_list(logged, document)
            self._lists.check_version(logged, document)
        elif "proof" in document:  # no commitment covers it, and nobody signs documents of that kind
            raise Untrue("proof", "its document bears a proof, and none is made for it")

    def finish(self, size: int) -> None:
        """The walk is over `size` entries: compare what is kept beside them with what they gave."""
        self._result.body_missing = len(self._missing)
        failures = self._result.failures
        with reading(failures, "what stands under no entry"):
            failures += outside(self._connection, size)
        failures += self._lists.faults()
        if self._result.first_bad is not None:
            return
        with reading(failures, "what is kept of the keys of the logs"):
            failures += check_log_keys(self._connection, self._trust, self._issuers.office_keys)
        with reading(failures, "what is kept of the issuers"):
            failures += self._issuers.faults(self._places.issued)
        with reading(failures, "what is kept of the status lists"):
            failures += self._lists.row_faults()
        with reading(failures, "what is kept of places and persons"):
            failures += self._places.faults(len(self._missing))

    def _check_type(self, logged: Entry) -> None:
        """Its issuer speaks for credentials of its type; that is known where the body is gone, too. Untrue `issuer_type`."""
        issuer = self._trust.issuers.get(logged.issuer or "")
        if logged.kind in entry.CREDENTIAL_KINDS and issuer is not None and logged.type not in issuer.types:
            raise Untrue("issuer_type", f"its issuer does not speak for credentials of the type {logged.type}")

    def _check_erased(self, logged: Entry) -> None:
        if not self._missing.issuperset(logged.refers):
            raise Untrue("erase", "a body that it erases is still there")
        self._missing -= set(logged.refers)
        self._result.erased += len(logged.refers)

    def _check_credential(self, logged: Entry, document: dict[str, Any], place: PlaceRow | None) -> None:
        self._check_proof(logged, document, "credential", credential_schema(document))
        subject = document["credentialSubject"]
        org = (subject["register"], subject["registrationNumber"])
        if place is None or (place.register, place.number) != org:
            raise Untrue("place", "its place is not that of its claims")
        if document["type"][1] != logged.type:
            raise Untrue("claims", "its type is not that of its entry")
        effective = subject.get("registrationEvent", {}).get("eventDate")
        if document["id"].rsplit("/", 3)[1:] != [*org, str(place.n)] or logged.effective != effective:
            raise Untrue("claims", "its id or its effective date is not that of its entry")
        self._lists.check_place(document, place)

    def _check_proof(self, logged: Entry, document: dict[str, Any], use: str, schema: str) -> None:
        """Its proofs hold, and are those that the office makes with the key of the entry: each of them once."""
        issuer = self._trust.issuers.get(logged.issuer or "")
        if issuer is None or text_at(document, "issuer", "id") != logged.issuer:
            raise Untrue("issuer", "its issuer is not trusted, or not the document's")
        key = issuer.keys.get(logged.key or "")
        if key is None or key.use != use:
            raise Untrue("issuer", "the key of its entry is not one of its issuer's for that use")
        known = {key.id: key.public}
        proof.check(document, known.get, canonicalize_ours(self._trust.organization_context or ""))
        check_set(document, key.public.kind)
        check_schema(schema, document)


def check_set(document: dict[str, Any], kind: str) -> None:
    """The proofs of a document, which hold, are those that a key of that kind makes, each of them once. Untrue."""
    names = [each["cryptosuite"] for each in proof.proofs_of(document)]
    if names != [suite.name for suite in proof_set(kind)]:
        raise Untrue("proof", "its proofs are not the whole set that its key makes, each of them once")
