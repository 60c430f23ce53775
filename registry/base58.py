"""base58-btc, as Multibase `z` writes keys and signatures (Controlled Identifiers 1.0 section 2.4)."""

from registry.errors import Malformed

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_ALPHABET)}
#: digits that are worked on at a time: 58^10 fits a machine word
_GROUP = 10
_GROUP_VALUE = 58**_GROUP


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
