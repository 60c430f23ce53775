"""The did:webvh log beside an issuer's did:web: every version, in a chain.

Each version is signed by an update key whose hash stood in the version before (pre-rotation), and each such key signs once.
The did:web document names the log and its newest version, and the ledger's `key` entry commits to that document, so that a
log which was cut short is found out. An issuer from before there were logs has none.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from registry.credential import webvh
from registry.encoding.moment import print_utc
from registry.errors import LedgerDamaged, Malformed
from registry.installation.office import Office
from registry.keys import ED25519, Signer


def versioned(
    office: Office,
    register: str,
    document: dict[str, Any],
    random: Callable[[int], bytes],
    at: datetime,
    *,
    is_new: bool,
) -> tuple[dict[str, Any], str | None]:
    """A did:web document with the names of its did:webvh, and the line to log; as it is, and None, where there is no log.

    `is_new`: the issuer is being opened, so that its log begins.
    """
    with office.records() as records:
        log = records.did_log(register)
    if not log and not is_new:
        if document.get("alsoKnownAs"):
            raise LedgerDamaged("did_log", f"the did:webvh log of {register} is gone")
        return document, None
    web = document["id"]
    plain = {name: value for name, value in document.items() if name != "alsoKnownAs"}
    signer, following = (_key(office, register, len(log) + n, random) for n in (1, 2))
    if not log:
        try:
            did = webvh.did_of(web)
        except Malformed:
            return document, None  # its host can have no did:webvh
        line = webvh.create(_renamed(plain, web, did), signer, [following.public], print_utc(at))
    else:
        before = json.loads(log[-1])
        did = before["state"]["id"]
        if f"{did}?versionId={before['versionId']}" not in document.get("alsoKnownAs", []):
            raise LedgerDamaged("did_log", f"the did:webvh log of {register} does not end where the ledger says")
        earliest = webvh.resolve(log, did, at + timedelta(days=1)).time + timedelta(seconds=1)
        moment = print_utc(max(at, earliest))
        line = webvh.append(log, _renamed(plain, web, did), signer, [following.public], moment)
    made = json.loads(line)
    did = made["state"]["id"]
    return {**plain, "alsoKnownAs": [did, f"{did}?versionId={made['versionId']}"]}, line


def _renamed(document: dict[str, Any], web: str, did: str) -> dict[str, Any]:
    """The did:webvh document that says the same, and names the did:web."""
    text = json.dumps(document).replace(f'"{web}"', f'"{did}"').replace(f'"{web}#', f'"{did}#')
    return {**json.loads(text), "alsoKnownAs": [web]}


def _key(office: Office, register: str, n: int, random: Callable[[int], bytes]) -> Signer:
    name = f"{register}-update-{n}"
    office.keys.make(name, ED25519, random)
    return office.keys.signer(name)
