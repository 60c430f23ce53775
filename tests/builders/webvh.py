"""A did:webvh log with three rotations, and what an attacker might make of it: for our own resolver and for other people's.

Entries are hashed and signed here once more, apart from our own `webvh`, so that an attacker may sign what that would refuse.
"""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from registry.credential import did, webvh
from registry.encoding.base58 import base58
from registry.encoding.jcs import jcs
from registry.keys import Signer, SigningKey, multikey

Entry = dict[str, Any]

DID_WEB = "did:web:office.example%3A8443:issuers:im"
NOW = datetime(2026, 2, 1, tzinfo=UTC)


def key(n: int) -> SigningKey:
    """The key that signs entry n; others from 100."""
    return SigningKey(bytes([n]) * 32)


def time(n: int) -> str:
    return f"2026-01-{n:02d}T03:04:05Z"


def document(of: str, n: int) -> dict[str, Any]:
    """The document of version n: one credential key more in each."""
    keys = {f"credential-{m}": key(100 + m).public for m in range(1, n + 1)}
    return did.document(of, keys, also_known_as=[DID_WEB])


def make_log(did_web: str = DID_WEB) -> list[str]:
    """Four entries; entry n is signed by key n, which entry n - 1 committed to."""
    log = [webvh.create(document(webvh.did_of(did_web), 1), key(1), [key(2).public], time(1))]
    for n in (2, 3, 4):
        log.append(webvh.append(log, document(did_of(log), n), key(n), [key(n + 1).public], time(n)))
    return log


def did_of(log: list[str]) -> str:
    return str(json.loads(log[0])["state"]["id"])


def multihash(data: bytes) -> str:
    return base58(bytes([0x12, 32]) + sha256(data).digest())


def signed(entry: Entry, signer: Signer, **changed: str) -> Entry:
    """The entry with a proof; `changed` members of the proof are signed as they are."""
    name = multikey(signer.public)
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": entry["versionTime"],
        "verificationMethod": f"did:key:{name}#{name}",
        "proofPurpose": "assertionMethod",
        **changed,
    }
    statement = {name: value for name, value in entry.items() if name != "proof"}
    value = signer.sign(sha256(jcs(options)).digest() + sha256(jcs(statement)).digest())
    return {**statement, "proof": [{**options, "proofValue": f"z{base58(value)}"}]}


def forged(entries: list[Entry], signer: Signer, number: int = 5, **changed: Any) -> Entry:
    """A next entry whose hash and signature are right. `changed`: members of it, or of its parameters (None: left out)."""
    parameters = {
        "updateKeys": [multikey(key(5).public)],
        "nextKeyHashes": [webvh.key_hash(key(6).public)],
        **changed.pop("parameters", {}),
    }
    entry = {
        "versionId": entries[-1]["versionId"],
        "versionTime": time(5),
        "parameters": {name: value for name, value in parameters.items() if value is not None},
        "state": document(entries[0]["state"]["id"], 5),
        **changed,
    }
    return signed({**entry, "versionId": f"{number}-{multihash(jcs(entry))}"}, signer)


def begun(**parameters: Any) -> Entry:
    """A first entry by key 1 with those parameters besides or instead; `{SCID}` stands for the SCID in them too."""
    draft = {
        "versionId": "{SCID}",
        "versionTime": time(1),
        "parameters": {
            "method": "did:webvh:1.0",
            "scid": "{SCID}",
            "updateKeys": [multikey(key(1).public)],
            "nextKeyHashes": [webvh.key_hash(key(5).public)],
            **parameters,
        },
        "state": document(webvh.did_of(DID_WEB), 1),
    }
    entry = json.loads(json.dumps(draft).replace("{SCID}", multihash(jcs(draft))))
    return signed({**entry, "versionId": f"1-{multihash(jcs(entry))}"}, key(1))


def _literal_placeholder(entries: list[Entry]) -> list[Entry]:
    """A first entry that says `{SCID}` where it said its SCID hashes to that same SCID."""
    first = copy.deepcopy(entries[0])
    scid = first["parameters"]["scid"]
    first["state"]["assertionMethod"][0] = first["state"]["assertionMethod"][0].replace(scid, "{SCID}")
    first["versionId"] = scid
    del first["proof"]
    return [signed({**first, "versionId": f"1-{multihash(jcs(first))}"}, key(1))]


def _other_log(entries: list[Entry]) -> list[Entry]:
    """Somebody else's log in the place of ours."""
    return [json.loads(webvh.create(document(webvh.did_of(DID_WEB), 1), key(101), [key(102).public], time(1)))]


def _changed(index: int, change: Callable[[Entry], object]) -> Callable[[list[Entry]], list[Entry]]:
    def forge(entries: list[Entry]) -> list[Entry]:
        altered = copy.deepcopy(entries)
        change(altered[index])
        return altered

    return forge


def _add(signer: SigningKey, **changed: Any) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [*entries, forged(entries, signer, **copy.deepcopy(changed))]


def _moved(entries: list[Entry], old: str, new: str) -> list[Entry]:
    state = json.loads(json.dumps(document(entries[0]["state"]["id"], 5)).replace(old, new))
    return [*entries, forged(entries, key(5), state=state)]


def _resigned(**options: str) -> Callable[[list[Entry]], list[Entry]]:
    return lambda entries: [*entries, signed(forged(entries, key(5)), key(5), **options)]


def _mix_proofs(entries: list[Entry]) -> list[Entry]:
    return [*entries[:3], {**entries[3], "proof": entries[2]["proof"]}]


_NAMES = {n: multikey(key(n).public) for n in (1, 4, 5, 101)}

#: name -> what becomes of the entries, and the code that our resolver answers
FORGERIES: dict[str, tuple[Callable[[list[Entry]], list[Entry]], str]] = {
    "first_document_changed": (_changed(0, lambda entry: entry["state"]["assertionMethod"].pop()), "webvh_scid"),
    "first_keys_changed": (
        _changed(0, lambda entry: entry["parameters"].update(updateKeys=[_NAMES[101]])),
        "webvh_scid",
    ),
    "first_time_changed": (_changed(0, lambda entry: entry.update(versionTime=time(2))), "webvh_scid"),
    "first_hash_changed": (
        _changed(0, lambda entry: entry.update(versionId="1-" + entry["versionId"][2:][::-1])),
        "webvh_hash",
    ),
    "literal_placeholder": (_literal_placeholder, "webvh_scid"),
    "other_log": (_other_log, "webvh_scid"),
    "document_changed": (_changed(2, lambda entry: entry["state"]["assertionMethod"].pop()), "webvh_hash"),
    "keys_changed": (_changed(2, lambda entry: entry["parameters"].update(updateKeys=[_NAMES[101]])), "webvh_hash"),
    "time_changed": (_changed(2, lambda entry: entry.update(versionTime="2026-01-03T04:04:05Z")), "webvh_hash"),
    "proof_of_another_entry": (_mix_proofs, "webvh_proof"),
    "proof_value_changed": (
        _changed(3, lambda entry: entry["proof"][0].update(proofValue=f"z{base58(bytes(64))}")),
        "webvh_proof",
    ),
    "no_proof": (_changed(3, lambda entry: entry.update(proof=[])), "proof"),
    "entry_left_out": (lambda entries: [entries[0], *entries[2:]], "webvh_hash"),
    "entries_swapped": (lambda entries: [entries[0], entries[2], entries[1], entries[3]], "webvh_hash"),
    "entry_twice": (lambda entries: [*entries, entries[3]], "webvh_hash"),
    "number_left_out": (_add(key(5), number=6), "webvh_hash"),
    "spent_key": (_add(key(4), parameters={"updateKeys": [_NAMES[4]]}), "webvh_keys"),
    "first_key": (_add(key(1), parameters={"updateKeys": [_NAMES[1]]}), "webvh_keys"),
    "keys_inherited": (_add(key(4), parameters={"updateKeys": None}), "webvh_keys"),
    "next_hashes_inherited": (_add(key(5), parameters={"nextKeyHashes": None}), "webvh_keys"),
    "key_added": (_add(key(5), parameters={"updateKeys": [_NAMES[5], _NAMES[101]]}), "webvh_keys"),
    "strange_signer": (_add(key(101)), "webvh_proof"),
    "other_cryptosuite": (_resigned(cryptosuite="eddsa-rdfc-2022"), "webvh_proof"),
    "other_purpose": (_resigned(proofPurpose="authentication"), "webvh_proof"),
    "other_type": (_resigned(type="Ed25519Signature2020"), "webvh_proof"),
    "same_time": (_add(key(5), versionTime=time(4)), "webvh_time"),
    "time_to_come": (_add(key(5), versionTime="2999-01-01T00:00:00Z"), "webvh_time"),
    "time_without_zone": (_add(key(5), versionTime="2026-01-05T03:04:05"), "webvh_time"),
    "time_elsewhere": (_add(key(5), versionTime="2026-01-05T03:04:05+05:00"), "webvh_time"),
    "no_moment": (_add(key(5), versionTime="2026-01-32T03:04:05Z"), "webvh_time"),
    "moved": (lambda entries: _moved(entries, "office.example", "attacker.example"), "webvh_did"),
    "scid_changed": (lambda entries: _moved(entries, "did:webvh:Qm", "did:webvh:Qn"), "did_webvh"),
    "other_scid": (lambda entries: _moved(entries, entries[0]["parameters"]["scid"], multihash(b"")), "webvh_did"),
    "portable_later": (_add(key(5), parameters={"portable": True}), "webvh_parameters"),
    "scid_again": (_add(key(5), parameters={"scid": multihash(b"")}), "webvh_parameters"),
    "other_method": (_add(key(5), parameters={"method": "did:webvh:99.0"}), "webvh_parameters"),
    "unknown_parameter": (_add(key(5), parameters={"trust": "me"}), "webvh_parameters"),
    "witnesses": (
        _add(key(5), parameters={"witness": {"threshold": 1, "witnesses": [{"id": f"did:key:{_NAMES[101]}"}]}}),
        "webvh_witness",
    ),
}
