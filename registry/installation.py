"""Open an installation: settings to identity, store, keys and locks; the only place that puts these together.

`Public` opens what the world may read; `Office` adds the private keys and the right to write, one process at a time.
"""

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from registry import identity, note, trust
from registry.canonical import jcs
from registry.errors import Conflict, Refused
from registry.keyfile import KeyFolder, write_file
from registry.keys import ED25519, Keys
from registry.ledger import Ledger, open_ledger
from registry.reader import Reader
from registry.settings import Settings
from registry.store import Store

LEDGER_KEY = "ledger"


def read_identity(settings: Settings) -> identity.Identity:
    """The identity that `init` wrote. Refused when there is none, or when the environment names another."""
    try:
        found = identity.parse(settings.identity_file.read_bytes())
    except FileNotFoundError:
        raise Refused("not_initialized", f"there is no identity.json in {settings.data}: run greffe init") from None
    for name, told, kept in (
        ("GREFFE_BASE_URL", settings.base_url, found.base_url),
        ("GREFFE_ORIGIN", settings.origin, found.origin),
    ):
        if told is not None and told != kept:
            raise Refused("identity_disagrees", f"{name} is {told}, but this installation is {kept}")
    return found


def _witness_policy(settings: Settings) -> str:
    if settings.witness_policy is None:
        return trust.QUORUM_NONE
    try:
        return settings.witness_policy.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("witness_policy", f"GREFFE_WITNESS_POLICY cannot be read: {error}") from None


def open_keys(settings: Settings) -> Keys:
    """Where the private keys are: on the token that the settings name, else in the data directory's folder of keys.

    Refused `hsm`: a token is named, but the extra `hsm` is not installed.
    """
    if settings.token is None:
        return KeyFolder(settings.keys, settings.passphrase_file)
    try:
        from registry.pkcs11 import TokenKeys  # an optional extra: only who names a token needs it
    except ImportError:
        raise Refused("hsm", "a token needs python-pkcs11: install greffe[hsm]") from None
    place = settings.token
    return TokenKeys(place.module, place.token, place.pin_file)


class Public:
    """What the world may read: no private key, no right to write."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url, read_only=True)
        self.reader = Reader(self.identity, self.store, _witness_policy(settings))


class Office:
    """The registry office's side: keys and the ledger's one writer."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url)
        self.reader = Reader(self.identity, self.store, _witness_policy(settings))
        self.keys = open_keys(settings)
        self.ledger_signer = self.keys.signer(LEDGER_KEY)

    @property
    def ledger_key(self) -> note.VerifierKey:
        """The key that signs checkpoints, under the origin's name."""
        return note.VerifierKey(self.identity.origin, self.ledger_signer.public.raw)

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """The ledger, open for appending by this process alone. Conflict `busy` when another one has it."""
        with _locked(self.settings.data / "ledger.lock"):
            self.refresh_trust()
            yield Ledger(self.store, self.identity, self.ledger_key.print())

    def refresh_trust(self) -> bytes:
        """Rewrite `trust.json` when keys or policy have changed; its bytes."""
        data = jcs(self.reader.trust()) + b"\n"
        if not self.settings.trust_file.exists() or self.settings.trust_file.read_bytes() != data:
            write_file(self.settings.trust_file, data)
        return data


def initialize(settings: Settings, random: Callable[[int], bytes] = secrets.token_bytes) -> Office:
    """Make data directory, identity, keys and an empty ledger, each only where it is missing. Writes no entry."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.identity_file.exists():
        base_url = settings.base_url or f"http://localhost:{settings.port}"
        write_file(settings.identity_file, identity.make(base_url, settings.origin).print())
    keys = open_keys(settings)
    keys.prepare()
    keys.make(LEDGER_KEY, ED25519, random)
    office = Office(settings)
    open_ledger(office.store, office.identity.origin, office.ledger_key.print())
    office.refresh_trust()
    return office


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock file for this process; it falls with the process, however that ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("busy", "another process is writing to this ledger") from None
        yield
    finally:
        os.close(descriptor)
