"""Standard base64 with padding, read strictly: bytes have one form.

Follows RFC 4648 section 4.
"""

import binascii
from typing import Any

from registry.errors import Malformed


def encode(data: bytes) -> str:
    """The text of those bytes."""
    return binascii.b2a_base64(data, newline=False).decode()


def decode(text: Any, name: str) -> bytes:
    """The bytes of a text, `name` being what it is called. Malformed `base64`."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True) if isinstance(text, str) else None
    except ValueError:
        data = None
    if data is None or encode(data) != text:
        raise Malformed("base64", f"{name} is not the one standard base64 form of its bytes")
    return data
