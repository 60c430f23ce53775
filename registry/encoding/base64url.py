"""base64url without padding writes tokens, JSON Web Keys, Multibase `u` and sealed names.

Follows RFC 4648 section 5.
"""

import base64
import binascii

from registry.errors import Malformed


def base64url(data: bytes) -> str:
    """The one text of those bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text: str) -> bytes:
    """The bytes of a text. Malformed `base64url`: a foreign character, padding, or a length that none has.

    Bits beyond the last byte are passed over: a caller that needs the one text prints the bytes again and compares.
    """
    try:
        if "=" not in text:
            return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        pass
    raise Malformed("base64url", "not base64url without padding")
