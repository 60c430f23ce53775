"""A batch is cut into its items before it is parsed: the same as a parser of the whole gives, and less work."""

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.encoding import strict_json
from registry.errors import Malformed, RegistryError
from search.errors import BadParameter, SearchError, TooMuch
from search.http import posted_json
from search.http.posted_json import posted_items

MiB = 2**20
TEXT = st.text(st.sampled_from('a"\\{}[],: \n') | st.characters(exclude_categories=["Cs"]), max_size=6)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.lists(st.dictionaries(TEXT, VALUE, max_size=3), max_size=5)


def items_of(body: bytes) -> list[dict[str, Any]]:
    return posted_items(body, 1000, 256 * 1024, 250_000)


def by_a_parser_of_the_whole(body: bytes) -> Any:
    items = strict_json.parse_object(body).get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise BadParameter("items", "no", "items")
    return items


@given(ITEMS, st.dictionaries(TEXT, VALUE, max_size=2), st.booleans(), st.sampled_from([None, 1]))
def test_the_items_are_those_that_a_parser_of_the_whole_finds(
    items: list[dict[str, Any]], others: dict[str, Any], is_first: bool, indent: int | None
) -> None:
    others.pop("items", None)
    value = {"items": items, **others} if is_first else {**others, "items": items}
    for is_ascii in (True, False):
        body = json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()
        assert items_of(body) == items == by_a_parser_of_the_whole(body)


@given(ITEMS, st.data())
@example([{"a": 1}], None)
def test_what_is_broken_is_refused_where_a_parser_of_the_whole_refuses_it(items: list[Any], data: Any) -> None:
    body = bytearray(json.dumps({"items": items}).encode())
    if data is not None:
        for _ in range(data.draw(st.integers(1, 2))):
            at = data.draw(st.integers(0, len(body) - 1))
            body[at : at + data.draw(st.integers(0, 1))] = data.draw(
                st.sampled_from([b"", *map(bytes, zip(b'[]{}",:\\ 1e'))])
            )
    answers = []
    for read in (items_of, by_a_parser_of_the_whole):
        try:
            answers.append(read(bytes(body)))
        except (RegistryError, SearchError):
            answers.append(None)
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b'{"items":[' + b"{}," * (8 * MiB // 3 - 10) + b"{}]}", Malformed, "json_limits"),
        (b'{"items":[' + b"{}," * 200_000 + b"{}]}", Malformed, "json_limits"),
        (b'{"items":[' + b"{}," * 1000 + b"{}]}", TooMuch, "too_many_items"),
        (b'{"items":[{"a":[' + b"1," * 200_000 + b"1]}]}", TooMuch, "item_too_large"),
        (b'{"items":[{"a":"' + b"a" * 8 * MiB + b'"}]}', TooMuch, "item_too_large"),
        (b'{"items":[{"a":"' + b'\\"' * 4 * MiB, TooMuch, "item_too_large"),
        (b'{"items":[{}],"more":"' + b"a" * 8 * MiB + b'"}', BadParameter, "items"),
        (b'{"more":"' + b"a" * 8 * MiB + b'","items":[]}', BadParameter, "items"),
        (b'{"items":[{}],"items":[{}]}', Malformed, "json_strict"),
        (b'{"items":[{"a":1,"a":1}]}', Malformed, "json_strict"),
        (b'{"items":[{}', Malformed, "json"),
        (b'{"items":[{}]', Malformed, "json"),
        (b'{"items":[{"a":' + b"[" * 70 + b"]" * 70 + b"}]}", Malformed, "json_limits"),
        (b"[" * 200_000, BadParameter, "items"),
    ],
    ids=lambda value: value[:30].decode() if isinstance(value, bytes) else "",
)
def test_what_is_too_large_is_refused_before_it_is_built(body: bytes, kind: type[Exception], code: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(kind) as refused:
            items_of(body)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert peak < MiB + len(body)


def test_control_a_parser_of_the_whole_builds_it_first() -> None:
    body = b'{"items":[' + b"{}," * 200_000 + b"{}]}"
    tracemalloc.start()
    json.loads(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak > 10 * len(body)


def test_each_item_is_parsed_once_and_nothing_larger_than_an_item(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    parse = strict_json.parse_object

    def counting(text: bytes) -> dict[str, Any]:
        parsed.append(len(text))
        return parse(text)

    monkeypatch.setattr(posted_json.strict_json, "parse_object", counting)
    assert len(items_of(json.dumps({"items": [{"a": "x" * 1000}] * 500}).encode())) == 500
    assert len(parsed) == 501
    assert max(parsed) < 1100
