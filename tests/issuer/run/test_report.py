"""The report: every row that was read ends in exactly one of used, unchanged, rejected, held."""

from itertools import permutations

import pytest

from issuer.run.held import Held, held
from issuer.run.report import Report
from issuer.timeline.changes import Extract, InputFile, Rejection, Row


def rows(file: int, count: int) -> list[Row]:
    return [Row(file, number, number + 2) for number in range(count)]


def waiting(code: str) -> Held:
    return held(code, "sample", "BC0000001", [("a.csv", 5), ("b.csv", 3)], None, "2026-01-01T00:00:00Z")


@pytest.fixture
def report() -> Report:
    extract = Extract("sample", [InputFile("a.csv", 4), InputFile("b.csv", 2)], (), [])
    return Report("table", extract)


def test_counts_stand_for_each_file_and_over_all(report: Report) -> None:
    a, b = rows(0, 4), rows(1, 2)
    report.mark([a[0], b[0]], "used")
    report.mark([a[1]], "unchanged")
    report.reject([Rejection(a[2], "date_invalid", "no such day")])
    report.hold([a[3], b[1]], waiting("organization_incomplete"))
    figures = report.to_json()
    assert figures["rows"] == {"read": 6, "used": 2, "unchanged": 1, "rejected": 1, "held": 2}
    assert figures["files"] == [
        {"file": "a.csv", "rows": {"read": 4, "used": 1, "unchanged": 1, "rejected": 1, "held": 1}},
        {"file": "b.csv", "rows": {"read": 2, "used": 1, "unchanged": 0, "rejected": 0, "held": 1}},
    ]
    assert (figures["read"], figures["unchanged"], figures["rejected"], figures["held"]) == (6, 1, 1, 2)
    assert figures["rejections"] == [{"file": "a.csv", "line": 4, "code": "date_invalid", "reason": "no such day"}]
    [hold] = figures["holds"]
    assert hold == {
        "id": waiting("organization_incomplete").id,
        "code": "organization_incomplete",
        "register": "sample",
        "number": "BC0000001",
        "rows": [{"file": "a.csv", "line": 5}, {"file": "b.csv", "line": 3}],
    }
    assert not report.is_clean


@pytest.mark.parametrize("order", list(permutations(("used", "held", "unchanged"))))
def test_a_row_of_several_organizations_has_one_outcome_whatever_their_order(
    report: Report, order: tuple[str, ...]
) -> None:
    [row] = rows(0, 1)
    for outcome in order:
        report.mark([row], outcome)
    totals = report.to_json()["rows"]
    assert (totals["used"], totals["held"], totals["unchanged"]) == (1, 0, 0)


@pytest.mark.parametrize("used_first", [True, False])
def test_a_row_that_one_organization_uses_is_not_rejected(report: Report, used_first: bool) -> None:
    [row] = rows(0, 1)
    rejection = Rejection(row, "dangling_row", "refers to nothing")
    acts = [lambda: report.mark([row], "used"), lambda: report.reject([rejection])]
    for act in acts if used_first else reversed(acts):
        act()
    figures = report.to_json()
    assert (figures["rows"]["used"], figures["rejected"], figures["rejections"]) == (1, 0, [])
    assert report.is_clean


def test_a_row_is_rejected_once_for_its_first_reason_and_rejections_are_in_order(report: Report) -> None:
    first, second, *_ = rows(0, 4)
    report.reject([Rejection(second, "b", "later line"), Rejection(first, "a", "first line")])
    report.reject([Rejection(second, "c", "told again")])
    figures = report.to_json()
    assert [(rejection["line"], rejection["code"]) for rejection in figures["rejections"]] == [(2, "a"), (3, "b")]
    assert figures["rejected"] == 2


def test_an_organization_without_rows_left_is_not_counted_as_held(report: Report) -> None:
    report.hold([], waiting("organization_incomplete"))
    figures = report.to_json()
    assert (figures["held"], figures["holds"]) == (0, [])
    assert report.is_clean


def test_rows_about_a_later_day_need_nobody(report: Report) -> None:
    report.hold(rows(0, 1), waiting("future"))
    assert (report.to_json()["held"], report.is_clean) == (1, True)
    report.hold(rows(0, 2), waiting("mass_change"))
    assert not report.is_clean


def test_entries_are_counted_by_kind_and_no_other_kind_is(report: Report) -> None:
    for kind in ("issue", "supersede", "supersede", "correct", "correct", "correct"):
        report.count_entry(kind)
    figures = report.to_json()
    assert (figures["issued"], figures["superseded"], figures["corrected"], figures["revoked"]) == (1, 2, 3, 0)
    with pytest.raises(KeyError):
        report.count_entry("status")


def test_an_extract_without_rows_is_clean(report: Report) -> None:
    report.extract.files.clear()
    figures = report.to_json()
    assert figures["rows"] == {"read": 0, "used": 0, "unchanged": 0, "rejected": 0, "held": 0}
    assert report.is_clean
