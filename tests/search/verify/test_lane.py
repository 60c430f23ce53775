"""Who has a lane's turns: round among the clients, a share for each, and room for who has fewer. Workers are made up."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from registry.errors import Conflict
from registry.foreign.retrieval import no_fetch
from search.verify import lane as lanes
from search.verify.lane import ADMITTED, SHARE, Fetched, GivenUp, Lane

PATIENCE = 30.0


class Gate:
    """A worker that answers when it is let, and the documents in the order in which they had their turn."""

    def __init__(self, *_: Any) -> None:
        self.is_spent = False

    done: list[bytes]
    opened: threading.Semaphore

    def ask(self, request: bytes, _fetched: Fetched, _deadline: float) -> bytes:
        assert self.opened.acquire(timeout=PATIENCE)
        self.done.append(request)
        return b"a{}"


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lane]:
    monkeypatch.setattr(Gate, "done", [], raising=False)
    monkeypatch.setattr(Gate, "opened", threading.Semaphore(0), raising=False)
    monkeypatch.setattr(lanes, "Worker", Gate)
    yield Lane(lambda _fetch: pytest.fail("nobody opens it"), 1, 0)
    Gate.opened.release(10_000)


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.005)


def request(lane: Lane, client: str, documents: int, ends: list[str]) -> threading.Thread:
    """A request of many documents, in a thread of its own, once it waits in the lane."""

    def work() -> None:
        try:
            with lane.admitted(client) as visit:
                for _ in range(documents):
                    lane.ask(client.encode(), Fetched(no_fetch, 1), time.monotonic() + PATIENCE, visit)
            ends.append(f"{client} done")
        except Conflict as error:
            ends.append(f"{client} {error.code}")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def waiting(lane: Lane) -> int:
    return sum(map(len, lane._line.values()))


def test_turns_go_round_among_the_clients(lane: Lane) -> None:
    ends: list[str] = []
    threads = [request(lane, "many", 9, ends) for _ in range(4)]
    wait_for(lambda: waiting(lane) == 3)
    threads.append(request(lane, "few", 2, ends))
    wait_for(lambda: waiting(lane) == 4)
    Gate.opened.release(100)
    for thread in threads:
        thread.join(PATIENCE)
    order = [name.decode() for name in Gate.done]
    assert order.count("many") == 36
    assert next(at for at, name in enumerate(order) if name == "few") <= 2
    assert [at for at, name in enumerate(order) if name == "few"][1] <= 5


def test_a_client_has_its_share_and_no_more(lane: Lane) -> None:
    with ExitStack() as admitted:
        for _ in range(SHARE):
            admitted.enter_context(lane.admitted("many"))
        with pytest.raises(Conflict, match="your documents"):
            admitted.enter_context(lane.admitted("many"))
        admitted.enter_context(lane.admitted("few"))
    with lane.admitted("many"):
        pass


def test_in_a_full_lane_who_has_most_makes_room_for_who_has_fewer(lane: Lane) -> None:
    ends: list[str] = []
    clients = [f"many {number}" for number in range(-(-ADMITTED // SHARE))]
    threads = [request(lane, clients[at % len(clients)], 1, ends) for at in range(ADMITTED)]
    wait_for(lambda: waiting(lane) == ADMITTED - 1)
    with lane.admitted("few"):
        wait_for(lambda: len(ends) == 1)
    assert ends[0].endswith(" busy")
    Gate.opened.release(ADMITTED)
    for thread in threads:
        thread.join(PATIENCE)
    assert len(ends) == ADMITTED
    assert sum(end.endswith(" done") for end in ends) == ADMITTED - 1
    assert (lane._visits, waiting(lane)) == ({}, 0)


def test_control_where_all_have_alike_a_full_lane_is_busy(lane: Lane) -> None:
    with ExitStack() as admitted:
        for number in range(ADMITTED):
            admitted.enter_context(lane.admitted(f"client {number}"))
        with pytest.raises(Conflict, match="too many documents"):
            admitted.enter_context(lane.admitted("late"))


def test_who_waits_in_vain_leaves_the_line_to_the_others(lane: Lane) -> None:
    ends: list[str] = []
    first = request(lane, "first", 1, ends)
    wait_for(lambda: bool(lane._workers))
    with lane.admitted("late") as visit, pytest.raises(GivenUp):
        lane.ask(b"late", Fetched(no_fetch, 1), time.monotonic() + 0.01, visit)
    second = request(lane, "second", 1, ends)
    wait_for(lambda: waiting(lane) == 1)
    Gate.opened.release(2)
    for thread in (first, second):
        thread.join(PATIENCE)
    assert ends == ["first done", "second done"]
