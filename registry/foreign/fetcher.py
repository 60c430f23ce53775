"""A stranger's JSON is fetched without turning us against our own network.

The danger is server-side request forgery. Edge: DNS, sockets, a clock. Only https on port 443 to a name with a dot; the name
is resolved once, every address of the answer must be public, and the connection goes to an address that was checked, under a
certificate for the name. No redirect, no proxy, no credentials, no compression; `SECONDS` in all, DNS included, and `BYTES`
of body. HTTP/1.1 as `http.client` reads it (RFC 9112). What a document means, and how many a verification may ask for, is
left to `retrieval` and its callers.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue

from registry.edge.bounded_connection import BoundedLink, TooLarge
from registry.edge.client import current_client
from registry.foreign.retrieval import Fetch, NotRetrieved, Remembered, no_fetch

SECONDS = 3.0
BYTES = 256 * 1024
_HEADER_BYTES = 32 * 1024
_ADDRESSES_TRIED = 3

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
#: the last label begins with a letter, which no spelling of an IPv4 address does (0x7f.1, 2130706433, 127.0.0.01)
_URL = re.compile(
    rf"https://(?P<host>(?=[^/:]{{1,253}}(?:[/:]|$))(?:{_LABEL}\.)+(?=[a-z]){_LABEL})(?::443)?(?P<path>/[!-~]*)?",
    re.IGNORECASE,
)
_NOT_IN_A_PATH = re.compile(r"[#\"<>\\^`{|}]")
_MEDIA_TYPE = re.compile(r"application/(json|vc|vp|did|cid|[a-z0-9.-]+(\+[a-z0-9.-]+)*\+json)")

#: not public, or public only to others: RFC 6890 and its register, multicast, and the one metadata service outside both
_PRIVATE_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
        ),
    )
)  # fmt: skip
#: all other IPv6 is refused: it carries an IPv4 address (mapped, NAT64), or is local, multicast or reserved
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
#: within it: Teredo and other protocol assignments, 6to4, documentation
_PRIVATE_V6 = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))

#: (name, seconds left) -> its addresses
Lookup = Callable[[str, float], list[str]]
#: (address, seconds left) -> a connection to its port 443
Dial = Callable[[str, float], socket.socket]


def is_public(address: str) -> bool:
    """Whether a server of the public internet may be at that IP address. False also for what is no plain address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not any(ip in network for network in _PRIVATE_V4)
    inside = ip.scope_id is None and ip in _GLOBAL_V6
    return inside and ip.is_global and not any(ip in network for network in _PRIVATE_V6)


class Lookups:
    """Names that are being looked up: `most` in all, so many of one domain, and so many for one client.

    A resolver that is late holds its place until it is done, so that slow names take the place of no other domain's.
    """

    def __init__(self, most: int = 32, of_domain: int = 2, for_client: int = 4) -> None:
        self._most, self._of_domain, self._for_client = most, of_domain, for_client
        self._lock = threading.Lock()
        self._under_way: Counter[tuple[str, str]] = Counter()

    def begin(self, name: str, client: str) -> list[tuple[str, str]]:
        """Take a place, which `end` gives back. NotRetrieved `fetch_busy`: there is none."""
        places = [("domain", domain_of(name)), ("client", client), ("all", "")]
        with self._lock:
            for place, most in zip(places, (self._of_domain, self._for_client, self._most), strict=True):
                if self._under_way[place] >= most:
                    raise NotRetrieved("fetch_busy", "too many names are being looked up")
            self._under_way.update(places)
        return places

    def end(self, places: list[tuple[str, str]]) -> None:
        """The resolver is done with it."""
        with self._lock:
            self._under_way.subtract(places)
            self._under_way += Counter()  # forgets what is at zero


def domain_of(name: str) -> str:
    """The domain that a name is likely to belong to: whoever holds one makes as many names below it as they like."""
    labels = name.lower().rstrip(".").split(".")
    is_below_a_country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if is_below_a_country else -2 :])


_lookups = Lookups()


def look_up(name: str, seconds: float) -> list[str]:
    """The addresses of a name, from the system's resolver. NotRetrieved `fetch_dns`, `fetch_time`, `fetch_busy`.

    The resolver knows no deadline, so it runs in a thread that is left behind when it is late; `Lookups` counts these.
    """
    lookups = _lookups  # the one in which the place was taken gets it back, however late
    places = lookups.begin(name, current_client())
    answered: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)
            answered.put(list(dict.fromkeys(str(row[4][0]) for row in rows)))
        except (OSError, UnicodeError) as error:
            answered.put(error if isinstance(error, OSError) else OSError(str(error)))
        finally:
            lookups.end(places)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answered.get(timeout=seconds)
    except Empty:
        raise NotRetrieved("fetch_time", "the name was not found in time") from None
    if isinstance(answer, OSError):
        raise NotRetrieved("fetch_dns", "the name has no address")
    return answer


def dial(address: str, seconds: float) -> socket.socket:
    """A TCP connection to port 443 of that address. OSError."""
    return socket.create_connection((address, 443), timeout=seconds)


class GuardedFetcher:
    """A `retrieval.Fetch`. `tls`: whose certificates are believed, the system's by default; the others are for tests.

    Safe to use from several threads.
    """

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = look_up,
        dial: Dial = dial,
        seconds: float = SECONDS,
    ) -> None:
        self._tls = tls or ssl.create_default_context()
        self._lookup, self._dial, self._seconds = lookup, dial, seconds

    def __call__(self, url: str) -> bytes:
        """The body at `url`.

        NotRetrieved: `fetch_url` (not a plain https URL), `fetch_dns`, `fetch_address` (not public), `fetch_connect`,
        `fetch_tls`, `fetch_redirect`, `fetch_status`, `fetch_type` (not JSON), `fetch_encoding` (compressed),
        `fetch_size`, `fetch_time`, `fetch_busy` (nothing was asked), `fetch_http` (not HTTP).
        """
        until = time.monotonic() + self._seconds
        match = _URL.fullmatch(url)
        if match is None or _NOT_IN_A_PATH.search(url) or len(url) > 2000:
            raise NotRetrieved("fetch_url", "not an https URL of a public name on port 443")
        host = match["host"].lower()
        with (
            self._connected(host, self._addresses(host, until), until) as plain,
            self._secured(plain, host, until) as link,
        ):
            return _get(link, host, match["path"] or "/", until)

    def _addresses(self, host: str, until: float) -> list[str]:
        addresses = self._lookup(host, _left(until))
        if not addresses:
            raise NotRetrieved("fetch_dns", "the name has no address")
        if not all(is_public(address) for address in addresses):
            raise NotRetrieved("fetch_address", "the name leads to an address that is not public")
        return addresses[:_ADDRESSES_TRIED]

    def _connected(self, host: str, addresses: list[str], until: float) -> socket.socket:
        for address in addresses:
            try:
                return self._dial(address, _left(until))
            except OSError:
                continue
        _left(until)
        raise NotRetrieved("fetch_connect", f"no connection to {host}")

    def _secured(self, plain: socket.socket, host: str, until: float) -> ssl.SSLSocket:
        plain.settimeout(_left(until))
        try:
            return self._tls.wrap_socket(plain, server_hostname=host)
        except TimeoutError:
            raise NotRetrieved("fetch_time", "the server took too long") from None
        except (ssl.SSLError, ssl.CertificateError):
            raise NotRetrieved("fetch_tls", f"the server has no certificate for {host} that is believed here") from None
        except OSError:
            raise NotRetrieved("fetch_connect", f"the connection to {host} broke") from None


def _get(link: ssl.SSLSocket, host: str, path: str, until: float) -> bytes:
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json, application/*+json, application/vc\r\n"
        "Accept-Encoding: identity\r\nUser-Agent: greffe\r\nConnection: close\r\n\r\n"
    )
    try:
        link.settimeout(_left(until))
        link.sendall(request.encode("ascii"))
        response = HTTPResponse(BoundedLink(link, until, _HEADER_BYTES + BYTES), method="GET")  # type: ignore[arg-type]
        response.begin()
        _check_head(response)
        body = response.read(BYTES + 1)
    except TimeoutError:
        raise NotRetrieved("fetch_time", "the server took too long") from None
    except TooLarge:
        raise NotRetrieved("fetch_size", f"the answer has more than {BYTES} bytes") from None
    except (HTTPException, ValueError):
        raise NotRetrieved("fetch_http", "the server's answer is not HTTP, or breaks off") from None
    except OSError:
        raise NotRetrieved("fetch_connect", f"the connection to {host} broke") from None
    if len(body) > BYTES:
        raise NotRetrieved("fetch_size", f"the answer has more than {BYTES} bytes")
    if response.length:
        raise NotRetrieved("fetch_http", "the server's answer breaks off")
    return body


def _check_head(response: HTTPResponse) -> None:
    if 300 <= response.status < 400:
        raise NotRetrieved("fetch_redirect", "the server sends us elsewhere, which is not followed")
    if response.status != 200:
        raise NotRetrieved("fetch_status", f"the server answered with status {response.status}")
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise NotRetrieved("fetch_encoding", "the answer is compressed")
    if not _MEDIA_TYPE.fullmatch(response.headers.get_content_type()):
        raise NotRetrieved("fetch_type", "the answer is not declared as JSON")
    if response.length is not None and response.length > BYTES:
        raise NotRetrieved("fetch_size", f"the answer has more than {BYTES} bytes")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise NotRetrieved("fetch_time", "the server took too long")
    return left


def guarded(is_on: bool) -> Fetch:
    """How this process fetches what strangers' documents name: not at all, unless it is on."""
    return Remembered(GuardedFetcher(), time.monotonic) if is_on else no_fetch
