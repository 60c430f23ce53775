r"""One ledger entry: the RFC 8785 JSON object that every auditor parses (docs/architecture.md, "The ledger entry").

    {"commitment":"…","effective":"2024-03-01","index":7,"issuer":"did:web:…","key":"…","kind":"supersede","org":"bc:BC1234567",
     "prev":"…","refers":[3],"time":1700000000000,"type":"OrganizationRegistrationCredential","v":1}

`prev` is the RFC 6962 leaf hash of the entry before, so the level-0 hashes of the tree are the hash chain; the first entry
names the hash of the ledger's origin and first key. The commitment hides the body behind a random salt: erasing body and
salt leaves nothing to guess, and every proof still holds.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from registry import strict_json
from registry.canonical import jcs
from registry.errors import Malformed
from registry.merkle import leaf_hash

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
_PATTERNS = {
    "commitment": re.compile(r"[0-9a-f]{64}"),
    "prev": re.compile(r"[0-9a-f]{64}"),
    "org": re.compile(r"[a-z0-9]{1,16}:[A-Za-z0-9.-]{1,32}|~[0-9a-f]{64}"),
    "issuer": re.compile(r"did:[!-~]{1,300}"),
    "key": re.compile(r"did:[!-~]{1,300}#[!-~]{1,100}"),
    "type": re.compile(r"[A-Za-z0-9]{1,64}"),
    "effective": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?"),
    "reason": re.compile(r"[a-z0-9_]{1,64}"),
}


class _Rules(NamedTuple):
    """What `check` looks at in an entry of one kind."""

    always: tuple[str, ...]
    never: tuple[str, ...]
    forms: tuple[tuple[str, re.Pattern[str]], ...]


_RULES = {
    kind: _Rules(
        tuple(name for name, rule in members.items() if rule == "r"),
        tuple(name for name in (*_PATTERNS, "refers") if name not in (*members, "prev")),
        tuple((name, pattern) for name, pattern in _PATTERNS.items() if name in (*members, "prev")),
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
        """The bytes in the ledger; `parse` of them gives the same entry, when `check` finds nothing.

        Whole numbers and ASCII are all that it holds then, and those orjson writes as JCS does (RFC 8785 section 3.2).
        """
        members: dict[str, Any] = {"v": 1, "index": self.index, "time": self.time, "prev": self.prev, "kind": self.kind}
        for name in ("org", "commitment", "issuer", "key", "type", "effective", "reason"):
            value = getattr(self, name)
            if value is not None:
                members[name] = value
        if self.refers:
            members["refers"] = list(self.refers)
        return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def parse(data: bytes) -> Entry:
    """The entry of those bytes. Malformed `entry`: another form, a member that its kind has not, or lacks."""
    if len(data) > MAX_BYTES:
        raise Malformed("entry", f"larger than {MAX_BYTES} bytes")
    members = strict_json.parse_object(data)
    if members.pop("v", None) != 1:
        raise Malformed("entry", "its version is not 1")
    refers = members.pop("refers", [])
    try:
        found = Entry(**members, refers=tuple(refers))
    except TypeError:
        raise Malformed("entry", "the members are not those of an entry") from None
    check(found)
    if found.print() != data:
        raise Malformed("entry", "not the form in which an entry is printed")
    return found


def check(one: Entry) -> None:
    """Malformed `entry`: a member that is not of its form, or that the kind of the entry has not, or lacks."""
    rules = _RULES.get(one.kind) if isinstance(one.kind, str) else None
    if rules is None:
        raise Malformed("entry", "no such kind of entry")
    for name in rules.never:
        if getattr(one, name) not in (None, ()):
            raise Malformed("entry", f"a {one.kind} entry has no {name}")
    for name in rules.always:
        if not getattr(one, name):
            raise Malformed("entry", f"{name} is absent, which a {one.kind} entry must have")
    for name, pattern in rules.forms:
        value = getattr(one, name)
        if value is not None and not (isinstance(value, str) and pattern.fullmatch(value)):
            raise Malformed("entry", f"{name} is not of its form")
    for number in (one.index, one.time, *one.refers):
        if type(number) is not int or number < 0:
            raise Malformed("entry", "index, time and refers are whole numbers")
    if one.time >= MAX_TIME:
        raise Malformed("entry", "time lies beyond the year 9999")
    if one.refers and (max(one.refers) >= one.index or len(one.refers) > MAX_REFERS):
        raise Malformed("entry", f"refers names earlier entries, at most {MAX_REFERS}")


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
