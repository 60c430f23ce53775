"""The sequencer: order, bounds, what one refused request does to others, and what a failed disk does to all."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import pytest

from registry.errors import Conflict, Malformed, Refused, StorageFailed
from registry.installation import turns
from registry.installation.office import Office
from registry.installation.sequencer import Sequencer
from registry.ledger.admission import Admission, Statement
from registry.ledger.ledger import Ledger
from registry.log import entry
from registry.store import rows
from tests.builders.command import NOW
from tests.faults.note_writer import check_all, trust_of

SECONDS = 30
Open = Callable[..., Sequencer]


def notes(count: int, reason: str = "test") -> list[Admission]:
    return [Admission(Statement("note", reason=reason))] * count


def reasons(office: Office) -> list[str | None]:
    with office.store.read() as connection:
        return [entry.parse(body).reason for body in rows.read_entries(connection, 0, office.reader.size())]


def is_well(office: Office) -> bool:
    return check_all(office.store, trust_of(office), []) == office.reader.size()


@pytest.fixture
def opened(office: Office) -> Iterator[Open]:
    """Opens sequencers, which are closed after the test."""
    all_opened = []

    def open_one(now: Callable[[], datetime] = lambda: NOW, **more: Any) -> Sequencer:
        all_opened.append(Sequencer(office, now, more.pop("failed", pytest.fail), **more))
        return all_opened[-1]

    yield open_one
    for sequencer in all_opened:
        sequencer.close()


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many entries each transaction was asked to append."""
    asked, append = [], Ledger.append

    def counted(self: Ledger, batch: Any, keys: Any, at: datetime) -> Any:
        asked.append(len(batch))
        return append(self, batch, keys, at)

    monkeypatch.setattr(Ledger, "append", counted)
    return asked


def test_requests_share_transactions_in_their_order_and_none_is_split(
    office: Office, opened: Open, transactions: list[int]
) -> None:
    sizes = (100, 100, 100, 256, 1)
    with office.writing():  # they wait meanwhile
        sequencer = opened()
        asked = [sequencer.submit(notes(size, f"n{number}")) for number, size in enumerate(sizes)]
        assert not any(future.done() for future in asked)
    done = [future.result(SECONDS) for future in asked]
    assert [answer.first for answer in done] == [0, 100, 200, 300, 556]
    assert [answer.head.size for answer in done] == [200, 200, 300, 556, 557]
    assert transactions == [200, 100, 256, 1]
    assert reasons(office) == [f"n{number}" for number, size in enumerate(sizes) for _ in range(size)]
    assert is_well(office)


def test_nobody_hears_of_it_before_the_commit(office: Office, opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    commit, heard = office.store.engine.dialect.do_commit, []

    def watched(connection: Any) -> None:
        heard.append(asked.done())
        commit(connection)
        heard.append(asked.done())

    sequencer = opened()
    with office.writing():
        asked = sequencer.submit(notes(1))
        monkeypatch.setattr(office.store.engine.dialect, "do_commit", watched)
    assert asked.result(SECONDS).head.size == 1
    assert heard == [False, False]


@pytest.mark.parametrize("room", [300, 1_000_000])
def test_the_pool_is_bounded(office: Office, opened: Open, room: int) -> None:
    """The second room is the negative control: without a bound it takes whatever comes."""
    sequencer = opened(room=room)
    with office.writing():
        taken = [sequencer.submit(notes(256)), sequencer.submit(notes(44))]
        for _ in range(20):
            if room == 300:
                with pytest.raises(Conflict) as refused:
                    sequencer.submit(notes(1))
                assert refused.value.code == "overloaded"
            else:
                taken.append(sequencer.submit(notes(1)))
    assert [future.result(SECONDS).first for future in taken[:2]] == [0, 256]
    assert sequencer.submit(notes(256)).result(SECONDS).head.size == 300 + 256 + len(taken[2:])


@pytest.mark.parametrize("size", [0, 257])
def test_a_request_has_1_to_256_entries(opened: Open, size: int) -> None:
    with pytest.raises(ValueError, match="1 to 256"):
        opened().submit(notes(size))


def test_a_refused_request_takes_no_other_with_it(office: Office, opened: Open) -> None:
    sequencer = opened()
    with office.writing():
        before, bad, after = (sequencer.submit(notes(3, reason)) for reason in ("before", "NOT A CODE", "after"))
    assert (before.result(SECONDS).first, after.result(SECONDS).first) == (0, 3)
    with pytest.raises(Malformed, match="reason"):
        bad.result(SECONDS)
    assert reasons(office) == ["before"] * 3 + ["after"] * 3
    assert is_well(office)


def test_a_clock_that_went_back_is_told_to_each(office: Office, opened: Open) -> None:
    clock = [NOW]
    sequencer = opened(lambda: clock[0])
    sequencer.submit(notes(1)).result(SECONDS)
    clock[0] = NOW - timedelta(minutes=5)
    with office.writing():
        asked = [sequencer.submit(notes(1)) for _ in range(2)]
    for future in asked:
        with pytest.raises(Refused, match="clock"):
            future.result(SECONDS)
    clock[0] = NOW
    assert sequencer.submit(notes(1)).result(SECONDS).first == 1


def test_while_another_process_writes_all_are_told_to_come_again(office: Office, opened: Open) -> None:
    sequencer = opened()
    with Office(office.settings).writing():
        asked = sequencer.submit(notes(1))
        with pytest.raises(Conflict, match="another process"):
            asked.result(SECONDS)
    assert sequencer.submit(notes(1)).result(SECONDS).first == 0


def fail(connection: Any) -> None:
    connection.rollback()
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"
    raise error


def test_after_a_failed_disk_nothing_is_taken_any_more(
    office: Office, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = list[StorageFailed]()
    sequencer = opened(failed=failures.append)
    with office.writing():
        asked = [sequencer.submit(notes(200)) for _ in range(3)]
        monkeypatch.setattr(office.store.engine.dialect, "do_commit", fail)
    for future in asked:
        with pytest.raises(StorageFailed):
            future.result(SECONDS)
    sequencer.close()
    assert [error.code for error in failures] == ["storage_failed"]
    with pytest.raises(StorageFailed):
        sequencer.submit(notes(1))
    assert office.reader.size() == 0


def test_what_was_taken_is_appended_before_it_closes(office: Office, opened: Open) -> None:
    sequencer = opened()
    with office.writing():
        asked = [sequencer.submit(notes(200)) for _ in range(5)]
        closing = threading.Thread(target=sequencer.close)
        closing.start()
    closing.join(SECONDS)
    assert [future.result(0).first for future in asked] == [0, 200, 400, 600, 800]
    with pytest.raises(Conflict) as refused:
        sequencer.submit(notes(1))
    assert refused.value.code == "closing"


@pytest.mark.parametrize("is_in_turn", [True, False])
def test_other_acts_of_the_office_get_their_turn(
    office: Office, opened: Open, monkeypatch: pytest.MonkeyPatch, is_in_turn: bool
) -> None:
    """Without turns, in the process and at the door (the negative control), they are told that another process writes."""
    if not is_in_turn:
        monkeypatch.setattr(Office, "_in_turn", nullcontext)
        monkeypatch.setattr(turns, "_MOMENT", 0.0)
    sequencer, is_over = opened(room=10_000), threading.Event()

    def press() -> None:
        while not is_over.is_set():
            asked = [sequencer.submit(notes(1)) for _ in range(20)]
            for future in asked:
                try:
                    future.result(SECONDS)
                except Conflict:
                    assert not is_in_turn

    pressing = threading.Thread(target=press)
    pressing.start()
    refused = appended = 0
    try:
        while appended < (5 if is_in_turn else 2000) and (is_in_turn or not refused):
            try:
                with office.writing() as ledger:
                    ledger.append(notes(1, "other"), {}, NOW)
                appended += 1
            except Conflict:
                refused += 1
    finally:
        is_over.set()
        pressing.join(SECONDS)
    assert (refused == 0) is is_in_turn
    assert reasons(office).count("other") == appended
    assert is_well(office)


def test_who_knows_more_of_the_ledger_is_asked_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Office]()
    with_network = Office.check_store

    def counted(self: Office, *, asks: bool = True) -> None:
        if asks:
            asked.append(self)
        with_network(self, asks=asks)

    monkeypatch.setattr(Office, "check_store", counted)
    for _ in range(3):
        with office.writing() as ledger:
            ledger.append(notes(1), {}, NOW)
    assert len(asked) == 1
