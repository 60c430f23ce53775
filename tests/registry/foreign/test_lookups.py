"""Slow names hold their own domain's and their own client's places, and nobody else's."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

import pytest

from registry.edge.client import works_for
from registry.foreign import fetcher
from registry.foreign.fetcher import Lookups, domain_of, look_up
from registry.foreign.retrieval import NotRetrieved, Remembered
from tests.builders.strangers_server import PUBLIC

PATIENCE = 30.0


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A resolver that never answers for names with `slow` in them, until it is set."""
    done = threading.Event()

    def resolve(name: str, *_: Any, **__: Any) -> list[Any]:
        if "slow" in name:
            done.wait(PATIENCE)
        return [(None, None, None, "", (PUBLIC, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(fetcher, "_lookups", Lookups())
    yield done
    done.set()


def code(name: str, client: str, seconds: float = 0.05) -> str:
    def ask() -> str:
        works_for(client)
        try:
            return look_up(name, seconds)[0]
        except NotRetrieved as error:
            return error.code

    return copy_context().run(ask)


def test_many_slow_names_of_one_domain_hold_two_places(slow: threading.Event) -> None:
    codes = [code(f"n{number}.slow.example", f"192.0.2.{number}") for number in range(24)]
    assert codes == ["fetch_time"] * 2 + ["fetch_busy"] * 22
    assert code("good.example.org", "192.0.2.1", PATIENCE) == PUBLIC


def test_one_client_holds_four_whatever_the_domains(slow: threading.Event) -> None:
    codes = [code(f"slow{number}.example", "192.0.2.1") for number in range(24)]
    assert codes == ["fetch_time"] * 4 + ["fetch_busy"] * 20
    assert code("good.example", "192.0.2.1") == "fetch_busy"
    assert code("good.example", "192.0.2.2", PATIENCE) == PUBLIC


def test_places_are_given_back_when_the_resolver_is_done(slow: threading.Event) -> None:
    for number in range(4):
        code(f"slow{number}.example", "192.0.2.1")
    slow.set()
    until = time.monotonic() + PATIENCE
    while fetcher._lookups._under_way:
        assert time.monotonic() < until
        time.sleep(0.01)
    assert code("good.example", "192.0.2.1", PATIENCE) == PUBLIC


def test_control_without_the_shares_slow_names_hold_every_place(
    slow: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetcher, "_lookups", Lookups(8, 8, 8))
    for number in range(8):
        code(f"n{number}.slow.example", "192.0.2.1")
    assert code("good.example.org", "192.0.2.2") == "fetch_busy"


def test_at_once_from_many_threads_no_more_than_there_are_places() -> None:
    lookups = Lookups(32, 2, 4)

    def begin(number: int) -> bool:
        try:
            lookups.begin(f"d{number}.example", f"client {number % 100}")
        except NotRetrieved:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(begin, range(400))) == 32


def test_that_there_was_no_place_is_not_remembered() -> None:
    answers: list[bytes | NotRetrieved] = [NotRetrieved("fetch_busy", "later"), b"{}", b"never"]

    def fetch(_url: str) -> bytes:
        answer = answers.pop(0)
        if isinstance(answer, NotRetrieved):
            raise answer
        return answer

    remembered = Remembered(fetch, lambda: 0.0)
    with pytest.raises(NotRetrieved):
        remembered("https://a.example/")
    assert [remembered("https://a.example/") for _ in range(2)] == [b"{}"] * 2


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("a.b.example.com", "example.com"),
        ("EXAMPLE.com.", "example.com"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("a.example.gov.bc.ca", "gov.bc.ca"),
        ("a.example.ca", "example.ca"),
        ("bbc.ca", "bbc.ca"),
        ("localhost", "localhost"),
    ],
)
def test_names_below_one_domain_count_together(name: str, domain: str) -> None:
    assert domain_of(name) == domain
