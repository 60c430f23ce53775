"""Strangers' JSON is read in one place, strictly and with limits.

Follows RFC 8259 and the restrictions of RFC 7493 (I-JSON) as far as our documents need them. Refuses duplicate keys, NaN
and infinities, any number that is not an integer within ±(2^53 - 1), lone surrogates, a byte order mark, text after the
value, more than `DEPTH` levels and more than `NODES` values. What the members mean is left to the callers.
"""

import json
import re
from collections import Counter
from typing import Any

from registry.errors import Malformed

DEPTH = 64
NODES = 100_000
MAX_INTEGER = 2**53 - 1


def parse(text: bytes | str, nodes: int = NODES) -> Any:
    """The JSON value of `text` (UTF-8 when bytes) of at most that many values.

    Malformed: `encoding`; `json`, it is no JSON at all; `json_strict`, it is, but two readers might read it differently;
    `json_limits`.
    """
    if isinstance(text, bytes):
        try:
            text, encodable = text.decode("utf-8"), True
        except UnicodeDecodeError as error:
            raise Malformed("encoding", f"not UTF-8 at byte {error.start}") from None
    else:
        encodable = _is_encodable(text)
    if text.startswith("\ufeff"):
        raise Malformed("encoding", "starts with a byte order mark")
    if text.count("[") + text.count("{") > DEPTH:
        _check_depth(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Malformed("json", f"not JSON: {error.msg} at character {error.pos}") from None
    if "\\u" in text or not encodable or _may_hold_too_many(text, nodes):
        _walk(value, nodes)
    return value


def parse_object(text: bytes | str, nodes: int = NODES) -> dict[str, Any]:
    """The JSON object of `text`; Malformed `json` when the top level is something else, or as `parse`."""
    value = parse(text, nodes)
    if not isinstance(value, dict):
        raise Malformed("json", "the top level is not an object")
    return value


def _is_encodable(text: str) -> bool:
    """Whether no lone surrogate stands in the text itself; in bytes that were UTF-8 none can."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _may_hold_too_many(text: str, nodes: int) -> bool:
    """An upper bound, so that documents of a sensible size need no walk; every value takes a character."""
    return len(text) >= nodes and text.count(",") + text.count("[") + text.count("{") >= nodes


#: a string, one without end (which is no JSON), or a bracket; what a string holds is never looked at twice
_TOKEN = re.compile(r'"(?>[^"\\]+|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


def _check_depth(text: str) -> None:
    """Brackets outside strings, counted before the parser recurses into them."""
    depth = 0
    for token in _TOKEN.finditer(text):
        character = text[token.start()]
        if character in "[{":
            depth += 1
            if depth > DEPTH:
                raise Malformed("json_limits", f"nested deeper than {DEPTH} levels")
        elif character in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise Malformed("json_strict", f"member {twice[:80]!r} occurs twice")
    return members


def _no_float(text: str) -> Any:
    raise Malformed("json_strict", f"the number {text[:40]} is not an integer")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > MAX_INTEGER or text == "-0":
        raise Malformed("json_strict", f"the integer {text[:40]} is out of range")
    return int(text)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_no_float, parse_constant=_no_float, parse_int=_integer
)


def _walk(value: Any, nodes: int) -> None:
    pending = [value]
    count = 0
    while pending:
        item = pending.pop()
        count += 1
        if count > nodes:
            raise Malformed("json_limits", f"more than {nodes} values")
        if isinstance(item, str):
            _check_text(item)
        elif isinstance(item, dict):
            for name in item:
                _check_text(name)
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Malformed("json_strict", "a string holds a lone surrogate")
