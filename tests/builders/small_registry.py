"""A registry of a few organizations in memory, with real keys, hashes and proofs: a stand-in for `Reader`.

Makes the same forms as the real one (credential, entry, checkpoint, status list, evidence, trust file) from the pure core
alone, so that pages and the browser's verifier can be tried without a store. Keys, salts and times are fixed.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import schemas
from registry.credential import did, proof, status
from registry.credential.cryptosuites import EDDSA_JCS_2022
from registry.credential.document import canonicalize_ours
from registry.credential.identity import Identity
from registry.encoding.jcs import jcs
from registry.errors import NotFound, NotPublished, Untrue
from registry.keys import Signer, SigningKey, multikey
from registry.log import checkpoint, entry, merkle, note, proof_text
from registry.reading.record import Account
from registry.verify.completeness import Completeness
from registry.verify.evidence import Evidence, Logged
from registry.verify.trust import context_digest
from schemas.organization import Event, State, to_subject

BASE = "http://localhost:8000"
TIME_MS = 1_790_000_000_000
CREATED = "2026-09-21T14:13:20Z"
LEDGER_KEY = SigningKey(b"\x01" * 32)
CREDENTIAL_KEY = SigningKey(b"\x02" * 32)
STATUS_KEY = SigningKey(b"\x03" * 32)


@dataclass(frozen=True)
class Record:
    """As `registry.reading.reader.Record`."""

    index: int
    time_ms: int
    kind: str
    register: str | None = None
    number: str | None = None
    n: int | None = None
    document: dict[str, Any] | None = None
    effective: str | None = None
    reason: str | None = None
    refers: tuple[int, ...] = ()


#: may change, before signing and logging, (kind, document, members of the entry, [signing key, method])
Bend = Callable[[str, dict[str, Any], dict[str, Any], list[Any]], None]


def _as_it_is(kind: str, document: dict[str, Any], members: dict[str, Any], signing: list[Any]) -> None:
    """The honest issuer."""


@dataclass
class _Logged:
    document: dict[str, Any]
    salt: bytes
    entry_bytes: bytes
    org_salt: bytes | None = None
    record: Record = field(default_factory=lambda: Record(0, 0, "note"))


class SmallRegistry:
    """Issues the given states (a later state of a number supersedes the earlier); `persons` get a pseudonym.

    `bend` makes a dishonest issuer, who holds all the keys and signs what is wrong.
    """

    def __init__(
        self,
        states: list[State],
        revoked: Collection[str] = (),
        persons: Collection[str] = (),
        bend: Bend = _as_it_is,
    ) -> None:
        self._bend = bend
        self.identity = Identity(BASE, "localhost:8000")
        self.published = True
        self._revoked, self._persons = revoked, persons
        self._logged: list[_Logged] = []
        self._did = self.identity.issuer_did("sample")
        self._methods = {"credential-1": CREDENTIAL_KEY.public, "status-1": STATUS_KEY.public}
        document, members = did.document(self._did, self._methods), {"issuer": self._did}
        bend("key", document, members, [])
        self._keys = self._append("key", document, members)
        positions = {position: state.number for position, state in enumerate(states)}
        self._append_list([position for position, number in positions.items() if number in revoked])
        for position, state in enumerate(states):
            self._issue(position, state)

    def _append(self, kind: str, document: dict[str, Any], members: dict[str, Any]) -> _Logged:
        index = len(self._logged)
        salt = sha256(b"salt %d" % index).digest()
        made = entry.Entry(
            index=index,
            time=TIME_MS + index * 1000,
            prev=merkle.leaf_hash(self._logged[-1].entry_bytes).hex() if self._logged else "0" * 64,
            commitment=entry.commitment(salt, document),
            **{"kind": kind, **members},
        )
        logged = _Logged(document, salt, made.print())
        logged.record = Record(index, made.time, kind)
        self._logged.append(logged)
        return logged

    def _append_list(self, revoked: list[int]) -> None:
        bits = bytes(status.LENGTH // 8)
        bits = status.with_bits(bits, revoked, to=True)
        url = self.identity.status_list_id("revocation", "sample", 1)
        document = {
            "@context": [schemas.CREDENTIALS_V2],
            "id": url,
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": {"id": self._did, "name": "Sample register"},
            "validFrom": CREATED,
            "credentialSubject": {
                "id": url + "#list",
                "type": "BitstringStatusList",
                "statusPurpose": "revocation",
                "encodedList": status.encode(bits),
            },
        }
        method = f"{self._did}#status-1"
        members = {"issuer": self._did, "key": method, "type": "BitstringStatusListCredential", "reason": "opened"}
        signing = [STATUS_KEY, method]
        self._bend("status", document, members, signing)
        self._list = self._append("status", self._sign(document, *signing), members)

    def _issue(self, position: int, state: State) -> None:
        earlier = self.organization(state.register, state.number)
        n = len(earlier) + 1
        credential_id = self.identity.credential_id(state.register, state.number, n)
        url = self.identity.status_list_id("revocation", state.register, 1)
        document = {
            "@context": [schemas.CREDENTIALS_V2, self.identity.context_url],
            "id": credential_id,
            "type": ["VerifiableCredential", "OrganizationRegistrationCredential"],
            "issuer": {"id": self._did, "name": "Sample register"},
            "validFrom": CREATED,
            "credentialStatus": [
                {
                    "id": f"{url}#{position}",
                    "type": "BitstringStatusListEntry",
                    "statusPurpose": "revocation",
                    "statusListIndex": str(position),
                    "statusListCredential": url,
                }
            ],
            "credentialSchema": {"id": self.identity.schema_url, "type": "JsonSchema"},
            "credentialSubject": to_subject(state, self.identity.base_url, credential_id),
        }
        method = f"{self._did}#credential-1"
        org_salt = sha256(state.number.encode()).digest() if state.number in self._persons else None
        org = f"{state.register}:{state.number}"
        event = state.event or Event("")
        members: dict[str, Any] = {
            "org": org if org_salt is None else entry.pseudonym(org_salt, state.register, state.number),
            "issuer": self._did,
            "key": method,
            "type": "OrganizationRegistrationCredential",
            "effective": event.effective,
        }
        if earlier:
            members["refers"] = (earlier[-1].index,)
        kind = "supersede" if earlier else "issue"
        signing = [CREDENTIAL_KEY, method]
        self._bend(kind, document, members, signing)
        logged = self._append(kind, self._sign(document, *signing), members)
        logged.org_salt = org_salt
        logged.record = Record(
            logged.record.index, logged.record.time_ms, kind, state.register, state.number, n, logged.document,
            event.effective, None, members.get("refers", ()),
        )  # fmt: skip

    def _sign(self, document: dict[str, Any], signer: Signer, method: str) -> dict[str, Any]:
        try:
            return proof.sign(document, signer, method, CREATED, canonicalize_ours(self.identity.context_url))
        except Untrue:  # what is bent may have no canonical form; its issuer signs what can be signed
            return proof.sign(document, signer, method, CREATED, jcs, suites=[EDDSA_JCS_2022])

    def size(self) -> int:
        """Committed entries."""
        return len(self._logged)

    def published_size(self) -> int:
        """Entries under the published checkpoint."""
        return len(self._logged) if self.published else 0

    def records(self, start: int, limit: int) -> list[Record]:
        """Entries in order."""
        return [logged.record for logged in self._logged[start : start + limit]]

    def organization(self, register: str, number: str) -> list[Record]:
        """The credentials of one organization, in order of n."""
        records = (logged.record for logged in self._logged)
        return [record for record in records if (record.register, record.number) == (register, number)]

    def credential(self, register: str, number: str, n: int) -> Record:
        """One of them. NotFound."""
        found = [record for record in self.organization(register, number) if record.n == n]
        if not found:
            raise NotFound("not_found", "no such credential")
        return found[0]

    def standing(self, record: Record) -> str | None:
        """Revoked, where its bit is set."""
        return "revoked" if record.number in self._revoked else None

    def account(self, register: str, number: str) -> Account:
        """What is known of one organization."""
        records = self.organization(register, number)
        standings = {record.index: "revoked" for record in records if self.standing(record)}
        return Account(records, standings, self.checkpoint() if self.published else None, self.published_size())

    def evidence(self, register: str, number: str, n: int) -> dict[str, Any]:
        """The evidence file. NotFound, NotPublished."""
        logged = self._logged[self.credential(register, number, n).index]
        if not self.published:
            raise NotPublished("not_published", "no published checkpoint covers it yet")
        return Evidence(
            origin=self.identity.origin,
            credential=self._carry(logged),
            status_list=self._carry(self._list),
            suspension_list=None,
            issuer_keys=self._carry(self._keys),
            latest=None,
            org_salt=logged.org_salt,
        ).to_json()

    def _carry(self, logged: _Logged) -> Logged:
        leaves = [merkle.leaf_hash(one.entry_bytes) for one in self._logged]

        def subtree(level: int, n: int) -> bytes:
            return merkle.root_of(leaves[n << level : (n + 1) << level])

        index = logged.record.index
        path = tuple(merkle.inclusion_proof(index, len(leaves), subtree))
        shown = proof_text.TlogProof(index, path, self.checkpoint())
        return Logged(
            logged.document, entry.parse(logged.entry_bytes), logged.entry_bytes, logged.salt, shown
        )  # fmt: skip

    def completeness(self, register: str, number: str) -> Completeness:
        """There is no map here. NotPublished."""
        raise NotPublished("not_published", "no map is published yet")

    def checkpoint(self) -> str:
        """The signed checkpoint over all entries."""
        root = merkle.root_of([merkle.leaf_hash(one.entry_bytes) for one in self._logged])
        return checkpoint.sign(checkpoint.Checkpoint(self.identity.origin, len(self._logged), root), LEDGER_KEY)

    def trust(self) -> dict[str, Any]:
        """The trust file."""
        vkey = note.VerifierKey(self.identity.origin, LEDGER_KEY.public.raw).print()
        keys = [
            {"id": f"{self._did}#{name}", "publicKeyMultibase": multikey(public), "use": name.split("-")[0]}
            for name, public in self._methods.items()
        ]
        return {
            "v": 1,
            "origin": self.identity.origin,
            "genesisKey": vkey,
            "ledgerKeys": [vkey],
            "issuers": [{"did": self._did, "registers": ["sample"], "keys": keys}],
            "contexts": {
                schemas.CREDENTIALS_V2: context_digest("credentials/v2"),
                self.identity.context_url: context_digest("organization/v1"),
            },
            "witnessPolicy": "quorum none\n",
            "require": {"current": False},
        }

    def evidence_text(self, register: str, number: str, n: int) -> str:
        """The evidence as JSON text."""
        return json.dumps(self.evidence(register, number, n), ensure_ascii=False)
