"""A ledger made by hand for the vectors: any document, any entry, at any time, all truly signed.

The real office makes nothing of what stands here: entries with times of their own, lists of every form, erasures of what is
still shown, keys of every kind. The forms are those of the registry; `Ledger.evidence_of` is what an honest office would show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

import schemas
from registry.credential import did, proof
from registry.credential.document import canonicalize_ours
from registry.credential.identity import Identity
from registry.keys import EcdsaKey, Signer, SigningKey, multikey, secret_of
from registry.log import checkpoint, cosignature, entry, map_log, map_tree, merkle, note, proof_text
from registry.verify import evidence, later, latest
from registry.verify.completeness import Completeness, Included
from registry.verify.trust import context_digest
from schemas.organization import Event, Name, State, to_subject

Json = dict[str, Any]
IDENTITY = Identity("http://localhost:8000", "localhost:8000")
DID = IDENTITY.issuer_did("sample")
LEDGER_KEY, INDEX_KEY = SigningKey(b"\x11" * 32), SigningKey(b"\x12" * 32)
#: by the fragment of their ids; what stands before the dash is their use
KEYS: dict[str, Signer] = {
    "credential-1": SigningKey(b"\x13" * 32),
    "credential-2": EcdsaKey("P-256", secret_of("P-256", b"\x14" * 32)),
    "credential-3": EcdsaKey("P-384", secret_of("P-384", b"\x15" * 32)),
    "status-1": SigningKey(b"\x16" * 32),
    "status-2": EcdsaKey("P-256", secret_of("P-256", b"\x17" * 32)),
}
WITNESSES = {f"w{n}": SigningKey(bytes([0x20 + n]) * 32) for n in range(1, 8)}
CREATED = "2025-01-01T00:00:00Z"
REVOCATION, SUSPENSION = (IDENTITY.status_list_id(purpose, "sample", 1) for purpose in ("revocation", "suspension"))


def seconds_of(text: str) -> int:
    """POSIX seconds of a time."""
    return int(datetime.fromisoformat(text).timestamp())


def signed(document: Json, *keys: str, created: str = CREATED) -> Json:
    """The document with the proofs of these keys, in their order."""
    proofs: list[Json] = []
    for name in keys:
        canonicalize = canonicalize_ours(IDENTITY.context_url)
        proofs += proof.sign(document, KEYS[name], f"{DID}#{name}", created, canonicalize)["proof"]
    return {**document, "proof": proofs}


def unsigned(number: str, effective: str | None, *, n: int = 1, place: str = "7") -> Json:
    """A registration without proof, revocable and suspendable at that place; it names the suspension list first."""
    name = f"MADE BY HAND {number} LTD."
    event = Event("FILE", str(n), "ICORP", effective)
    state = State(
        register="sample",
        number=number,
        entity_type="BC",
        legal_name=name,
        status="Active",
        register_status="ACT",
        jurisdiction="CA-BC",
        names=(Name(name, "legal"),),
        event=event,
    )
    credential_id = IDENTITY.credential_id("sample", number, n)
    return {
        "@context": [schemas.CREDENTIALS_V2, IDENTITY.context_url],
        "id": credential_id,
        "type": ["VerifiableCredential", schemas.REGISTRATION],
        "issuer": {"id": DID, "name": "Sample register"},
        "validFrom": CREATED,
        "credentialSubject": to_subject(state, IDENTITY.base_url, credential_id),
        "credentialSchema": {"id": IDENTITY.schema_url("organization/v1"), "type": "JsonSchema"},
        "credentialStatus": [
            {
                "id": f"{url}#{place}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": purpose,
                "statusListIndex": place,
                "statusListCredential": url,
            }
            for purpose, url in (("suspension", SUSPENSION), ("revocation", REVOCATION))
        ],
    }


def unsigned_list(url: str, encoded: str) -> Json:
    """A status list without proof, of that id."""
    return {
        "@context": [schemas.CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": {"id": DID, "name": "Sample register"},
        "validFrom": CREATED,
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "suspension" if url == SUSPENSION else "revocation",
            "encodedList": encoded,
        },
    }


@dataclass(frozen=True)
class _Line:
    """An entry as it stands: its bytes, what it commits to, and the key of the map under which it counts."""

    own: entry.Entry
    data: bytes
    document: Json
    salt: bytes
    key: bytes | None


class Ledger:
    """Entries in their order, one head over all of them, and the map of it; complete before anything is shown."""

    def __init__(self) -> None:
        self._lines: list[_Line] = []

    def log_keys(self, time: str, document: Json | None = None) -> int:
        """A DID document of the issuer, by default with every key; its index."""
        document = document or did_document(*KEYS)
        return self._log(time, document, None, kind="key", issuer=DID)

    def log_list(self, time: str, url: str, encoded: str, key: str = "status-1") -> int:
        """A version of a status list, signed by that key; its index."""
        members = {"key": f"{DID}#{key}", "type": "BitstringStatusListCredential", "reason": "opened"}
        document = signed(unsigned_list(url, encoded), key)
        return self._log(time, document, map_log.list_key(url), kind="status", issuer=DID, **members)

    def log_credential(self, time: str, document: Json, **members: Any) -> int:
        """A signed credential; `members`: of its entry, by default those of an issue entry that fits it."""
        claims = document["credentialSubject"]
        org = f"{claims['register']}:{claims['registrationNumber']}"
        own = {
            "kind": "issue",
            "org": org,
            "issuer": DID,
            "key": document["proof"][0]["verificationMethod"],
            "type": document["type"][1],
            "effective": claims["registrationEvent"].get("eventDate"),
            **members,
        }
        return self._log(time, document, map_log.organization_key(org), **own)

    def log_erasure(self, time: str, number: str, *refers: int) -> int:
        """The erasure of an organization's states."""
        org = f"sample:{number}"
        key = map_log.organization_key(org)
        return self._log(time, {}, key, kind="erase", org=org, reason="court_order", refers=refers)

    def _log(self, time: str, document: Json, place: bytes | None, **members: Any) -> int:
        index = len(self._lines)
        salt = sha256(b"handmade %d" % index).digest()
        prev = merkle.leaf_hash(self._lines[-1].data).hex() if self._lines else "0" * 64
        commitment = entry.commitment(salt, document) if document else None
        own = entry.Entry(index, 1000 * seconds_of(time), prev, commitment=commitment, **members)
        self._lines.append(_Line(own, own.print(), document, salt, place))
        return index

    # --- the head, and what is shown of it

    @property
    def head(self) -> checkpoint.Checkpoint:
        """The checkpoint over all entries."""
        return checkpoint.Checkpoint(IDENTITY.origin, len(self._lines), merkle.root_of(self._leaves()))

    def signed_head(self, *cosigned: tuple[str, str]) -> str:
        """The signed checkpoint; `cosigned`: (witness, time)."""
        return with_cosignatures(checkpoint.sign(self.head, LEDGER_KEY), *cosigned)

    def evidence_of(
        self,
        index: int,
        *,
        lists: tuple[int | None, int | None],
        head: str,
        keys: int = 0,
        map_cosigned: Sequence[tuple[str, str]] = (),
    ) -> Json:
        """The evidence file on that entry's credential; `lists`: of revocation and suspension, that it carries."""
        own = self._lines[index]
        after = [line for line in self._lines[index + 1 :] if line.key == own.key]
        carried = [None if place is None else self.logged(place, head) for place in lists]
        newest = {
            name: self._newest(self._newest_under(logged), head)
            for name, logged in zip(latest.LISTS.values(), carried, strict=True)
            if logged is not None
        }
        state = self._newest(index, head)
        if after:
            state = replace(state, n=self._before(index))
        return evidence.Evidence(
            origin=IDENTITY.origin,
            credential=self.logged(index, head),
            status_list=carried[0],
            suspension_list=carried[1],
            issuer_keys=self.logged(keys, head),
            latest=latest.Latest(
                self._map_root(), self._map_proof(*map_cosigned), {latest.ORGANIZATION: state, **newest}
            ),
            org_salt=None,
            later=tuple(later.Later(line.own, line.data) for line in after) if after else None,
        ).to_json()

    def completeness_of(self, number: str, head: str) -> Json:
        """The completeness file of that number."""
        key = map_log.organization_key(f"sample:{number}")
        places = [place for place, line in enumerate(self._lines) if line.key == key]
        return Completeness(
            origin=IDENTITY.origin,
            register="sample",
            number=number,
            signed=head,
            map_root=self._map_root(),
            proof=self._map_proof(),
            path=self._way(key).path,
            other=None,
            entries=tuple(
                Included(self._lines[place].own, self._lines[place].data, tuple(self._path(place))) for place in places
            ),
        ).to_json()

    def logged(self, index: int, head: str) -> evidence.Logged:
        """The document of that entry, and the proof of it under the signed head."""
        line = self._lines[index]
        shown = proof_text.TlogProof(index, tuple(self._path(index)), head)
        return evidence.Logged(line.document, line.own, line.data, line.salt, shown)

    def _leaves(self) -> list[bytes]:
        return [merkle.leaf_hash(line.data) for line in self._lines]

    def _path(self, index: int) -> list[bytes]:
        leaves = self._leaves()

        def subtree(level: int, n: int) -> bytes:
            return merkle.root_of(leaves[n << level : (n + 1) << level])

        return merkle.inclusion_proof(index, len(leaves), subtree)

    def _newest_under(self, logged: evidence.Logged) -> int:
        key = self._lines[logged.entry.index].key
        return max(place for place, line in enumerate(self._lines) if line.key == key)

    def _before(self, index: int) -> int:
        return sum(line.key == self._lines[index].key for line in self._lines[:index])

    def _newest(self, index: int, head: str) -> latest.Newest:
        line = self._lines[index]
        assert line.key is not None
        frontier = merkle.Frontier()
        for place, other in enumerate(self._lines[:index]):
            if other.key == line.key:
                frontier.append(map_log.mini_leaf(place, merkle.leaf_hash(other.data)))
        return latest.Newest(index, merkle.leaf_hash(line.data), b"".join(frontier.hashes), self._way(line.key).path)

    def _map(self) -> map_tree.Updated:
        values: dict[bytes, list[tuple[int, bytes]]] = {}
        for place, line in enumerate(self._lines):
            if line.key is not None:
                values.setdefault(line.key, []).append((place, merkle.leaf_hash(line.data)))
        changes = {key: map_log.value_of(own) for key, own in values.items()}
        return map_tree.update(_no_node, map_tree.NOTHING, changes, 1)

    def _way(self, key: bytes) -> map_tree.Way:
        made = self._map()
        return map_tree.find(made.made.__getitem__, made.root_id, key)

    def _map_root(self) -> map_log.MapRoot:
        return map_log.MapRoot(self._map().root, self.signed_head())

    def _map_proof(self, *cosigned: tuple[str, str]) -> proof_text.TlogProof:
        root = merkle.leaf_hash(self._map_root().print())
        head = checkpoint.Checkpoint(map_log.index_origin(IDENTITY.origin), 1, root)
        return proof_text.TlogProof(0, (), with_cosignatures(checkpoint.sign(head, INDEX_KEY), *cosigned))


def _no_node(_id: int) -> map_tree.Node:
    raise KeyError("the map begins empty")


def with_cosignatures(text: str, *cosigned: tuple[str, str]) -> str:
    """The signed note with a line of each (witness, time)."""
    body = note.parse(text).text
    lines = [cosignature.make(body, name_of(name), WITNESSES[name], seconds_of(time)) for name, time in cosigned]
    return text + "".join(f"{line.line()}\n" for line in lines)


def name_of(witness: str) -> str:
    """The name under which a witness cosigns."""
    return f"witness.example/{witness}"


def did_document(*names: str) -> Json:
    """The issuer's DID document with those keys, as Multikeys alone."""
    document = did.document(DID, {name: KEYS[name].public for name in names})
    methods = [method for method in document["verificationMethod"] if method["type"] == "Multikey"]
    return {"id": DID, "verificationMethod": methods}


def policy(quorum: str, *witnesses: str, logs: Sequence[str] = (), groups: str = "") -> str:
    """A policy with those witnesses; `logs`: verifier keys that it names; `groups`: lines."""
    lines = "".join(f"log {vkey}\n" for vkey in logs)
    for name in witnesses:
        lines += f"witness {name} {cosignature.verifier_key(name_of(name), WITNESSES[name].public).print()}\n"
    return f"{lines}{groups}quorum {quorum}\n"


def trust(witness_policy: str, *, is_current: bool = True) -> Json:
    """The trust file."""
    vkey = note.VerifierKey(IDENTITY.origin, LEDGER_KEY.public.raw).print()
    index = note.VerifierKey(map_log.index_origin(IDENTITY.origin), INDEX_KEY.public.raw).print()
    keys = [
        {"id": f"{DID}#{name}", "publicKeyMultibase": multikey(key.public), "use": name.split("-")[0]}
        for name, key in KEYS.items()
    ]
    return {
        "v": 1,
        "origin": IDENTITY.origin,
        "genesisKey": vkey,
        "ledgerKeys": [vkey],
        "indexKeys": [index],
        "issuers": [{"did": DID, "registers": ["sample"], "keys": keys}],
        "contexts": {
            schemas.CREDENTIALS_V2: context_digest("credentials/v2"),
            **{url: context_digest(name) for name, url in IDENTITY.context_urls.items()},
        },
        "witnessPolicy": witness_policy,
        "require": {"current": is_current},
    }


def other_index_key() -> str:
    """The verifier key, behind its name, of a log that is called as the map's and is not it."""
    name = map_log.index_origin(IDENTITY.origin)
    return note.VerifierKey(name, LEDGER_KEY.public.raw).print().removeprefix(f"{name}+")
