"""A member is of its type, or the error says which is not, with the caller's code."""

from collections.abc import Callable
from typing import Any

import pytest

from registry.encoding import members
from registry.errors import Malformed

OBJECT = {"text": "a", "integer": 5, "flag": True, "object": {"b": 1}, "list": ["a", "b"], "none": None}
READERS: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "text": members.text,
    "integer": members.integer,
    "flag": members.flag,
    "object": members.object_at,
    "list": lambda document, name: members.list_of(document, name, str),
}


@pytest.mark.parametrize("kind", READERS)
def test_only_a_value_of_the_type_is_read(kind: str) -> None:
    for name, value in OBJECT.items():
        if name == kind:
            assert READERS[kind](OBJECT, name) == value
        else:
            with pytest.raises(Malformed, match=f"{name} is absent or not of its type") as refused:
                READERS[kind](OBJECT, name)
            assert refused.value.code == "object"
    with pytest.raises(Malformed, match="missing is absent"):
        READERS[kind](OBJECT, "missing")


def test_the_values_of_an_array_are_all_of_one_type() -> None:
    assert members.list_of({"list": []}, "list", dict) == []
    for values in ([1, True], [{}, None], ["a", 1]):
        with pytest.raises(Malformed, match="a value of list") as refused:
            members.list_of({"list": values}, "list", type(values[0]), "trust")
        assert refused.value.code == "trust"
