"""What a typed text asks, and what is refused before any index sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import BadCursor, BadParameter
from search.question.cursor import parse_cursor, print_cursor
from search.question.names import analyse
from search.question.query import (
    MAX_CHARACTERS,
    Filters,
    parse_date,
    parse_filters,
    parse_query,
    parse_question,
    parse_time,
)


def refused(code: str) -> object:
    return pytest.raises(BadParameter, check=lambda error: error.code == code)


def test_empty_lists_all_and_marks_are_a_key_alone() -> None:
    assert parse_query("").listing
    assert parse_query("  \t").listing
    nothing = parse_query("?! -- \u200d")
    assert not nothing.listing
    assert (nothing.numbers, nothing.groups) == ((), ())
    assert nothing.keys == nothing.prefixes == ("?!--",)


def test_the_last_word_is_a_beginning_unless_a_form_follows() -> None:
    assert parse_query("north sho").groups[-1].prefix == "sho"
    assert parse_query("north sho").prefixes == ("northsho",)
    assert parse_query("north shore ltd").groups[-1].prefix is None
    assert parse_query("north shore ltd").full_keys == ("northshore ltd",)


def test_numbers() -> None:
    assert parse_query("BC 0491266").numbers == ("bc491266",)
    assert parse_query("3M").numbers == ("3m",)
    assert parse_query("123456789 RC 0001").numbers == ("123456789rc0001", "123456789")
    assert parse_query("acme").numbers == ()


def test_a_register_may_be_named_in_any_case() -> None:
    for text in ("sample:BC0491266", "SAMPLE:bc0491266", "Sample: BC0491266"):
        query, filters = parse_question(text, Filters(), lambda: {"sample"})
        assert (query.numbers, filters.register) == (("bc491266",), frozenset({"sample"})), text
    assert parse_question("other:BC0491266", Filters(), lambda: {"sample"})[1] == Filters()


def test_no_name_has_too_many_words_but_a_text_may_be_too_long() -> None:
    assert len(parse_query("acme " * 400).groups) == 400
    parse_query("x" * MAX_CHARACTERS)
    with refused("query_too_long"):
        parse_query("x" * (MAX_CHARACTERS + 1))


@given(st.text(max_size=200))
def test_any_text_is_a_question(text: str) -> None:
    query = parse_query(text)
    assert query.listing == (not text.strip())
    assert bool(query.groups) == bool(query.units) == bool(analyse(text).words)
    assert bool(query.keys) or not query.groups


def test_filters() -> None:
    filters = parse_filters(
        {"status": "Active,Historical", "type": "BC", "registered_from": "2001-02-28", "register": ""}
    )
    assert filters == Filters(
        status=frozenset({"Active", "Historical"}), type=frozenset({"BC"}), registered_from="2001-02-28"
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"status": "active"}, "bad_parameter"),
        ({"name_kind": "number"}, "bad_parameter"),
        ({"registered_from": "2001-02-29"}, "bad_date"),
        ({"registered_to": "0000-00-00"}, "bad_date"),
        ({"registered_to": "20010203"}, "bad_date"),
        ({"registered_from": "2001-02-03", "registered_to": "2001-02-02"}, "bad_range"),
    ],
)
def test_filters_refused(given: dict[str, str | None], code: str) -> None:
    with refused(code):
        parse_filters(given)


@pytest.mark.parametrize("text", ["2001-2-3", "2001-W05-1", "tomorrow", "2001-02-03T00:00:00Z", "２００１-02-03"])
def test_dates_refused(text: str) -> None:
    with refused("bad_date"):
        parse_date(text, "at")


def test_times() -> None:
    assert parse_time("1970-01-01T00:00:01Z", "known") == 1000
    assert parse_time("1970-01-01T01:00:01.5+01:00", "known") == 1500
    assert parse_time(None, "known") is None
    for text in ("1970-01-01", "1970-01-01T00:00:01", "1970-13-01T00:00:01Z", "1970-01-01T00:00:01+99:00"):
        with refused("bad_time"):
            parse_time(text, "known")


@given(st.text(), st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4))
def test_cursors_print_and_parse(question: str, place: list[int]) -> None:
    assert parse_cursor(question, print_cursor(question, *place), len(place)) == tuple(place)


def test_damaged_cursors_are_told() -> None:
    good = print_cursor("q", 3, 12345)
    damaged = [good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :] for at in range(len(good))]
    for text in [*damaged, good + "A", good[:-1], good + "=", "", "é", " " + good, "%00"]:
        with pytest.raises(BadCursor):
            parse_cursor("q", text, 2)
    with pytest.raises(BadCursor):
        parse_cursor("another question", good, 2)
    with pytest.raises(BadCursor):
        parse_cursor("q", good, 3)
