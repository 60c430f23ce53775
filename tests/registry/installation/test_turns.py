"""Short acts that follow each other without a pause keep nobody out; a run and who writes to the end exclude each other."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from registry.errors import Conflict
from registry.installation import turns
from registry.installation.turns import Turns

ACTS: list[Callable[[Turns], AbstractContextManager[None]]] = [Turns.between, Turns.writing, Turns.running]


@contextmanager
def many(data: Path) -> Iterator[None]:
    """Within the block two others write a little, again and again."""
    over = threading.Event()

    def write() -> None:
        own = Turns(data)
        while not over.is_set():
            try:
                with own.between():
                    time.sleep(0.02)
            except Conflict:
                time.sleep(0.001)

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("act", ACTS)
def test_short_acts_without_a_pause_keep_nobody_out(
    tmp_path: Path, act: Callable[[Turns], AbstractContextManager[None]]
) -> None:
    with many(tmp_path):
        for _ in range(5):
            with act(Turns(tmp_path)):
                time.sleep(0.001)


@pytest.mark.parametrize("act", ACTS)
def test_who_does_not_wait_at_the_door_is_kept_out(
    tmp_path: Path, act: Callable[[Turns], AbstractContextManager[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    monkeypatch.setattr(turns, "_MOMENT", 0.0)

    def often() -> None:
        for _ in range(100):
            with act(Turns(tmp_path)):
                time.sleep(0.001)

    with many(tmp_path), pytest.raises(Conflict):
        often()


def test_nobody_writes_to_the_end_beside_a_run(tmp_path: Path) -> None:
    with Turns(tmp_path).running():
        before = time.monotonic()
        for act in (Turns.writing, Turns.running):
            with pytest.raises(Conflict), act(Turns(tmp_path)):
                pytest.fail("it came in")
        assert time.monotonic() - before < 5
    with Turns(tmp_path).writing():
        pass
