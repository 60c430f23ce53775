"""Rows about a good client while others post documents made to be dear.

Each request is read and judged as the routes do it. Called by `bench.py`.
"""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bench_rows import say

from registry.credential import proof
from registry.encoding import strict_json
from registry.errors import Malformed
from registry.foreign.contexts import Contexts
from registry.foreign.retrieval import no_fetch
from registry.foreign.verify import BUNDLED
from registry.installation.office import Office
from registry.keys import SigningKey, multikey
from search.verify.judge import PostedVerifier
from search.verify.pool import VerifierPool
from search.verify.worker import open_posted
from tests.mutations.rdf_poison import POISON

POISONERS = 2
SECONDS = 4.0
Judge = Callable[[list[dict[str, Any]], datetime], list[dict[str, Any]]]


def say_poisoned(office: Office) -> None:
    """Every row."""
    first = next(item for item in office.reader.records(0, 100) if item.n is not None)
    record = office.reader.organization(str(first.register), str(first.number))[-1]
    own = json.dumps(office.reader.evidence(str(record.register), str(record.number), record.n or 0)).encode()
    documents = {"evidence": own, "a stranger's credential": json.dumps(_of_a_stranger()).encode()}
    pool = VerifierPool(office.reader, partial(open_posted, office.settings))
    here = PostedVerifier(office.reader)
    try:
        for name, document in documents.items():
            alone = f"good client, {name}, alone, p99"
            say(alone, _p99(pool.judge, document, 0), "ms", alone)
            say(f"good client, {name}, two poisoners, p99", _p99(pool.judge, document, POISONERS), "ms", alone)
            name_alone = f"good client, {name}, two poisoners, all in one process, p99"
            say(name_alone, _p99(here.judge, document, POISONERS), "ms", alone)
    finally:
        pool.close()


def _of_a_stranger() -> dict[str, Any]:
    signer = SigningKey(b"\x07" * 32)
    name = multikey(signer.public)
    draft = {
        "@context": list(BUNDLED),
        "type": ["VerifiableCredential"],
        "issuer": f"did:key:{name}",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject", "name": "Somebody"},
    }
    canonicalize = Contexts(BUNDLED).reading(draft, no_fetch).canonicalize
    return proof.sign(draft, signer, f"did:key:{name}#{name}", "2026-01-01T00:00:00Z", canonicalize)


def _p99(judge: Judge, document: bytes, poisoners: int) -> float:
    """Milliseconds within which 99 of 100 requests of one client are answered."""
    poison = [json.dumps(_claiming(item)).encode() for item in POISON.values() if _is_read(item)]
    done = threading.Event()

    def posted(body: bytes) -> str:
        verdict: str = judge([strict_json.parse_object(body)], datetime.now(UTC))[0]["verdict"]
        return verdict

    def press(start: int) -> None:
        place = start
        while not done.is_set():
            assert posted(poison[place % len(poison)]) != "verified"
            place += 1

    expected = posted(document)
    assert expected != "failed"
    pressing = [threading.Thread(target=press, args=(17 * n,)) for n in range(poisoners)]
    for item in pressing:
        item.start()
    took = []
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            start = time.perf_counter()
            assert posted(document) == expected
            took.append(time.perf_counter() - start)
            time.sleep(0.005)
    finally:
        done.set()
        for item in pressing:
            item.join()
    return sorted(took)[len(took) * 99 // 100] * 1000


def _is_read(document: dict[str, Any]) -> bool:
    """Whether it comes past the reader of JSON."""
    try:
        strict_json.parse_object(json.dumps(_claiming(document)))
    except Malformed:
        return False
    return True


def _claiming(document: dict[str, Any]) -> dict[str, Any]:
    """The poison with a claim and a proof, so that it is not refused for its shape."""
    proof_of_nothing = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z2"}
    claims = {"id": "did:example:subject", "name": "x", "urn:x:holds": document.get("credentialSubject", "x")}
    return {"proof": proof_of_nothing, **document, "credentialSubject": claims}
