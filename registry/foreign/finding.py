"""A finding is what one check of a stranger's document says.

It has the problem type that standards have for it: VCDM 2.0 section 7.2, VC Data Integrity 1.0 section 4.7, Bitstring Status
List 1.0 section 3.5. How findings become a verdict is left to `verify`, how they become an answer of the VC API to the search
room.
"""

from dataclasses import dataclass
from typing import Any

PASSED, FAILED, INDETERMINATE = "passed", "failed", "indeterminate"

_MODEL = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"
#: problem -> its type
PROBLEM_TYPES = {
    "PARSING_ERROR": _MODEL,
    "CRYPTOGRAPHIC_SECURITY_ERROR": _MODEL,
    "MALFORMED_VALUE_ERROR": _MODEL,
    "RANGE_ERROR": _MODEL,
    "PROOF_VERIFICATION_ERROR": _SECURITY,
    "PROOF_TRANSFORMATION_ERROR": _SECURITY,
    "INVALID_DOMAIN_ERROR": _SECURITY,
    "INVALID_CHALLENGE_ERROR": _SECURITY,
    "DATA_LOSS_DETECTION_ERROR": _SECURITY,
    "STATUS_RETRIEVAL_ERROR": _STATUS,
    "STATUS_VERIFICATION_ERROR": _STATUS,
    "STATUS_LIST_LENGTH_ERROR": _STATUS,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `about`: the member that was judged; `result`: passed, failed or indeterminate (could not be judged).

    `problem`: a key of `PROBLEM_TYPES`; `reason`: one sentence; both None when it passed. `judged`: the member's value, or one
    of its values. `value`: of a status entry, what the list says.
    """

    about: str
    result: str
    problem: str | None = None
    reason: str | None = None
    judged: Any = None
    value: int | None = None


def passed(about: str, judged: Any = None, value: int | None = None) -> Finding:
    """A check that holds."""
    return Finding(about, PASSED, judged=judged, value=value)


def failed(about: str, problem: str, reason: str, judged: Any = None, value: int | None = None) -> Finding:
    """A check that does not hold."""
    return Finding(about, FAILED, problem, reason, judged, value)


def unknown(about: str, problem: str | None, reason: str, judged: Any = None) -> Finding:
    """A check that could not be made."""
    return Finding(about, INDETERMINATE, problem, reason, judged)
