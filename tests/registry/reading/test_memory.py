"""What is remembered: it saves statements, is never believed, goes with its publication, and holds no credential."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from issuer.run.issue import issue
from registry.errors import LedgerDamaged, NotFound
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.log import checkpoint, map_log, note
from registry.log.map_tree import check_present
from registry.log.merkle import check_inclusion, leaf_hash, node_hash
from registry.reading import memory
from registry.reading.memory import Lru, Memory, memory_of
from registry.reading.prover import Prover
from registry.reading.public_log import PublicLog
from registry.store import document_rows, rows, tables
from registry.store.database import Store
from tests.builders.command import surroundings
from tests.builders.ledger import extract, state


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that run on a store meanwhile."""
    statements: list[str] = []

    def note_it(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(store.engine, "before_cursor_execute", note_it)
    try:
        yield statements
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", note_it)


def change(office: Office, statement: str, *values: object) -> None:
    """Change the store as whoever can write its file does, triggers or not."""
    with office.store.engine.connect() as connection:
        for (name,) in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql(statement, values)
        connection.commit()


def reading(office: Office) -> Store:
    return office.reader._store


def check(office: Office, index: int) -> None:
    """The proof of an entry leads from the entry to the root of the published checkpoint."""
    proof = office.reader.log.inclusion(index)
    head = checkpoint.parse(note.parse(office.reader.checkpoint()).text)
    with reading(office).read() as connection:
        body = rows.read_entries(connection, index, index + 1)[0]
    assert (proof.size, proof.root) == (head.size, head.root)
    check_inclusion(index, head.size, leaf_hash(body), proof.hashes, head.root)


def test_a_warm_inclusion_proof_asks_the_store_nothing(filled: Office) -> None:
    size = filled.reader.published_size()
    for index in range(size):
        filled.reader.log.inclusion(index)
    with counted(reading(filled)) as statements:
        for index in range(size):
            filled.reader.log.inclusion(index)
            filled.reader.log.inclusion(index, size - 1) if index < size - 1 else None
            filled.reader.log.consistency(index + 1)
    assert statements == []
    for index in range(size):
        check(filled, index)


def test_what_is_published_is_seen_at_once(filled: Office) -> None:
    before = filled.reader.log.inclusion(0).size
    more = [state(f"BC100{n:04d}", f"{n} B.C. LTD.", "1", "2020-01-01") for n in range(300)]
    issue(filled, "table", extract(more), surroundings("more"))
    assert filled.reader.log.inclusion(0).size == before
    publish(filled.store, filled.log_keys.signers)
    assert filled.reader.log.inclusion(0).size == filled.reader.size() == before + 300
    for index in (0, before - 1, before, 255, 256, filled.reader.size() - 1):
        check(filled, index)
    with pytest.raises(NotFound):
        filled.reader.log.inclusion(filled.reader.size())


def test_lists_keys_and_map_are_proven_once_a_publication(filled: Office) -> None:
    filled.reader.evidence("sample", "BC0000001", 1)
    with counted(reading(filled)) as statements:
        filled.reader.evidence("sample", "BC0000002", 1)
        filled.reader.evidence("sample", "BC0000002", 1)
    assert not [text for text in statements if "index_entry" in text]
    assert sum("FROM map_node" in text for text in statements) <= 4
    assert sum(text.startswith("SELECT document") for text in statements) <= 2
    assert len(statements) <= 24


def test_a_credential_is_not_remembered(filled: Office) -> None:
    evidence = filled.reader.evidence("sample", "BC0000002", 1)
    index = filled.reader.credential("sample", "BC0000002", 1).index
    publication = memory_of(reading(filled).engine).newest
    assert publication is not None
    with reading(filled).read() as connection:
        assert Prover(connection).logged(index).document == evidence["credential"]
        kinds = {remembered.entry.kind for remembered in publication[1].logged._values.values()}
    assert kinds == {"status", "key"}
    with filled.store.write() as connection:
        document_rows.delete_documents(connection, [index])
    with reading(filled).read() as connection, pytest.raises(NotFound):
        Prover(connection).logged(index)


@pytest.mark.parametrize("is_warm", [True, False])
def test_a_changed_entry_is_damage_whether_its_tiles_are_remembered_or_not(filled: Office, is_warm: bool) -> None:
    index = filled.reader.credential("sample", "BC0000002", 1).index
    if is_warm:
        filled.reader.tlog_proof(index)
    change(filled, "UPDATE ledger_entry SET body = ? WHERE i = ?", b'{"a":1}', index)
    with pytest.raises(LedgerDamaged) as caught:
        filled.reader.tlog_proof(index)
    assert caught.value.code == "record_untrue"


def test_changed_tiles_are_damage_for_who_remembers_none_and_nothing_to_who_does(filled: Office) -> None:
    true = filled.reader.log.inclusion(3)
    change(filled, f"UPDATE {tables.tiles.name} SET hashes = zeroblob(length(hashes))")
    assert filled.reader.log.inclusion(3) == true
    memory_of(reading(filled).engine).forget()
    with pytest.raises(LedgerDamaged) as caught:
        filled.reader.log.inclusion(3)
    assert caught.value.code == "record_untrue"


def poison(remembered: Memory) -> None:
    """What stands in memory is not what was signed."""
    for name in list(remembered._tiles._values):
        remembered._tiles.put(name, [bytes(len(level)) for level in remembered._tiles._values[name]])
    for name, node in list(remembered.nodes._values.items()):
        remembered.nodes.put(name, node._replace(left=bytes(32), right=bytes(32)))


ASKED: list[Callable[[Office], object]] = [
    lambda office: office.reader.log.inclusion(3),
    lambda office: office.reader.tlog_proof(3),
    lambda office: office.reader.evidence("sample", "BC0000001", 2),
    lambda office: office.reader.completeness("sample", "BC0000001"),
    lambda office: office.reader.completeness("sample", "BC7777777"),
]


@pytest.mark.parametrize("ask", ASKED)
def test_what_is_remembered_wrongly_is_read_again(filled: Office, ask: Callable[[Office], object]) -> None:
    true = ask(filled)
    remembered = memory_of(reading(filled).engine)
    poison(remembered)
    if remembered.newest is not None:
        remembered.newest[1].newest.clear()
    assert ask(filled) == true


@pytest.mark.parametrize("ask", ASKED)
def test_control_without_the_second_look_it_is_taken_for_damage(
    filled: Office, ask: Callable[[Office], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(filled)
    remembered = memory_of(reading(filled).engine)
    poison(remembered)
    assert remembered.newest is not None
    remembered.newest[1].newest.clear()
    monkeypatch.setattr(Memory, "forget", lambda _self: None)
    with pytest.raises(LedgerDamaged):
        ask(filled)


def test_an_absence_that_the_store_makes_up_is_damage(filled: Office) -> None:
    change(filled, f"UPDATE {tables.map_nodes.name} SET {tables.map_nodes.c.right.name} = zeroblob(32) WHERE bit < 256")
    with pytest.raises(LedgerDamaged):
        filled.reader.completeness("sample", "BC7777777")


def test_the_newest_entries_are_those_of_the_map(filled: Office) -> None:
    for _ in range(2):
        with reading(filled).read() as connection:
            latest = Prover(connection).latest({"organization": map_log.organization_key("sample:BC0000001")})
        assert latest is not None
        row = latest.newest["organization"]
        value = map_log.value_after(map_log.split_hashes(row.before), row.index, row.leaf)
        check_present(latest.map_root.root, map_log.organization_key("sample:BC0000001"), value, row.path)


def test_from_many_threads_while_the_ledger_grows(filled: Office) -> None:
    ended = threading.Event()

    def press(start: int) -> int:
        count = 0
        while not ended.is_set():
            size = filled.reader.published_size()
            proof = filled.reader.log.inclusion((start + count) % size)
            assert proof.size >= size
            count += 1
        return count

    with ThreadPoolExecutor(4) as threads:
        pressing = [threads.submit(press, 7 * number) for number in range(4)]
        for round_number in range(3):
            more = [state(f"BC20{round_number}{n:04d}", f"{n} B.C. LTD.", "1", "2020-01-01") for n in range(100)]
            issue(filled, "table", extract(more), surroundings(f"round {round_number}"))
            publish(filled.store, filled.log_keys.signers)
        ended.set()
        assert all(future.result() for future in pressing)


def test_a_store_that_tells_no_version_is_read_each_time(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "version", lambda _self: None)
    public = PublicLog(reading(filled))
    public.inclusion(1)
    with counted(reading(filled)) as statements:
        public.inclusion(1)
    assert [text for text in statements if "published" in text]


def test_folded_tiles_are_the_subtrees_of_the_tree() -> None:
    leaves = [bytes([n]) * 32 for n in range(200)]
    subtree = Memory().subtree("ledger", lambda _level, _n: b"".join(leaves))
    assert subtree(0, 199) == leaves[199]
    assert subtree(1, 50) == node_hash(leaves[100], leaves[101])
    assert subtree(2, 49) == node_hash(subtree(1, 98), subtree(1, 99))
    for level, n in ((0, 200), (1, 100), (3, 25), (7, 1)):
        with pytest.raises(KeyError):
            subtree(level, n)


def test_what_was_not_asked_for_longest_goes_first() -> None:
    remembered: Lru[int, str] = Lru(3)
    for number in range(3):
        remembered.put(number, str(number))
    assert remembered.get(0) == "0"
    remembered.put(3, "3")
    assert [remembered.get(number) for number in range(4)] == ["0", None, "2", "3"]
    assert len(remembered) == 3


def test_memory_has_its_limits() -> None:
    remembered = Memory()
    subtree = remembered.subtree("ledger", lambda _level, _n: bytes(32 * 256))
    for n in range(memory._TILES + 50):
        subtree(0, 256 * n)
    assert len(remembered._tiles) == memory._TILES
