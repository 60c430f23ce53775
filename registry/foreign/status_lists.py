"""What a stranger's status lists say of its credential.

Bitstring Status List 1.0, section 3.2. The list is fetched, must itself be a credential whose proofs hold, of the same
issuer, in force, and for the same purpose. A list that was not had says nothing: never that a credential is not revoked. How
it is fetched and whether its proofs hold is left to the caller.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from registry.credential import status
from registry.credential.document import issuer_of
from registry.encoding import strict_json
from registry.errors import Malformed, RegistryError, Untrue
from registry.foreign import shape
from registry.foreign.finding import Finding, failed, passed, unknown
from registry.foreign.retrieval import Fetch, NotRetrieved
from registry.foreign.shape import as_list
from registry.verify.verdict import SKEW

ABOUT = "credentialStatus"
#: purposes under which a value other than 0 says that the credential must not be relied on
_AGAINST = ("revocation", "suspension")
_MAX_SIZE = 32
_PROBLEMS = {
    "range": "RANGE_ERROR",
    "status_list_length": "STATUS_LIST_LENGTH_ERROR",
    "value": "MALFORMED_VALUE_ERROR",
    "status": "STATUS_VERIFICATION_ERROR",
}


def check_status(
    credential: dict[str, Any], fetch: Fetch, at: datetime, check_proofs: Callable[[dict[str, Any]], None]
) -> list[Finding]:
    """One finding per status entry; `check_proofs` raises RegistryError unless a list's proofs hold and are its issuer's."""
    return [_entry_finding(entry, credential, fetch, at, check_proofs) for entry in as_list(credential.get(ABOUT))]


def _entry_finding(
    entry: dict[str, Any],
    credential: dict[str, Any],
    fetch: Fetch,
    at: datetime,
    check_proofs: Callable[[dict[str, Any]], None],
) -> Finding:
    if "BitstringStatusListEntry" not in as_list(entry.get("type")):
        return unknown(ABOUT, "STATUS_VERIFICATION_ERROR", "a status of that type is not read here", entry)
    try:
        index, size = _place(entry)
        document = _list(entry, fetch)
        _check_list(document, entry, credential, at)
        check_proofs(document)
        value = _value(status.decode(str(document["credentialSubject"].get("encodedList"))), index, size)
    except NotRetrieved as error:
        return unknown(ABOUT, "STATUS_RETRIEVAL_ERROR", f"the status list was not had: {error.message}", entry)
    except RegistryError as error:
        return failed(ABOUT, _PROBLEMS.get(error.code, "STATUS_VERIFICATION_ERROR"), error.message, entry)
    purpose = entry["statusPurpose"]
    if value and purpose in _AGAINST:
        standing = "revoked" if purpose == "revocation" else "suspended"
        return failed(ABOUT, "STATUS_VERIFICATION_ERROR", standing, entry, value)
    return passed(ABOUT, entry, value)


def _place(entry: dict[str, Any]) -> tuple[int, int]:
    """The index and size of an entry. Malformed `value`."""
    index, size = entry.get("statusListIndex"), entry.get("statusSize", 1)
    if (
        not isinstance(index, str)
        or not index.isascii()
        or not index.isdigit()
        or len(index) > 12
        or str(int(index)) != index
    ):
        raise Malformed("value", "statusListIndex is not a whole number as text")
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= _MAX_SIZE:
        raise Malformed("value", f"statusSize is not a number from 1 to {_MAX_SIZE}")
    if not isinstance(entry.get("statusPurpose"), str) or not shape.is_url(entry.get("statusListCredential")):
        raise Malformed("value", "the status entry names no purpose or no list")
    return int(index), size


def _list(entry: dict[str, Any], fetch: Fetch) -> dict[str, Any]:
    try:
        document = strict_json.parse_object(fetch(entry["statusListCredential"]))
        shape.check_credential(document)
    except Malformed as error:
        raise Untrue("status", f"the status list cannot be read: {error.message}") from None
    return document


def _check_list(document: dict[str, Any], entry: dict[str, Any], credential: dict[str, Any], at: datetime) -> None:
    """Untrue `status` unless it is the list that the entry means."""
    subject = document["credentialSubject"]
    _demand("BitstringStatusListCredential" in as_list(document["type"]), "what was fetched is no status list")
    _demand(document.get("id") in (None, entry["statusListCredential"]), "the status list is another one")
    _demand(isinstance(subject, dict) and subject.get("type") == "BitstringStatusList", "the status list has no bits")
    _demand(entry["statusPurpose"] in as_list(subject.get("statusPurpose")), "the status list has another purpose")
    _demand(issuer_of(document) == issuer_of(credential), "the status list is another issuer's")
    begins, ends = shape.period(document)
    _demand(begins is None or begins <= at + SKEW, "the status list is not yet valid")
    _demand(ends is None or at <= ends, "the status list has expired")


def _value(bits: bytes, index: int, size: int) -> int:
    """The number in the `size` bits of entry `index`, the left-most first. Untrue `range`."""
    if (index + 1) * size > len(bits) * 8:
        raise Untrue("range", "statusListIndex is beyond the list")
    return sum(status.is_set(bits, index * size + offset) << (size - 1 - offset) for offset in range(size))


def _demand(true: bool, reason: str) -> None:
    if not true:
        raise Untrue("status", reason)
