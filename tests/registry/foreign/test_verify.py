"""Strangers' credentials: what holds is found to hold, and each single thing that does not turns the verdict."""

from typing import Any

import pytest

import schemas
from registry.credential import status
from registry.credential.cryptosuites import EDDSA_JCS_2022, EDDSA_RDFC_2022, Cryptosuite
from registry.foreign.finding import FAILED, INDETERMINATE, PASSED, Finding
from registry.foreign.retrieval import Fetch, no_fetch
from registry.foreign.verify import ForeignResult, ForeignVerifier
from registry.keys import Signer
from tests.builders.stranger import (
    AT,
    KEY,
    LIST_URL,
    MADE,
    OTHER_KEY,
    SCHEMA_URL,
    SUITES,
    WEB,
    altered,
    did_document,
    did_key,
    draft,
    entry,
    method,
    serving,
    signed,
    signed_with,
    status_list,
)

GOOD_SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["credentialSubject"]}


def result_of(document: Any, fetch: Fetch = no_fetch) -> ForeignResult:
    return ForeignVerifier(fetch).credential(document, AT)


def results(result: ForeignResult) -> dict[str, str]:
    """The worst result about each member."""
    order = [PASSED, INDETERMINATE, FAILED]
    worst: dict[str, str] = {}
    for finding in result.findings:
        worst[finding.about] = max(worst.get(finding.about, PASSED), finding.result, key=order.index)
    return worst


def steps(result: ForeignResult) -> dict[str, str]:
    return {step.name: step.result for step in result.verdict().steps}


@pytest.mark.parametrize(("suite", "signer"), SUITES, ids=lambda value: getattr(value, "name", ""))
def test_each_suite_and_curve_holds_by_did_key(suite: Cryptosuite, signer: Signer) -> None:
    document = signed(draft(signer), signer, suites=(suite,))
    for made in (document, {**document, "proof": document["proof"][0]}):
        result = result_of(made)
        assert set(results(result).values()) == {PASSED}, result.findings
        assert result.is_verified
        assert result.is_usable
    tampered = result_of(
        altered(document, lambda credential: credential["credentialSubject"].update(name="Somebody else"))
    )
    assert (results(tampered)["proof"], tampered.is_verified) == (FAILED, False)


def test_the_verdict_is_indeterminate_at_most_and_asks_nothing_of_the_ledger() -> None:
    result = result_of(signed(draft()))
    assert result.verdict().verdict == "indeterminate"
    assert steps(result) == {
        "well_formed": "passed",
        "issuer_trusted": "indeterminate",
        "proof_valid": "passed",
        "in_validity": "passed",
        **dict.fromkeys(
            ("checkpoint_signed", "witnessed", "entry_matches", "included", "not_revoked", "current"), "not_asked"
        ),
    }


def test_did_web_holds_where_fetching_is_on_and_is_unknown_where_it_is_off() -> None:
    document = signed(draft(issuer=WEB), by=f"{WEB}#key-1")
    fetch, asked = serving(did=did_document())
    assert result_of(document, fetch).is_verified
    assert asked == ["https://stranger.example/.well-known/did.json"], "each place is asked once"
    off = result_of(document)
    assert (results(off)["proof"], results(off)["issuer"], off.is_verified) == (INDETERMINATE, INDETERMINATE, False)
    assert steps(off)["proof_valid"] == "indeterminate"
    assert not result_of(document, serving(did=did_document(OTHER_KEY))[0]).is_verified


def everything() -> tuple[dict[str, Any], dict[str, Any]]:
    """A draft that has all that can be checked, and what lies elsewhere for it."""
    schema = {"id": SCHEMA_URL, "type": "JsonSchema"}
    document = draft(
        issuer=WEB, validUntil="2026-02-01T00:00:00Z", credentialStatus=[entry(5)], credentialSchema=schema
    )
    there = {
        "did": did_document(),
        "list": signed(status_list(6, issuer=WEB), by=f"{WEB}#key-1"),
        "schema": GOOD_SCHEMA,
    }
    return document, there


def with_all(document: dict[str, Any], **there: Any) -> ForeignResult:
    """The result for that draft, signed, with something else than usual elsewhere (None: nothing)."""
    served = {name: value for name, value in {**everything()[1], **there}.items() if value is not None}
    return result_of(signed(document, by=f"{WEB}#key-1"), serving(**served)[0])


def test_everything_at_once_holds() -> None:
    result = with_all(everything()[0])
    assert set(results(result)) == {
        "shape", "context", "proof", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema",
    }  # fmt: skip
    assert set(results(result).values()) == {PASSED}
    assert [finding.value for finding in result.about("credentialStatus")] == [0]
    assert steps(result)["not_revoked"] == "passed"
    assert result.is_usable


def _broken_list(**members: Any) -> dict[str, Any]:
    return signed(status_list(6, issuer=WEB, **members), by=f"{WEB}#key-1")


def _short_list() -> dict[str, Any]:
    short = status_list(issuer=WEB)
    short["credentialSubject"]["encodedList"] = status.encode(bytes(8192))
    return signed(short, by=f"{WEB}#key-1")


#: (the member that alone is wrong, the step that fails, changes to the draft, what lies elsewhere)
SINGLE: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("validFrom", "in_validity", {"validFrom": "2026-01-02T03:05:06Z"}, {}),
    ("validUntil", "in_validity", {"validUntil": "2026-01-02T03:04:04Z"}, {}),
    ("issuer", "proof_valid", {"issuer": "did:web:somebody.example"}, {}),
    ("issuer", "proof_valid", {"issuer": did_key(KEY)}, {}),
    ("proof", "proof_valid", {}, {"did": did_document(OTHER_KEY)}),
    ("proof", "proof_valid", {}, {"did": did_document(assertionMethod=[])}),
    ("credentialSchema", "proof_valid", {}, {"schema": {**GOOD_SCHEMA, "required": ["evidence"]}}),
    ("credentialStatus", "not_revoked", {"credentialStatus": [entry(6)]}, {}),
    ("credentialStatus", "not_revoked", {"credentialStatus": [entry(5), entry(6)]}, {}),
    ("credentialStatus", "not_revoked", {"credentialStatus": entry(131_072)}, {}),
    ("credentialStatus", "not_revoked", {"credentialStatus": entry(5, "suspension")}, {}),
    ("credentialStatus", "not_revoked", {"credentialStatus": entry(5, statusListIndex="05")}, {}),
    ("credentialStatus", "not_revoked", {}, {"list": status_list(issuer=WEB)}),
    ("credentialStatus", "not_revoked", {}, {"list": signed(status_list())}),
    ("credentialStatus", "not_revoked", {}, {"list": signed(status_list(issuer=WEB))}),
    ("credentialStatus", "not_revoked", {}, {"list": signed(status_list(issuer=WEB), OTHER_KEY, by=f"{WEB}#key-1")}),
    ("credentialStatus", "not_revoked", {}, {"list": _broken_list(id="https://stranger.example/status/2")}),
    ("credentialStatus", "not_revoked", {}, {"list": _broken_list(validUntil="2026-01-02T03:04:04Z")}),
    ("credentialStatus", "not_revoked", {}, {"list": _broken_list(validFrom="2026-03-02T03:04:04Z")}),
    ("credentialStatus", "not_revoked", {}, {"list": _broken_list(type=["VerifiableCredential"])}),
    ("credentialStatus", "not_revoked", {}, {"list": _short_list()}),
    ("credentialStatus", "not_revoked", {}, {"list": b"[]"}),
]  # fmt: skip


@pytest.mark.parametrize(("about", "step", "members", "there"), SINGLE)
def test_each_single_check_that_fails_turns_the_verdict(
    about: str, step: str, members: dict[str, Any], there: dict[str, Any]
) -> None:
    result = with_all({**everything()[0], **members}, **there)
    assert results(result)[about] == FAILED, result.findings
    assert steps(result)[step] == "failed"
    assert result.verdict().verdict == "failed"
    assert not result.is_usable
    assert result.is_verified == (about in ("validFrom", "validUntil")), "a period is a warning, all else an error"


@pytest.mark.parametrize(("missing", "about"), [("list", "credentialStatus"), ("schema", "credentialSchema")])
def test_what_was_not_had_is_never_taken_for_good(missing: str, about: str) -> None:
    result = with_all(everything()[0], **{missing: None})
    assert results(result)[about] == INDETERMINATE
    step = "not_revoked" if about == "credentialStatus" else "proof_valid"
    assert steps(result)[step] == "indeterminate"
    assert result.is_usable == (about != "credentialStatus")


def test_nothing_is_fetched_for_a_credential_whose_proof_does_not_hold() -> None:
    document = draft(credentialStatus=entry(5), credentialSchema={"id": SCHEMA_URL, "type": "JsonSchema"})
    fetch, asked = serving(list=signed(status_list()), schema=GOOD_SCHEMA)
    tampered = altered(signed(document), lambda credential: credential.update(validFrom="2025-01-01T00:00:00Z"))
    assert not result_of(tampered, fetch).is_verified
    assert asked == []
    assert result_of(signed(document), fetch).is_usable
    assert asked == [LIST_URL, SCHEMA_URL]
    for name in ("issuer", "names"):
        asked.clear()
        brought = [schemas.CREDENTIALS_V2, {"nickname": "https://stranger.example/vocabulary#nickname"}]
        another = {**document, **({"issuer": WEB} if name == "issuer" else {"@context": brought})}
        result = result_of(signed(another, suites=(EDDSA_RDFC_2022,)), fetch)
        assert results(result)[name] != PASSED
        assert asked == ([] if name == "issuer" else [LIST_URL, SCHEMA_URL])


@pytest.mark.parametrize(
    ("why", "options", "problem"),
    [
        ("another purpose", {"proofPurpose": "authentication"}, "PROOF_VERIFICATION_ERROR"),
        ("no purpose", {"proofPurpose": None}, "PROOF_VERIFICATION_ERROR"),
        ("another's method", {"verificationMethod": method(OTHER_KEY)}, "PROOF_VERIFICATION_ERROR"),
        ("no method", {"verificationMethod": None}, "PROOF_VERIFICATION_ERROR"),
        ("made in the future", {"created": "2026-01-02T03:05:06Z"}, "PROOF_VERIFICATION_ERROR"),
        ("made at no moment", {"created": "yesterday"}, "PROOF_VERIFICATION_ERROR"),
        ("expired", {"expires": "2026-01-02T03:04:05Z"}, "PROOF_VERIFICATION_ERROR"),
        ("a predecessor that is not there", {"previousProof": "urn:uuid:1"}, "PROOF_VERIFICATION_ERROR"),
        ("an undefined option", {"cryptoSuite": "x"}, "DATA_LOSS_DETECTION_ERROR"),
    ],
)
def test_a_proof_that_says_something_else_does_not_hold(why: str, options: dict[str, Any], problem: str) -> None:
    jcs = EDDSA_JCS_2022 if why == "an undefined option" else EDDSA_RDFC_2022
    context = {"@context": draft()["@context"]} if jcs is EDDSA_JCS_2022 else {}
    document = signed_with(draft(), {**options, **context}, suite=jcs)
    if why == "an undefined option":
        document["proof"].update(cryptosuite="eddsa-rdfc-2022")
    result = result_of(document)
    assert [finding.problem for finding in result.about("proof")] == [problem]
    assert not result.is_verified


@pytest.mark.parametrize(
    "options", [{}, {"created": None}, {"created": "2026-01-01T00:00:00"}, {"expires": "2026-01-02T03:04:06"}]
)
def test_a_proof_with_other_moments_that_fit_holds(options: dict[str, Any]) -> None:
    assert result_of(signed_with(draft(), options)).is_verified


def test_every_proof_of_a_set_must_hold_and_one_must_be_the_issuers() -> None:
    by_issuer, by_another = signed(draft())["proof"], signed(draft(), OTHER_KEY)["proof"]
    both = {**draft(), "proof": by_issuer + by_another}
    assert result_of(both).is_verified
    for index in range(4):
        broken = altered(
            both, lambda credential, index=index: credential["proof"][index].update(created="2026-01-01T00:00:01Z")
        )
        assert [finding.result for finding in result_of(broken).about("proof")].count(FAILED) == 1
        assert not result_of(broken).is_verified
    unknown = altered(both, lambda credential: credential["proof"][3].update(cryptosuite="bbs-2023"))
    assert not result_of(unknown).is_verified
    alone = result_of({**draft(), "proof": by_another})
    assert (results(alone)["proof"], results(alone)["issuer"]) == (PASSED, FAILED)
    assert not alone.is_verified
    bench = ForeignVerifier(binds_issuer=False).credential({**draft(), "proof": by_another}, AT)
    assert bench.is_verified, "the check of the issuer alone made the difference"


def test_a_chain_holds_link_by_link() -> None:
    first = signed_with(draft(), {"id": "urn:uuid:first"}, OTHER_KEY)["proof"]
    second = signed_with({**draft(), "proof": [first]}, {"previousProof": "urn:uuid:first"})["proof"]
    chained = {**draft(), "proof": [first, second]}
    assert result_of(chained).is_verified
    assert not result_of(
        altered(chained, lambda credential: credential["proof"][0].update(created="2026-01-01T00:00:01Z"))
    ).is_verified
    assert not result_of(altered(chained, lambda credential: credential["proof"].pop(0))).is_verified


@pytest.mark.parametrize("suites", [(EDDSA_JCS_2022,), (EDDSA_RDFC_2022,)])
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda credential: credential["credentialSubject"].update(secretlyAdded="x"), "DATA_LOSS_DETECTION_ERROR"),
        (lambda credential: credential["type"].append("UndefinedCredential"), "PROOF_TRANSFORMATION_ERROR"),
        (lambda credential: credential["credentialSubject"].update(id="subject/1"), "MALFORMED_VALUE_ERROR"),
        (
            lambda credential: credential["@context"].append("https://stranger.example/context.json"),
            "PROOF_TRANSFORMATION_ERROR",
        ),
        (lambda credential: credential.update(evidence=[]), "MALFORMED_VALUE_ERROR"),
    ],
)
def test_what_a_signature_over_meanings_would_not_cover_is_refused(suites: Any, change: Any, problem: str) -> None:
    result = result_of(altered(signed(draft(), suites=suites), change))
    assert problem in {finding.problem for finding in result.findings}
    assert not result.is_verified


def test_a_fetched_or_brought_context_holds_but_its_names_are_not_known() -> None:
    url = "https://stranger.example/context.json"
    context = {"@context": {"@version": 1.1, "nickname": "https://stranger.example/vocabulary#nickname"}}
    fetch, _ = serving(context=context)
    for more in (url, context["@context"], context):
        document = draft(credentialSubject={"nickname": "Nobody"})
        document["@context"] = [schemas.CREDENTIALS_V2, more]
        rdfc, both = (signed(document, suites=suites, fetch=fetch) for suites in ((EDDSA_RDFC_2022,), None))
        assert (result_of(rdfc, fetch).is_verified, result_of(rdfc, fetch).is_usable) == (True, False)
        assert steps(result_of(rdfc, fetch))["proof_valid"] == "indeterminate"
        assert result_of(both, fetch).is_usable
        assert steps(result_of(both, fetch))["proof_valid"] == "passed", "a JCS proof signs the contexts too"
        renamed = altered(rdfc, lambda credential: credential["credentialSubject"].update(nickname="Somebody"))
        assert steps(result_of(renamed, fetch))["proof_valid"] == "failed"
    by_url = altered(document, lambda credential: credential["@context"].__setitem__(1, url))
    off = result_of(signed(by_url, suites=(EDDSA_JCS_2022,), fetch=fetch))
    assert (results(off)["proof"], results(off)["context"], off.is_verified) == (PASSED, INDETERMINATE, False)
    for wrong in (b"[]", b"{}", b'{"@context": 7}', b'{"@context": {}, "@context": {}}'):
        assert results(result_of(signed(by_url, fetch=fetch), serving(context=wrong)[0]))["context"] == FAILED


@pytest.mark.parametrize(
    ("members", "value", "result"),
    [
        ({"statusPurpose": "message", "statusSize": 2, "statusListIndex": "3"}, 2, PASSED),
        ({"statusPurpose": "message", "statusListIndex": "6"}, 1, PASSED),
        ({"statusPurpose": "revocation", "statusSize": 4, "statusListIndex": "1"}, 2, FAILED),
        ({"statusPurpose": "revocation", "statusSize": 33}, None, FAILED),
        ({"statusPurpose": "revocation", "statusSize": True}, None, FAILED),
        ({}, None, INDETERMINATE),
    ],
)
def test_larger_entries_and_other_purposes(members: dict[str, Any], value: int | None, result: str) -> None:
    subject = status_list(6, purpose=["revocation", "message"])
    context = [schemas.CREDENTIALS_V2, {"RevocationList2020Status": "https://stranger.example/vocabulary#status"}]
    unread = {"id": LIST_URL, "type": "RevocationList2020Status"}
    named = unread if result == INDETERMINATE else entry(**members)
    document = {**draft(credentialStatus=named), "@context": context}
    judged = result_of(signed(document), serving(list=signed(subject))[0]).about("credentialStatus")
    assert [(finding.value, finding.result) for finding in judged] == [(value, result)]


@pytest.mark.parametrize("document", [{}, {"proof": None}, {"@context": None}, {"type": ["NonconformingDocument"]}])
def test_what_is_no_credential_is_misshapen(document: dict[str, Any]) -> None:
    result = result_of(document)
    assert [finding.problem for finding in result.findings] == ["PARSING_ERROR"]
    assert steps(result) == {"well_formed": "failed"} | dict.fromkeys(list(steps(result))[1:], "not_reached")
    assert (result.is_verified, result.is_usable) == (False, False)


def test_a_credential_of_version_1_1_is_read_where_its_contexts_are_known() -> None:
    first = "https://www.w3.org/2018/credentials/v1"
    known = {first: schemas.context_document("credentials/v2")}
    document = {**draft(validFrom=None), "@context": [first]}
    with_date = {**document, "issuanceDate": MADE}
    assert results(ForeignVerifier(contexts=known).credential(with_date, AT))["shape"] == PASSED
    assert results(ForeignVerifier(contexts=known).credential(document, AT)) == {"shape": FAILED}


ESSENTIAL = ["shape", "context", "proof", "issuer", "holder", "relatedResource"]


@pytest.mark.parametrize("about", [*ESSENTIAL, "credentialStatus", "credentialSchema", "validFrom", "validUntil"])
@pytest.mark.parametrize("result", [FAILED, INDETERMINATE])
def test_each_kind_of_finding_counts_whatever_it_found(about: str, result: str) -> None:
    """Whatever the checks are, one finding alone turns what is said of all."""
    names = [*ESSENTIAL, "credentialStatus", "credentialSchema", "validFrom", "validUntil"]
    good = [Finding(name, PASSED) for name in names]
    assert ForeignResult(tuple(good)).is_usable
    turned = ForeignResult(tuple(Finding(name, result if name == about else PASSED, None, "x") for name in names))
    is_warning = about in ("validFrom", "validUntil") or (result == INDETERMINATE and about not in ESSENTIAL)
    assert turned.is_verified == is_warning
    assert turned.is_usable == (about == "credentialSchema" and result == INDETERMINATE)
    if result == FAILED and about != "holder":
        assert turned.verdict().verdict == "failed"
    assert turned.verdict().verdict != "verified"
