"""Private keys stand in encrypted files, one file a key.

PKCS#8 PEM, encrypted with the installation's passphrase; each key has one purpose. Nothing ever prompts. Files are written by
rename, mode 0600, and only the commands of the office open them.
"""

import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from registry.edge.disk import write_file
from registry.errors import Refused
from registry.keys import ED25519, ML_DSA_44, P256, P384, HeldKey, KeyHandle, Signer, private_key, secret_of

_KINDS = {"secp256r1": P256, "secp384r1": P384}


class KeyFolder:
    """The folder of private keys and the passphrase that opens them."""

    def __init__(self, folder: Path, passphrase_file: Path) -> None:
        self._folder, self._passphrase_file = folder, passphrase_file

    def prepare(self) -> None:
        """Make the folder (0700) and, where there is none, a random passphrase (0600)."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._passphrase_file.exists():
            write_file(self._passphrase_file, secrets.token_urlsafe(32).encode() + b"\n", 0o600)

    def has(self, name: str) -> bool:
        """Whether there is a key of that name."""
        return self._path(name).exists()

    def make(self, name: str, kind: str, random: Callable[[int], bytes]) -> None:
        """Make a key of that kind under that name; an existing one stays as it is."""
        if not self.has(name):
            key = private_key(HeldKey(kind, secret_of(kind, random(32))))
            protection = BestAvailableEncryption(self._passphrase())
            write_file(self._path(name), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection), 0o600)

    def drop(self, name: str) -> bool:
        """Remove the private key of that name; whether there was one. What it signed stays as valid as it was."""
        there = self.has(name)
        self._path(name).unlink(missing_ok=True)
        return there

    def key(self, name: str) -> HeldKey:
        """The key of that name. Refused `key_unreadable`: no such file, or the passphrase does not open it."""
        try:
            key = load_pem_private_key(_read_secret(self._path(name)), self._passphrase())
        except (OSError, ValueError, TypeError) as error:
            raise Refused("key_unreadable", f"the key {name} cannot be read: {error}") from None
        if isinstance(key, Ed25519PrivateKey):
            return HeldKey(ED25519, key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        if isinstance(key, MLDSA44PrivateKey):
            return HeldKey(ML_DSA_44, key.private_bytes_raw())
        kind = _KINDS.get(key.curve.name) if isinstance(key, ec.EllipticCurvePrivateKey) else None
        if kind is None:
            raise Refused("key_unreadable", f"the key {name} is of a kind that is not used here")
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return HeldKey(kind, key.private_numbers().private_value.to_bytes(key.key_size // 8, "big"))

    def handle(self, name: str) -> KeyHandle:
        """What another process opens the key with. Refused, as `key`."""
        return self.key(name)

    def signer(self, name: str) -> Signer:
        """The key of that name, ready to sign. Refused, as `key`."""
        return self.key(name).signer()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.pem"

    def _passphrase(self) -> bytes:
        return read_passphrase(self._passphrase_file)


def _read_secret(file: Path) -> bytes:
    """A file that others may not read. OSError; Refused `key_readable`."""
    if stat.S_IMODE(file.stat().st_mode) & 0o007:
        raise Refused("key_readable", f"everybody on this machine may read or change {file.name}: chmod o= it")
    return file.read_bytes()


def read_passphrase(file: Path) -> bytes:
    """The installation's passphrase. Refused `key_unreadable`."""
    try:
        passphrase = _read_secret(file).strip()
    except OSError as error:
        raise Refused("key_unreadable", f"the passphrase file cannot be read: {error}") from None
    if not passphrase:
        raise Refused("key_unreadable", "the passphrase file is empty")
    return passphrase
