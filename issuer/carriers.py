"""Other carriers of a credential, made by the office's signer for whoever asked: `application/vc+jwt`.

The public app holds no key, so it writes down what is asked for (registry/requests.py) and this makes it. A carrier says
exactly what was logged, so it needs no entry of its own.
"""

import time

from issuer.desk import key_name
from registry import did, jose
from registry.errors import NotFound
from registry.installation import Office
from registry.requests import VC_JWT, Requests


def make_waiting(office: Office, requests: Requests) -> int:
    """Make what waits; how many were made. Refused `key_unreadable`: nothing is dropped, and it is tried again."""
    made = 0
    for kind, name in requests.waiting():
        try:
            requests.put(kind, name, _MAKE[kind](office, *name.split("/")))
        except (NotFound, KeyError, TypeError, ValueError):
            requests.drop(kind, name)
        else:
            made += 1
    return made


def make_for_ever(office: Office, requests: Requests, seconds: float) -> None:
    """Make what is asked for, looking every so many seconds."""
    while True:
        make_waiting(office, requests)
        time.sleep(seconds)


def _vc_jwt(office: Office, register: str, number: str, n: str) -> bytes:
    document = office.reader.credential(register, number, int(n)).document
    if document is None:
        raise NotFound("body_missing", "the ledger no longer holds the body of this credential")
    keys = office.reader.issuer_document(register)
    fragment = did.in_use(keys, did.CREDENTIAL)
    methods = {method["id"] for method in keys["verificationMethod"]}
    method = f"{keys['id']}#{fragment}"
    kid = did.jwk_method(method) if did.jwk_method(method) in methods else method
    statement = {member: value for member, value in document.items() if member != "proof"}
    return jose.sign(statement, office.keys.signer(key_name(register, fragment)), kid).encode()


_MAKE = {VC_JWT: _vc_jwt}
