"""base58-btc writes keys and signatures, as Multibase `z`.

Follows Controlled Identifiers 1.0 section 2.4.
"""

from registry.errors import Malformed

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: every two digits, by their value: half as many divisions of a long number
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
#: ten digits still fit into a small number
_TEN = 58**10
_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}


def base58(data: bytes) -> str:
    """base58-btc, leading zero bytes as `1`."""
    number = int.from_bytes(data, "big")
    pairs = []
    while number:
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    pairs.reverse()
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + "".join(pairs).lstrip("1")


def unbase58(text: str) -> bytes:
    """The bytes of a base58-btc text. Malformed `base58`: a foreign character, or over 256 characters."""
    if len(text) > 256:
        raise Malformed("base58", "not base58-btc")
    number, part, whole = 0, 0, text.rjust(-(-len(text) // 10) * 10, "1")
    try:
        for start in range(0, len(whole), 10):
            for pair in range(start, start + 10, 2):
                part = part * len(_PAIRS) + _VALUES[whole[pair : pair + 2]]
            number, part = number * _TEN + part, 0
    except KeyError:
        raise Malformed("base58", "not base58-btc") from None
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
