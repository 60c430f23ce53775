"""Data Integrity proofs are made in sets, and checked in sets and chains.

VC Data Integrity 1.0, section 4. The proofs of a set are independent: each signs the document without `proof`. A proof of a
chain names others in `previousProof` and signs the document with those. `check` is for documents of ours, where every proof
must hold and nothing of a proof is left to chance; `check_each` says of anyone's document which of its proofs hold. An
unknown suite never counts as checked. Whose key it is, and for what, is left to `verify/steps` and `foreign/secured`.
"""

import copy
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from registry.credential.cryptosuites import SUITES, Cryptosuite, Statement, proof_set
from registry.credential.rdf import Canonicalize
from registry.encoding.base58 import base58, unbase58
from registry.encoding.remembered import remembered
from registry.errors import Malformed, RegistryError, Untrue
from registry.keys import PublicKey, Signer

OptionsHash = Callable[[Cryptosuite, dict[str, Any], Any, str, Canonicalize], bytes]
ASSERTION = "assertionMethod"
MAX_PROOFS = 8


class Stamp:
    """One key at one moment, for a batch: what its documents have in common is canonicalized once."""

    def __init__(
        self,
        signer: Signer,
        method: str,
        created: str,
        canonicalize: Canonicalize,
        *,
        suites: Sequence[Cryptosuite] | None = None,
        purpose: str = ASSERTION,
    ) -> None:
        """The key `method`, and the time `created` (UTC, `Z`). `suites`: by default every suite of the key's kind."""
        self._signer, self._kind, self._canonicalize = signer, signer.public.kind, canonicalize
        self._options = [
            (
                suite,
                {
                    "type": "DataIntegrityProof",
                    "cryptosuite": suite.name,
                    "created": created,
                    "verificationMethod": method,
                    "proofPurpose": purpose,
                },
            )
            for suite in (proof_set(self._kind) if suites is None else suites)
        ]
        self._context: Any = None
        self._hashes: list[bytes] = []

    def sign(self, document: dict[str, Any]) -> dict[str, Any]:
        """`document` (without `proof`) with a proof set. Untrue: the document has no canonical form."""
        context = document["@context"]
        if not self._hashes or context != self._context:
            self._hashes = [self._options_hash(suite, options, context) for suite, options in self._options]
            self._context = copy.deepcopy(context)
        statement, proofs = Statement(document), []
        for (suite, options), about_options in zip(self._options, self._hashes, strict=True):
            value = self._signer.sign(about_options + suite.statement_hash(statement, self._kind, self._canonicalize))
            repeated = {"@context": context} if suite.repeats_context else {}
            proofs.append({**options, **repeated, "proofValue": "z" + base58(value)})
        return {**document, "proof": proofs}

    def _options_hash(self, suite: Cryptosuite, options: dict[str, Any], context: Any) -> bytes:
        with_context = {**options, "@context": context} if suite.repeats_context else options
        return suite.options_hash(with_context, context, self._kind, self._canonicalize)


def sign(
    document: dict[str, Any],
    signer: Signer,
    method: str,
    created: str,
    canonicalize: Canonicalize,
    *,
    suites: Sequence[Cryptosuite] | None = None,
    purpose: str = ASSERTION,
) -> dict[str, Any]:
    """One document with a proof set; the arguments are those of `Stamp`."""
    return Stamp(signer, method, created, canonicalize, suites=suites, purpose=purpose).sign(document)


def proofs_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The proofs of a document. Malformed `proof`: none, or not an array of 1 to 8 objects."""
    proofs = document.get("proof")
    if not isinstance(proofs, list) or not 1 <= len(proofs) <= MAX_PROOFS:
        raise Malformed("proof", f"proof is not an array of 1 to {MAX_PROOFS} objects")
    if not all(isinstance(proof, dict) for proof in proofs):
        raise Malformed("proof", f"proof is not an array of 1 to {MAX_PROOFS} objects")
    return proofs


def check(
    document: dict[str, Any], public_key: Callable[[str], PublicKey | None], canonicalize: Canonicalize
) -> Statement:
    """The statement that every proof of the document proves; `public_key` gives the key of a verification method.

    Untrue `proof`: a proof does not hold. Malformed `proof`: there is none, or not in an array.
    """
    statement = Statement(_without_proof(document))
    for proof in proofs_of(document):
        key = public_key(str(proof.get("verificationMethod")))
        if key is None:
            raise Untrue("proof", "the proof's key is not known")
        if "previousProof" in proof:
            raise Untrue("proof", "a proof of a chain is not one of ours")
        _check_proof(proof, statement, key, canonicalize, ASSERTION, _options_hash)
    return statement


def check_each(
    document: dict[str, Any],
    public_key: Callable[[dict[str, Any]], PublicKey],
    canonicalize: Canonicalize,
    purpose: str = ASSERTION,
) -> list[str | None]:
    """Why each proof of the document does not hold, None where it does; `public_key` gives the key of a proof or raises.

    `proof` is one object or an array; sets and chains. Malformed `proof`: there is none, or more than eight.
    """
    given = document.get("proof")
    proofs = proofs_of({"proof": given if isinstance(given, list) else [given]})
    return [_reason(proof, proofs, document, public_key, canonicalize, purpose) for proof in proofs]


def _reason(
    proof: dict[str, Any],
    proofs: list[dict[str, Any]],
    document: dict[str, Any],
    public_key: Callable[[dict[str, Any]], PublicKey],
    canonicalize: Canonicalize,
    purpose: str,
) -> str | None:
    try:
        statement = _without_proof(document)
        previous = _previous(proof, proofs)
        if previous:
            statement["proof"] = previous
        _check_proof(proof, Statement(statement), public_key(proof), canonicalize, purpose)
    except RegistryError as error:
        return error.message
    return None


def _previous(proof: dict[str, Any], proofs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The proofs that a proof of a chain stands upon (section 4.4, step of matching proofs)."""
    if "previousProof" not in proof:
        return []
    named = proof["previousProof"] if isinstance(proof["previousProof"], list) else [proof["previousProof"]]
    matching = [other for name in named for other in proofs if isinstance(name, str) and other.get("id") == name]
    if len(matching) != len(named) or not named or any(other is proof for other in matching):
        raise Untrue("proof", f"{str(proof['previousProof'])[:40]!r} is no other proof of the document")
    return matching


def _check_proof(
    proof: dict[str, Any],
    statement: Statement,
    key: PublicKey,
    canonicalize: Canonicalize,
    purpose: str,
    options_hash: OptionsHash = Cryptosuite.options_hash,
) -> None:
    suite = SUITES.get(str(proof.get("cryptosuite")))
    if suite is None or proof.get("type") != "DataIntegrityProof":
        raise Untrue("proof", f"the cryptosuite {str(proof.get('cryptosuite'))[:40]!r} is not known here")
    if proof.get("proofPurpose") != purpose:
        raise Untrue("proof", f"the proof was not made for {purpose}")
    if key.kind not in suite.kinds:
        raise Untrue("proof", "the key is not of a kind that the cryptosuite takes")
    context = statement.members.get("@context")
    # the specification lets a context be appended after signing; here nothing is
    if (suite.repeats_context or "@context" in proof) and proof.get("@context") != context:
        raise Untrue("proof", "the proof speaks of another @context")
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    signature = _signature(proof.get("proofValue"))
    about_options = options_hash(suite, options, context, key.kind, canonicalize)
    if not key.is_signed(signature, about_options + suite.statement_hash(statement, key.kind, canonicalize)):
        raise Untrue("proof", "the signature does not fit the document")


def _options_hash(
    suite: Cryptosuite, options: dict[str, Any], context: Any, kind: str, canonicalize: Canonicalize
) -> bytes:
    """As the suite gives it: all that was signed by one key at one time has the same."""
    return _hash_of_options(suite.name, orjson.dumps([options, context]), kind, canonicalize)


@remembered(64)
def _hash_of_options(suite: str, about: bytes, kind: str, canonicalize: Canonicalize) -> bytes:
    options, context = orjson.loads(about)
    return SUITES[suite].options_hash(options, context, kind, canonicalize)


def _without_proof(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def _signature(value: Any) -> bytes:
    if not isinstance(value, str) or not value.startswith("z"):
        raise Untrue("proof", "proofValue is not base58-btc multibase")
    try:
        return unbase58(value[1:])
    except Malformed as error:
        raise Untrue("proof", error.message) from None
