"""The VC API: what is asked, what is answered, and that no single failed check is called verified."""

from typing import Any

import pytest

from registry.credential import proof
from registry.installation.office import Office
from registry.verify.steps import STEPS
from registry.verify.verdict import Step, Verdict, conclude
from search.http.limits import BODY_BYTES
from search.verify.judge import JudgedCredential, PostedVerifier
from search.verify.vc_answer import credential_answer
from tests.builders.stranger import (
    AT,
    KEY,
    OTHER_KEY,
    WEB,
    altered,
    did_document,
    did_key,
    draft,
    entry,
    serving,
    signed,
    status_list,
)
from tests.builders.vc_client import PRESENT, VERIFY, own, posting, strangers, titles

MODEL, SECURITY = "https://www.w3.org/TR/vc-data-model#", "https://w3id.org/security#"
STATUS = "https://www.w3.org/ns/credentials/status-list#"


def test_a_strangers_credential_is_verified_never_trusted() -> None:
    document = signed(draft())
    response = posting(strangers())(VERIFY, {"verifiableCredential": document})
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    proofs = [{"verified": True, "input": proof} for proof in document["proof"]]
    assert response.json() == {
        "verified": True,
        "usable": True,
        "trusted": False,
        "verdict": "indeterminate",
        "problemDetails": [],
        "results": {
            "validFrom": {"verified": True, "input": document["validFrom"]},
            "credentialStatus": [],
            "credentialSchema": [],
            "proof": proofs,
        },
    }


def with_everything() -> tuple[dict[str, Any], dict[str, Any]]:
    """A stranger's draft with all that can be checked, and what lies elsewhere for it."""
    schema = {"id": "https://stranger.example/schema.json", "type": "JsonSchema"}
    until = "2026-02-01T00:00:00Z"
    document = draft(issuer=WEB, validUntil=until, credentialStatus=entry(5), credentialSchema=schema)
    listed = signed(status_list(6, issuer=WEB), by=f"{WEB}#key-1")
    rules = {"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["validUntil"]}
    return document, {"did": did_document(), "list": listed, "schema": rules}


#: (changes to the draft, what lies elsewhere, problem, verified, the member whose result turns)
SINGLE = [
    ({}, {}, None, True, None),
    ({"credentialStatus": entry(6)}, {}, "STATUS_VERIFICATION_ERROR", False, "credentialStatus"),
    ({"credentialStatus": entry(200_000)}, {}, "RANGE_ERROR", False, "credentialStatus"),
    ({"credentialStatus": entry(5, statusListIndex=5)}, {}, "MALFORMED_VALUE_ERROR", False, "credentialStatus"),
    ({}, {"list": None}, "STATUS_RETRIEVAL_ERROR", True, "credentialStatus"),
    ({}, {"schema": None}, "MALFORMED_VALUE_ERROR", True, "credentialSchema"),
    ({"validUntil": "2026-01-01T00:00:00Z"}, {}, "RANGE_ERROR", True, "validUntil"),
    ({"validFrom": "2026-01-03T00:00:00Z"}, {}, "RANGE_ERROR", True, "validFrom"),
    ({"validUntil": None}, {}, "MALFORMED_VALUE_ERROR", False, "credentialSchema"),
    ({}, {"did": did_document(OTHER_KEY)}, "PROOF_VERIFICATION_ERROR", False, "proof"),
    ({}, {"did": None}, "PROOF_VERIFICATION_ERROR", False, "proof"),
    ({"issuer": did_key(KEY)}, {}, "CRYPTOGRAPHIC_SECURITY_ERROR", False, None),
    ({"type": ["x"]}, {}, "PARSING_ERROR", False, None),
]


@pytest.mark.parametrize(("members", "there", "problem", "verified", "member"), SINGLE)
def test_each_single_check_that_fails_is_told(
    members: dict[str, Any], there: dict[str, Any], problem: str | None, verified: bool, member: str | None
) -> None:
    document, usual = with_everything()
    changed = {name: value for name, value in {**document, **members}.items() if value is not None}
    posted = signed(changed, by=f"{WEB}#key-1", suites=(proof.SUITES["eddsa-jcs-2022"],))
    fetch, _ = serving(**{name: value for name, value in {**usual, **there}.items() if value is not None})
    answer = posting(strangers(fetch))(VERIFY, {"verifiableCredential": posted}).json()
    assert answer["verified"] == verified
    assert (problem in titles(answer)) == (problem is not None), answer
    assert (answer["problemDetails"] == []) == (problem is None)
    assert answer["usable"] == (problem is None or (verified and member == "credentialSchema"))
    results = [
        (name, result)
        for name, given in answer["results"].items()
        for result in (given if isinstance(given, list) else [given])
    ]
    assert {name for name, result in results if not result["verified"]} == ({member} if member else set())


def test_problems_have_the_types_of_their_standards() -> None:
    post = posting(strangers())
    undefined = altered(signed(draft()), lambda copy: copy["credentialSubject"].update(hidden="x"))
    answer = post(VERIFY, {"verifiableCredential": undefined}).json()
    assert answer["problemDetails"][0]["type"] == f"{SECURITY}DATA_LOSS_DETECTION_ERROR"
    answer = post(VERIFY, {"verifiableCredential": {}}).json()
    assert [problem["type"] for problem in answer["problemDetails"]] == [f"{MODEL}PARSING_ERROR"]
    answer = post(VERIFY, {"verifiableCredential": signed(draft(credentialStatus=entry(5)))}).json()
    assert [problem["type"] for problem in answer["problemDetails"]] == [f"{STATUS}STATUS_RETRIEVAL_ERROR"]
    assert (answer["verified"], answer["usable"]) == (True, False), "unknown is not revoked, and not usable either"


def test_a_detail_that_repeats_what_was_posted_is_cut_short() -> None:
    long = altered(signed(draft()), lambda copy: copy["@context"].append("https://stranger.example/" + "x" * 5000))
    answer = posting(strangers())(VERIFY, {"verifiableCredential": long}).json()
    assert answer["problemDetails"]
    assert all(len(problem["detail"]) <= 300 for problem in answer["problemDetails"])


def test_options_are_heeded_or_refused() -> None:
    post, document = posting(strangers()), signed(draft())
    options = {"returnCredential": True, "returnProblemDetails": False, "returnResults": False, "checks": ["proof"]}
    answer = post(VERIFY, {"verifiableCredential": document, "options": options}).json()
    assert answer == {
        "verified": True,
        "usable": True,
        "trusted": False,
        "verdict": "indeterminate",
        "credential": document,
    }
    for body in (
        {"verifiableCredential": document, "options": {"skipStatus": True}},
        {"verifiableCredential": document, "extra": 1},
        {"verifiableCredential": document, "options": {"challenge": "x"}},
    ):
        response = post(VERIFY, body)
        refusal = response.json()
        assert (response.status_code, refusal["code"], refusal["verified"]) == (400, "option_unknown", False)
        assert refusal["problemDetails"][0]["type"] == "https://www.w3.org/TR/vcalm#UNKNOWN_OPTION_PROVIDED"


@pytest.mark.parametrize("path", [VERIFY, PRESENT])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 400, "json"), ("[]", 400, "json"), ("{", 400, "json"), ("{}", 400, "document_missing"),
        ('{"NAME": "{}"}', 400, "document_missing"), ('{"NAME": null}', 400, "document_missing"),
        ('{"NAME": [{}]}', 400, "document_missing"), ('{"NAME": {}, "NAME": {}}', 400, "json_strict"),
        ('{"NAME": {"a": 1.5}}', 400, "json_strict"), ('{"NAME": {"a": NaN}}', 400, "json_strict"),
        ('{"NAME": {}, "options": []}', 400, "options"), ('{"NAME": {}, "options": {"returnResults": 1}}', 400, "option_value"),
        ('{"NAME": {}, "options": {"checks": "proof"}}', 400, "option_value"), ("[" * 100, 400, "json_limits"),
        ('{"NAME": {"x": "' + "y" * BODY_BYTES + '"}}', 413, "body_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(path: str, body: str, status: int, code: str) -> None:
    name = "verifiableCredential" if path == VERIFY else "verifiablePresentation"
    headers = {"content-type": "application/json"}
    response = posting(strangers())(path, content=body.replace("NAME", name).encode(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", [VERIFY, PRESENT])
def test_a_body_of_another_kind_and_a_query_are_refused(path: str) -> None:
    post = posting(strangers())
    assert post(path, content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    assert post(f"{path}?trusted=true", {}).json()["code"] == "unknown_parameter"


def test_a_deployment_may_want_errors_for_what_is_not_verified() -> None:
    post = posting(strangers(), failed_status=400)
    broken = altered(signed(draft()), lambda copy: copy.update(validFrom="2025-01-01T00:00:00Z"))
    assert post(VERIFY, {"verifiableCredential": signed(draft())}).status_code == 200
    response = post(VERIFY, {"verifiableCredential": broken})
    assert (response.status_code, response.json()["verified"]) == (400, False)
    assert posting(strangers())(VERIFY, {"verifiableCredential": broken}).status_code == 200


def test_our_own_credential_is_trusted_by_our_own_ledger(filled: Office) -> None:
    post, document = posting(PostedVerifier(filled.reader)), own(filled)
    answer = post(VERIFY, {"verifiableCredential": document}).json()
    assert (answer["verified"], answer["usable"], answer["trusted"], answer["verdict"]) == (
        True,
        True,
        True,
        "verified",
    )
    assert answer["problemDetails"] == []
    assert [proof["verified"] for proof in answer["results"]["proof"]] == [True] * len(document["proof"])
    assert len(answer["results"]["credentialStatus"]) == len(document["credentialStatus"])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda copy: copy.update(id=copy["id"] + "9"), f"{MODEL}CRYPTOGRAPHIC_SECURITY_ERROR"),
        (
            lambda copy: copy["credentialSubject"].update(legalName="ANOTHER LTD."),
            f"{SECURITY}PROOF_VERIFICATION_ERROR",
        ),
        (lambda copy: copy.update(validFrom="2025-01-01T00:00:00Z"), f"{SECURITY}PROOF_VERIFICATION_ERROR"),
        (lambda copy: copy.pop("proof"), f"{SECURITY}PROOF_VERIFICATION_ERROR"),
        (lambda copy: copy["credentialSubject"].update(register="other"), f"{MODEL}CRYPTOGRAPHIC_SECURITY_ERROR"),
    ],
)
def test_what_our_ledger_does_not_hold_is_not_verified(filled: Office, change: Any, problem: str) -> None:
    posted = altered(own(filled), change)
    answer = posting(PostedVerifier(filled.reader))(VERIFY, {"verifiableCredential": posted}).json()
    assert (answer["verified"], answer["usable"], answer["verdict"]) == (False, False, "failed")
    assert problem in [problem["type"] for problem in answer["problemDetails"]]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("result", ["failed", "indeterminate", "not_reached"])
def test_no_step_of_our_own_may_fail(step: str, result: str) -> None:
    """Whatever step it is, and however it did not pass."""
    good = {name: Step(name, "passed") for name in STEPS}
    document = draft()

    def answered(verdict: Verdict) -> dict[str, Any]:
        return credential_answer(JudgedCredential(verdict), document)

    assert answered(conclude(good, None, STEPS))["verified"]
    answer = answered(conclude({**good, step: Step(step, result, "x")}, None, STEPS))
    assert (answer["verified"], answer["usable"]) == (False, False)
    assert bool(answer["problemDetails"]) == (result != "not_reached")


def test_the_other_way_to_verify_finds_the_same() -> None:
    fetch, _ = serving(list=signed(status_list(5)))
    verifier = strangers(fetch)
    for index, verdict in ((4, "indeterminate"), (5, "failed")):
        document = signed(draft(credentialStatus=entry(index)))
        answer = verifier.judge([document], AT)[0]
        assert (answer["verdict"], answer["trusted"]) == (verdict, False)
        assert credential_answer(verifier.credentials([document], AT)[0], document)["verdict"] == verdict
