"""A backup is of one moment, however much is written meanwhile; a damaged one is noticed; an old one put back does not sign."""

import json
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from registry.encoding.jcs import jcs
from registry.errors import NotFound, Refused, Untrue, Usage
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.keys import Keys
from registry.ledger.admission import Admission, Statement
from registry.mirror.source import Mirror
from registry.operations import backup, put_back, restore
from registry.store import rows, tables
from registry.store.copy_store import copy_store
from registry.store.database import Store
from tests.builders.mirror import Lived, audited, lived, quiet
from tests.builders.postgresql import Server
from tests.mutations.bits import flip

BACKUPS = ROUNDS = 20


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    made = lived(tmp_path_factory.mktemp("lived"))
    backup.backup(Public(made.office.settings), made.folder / "backup")
    return made


@pytest.fixture
def own(whole: Lived, tmp_path: Path) -> Lived:
    """A copy, to be changed at will."""
    shutil.copytree(whole.folder, tmp_path / "own")
    return Lived(tmp_path / "own")


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """All that a store holds, table by table."""
    with store.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
            for table in tables.METADATA.sorted_tables
        }


def test_a_backup_put_into_an_empty_store_is_the_ledger_again(own: Lived) -> None:
    office = own.emptied("new")
    report = put_back.restore(office, own.folder / "backup", quiet, [str(own.mirror)])
    assert (report.ok, report.entries, report.body_missing) == (True, 15, 0)
    assert contents(office.store) == contents(own.office.store)
    assert put_back.restore(office, own.folder / "backup", quiet, [str(own.mirror)]).ok
    with office.publishing(quiet) as publish:
        assert not publish().is_new


def test_no_key_and_no_token_is_in_a_backup(own: Lived) -> None:
    names = {path.name for path in (own.folder / "backup").iterdir()}
    assert names == {"ledger.db", "identity.json", "trust.json", "desk.db", "manifest.json"}
    everything = b"".join(path.read_bytes() for path in (own.folder / "backup").iterdir())
    assert b"PRIVATE KEY" not in everything
    with pytest.raises(Usage):
        backup.backup(Public(own.office.settings), own.folder / "backup")


def test_backups_under_write_load_are_each_of_one_moment(own: Lived) -> None:
    """Every root that was ever acknowledged is archived; each backup has one of them, and all that it covers."""
    office, archived, is_over = own.office, dict[int, bytes](), threading.Event()
    with office.store.read() as connection:
        first_head = rows.read_head(connection)
    assert first_head is not None
    archived[first_head[0]] = first_head[1]

    def write() -> None:
        note = Admission(Statement("note", reason="load"))
        while not is_over.is_set():
            with office.writing() as ledger:
                for _ in range(20):
                    head = ledger.append([note] * 16, {}, datetime(2026, 1, 2, 4, tzinfo=UTC))
                    archived[head.size] = head.root

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [backup.backup(Public(own.office.settings), own.folder / f"backup {n}") for n in range(4)]
    finally:
        is_over.set()
        writer.join()
    sizes = [saved.size for saved in made]
    assert len(set(sizes)) > 1
    for n, saved in enumerate(made):
        restored = own.emptied(f"new {n}")
        audit = put_back.restore(restored, own.folder / f"backup {n}", quiet, [str(own.mirror)])
        assert (audit.ok, audit.entries, audit.root.hex()) == (True, saved.size, archived[saved.size].hex())
        assert saved.root == archived[saved.size].hex()


def test_the_one_damaged_backup_of_twenty_is_noticed_twenty_times_of_twenty(own: Lived) -> None:
    lot = Random(20)
    folders = [own.folder / f"backup {n}" for n in range(BACKUPS)]
    for folder in folders:
        shutil.copytree(own.folder / "backup", folder)
    noticed, keys = 0, own.office.keys
    for _ in range(ROUNDS):
        damaged = lot.choice(folders)
        file = lot.choice(sorted(damaged.iterdir()))
        data = file.read_bytes()
        how = lot.choice(("flip", "flip", "cut", "gone", "zeros"))
        place = lot.randrange(len(data))
        if how == "flip":
            file.write_bytes(flip(data, 8 * place + lot.randrange(8)))
        elif how == "zeros":
            file.write_bytes(data[:place] + bytes(len(data) - place))
        elif how == "cut":
            file.write_bytes(data[:place])
        else:
            file.unlink()
        broken = {folder for folder in folders if not is_whole(folder, keys)}
        noticed += broken == {damaged}
        file.write_bytes(data)
    assert noticed == ROUNDS


def is_whole(folder: Path, keys: Keys) -> bool:
    try:
        return backup.is_authentic(backup.check(folder), keys)
    except (Untrue, NotFound):
        return False


def test_a_damaged_backup_is_not_put_in(own: Lived) -> None:
    file = own.folder / "backup" / "ledger.db"
    data = file.read_bytes()
    file.write_bytes(flip(data, -8))
    office = own.emptied("new")
    with pytest.raises(Untrue, match=r"ledger\.db of the backup"):
        put_back.restore(office, own.folder / "backup", quiet, [str(own.mirror)])
    assert office.reader.size() == 0


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("origin", 5),
        ("size", "15"),
        ("size", True),
        ("size", None),
        ("root", []),
        ("files", []),
        ("files", {"a": 1}),
        ("mac", 5),
        ("mac", None),
        ("mac", "0" * 64),
        ("mac", "\u00e9"),
    ],
)
def test_a_manifest_of_another_form_is_damaged(own: Lived, member: str, value: object) -> None:
    file = own.folder / "backup" / backup.MANIFEST
    file.write_bytes(jcs({**json.loads(file.read_bytes()), member: value}) + b"\n")
    with pytest.raises(Untrue, match=backup.MANIFEST) as refused:
        backup.is_authentic(backup.check(file.parent), own.office.keys)
    assert refused.value.code == "backup_damaged"


@pytest.mark.parametrize("mistake", [TypeError, KeyError, ValueError])
def test_a_mistake_of_ours_is_no_damaged_backup(
    own: Lived, monkeypatch: pytest.MonkeyPatch, mistake: type[Exception]
) -> None:
    def broken(_manifest: backup.Manifest) -> bytes:
        raise mistake("a mistake of ours")

    keys = own.office.keys
    assert is_whole(own.folder / "backup", keys)
    monkeypatch.setattr(backup.Manifest, "print", broken)
    with pytest.raises(mistake, match="of ours"):
        backup.check(own.folder / "backup")


def test_a_backup_goes_into_no_store_that_is_ahead_or_another(own: Lived, tmp_path: Path) -> None:
    with own.office.writing() as ledger:
        ledger.append([Admission(Statement("note", reason="later"))], {}, datetime(2026, 1, 2, 4, tzinfo=UTC))
    with pytest.raises(Refused, match="16 entries, the backup 15"):
        put_back.restore(own.office, own.folder / "backup", quiet)
    other = initialize(from_environ({"GREFFE_DATA": str(tmp_path / "other")}))
    with pytest.raises(Refused, match="another ledger"):
        put_back.restore(other, own.folder / "backup", quiet)
    forked = own.emptied("forked")
    with forked.writing() as ledger:
        ledger.append([Admission(Statement("note", reason="other"))], {}, datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(Refused, match="not the first of the backup"):
        put_back.restore(forked, own.folder / "backup", quiet)


@pytest.mark.parametrize("who", ["token", "mirror", "nobody"])
def test_an_old_backup_put_back_does_not_sign_until_it_came_forward(own: Lived, who: str) -> None:
    """With nobody to tell, and the loss accepted, it signs: the negative control."""
    own.put_back("old.db")
    backup.backup(Public(own.office.settings), own.folder / "old backup")
    emptied = own.emptied("new")
    environ = {"GREFFE_DATA": str(emptied.settings.data)}
    if who == "token":
        shutil.copy(own.folder / "data" / "head-token.db", emptied.settings.data)
    if who == "mirror":
        environ["GREFFE_MIRROR"] = str(own.mirror)
    office = Office(from_environ(environ))
    mirrors = [office.settings.mirror] if office.settings.mirror else []
    if who == "nobody":
        with pytest.raises(Refused, match="--accept-loss") as refused:
            put_back.restore(office, own.folder / "old backup", quiet)
        assert (refused.value.code, office.reader.size()) == ("nothing_to_compare", 0)
    accepts_loss = who == "nobody"
    report = put_back.restore(office, own.folder / "old backup", quiet, mirrors, accepts_loss=accepts_loss)
    assert report.entries == 7
    if who == "nobody":
        with office.publishing(quiet) as publish:
            assert publish().checkpoint.size == 7
        return
    for door in (office.writing(), office.publishing(quiet)):
        with pytest.raises(Refused, match=r"the store has 7 entries .* knows 15") as refused, door:
            pass
        assert refused.value.code == "store_behind"
    restore.restore_from_mirror(office, Mirror(str(own.mirror)), {}, quiet)
    with office.publishing(quiet) as publish:
        assert publish().checkpoint.size == 15


def test_a_copy_between_databases_is_the_same_to_the_byte(own: Lived, postgresql: Server, tmp_path: Path) -> None:
    environ = {"GREFFE_DATA": str(own.office.settings.data), "GREFFE_DATABASE_URL": postgresql.new_database()}
    there = Store(environ["GREFFE_DATABASE_URL"])
    copy_store(own.office.store, there)
    assert contents(there) == contents(own.office.store)
    with pytest.raises(Refused, match="holds entries"):
        copy_store(own.office.store, there)
    there.close()
    office = Office(from_environ(environ))
    assert audited(office).ok
    public = Public(office.settings)
    made = backup.backup(public, tmp_path / "backup")
    back = own.emptied("back")
    report = put_back.restore(back, tmp_path / "backup", quiet, [str(own.mirror)])
    assert (report.ok, report.root.hex()) == (True, made.root)
    assert contents(back.store) == contents(own.office.store)
    second = initialize(from_environ({**environ, "GREFFE_DATABASE_URL": postgresql.new_database()}))
    assert put_back.restore(second, tmp_path / "backup", quiet, [str(own.mirror)]).ok
    assert contents(second.store) == contents(own.office.store)
    for installation in (office, public, second):
        installation.store.close()


def test_a_copy_goes_into_a_store_that_was_opened_after_the_first_key_was_retired(tmp_path: Path) -> None:
    """What `init` can know of the map's log is the key that is kept; the copy has them all."""
    own = lived(tmp_path / "own", retires=True)
    target = own.emptied("new").store
    before = contents(target)["log_key"]
    assert {row[:2] for row in before} == {("ledger", 1), ("index", 1)}
    assert not set(before) <= set(contents(own.office.store)["log_key"]), (
        "the negative control: what was opened is not the same"
    )
    copy_store(own.office.store, target)
    assert contents(target) == contents(own.office.store)
