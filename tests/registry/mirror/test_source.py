"""A mirror over HTTP: what it may answer with, and that it keeps nobody waiting."""

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from registry.errors import Conflict, Malformed, RegistryError, Usage
from registry.mirror.source import MAX_BYTES, Mirror
from tests.registry.witness.test_client import playing

SECONDS = 0.3
Drip = Callable[[BaseHTTPRequestHandler, bytes], None]


def drips(head: bytes, drop: bytes) -> Drip:
    """Answers with `head`, then a drop each time before one read alone would have taken too long, for a minute."""

    def play(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.wfile.write(head)
        for _ in range(600):
            time.sleep(SECONDS / 3)
            handler.wfile.write(drop)

    return play


SLOW = {
    "in the body": drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"x"),
    "in the header": drips(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "in the status": drips(b"HTTP/1.1 2", b"0"),
    "in chunks": drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@pytest.mark.parametrize("name", SLOW)
def test_a_mirror_that_drips_is_away_when_its_time_is_over(name: str) -> None:
    with playing(SLOW[name]) as url:
        began = time.monotonic()
        with pytest.raises(Conflict, match="TimeoutError"):
            Mirror(url, seconds=SECONDS).read("checkpoint")
        assert time.monotonic() - began < 100 * SECONDS, "each read alone was in time"


def test_with_time_enough_the_same_is_read() -> None:
    """The negative control: it is the whole answer that took too long."""

    def play(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n")
        for _ in range(6):
            time.sleep(SECONDS / 3)
            handler.wfile.write(b"x")

    with playing(play) as url:
        assert Mirror(url).read("checkpoint") == b"xxxxxx"
        with pytest.raises(Conflict):
            Mirror(url, seconds=SECONDS).read("checkpoint")


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {}, b"here", b"here"),
        (404, {}, b"no", None),
        (410, {}, b"no", None),
        (500, {}, b"no", Conflict),
        (302, {"Location": "/checkpoint"}, b"", Conflict),
        (206, {}, b"part", Conflict),
        (200, {}, bytes(MAX_BYTES + 1), Malformed),
        (200, {"Content-Length": "9"}, b"short", Conflict),
    ],
)
def test_what_it_answers(
    status: int, headers: dict[str, str], body: bytes, expected: bytes | type[RegistryError] | None
) -> None:
    asked = []

    def play(handler: BaseHTTPRequestHandler, _body: bytes) -> tuple[int, dict[str, str], bytes]:
        asked.append(handler.path)
        return status, headers, body

    with playing(play) as url:
        mirror = Mirror(f"{url}/below/")
        if isinstance(expected, type):
            with pytest.raises(expected):
                mirror.read("tile/0/000")
        else:
            assert mirror.read("tile/0/000") == expected
    assert asked == ["/below/tile/0/000"]


def test_what_is_no_place_of_a_mirror() -> None:
    with pytest.raises(Usage, match="port"):
        Mirror("https://mirror.example:port/")
    with pytest.raises(Usage, match="https"):
        Mirror("http://mirror.example/")
