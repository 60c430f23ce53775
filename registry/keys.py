"""Keys: how they are written, and how signatures are made and checked.

Multikey (Controlled Identifiers 1.0 section 2.2.2) and JSON Web Key, for Ed25519, P-256 and P-384. Ed25519 has two
implementations on purpose: `cryptography` (OpenSSL) signs, PyNaCl (libsodium) checks, which also refuses non-canonical
signatures and keys of small order. ECDSA signatures are r and s side by side, never DER. ML-DSA-44 (FIPS 204) cosigns
checkpoints and nothing else here, so it has no Multikey. Where keys are stored is left to `installation/key_folder` and
`installation/pkcs11`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha512
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl.exceptions import BadSignatureError
from nacl.exceptions import ValueError as NaclValueError
from nacl.signing import VerifyKey

from registry.encoding.base58 import base58, unbase58
from registry.encoding.base64url import base64url
from registry.errors import Malformed

ED25519, P256, P384, ML_DSA_44 = "Ed25519", "P-256", "P-384", "ML-DSA-44"


@dataclass(frozen=True, slots=True)
class _Curve:
    """A NIST curve: OpenSSL's, the hash that goes with it, and the bytes of a coordinate."""

    curve: ec.EllipticCurve
    digest: hashes.HashAlgorithm
    width: int


_CURVES = {P256: _Curve(ec.SECP256R1(), hashes.SHA256(), 32), P384: _Curve(ec.SECP384R1(), hashes.SHA384(), 48)}
#: kind -> (multicodec prefix, bytes of the public key); points are compressed
_FORMS = {ED25519: (b"\xed\x01", 32), P256: (b"\x80\x24", 33), P384: (b"\x81\x24", 49)}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key. `kind`: Ed25519, P-256, P-384 or ML-DSA-44; `raw`: 32 bytes, a compressed point of 33 or 49, or 1,312."""

    kind: str
    raw: bytes

    def is_signed(self, signature: bytes, message: bytes) -> bool:
        """Whether `signature` (64 bytes; P-384: 96, ML-DSA-44: 2,420) is this key's of `message`; other lengths: false."""
        if self.kind == ED25519:
            return is_signed(self.raw, signature, message)
        if self.kind == ML_DSA_44:
            return _is_ml_dsa_signed(self.raw, signature, message)
        form = _CURVES[self.kind]
        if len(signature) != 2 * form.width:
            return False
        r, s = (int.from_bytes(half, "big") for half in (signature[: form.width], signature[form.width :]))
        try:
            _point(self.kind, self.raw).verify(encode_dss_signature(r, s), message, ec.ECDSA(form.digest))
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer(Protocol):
    """Something that signs with one key: a key in this process, or one in an HSM."""

    @property
    def public(self) -> PublicKey:
        """The public key."""

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`: Ed25519 (RFC 8032, pure), ECDSA with the curve's hash as r and s, or ML-DSA-44."""


class KeyHandle(Protocol):
    """What another process can open a key with; it can be pickled."""

    def signer(self) -> Signer:
        """The key, ready to sign."""


class Keys(Protocol):
    """Where an installation keeps its private keys: a folder of files, or a token."""

    def prepare(self) -> None:
        """Make ready what keeps the keys, and say early if it cannot be."""

    def has(self, name: str) -> bool:
        """Whether there is a key of that name."""

    def make(self, name: str, kind: str, random: Callable[[int], bytes]) -> None:
        """Make a key of that kind under that name; an existing one stays as it is."""

    def drop(self, name: str) -> bool:
        """Remove the private key of that name; whether there was one."""

    def handle(self, name: str) -> KeyHandle:
        """What another process opens the key with."""

    def signer(self, name: str) -> Signer:
        """The key of that name, ready to sign. Refused `key_unreadable`, and `hsm` where a token fails."""


class SigningKey:
    """An Ed25519 key held in this process."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicKey(ED25519, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`."""
        return self._key.sign(message)


class EcdsaKey:
    """A P-256 or P-384 key held in this process. Its signatures are deterministic (RFC 6979)."""

    def __init__(self, kind: str, scalar: bytes) -> None:
        """`scalar`: the private value, big-endian. ValueError: zero, or not below the order of the curve."""
        self._form = _CURVES[kind]
        self._key = ec.derive_private_key(int.from_bytes(scalar, "big"), self._form.curve)
        self.public = PublicKey(kind, self._key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint))

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, 64 or 96 bytes."""
        algorithm = ec.ECDSA(self._form.digest, deterministic_signing=True)
        r, s = decode_dss_signature(self._key.sign(message, algorithm))
        return r.to_bytes(self._form.width, "big") + s.to_bytes(self._form.width, "big")


class MlDsaKey:
    """An ML-DSA-44 key held in this process. Its signatures are hedged: never the same twice."""

    def __init__(self, seed: bytes) -> None:
        self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.public = PublicKey(ML_DSA_44, self._key.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, 2,420 bytes, with the empty context."""
        return self._key.sign(message)


def secret_of(kind: str, seed: bytes) -> bytes:
    """The private value that a random seed of 32 bytes gives a key of that kind: the seed itself, or a scalar made of it."""
    if kind in (ED25519, ML_DSA_44):
        return seed
    form = _CURVES[kind]
    wide = sha512(seed).digest()
    return (int.from_bytes(wide, "big") % (form.curve.group_order - 1) + 1).to_bytes(form.width, "big")


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A private key as bytes, for handing to another process: the seed, or the scalar of a point."""

    kind: str
    secret: bytes = field(repr=False)

    def signer(self) -> Signer:
        """The key, ready to sign."""
        if self.kind == ED25519:
            return SigningKey(self.secret)
        return MlDsaKey(self.secret) if self.kind == ML_DSA_44 else EcdsaKey(self.kind, self.secret)


def private_key(key: HeldKey) -> Ed25519PrivateKey | MLDSA44PrivateKey | ec.EllipticCurvePrivateKey:
    """The key as `cryptography` has it, for writing it to a file."""
    if key.kind == ED25519:
        return Ed25519PrivateKey.from_private_bytes(key.secret)
    if key.kind == ML_DSA_44:
        return MLDSA44PrivateKey.from_seed_bytes(key.secret)
    return ec.derive_private_key(int.from_bytes(key.secret, "big"), _CURVES[key.kind].curve)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `message` by `public`; wrong lengths are just false."""
    try:
        VerifyKey(public).verify(message, signature)
    except (BadSignatureError, NaclValueError, TypeError):
        return False
    return True


def _is_ml_dsa_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def _point(kind: str, raw: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[kind].curve, raw)


def multikey(key: PublicKey) -> str:
    """`publicKeyMultibase`: z + base58btc(multicodec prefix || raw key)."""
    return "z" + base58(_FORMS[key.kind][0] + key.raw)


def jwk(key: PublicKey) -> dict[str, str]:
    """The JSON Web Key of a public key (RFC 7518 section 6.2.1, RFC 8037 section 2)."""
    if key.kind == ED25519:
        return {"kty": "OKP", "crv": ED25519, "x": base64url(key.raw)}
    point = _point(key.kind, key.raw).public_numbers()
    width = _CURVES[key.kind].width
    x, y = (base64url(value.to_bytes(width, "big")) for value in (point.x, point.y))
    return {"kty": "EC", "crv": key.kind, "x": x, "y": y}


def from_multikey(text: str) -> PublicKey:
    """The key of a Multikey. Malformed `multikey`: of another kind, not its one form, or no point of its curve."""
    data = unbase58(text[1:]) if text.startswith("z") else b""
    for kind, (prefix, length) in _FORMS.items():
        if data.startswith(prefix) and len(data) == len(prefix) + length:
            key = PublicKey(kind, data[len(prefix) :])
            if multikey(key) == text and _is_point(key):
                return key
    raise Malformed("multikey", "not a Multikey of an Ed25519, P-256 or P-384 key")


def _is_point(key: PublicKey) -> bool:
    if key.kind == ED25519:
        return True
    try:
        _point(key.kind, key.raw)
    except ValueError:
        return False
    return True
