"""The guarded fetcher: what it fetches, and all that it refuses before, during and after a connection."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.foreign import fetcher
from registry.foreign.fetcher import BYTES, GuardedFetcher, is_public
from registry.foreign.retrieval import Limited, NotRetrieved, Remembered, no_fetch
from tests.builders.strangers_server import HOST, PUBLIC, Stranger, reply, slowly, stranger

BODY = b'{"id": "did:web:stranger.example"}'
URL = f"https://{HOST}/.well-known/did.json"
PRIVATE = [
    "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "198.18.0.1", "198.19.255.255", "192.0.0.8", "192.0.0.192", "192.0.2.1", "0.0.0.0",
    "0.1.2.3", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1", "198.51.100.1",
    "203.0.113.1", "168.63.129.16", "::", "::1", "::7f00:1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
    "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:0:5ef5:79fd::1", "2001:db8::1", "3fff::1", "100::1",
    "2606:2800:21f:cb07::1%lo", "2130706433", "0x7f.1", "not an address", "",
]  # fmt: skip


def code_of(act: Callable[[], object]) -> str:
    """The code with which it is refused."""
    with pytest.raises(NotRetrieved) as refused:
        act()
    return refused.value.code


@pytest.fixture
def serve(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Stranger]]:
    """A server that gives these parts to every request."""
    opened = []

    def start(*parts: bytes, name: str = HOST) -> Stranger:
        at = datetime.now(UTC)
        context = stranger(tmp_path, lambda _target: iter(parts), at, name)
        opened.append(context)
        return context.__enter__()

    yield start
    for context in opened:
        context.__exit__(None, None, None)


def test_it_fetches_from_the_address_that_was_checked(serve: Callable[..., Stranger]) -> None:
    there = serve(reply(BODY))
    there.addresses = [[PUBLIC], ["127.0.0.1"]]
    assert there.fetcher()(URL) == BODY
    assert (there.looked_up, there.dialled) == ([HOST], [PUBLIC]), "looked up once, and nowhere else connected to"
    assert there.asked == [(HOST, "/.well-known/did.json")]
    assert there.requests[0].startswith(b"GET ")
    assert b"Accept-Encoding: identity\r\n" in there.requests[0]
    assert not any(word in there.requests[0].lower() for word in (b"cookie", b"authorization", b"referer"))


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json; charset=utf-8",
        "application/did+ld+json",
        "application/vc",
        "APPLICATION/JSON",
        "application/ld+json",
    ],
)
def test_each_kind_of_json_is_taken(serve: Callable[..., Stranger], media_type: str) -> None:
    assert serve(reply(BODY, media_type=media_type)).fetcher()(URL) == BODY


def test_chunks_and_the_largest_body_are_taken(serve: Callable[..., Stranger]) -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    )
    assert serve(chunked).fetcher()(URL) == b"{}"
    assert len(serve(reply(b" " * BYTES)).fetcher()(URL)) == BYTES


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("fetch_redirect", reply(b"", "Location: https://169.254.169.254/", status="302 Found")),
        ("fetch_redirect", reply(b"", f"Location: {URL}", status="308 Permanent Redirect")),
        ("fetch_status", reply(BODY, status="404 Not Found")),
        ("fetch_status", reply(BODY, status="204 No Content")),
        ("fetch_type", reply(BODY, media_type="text/html")),
        ("fetch_type", reply(BODY, media_type="application/octet-stream")),
        ("fetch_type", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        ("fetch_encoding", reply(gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip")),
        ("fetch_encoding", reply(BODY, "Content-Encoding: br")),
        ("fetch_size", reply(b" " * (BYTES + 1))),
        ("fetch_size", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * (BYTES + 1)),
        ("fetch_size", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + b" " * (BYTES * 4)),
        ("fetch_http", b"SSH-2.0-OpenSSH_9.2\r\n"),
        ("fetch_http", b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n"),
        ("fetch_http", b""),
        ("fetch_http", reply(BODY)[:-5]),
        ("fetch_http", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"),
    ],
)  # fmt: skip
def test_a_server_that_misbehaves_is_refused(serve: Callable[..., Stranger], code: str, answer: bytes) -> None:
    there = serve(answer)
    assert code_of(lambda: there.fetcher()(URL)) == code
    assert len(there.dialled) == 1, "and nothing else is tried"


@pytest.mark.parametrize("where", ["in the head", "in the body"])
def test_a_slow_drip_ends_at_the_one_deadline(tmp_path: Path, where: str) -> None:
    """Every byte comes well within a timeout of its own; all of them together do not."""

    def drip(_target: str) -> Iterator[bytes]:
        answer = reply(BODY)
        quick = 0 if where == "in the head" else len(answer) - len(BODY)
        yield answer[:quick]
        yield from slowly(answer[quick:], 0.04)

    with stranger(tmp_path, drip, datetime.now(UTC)) as there:
        assert code_of(lambda: there.fetcher(seconds=0.5)(URL)) == "fetch_time"
        assert where == "in the head" or there.fetcher(seconds=60)(URL) == BODY, "with time enough it is an answer"


def test_silence_before_the_handshake_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        fetch = GuardedFetcher(
            None, lambda *_: [PUBLIC], lambda _, seconds: socket.create_connection(mute.getsockname(), seconds), 0.5
        )
        assert code_of(lambda: fetch(URL)) == "fetch_time"


def test_a_resolver_that_does_not_answer_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()

    def asleep(*_arguments: object, **_more: object) -> list[object]:
        is_over.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", asleep)
    started = time.monotonic()
    assert code_of(lambda: GuardedFetcher(seconds=0.3)(URL)) == "fetch_time"
    assert time.monotonic() - started < 30
    is_over.set()


def test_a_certificate_for_another_name_or_of_nobody_known_is_refused(serve: Callable[..., Stranger]) -> None:
    other = serve(reply(BODY), name="other.example")
    assert code_of(lambda: other.fetcher()(URL)) == "fetch_tls"
    assert other.fetcher()("https://other.example/x") == BODY, "by its own name it is believed"
    unknown = GuardedFetcher(None, other.lookup, other.dial)
    assert code_of(lambda: unknown("https://other.example/x")) == "fetch_tls"
    assert len(other.asked) == 1, "nobody was asked anything under a certificate that does not hold"


@pytest.mark.parametrize("address", PRIVATE)
def test_no_connection_is_made_to_an_address_that_is_not_public(address: str) -> None:
    dialled: list[str] = []

    def dial(address: str, _seconds: float) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    assert not is_public(address)
    for answer in ([address], [PUBLIC, address]):
        fetch = GuardedFetcher(None, lambda *_, answer=answer: answer, dial)
        assert code_of(lambda fetch=fetch: fetch(URL)) == "fetch_address"
    assert dialled == []


def test_without_the_check_the_same_fetch_would_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the test above."""
    dialled: list[str] = []

    def dial(address: str, _seconds: float) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(fetcher, "is_public", lambda _: True)
    assert code_of(lambda: GuardedFetcher(None, lambda *_: ["169.254.169.254"], dial)(URL)) == "fetch_connect"
    assert dialled == ["169.254.169.254"]


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "172.15.255.255", "172.32.0.1", "2606:2800:21f:cb07::1", "2a00:1450::1"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://stranger.example/", "ftp://stranger.example/", "file:///etc/passwd", "data:application/json,{}",
        "//stranger.example/",
        "https://stranger.example:8443/", "https://stranger.example:443443/", "https://stranger.example:/", "https://localhost/",
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://0x7f.0x0.0x0.0x1/", "https://017700000001/",
        "https://127.1/", "https://①②⑦.⓪.⓪.①/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://user@stranger.example/",
        "https://user:word@stranger.example/", "https://stranger.example@169.254.169.254/", "https://stranger.example/#x",
        "https://stranger.example/ x", "https://stranger.example/\r\nHost: x", "https://stranger.example\\@x.example/",
        "https://stranger.example./", "https://stranger..example/", "https://-stranger.example/", "https://étranger.example/",
        "https://stranger.example/é", "https://stranger.example?x", "https:stranger.example/", "https://", "",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 130 + "example/", "https://stranger.example/" + "a" * 2000, "https://stranger.example/\n", "\nhttps://stranger.example/",
    ],
)  # fmt: skip
def test_what_is_no_plain_https_url_is_not_even_looked_up(url: str) -> None:
    looked_up: list[str] = []

    def lookup(name: str, _seconds: float) -> list[str]:
        looked_up.append(name)
        return []

    assert code_of(lambda: GuardedFetcher(None, lookup)(url)) == "fetch_url"
    assert looked_up == []


@pytest.mark.parametrize(
    "url", ["https://stranger.example", "https://STRANGER.example:443/a?b=c&d", "https://a.xn--p1ai/"]
)
def test_plain_https_urls_are_looked_up(url: str) -> None:
    assert code_of(lambda: GuardedFetcher(None, lambda *_: [])(url)) == "fetch_dns"


def test_the_environments_proxies_are_ignored(serve: Callable[..., Stranger], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert serve(reply(BODY)).fetcher()(URL) == BODY


def test_off_means_off() -> None:
    assert code_of(lambda: no_fetch(URL)) == "fetch_off"


def test_a_verification_may_ask_for_few_things_and_each_once() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        if url == "bad":
            raise NotRetrieved("fetch_dns", "no")
        return url.encode()

    limited = Limited(fetch, 3)
    assert [limited("a"), limited("a"), limited("b")] == [b"a", b"a", b"b"]
    assert [code_of(lambda: limited("bad")) for _ in range(2)] == ["fetch_dns", "fetch_dns"]
    assert code_of(lambda: limited("d")) == "fetch_limit"
    assert limited("b") == b"b"
    assert asked == ["a", "b", "bad"]


def test_what_was_asked_a_moment_ago_is_remembered_refusals_too() -> None:
    asked: list[str] = []
    now = [0.0]

    def fetch(url: str) -> bytes:
        asked.append(url)
        if url == "bad":
            raise NotRetrieved("fetch_dns", "no")
        return url.encode()

    remembered = Remembered(fetch, lambda: now[0], seconds=60, most=2)
    for _ in range(2):
        assert remembered("a") == b"a"
        assert code_of(lambda: remembered("bad")) == "fetch_dns"
    assert asked == ["a", "bad"]
    now[0] = 60.0
    assert remembered("a") == b"a"
    assert asked == ["a", "bad", "a"], "until it is old"
    assert [remembered("b"), remembered("a")] == [b"b", b"a"]
    assert code_of(lambda: remembered("bad")) == "fetch_dns"
    assert asked == ["a", "bad", "a", "b", "bad"], "or others took its place"
