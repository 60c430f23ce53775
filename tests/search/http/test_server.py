"""The server beside clients that send nothing, half of something, or read nothing: it serves the others."""

import logging
import resource
import select
import socket
import threading

import pytest
import uvicorn
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from search.http import server
from search.http.limits import HEADER_BYTES
from tests.builders.crowded import PATIENCE, Crowded, answer_on, crowded, is_closed

HALF_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: "
HALF_BODY = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 100000\r\n\r\nhalf"
GOOD = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
STALLED = (b"", b"G", HALF_HEAD, HALF_BODY)


def ask(running: Crowded, request: bytes = GOOD, address: str = "127.0.0.1") -> bytes:
    with running.connected(request, address) as link:
        return answer_on(link)


def is_gone_later(running: Crowded) -> bool:
    """Whether nobody is connected after another 16 s of the server's clock: what was on its way may have made a step."""
    running.clock.now += 16
    return not len(running.server.crowd)


def closed_of(links: list[socket.socket]) -> int:
    """How many of them the other side has closed; which ones depends on how far each came."""
    readable, _, _ = select.select(links, [], [], 0)
    return sum(map(is_closed, readable))


def test_five_times_the_cap_of_stalled_clients_refuse_nobody() -> None:
    with crowded(40) as running:
        stalled = [running.connected(STALLED[number % 4]) for number in range(200)]
        for _ in range(10):
            assert ask(running).startswith(b"HTTP/1.1 200 ")
        assert len(running.server.crowd) <= 40
        running.wait_for(lambda: closed_of(stalled) >= 160)
        for link in stalled:
            link.close()


def test_control_without_the_order_stalled_clients_refuse_a_good_one() -> None:
    """uvicorn's own limit answers 503 to whoever comes after them."""
    with crowded(40) as running:
        running.server.config.http_protocol_class = uvicorn.protocols.http.h11_impl.H11Protocol
        running.server.config.limit_concurrency = 40
        stalled = [running.connected(HALF_HEAD) for _ in range(60)]
        running.wait_for(lambda: len(running.server.server_state.connections) == 60)
        assert ask(running).startswith(b"HTTP/1.1 503 ")
        for link in stalled:
            link.close()


@pytest.mark.parametrize("sends", STALLED)
def test_what_does_not_move_is_closed(sends: bytes) -> None:
    with crowded(40) as running, running.connected(sends) as link:
        running.wait_for(lambda: len(running.server.crowd) == 1)
        running.wait_for(lambda: is_gone_later(running))
        assert is_closed(link)


def test_a_head_that_drips_is_closed_and_a_body_that_moves_is_not() -> None:
    with crowded(40) as running, running.connected(HALF_HEAD) as dripping, running.connected(HALF_BODY) as moving:
        running.wait_for(lambda: len(running.server.crowd) == 2)
        for _ in range(5):
            running.clock.now += 4
            moving.sendall(b"b" * 19_999)
            if running.clock.now <= 12:
                dripping.sendall(b"x")
            running.wait_for(lambda: running.clock.now in tuple(running.server.crowd._slow.values()))
        assert is_closed(dripping)
        moving.sendall(b"b")
        assert answer_on(moving).endswith(b"127.0.0.1 100000")


def test_a_client_that_reads_nothing_of_its_answer_is_closed() -> None:
    with crowded(40) as running, running.connected(GOOD.replace(b"/ ", b"/large ")):
        running.wait_for(lambda: len(running.server.crowd._slow) == 1)
        running.wait_for(lambda: is_gone_later(running))


def test_an_answer_of_any_size_reaches_a_client_that_reads() -> None:
    with crowded(40) as running:
        assert len(ask(running, GOOD.replace(b"/ ", b"/large "))) > 2**25


def test_a_connection_may_be_used_again_and_requests_may_follow_each_other() -> None:
    with crowded(40) as running:
        twice = GOOD.replace(b"Connection: close\r\n", b"") + GOOD
        assert ask(running, twice).count(b"HTTP/1.1 200 ") == 2


def test_what_a_proxy_forwards_counts_where_it_is_trusted_alone() -> None:
    forwarded = GOOD.replace(b"Host", b"X-Forwarded-For: 198.51.100.7, 192.0.2.1\r\nHost")
    with crowded(40, trusted_proxies=("127.0.0.2/32", "192.0.2.0/24")) as running:
        assert ask(running, forwarded, "127.0.0.2").endswith(b"198.51.100.7 0")
        assert ask(running, forwarded, "127.0.0.1").endswith(b"127.0.0.1 0")
    with crowded(40) as running:
        assert ask(running, forwarded).endswith(b"127.0.0.1 0")


def test_a_head_that_is_too_large_is_refused() -> None:
    with crowded(40) as running:
        assert ask(running, HALF_HEAD + b"x" * 4 * HEADER_BYTES).startswith(b"HTTP/1.1 400 ")


def test_there_are_fewer_connections_than_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    for soft, hard, most in (
        (1024, 1024, 320),
        (1024, resource.RLIM_INFINITY, server.MOST),
        (256, 256, 64),
        (2**20, 2**20, server.MOST),
    ):
        limits = []
        monkeypatch.setattr(resource, "getrlimit", lambda _what, soft=soft, hard=hard: (soft, hard))
        monkeypatch.setattr(resource, "setrlimit", lambda _what, pair, limits=limits: limits.append(pair))
        assert server.most_connections() == most
        assert most < (limits[0][0] if limits else soft)


def test_stalled_clients_fill_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "asyncio"), crowded(10) as running:
        links = [running.connected(HALF_HEAD) for _ in range(60)]
        ask(running)
        for link in links:
            link.close()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_server_that_ends_waits_for_no_work_that_can_be_given_up() -> None:
    given_up = threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await run_in_threadpool(given_up.wait, PATIENCE)
        await PlainTextResponse("given up")(scope, receive, send)

    with crowded(40, slow, closing=given_up.set) as running:
        link = running.connected(GOOD)
        running.wait_for(lambda: len(running.server.crowd._served) == 1)
    assert given_up.is_set()
    assert answer_on(link).endswith(b"given up")
    link.close()
