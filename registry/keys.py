"""Ed25519 keys and how they are written: Multikey (Controlled Identifiers 1.0 section 2.2.2), base58-btc.

Two implementations on purpose: `cryptography` (OpenSSL) signs, PyNaCl (libsodium) checks, which also refuses
non-canonical signatures and keys of small order. Where keys are kept is left to `keyfile`.
"""

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.exceptions import BadSignatureError
from nacl.exceptions import ValueError as NaclValueError
from nacl.signing import VerifyKey

from registry.errors import Malformed

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
#: digits that are worked on at a time: 58^10 fits a machine word
_GROUP = 10
_GROUP_VALUE = 58**_GROUP
_ED25519 = b"\xed\x01"


class Signer(Protocol):
    """Something that signs with one key. Back ends: a key in this process here; an HSM later."""

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature of `message` (RFC 8032, pure)."""


class SigningKey:
    """An Ed25519 key held in this process."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        return self._key.sign(message)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `message` by `public`; wrong lengths are just false."""
    try:
        VerifyKey(public).verify(message, signature)
    except (BadSignatureError, NaclValueError, TypeError):
        return False
    return True


def base58(data: bytes) -> str:
    """base58-btc, leading zero bytes as `1`."""
    number = int.from_bytes(data, "big")
    groups = []
    while number:
        number, group = divmod(number, _GROUP_VALUE)
        digits = []
        for _ in range(_GROUP):
            group, digit = divmod(group, 58)
            digits.append(_ALPHABET[digit])
        groups.append("".join(reversed(digits)))
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + "".join(reversed(groups)).lstrip("1")


def unbase58(text: str) -> bytes:
    """The bytes of a base58-btc text. Malformed `base58`: a foreign character, or over 256 characters."""
    if len(text) > 256 or any(character not in _DIGITS for character in text):
        raise Malformed("base58", "not base58-btc")
    number = 0
    for start in range(0, len(text), _GROUP):
        group = text[start : start + _GROUP]
        value = 0
        for character in group:
            value = value * 58 + _DIGITS[character]
        number = number * 58 ** len(group) + value
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(public: bytes) -> str:
    """`publicKeyMultibase` of an Ed25519 key: z + base58btc(0xed01 || 32 bytes)."""
    return "z" + base58(_ED25519 + public)


def from_multikey(text: str) -> bytes:
    """The 32 bytes of an Ed25519 Multikey. Malformed `multikey` when it is anything else."""
    data = unbase58(text[1:]) if text.startswith("z") else b""
    if len(data) != 34 or not data.startswith(_ED25519) or multikey(data[2:]) != text:
        raise Malformed("multikey", "not an Ed25519 Multikey")
    return data[2:]
