"""The trust file: which ledger, which issuers and keys, which contexts a verifier believes; never taken from evidence.

{"v": 1, "origin", "genesisKey": vkey, "ledgerKeys": [vkey], "indexKeys": [vkey, of the map's log],
 "issuers": [{"did", "registers": [],
 "keys": [{"id", "publicKeyMultibase", "use": "credential" | "status"}]}], "contexts": {url: sha256 of the JCS form},
 "witnessPolicy": tlog-policy text, "require": {"current": bool}}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Any

import schemas
from registry.credential import did
from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed
from registry.keys import PublicKey, from_multikey
from registry.log import map_log, note
from registry.log import policy as tlog_policy

QUORUM_NONE = "quorum none"


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
    """A DID, the registers that it may speak for, and its keys by id."""

    did: str
    registers: frozenset[str]
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
        """The URL at which the ledger's installation serves our context: its hash is that of the bundled file."""
        wanted = context_digest("organization/v1")
        return next((url for url, digest in self.contexts.items() if digest == wanted), None)


def parse(data: bytes) -> Trust:
    """The trust of a trust file. Malformed `trust`, saying which member."""
    document = strict_json.parse_object(data)
    try:
        return _read(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed("trust", f"the trust file lacks a member, or it is of another type: {error}") from None


def _read(document: dict[str, Any]) -> Trust:
    if document["v"] != 1:
        raise Malformed("trust", "the trust file's version is not 1")
    origin, policy, require = (document["origin"], document["witnessPolicy"], document["require"]["current"])
    contexts = document["contexts"]
    genesis = note.parse_vkey(document["genesisKey"])
    ledger_keys = tuple(note.parse_vkey(text) for text in document["ledgerKeys"])
    index_keys = tuple(note.parse_vkey(text) for text in document.get("indexKeys", []))
    if not isinstance(origin, str) or not isinstance(policy, str) or type(require) is not bool or not ledger_keys:
        raise Malformed("trust", "origin, witnessPolicy, require.current or ledgerKeys is not of its type")
    if any(key.name != origin for key in (genesis, *ledger_keys)):
        raise Malformed("trust", "a ledger key's name is not the origin")
    if any(key.name != map_log.index_origin(origin) for key in index_keys):
        raise Malformed("trust", "the name of a key of the map's log is not that log's origin")
    if not all(isinstance(url, str) and isinstance(digest, str) for url, digest in contexts.items()):
        raise Malformed("trust", "contexts is not a map of URL to SHA-256")
    issuers = [_issuer(member) for member in document["issuers"]]
    return Trust(
        origin=origin,
        genesis_key=genesis,
        ledger_keys=ledger_keys,
        index_keys=index_keys,
        issuers=MappingProxyType({issuer.did: issuer for issuer in issuers}),
        contexts=MappingProxyType(dict(contexts)),
        policy=tlog_policy.parse(policy),
        require_current=require,
        document=MappingProxyType(document),
    )


def _issuer(member: dict[str, Any]) -> TrustedIssuer:
    keys = {}
    for key in member["keys"]:
        if key["use"] not in ("credential", "status"):
            raise Malformed("trust", "a key's use is credential or status")
        multibase = key["publicKeyMultibase"]
        keys[key["id"]] = TrustedKey(key["id"], multibase, key["use"], from_multikey(multibase))
    registers = member["registers"]
    if not isinstance(registers, list) or not all(isinstance(name, str) for name in registers):
        raise Malformed("trust", "an issuer's registers are not an array of codes")
    return TrustedIssuer(member["did"], frozenset(registers), MappingProxyType(keys))
