"""A trust file is read whole or refused by its code; a mistake of ours is not told as a fault of the file."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from registry.errors import Malformed
from registry.installation.office import Office
from registry.log import policy
from registry.verify import trust

ODD: list[Any] = [None, 5, True, "x", [], {}, [5], [{}], {"a": 1}]
#: where the member is a text of a form of its own, its error may be that of the form
FORMS = {"trust", "vkey", "multikey", "policy"}


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to every value within a JSON value."""
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield (*path, name)
        yield from paths(inner, (*path, name))


def test_a_member_of_another_type_is_refused_wherever_it_stands(filled: Office) -> None:
    document = filled.reader.trust()
    assert trust.parse(json.dumps(document).encode()).origin == filled.identity.origin
    refused = 0
    for path in paths(document):
        for odd in ODD:
            changed = copy.deepcopy(document)
            parent: Any = changed
            for name in path[:-1]:
                parent = parent[name]
            is_same_type = type(parent[path[-1]]) is type(odd)
            parent[path[-1]] = odd
            code = code_of(changed)
            assert code in FORMS or (code is None and is_same_type), (path, odd)
            refused += code is not None
    assert refused > 200


def code_of(document: dict[str, Any]) -> str | None:
    """Of the error that a trust file is refused with; None where it is read."""
    try:
        trust.parse(json.dumps(document).encode())
    except Malformed as error:
        return error.code
    return None


@pytest.mark.parametrize(
    "member", ["v", "origin", "genesisKey", "ledgerKeys", "issuers", "contexts", "witnessPolicy", "require"]
)
def test_a_missing_member_is_named(filled: Office, member: str) -> None:
    document = {name: value for name, value in filled.reader.trust().items() if name != member}
    with pytest.raises(Malformed, match=f"{member} is absent") as refused:
        trust.parse(json.dumps(document).encode())
    assert refused.value.code == "trust"


def test_a_mistake_of_ours_is_no_bad_trust_file(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_text: str) -> None:
        raise AttributeError("a mistake of ours")

    data = json.dumps(filled.reader.trust()).encode()
    monkeypatch.setattr(policy, "parse", broken)
    with pytest.raises(AttributeError, match="of ours"):
        trust.parse(data)
