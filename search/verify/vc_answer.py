"""A verification as the VC API tells it: `verified`, problem details, results per member.

VCALM 0.9, "Verify Credential". Beside the standard's members stand ours: `trusted`, `verdict`, and `usable`, which is false also
where VCALM only warns (expired, not yet valid, status unknown), so that nobody takes `verified` for "good today". Credentials of
this installation speak through the steps of their verdict, strangers' through the findings.
"""

from typing import Any

from registry.foreign.finding import FAILED, PASSED, PROBLEM_TYPES, Finding
from registry.foreign.shape import as_list
from registry.verify.verdict import Verdict
from search.verify.judge import JudgedCredential

DETAIL_CHARACTERS = 300
_OURS = "urn:greffe:problem:"
_VCALM = "https://www.w3.org/TR/vcalm#"
#: what a step that did not pass is called; those that are missing here wait for one of these
_STEP_PROBLEMS = {
    "well_formed": "PARSING_ERROR",
    "issuer_trusted": "CRYPTOGRAPHIC_SECURITY_ERROR",
    "proof_valid": "PROOF_VERIFICATION_ERROR",
    "in_validity": "RANGE_ERROR",
    "checkpoint_signed": "CRYPTOGRAPHIC_SECURITY_ERROR",
    "witnessed": "CRYPTOGRAPHIC_SECURITY_ERROR",
    "entry_matches": "CRYPTOGRAPHIC_SECURITY_ERROR",
    "included": "CRYPTOGRAPHIC_SECURITY_ERROR",
    "not_revoked": "STATUS_VERIFICATION_ERROR",
    "current": "STATUS_VERIFICATION_ERROR",
}
#: what has a name of its own, by the code of its step: the standard has none for it
_OWN_PROBLEMS = {
    "revoked": "CREDENTIAL_REVOKED",
    "suspended": "CREDENTIAL_SUSPENDED",
    "superseded": "CREDENTIAL_SUPERSEDED",
    "corrected": "CREDENTIAL_CORRECTED",
    "erased": "CREDENTIAL_ERASED",
}
#: member of a credential -> the step that judges it
_MEMBER_STEPS = {
    "validFrom": "in_validity",
    "credentialStatus": "not_revoked",
    "credentialSchema": "proof_valid",
    "proof": "proof_valid",
}
_LISTS = ("credentialStatus", "credentialSchema", "proof")
_TEXTS = ("validFrom", "validUntil")


def problem_detail(problem: str, detail: str) -> dict[str, str]:
    """One problem (RFC 9457), its detail cut short: it may repeat what was posted."""
    return {
        "type": (_OURS if problem in _OWN_PROBLEMS.values() else PROBLEM_TYPES.get(problem, _VCALM)) + problem,
        "title": problem,
        "detail": detail[:DETAIL_CHARACTERS],
    }


def credential_answer(judged: JudgedCredential, document: dict[str, Any]) -> dict[str, Any]:
    """The answer about one credential, with everything that can be said."""
    if judged.foreign is None:
        answer = _own(judged.verdict, document)
    else:
        answer = {
            "verified": judged.foreign.is_verified,
            "usable": judged.foreign.is_usable,
            "problemDetails": problems_of(judged.foreign.findings),
            "results": _results(judged.foreign.findings),
        }
    return {**answer, "trusted": judged.foreign is None, "verdict": judged.verdict.verdict}


def problems_of(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    """The problems among findings, errors and warnings, in their order."""
    return [problem_detail(finding.problem, finding.reason or "") for finding in findings if finding.problem]


def finding_result(finding: Finding) -> dict[str, Any]:
    """What is said of one member, or of one of its values."""
    value = {} if finding.value is None else {"value": finding.value}
    return {**value, "verified": finding.result == PASSED, "input": finding.judged}


def _results(findings: tuple[Finding, ...]) -> dict[str, Any]:
    results: dict[str, Any] = {
        name: [finding_result(finding) for finding in findings if finding.about == name and finding.judged is not None]
        for name in _LISTS
    }
    texts = {finding.about: finding_result(finding) for finding in findings if finding.about in _TEXTS}
    return {**texts, **results}


def _own(verdict: Verdict, document: dict[str, Any]) -> dict[str, Any]:
    is_good = {step.name: step.result == PASSED for step in verdict.steps}
    problems = [
        problem_detail(_OWN_PROBLEMS.get(step.code or "", _STEP_PROBLEMS[step.name]), step.reason or step.name)
        for step in verdict.steps
        if step.result in (FAILED, "indeterminate")
    ]
    results: dict[str, Any] = {}
    for name, step in _MEMBER_STEPS.items():
        entries = [{"verified": is_good[step], "input": value} for value in as_list(document.get(name))]
        if name in _LISTS:
            results[name] = entries
        elif entries:
            results[name] = entries[0]
    is_verified = verdict.verdict == "verified"
    return {"verified": is_verified, "usable": is_verified, "problemDetails": problems, "results": results}
