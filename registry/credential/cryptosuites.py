"""The cryptosuites of Data Integrity proofs, each a small value in one table.

eddsa-jcs-2022 and eddsa-rdfc-2022 (VC Data Integrity EdDSA Cryptosuites 1.0, section 3), ecdsa-jcs-2019 and ecdsa-rdfc-2019
(VC Data Integrity ECDSA Cryptosuites 1.0, section 3). All four sign the hash of the canonical proof options followed by the
hash of the canonical document without `proof`; they differ in the canonical form and in the keys that they take. For JCS
the proof repeats the document's `@context` and keeps it; for RDFC it is added only while the options are canonicalized.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from registry.credential.rdf import Canonicalize
from registry.encoding.jcs import jcs
from registry.keys import ED25519, P256, P384

#: kind of key -> the hash of what it signs, which also labels blank nodes
_HASH = {ED25519: "sha256", P256: "sha256", P384: "sha384"}


@dataclass(frozen=True)
class Statement:
    """What a proof signs: a document without `proof`. Its JCS form is made once, for proofs and commitment alike."""

    members: dict[str, Any]

    @cached_property
    def jcs(self) -> bytes:
        """The canonical bytes of the members. Malformed `not_canonical`."""
        return jcs(self.members)


@dataclass(frozen=True, slots=True)
class Cryptosuite:
    """A cryptosuite. `kinds`: the keys that may sign with it; `repeats_context`: whether the proof carries the @context."""

    name: str
    kinds: frozenset[str]
    repeats_context: bool

    def signed_bytes(
        self, options: dict[str, Any], statement: dict[str, Any], kind: str, canonicalize: Canonicalize
    ) -> bytes:
        """What a key of that kind signs: for proof options (the proof without proofValue) and a document without `proof`.

        Untrue, as `canonicalize`: the document or the options have no canonical form.
        """
        about_options = self.options_hash(options, statement.get("@context"), kind, canonicalize)
        return about_options + self.statement_hash(Statement(statement), kind, canonicalize)

    def options_hash(self, options: dict[str, Any], context: Any, kind: str, canonicalize: Canonicalize) -> bytes:
        """The first half of what is signed; `context`: the `@context` of the document. Untrue, as `signed_bytes`."""
        digest = _HASH[kind]
        if self.repeats_context:
            return hashlib.new(digest, jcs(options)).digest()
        return hashlib.new(digest, canonicalize({"@context": context, **options}, digest)).digest()

    def statement_hash(self, statement: Statement, kind: str, canonicalize: Canonicalize) -> bytes:
        """The second half of what is signed. Untrue, as `signed_bytes`."""
        digest = _HASH[kind]
        canonical = statement.jcs if self.repeats_context else canonicalize(statement.members, digest)
        return hashlib.new(digest, canonical).digest()


EDDSA_JCS_2022 = Cryptosuite("eddsa-jcs-2022", frozenset({ED25519}), repeats_context=True)
EDDSA_RDFC_2022 = Cryptosuite("eddsa-rdfc-2022", frozenset({ED25519}), repeats_context=False)
ECDSA_JCS_2019 = Cryptosuite("ecdsa-jcs-2019", frozenset({P256, P384}), repeats_context=True)
ECDSA_RDFC_2019 = Cryptosuite("ecdsa-rdfc-2019", frozenset({P256, P384}), repeats_context=False)
SUITES = {suite.name: suite for suite in (EDDSA_JCS_2022, EDDSA_RDFC_2022, ECDSA_JCS_2019, ECDSA_RDFC_2019)}


def proof_set(kind: str) -> tuple[Cryptosuite, ...]:
    """The suites of the proofs that a key of that kind makes on every credential, in their order: JCS first."""
    return tuple(suite for suite in SUITES.values() if kind in suite.kinds)
