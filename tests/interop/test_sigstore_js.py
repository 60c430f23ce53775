"""@sigstore/verify (npm), the code by which the npm command believes a log, takes our checkpoints and inclusion proofs."""

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.log import note
from registry.log.merkle import inclusion_proof
from tests.builders.grown_log import GrownLog
from tests.interop.peers import node
from tests.mutations.bits import flip_base64

PROOFS = 200
Asked = dict[str, Any]


def asked(log: GrownLog, index: int, size: int | None = None) -> Asked:
    """One entry with its proof, under the checkpoint of that size or the current one, as the command is given it."""
    size = size or log.size
    hashes = inclusion_proof(index, size, log.subtree())
    return {
        "index": str(index),
        "hashes": [base64.b64encode(value).decode() for value in hashes],
        "checkpoint": log.checkpoints[size],
        "body": base64.b64encode(log.entry(index)).decode(),
    }


def judged(key: note.VerifierKey, entries: list[Asked]) -> list[dict[str, Any]]:
    spki = Ed25519PublicKey.from_public_bytes(key.public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    request = {
        "name": key.name,
        "keyId": base64.b64encode(key.key_id + bytes(28)).decode(),
        "publicKey": base64.b64encode(spki).decode(),
        "entries": entries,
    }
    return list(node("log-verify.mjs", request))


def test_every_proof_is_accepted(log: GrownLog) -> None:
    indexes = [0, log.size - 1, *Random(11).sample(range(log.size), PROOFS)]
    answers = judged(log.key, [asked(log, index) for index in indexes])
    assert answers == [{"size": log.size, "reason": None}] * len(indexes)


def test_growth_is_accepted(log: GrownLog) -> None:
    sizes = sorted(log.checkpoints)
    answers = judged(log.key, [asked(log, index, size) for size in sizes for index in (0, 256, size - 1)])
    assert answers == [{"size": size, "reason": None} for size in sizes for _ in range(3)]


def line_of(text: str) -> str:
    return text.rpartition("\n\n")[2]


#: what is changed -> changes it; the second is the fork's current checkpoint
FORGERIES: dict[str, Callable[[Asked, str], Asked]] = {
    "the entry": lambda case, _: {**case, "body": flip_base64(case["body"], -72)},
    "a hash": lambda case, _: {**case, "hashes": [flip_base64(case["hashes"][0], -72), *case["hashes"][1:]]},
    "a hash too few": lambda case, _: {**case, "hashes": case["hashes"][:-1]},
    "a hash too many": lambda case, _: {**case, "hashes": [*case["hashes"], case["hashes"][0]]},
    "the index": lambda case, _: {**case, "index": str(int(case["index"]) ^ 1)},
    "an index beyond the end": lambda case, _: {**case, "index": "66049"},
    "the size": lambda case, _: {**case, "checkpoint": case["checkpoint"].replace("\n66049\n", "\n66050\n")},
    "the origin": lambda case, _: {**case, "checkpoint": "x" + case["checkpoint"]},
    "the fork's checkpoint": lambda case, fork: {**case, "checkpoint": fork},
    "the fork's head": lambda case, fork: {
        **case,
        "checkpoint": note.parse(fork).text + "\n" + line_of(case["checkpoint"]),
    },
    "no signature": lambda case, _: {**case, "checkpoint": note.parse(case["checkpoint"]).text + "\n"},
}


def test_forgeries_are_refused(log: GrownLog, fork: GrownLog) -> None:
    whole = asked(log, 1000)
    forged = [forge(json.loads(json.dumps(whole)), fork.current) for forge in FORGERIES.values()]
    answers = judged(log.key, [whole, *forged])
    assert answers[0]["reason"] is None, "the control"
    assert [name for name, answer in zip(FORGERIES, answers[1:], strict=True) if answer["reason"] is None] == []


def test_a_strangers_key_is_refused(log: GrownLog) -> None:
    stranger = note.VerifierKey(log.key.name, bytes(31) + b"\x01")
    assert judged(stranger, [asked(log, 0)])[0]["reason"] == "invalid checkpoint signature"
