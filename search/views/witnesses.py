"""Which witnesses cosigned the published checkpoint, and when, as pages tell it.

Pure; c2sp.org/tlog-witness. A witness that the registry runs itself keeps no watch over the registry, so it is told apart: its
URL is of this machine or of the registry's own host. Of the others nothing is known but their keys, so none is called
independent.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from registry.log import note
from registry.log.policy import Policy
from search.views.organization import utc


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness that cosigned. `name`: as the policy calls it; `is_own`: run by this registry itself; `as_of`: UTC."""

    name: str
    is_own: bool
    as_of: str


@dataclass(frozen=True, slots=True)
class WitnessesView:
    """The witnesses that cosigned, in the order of the policy; `as_of`: the newest cosignature, empty where there is none."""

    cosigners: tuple[Cosigner, ...]
    as_of: str


def witnesses_view(policy: Policy, signed: str, base_url: str) -> WitnessesView:
    """Who cosigned `signed`, the published checkpoint. Untrue `cosignature`: the cosignature of one of them is wrong."""
    times = policy.cosigned(note.parse(signed))
    own = {witness.name for witness in policy.witnesses if witness.url and _is_own(witness.url, base_url)}
    cosigners = tuple(Cosigner(name, name in own, utc(seconds * 1000)) for name, seconds in times.items())
    return WitnessesView(cosigners, utc(max(times.values()) * 1000) if times else "")


def _is_own(url: str, base_url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        if host == urlsplit(base_url).hostname or host == "localhost" or host.endswith(".localhost"):
            return True
        return ip_address(host).is_loopback
    except ValueError:
        return False
