"""Which client a piece of work is for: what shares are counted by.

The app says it once per request; it goes along into the thread that does the work (PEP 567). A client of IPv6 is a network of
64 bits, since that is the least that one subscriber has (RFC 6177 section 2).
"""

import ipaddress
from contextvars import ContextVar

#: nobody in particular: a command, a test
NOBODY = ""
_client: ContextVar[str] = ContextVar("client", default=NOBODY)


def current_client() -> str:
    """The client that is being served."""
    return _client.get()


def works_for(address: str) -> None:
    """From here on this request is that client's. `address`: an IP address, or another text that a proxy forwards."""
    _client.set(client_of(address))


def client_of(address: str) -> str:
    """The client behind an address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def is_near(client: str) -> bool:
    """Whether a client is on this machine, or in a network that is nobody else's (RFC 1918, RFC 4193)."""
    try:
        return ipaddress.ip_network(client, strict=False).is_private
    except ValueError:
        return False
