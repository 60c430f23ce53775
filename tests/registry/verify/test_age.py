"""How old a file is called."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.verify.age import age

AS_OF = "2020-02-29T12:00:00Z"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1, None),
        (0, None),
        (6, None),
        (7, (7, "days")),
        (60, (60, "days")),
        (61, (2, "months")),
        (730, (23, "months")),
        (731, (2, "years")),
        (1095, (2, "years")),
        (1096, (3, "years")),
    ],
)
def test_an_age_is_told_in_the_unit_that_fits(days: int, expected: tuple[int, str] | None) -> None:
    assert age(AS_OF, datetime(2020, 2, 29, 12, tzinfo=UTC) + timedelta(days=days)) == expected


def test_a_day_that_is_not_over_does_not_count() -> None:
    assert age(AS_OF, datetime(2020, 3, 7, 11, 59, 59, tzinfo=UTC)) is None


def test_what_is_of_no_day_is_of_no_age() -> None:
    assert age(None, datetime(2020, 3, 7, tzinfo=UTC)) is None
