"""A witness with slow callers: what is half sent takes no place from what is whole, nor from whoever reads."""

import socket
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from registry.witness import rules, server
from registry.witness.server import create_witness_app
from tests.builders.logs import ORIGIN, GrowingLog, witness_in
from tests.builders.site import serving

LOG = GrowingLog()
MONITORED = f"/{rules.origin_hash(ORIGIN)}/checkpoint"
HALF = b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100\r\n\r\nold"


def test_half_sent_bodies_take_no_place_from_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "BODY_SECONDS", 2.0)
    app = create_witness_app(witness_in(tmp_path), at_once=4)
    with serving(app) as url, ExitStack() as opened:  # type: ignore[arg-type]
        port = httpx.URL(url).port or 0
        slow = [opened.enter_context(socket.create_connection(("127.0.0.1", port), 30)) for _ in range(16)]
        for link in slow:
            link.sendall(HALF)
        assert httpx.post(f"{url}/add-checkpoint", content=LOG.request(0, 250)).status_code == 200
        for _ in range(8):
            assert httpx.get(f"{url}{MONITORED}").status_code == 200
        for link in slow:
            assert link.recv(100).startswith(b"HTTP/1.1 408 ")


def test_more_bodies_than_have_room_are_told_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the test above: what is on its way has its own bound, and what is read has room even so."""
    monkeypatch.setattr(server, "ARRIVING", 2)
    served = witness_in(tmp_path)
    served.add_checkpoint(LOG.request(0, 250))
    app = create_witness_app(served, at_once=4)
    with serving(app) as url, ExitStack() as opened:  # type: ignore[arg-type]
        port = httpx.URL(url).port or 0
        slow = [opened.enter_context(socket.create_connection(("127.0.0.1", port), 30)) for _ in range(8)]
        for link in slow:
            link.sendall(HALF)
        last = opened.enter_context(socket.create_connection(("127.0.0.1", port), 30))
        last.sendall(HALF)
        assert last.recv(100).startswith(b"HTTP/1.1 503 ")
        assert httpx.get(f"{url}{MONITORED}").status_code == 200
