"""A JSON value as the exact bytes that are hashed and signed.

Follows RFC 8785 (JCS), for the values that we sign and pin. Members are sorted by UTF-16 code unit (section 3.2.3); numbers
are integers within ±(2^53 - 1), whose JCS form is their decimal one, and fractions such as the `1.1` of a JSON-LD context,
where Python and ECMAScript print alike. Anything else is refused rather than guessed. What we sign holds no fraction:
`strict_json` lets none in. Strings are escaped, and names sorted where code points give the order, by orjson: it writes as
JCS does whatever is let through to it.
"""

from typing import Any

import orjson

from registry.encoding.strict_json import MAX_INTEGER
from registry.errors import Malformed


def jcs(value: Any) -> bytes:
    """The canonical UTF-8 bytes of a JSON value.

    Malformed `not_canonical`: a number out of range, a lone surrogate, more than about 250 levels.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS) if _check(value) else orjson.dumps(_ordered(value))
    except (orjson.JSONEncodeError, UnicodeEncodeError):
        raise Malformed("not_canonical", "a string holds a lone surrogate, or it is nested too deep") from None


def _check(value: Any) -> bool:
    """Refuse what has no canonical form; whether all names are ASCII, so that code points sort them as UTF-16 does."""
    ascii_names = True
    pending = [value]
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind is str:
            continue
        if kind is dict:
            try:
                ascii_names = ascii_names and "".join(item).isascii()
            except TypeError:
                raise Malformed("not_canonical", "a member name is not a string") from None
            pending.extend(item.values())
        elif kind is list or kind is tuple:
            pending.extend(item)
        elif not _is_plain(item):
            raise Malformed("not_canonical", f"a value of type {kind.__name__} has no canonical form here")
    return ascii_names


def _is_plain(item: Any) -> bool:
    if item is None or isinstance(item, bool):
        return True
    if isinstance(item, float):
        return 1e-4 <= abs(item) < 1e16 and not item.is_integer()
    return isinstance(item, int) and abs(item) <= MAX_INTEGER


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value, key=lambda name: name.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return value
