"""Verify a presentation: its holder's proofs of authentication, the challenge that they answer, and each credential in it."""

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
        found = self._verifier.presentation(document, at, challenge, domain)
        unanswered = self._challenge(found, challenge, at)
        findings = [*found.findings, *unanswered]
        credentials: list[dict[str, Any]] = []
        if found.findings[0].result == PASSED:
            carried = as_list(document.get("verifiableCredential"))
            judged = self._verifier.credentials(carried, at)
            credentials = [credential_answer(one, held) for one, held in zip(judged, carried, strict=True)]
        verified = found.is_verified and not unanswered and all(one["verified"] for one in credentials)
        if verified and challenge is not None:
            try:
                self._challenges.answer(challenge, at)
            except Untrue as error:
                verified = False
                findings.append(failed("challenge", "INVALID_CHALLENGE_ERROR", error.message, challenge))
        return {
            "verified": verified,
            "usable": verified and all(one["usable"] for one in credentials),
            "trusted": bool(credentials) and all(one["trusted"] for one in credentials),
            "problemDetails": problems_of(tuple(findings)),
            "results": {"presentation": _results(findings, challenge, domain), "credentials": credentials},
        }

    def _challenge(self, found: ForeignResult, challenge: str | None, at: datetime) -> list[Finding]:
        """What is wrong with the challenge itself; nothing where the presentation cannot be read anyway."""
        if found.findings[0].result != PASSED:
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
    wrong = {one.problem for one in findings if one.result == FAILED}
    results: dict[str, Any] = {"proof": [finding_result(one) for one in findings if one.about == "proof"]}
    results |= {one.about: finding_result(one) for one in findings if one.about == "holder"}
    proven = bool(results["proof"]) and all(one["verified"] for one in results["proof"])
    for name, text in (("challenge", challenge), ("domain", domain)):
        if text is not None:
            results[name] = {"verified": proven and f"INVALID_{name.upper()}_ERROR" not in wrong, "input": text}
    return results
