"""Whether the proofs of a stranger's document hold, and whose they are.

VC Data Integrity 1.0, sections 4.2 and 4.4. Sets and chains as `credential/proof.check_each` knows them; every proof must
hold. Added here: the moments of a proof, its challenge and domain, and a finding per proof with the standard's own problem
type.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from registry.credential import proof
from registry.credential.cryptosuites import SUITES
from registry.credential.rdf import SHA256
from registry.errors import Malformed, RegistryError, Untrue
from registry.foreign import moment
from registry.foreign.contexts import Reading
from registry.foreign.finding import Finding, failed, passed, unknown
from registry.foreign.resolver import Resolver, did_of
from registry.foreign.retrieval import NotRetrieved
from registry.foreign.shape import as_list
from registry.keys import PublicKey
from registry.verify.verdict import SKEW

#: what the reasons of `credential/rdf` are called; everything else that is wrong with a proof is that it does not verify
_PROBLEMS = {
    "data_loss": "DATA_LOSS_DETECTION_ERROR",
    "challenge": "INVALID_CHALLENGE_ERROR",
    "domain": "INVALID_DOMAIN_ERROR",
    **dict.fromkeys(("context", "iri", "value", "language_tag", "work_limit"), "PROOF_TRANSFORMATION_ERROR"),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What every proof must say. `challenge`, `domain`: None: no matter."""

    purpose: str = proof.ASSERTION
    challenge: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Secured:
    """`findings`: one per proof, in order; `signers`: the DIDs behind those that hold.

    `signs_names`: those of them whose proof also signs which contexts there are, as JCS proofs do.
    """

    findings: tuple[Finding, ...]
    signers: frozenset[str]
    signs_names: frozenset[str]


@dataclass(slots=True)
class _Heard:
    """The errors that `check_each` met, by the proof that it was at."""

    current: int = -1
    errors: dict[int, RegistryError] = field(default_factory=dict)


def check_proofs(
    document: dict[str, Any], reading: Reading, resolver: Resolver, at: datetime, expected: Expected
) -> Secured:
    """Whether each proof of the document holds at the moment `at`."""
    proofs = as_list(document.get("proof"))
    heard = _Heard()

    def key_of(candidate: dict[str, Any]) -> PublicKey:
        heard.current = next(index for index, other in enumerate(proofs) if other is candidate)
        try:
            _check_terms(candidate, at, expected)
            return resolver.key(candidate.get("verificationMethod"), expected.purpose)
        except RegistryError as error:
            heard.errors[heard.current] = error
            raise

    def canonicalize(document: dict[str, Any], digest: str = SHA256) -> bytes:
        try:
            return reading.canonicalize(document, digest)
        except RegistryError as error:
            heard.errors[heard.current] = error
            raise

    try:
        reasons = proof.check_each(document, key_of, canonicalize, expected.purpose)
    except Malformed as error:
        return Secured((failed("proof", "PARSING_ERROR", error.message),), frozenset(), frozenset())
    findings = tuple(
        _finding(candidate, reason, heard.errors.get(index))
        for index, (candidate, reason) in enumerate(zip(proofs, reasons, strict=True))
    )
    holding = [candidate for candidate, reason in zip(proofs, reasons, strict=True) if reason is None]
    return Secured(
        findings,
        frozenset(did_of(candidate["verificationMethod"]) for candidate in holding),
        frozenset(
            did_of(candidate["verificationMethod"])
            for candidate in holding
            if SUITES[candidate["cryptosuite"]].repeats_context
        ),
    )


def _finding(candidate: dict[str, Any], reason: str | None, error: RegistryError | None) -> Finding:
    if reason is None:
        return passed("proof", candidate)
    if isinstance(error, NotRetrieved):
        return unknown("proof", "PROOF_VERIFICATION_ERROR", reason, candidate)
    return failed("proof", problem_of(error), reason, candidate)


def problem_of(error: RegistryError | None) -> str:
    """The standard's name for what is wrong with a proof, or with the document under it."""
    return _PROBLEMS.get(error.code if error else "", "PROOF_VERIFICATION_ERROR")


def _check_terms(candidate: dict[str, Any], at: datetime, expected: Expected) -> None:
    """Untrue, Malformed: what the proof says of itself does not fit the moment and what is expected."""
    if candidate.get("proofPurpose") != expected.purpose:
        raise Untrue("proof", f"the proof was not made for {expected.purpose}")
    if "created" in candidate and moment.parse(candidate["created"], may_lack_offset=True) > at + SKEW:
        raise Untrue("proof", "the proof was made in the future")
    if "expires" in candidate and moment.parse(candidate["expires"], may_lack_offset=True) <= at:
        raise Untrue("proof", "the proof has expired")
    if expected.challenge is not None and candidate.get("challenge") != expected.challenge:
        raise Untrue("challenge", "the proof answers another challenge")
    if expected.domain is not None and expected.domain not in as_list(candidate.get("domain")):
        raise Untrue("domain", "the proof was made for another domain")
