"""Make the tokens that the public asked for: `application/vc+jwt`, identity anchors.

The public app holds no key, so it writes down what is asked for (registry/store/token_queue.py) and this makes it. A carrier says
exactly what was logged, so it needs no entry of its own; and it is held against its entry, since the store may be changed.
"""

import logging
import re
import time

from issuer.actions.anchors import sign_token, token_again
from issuer.actions.committed import check_not_erased, committed_document
from issuer.actions.erasure import finish_begun
from registry.errors import Malformed, NotFound, NotPublished, RegistryError
from registry.installation.office import Office
from registry.store.database import ERRORS
from registry.store.token_queue import IDENTITY_ANCHOR, VC_JWT, Requests

_log = logging.getLogger(__name__)
#: of an entry, as a name
_INDEX = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)


def make_waiting(office: Office, requests: Requests) -> int:
    """Make what waits; how many were made.

    What no checkpoint covers yet stays, and what cannot be signed now, or is not what was logged: it is tried again.
    """
    made = 0
    for kind, name in requests.waiting():
        try:
            requests.put(kind, name, _token(office, kind, name))
        except (NotFound, Malformed):
            requests.drop(kind, name)
        except NotPublished:
            continue
        except RegistryError as error:  # a key that cannot be read, a changed store: the others do not wait for it
            _log.warning("%a %a could not be signed: %s", kind[:40], name[:80], error)
        except (OverflowError, ValueError) as error:  # whatever somebody wrote into the file of the queue
            _log.warning("%a %a was dropped: %s", kind[:40], name[:80], error)
            requests.drop(kind, name)
        else:
            made += 1
    return made


def make_for_ever(office: Office, requests: Requests, seconds: float) -> None:
    """Make what is asked for, and end erasures that were cut off, looking every so many seconds.

    What goes wrong is logged, and tried again.
    """
    while True:
        try:
            finish_begun(office)
            make_waiting(office, requests)
        except (RegistryError, *ERRORS) as error:
            _log.warning("nothing could be signed, or erased to the end: %s", error)
        time.sleep(seconds)


def _token(office: Office, kind: str, name: str) -> bytes:
    """Malformed `request`: of no kind or form that can be asked for; NotFound: the ledger holds no such thing."""
    if kind == VC_JWT:
        return _vc_jwt(office, name)
    if kind == IDENTITY_ANCHOR and _INDEX.fullmatch(name):
        return token_again(office, int(name)).encode()
    raise Malformed("request", "nobody can ask for that")


def _vc_jwt(office: Office, name: str) -> bytes:
    """`name`: what stands after `/credentials/` in the credential's id."""
    named = office.identity.parse_credential_id(f"{office.identity.base_url}/credentials/{name}")
    if named is None:
        raise Malformed("request", "that is no credential's name")
    check_not_erased(office, named.register, named.number)
    index = office.reader.credential(*named).index
    document = committed_document(office, index, office.identity.credential_id(*named))
    statement = {member: value for member, value in document.items() if member != "proof"}
    return sign_token(office, named.register, statement).encode()
