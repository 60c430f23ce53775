"""A bit of something, the other way round; and the other form of an Ed25519 signature."""

import base64

#: of the group of Ed25519 (RFC 8032, section 5.1)
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def flip(data: bytes, *bits: int) -> bytes:
    """The bytes with these bits flipped: bit 0 is the lowest of the first byte, bit -8 the lowest of the last one."""
    changed = bytearray(data)
    for bit in bits:
        changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def flip_base64(text: str, *bits: int) -> str:
    """The same to bytes that are written in base64."""
    return base64.b64encode(flip(base64.b64decode(text), *bits)).decode()


def plus_order(signature: bytes) -> bytes:
    """An Ed25519 signature with its second half raised by the order: true by the equation, refused by RFC 8032."""
    s = int.from_bytes(signature[32:], "little") + ED25519_ORDER
    return signature[:32] + s.to_bytes(32, "little")
