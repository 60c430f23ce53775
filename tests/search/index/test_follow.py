"""The index follows the ledger: entries of every kind, batches, rebuilding, and the follower in the background."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.log.entry import CREDENTIAL_KINDS
from search.index.compare import compare
from search.index.embedded import EmbeddedIndex
from search.index.follow import Follower, follow, reindex
from search.question.query import Filters, parse_query
from tests.builders.index import ModelIndex
from tests.builders.reader import FakeReader
from tests.builders.register import REGISTER, small_ledger, state_of


def names(index: EmbeddedIndex, text: str) -> list[str | None]:
    return [hit.document.name for hit in index.search(parse_query(text), Filters(), None, 100).hits]


@pytest.fixture
def index(tmp_path: Path) -> EmbeddedIndex:
    return EmbeddedIndex(tmp_path / "index.db")


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


@pytest.mark.parametrize("batch", [1, 2, 7, 500])
def test_follows_to_the_head_in_any_batch(index: EmbeddedIndex, batch: int) -> None:
    reader = small_ledger()
    assert follow(reader, index, batch) == reader.size() == index.cursor()
    assert index.health().documents == len(REGISTER)
    assert follow(reader, index, batch) == reader.size()


def test_entries_without_an_organization_only_move_the_cursor(index: EmbeddedIndex) -> None:
    reader = FakeReader()
    for kind in ("status", "key", "policy", "note", "erase"):
        reader.note(kind)
    assert follow(reader, index, 2) == reader.size()
    assert index.health().documents == 0


@pytest.mark.parametrize("kind", ["supersede", "correct"])
def test_a_later_credential_replaces_the_document(index: EmbeddedIndex, kind: str) -> None:
    reader = FakeReader()
    first = reader.log(state_of(REGISTER[9]))
    follow(reader, index)
    assert names(index, "northshore") == ["Northshore Boatworks Inc."]
    renamed = replace(state_of(REGISTER[9]), legal_name="Other Works Inc.", names=())
    second = reader.log(renamed, kind=kind)
    follow(reader, index)
    assert names(index, "northshore") == []
    assert names(index, "other works") == ["Other Works Inc."]
    document = index.get("sample", REGISTER[9].number)
    assert document is not None
    assert (document.first, document.entry, document.n) == (first.index, second.index, 2)


def test_the_last_of_several_in_one_batch_wins(index: EmbeddedIndex) -> None:
    reader = FakeReader()
    for name in ("One Inc.", "Two Inc.", "Three Inc."):
        reader.log(replace(state_of(REGISTER[9]), legal_name=name, names=()))
    follow(reader, index)
    assert names(index, "") == ["Three Inc."]


def test_a_missing_body_only_moves_the_cursor(index: EmbeddedIndex) -> None:
    reader = FakeReader()
    record = reader.log(state_of(REGISTER[0]))
    reader.entries[record.index] = replace(record, document=None)
    assert follow(reader, index) == reader.size()
    assert index.health().documents == 0


def test_an_index_ahead_of_its_ledger_is_rebuilt(index: EmbeddedIndex) -> None:
    follow(small_ledger(), index)
    shorter = FakeReader()
    shorter.log(state_of(REGISTER[0]))
    assert follow(shorter, index) == shorter.size()
    assert names(index, "") == [REGISTER[0].name]


def test_an_index_that_several_share_is_not_rebuilt_from_a_replica_that_lags(index: EmbeddedIndex) -> None:
    shared, ahead, lagging = ModelIndex(), small_ledger(), FakeReader()
    shared.is_shared = True
    size = follow(ahead, shared)
    lagging.log(state_of(REGISTER[0]))
    assert follow(lagging, shared) == shared.cursor() == size
    assert shared.health().documents > 1, "the control is the test before: one of its own is rebuilt"
    assert reindex(lagging, shared) == shared.cursor() == lagging.size()


def test_reindex_takes_what_is_committed_when_it_begins(index: EmbeddedIndex) -> None:
    reader = small_ledger()
    size = reader.size()
    whole = reader.records

    def growing(start: int, limit: int) -> list[object]:
        if reader.size() == size:
            reader.log(replace(state_of(REGISTER[0]), number="BC9999999", legal_name="Tardy Inc.", names=()))
        return whole(start, limit)

    reader.records = growing  # type: ignore[method-assign]
    assert reindex(reader, index) == index.cursor() == size
    assert names(index, "tardy") == []
    assert follow(reader, index) == size + 1
    assert names(index, "tardy") == ["Tardy Inc."]


def test_follows_a_real_ledger(live_installation, index: EmbeddedIndex, tmp_path: Path) -> None:
    reader = Public(from_environ(live_installation.environ)).reader
    assert follow(reader, index) == reader.size()
    assert compare(reader, index) == (0, [])
    records = reader.records(0, reader.size())
    organizations = {(record.register, record.number) for record in records if record.kind in CREDENTIAL_KINDS}
    assert index.health().documents == len(organizations) > 600
    rebuilt = EmbeddedIndex(tmp_path / "rebuilt.db")
    reindex(reader, rebuilt)
    for text in ("", "a", "ltd", "inc", "100", "the"):
        query = parse_query(text)
        assert rebuilt.search(query, Filters(), None, 1000) == index.search(query, Filters(), None, 1000)


@pytest.mark.parametrize("damage", [b"", b"this is no database" * 100])
def test_a_damaged_file_is_rebuilt(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "index.db"
    path.write_bytes(damage)
    index, reader = EmbeddedIndex(path), small_ledger()
    assert index.health().outdated
    assert follow(reader, index) == reader.size()
    assert index.health().documents == len(REGISTER)


def test_the_follower_follows_until_it_is_closed(index: EmbeddedIndex) -> None:
    reader = small_ledger()
    follower = Follower(reader, index, interval=0.01)
    follower.start()
    assert eventually(lambda: index.cursor() == reader.size())
    reader.log(replace(state_of(REGISTER[0]), number="BC9999999", legal_name="Tardy Inc.", names=()))
    assert eventually(lambda: names(index, "tardy") == ["Tardy Inc."])
    follower.close()
    assert not follower.is_alive()
    assert follower.error is None


def test_the_follower_outlives_an_error(index: EmbeddedIndex, caplog: pytest.LogCaptureFixture) -> None:
    reader = small_ledger()
    whole = reader.records

    def broken(start: int, limit: int) -> list[object]:
        raise OSError("the store is away")

    reader.records = broken  # type: ignore[method-assign]
    follower = Follower(reader, index, interval=0.01)
    follower.start()
    assert eventually(lambda: follower.error is not None)
    reader.records = whole  # type: ignore[method-assign]
    assert eventually(lambda: index.cursor() == reader.size() and follower.error is None)
    follower.close()
    assert caplog.text.count("the store is away") >= 1
