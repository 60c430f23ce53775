"""What the site refuses before a route sees it: a page for people, a problem for programs, and room for the form."""

from urllib.error import HTTPError
from urllib.parse import quote_plus
from urllib.request import Request, urlopen

import pytest


def _answer(address: str, body: bytes | None = None) -> tuple[int, str, str]:
    try:
        with urlopen(Request(address, data=body), timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read().decode()


@pytest.mark.parametrize("query", ["q=%FF", "q=a&q=b", "q=%00"])
def test_a_broken_address_is_answered_with_a_page_to_people(live_server: str, query: str) -> None:
    status, kind, text = _answer(f"{live_server}/fr/search?{query}")
    assert (status, kind) == (400, "text/html; charset=utf-8")
    assert "Impossible de répondre à cette demande" in text
    assert "This request cannot be answered" in text
    status, kind, _ = _answer(f"{live_server}/api/v1/organizations?{query}")
    assert (status, kind) == (400, "application/problem+json")


def test_the_form_takes_what_an_evidence_file_needs(live_server: str) -> None:
    body = b"evidence=" + quote_plus('{"credential":"' + "é" * 120_000 + '"}').encode()
    assert len(body) > 700_000
    status, _, text = _answer(f"{live_server}/en/verify", body)
    assert status == 200
    assert 'data-step="well_formed" data-result="failed"' in text
    status, kind, _ = _answer(f"{live_server}/en/verify", body * 2)
    assert (status, kind) == (413, "text/html; charset=utf-8")
