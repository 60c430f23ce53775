"""The log of the map's roots is a log like the ledger: Tessera, x/mod and merkle read it, and the heads that its leaves name."""

from pathlib import Path

import pytest

from registry.log import map_log, note
from registry.store import rows, tables
from tests.builders.grown_log import GrownLog
from tests.interop.peers import checklog, oracle, refusing
from tests.mutations.log_files import Tampering, flip_at, tampered


def key_of(log: GrownLog) -> note.VerifierKey:
    """The key of the map's log."""
    return note.VerifierKey(map_log.index_origin(log.key.name), log.office.log_keys.signers.index[0].public.raw)


@pytest.fixture(scope="module")
def leaves(log: GrownLog) -> list[bytes]:
    """One for each checkpoint that the ledger published."""
    with log.office.store.read() as connection:
        return rows.read_entries(connection, 0, len(log.checkpoints), tables.INDEX)


@pytest.fixture(scope="module")
def map_files(log: GrownLog, leaves: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The map's log as files: its one tile, its one bundle, and its checkpoints, of which the last is the current one."""
    folder, width = tmp_path_factory.mktemp("map"), len(leaves)
    for place in ("tile/0/000.p", "tile/entries/000.p"):
        (folder / place).mkdir(parents=True)
    with log.office.store.read() as connection:
        columns = tables.INDEX.checkpoints.c
        signed = connection.execute(tables.INDEX.checkpoints.select().order_by(columns.size)).all()
        (folder / f"tile/0/000.p/{width}").write_bytes(rows.read_tile(connection, 0, 0, tables.INDEX))
    (folder / f"tile/entries/000.p/{width}").write_bytes(
        b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)
    )
    for row in signed:
        (folder / f"checkpoint-{row.size}").write_text(row.note, "utf-8")
        (folder / "checkpoint").write_text(row.note, "utf-8")
    return folder


def test_it_is_accepted_and_grew_with_the_ledger(
    log: GrownLog, leaves: list[bytes], map_files: Path, log_url: str
) -> None:
    earlier = [map_files / f"checkpoint-{n}" for n in range(1, len(leaves) + 1)]
    verdict = checklog(f"{log_url}/index", key_of(log).print(), earlier)
    assert refusing(verdict) == set(), verdict
    assert verdict["size"] == len(log.checkpoints) == 4


def test_each_leaf_carries_a_head_that_the_ledger_signed(log: GrownLog, leaves: list[bytes]) -> None:
    notes = [leaf.partition(b"\n")[2] for leaf in leaves]
    answers = oracle({"ask": "note", "note": head, "vkeys": [log.vkey]} for head in notes)
    assert [answer["formats"] for answer in answers] == [None] * len(leaves)
    assert [head.decode() for head in notes] == [log.checkpoints[size] for size in sorted(log.checkpoints)]


WIDTH = 4
TAMPERINGS = {
    "a bit of a map's root": (f"tile/entries/000.p/{WIDTH}", 20, {"fsck", "xmod", "client"}),
    "a bit of a hash": (f"tile/0/000.p/{WIDTH}", 40, {"fsck", "xmod", "client", "since"}),
    "the signature": ("checkpoint", -9, {"checkpoint"}),
}


@pytest.mark.parametrize(("path", "place", "judges"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_refused(
    log: GrownLog, map_files: Path, path: str, place: int, judges: set[str], tmp_path: Path
) -> None:
    files = tampered(map_files, Tampering(path, flip_at(place), frozenset(judges)), tmp_path / "log")
    assert refusing(checklog(files, key_of(log).print(), [map_files / "checkpoint-2"])) == judges


def test_the_ledgers_own_key_does_not_speak_for_it(log: GrownLog, map_files: Path) -> None:
    under_its_name = note.VerifierKey(key_of(log).name, log.key.public)
    for key in (log.key, under_its_name):
        assert refusing(checklog(map_files, key.print())) == {"checkpoint"}
