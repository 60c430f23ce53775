"""What both apps say of an error: its status from a table, what a framework refuses, what nobody foresaw."""

import pytest

from issuer.office import app as office
from registry import errors
from registry.edge.problem import UNFORESEEN, log_unforeseen, refused, status_of
from registry.errors import Refused
from search.http import problems


class Narrower(errors.NotFound):
    """An error that is in no table itself."""


@pytest.mark.parametrize("table", [office.STATUS, problems.STATUS], ids=["office", "public"])
def test_the_nearest_class_in_the_table_decides(table: dict[type[Exception], int]) -> None:
    assert status_of(Narrower("code", "message"), table) == 404
    assert status_of(Narrower("code", "message"), {**table, Narrower: 410}) == 410
    assert status_of(RuntimeError("message"), table) == 500


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, ("not_found", "there is nothing at this address")),
        (405, ("method_not_allowed", "this address does not answer that method")),
        (415, ("media_type", "as the framework says")),
        (418, ("http_418", "as the framework says")),
    ],
)
def test_what_a_framework_refuses_has_a_code(status: int, expected: tuple[str, str]) -> None:
    assert refused(status, "as the framework says") == expected


def test_what_nobody_foresaw_is_in_the_log_under_its_id(caplog: pytest.LogCaptureFixture) -> None:
    ids = {log_unforeseen(RuntimeError("secret detail"), "GET", "/there") for _ in range(2)}
    assert len(ids) == 2
    assert all(f"request {request_id} failed: GET /there" in caplog.text for request_id in ids)
    assert "secret detail" in caplog.text
    assert "secret" not in UNFORESEEN


def test_what_has_a_code_leaves_a_line_and_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    log_unforeseen(Refused("storage_refused", "the server refuses this user"), "GET", "/there")
    assert "GET /there: storage_refused: the server refuses this user" in caplog.text
    assert caplog.records[-1].exc_info is None
    log_unforeseen(KeyError("a fault of ours"), "GET", "/there")
    assert caplog.records[-1].exc_info, "the control"
