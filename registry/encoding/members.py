"""Members of an unchecked JSON object, each of its type, or Malformed.

Takes what `strict_json` gives. `code` is that of the error: what the object is. What the values mean is left to the callers.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from registry.errors import Malformed

T = TypeVar("T")
_CODE = "object"


def text(members: Mapping[str, Any], name: str, code: str = _CODE) -> str:
    """The string of that name. Malformed."""
    return _typed(members, name, str, code)


def integer(members: Mapping[str, Any], name: str, code: str = _CODE) -> int:
    """The whole number of that name. Malformed."""
    return _typed(members, name, int, code)


def flag(members: Mapping[str, Any], name: str, code: str = _CODE) -> bool:
    """The true or false of that name. Malformed."""
    return _typed(members, name, bool, code)


def object_at(members: Mapping[str, Any], name: str, code: str = _CODE) -> dict[str, Any]:
    """The object of that name. Malformed."""
    return _typed(members, name, dict, code)


def list_of(members: Mapping[str, Any], name: str, kind: type[T], code: str = _CODE) -> list[T]:
    """The array of that name, all of whose values are of that kind: str, int, bool, dict or list. Malformed."""
    values = _typed(members, name, list, code)
    if any(type(value) is not kind for value in values):
        raise Malformed(code, f"a value of {name} is not of its type")
    return values


def _typed(members: Mapping[str, Any], name: str, kind: type[T], code: str) -> T:
    value = members.get(name)
    if type(value) is not kind:  # true and false are no numbers
        raise Malformed(code, f"{name} is absent or not of its type")
    return value
