"""A `Reader` in memory, from the pure core alone, so that search and pages can be tried without a store.

`SmallRegistry` makes the same forms as the real one (credential, entry, checkpoint, status list, evidence, trust file) with
real keys, hashes and proofs; keys, salts and times are fixed. `FakeReader` signs nothing and grows while a test looks on.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
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
from registry.reading.record import Account, Known, Record, Subject
from registry.verify.completeness import Completeness
from registry.verify.evidence import Evidence, Logged
from registry.verify.trust import context_digest
from schemas.organization import Event, State, to_subject

BASE = "http://localhost:8000"
NOON = 1_700_000_000_000
TIME_MS = 1_790_000_000_000
CREATED = "2026-09-21T14:13:20Z"
LEDGER_KEY = SigningKey(b"\x01" * 32)
CREDENTIAL_KEY = SigningKey(b"\x02" * 32)
STATUS_KEY = SigningKey(b"\x03" * 32)


class _InMemory(ABC):
    """What both answer from their records alone. `start_ms`: the time of the first entry; one second apart."""

    start_ms: int

    def __init__(self) -> None:
        self.identity = Identity(base_url=BASE, origin="localhost:8000")
        self.entries: list[Record] = []

    def _append(self, kind: str, *members: Any) -> Record:
        """`members`: as in `Record`, from `register` on; none for an entry without an organization."""
        index = len(self.entries)
        rest = members or (None, None, None, None, None, None, ())
        record = Record(index, self.start_ms + 1000 * index, kind, *rest)
        self.entries.append(record)
        return record

    def size(self) -> int:
        """Committed entries."""
        return len(self.entries)

    def records(self, start: int, limit: int) -> list[Record]:
        """Entries in order."""
        return self.entries[start : start + limit]

    def subjects(self, start: int, limit: int) -> list[Subject]:
        """What entries say of organizations."""
        return [
            Subject(
                each.index, each.kind, each.n, None if each.document is None else each.document["credentialSubject"]
            )
            for each in self.records(start, limit)
        ]

    def subjects_at(self, indexes: Sequence[int]) -> dict[int, Subject]:
        """Some of these."""
        return {each.index: each for index in indexes for each in self.subjects(index, 1)}

    def organization(self, register: str, number: str) -> list[Record]:
        """The credentials of one organization, in order of n."""
        return [record for record in self.entries if (record.register, record.number) == (register, number)]

    def credential(self, register: str, number: str, n: int) -> Record:
        """One of them. NotFound."""
        for record in self.organization(register, number):
            if record.n == n:
                return record
        raise NotFound("credential_unknown", "no such credential")

    def account(self, register: str, number: str) -> Account:
        """What is known of one organization."""
        records = self.organization(register, number)
        standings = {record.index: standing for record in records if (standing := self.standing(record))}
        size = self.published_size()
        return Account(records, standings, self.checkpoint() if size else None, size)

    @abstractmethod
    def standing(self, record: Record) -> str | None:
        """What the newest status lists say of a credential."""

    @abstractmethod
    def published_size(self) -> int:
        """How many entries the published checkpoint covers."""

    def checkpoint(self) -> str | None:
        """Nothing is signed."""
        return None

    def completeness(self, register: str, number: str) -> Completeness:
        """There is no map here. NotPublished."""
        raise NotPublished("not_published", "no map is published yet")


class FakeReader(_InMemory):
    """Nothing is signed. `revoked`: indexes of entries; `published`: how many a checkpoint covers."""

    start_ms = NOON

    def __init__(self) -> None:
        super().__init__()
        self.published = 0
        self.revoked: set[int] = set()
        self.note("key")
        self.note("status")

    def note(self, kind: str) -> None:
        """An entry without an organization."""
        self._append(kind)

    def log(self, state: State, kind: str | None = None) -> Record:
        """An issue entry for the first state of an organization, else a supersede entry, unless `kind` says else."""
        before = self.organization(state.register, state.number)
        n = len(before) + 1
        credential_id = f"{BASE}/credentials/{state.register}/{state.number}/{n}"
        document = {"id": credential_id, "credentialSubject": to_subject(state, BASE, credential_id)}
        effective = state.event.effective if state.event else None
        refers = (before[-1].index,) if before else ()
        chosen = kind or ("supersede" if before else "issue")
        return self._append(chosen, state.register, state.number, n, document, effective, None, refers)

    def published_size(self) -> int:
        return self.published

    def published_head(self) -> tuple[int, bytes] | None:
        """Size and root of the published checkpoint."""
        return (self.published_size(), bytes(32)) if self.published_size() else None

    def standing(self, record: Record) -> str | None:
        return "revoked" if record.index in self.revoked else None

    def trust(self) -> dict[str, Any]:
        return {"issuers": [{"registers": ["sample"]}]}


#: may change, before signing and logging, (kind, document, members of the entry, [signing key, method])
Bend = Callable[[str, dict[str, Any], dict[str, Any], list[Any]], None]


def _as_it_is(kind: str, document: dict[str, Any], members: dict[str, Any], signing: list[Any]) -> None:
    """The honest issuer."""


@dataclass
class _Hidden:
    """What stands beside an entry's record and is shown in evidence alone."""

    document: dict[str, Any]
    salt: bytes
    entry_bytes: bytes
    org_salt: bytes | None = None


class SmallRegistry(_InMemory):
    """Issues the given states (a later state of a number supersedes the earlier); `persons` get a pseudonym.

    `bend` makes a dishonest issuer, who holds all the keys and signs what is wrong.
    """

    start_ms = TIME_MS

    def __init__(
        self,
        states: list[State],
        revoked: Collection[str] = (),
        persons: Collection[str] = (),
        bend: Bend = _as_it_is,
    ) -> None:
        super().__init__()
        self._bend = bend
        self.published = True
        self._revoked, self._persons = revoked, persons
        self._hidden: list[_Hidden] = []
        self._did = self.identity.issuer_did("sample")
        self._methods = {"credential-1": CREDENTIAL_KEY.public, "status-1": STATUS_KEY.public}
        document, members = did.document(self._did, self._methods), {"issuer": self._did}
        bend("key", document, members, [])
        self._log("key", document, members)
        self._log_list([position for position, state in enumerate(states) if state.number in revoked])
        for position, state in enumerate(states):
            self._issue(position, state)

    def _log(
        self, kind: str, document: dict[str, Any], members: dict[str, Any], org_salt: bytes | None = None, *named: Any
    ) -> None:
        """`members` of the entry; `named`: the members of its record from `register` on."""
        index = self.size()
        salt = sha256(b"salt %d" % index).digest()
        made = entry.Entry(
            index=index,
            time=self.start_ms + 1000 * index,
            prev=merkle.leaf_hash(self._hidden[-1].entry_bytes).hex() if self._hidden else "0" * 64,
            commitment=entry.commitment(salt, document),
            **{"kind": kind, **members},
        )
        self._hidden.append(_Hidden(document, salt, made.print(), org_salt))
        self._append(kind, *named)

    def _log_list(self, revoked: list[int]) -> None:
        bits = status.with_bits(bytes(status.LENGTH // 8), revoked, to=True)
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
        self._log("status", self._sign(document, *signing), members)

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
            "credentialSchema": {"id": self.identity.schema_url("organization/v1"), "type": "JsonSchema"},
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
        signed = self._sign(document, *signing)
        named = (state.register, state.number, n, signed, event.effective, None, members.get("refers", ()))
        self._log(kind, signed, members, org_salt, *named)

    def _sign(self, document: dict[str, Any], signer: Signer, method: str) -> dict[str, Any]:
        try:
            return proof.sign(document, signer, method, CREATED, canonicalize_ours(self.identity.context_url))
        except Untrue:  # what is bent may have no canonical form; its issuer signs what can be signed
            return proof.sign(document, signer, method, CREATED, jcs, suites=[EDDSA_JCS_2022])

    def published_size(self) -> int:
        """Entries under the published checkpoint."""
        return self.size() if self.published else 0

    def published_head(self) -> tuple[int, bytes] | None:
        """Size and root of the published checkpoint."""
        return (self.published_size(), bytes(32)) if self.published_size() else None

    def standing(self, record: Record) -> str | None:
        """Revoked, where its bit is set."""
        return "revoked" if record.number in self._revoked else None

    def known_of(self, entry_bytes: bytes, credential: Mapping[str, Any]) -> Known | None:
        """What it knows of a credential: nothing came later in it, and the standing is the lists'."""
        index = entry.parse(entry_bytes).index
        record = next((record for record in self.records(index, 1) if record.document is not None), None)
        if record is None or record.document != credential:
            return None
        return Known((), self.standing(record), "2026-09-21T14:13:21Z")

    def evidence(self, register: str, number: str, n: int) -> dict[str, Any]:
        """The evidence file. NotFound, NotPublished."""
        index = self.credential(register, number, n).index
        if not self.published:
            raise NotPublished("not_published", "no published checkpoint covers it yet")
        return Evidence(
            origin=self.identity.origin,
            credential=self._logged(index),
            status_list=self._logged(1),
            suspension_list=None,
            issuer_keys=self._logged(0),
            latest=None,
            org_salt=self._hidden[index].org_salt,
        ).to_json()

    def _leaves(self) -> list[bytes]:
        return [merkle.leaf_hash(hidden.entry_bytes) for hidden in self._hidden]

    def _logged(self, index: int) -> Logged:
        leaves, hidden = self._leaves(), self._hidden[index]

        def subtree(level: int, n: int) -> bytes:
            return merkle.root_of(leaves[n << level : (n + 1) << level])

        path = tuple(merkle.inclusion_proof(index, len(leaves), subtree))
        inclusion = proof_text.TlogProof(index, path, self.checkpoint())
        return Logged(hidden.document, entry.parse(hidden.entry_bytes), hidden.entry_bytes, hidden.salt, inclusion)

    def checkpoint(self) -> str:
        """The signed checkpoint over all entries."""
        head = checkpoint.Checkpoint(self.identity.origin, self.size(), merkle.root_of(self._leaves()))
        return checkpoint.sign(head, LEDGER_KEY)

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
