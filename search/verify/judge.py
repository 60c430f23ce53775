"""The verdict on posted evidence, completeness files and credentials, by our own trust.

A credential that names an issuer of this installation is checked with the keys, contexts, status and proofs of our own
ledger, whatever came with it; one that the ledger does not hold is not verified, however good its signature. A foreign
issuer's is left to `registry.foreign`, and never trusted. All that verifies over HTTP asks here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from registry.credential import jwt
from registry.credential.document import issuer_of, text_at
from registry.credential.identity import CredentialId
from registry.encoding.jcs import jcs
from registry.errors import Malformed, NotFound, NotPublished, Untrue
from registry.foreign.retrieval import Fetch
from registry.foreign.verify import ForeignResult, ForeignVerifier, contexts_known_at, misshapen
from registry.reading.reader import Reader
from registry.verify import completeness, evidence, steps, trust
from registry.verify.anchor import index_of, verify_anchor
from registry.verify.completeness import CompletenessVerdict
from registry.verify.known import as_known, as_signed, as_standing
from registry.verify.verdict import Verdict, step_of

BATCH_ITEMS = 1000
#: the answer on what is neither evidence nor a credential: there is nothing to judge
NOT_EVIDENCE = {"verdict": None, "code": "not_evidence"}


@dataclass(frozen=True, slots=True)
class JudgedCredential:
    """The verdict on a credential. `foreign`: what was found in it where its issuer is not one of ours, else None."""

    verdict: Verdict
    foreign: ForeignResult | None = None

    def to_json(self) -> dict[str, Any]:
        """The verdict, and `trusted`: whether its issuer is one of ours."""
        return {**self.verdict.to_json(), "trusted": self.foreign is None}


class Verifier(Protocol):
    """What answers the routes that verify: in this process, or in processes of its own (`pool`)."""

    def judge(self, documents: list[dict[str, Any]], at: datetime, on: date | None = None) -> list[dict[str, Any]]:
        """The verdicts on evidence files and credentials as JSON, in order; `on`: as of that day."""

    def credentials(self, documents: list[dict[str, Any]], at: datetime) -> list[JudgedCredential]:
        """The verdicts on credentials, in order."""

    def presentation(
        self, document: dict[str, Any], at: datetime, challenge: str | None, domain: str | None
    ) -> ForeignResult:
        """What is found in a presentation, its credentials left out."""


class PostedVerifier:
    """Verifies what is posted, by this installation's own trust.

    `foreign`: how strangers' documents are verified; by default without fetching, and with our own context known.
    """

    def __init__(self, reader: Reader, foreign: ForeignVerifier | None = None) -> None:
        self._reader = reader
        self.foreign = foreign or ForeignVerifier(contexts=contexts_known_at(reader.identity.context_url))

    def judge(self, documents: list[dict[str, Any]], at: datetime, on: date | None = None) -> list[dict[str, Any]]:
        """The verdicts on evidence files and credentials as JSON, in order; what is neither has none."""
        trusted, fetch = self._trust(), self.foreign.limited(len(documents))
        return [self._judged(document, trusted, at, fetch, on) for document in documents]

    def _judged(
        self, document: dict[str, Any], trusted: trust.Trust, at: datetime, fetch: Fetch, on: date | None
    ) -> dict[str, Any]:
        if not evidence.is_evidence(document):
            return dict(NOT_EVIDENCE)
        if completeness.claims_to_be_one(document):
            return self._completeness(document, trusted, at).to_json()
        if "credential" in document or not _is_credential(document):
            return self._evidence(document, trusted, at, on).to_json()
        return self._credential(document, trusted, at, fetch, on).to_json()

    def credentials(self, documents: list[dict[str, Any]], at: datetime) -> list[JudgedCredential]:
        """The verdicts on credentials, in order."""
        trusted, fetch = self._trust(), self.foreign.limited(len(documents))
        return [self._credential(document, trusted, at, fetch) for document in documents]

    def presentation(
        self, document: dict[str, Any], at: datetime, challenge: str | None, domain: str | None
    ) -> ForeignResult:
        """What is found in a presentation, its credentials left out."""
        return self.foreign.presentation(document, at, challenge, domain)

    def _trust(self) -> trust.Trust:
        return trust.parse(jcs(self._reader.trust()))

    def _credential(
        self, document: dict[str, Any], trusted: trust.Trust, at: datetime, fetch: Fetch, on: date | None = None
    ) -> JudgedCredential:
        try:
            token = jwt.token_of(document)
        except Malformed as error:
            return JudgedCredential(steps.malformed(error.message, error.code), ForeignResult((misshapen(error),)))
        if token is not None and issuer_of(token.payload) in trusted.issuers:
            return JudgedCredential(self._own_token(token, trusted, at, on))
        if token is None and issuer_of(document) in trusted.issuers:
            return JudgedCredential(self._own(document, trusted, at, on))
        result = self.foreign.credential(document, at, fetch)
        return JudgedCredential(result.verdict(), result)

    def _completeness(self, document: dict[str, Any], trusted: trust.Trust, at: datetime) -> CompletenessVerdict:
        """The verdict on a completeness file, by what our own ledger has under the number by now."""
        verdict = completeness.verify_object(document, trusted, at)
        if verdict.proven is None or verdict.file is None:
            return verdict
        try:
            own = self._reader.completeness(verdict.file.register, verdict.file.number)
        except NotPublished:
            return verdict
        return completeness.as_known(verdict, len(own.entries))

    def _evidence(self, document: dict[str, Any], trusted: trust.Trust, at: datetime, on: date | None) -> Verdict:
        try:
            posted = evidence.from_json(document)
        except Malformed as error:
            return steps.malformed(error.message, error.code, on)
        return self._as_known(posted, steps.verify_parsed(posted, trusted, at, on), on)

    def _own(self, document: dict[str, Any], trusted: trust.Trust, at: datetime, on: date | None) -> Verdict:
        if isinstance(document.get("proof"), dict):  # the form with a single proof
            document = {**document, "proof": [document["proof"]]}
        try:
            logged = self._reader.evidence(*self._named(document))
        except NotFound:
            step = step_of("entry_matches", "failed", "the ledger holds no such credential")
            return steps.verify_unlogged(document, trusted, at, step)
        except NotPublished as error:
            step = step_of("entry_matches", "indeterminate", error.message)
            return steps.verify_unlogged(document, trusted, at, step)
        posted = evidence.from_json({**logged, "credential": document})
        return self._as_known(posted, steps.verify_parsed(posted, trusted, at, on), on)

    def _as_known(self, posted: evidence.Evidence, verdict: Verdict, on: date | None) -> Verdict:
        """The verdict by our own ledger: its newest status lists, and what came later, whatever the evidence carries."""
        own = posted.credential
        known = self._reader.known_of(own.entry_bytes, own.document)
        if known is None:
            return verdict
        verdict = as_known(verdict, own.entry, known.later, on, known.as_of)
        return verdict if known.standing is None else as_standing(verdict, known.standing, known.as_of)

    def _own_token(self, token: jwt.Token, trusted: trust.Trust, at: datetime, on: date | None) -> Verdict:
        """A token says the same as the logged credential, or it does not: it takes the place of its claims, not of its proofs."""
        anchor = index_of(token.payload, self._reader.identity.base_url)
        if anchor is not None:
            return self._anchor(token, anchor, trusted, at)
        logged = self._logged(token.payload)
        statement = {name: value for name, value in token.payload.items() if name != "proof"}
        verdict = self._own({**statement, "proof": (logged or {}).get("proof")}, trusted, at, on)
        key = trusted.issuers[issuer_of(token.payload) or ""].keys.get(token.kid.removesuffix("-jwk"))
        if key is None or key.use != "credential":
            return as_signed(verdict, "the proof's key is not known")
        try:
            token.check(key.public)
        except Untrue as error:
            return as_signed(verdict, error.message)
        return verdict

    def _anchor(self, token: jwt.Token, index: int, trusted: trust.Trust, at: datetime) -> Verdict:
        try:
            return verify_anchor(token, self._reader.logged(index), trusted, at)
        except (NotFound, NotPublished):
            return verify_anchor(token, None, trusted, at)

    def _logged(self, document: dict[str, Any]) -> dict[str, Any] | None:
        """The credential of that id in our ledger, None where it has none."""
        try:
            return self._reader.credential(*self._named(document)).document
        except NotFound:
            return None

    def _named(self, document: dict[str, Any]) -> CredentialId:
        """What the credential's id names. NotFound: it is not of this installation."""
        named = self._reader.identity.parse_credential_id(text_at(document, "id") or "")
        if named is None:
            raise NotFound("credential_unknown", "the credential's id is not of this installation")
        return named


def _is_credential(document: dict[str, Any]) -> bool:
    return "credentialSubject" in document or jwt.is_enveloped(document)
