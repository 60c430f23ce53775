"""A status list has one bit for each credential: revoked or suspended.

Bitstring Status List 1.0. A list has 131,072 bits; index 0 is the left-most bit of the first byte (section 2.1.2);
`encodedList` is `u` and the base64url of the gzip of the bytes, without padding. An issuer's n-th credential (counted from
its entries alone) takes place `n % 131072` of a permutation that a secret, fixed when the list opens, has shuffled:
positions tell nothing about the order of issuing, and nobody has to remember which are taken.
"""

import hmac
import zlib
from collections.abc import Iterable
from typing import Any

from registry.encoding.base64url import base64url, unbase64url
from registry.errors import Malformed

LENGTH = 131_072
#: what a bit says; every credential has one in a list of each
REVOCATION, SUSPENSION = "revocation", "suspension"
PURPOSES = (REVOCATION, SUSPENSION)
#: purpose -> the word for a credential whose bit is set
SET = {REVOCATION: "revoked", SUSPENSION: "suspended"}
_BYTES = LENGTH // 8
_MAX_INFLATED = 64 * _BYTES
_LEFT_BITS, _RIGHT_BITS = 8, 9
_ROUNDS = 6


def encode(bits: bytes) -> str:
    """`encodedList` of the bits (a whole number of bytes); equal bits give equal text."""
    packed = zlib.compress(bits, 9, wbits=31)  # zlib writes the gzip header: no time, the same in every Python
    return "u" + base64url(packed)


def decode(text: str) -> bytes:
    """The bits of an `encodedList`. Malformed `status_list`: not of the form, too short, or inflating past the limit."""
    if not text.startswith("u") or "=" in text:
        raise Malformed("status_list", "encodedList is not unpadded base64url multibase")
    try:
        packed = unbase64url(text[1:])
        inflater = zlib.decompressobj(wbits=31)
        bits = inflater.decompress(packed, _MAX_INFLATED)
    except (Malformed, zlib.error):
        raise Malformed("status_list", "encodedList is not gzip in base64url") from None
    if not inflater.eof or inflater.unused_data:
        raise Malformed("status_list", "encodedList is cut off, too large, or followed by something")
    if len(bits) < _BYTES:
        raise Malformed("status_list_length", f"a list has at least {LENGTH} bits")
    return bits


def named_by(credential: dict[str, Any]) -> list[dict[str, Any]]:
    """The status list entries that a credential names (it has passed the schema): `credentialStatus` is one or an array."""
    named = credential.get("credentialStatus", [])
    return named if isinstance(named, list) else [named]


def sibling(list_id: str, purpose: str) -> str:
    """The list of another purpose in which the credentials of a list have the same index: `<base>/status/{purpose}/{n}`.

    Malformed `status_list`: `list_id` is not of that form.
    """
    parts = list_id.rsplit("/", 2)
    if len(parts) != 3:
        raise Malformed("status_list", f"{list_id[:100]!r} is not the id of a status list")
    return f"{parts[0]}/{purpose}/{parts[2]}"


def seed_purpose(list_id: str) -> str:
    """Of which of the installation's secrets the seed of a list is made; the same for its sibling."""
    return f"status-list {list_id.rpartition('/')[2]}"


def named_for(credential: dict[str, Any], purpose: str) -> dict[str, Any] | None:
    """The status list entry of that purpose, None where the credential names none."""
    return next((named for named in named_by(credential) if named["statusPurpose"] == purpose), None)


def is_set(bits: bytes, index: int) -> bool:
    """Whether the bit at `index` is set; the index is within the list."""
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


def with_bits(bits: bytes, indexes: Iterable[int], *, to: bool) -> bytes:
    """The bits with those at `indexes` set, or cleared."""
    changed = bytearray(bits)
    for index in indexes:
        mask = 1 << (7 - index % 8)
        changed[index // 8] = changed[index // 8] | mask if to else changed[index // 8] & ~mask
    return bytes(changed)


def position(seed: bytes, place: int) -> int:
    """Where the permutation of that seed puts `place` (both 0 to 131,071): an unbalanced Feistel network on 17 bits."""
    if not 0 <= place < LENGTH:
        raise ValueError("a place is within the list")
    left, right = place >> _RIGHT_BITS, place & (1 << _RIGHT_BITS) - 1
    for number in range(_ROUNDS):
        if number % 2:
            right ^= _round(seed, number, left) & (1 << _RIGHT_BITS) - 1
        else:
            left ^= _round(seed, number, right) & (1 << _LEFT_BITS) - 1
    return left << _RIGHT_BITS | right


def _round(seed: bytes, number: int, half: int) -> int:
    message = b"greffe-status/v1\n" + bytes([number]) + half.to_bytes(2, "big")
    return int.from_bytes(hmac.digest(seed, message, "sha256")[:2], "big")


def next_position(seed: bytes, issued: int) -> tuple[int, int]:
    """(m, index): the status list number, and the index in it, of an issuer's credential after `issued` others."""
    return issued // LENGTH + 1, position(seed, issued % LENGTH)
