"""What the server answers when asked to verify: an evidence file by its own trust, or a credential by our own store.

A credential that names an issuer of this installation is checked with the keys, contexts, status and proofs of our own
ledger, whatever came with it; one that the ledger does not hold is not verified, however good its signature. A foreign
issuer's keys may not be fetched here, so nothing of it is checked, and the verdict says so.
"""

from datetime import datetime
from typing import Any

from registry import evidence, trust, verify
from registry.canonical import jcs
from registry.document import issuer_of, text_at
from registry.errors import Malformed, NotFound, NotPublished
from registry.reader import Reader

BATCH_ITEMS = 1000


class PostedVerifier:
    """Verifies what is posted, by this installation's own trust."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def judge(self, documents: list[dict[str, Any]], at: datetime) -> list[dict[str, Any]]:
        """Their verdicts as JSON, in order. A credential's has `trusted` besides: whether its issuer is one of ours."""
        trusted = trust.parse(jcs(self._reader.trust()))
        return [self._one(document, trusted, at) for document in documents]

    def _one(self, document: dict[str, Any], trusted: trust.Trust, at: datetime) -> dict[str, Any]:
        if "credential" in document or "credentialSubject" not in document:
            return self._evidence(document, trusted, at).to_json()
        if issuer_of(document) not in trusted.issuers:
            return {**verify.verify_foreign().to_json(), "trusted": False}
        return {**self._own(document, trusted, at).to_json(), "trusted": True}

    def _evidence(self, document: dict[str, Any], trusted: trust.Trust, at: datetime) -> verify.Verdict:
        try:
            return verify.verify_parsed(evidence.from_json(document), trusted, at)
        except Malformed as error:
            return verify.malformed(error.message)

    def _own(self, document: dict[str, Any], trusted: trust.Trust, at: datetime) -> verify.Verdict:
        try:
            found = self._reader.evidence(*self._named(document))
        except NotFound:
            step = verify.Step("entry_matches", "failed", "the ledger holds no such credential")
            return verify.verify_unlogged(document, trusted, at, step)
        except NotPublished as error:
            step = verify.Step("entry_matches", "indeterminate", error.message)
            return verify.verify_unlogged(document, trusted, at, step)
        verdict = verify.verify_parsed(evidence.from_json({**found, "credential": document}), trusted, at)
        if self._reader.is_revoked(self._reader.credential(*self._named(document))):
            return verify.as_revoked(verdict)
        return verdict

    def _named(self, document: dict[str, Any]) -> tuple[str, str, int]:
        """The register, number and n in the credential's id. NotFound when the id is not of our form."""
        prefix = f"{self._reader.identity.base_url}/credentials/"
        name = text_at(document, "id") or ""
        parts = name.removeprefix(prefix).split("/")
        if not name.startswith(prefix) or len(parts) != 3 or not (parts[2].isascii() and parts[2].isdigit()):
            raise NotFound("credential_unknown", "the credential's id is not of this installation")
        if len(parts[2]) > 9:
            raise NotFound("credential_unknown", "no organization has that many credentials")
        return parts[0], parts[1], int(parts[2])
