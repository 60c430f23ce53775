"""The settings: one frozen object, read once at the door from `PORT` and the `GREFFE_*` variables (README, "Settings")."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.errors import Usage

#: every variable that is read, as the README lists them
VARIABLES = (
    "GREFFE_DATA",
    "PORT",
    "GREFFE_KEY_PASSPHRASE_FILE",
    "GREFFE_DATABASE_URL",
    "GREFFE_BASE_URL",
    "GREFFE_ORIGIN",
    "GREFFE_TRUST",
    "GREFFE_WITNESS_POLICY",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url`, `origin`, `witness_policy`: what `init` is told, None when the environment is silent."""

    data: Path
    port: int
    passphrase_file: Path
    database_url: str
    base_url: str | None
    origin: str | None
    trust: Path | None
    witness_policy: Path | None

    @property
    def identity_file(self) -> Path:
        """Written once by `init`."""
        return self.data / "identity.json"

    @property
    def trust_file(self) -> Path:
        """This installation's own trust file, rewritten when keys or policy change."""
        return self.data / "trust.json"

    @property
    def keys(self) -> Path:
        """The folder of encrypted private keys; the public app never opens it."""
        return self.data / "keys"

    @property
    def index(self) -> Path:
        """The embedded search index: it can always be rebuilt."""
        return self.data / "index.db"


def from_environ(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment. Usage `setting`: a variable whose value cannot be meant."""
    data = Path(environ.get("GREFFE_DATA") or "greffe-data").absolute()
    port = environ.get("PORT") or "8000"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise Usage("setting", f"PORT is not a port number: {port[:20]!r}")

    def path(name: str) -> Path | None:
        return Path(environ[name]).absolute() if environ.get(name) else None

    return Settings(
        data=data,
        port=int(port),
        passphrase_file=path("GREFFE_KEY_PASSPHRASE_FILE") or data / "keys" / "passphrase",
        database_url=environ.get("GREFFE_DATABASE_URL") or f"sqlite:///{data / 'ledger.db'}",
        base_url=(environ.get("GREFFE_BASE_URL") or "").rstrip("/") or None,
        origin=environ.get("GREFFE_ORIGIN") or None,
        trust=path("GREFFE_TRUST"),
        witness_policy=path("GREFFE_WITNESS_POLICY"),
    )
