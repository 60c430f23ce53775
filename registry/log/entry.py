"""A ledger entry is a small JSON object that every auditor parses.

RFC 8785 JSON (docs/architecture.md, "The ledger entry"):

    {"commitment":"…","effective":"2024-03-01","index":7,"issuer":"did:web:…","key":"…","kind":"supersede","org":"bc:BC1234567",
     "prev":"…","refers":[3],"time":1700000000000,"type":"OrganizationRegistrationCredential","v":1}

`prev` is the RFC 6962 leaf hash of the entry before, so the level-0 hashes of the tree are the hash chain; the first entry
names the hash of the ledger's origin and first key. The commitment hides the body behind a random salt: erasing body and
salt leaves nothing to guess, and every proof still holds.
"""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.encoding.remembered import remembered
from registry.errors import Malformed
from registry.log.merkle import leaf_hash

#: kinds that carry one credential each
CREDENTIAL_KINDS = ("issue", "supersede", "correct")
MAX_BYTES = 65_535
MAX_REFERS = 256
#: the reason of a status entry that clears bits; every other one sets them
REINSTATED = "reinstated"
MAX_TIME = 253_402_300_800_000

#: by kind: member -> r, it must be there, or o, it may; others may not (those of every kind aside)
_CREDENTIAL = {"org": "r", "commitment": "r", "issuer": "r", "key": "r", "type": "r", "effective": "o"}
_MEMBERS: dict[str, dict[str, str]] = {
    "issue": _CREDENTIAL,
    "supersede": {**_CREDENTIAL, "refers": "r"},
    "correct": {**_CREDENTIAL, "reason": "r", "refers": "r"},
    "status": {"commitment": "r", "issuer": "r", "key": "r", "type": "r", "reason": "r", "refers": "o"},
    "key": {"commitment": "r", "issuer": "r"},
    "policy": {"commitment": "r"},
    "erase": {"org": "r", "reason": "r", "refers": "r"},
    "note": {"reason": "r", "commitment": "o"},
}
#: the form of a reason: a code
REASON = re.compile(r"[a-z0-9_]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_PATTERNS = {
    "org": re.compile(r"[a-z0-9]{1,16}:[A-Za-z0-9.-]{1,32}|~[0-9a-f]{64}"),
    "issuer": re.compile(r"did:[!-~]{1,300}"),
    "key": re.compile(r"did:[!-~]{1,300}#[!-~]{1,100}"),
    "type": re.compile(r"[A-Za-z0-9]{1,64}"),
    "effective": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?"),
    "reason": REASON,
    "commitment": _HASH,
}


class _Rules(NamedTuple):
    """The members that an entry of one kind has, and those that it may have."""

    always: frozenset[str]
    known: frozenset[str]


_OF_EVERY_KIND = ("v", "index", "time", "prev", "kind")
_RULES = {
    kind: _Rules(
        frozenset((*_OF_EVERY_KIND, *(name for name, rule in members.items() if rule == "r"))),
        frozenset((*_OF_EVERY_KIND, *members)),
    )
    for kind, members in _MEMBERS.items()
}


@dataclass(frozen=True, slots=True)
class Entry:
    """`time`: ms since 1970 UTC; `prev`, `commitment`: 64 lower-case hex digits; `refers`: indexes of earlier entries."""

    index: int
    time: int
    prev: str
    kind: str
    org: str | None = None
    commitment: str | None = None
    issuer: str | None = None
    key: str | None = None
    type: str | None = None
    effective: str | None = None
    reason: str | None = None
    refers: tuple[int, ...] = ()

    def print(self) -> bytes:
        """The bytes in the ledger, which `parse` gave it for."""
        values = {name: getattr(self, name) for name in _NAMES}
        return _print({name: value for name, value in values.items() if value not in (None, ())})


_NAMES = tuple(field.name for field in fields(Entry))


@remembered(256, 4096)
def parse(data: bytes) -> Entry:
    """The entry of those bytes. Malformed `entry`: another form, a member that its kind has not, or lacks."""
    if len(data) > MAX_BYTES:
        raise Malformed("entry", f"larger than {MAX_BYTES} bytes")
    members = strict_json.parse_object(data)
    if members.pop("v", None) != 1:
        raise Malformed("entry", "its version is not 1")
    _check(members)
    if _print(members) != data:
        raise Malformed("entry", "not the form in which an entry is printed")
    return Entry(**{**members, "refers": tuple(members.get("refers", ()))})


#: the members that are texts of a form, in the order in which `print_new` takes them
TEXTS = tuple(_PATTERNS)
_MATCHES = tuple((name, pattern.fullmatch) for name, pattern in _PATTERNS.items())


def print_new(
    index: int, time: int, prev: str, kind: str, texts: Iterable[str | None], refers: tuple[int, ...] = ()
) -> bytes:
    """The bytes of a new entry, of which `parse` gives it again. Malformed `entry`, as there.

    `index`, `time`, `prev`: its place in the chain, which the ledger gives it; `texts`: those of TEXTS, None what it has not.
    Whole numbers and ASCII are all that it holds, and those orjson writes as JCS does (RFC 8785 section 3.2).
    """
    members: dict[str, Any] = {"v": 1, "index": index, "time": time, "prev": prev, "kind": kind}
    for (name, matches), text in zip(_MATCHES, texts, strict=True):
        if text is not None:
            if matches(text) is None:
                raise Malformed("entry", f"{name} is not of its form")
            members[name] = text
    if refers:
        _check_refers(refers, index)
        members["refers"] = refers
    _check_names(kind, tuple(members))
    data = orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
    if len(data) > MAX_BYTES or not 0 <= time < MAX_TIME:
        raise Malformed("entry", f"larger than {MAX_BYTES} bytes, or later than the year 9999")
    return data


def _print(members: dict[str, Any]) -> bytes:
    return orjson.dumps({"v": 1, **members}, option=orjson.OPT_SORT_KEYS)


def _check(members: dict[str, Any]) -> None:
    """Malformed `entry`: a member that is not of its form, or that the kind of the entry has not, or lacks."""
    kind = members.get("kind")
    _check_names(kind if isinstance(kind, str) else "", ("v", *members))
    for name, pattern in (*_PATTERNS.items(), ("prev", _HASH)):
        if name in members:
            value = members[name]
            if not isinstance(value, str) or pattern.fullmatch(value) is None:
                raise Malformed("entry", f"{name} is not of its form")
    index, time = members["index"], members["time"]
    if type(index) is not int or type(time) is not int or index < 0 or time < 0:
        raise Malformed("entry", "index, time and refers are whole numbers")
    if time >= MAX_TIME:
        raise Malformed("entry", "time lies beyond the year 9999")
    if "refers" in members:
        _check_refers(members["refers"], index)


@lru_cache(256)
def _check_names(kind: str, names: tuple[str, ...]) -> None:
    """Malformed: members of those names are not those of the kind. Few combinations occur, and each of them in many entries."""
    rules = _RULES.get(kind)
    if rules is None:
        raise Malformed("entry", "no such kind of entry")
    for name in names:
        if name not in rules.known:
            raise Malformed("entry", f"a {kind} entry has no {name[:80]}")
    for name in sorted(rules.always.difference(names)):
        raise Malformed("entry", f"{name} is absent, which a {kind} entry must have")


def _check_refers(refers: Any, index: int) -> None:
    if not isinstance(refers, list | tuple) or not 0 < len(refers) <= MAX_REFERS:
        raise Malformed("entry", f"refers names 1 to {MAX_REFERS} entries")
    if any(type(number) is not int or number < 0 for number in refers):
        raise Malformed("entry", "index, time and refers are whole numbers")
    if max(refers) >= index:
        raise Malformed("entry", "refers names earlier entries")


def genesis_prev(origin: str, genesis_key: str) -> str:
    """`prev` of the first entry: it binds the chain to the ledger's name and first key (a vkey)."""
    return leaf_hash(f"greffe-ledger/v1\n{origin}\n{genesis_key}\n".encode()).hex()


def commitment(salt: bytes, document: dict[str, Any]) -> str:
    """SHA-256 of a prefix, the salt (32 bytes) and the JCS of the document without its `proof`; 64 hex digits."""
    return commitment_to(salt, jcs({name: value for name, value in document.items() if name != "proof"}))


def commitment_to(salt: bytes, statement: bytes) -> str:
    """The commitment to a document whose JCS, without its `proof`, is `statement`."""
    return sha256(b"greffe-commitment/v1\n" + salt + statement).hexdigest()


def pseudonym(org_salt: bytes, register: str, number: str) -> str:
    """The `org` of a natural person: `~` and HMAC-SHA256(orgSalt, prefix || register:number) in hex."""
    message = f"greffe-org/v1\n{register}:{number}".encode()
    return "~" + hmac.new(org_salt, message, sha256).hexdigest()


def erased_digest(secret: bytes, register: str, number: str) -> bytes:
    """What stays of an erased organization, 32 bytes: HMAC-SHA256(secret, register:number)."""
    return hmac.digest(secret, f"{register}:{number}".encode(), "sha256")
