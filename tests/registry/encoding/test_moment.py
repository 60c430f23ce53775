"""A moment has one text, and no other text is a moment."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from registry.encoding.moment import parse_utc, print_utc
from registry.errors import Malformed


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-23, 23))
def test_what_is_printed_is_parsed(utc: datetime, hours: int) -> None:
    assume(2 <= utc.year <= 9998)
    moment = utc.astimezone(timezone(timedelta(hours=hours)))
    text = print_utc(moment)
    assert parse_utc(text) == utc.replace(microsecond=0)
    assert print_utc(parse_utc(text)) == text


def test_a_moment_is_printed_in_utc_and_whole_seconds() -> None:
    zone = timezone(timedelta(hours=-8))
    assert print_utc(datetime(2026, 1, 1, 19, 4, 5, 999_999, zone)) == "2026-01-02T03:04:05Z"
    assert print_utc(datetime(987, 1, 2, tzinfo=UTC)) == "0987-01-02T00:00:00Z"


@pytest.mark.parametrize(
    "text",
    [
        "", "Z", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05+00:00", "2026-01-02T03:04:05.000Z",
        "2026-01-02 03:04:05Z", "2026-01-02t03:04:05z", "2026-1-2T3:4:5Z", "20260102T030405Z", "2026-W01-5T03:04:05Z",
        "2026-02-30T00:00:00Z", "2026-01-02T24:00:00Z", "2026-01-02T03:04:60Z", "2026-01-02T03:04Z", " 2026-01-02T03:04:05Z",
        "２026-01-02T03:04:05Z", "0001-01-01T00:00:00+23:59Z", "2026-01-02T03:04:05+01:00",
    ],
)  # fmt: skip
def test_no_other_text_is_a_moment(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_utc(text)
    assert refused.value.code == "time"
