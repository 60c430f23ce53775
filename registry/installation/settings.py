"""The settings are one frozen object, read once at the door.

They come from `PORT` and the `GREFFE_*` variables (README, "Settings").
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from registry.errors import Usage
from registry.store.database import CONNECTIONS

#: every variable that is read, as the README lists them
VARIABLES = (
    "GREFFE_DATA",
    "GREFFE_PUBLIC",
    "PORT",
    "GREFFE_KEY_PASSPHRASE_FILE",
    "GREFFE_DATABASE_URL",
    "GREFFE_DATABASE_CONNECTIONS",
    "GREFFE_BASE_URL",
    "GREFFE_ORIGIN",
    "GREFFE_TRUST",
    "GREFFE_TRUST_ELSEWHERE",
    "GREFFE_SOFTWARE",
    "GREFFE_MIRROR",
    "GREFFE_WITNESS_POLICY",
    "GREFFE_ISSUING_KEY",
    "GREFFE_PKCS11_MODULE",
    "GREFFE_PKCS11_TOKEN",
    "GREFFE_PKCS11_PIN_FILE",
    "GREFFE_FETCH",
    "GREFFE_VC_API_FAILED_STATUS",
    "GREFFE_TRUSTED_PROXIES",
    "GREFFE_RATE_LIMIT",
    "GREFFE_SEARCH_URL",
    "GREFFE_SEARCH_CREDENTIALS_FILE",
    "GREFFE_SEARCH_CA_FILE",
    "GREFFE_SEARCH_SHARDS",
)

#: requests a minute of a client without a key
RATE_LIMIT, _MOST_RATE = 6000, 1_000_000
#: P-256 is for keys in an HSM or KMS that knows no Ed25519
ISSUING_KEYS = ("Ed25519", "P-256")
_MOST_SHARDS = 64
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class TokenPlace:
    """A token of an HSM. `module`: the PKCS#11 library; `token`: the token's label; `pin_file`: holds the PIN."""

    module: Path
    token: str
    pin_file: Path


@dataclass(frozen=True, slots=True)
class SearchEngine:
    """An Elasticsearch cluster. `addresses`: http or https, each with its port; `ca_file`: certificates to trust.

    `credentials_file`: holds `user:password` or an API key; `shards`: of an index that is made from now on.
    """

    addresses: tuple[str, ...]
    credentials_file: Path | None = None
    ca_file: Path | None = None
    shards: int = 1


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url`, `origin`, `witness_policy`: as the environment names them, else None.

    `public`: the folder of what the public app writes. `mirror`: where the published mirror is, a folder or
    a URL. `issuing_key`: the kind of keys that issuers get from now on, Ed25519 or P-256. `fetches`: whether the public app may
    fetch what strangers' credentials name. `vc_api_failed_status`: 200, or 400 for the W3C test suites. `trusted_proxies`:
    networks of proxies whose word counts for who a client is. `database_connections`: how many this process may have to a server.
    `search_engine`: where the search index is, None: embedded. `trust_elsewhere`, `software`: what the pages name as the place
    where the trust file's fingerprint is published too, and as that where this software comes from. `rate_limit`: how often a
    client without a key may ask in a minute, None: as often as it likes.
    """

    data: Path
    public: Path
    port: int
    passphrase_file: Path
    database_url: str
    database_connections: int
    base_url: str | None
    origin: str | None
    trust: Path | None
    witness_policy: Path | None
    mirror: str | None
    issuing_key: str
    token: TokenPlace | None
    fetches: bool
    vc_api_failed_status: int
    trusted_proxies: tuple[str, ...]
    search_engine: SearchEngine | None = None
    trust_elsewhere: str | None = None
    software: str | None = None
    rate_limit: int | None = RATE_LIMIT

    @property
    def identity_file(self) -> Path:
        """Written once by `init`."""
        return self.data / "identity.json"

    @property
    def own_store(self) -> Path:
        """The store, where the environment names no other."""
        return self.data / "ledger.db"

    @property
    def store_kind(self) -> Path:
        """Which kind of database this installation has: written by whoever writes to it."""
        return self.data / "store-kind"

    @property
    def trust_file(self) -> Path:
        """This installation's own trust file, rewritten when keys or policy change."""
        return self.data / "trust.json"

    @property
    def keys(self) -> Path:
        """The folder of encrypted private keys; the public app never opens it."""
        return self.data / "keys"

    @property
    def has_signed(self) -> Path:
        """Beside the keys, and kept with them: that they have signed a ledger, and how much of it the public has seen."""
        return self.keys / "has-signed"

    @property
    def desk(self) -> Path:
        """What waits on the office's desk: filings of later days, holds, corrections."""
        return self.data / "desk.db"

    @property
    def likenesses(self) -> Path:
        """What organizations' names look like: it can always be made anew."""
        return self.data / "likenesses.db"

    @property
    def desk_revision(self) -> Path:
        """Beside the keys, and kept with them: how often the desk was written."""
        return self.keys / "desk"

    @property
    def delivery_keys(self) -> Path:
        """One file per register that signs its deliveries: `{register}.vkey`."""
        return self.keys / "deliveries"

    @property
    def named_keys(self) -> Path:
        """Beside the keys, and kept with them: which of them the ledger names."""
        return self.keys / "named"

    @property
    def sealed(self) -> Path:
        """Beside the keys, and kept with them: that the store bears seals, and is refused without."""
        return self.keys / "sealed"

    @property
    def index(self) -> Path:
        """The embedded search index: it can always be rebuilt."""
        return self.public / "index.db"

    @property
    def own_witness_policy(self) -> Path:
        """The witness policy where the environment names none."""
        return self.data / "witness-policy"

    @property
    def head_token(self) -> Path:
        """What was signed last; in no backup."""
        return self.data / "head-token.db"

    @property
    def requests(self) -> Path:
        """What the public asked for and only a key can make."""
        return self.public / "requests.db"


def from_environ(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment. Usage `setting`: a variable whose value cannot be meant."""
    data = Path(environ.get("GREFFE_DATA") or "greffe-data").absolute()
    public = Path(environ.get("GREFFE_PUBLIC") or data).absolute()
    for name, folder in (("GREFFE_DATA", data), ("GREFFE_PUBLIC", public)):
        if odd := next((character for character in str(folder) if character in "?#%"), None):
            raise Usage(
                "setting", f"{name} has {odd!r} in its name, which databases read otherwise: name it without ? # %"
            )
    port = environ.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise Usage("setting", f"PORT is not a port number: {port[:20]!r}")

    issuing_key = environ.get("GREFFE_ISSUING_KEY") or ISSUING_KEYS[0]
    if issuing_key not in ISSUING_KEYS:
        raise Usage("setting", f"GREFFE_ISSUING_KEY is {' or '.join(ISSUING_KEYS)}, not {issuing_key[:20]!r}")

    fetch, failed_status = environ.get("GREFFE_FETCH") or "off", environ.get("GREFFE_VC_API_FAILED_STATUS") or "200"
    if fetch not in ("on", "off"):
        raise Usage("setting", f"GREFFE_FETCH is on or off, not {fetch[:20]!r}")
    if failed_status not in ("200", "400"):
        raise Usage("setting", f"GREFFE_VC_API_FAILED_STATUS is 200 or 400, not {failed_status[:20]!r}")

    def path(name: str) -> Path | None:
        return Path(environ[name]).absolute() if environ.get(name) else None

    return Settings(
        data=data,
        public=public,
        port=int(port),
        passphrase_file=path("GREFFE_KEY_PASSPHRASE_FILE") or data / "keys" / "passphrase",
        database_url=environ.get("GREFFE_DATABASE_URL") or default_url(data / "ledger.db"),
        database_connections=_connections(environ),
        base_url=(environ.get("GREFFE_BASE_URL") or "").rstrip("/") or None,
        origin=environ.get("GREFFE_ORIGIN") or None,
        trust=path("GREFFE_TRUST"),
        witness_policy=path("GREFFE_WITNESS_POLICY"),
        mirror=environ.get("GREFFE_MIRROR") or None,
        issuing_key=issuing_key,
        token=_token(environ),
        fetches=fetch == "on",
        vc_api_failed_status=int(failed_status),
        trusted_proxies=_networks(environ.get("GREFFE_TRUSTED_PROXIES") or ""),
        rate_limit=_rate_limit(environ),
        trust_elsewhere=_page(environ, "GREFFE_TRUST_ELSEWHERE"),
        software=_page(environ, "GREFFE_SOFTWARE"),
        search_engine=_search_engine(environ, path("GREFFE_SEARCH_CREDENTIALS_FILE"), path("GREFFE_SEARCH_CA_FILE")),
    )


def default_url(file: Path) -> str:
    """An SQLite store in that file."""
    return f"sqlite:///{file}"


def _page(environ: Mapping[str, str], name: str) -> str | None:
    """The address of a page of somebody's."""
    text = environ.get(name) or ""
    if text and not re.fullmatch(r"https?://[!-~]+", text):
        raise Usage("setting", f"{name} is not an http or https address: {text[:60]!r}")
    return text or None


def _connections(environ: Mapping[str, str]) -> int:
    text = environ.get("GREFFE_DATABASE_CONNECTIONS") or str(CONNECTIONS)
    if not (text.isascii() and text.isdigit() and 2 <= int(text[:9]) <= 1000):
        raise Usage("setting", f"GREFFE_DATABASE_CONNECTIONS is a number from 2 to 1000, not {text[:20]!r}")
    return int(text)


def _rate_limit(environ: Mapping[str, str]) -> int | None:
    text = environ.get("GREFFE_RATE_LIMIT") or str(RATE_LIMIT)
    if text == "off":
        return None
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _MOST_RATE):
        raise Usage("setting", f"GREFFE_RATE_LIMIT is off or a number from 1 to {_MOST_RATE}, not {text[:20]!r}")
    return int(text)


def _search_engine(environ: Mapping[str, str], credentials: Path | None, ca: Path | None) -> SearchEngine | None:
    texts = [part.strip() for part in (environ.get("GREFFE_SEARCH_URL") or "").split(",") if part.strip()]
    shards = environ.get("GREFFE_SEARCH_SHARDS") or "1"
    if not texts:
        return None
    addresses = tuple(_address(text, credentials is not None) for text in texts)
    if not (shards.isascii() and shards.isdigit() and 0 < int(shards) <= _MOST_SHARDS):
        raise Usage("setting", f"GREFFE_SEARCH_SHARDS is a number from 1 to {_MOST_SHARDS}, not {shards[:20]!r}")
    return SearchEngine(addresses, credentials, ca, int(shards))


def _address(text: str, is_secret: bool) -> str:
    """One address of a search engine, with its port. `is_secret`: credentials are sent there."""
    try:
        parts = urlsplit(text)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        raise Usage("setting", "GREFFE_SEARCH_URL holds an address that is none") from None
    if "@" in parts.netloc:
        # not shown: it holds what is secret
        raise Usage("setting", "GREFFE_SEARCH_URL holds credentials: they belong into GREFFE_SEARCH_CREDENTIALS_FILE")
    if port is None or not parts.hostname or parts.query or parts.fragment:
        raise Usage("setting", f"GREFFE_SEARCH_URL holds http and https addresses, not {text[:60]!r}")
    if is_secret and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise Usage("setting", f"GREFFE_SEARCH_URL: credentials are not sent to {parts.hostname} without https")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


def _networks(text: str) -> tuple[str, ...]:
    """Addresses and networks, separated by commas."""
    try:
        return tuple(str(ipaddress.ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise Usage("setting", f"GREFFE_TRUSTED_PROXIES: {str(error)[:80]}") from None


def _token(environ: Mapping[str, str]) -> TokenPlace | None:
    module, token, pin_file = (environ.get(f"GREFFE_PKCS11_{name}") or "" for name in ("MODULE", "TOKEN", "PIN_FILE"))
    if not (module or token or pin_file):
        return None
    if not (module and token and pin_file):
        raise Usage("setting", "GREFFE_PKCS11_MODULE, GREFFE_PKCS11_TOKEN and GREFFE_PKCS11_PIN_FILE go together")
    return TokenPlace(Path(module).absolute(), token, Path(pin_file).absolute())
