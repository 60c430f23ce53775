"""The trust file says which ledger, issuers, keys and contexts a verifier believes.

It is never taken from evidence.

{"v": 1, "origin", "genesisKey": vkey, "ledgerKeys": [vkey], "indexKeys": [vkey, of the map's log],
 "issuers": [{"did", "registers": [], "types": [] (absent: registration),
 "keys": [{"id", "publicKeyMultibase", "use": "credential" | "status"}]}], "contexts": {url: sha256 of the JCS form},
 "witnessPolicy": tlog-policy text, "require": {"current": bool}}
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import schemas
from registry.credential import did
from registry.credential.identity import own_contexts
from registry.encoding import members, strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed
from registry.keys import PublicKey, from_multikey
from registry.log import map_log, note
from registry.log import policy as tlog_policy

QUORUM_NONE = "quorum none"
#: the types of the credentials of an issuer whose types the trust file does not name
REGISTRATION = frozenset({schemas.REGISTRATION})
#: the code of what is wrong with a trust file
_CODE = "trust"
_DIGEST = re.compile(r"[0-9a-f]{64}")


@cache
def context_digest(name: str) -> str:
    """SHA-256 (hex) of the JCS form of a bundled context."""
    return sha256(jcs(schemas.context_document(name))).hexdigest()


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """An issuer's key. `use`: credential or status; `public`: the key that the Multikey writes."""

    id: str
    multibase: str
    use: str
    public: PublicKey


@dataclass(frozen=True, slots=True)
class TrustedIssuer:
    """A DID, the registers that it may speak for, the types of its credentials, and its keys by id."""

    did: str
    registers: frozenset[str]
    types: frozenset[str]
    keys: Mapping[str, TrustedKey]


@dataclass(frozen=True, slots=True)
class Trust:
    """The parsed trust file; `document` is the JSON it was read from."""

    origin: str
    genesis_key: note.VerifierKey
    ledger_keys: tuple[note.VerifierKey, ...]
    index_keys: tuple[note.VerifierKey, ...]
    issuers: Mapping[str, TrustedIssuer]
    contexts: Mapping[str, str]
    policy: tlog_policy.Policy
    require_current: bool
    document: Mapping[str, Any] = field(repr=False)

    @property
    def index_policy(self) -> tlog_policy.Policy | None:
        """The witness policy of the map's log; None unless it asks for witnesses and a `log` line of it names that log."""
        name = map_log.index_origin(self.origin)
        return self.policy if not self.policy.is_none and any(log.name == name for log in self.policy.logs) else None

    @property
    def office(self) -> str | None:
        """The DID of the office of the ledger's installation."""
        url = self.organization_context
        return None if url is None else did.did_web(url.removesuffix("/contexts/organization/v1"))

    @property
    def organization_context(self) -> str | None:
        """The URL at which the ledger's installation serves our first context: its hash is that of the bundled file."""
        wanted = context_digest("organization/v1")
        return next((url for url, digest in self.contexts.items() if digest == wanted), None)

    def pins(self, context: object) -> bool:
        """Whether that is the `@context` of a credential of ours: W3C's, and one of ours as the trust file pins it."""
        first = self.organization_context
        own = {} if first is None else own_contexts(first)
        pinned = [url for name, url in own.items() if self.contexts.get(url) == context_digest(name)]
        return any(context == [schemas.CREDENTIALS_V2, url] for url in pinned)


def fingerprint(document: Mapping[str, Any]) -> str:
    """What tells one trust file from another: SHA-256 (hex) of its JCS form. Twin of `fingerprint` in `verify/trust_file.js`."""
    return sha256(jcs(dict(document))).hexdigest()


def parse(data: bytes) -> Trust:
    """The trust of a trust file. Malformed `trust`, saying which member; or as the forms of keys and policy are."""
    document = strict_json.parse_object(data)
    if members.integer(document, "v", _CODE) != 1:
        raise Malformed(_CODE, "the trust file's version is not 1")
    origin, policy = (members.text(document, name, _CODE) for name in ("origin", "witnessPolicy"))
    contexts = members.object_at(document, "contexts", _CODE)
    genesis = note.parse_vkey(members.text(document, "genesisKey", _CODE))
    ledger_keys, index_keys = _vkeys(document, "ledgerKeys"), _vkeys({"indexKeys": [], **document}, "indexKeys")
    if not ledger_keys:
        raise Malformed(_CODE, "ledgerKeys is empty")
    if any(key.name != origin for key in (genesis, *ledger_keys)):
        raise Malformed(_CODE, "a ledger key's name is not the origin")
    if any(key.name != map_log.index_origin(origin) for key in index_keys):
        raise Malformed(_CODE, "the name of a key of the map's log is not that log's origin")
    if not all(isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in contexts.values()):
        raise Malformed(_CODE, "contexts is not a map of URL to SHA-256")
    issuers = [_issuer(member) for member in members.list_of(document, "issuers", dict, _CODE)]
    if len({issuer.did for issuer in issuers}) < len(issuers):
        raise Malformed(_CODE, "an issuer stands twice")
    return Trust(
        origin=origin,
        genesis_key=genesis,
        ledger_keys=ledger_keys,
        index_keys=index_keys,
        issuers=MappingProxyType({issuer.did: issuer for issuer in issuers}),
        contexts=MappingProxyType(dict(contexts)),
        policy=tlog_policy.parse(policy),
        require_current=members.flag(members.object_at(document, "require", _CODE), "current", _CODE),
        document=MappingProxyType(document),
    )


def _vkeys(document: dict[str, Any], name: str) -> tuple[note.VerifierKey, ...]:
    return tuple(note.parse_vkey(vkey) for vkey in members.list_of(document, name, str, _CODE))


def _issuer(issuer: dict[str, Any]) -> TrustedIssuer:
    keys = {}
    for key in members.list_of(issuer, "keys", dict, _CODE):
        name, multibase, use = (members.text(key, member, _CODE) for member in ("id", "publicKeyMultibase", "use"))
        if use not in ("credential", "status"):
            raise Malformed(_CODE, "a key's use is credential or status")
        if name in keys:
            raise Malformed(_CODE, "a key's id stands twice")
        keys[name] = TrustedKey(name, multibase, use, from_multikey(multibase))
    registers = frozenset(members.list_of(issuer, "registers", str, _CODE))
    types = frozenset(members.list_of(issuer, "types", str, _CODE)) if "types" in issuer else REGISTRATION
    own = members.text(issuer, "did", _CODE)
    if not own.startswith("did:"):
        raise Malformed(_CODE, "an issuer is no DID")
    return TrustedIssuer(own, registers, types, MappingProxyType(keys))
