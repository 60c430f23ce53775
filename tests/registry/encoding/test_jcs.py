"""JCS against another implementation, and strict JSON against the corpus that the browser reads too."""

import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed
from tests.vectors.json_cases import text_of

VECTORS = Path(__file__).parents[3] / "schemas" / "vectors"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_equal_to_another_implementation(value: Any) -> None:
    assert jcs(value) == rfc8785.dumps(value)
    assert strict_json.parse(jcs(value)) == value


@given(st.floats(1e-4, 1e16, exclude_max=True).filter(lambda value: not value.is_integer()), st.sampled_from([1, -1]))
def test_fractions_are_written_as_another_implementation_does(value: float, sign: int) -> None:
    assert jcs([sign * value]) == rfc8785.dumps([sign * value])


def test_every_character_is_written_as_another_implementation_does() -> None:
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for start in range(0, len(everything), 1024):
        text = "".join(everything[start : start + 1024])
        assert jcs(text) == rfc8785.dumps(text)


def test_what_a_reader_lets_in_is_never_nested_too_deep() -> None:
    value: Any = []
    for _ in range(strict_json.DEPTH):
        value = {"a": [value]}
    assert jcs(value) == rfc8785.dumps(value)
    for _ in range(1000):
        value = [value]
    with pytest.raises(Malformed):
        jcs(value)


def test_names_sort_by_utf16_code_unit() -> None:
    assert jcs({"\uff5e": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\uff5e":1}'.encode()


@pytest.mark.parametrize("value", [1.0, float("nan"), 1e21, 2**53, {1: 2}, "\ud800", {"\udc00": 1}, b"x"])
def test_what_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(Malformed):
        jcs(value)


def test_a_fraction_as_contexts_have_it() -> None:
    assert jcs({"@version": 1.1}) == b'{"@version":1.1}'


def corpus() -> list[dict[str, Any]]:
    return [case for path in sorted(VECTORS.glob("json-*.json")) for case in json.loads(path.read_text("utf-8"))]


def test_the_corpus_for_every_reader() -> None:
    cases = corpus()
    assert len(cases) >= 20
    for case in cases:
        if case["refuse"]:
            with pytest.raises(Malformed):
                strict_json.parse(text_of(case))
        else:
            strict_json.parse(text_of(case))


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b'{"a": "\xff"}', b"\x00", b""])
def test_bytes_that_are_not_utf8_json(data: bytes) -> None:
    with pytest.raises(Malformed):
        strict_json.parse(data)
