"""Documents made to fool or to exhaust a verifier: by canonicalization, contexts, signatures, and what they point at."""

import base64
import json
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

import schemas
from registry.credential import status
from registry.credential.cryptosuites import ECDSA_JCS_2019, EDDSA_JCS_2022, EDDSA_RDFC_2022
from registry.credential.rdf.bounded import Bounded
from registry.encoding.base58 import base58, unbase58
from registry.foreign.fetcher import GuardedFetcher
from registry.foreign.finding import FAILED, INDETERMINATE, PASSED
from registry.foreign.verify import ForeignResult, ForeignVerifier
from tests.builders.stranger import (
    AT,
    KEY,
    P256_KEY,
    SUITES,
    WEB,
    altered,
    did_document,
    draft,
    entry,
    method,
    serving,
    signed,
    status_list,
)
from tests.builders.strangers_server import PUBLIC, reply, stranger
from tests.mutations.bits import plus_order

#: seconds of this process's own time: a hundred times what an honest credential takes
WATCHDOG = 5.0


def judged(document: dict[str, Any]) -> ForeignResult:
    """What is found, soon enough."""
    started = time.process_time()
    result = ForeignVerifier().credential(document, AT)
    assert time.process_time() - started < WATCHDOG
    return result


def unproven(document: dict[str, Any], suite: str = "eddsa-rdfc-2022") -> dict[str, Any]:
    """The document under a proof that nobody could have made, so that all the work must be done to see it."""
    made = {"type": "DataIntegrityProof", "cryptosuite": suite, "verificationMethod": method(KEY)}
    return {**document, "proof": {**made, "proofPurpose": "assertionMethod", "proofValue": "z" + base58(b"\1" * 64)}}


def poison(children: int) -> dict[str, Any]:
    """Blank nodes that only a search over all their orders tells apart."""
    vocabulary = {"one": "https://stranger.example/vocabulary#one"}
    branch = {"one": [{"one": {"type": "https://stranger.example/vocabulary#T"}} for _ in range(children)]}
    return {**draft(credentialSubject=[branch, branch]), "@context": [schemas.CREDENTIALS_V2, vocabulary]}


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"id": "urn:uuid:1"}
    for _ in range(levels):
        value = {"relatedResource": value}
    return draft(credentialSubject=value)


EXHAUSTING: dict[str, Callable[[], dict[str, Any]]] = {
    "blank nodes, 7 each": lambda: poison(7),
    "blank nodes, 9 each": lambda: poison(9),
    "deep": lambda: nested(40),
    "wide": lambda: draft(credentialSubject=[{"id": f"urn:uuid:{n}"} for n in range(6000)]),
    "many values": lambda: draft(credentialSubject={"id": "urn:uuid:1", "name": [f"n{n}" for n in range(4000)]}),
    "a context in a context in a context": lambda: {
        **draft(),
        "@context": [
            schemas.CREDENTIALS_V2,
            {f"t{n}": {"@id": f"urn:t{n}", "@context": {"u": "urn:u"}} for n in range(3000)},
        ],
    },
    "many contexts": lambda: {
        **draft(),
        "@context": [schemas.CREDENTIALS_V2, *({f"t{n}": f"urn:t{n}"} for n in range(500))],
    },
    "a context that imports": lambda: {
        **draft(),
        "@context": [schemas.CREDENTIALS_V2, {"@import": schemas.CREDENTIALS_V2}],
    },
    "a context that names another": lambda: {
        **draft(),
        "@context": [schemas.CREDENTIALS_V2, {"t": {"@id": "urn:t", "@context": "https://169.254.169.254/"}}],
    },
}


@pytest.mark.parametrize("name", EXHAUSTING)
def test_what_would_exhaust_is_refused_in_time(name: str) -> None:
    for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        assert not judged(unproven(EXHAUSTING[name](), suite)).is_verified


def test_the_document_is_canonicalized_once_however_many_proofs_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_on: list[dict[str, Any]] = []
    real = Bounded.nquads

    def counted(self: Bounded, document: dict[str, Any], *more: Any, **named: Any) -> bytes:
        worked_on.append(document)
        return real(self, document, *more, **named)

    monkeypatch.setattr(Bounded, "nquads", counted)
    document = poison(9)
    proof = unproven(document)["proof"]
    result = judged({**document, "proof": [{**proof, "id": f"urn:uuid:{n}"} for n in range(8)]})
    assert [finding.result for finding in result.about("proof")] == [FAILED] * 8
    assert len([done for done in worked_on if "credentialSubject" in done]) == 1
    too_many = judged({**document, "proof": [proof] * 9}).about("proof")
    assert [finding.problem for finding in too_many] == ["PARSING_ERROR"]


@pytest.mark.parametrize(
    "change",
    [
        lambda credential: credential["credentialSubject"].update(undefined="x"),
        lambda credential: credential["credentialSubject"].update(id="urn:x y"),
        lambda credential: credential["credentialSubject"].update(type="https://stranger.example/a b"),
        lambda credential: credential["credentialSubject"].update(
            name={"@value": "x", "@language": 'en .\n<urn:s> <urn:p> "x"'}
        ),
        lambda credential: credential["credentialSubject"].update(id="../relative"),
        lambda credential: credential["credentialSubject"].update(id="_:b0"),
        lambda credential: credential["credentialSubject"].update(description=None),
        lambda credential: credential["credentialSubject"].update({"@index": "x"}),
        lambda credential: credential["credentialSubject"].update({"@graph": []}),
        lambda credential: credential["credentialSubject"].update({"@context": {"name": "urn:other"}}),
        lambda credential: credential["credentialSubject"].update({"@reverse": {"name": "x"}}),
        lambda credential: credential.update(extra=[]),
        lambda credential: credential.update({"@context": credential["@context"] + [{"name": "urn:other"}]}),
        lambda credential: credential.update({"@context": credential["@context"] + [None]}),
        lambda credential: credential.update({"@context": credential["@context"] * 2 + ["file:///etc/passwd"]}),
        lambda credential: credential.update({"@context": credential["@context"] + ["data:application/json,{}"]}),
    ],
)
def test_what_a_reader_might_see_and_a_signature_over_meanings_does_not_cover(change: Callable[[Any], Any]) -> None:
    honest = signed(draft(), suites=(EDDSA_RDFC_2022,))
    assert judged(honest).is_verified
    assert not judged(altered(honest, change)).is_verified


def test_the_same_meaning_under_other_names_is_not_taken_for_known() -> None:
    """An rdfc proof lets the contexts be exchanged; then nobody here says what the names mean."""
    named = [schemas.CREDENTIALS_V2, {"director": "https://stranger.example/vocabulary#director"}]
    honest = signed({**draft(credentialSubject={"director": "Ann"}), "@context": named}, suites=(EDDSA_RDFC_2022,))
    renamed = altered(
        honest,
        lambda credential: credential.update(
            {"@context": [named[0], {"owner": "https://stranger.example/vocabulary#director"}]}
        ),
    )
    renamed["credentialSubject"] = {"owner": "Ann"}
    step = next(step for step in judged(renamed).verdict().steps if step.name == "proof_valid")
    assert step.result == INDETERMINATE
    by_jcs = signed({**draft(credentialSubject={"director": "Ann"}), "@context": named}, suites=(EDDSA_JCS_2022,))
    assert not judged({**renamed, "proof": by_jcs["proof"]}).is_verified


def _value(document: dict[str, Any], change: Callable[[bytes], bytes], prefix: str = "z") -> dict[str, Any]:
    proof = document["proof"][0]
    return {**document, "proof": [{**proof, "proofValue": prefix + base58(change(unbase58(proof["proofValue"][1:])))}]}


def test_a_signature_has_one_form() -> None:
    eddsa, ecdsa = (
        signed(draft(), suites=(EDDSA_JCS_2022,)),
        signed(draft(P256_KEY), P256_KEY, suites=(ECDSA_JCS_2019,)),
    )
    assert judged(_value(eddsa, bytes)).is_verified
    assert judged(_value(ecdsa, bytes)).is_verified

    def der(value: bytes) -> bytes:
        return encode_dss_signature(*(int.from_bytes(half, "big") for half in (value[:32], value[32:])))

    for broken in (
        _value(eddsa, plus_order), _value(ecdsa, der), _value(eddsa, lambda signature: signature[:-1]),
        _value(eddsa, lambda signature: signature + b"\0"),
        _value(eddsa, bytes, "u"), _value(eddsa, bytes, ""), _value(ecdsa, lambda _: bytes(64)), _value(eddsa, lambda _: b""),
    ):  # fmt: skip
        assert not judged(broken).is_verified
    for value in (None, 7, "", "z", ["z"], {}, "z0OIl"):
        assert not judged(
            altered(eddsa, lambda credential, value=value: credential["proof"][0].update(proofValue=value))
        ).is_verified


@pytest.mark.parametrize("signer", [signer for _, signer in SUITES[::2]], ids=lambda key: key.public.kind)
def test_a_key_serves_the_suites_of_its_kind_alone(signer: Any) -> None:
    document = signed(draft(signer), signer)
    for name in {suite.name for suite, _ in SUITES} - {proof["cryptosuite"] for proof in document["proof"]}:
        assert not judged(
            altered(document, lambda credential, name=name: credential["proof"][0].update(cryptosuite=name))
        ).is_verified


def test_a_list_that_inflates_beyond_measure_is_refused() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packer.compress(b"\0" * 1_000_000) for _ in range(100)]) + packer.flush()
    listed = status_list()
    listed["credentialSubject"]["encodedList"] = "u" + base64.urlsafe_b64encode(bomb).rstrip(b"=").decode()
    document = signed(draft(credentialStatus=entry(5)))
    fetch, _ = serving(list=signed(listed))
    started = time.process_time()
    result = ForeignVerifier(fetch).credential(document, AT)
    assert time.process_time() - started < WATCHDOG
    assert [finding.result for finding in result.about("credentialStatus")] == [FAILED]


def test_lists_that_lead_on_to_lists_are_not_followed() -> None:
    """A status list may itself have a status; only the list is asked for."""
    fetch, asked = serving(list=signed(status_list(credentialStatus=entry(7))))
    assert ForeignVerifier(fetch).credential(signed(draft(credentialStatus=entry(5))), AT).is_usable
    assert len(asked) == 1


def test_a_document_that_sends_us_to_many_places_is_stopped() -> None:
    urls = [f"https://stranger.example/{n}" for n in range(20)]
    fetch, asked = serving()
    statuses = [entry(5, statusListCredential=url) for url in urls]
    crowded = ForeignVerifier(fetch).credential(signed(draft(credentialStatus=statuses)), AT)
    assert (asked, [finding.result for finding in crowded.about("shape")]) == ([], [FAILED])
    named = [{"id": f"{url}/schema", "type": "JsonSchema"} for url in urls[:8]]
    unsigned = draft(credentialStatus=statuses[:8], credentialSchema=named)
    result = ForeignVerifier(fetch).credential(signed(unsigned), AT)
    assert len(asked) == 8
    assert [finding.result for finding in result.about("credentialStatus")] == [INDETERMINATE] * 8
    verifier = ForeignVerifier(fetch)
    asked.clear()
    limited = verifier.limited(1000)
    for url in range(100):
        document = signed(draft(credentialStatus=entry(5, statusListCredential=f"https://stranger.example/x{url}")))
        assert not verifier.credential(document, AT, limited).is_usable
    assert len(asked) == 32, "a batch has a limit of its own"


def test_with_the_guard_no_document_leads_into_our_own_network() -> None:
    dialled: list[str] = []

    def dial(address: str, _seconds: float) -> Any:
        dialled.append(address)
        raise ConnectionRefusedError

    inside = "https://metadata.stranger.example/latest"
    verifier = ForeignVerifier(GuardedFetcher(None, lambda *_: ["169.254.169.254"], dial))
    documents = [
        signed(draft(issuer="did:web:metadata.stranger.example"), by="did:web:metadata.stranger.example#key-1"),
        {**signed(draft(), suites=(EDDSA_JCS_2022,)), "@context": [schemas.CREDENTIALS_V2, inside]},
        signed(draft(credentialStatus=entry(5, statusListCredential=inside))),
        signed(draft(credentialSchema={"id": inside, "type": "JsonSchema"})),
        signed(draft(relatedResource={"id": inside, "digestSRI": "sha256-AA=="})),
    ]
    for document in documents:
        result = verifier.credential(document, AT)
        assert any("not public" in (finding.reason or "") for finding in result.findings), result.findings
    assert dialled == []


def test_over_a_real_connection_everything_is_found(tmp_path: Path) -> None:
    """DID document and status list from a server over TLS, with nothing between but the guard."""
    listed = signed(status_list(6, issuer=WEB), by=f"{WEB}#key-1")
    there = {"/.well-known/did.json": did_document(), "/status/1": listed}
    served = {path: reply(json.dumps(document).encode()) for path, document in there.items()}

    with stranger(tmp_path, lambda target: iter((served[target],)), datetime.now(UTC)) as server:
        verifier = ForeignVerifier(server.fetcher())
        for index, result in ((5, PASSED), (6, FAILED)):
            document = signed(draft(issuer=WEB, credentialStatus=entry(index)), by=f"{WEB}#key-1")
            answer = verifier.credential(document, AT)
            assert [finding.result for finding in answer.about("credentialStatus")] == [result]
        assert server.dialled == [PUBLIC] * 4
        served["/status/1"] = reply(b"", "Location: https://169.254.169.254/", status="302 Found")
        moved = verifier.credential(signed(draft(issuer=WEB, credentialStatus=entry(5)), by=f"{WEB}#key-1"), AT)
        assert [finding.problem for finding in moved.about("credentialStatus")] == ["STATUS_RETRIEVAL_ERROR"]
        assert not moved.is_usable


def test_the_left_most_bit_is_the_first() -> None:
    """As an encoder of others' would set it (Bitstring Status List 1.0, section 2.1.2)."""
    listed = status_list()
    listed["credentialSubject"]["encodedList"] = status.encode(b"\x80" + bytes(16_383))
    fetch, _ = serving(list=signed(listed))
    for index, value in ((0, 1), (7, 0), (131_071, 0)):
        result = ForeignVerifier(fetch).credential(signed(draft(credentialStatus=entry(index))), AT)
        assert [finding.value for finding in result.about("credentialStatus")] == [value]
