"""Opaque paging cursors: a place in an order, bound to its question.

URL-safe base64 (RFC 4648 section 5, no padding) of some 64-bit numbers and six bytes of a hash over them and the
question, so that a damaged cursor, or one of another question, is told from a good one. It keeps no secret.
"""

import hashlib
import struct

from registry.encoding.base64url import base64url, unbase64url
from registry.errors import Malformed
from search.errors import BadCursor

_CHECK_BYTES = 6


def print_cursor(question: str, *place: int) -> str:
    """The cursor of a place (numbers from -2^63 to 2^63 - 1) in the answer to `question`."""
    numbers = struct.pack(f">{len(place)}q", *place)
    return base64url(_check(question, numbers) + numbers)


def parse_cursor(question: str, text: str, length: int) -> tuple[int, ...]:
    """The place, of `length` numbers, in a cursor that `print_cursor` made for the same question. BadCursor."""
    try:
        raw = unbase64url(text)
    except Malformed:
        raise BadCursor from None
    check, numbers = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
    if len(numbers) != 8 * length or check != _check(question, numbers):
        raise BadCursor
    place = struct.unpack(f">{length}q", numbers)
    if print_cursor(question, *place) != text:
        raise BadCursor
    return place


def _check(question: str, numbers: bytes) -> bytes:
    return hashlib.sha256(b"greffe-cursor/v1\n" + numbers + question.encode("utf-8", "surrogatepass")).digest()[
        :_CHECK_BYTES
    ]
