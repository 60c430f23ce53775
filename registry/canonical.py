"""A JSON value as the exact bytes that are hashed and signed: RFC 8785 (JCS), for the values that we sign and pin.

Members are sorted by UTF-16 code unit (RFC 8785 section 3.2.3); numbers are integers within ±(2^53 - 1), whose JCS form
is their decimal one, and fractions such as the `1.1` of a JSON-LD context, where Python and ECMAScript print alike. Anything
else is refused rather than guessed. What we sign holds no fraction: `strict_json` lets none in.
"""

import json
from typing import Any

from registry.errors import Malformed
from registry.strict_json import MAX_INTEGER

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


def jcs(value: Any) -> bytes:
    """The canonical UTF-8 bytes of a JSON value. Malformed `not_canonical`: a number out of range, a lone surrogate."""
    try:
        return _ENCODER.encode(_ordered(value)).encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("not_canonical", "a string holds a lone surrogate") from None


def _ordered(value: Any) -> Any:
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        names = list(value)
        if all(isinstance(name, str) and name.isascii() for name in names):
            names.sort()
        else:
            names.sort(key=_utf16)
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    if isinstance(value, int) and abs(value) <= MAX_INTEGER:
        return value
    if isinstance(value, float) and 1e-4 <= abs(value) < 1e16 and not value.is_integer():
        return value
    raise Malformed(
        "not_canonical",
        f"a value of type {type(value).__name__} has no canonical form here",
    )


def _utf16(name: Any) -> bytes:
    if not isinstance(name, str):
        raise Malformed("not_canonical", "a member name is not a string")
    return name.encode("utf-16-be")
