"""A store is brought back from a mirror and a sealed export: every table is as it was, or says what is missing.

Over an empty store and over an old copy; killed anywhere and run again; never onto a fork, never back.
"""

import json
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.run.issue import issue
from registry.errors import Malformed, NotFound, Refused, Untrue
from registry.installation.initialize import initialize
from registry.installation.key_store import kept_names
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.surroundings import Surroundings
from registry.mirror.log import BadEntry, MirrorLog
from registry.mirror.source import Mirror
from registry.operations import log_change, private_export, sealed_file
from registry.operations import restore as recovery
from registry.store import database, document_rows, place_rows, tables
from registry.store.tables import INDEX, LEDGER
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.builders.mirror import LATER, Lived, audited, lived, quiet
from tests.builders.postgresql import Server
from tests.mutations.bits import flip

#: what only a sealed export brings back, and how
LOST = {"document", "org_salt", "credential", "unknown_person"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    made = lived(tmp_path_factory.mktemp("lived"))
    private_export.export_private(made.office, made.folder / "private")
    return made


@pytest.fixture
def own(whole: Lived, tmp_path: Path) -> Lived:
    """A copy, to be changed at will."""
    shutil.copytree(whole.folder, tmp_path / "own")
    return Lived(tmp_path / "own")


def restore(office: Office, ledger: Lived) -> int:
    return recovery.restore_from_mirror(office, Mirror(str(ledger.mirror)), {}, quiet)


def rows(office: Office) -> dict[str, list[str]]:
    """All that a store holds, table by table."""
    with office.store.read() as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for table in tables.METADATA.sorted_tables
        }


def differing(office: Office, other: Office) -> set[str]:
    mine, theirs = rows(office), rows(other)
    return {name for name in mine if mine[name] != theirs[name]}


def test_an_empty_store_comes_forward_to_the_mirror(own: Lived) -> None:
    office = own.emptied("new")
    assert restore(office, own) == 15
    report, before = audited(office), audited(own.office)
    assert (report.ok, report.entries, report.root) == (True, before.entries, before.root)
    assert (report.checkpoints, report.body_missing, report.erased) == (before.checkpoints, 4, 1)
    standing = recovery.standing(office)
    assert (standing.body_missing, standing.erased) == (4, 1)
    assert differing(own.office, office) == LOST | {"index_checkpoint"}
    assert restore(office, own) == 0
    with office.publishing(quiet) as publish:
        assert not publish().is_new


def test_an_old_copy_comes_forward_and_keeps_its_bodies(own: Lived) -> None:
    own.put_back("old.db")
    office = own.office
    with pytest.raises(Refused, match=r"7 entries .* knows 15"), office.writing():
        pass
    assert restore(office, own) == 8
    report = audited(office)
    assert (report.ok, report.entries, report.body_missing, report.erased) == (True, 15, 1, 1)
    with office.writing() as ledger:
        assert ledger.head.size == 15
    with office.store.read() as connection:
        assert place_rows.read_places(connection, "sample", "BC0000002") == []  # erased since


def test_with_the_sealed_export_nothing_is_lost(own: Lived) -> None:
    office = own.emptied("new")
    restore(office, own)
    returned = private_export.return_private(office, own.folder / "private")
    assert (returned.bodies, returned.places) == (4, 4)
    assert differing(own.office, office) == {"index_checkpoint"}
    assert audited(office).body_missing == 0
    assert private_export.return_private(office, own.folder / "private") == private_export.Returned(0, 0)
    report = issue(office, "table", extract(LATER), surroundings("again"))
    assert (report.issued, report.superseded, report.corrected) == (0, 0, 0)


def test_an_older_sealed_export_brings_nothing_erased_back(own: Lived) -> None:
    """What was sealed before the erasure still has the body; and tells whose entry was erased."""
    own.put_back("old.db")
    private_export.export_private(own.office, own.folder / "before")
    office = own.emptied("new")
    restore(office, own)
    assert private_export.return_private(office, own.folder / "before").bodies == 3
    with office.store.read() as connection:
        assert place_rows.read_places(connection, "sample", "BC0000002") == []
        assert document_rows.read_document(connection, 5) is None
    assert audited(office).ok


def test_a_lost_body_is_issued_once_as_a_correction_and_persons_wait(own: Lived) -> None:
    office = own.emptied("new")
    restore(office, own)
    report = issue(office, "table", extract(LATER), surroundings("after"))
    figures = report.to_json()
    assert (figures["issued"], figures["superseded"], figures["corrected"]) == (0, 0, 2)
    records = [record for record in office.reader.records(15, 100) if record.kind == "correct"]
    assert {(record.number, record.n, record.reason) for record in records} == {
        ("BC0000001", 3, "body_lost"),
        ("BC0000004", 2, "body_lost"),
    }
    with office.store.read() as connection:
        places = {record.number: place_rows.read_places(connection, "sample", record.number) for record in records}
    assert {(record.number, record.refers) for record in records} == {
        (number, (of[-2].i,)) for number, of in places.items() if number is not None
    }
    again = issue(office, "table", extract(LATER), surroundings("again"))
    assert (again.issued, again.superseded, again.corrected) == (0, 0, 0)
    changed = state("BC0000001", "NEW NAME LTD.", "12", "2024-01-01")
    assert issue(office, "table", extract([*LATER, changed]), surroundings("later")).superseded == 1
    private_export.return_private(office, own.folder / "private")
    last = issue(office, "table", extract([*LATER, changed]), surroundings("last"))
    assert (last.issued, last.superseded, last.corrected, dict(last.holds)) == (0, 0, 0, {})
    assert audited(office).ok


@pytest.mark.parametrize("at", range(0, 6, 2))
def test_killed_in_between_it_is_taken_up(own: Lived, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The n-th transaction never comes to its commit."""
    monkeypatch.setattr("registry.mirror.replay.BATCH", 5)
    office, count, write = own.emptied("new"), [0], database.Store.write

    def dying(store: database.Store) -> Any:
        count[0] += 1
        if count[0] == at + 1:
            raise KeyboardInterrupt
        return write(store)

    monkeypatch.setattr(database.Store, "write", dying)
    with pytest.raises(KeyboardInterrupt):
        restore(office, own)
    monkeypatch.setattr(database.Store, "write", write)
    restore(office, own)
    assert differing(own.office, office) == LOST | {"index_checkpoint"}


def test_of_an_export_that_was_killed_before_its_last_file_nothing_is_lost(own: Lived) -> None:
    """The newest checkpoint stands in the map's log already; what the mirror shows is the one before."""
    before = (own.mirror / "checkpoint").read_bytes()
    issue(own.office, "table", extract([*LATER, state("BC0000005", "FIVE LTD.", "11", "2022-01-01")]), surroundings())
    own.publish()
    (own.mirror / "checkpoint").write_bytes(before)
    office = own.emptied("new")
    assert restore(office, own) == 16
    assert audited(office).ok
    with office.publishing(quiet) as publish:
        assert publish().checkpoint.size == 16


@pytest.fixture(scope="module", params=[False, True], ids=["retired", "disowned"])
def rotated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The keys of both logs changed twice; of three each, the last alone is kept."""
    ledger = lived(tmp_path_factory.mktemp("rotated"))
    around = Surroundings(lambda: NOW, surroundings("rotated").random, quiet)
    for n in (1, 2):
        for log in (LEDGER, INDEX):
            log_change.retire(ledger.office, log, n, around, disown=request.param)
            if n == 1:
                log_change.rotate(ledger.office, log, around)
        ledger.publish()
    return ledger


def begun(ledger: Lived, folder: Path, *files: str) -> Office:
    """Another data directory of the same identity and keys, and of those other files."""
    folder.mkdir()
    shutil.copytree(ledger.folder / "data" / "keys", folder / "keys")
    for name in ("identity.json", *files):
        shutil.copy(ledger.folder / "data" / name, folder)
    return initialize(from_environ({"GREFFE_DATA": str(folder)}))


def test_of_a_ledger_whose_first_key_is_gone_no_other_first_key_is_made(rotated: Lived, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"put the trust\.json") as refused:
        begun(rotated, tmp_path / "new")
    assert refused.value.code == "genesis_unknown"
    unopened = Office(from_environ({"GREFFE_DATA": str(tmp_path / "new")}))
    with pytest.raises(Refused, match="run greffe init"), unopened.restoring():
        pass
    shutil.copy(rotated.mirror / "trust.json", tmp_path / "new")
    office = initialize(from_environ({"GREFFE_DATA": str(tmp_path / "new")}))
    assert office.log_keys.genesis == rotated.office.log_keys.genesis
    with pytest.raises(Refused, match="ledger cannot be read"), office.publishing(quiet) as publish:
        publish()
    assert [kept_names(office.keys, log) for log in (LEDGER, INDEX)] == [["ledger-3"], ["index-3"]]
    office.settings.trust_file.unlink()
    (office.settings.data / "ledger.db").unlink()
    shutil.rmtree(office.settings.keys)
    begun_anew = initialize(office.settings)
    assert begun_anew.keys.has("ledger"), "the negative control: where nothing is kept, a ledger begins"


def test_after_the_first_keys_are_gone_the_mirror_alone_is_enough(rotated: Lived, tmp_path: Path) -> None:
    office = begun(rotated, tmp_path / "new", "trust.json")
    assert restore(office, rotated) == rotated.office.reader.size()
    assert audited(office).ok
    assert differing(rotated.office, office) == LOST | {"index_checkpoint"}
    with office.publishing(quiet) as publish:
        assert not publish().is_new


def test_a_mirror_that_lies_of_the_first_key_of_the_map_is_refused(rotated: Lived, tmp_path: Path) -> None:
    mirror = shutil.copytree(rotated.mirror, tmp_path / "mirror")
    document = json.loads((mirror / ".well-known/did.json").read_bytes())
    first, last = (
        next(method for method in document["verificationMethod"] if method["id"].endswith(f"index-{n}")) for n in "13"
    )
    first["publicKeyMultibase"] = last["publicKeyMultibase"]
    (mirror / ".well-known/did.json").write_text(json.dumps(document), "utf-8")
    office = begun(rotated, tmp_path / "new", "trust.json")
    with pytest.raises(BadEntry, match="keys"):
        recovery.restore_from_mirror(office, Mirror(str(mirror)), {}, quiet)


def test_an_old_copy_finds_the_keys_beyond_those_that_are_gone(rotated: Lived, tmp_path: Path) -> None:
    own = Lived(Path(shutil.copytree(rotated.folder, tmp_path / "own")))
    size = own.office.reader.size()
    own.put_back("old.db")
    office = own.office
    assert [len(office.log_keys.own(log)) for log in (LEDGER, INDEX)] == [2, 2], (
        "the first, of the store, and the third"
    )
    assert restore(office, own) == size - 7
    assert audited(office).ok
    assert differing(rotated.office, office) == {"credential", "document", "index_checkpoint"}


def test_a_fork_and_a_mirror_that_is_behind_are_refused(own: Lived) -> None:
    newest = own.folder / "newest"
    shutil.copytree(own.mirror, newest)
    issue(own.office, "table", extract([*LATER, state("BC0000005", "FIVE LTD.", "11", "2022-01-01")]), surroundings())
    with pytest.raises(Refused, match="the mirror only 15"):
        recovery.restore_from_mirror(own.office, Mirror(str(newest)), {}, quiet)
    own.put_back("old.db")
    (own.folder / "data" / "head-token.db").unlink()
    issue(own.office, "table", extract([*STATES, state("BC0000007", "SEVEN LTD.", "8", "2022-01-01")]), surroundings())
    with pytest.raises(Refused, match="not the first of the 15") as refused:
        recovery.restore_from_mirror(own.office, Mirror(str(newest)), {}, quiet)
    assert refused.value.code == "store_forked"


def test_a_mirror_of_another_key_is_not_believed(own: Lived, tmp_path: Path) -> None:
    other = Lived(tmp_path / "other")
    initialize(from_environ({"GREFFE_DATA": str(other.folder / "data")}))
    with pytest.raises(Untrue, match="no trusted key"):
        restore(other.office, own)


def test_a_damaged_mirror_brings_nothing_that_is_not_proven(own: Lived) -> None:
    lot, before = Random(9), rows(own.office)
    file = max((own.mirror / "tile/entries/000.p").iterdir(), key=lambda path: int(path.name))
    data = file.read_bytes()
    office = own.emptied("new")
    for _ in range(10):
        file.write_bytes(flip(data, lot.randrange(8 * len(data))))
        with pytest.raises((Untrue, Malformed)):
            restore(office, own)
        after = rows(office)
        assert after["ledger_entry"] == before["ledger_entry"][: len(after["ledger_entry"])]
    file.write_bytes(data)
    restore(office, own)


def test_without_the_proof_a_damaged_entry_is_appended(own: Lived, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what holds a damaged mirror off is the proof that each batch lies under the checkpoint."""
    file = max((own.mirror / "tile/entries/000.p").iterdir(), key=lambda path: int(path.name))
    data = file.read_bytes()
    last = data.rindex(b'"time":') + 7
    file.write_bytes(data[:last] + b"9" + data[last + 1 :])
    monkeypatch.setattr(MirrorLog, "check_prefix", quiet)
    office = own.emptied("new")
    with pytest.raises(Untrue):
        restore(office, own)
    assert len(rows(office)["ledger_entry"]) == 15
    assert differing(own.office, office) >= {"ledger_entry", "ledger_head"}


def test_into_postgresql(own: Lived, postgresql: Server) -> None:
    office = own.emptied("new", GREFFE_DATABASE_URL=postgresql.new_database())
    assert restore(office, own) == 15
    private_export.return_private(office, own.folder / "private")
    assert differing(own.office, office) == {"index_checkpoint"}
    assert audited(office).ok
    office.store.close()


@pytest.mark.parametrize(
    "damage", ["bit", "cut", "chunk_left_out", "chunks_swapped", "header", "passphrase", "appended"]
)
def test_a_sealed_export_that_was_touched_is_refused_and_brings_nothing(
    own: Lived, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_export, "_RECORDS", 4)
    folder = own.folder / "sealed"
    private_export.export_private(own.office, folder)
    file = folder / private_export.FILE
    header, chunks = split(file.read_bytes())
    assert len(chunks) > 3
    if damage == "bit":
        chunks[1] = flip(chunks[1], 160)
    elif damage in ("cut", "chunk_left_out"):
        del chunks[-1 if damage == "cut" else 1]
    elif damage == "chunks_swapped":
        chunks[0], chunks[1] = chunks[1], chunks[0]
    elif damage == "header":
        header = header.replace(b'"size":15', b'"size":17')
    elif damage == "appended":
        chunks.append(chunks[-1])
    file.write_bytes(header + b"".join(chunks))
    office = own.emptied("new")
    restore(office, own)
    if damage == "passphrase":
        (office.settings.data / "keys" / "passphrase").write_text("another\n", "utf-8")
    before = rows(office)
    with pytest.raises(Refused, match="sealed file"):
        private_export.return_private(office, folder)
    assert rows(office) == before


def split(data: bytes) -> tuple[bytes, list[bytes]]:
    """The header of a sealed file, and its chunks with their lengths."""
    header, _, rest = data.partition(b"\n")
    chunks = []
    while rest:
        end = 4 + int.from_bytes(rest[:4], "big")
        chunks.append(rest[:end])
        rest = rest[end:]
    return header + b"\n", chunks


def test_nothing_is_read_without_the_key_of_the_export(own: Lived) -> None:
    data = (own.folder / "private" / private_export.FILE).read_bytes()
    assert b"MOOSE" not in data
    assert b"org_salt" not in data
    with pytest.raises(NotFound):
        private_export.return_private(own.office, own.folder / "nowhere")
    with (own.folder / "private" / private_export.FILE).open("rb") as file:
        assert sealed_file.read_header(file)["size"] == 15
