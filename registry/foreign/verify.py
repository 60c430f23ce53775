"""A stranger's credential or presentation is checked without a ledger.

Verifiable Credentials Data Model 2.0, with embedded Data Integrity proofs or as a token. Pure: fetching (guarded, limited, or
off) and the moment come from the caller. A stranger is never trusted here: `issuer_trusted` is indeterminate, steps of the
ledger are not asked, so that the verdict is indeterminate at most. What was not had is never taken for good.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import schemas
from registry.credential import jwt
from registry.credential.document import issuer_of
from registry.credential.identity import own_contexts
from registry.credential.proof import ASSERTION
from registry.credential.rdf import shared_ids
from registry.errors import Malformed, RegistryError, Untrue
from registry.foreign import attached, shape, status_lists
from registry.foreign.contexts import Contexts, Reading
from registry.foreign.finding import FAILED, INDETERMINATE, PASSED, Finding, failed, passed, unknown
from registry.foreign.resolver import Resolver, did_of
from registry.foreign.retrieval import FETCHES, MOST_FETCHES, Fetch, Limited, NotRetrieved, no_fetch
from registry.foreign.secured import Expected, Secured, check_proofs, problem_of
from registry.verify.steps import STEPS
from registry.verify.verdict import SKEW, Step, Verdict, conclude, step_of

#: the contexts that are bundled, by the URL that credentials name
BUNDLED = {schemas.CREDENTIALS_V2: schemas.context_document("credentials/v2")}


def contexts_known_at(context_url: str) -> dict[str, dict[str, Any]]:
    """Those that are bundled, and our own under the URLs that credentials of this installation name."""
    return {**BUNDLED, **{url: schemas.context_document(name) for name, url in own_contexts(context_url).items()}}


#: findings that must pass before anything is called verified; of the others none may fail but the period's
_ESSENTIAL = ("shape", "context", "proof", "issuer", "holder", "relatedResource")
_PERIOD = ("validFrom", "validUntil")
_OF_PROOF = ("context", "proof", "issuer", "credentialSchema", "relatedResource", "names", "direction")


@dataclass(frozen=True, slots=True)
class ForeignResult:
    """What was found in a stranger's document, in the order of the checks."""

    findings: tuple[Finding, ...]

    @property
    def is_verified(self) -> bool:
        """Whether it is what its issuer signed and did not take back, as far as was asked. Says nothing of the period."""
        return all(
            finding.result == PASSED if finding.about in _ESSENTIAL else finding.result != FAILED
            for finding in self.findings
            if finding.about not in _PERIOD
        )

    @property
    def is_usable(self) -> bool:
        """Whether it is also known to be in force now: within its period, its status was had, and its names are known."""
        asked = (*_PERIOD, status_lists.ABOUT, "names")
        return self.is_verified and all(finding.result == PASSED for finding in self.findings if finding.about in asked)

    def about(self, *names: str) -> list[Finding]:
        """The findings about those members."""
        return [finding for finding in self.findings if finding.about in names]

    def verdict(self) -> Verdict:
        """The named steps of an answer."""
        if self.findings[0].result != PASSED:
            return conclude({"well_formed": step_of("well_formed", FAILED, self.findings[0].reason or "")}, None, STEPS)
        done = {name: step_of(name, "not_asked", "the credential is not of this ledger") for name in STEPS[4:]}
        done["well_formed"] = Step("well_formed", PASSED)
        done["issuer_trusted"] = step_of("issuer_trusted", INDETERMINATE, "the issuer is not one of this installation")
        done["proof_valid"] = _step("proof_valid", self.about(*_OF_PROOF))
        done["in_validity"] = _step("in_validity", self.about(*_PERIOD))
        statuses = self.about(status_lists.ABOUT)
        if statuses:
            done["not_revoked"] = _step("not_revoked", statuses)
        return conclude(done, None, STEPS)


class ForeignVerifier:
    """Verifies strangers' documents. Safe to use from several threads.

    `fetch`: how documents that lie elsewhere are fetched, off by default. `contexts`: those that are known, URL -> document.
    `binds_issuer`: whether a proof by the issuer itself is demanded; only a test bench for cryptosuites goes without.
    """

    def __init__(
        self,
        fetch: Fetch = no_fetch,
        contexts: Mapping[str, dict[str, Any]] = BUNDLED,
        *,
        binds_issuer: bool = True,
    ) -> None:
        self._fetch, self._contexts, self._binds_issuer = fetch, Contexts(contexts), binds_issuer

    def limited(self, documents: int = 1) -> Fetch:
        """A Fetch for one request with that many documents: what one of them had, the others have too."""
        return Limited(self._fetch, min(FETCHES * documents, MOST_FETCHES))

    def credential(self, document: dict[str, Any], at: datetime, fetch: Fetch | None = None) -> ForeignResult:
        """What is found in a credential at the moment `at` (aware). Never raises for what the document holds.

        `fetch`: of `limited`, where several documents share one request.
        """
        try:
            token = jwt.token_of(document)
        except Malformed as error:
            return ForeignResult((misshapen(error),))
        statement = document if token is None else token.payload
        check = _Check(statement, at, fetch or self.limited(), self._contexts)
        return ForeignResult(tuple(check.credential(self._binds_issuer, token)))

    def presentation(
        self, document: dict[str, Any], at: datetime, challenge: str | None, domain: str | None
    ) -> ForeignResult:
        """What is found in a presentation: its shape, holder, and proofs of authentication, which must answer both texts.

        The credentials in it are not judged here.
        """
        check = _Check(document, at, self.limited(), self._contexts)
        return ForeignResult(tuple(check.presentation(Expected("authentication", challenge, domain))))


class _Check:
    """The checks over one document. What the document merely points at is fetched only once its proofs hold."""

    def __init__(self, document: dict[str, Any], at: datetime, fetch: Fetch, contexts: Contexts) -> None:
        self._document, self._at, self._fetch, self._contexts = document, at, fetch, contexts
        self._resolver = Resolver(fetch, at)

    def credential(self, binds_issuer: bool, token: jwt.Token | None) -> Iterator[Finding]:
        try:
            shape.check_credential(self._document)
        except Malformed as error:
            yield misshapen(error)
            return
        yield passed("shape")
        if token is None:
            secured, findings = self._proofs(
                self._document, Expected(), issuer_of(self._document) if binds_issuer else None
            )
        else:
            secured, findings = self._signature(token)
        if binds_issuer:
            findings.append(_by("issuer", issuer_of(self._document), secured))
        yield from findings
        yield from self._period()
        if all(finding.result == PASSED for finding in findings if finding.about in _ESSENTIAL):
            yield from status_lists.check_status(self._document, self._fetch, self._at, self._check_list)
            yield from attached.check_schemas(self._document, self._fetch)
            yield from attached.check_related(self._document, self._fetch)

    def presentation(self, expected: Expected) -> Iterator[Finding]:
        try:
            shape.check_presentation(self._document)
        except Malformed as error:
            yield misshapen(error)
            return
        yield passed("shape")
        holder = self._document.get("holder")
        holder = holder.get("id") if isinstance(holder, dict) else holder
        secured, findings = self._proofs(self._document, expected, holder)
        yield from findings
        if "holder" in self._document:
            yield _by("holder", holder, secured)

    def _proofs(self, document: dict[str, Any], expected: Expected, by: str | None) -> tuple[Secured, list[Finding]]:
        """What is found of the proofs, and of how far they sign names; `by`: whose signature counts, None: anybody's."""
        reading = self._contexts.reading(document, self._fetch)
        findings = [_read(document, reading)]
        secured = check_proofs(document, reading, self._resolver, self._at, expected)
        findings += secured.findings
        signs_names = by in secured.signs_names if by is not None else bool(secured.signs_names)
        if secured.signers and not signs_names:
            findings += _names(document, reading)
            if reading.is_directed:
                reason = "the signature holds, but leaves out in which direction a text is written"
                findings.append(unknown("direction", None, reason))
        return secured, findings

    def _signature(self, token: jwt.Token) -> tuple[Secured, list[Finding]]:
        """A token signs its text, names and all, so that nothing is read by what the names mean."""
        try:
            token.check(self._resolver.key(token.kid, ASSERTION))
            token.check_claims(issuer_of(self._document), self._at, SKEW)
        except NotRetrieved as error:
            finding = unknown("proof", "PROOF_VERIFICATION_ERROR", error.message)
        except RegistryError as error:
            finding = failed("proof", "PROOF_VERIFICATION_ERROR", error.message)
        else:
            by = frozenset({did_of(token.kid)})
            return Secured((passed("proof"),), by, by), [passed("proof")]
        return Secured((finding,), frozenset(), frozenset()), [finding]

    def _check_list(self, document: dict[str, Any]) -> None:
        """NotRetrieved, Untrue `status`: not every proof of a status list holds, or none is its issuer's."""
        secured, findings = self._proofs(document, Expected(), issuer_of(document))
        for finding in (*findings, _by("issuer", issuer_of(document), secured)):
            if finding.result == FAILED:
                raise Untrue("status", f"the status list does not hold: {finding.reason}")
            if finding.result == INDETERMINATE:
                raise NotRetrieved("status", f"the status list cannot be judged: {finding.reason}")

    def _period(self) -> Iterator[Finding]:
        begins, ends = shape.period(self._document)
        if begins is not None:
            value = self._document.get("validFrom") or self._document.get("issuanceDate")
            late = begins > self._at + SKEW
            yield (
                failed("validFrom", "RANGE_ERROR", "it is not yet valid", value) if late else passed("validFrom", value)
            )
        if ends is not None:
            value = self._document.get("validUntil") or self._document.get("expirationDate")
            over = ends < self._at
            yield failed("validUntil", "RANGE_ERROR", "it has expired", value) if over else passed("validUntil", value)


def misshapen(error: Malformed) -> Finding:
    """What is found of a document whose form is not that of a credential or presentation."""
    return failed("shape", "PARSING_ERROR" if error.code == "parsing" else "MALFORMED_VALUE_ERROR", error.message)


def _read(document: dict[str, Any], reading: Reading) -> Finding:
    """Whether every name in it is defined, and nothing in it escapes a signature over its meaning."""
    try:
        reading.canonicalize({name: value for name, value in document.items() if name != "proof"})
    except NotRetrieved as error:
        return unknown("context", "PROOF_TRANSFORMATION_ERROR", error.message)
    except RegistryError as error:
        return failed("context", problem_of(error), error.message)
    return passed("context")


def _names(document: dict[str, Any], reading: Reading) -> list[Finding]:
    """What a signature over meanings leaves open: how things are called, and of which of two objects they are said."""
    try:
        reading.check_read(document)
    except RegistryError as error:
        return [failed("names", problem_of(error), error.message)]
    shared = shared_ids(document)
    statuses = {entry.get("id") for entry in shape.as_list(document.get("credentialStatus")) if isinstance(entry, dict)}
    if shared & ({document.get("id")} | statuses):
        reason = "what is signed of it may stand in another object of the same id"
        return [failed("names", "PROOF_TRANSFORMATION_ERROR", reason)]
    if shared or not reading.is_pinned:
        reason = "the signature holds, but what its names mean, or of what they are said, is not signed"
        return [unknown("names", "PROOF_TRANSFORMATION_ERROR", reason)]
    return []


def _by(name: str, did: Any, secured: Secured) -> Finding:
    """Whether a proof that holds is by that DID."""
    if did in secured.signers:
        return passed(name, did)
    if any(finding.result == INDETERMINATE for finding in secured.findings):
        return unknown(name, "CRYPTOGRAPHIC_SECURITY_ERROR", f"it is not known whether a proof is the {name}'s", did)
    return failed(name, "CRYPTOGRAPHIC_SECURITY_ERROR", f"no proof that holds is the {name}'s", did)


def _step(name: str, findings: list[Finding]) -> Step:
    """A step over findings: as good as the worst of them."""
    for result in (FAILED, INDETERMINATE):
        for finding in findings:
            if finding.result == result:
                return step_of(name, result, finding.reason or "")
    return Step(name, PASSED)
