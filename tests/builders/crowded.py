"""A small app behind the public app's server, in a thread of this process, with a clock that tests move."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from registry.edge.listen import listen
from search.http.server import CrowdedServer

#: what a wait may take at most: ten times what it does
PATIENCE = 20.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Crowded:
    """A running server. `clock`: of its deadlines."""

    def __init__(self, server: CrowdedServer, port: int, clock: Clock) -> None:
        self.server, self.port, self.clock = server, port, clock

    def connected(self, sends: bytes = b"", address: str = "127.0.0.1") -> socket.socket:
        """A connection that has sent so much and now waits."""
        link = socket.create_connection(("127.0.0.1", self.port), PATIENCE, (address, 0))
        link.sendall(sends)
        return link

    def wait_for(self, what: Callable[[], bool]) -> None:
        """Wait until it is so."""
        until = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < until, "it never came to that"
            time.sleep(0.01)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers who the client is and how long the body was; `/large`: 32 MiB."""
    request = Request(scope, receive)
    assert request.client is not None
    body = await request.body()
    answer: Response = PlainTextResponse(f"{request.client.host} {len(body)}")
    if scope["path"] == "/large":
        answer = PlainTextResponse("x" * 2**25)
    await answer(scope, receive, send)


@contextmanager
def crowded(
    most: int,
    app: ASGIApp = echo,
    trusted_proxies: Sequence[str] = (),
    closing: Callable[[], None] = lambda: None,
) -> Iterator[Crowded]:
    """The server with that cap. What stands still for 15 s of its clock is closed within a second of ours."""
    clock = Clock()
    server = CrowdedServer(app, most, trusted_proxies, closing=closing, clock=clock)
    listening = listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    running = Crowded(server, listening.getsockname()[1], clock)
    running.wait_for(lambda: server.started)
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def is_closed(link: socket.socket) -> bool:
    """Whether the other side has closed it, without an answer."""
    try:
        return link.recv(1) == b""
    except ConnectionError:
        return True


def answer_on(link: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    parts = []
    while part := link.recv(2**16):
        parts.append(part)
    return b"".join(parts)
