"""What each key of the two logs may still do.

The office's DID document says so (Controlled Identifiers 1.0, section 2.2). A key that signs may assert. A retired one may
not, and what it signed is still believed. A disowned one may be in other hands: its method is `revoked`, and since no
signature proves when it was made, from the beginning of time. None is ever dropped.
"""

from collections.abc import Mapping
from typing import Any

from registry.credential import did
from registry.encoding import members
from registry.errors import Untrue
from registry.keys import PublicKey

#: what a key does, in the order in which it may change
SIGNS, RETIRED, DISOWNED = 1, 0, -1
_EVER = "1970-01-01T00:00:00Z"

#: by fragment (`ledger-2`): a key, and what it does
LogKeys = Mapping[str, tuple[PublicKey, int]]


def document(office: str, keys: LogKeys) -> dict[str, Any]:
    """The DID document of that office with those keys."""
    silent = [fragment for fragment, (_, state) in keys.items() if state != SIGNS]
    made = did.document(office, {fragment: key for fragment, (key, _) in keys.items()}, compromised=silent)
    for method in made["verificationMethod"]:
        if keys[method["id"].partition("#")[2]][1] == DISOWNED:
            method["revoked"] = _EVER
    return made


def read(document: Mapping[str, Any]) -> dict[str, tuple[PublicKey, int]]:
    """The keys of such a document. Untrue `log_key`: one is revoked otherwise; Malformed: it is of another form."""
    asserting = set(members.list_of(document, "assertionMethod", str))
    states = {}
    for method in members.list_of(document, "verificationMethod", dict):
        name, revoked = members.text(method, "id"), method.get("revoked")
        if revoked not in (None, _EVER) or (revoked and name in asserting):
            raise Untrue("log_key", f"{name} is revoked in another way than a disowned key of a log")
        states[name.partition("#")[2]] = SIGNS if name in asserting else RETIRED if revoked is None else DISOWNED
    return {fragment: (key, states[fragment]) for fragment, key in did.keys_of(document).items()}
