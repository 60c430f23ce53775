"""The room for bodies: counted while they are held, given back whatever happens, and refused politely."""

from contextlib import ExitStack
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from search.http import limits
from search.http.bodies import Bodies
from search.http.limits import Limits
from tests.builders.http_client import Client


def test_all_and_each_client_have_so_much_room() -> None:
    bodies = Bodies(100, 60)
    with ExitStack() as held:
        first, second, other = (held.enter_context(bodies.counted(name)) for name in ("a", "a", "b"))
        assert [first(30), second(30), second(1), first(0)] == [True, True, False, True]
        assert [other(40), other(1)] == [True, False]
    assert (bodies._all, bodies._bytes) == (0, {})


def test_what_was_taken_is_given_back_when_the_request_fails() -> None:
    bodies = Bodies(100, 60)

    def fail() -> None:
        with bodies.counted("a") as take:
            take(60)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with bodies.counted("a") as take:
        assert take(60)


def test_without_room_a_request_is_asked_to_come_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "Bodies", lambda: Bodies(100, 100))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message: Any = await receive()
        await PlainTextResponse(str(len(message["body"])))(scope, receive, send)

    client = Client(Limits(app))
    answer = client.request("POST", "/", content=b"x" * 101)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "5")
    assert [client.request("POST", "/", content=b"x" * 100).text for _ in range(3)] == ["100"] * 3
    assert client.request("POST", "/", content=b"x" * limits.BODY_BYTES * 2).status_code == 413
