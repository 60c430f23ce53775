"""Verify a presentation: its holder, the challenge, and each credential in it.

The holder's proofs of authentication must answer the challenge. The credentials are left to the verifier of all others.
"""

from datetime import datetime
from typing import Any

from registry.errors import Untrue
from registry.foreign.challenges import Challenges
from registry.foreign.finding import FAILED, PASSED, Finding, failed
from registry.foreign.shape import as_list
from registry.foreign.verify import ForeignResult
from search.verify.judge import Verifier
from search.verify.vc_answer import credential_answer, finding_result, problems_of


class PresentationVerifier:
    """Verifies presentations; their credentials as everywhere, by `verifier`."""

    def __init__(self, verifier: Verifier, challenges: Challenges) -> None:
        self._verifier, self._challenges = verifier, challenges

    def answer(
        self, document: dict[str, Any], at: datetime, challenge: str | None, domain: str | None
    ) -> dict[str, Any]:
        """The answer of the VC API. A challenge made here counts as answered once everything holds. Conflict: try later."""
        presented = self._verifier.presentation(document, at, challenge, domain)
        unanswered = self._challenge(presented, challenge, at)
        findings = [*presented.findings, *unanswered]
        credentials: list[dict[str, Any]] = []
        if presented.findings[0].result == PASSED:
            carried = as_list(document.get("verifiableCredential"))
            verdicts = self._verifier.credentials(carried, at)
            credentials = [
                credential_answer(judged, credential) for judged, credential in zip(verdicts, carried, strict=True)
            ]
        verified = presented.is_verified and not unanswered and all(answer["verified"] for answer in credentials)
        if verified and challenge is not None:
            try:
                self._challenges.answer(challenge, at)
            except Untrue as error:
                verified = False
                findings.append(failed("challenge", "INVALID_CHALLENGE_ERROR", error.message, challenge))
        return {
            "verified": verified,
            "usable": verified and all(answer["usable"] for answer in credentials),
            "trusted": bool(credentials) and all(answer["trusted"] for answer in credentials),
            "problemDetails": problems_of(tuple(findings)),
            "results": {"presentation": _results(findings, challenge, domain), "credentials": credentials},
        }

    def _challenge(self, presented: ForeignResult, challenge: str | None, at: datetime) -> list[Finding]:
        """What is wrong with the challenge itself; nothing where the presentation cannot be read anyway."""
        if presented.findings[0].result != PASSED:
            return []
        if challenge is None:
            reason = "without a challenge anybody may present it again"
            return [failed("challenge", "INVALID_CHALLENGE_ERROR", reason)]
        try:
            self._challenges.check(challenge, at)
        except Untrue as error:
            return [failed("challenge", "INVALID_CHALLENGE_ERROR", error.message, challenge)]
        return []


def _results(findings: list[Finding], challenge: str | None, domain: str | None) -> dict[str, Any]:
    wrong = {finding.problem for finding in findings if finding.result == FAILED}
    results: dict[str, Any] = {"proof": [finding_result(finding) for finding in findings if finding.about == "proof"]}
    results |= {finding.about: finding_result(finding) for finding in findings if finding.about == "holder"}
    proven = bool(results["proof"]) and all(proof["verified"] for proof in results["proof"])
    for name, text in (("challenge", challenge), ("domain", domain)):
        if text is not None:
            results[name] = {"verified": proven and f"INVALID_{name.upper()}_ERROR" not in wrong, "input": text}
    return results
