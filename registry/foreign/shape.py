"""Whether a stranger's document has the shape of a credential or presentation.

Verifiable Credentials Data Model 2.0, section 4. Credentials of version 1.1 are read too, where their context is known.
Judges names, types and values that every credential has; whether terms are defined is shown by canonicalization
(`contexts`), whether anything is true is left to `verify`.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import schemas
from registry.errors import Malformed
from registry.foreign import moment

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
MAX_CARRIED = 64
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20<>\"{}|\\^`]+", re.ASCII)
#: members whose values are objects with a `type` -> whether they need an `id` too (sections 4.10, 4.11, 5.4 to 5.6)
_TYPED = {
    "credentialStatus": False,
    "credentialSchema": True,
    "refreshService": False,
    "termsOfUse": False,
    "evidence": False,
}
_LANGUAGE_VALUE = {"@value", "@language", "@direction"}


#: status lists, schemas, resources of a kind that one credential may name: each costs work
MAX_NAMED = 8


def check_credential(document: dict[str, Any]) -> None:
    """Malformed `parsing` (not a credential at all) or `value` (a member that cannot be so) unless it has the shape of one."""
    first = _check_head(document, "VerifiableCredential", {schemas.CREDENTIALS_V2, CREDENTIALS_V1})
    _check_issuer(document.get("issuer"))
    _check_texts(document)
    subjects = as_list(document.get("credentialSubject"))
    _demand(
        bool(subjects) and all(isinstance(subject, dict) and subject for subject in subjects),
        "credentialSubject makes no claim",
    )
    for subject in subjects:
        _check_id(subject, "credentialSubject")
    for name, needs_id in _TYPED.items():
        _demand(len(as_list(document.get(name))) <= MAX_NAMED, f"{name} names more than {MAX_NAMED}")
        if name in document:
            _check_typed(name, as_list(document[name]), needs_id)
    _demand(len(as_list(document.get("relatedResource"))) <= MAX_NAMED, f"relatedResource names more than {MAX_NAMED}")
    if "relatedResource" in document:
        _check_related(as_list(document["relatedResource"]))
    if first == CREDENTIALS_V1:
        _demand("issuanceDate" in document, "a credential of version 1.1 has an issuanceDate")
    begins, ends = period(document)
    _demand(begins is None or ends is None or begins <= ends, "it ends before it begins")


def check_presentation(document: dict[str, Any]) -> None:
    """Malformed `parsing` or `value` unless it has the shape of a presentation (section 4.13)."""
    _check_head(document, "VerifiablePresentation", {schemas.CREDENTIALS_V2, CREDENTIALS_V1})
    if "holder" in document:
        _check_issuer(document["holder"], "holder")
    carried = as_list(document["verifiableCredential"]) if "verifiableCredential" in document else []
    _demand(len(carried) <= MAX_CARRIED, f"a presentation carries at most {MAX_CARRIED} credentials")
    _demand(
        all(isinstance(credential, dict) and credential for credential in carried),
        "verifiableCredential holds something else than objects",
    )


def period(credential: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
    """From when and until when it is valid; None: not said. Malformed `moment`."""
    old = as_list(credential.get("@context"))[:1] == [CREDENTIALS_V1]
    begins, ends = ("issuanceDate", "expirationDate") if old else ("validFrom", "validUntil")
    return (
        moment.parse(credential[begins]) if begins in credential else None,
        moment.parse(credential[ends]) if ends in credential else None,
    )


def as_list(value: Any) -> list[Any]:
    """A member's values: JSON-LD writes one alone or several in an array; None is none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def is_url(value: Any) -> bool:
    """Whether it is text with the form of an absolute URL (section 4.4)."""
    return isinstance(value, str) and _URL.fullmatch(value) is not None


def _check_head(document: dict[str, Any], kind: str, bases: set[str]) -> str:
    """@context, id, type and proof. The first context."""
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else None
    if not isinstance(contexts, list) or not isinstance(first, str) or first not in bases:
        raise Malformed("parsing", f"the first @context is not {schemas.CREDENTIALS_V2}")
    for context in contexts:
        _demand(isinstance(context, dict) or is_url(context), "@context holds something else than URLs and contexts")
    types = as_list(document.get("type"))
    if kind not in types:
        raise Malformed("parsing", f"it has not the type {kind}")
    _demand(all(isinstance(name, str) and name for name in types), "type holds something else than names")
    _check_id(document, "the document")
    if "proof" in document:
        proofs = as_list(document["proof"])
        if not proofs or not all(isinstance(proof, dict) for proof in proofs):
            raise Malformed("parsing", "proof is not one or more objects")
    return first


def _check_issuer(issuer: Any, name: str = "issuer") -> None:
    if isinstance(issuer, dict):
        _demand(is_url(issuer.get("id")), f"{name} has no id that is a URL")
        _check_texts(issuer)
    else:
        _demand(is_url(issuer), f"{name} is not a URL")


def _check_texts(value: dict[str, Any]) -> None:
    """`name` and `description`, as text or with their language (section 11.1)."""
    for name in ("name", "description"):
        for text in as_list(value[name]) if name in value else []:
            has_language = (
                isinstance(text, dict) and isinstance(text.get("@value"), str) and not text.keys() - _LANGUAGE_VALUE
            )
            _demand(isinstance(text, str) or has_language, f"{name} is neither text nor text with its language")


def _check_typed(name: str, values: list[Any], needs_id: bool) -> None:
    _demand(bool(values), f"{name} is empty")
    for value in values:
        types = as_list(value.get("type")) if isinstance(value, dict) else []
        _demand(bool(types) and all(isinstance(kind, str) and kind for kind in types), f"{name} has no type")
        _demand("id" in value or not needs_id, f"{name} has no id")
        _check_id(value, name)


def _check_related(values: list[Any]) -> None:
    _demand(
        bool(values) and all(isinstance(value, dict) for value in values), "relatedResource is not one or more objects"
    )
    for value in values:
        _demand("id" in value, "relatedResource has no id")
        _check_id(value, "relatedResource")
        digests = [value[name] for name in ("digestSRI", "digestMultibase") if name in value]
        _demand(bool(digests) and all(isinstance(digest, str) for digest in digests), "relatedResource has no digest")
    _demand(_are_unique(value["id"] for value in values), "relatedResource names one resource twice")


def _are_unique(values: Iterable[str]) -> bool:
    listed = list(values)
    return len(set(listed)) == len(listed)


def _check_id(value: dict[str, Any], name: str) -> None:
    _demand("id" not in value or is_url(value["id"]), f"the id of {name} is not a URL")


def _demand(true: bool, reason: str) -> None:
    if not true:
        raise Malformed("value", reason)
