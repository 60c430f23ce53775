"""A backup is believed only as far as its MAC, the office's seals, its audit, and what others show of the ledger go.

Each attack has its control: the same backup without it, or the attack without the guard, is put back.
"""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from issuer.actions.standing import change_one, revocation
from registry.encoding.jcs import jcs
from registry.errors import Conflict, Refused, RegistryError, Untrue
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.ledger.admission import Admission, Statement
from registry.operations import backup, put_back
from registry.operations.put_back import restore
from registry.store import schema, seal_rows, sqlite
from registry.store.database import Store
from tests.builders.command import NOW, surroundings
from tests.builders.mirror import Lived, audited, lived, quiet
from tests.builders.postgresql import Server
from tests.registry.installation import test_pkcs11
from tests.registry.installation.test_pkcs11 import Hsm, on_token
from tests.registry.operations.test_backup import contents

hsm = test_pkcs11.hsm
#: undoes every revocation that comes after it
SMUGGLED = """
CREATE TRIGGER smuggled AFTER UPDATE OF bits ON status_list BEGIN
    UPDATE status_list SET bits = old.bits WHERE id = new.id;
END
"""


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


def changed(folder: Path, *statements: str) -> None:
    """Run statements on the store of a backup, with no trigger in their way, and put them back."""
    connection = sqlite3.connect(folder / "ledger.db")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for _, text in triggers:
        connection.execute(text)
    connection.commit()
    connection.close()


def told_again(folder: Path, **members: object) -> None:
    """Make the manifest fit the files again, as somebody without a key can."""
    file = folder / backup.MANIFEST
    manifest = json.loads(file.read_bytes())
    manifest["files"] = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]}
    manifest = {name: value for name, value in (manifest | members).items() if value is not None}
    file.write_bytes(jcs(manifest) + b"\n")


def refused(own: Lived, office: Office, *, accepts_loss: bool = False) -> str:
    """The code with which the backup is refused; the store is as it was, and nothing is left beside it."""
    before, beside = contents(office.store), {path.name for path in office.settings.data.iterdir()}
    with pytest.raises((Refused, Untrue)) as error:
        restore(office, own.folder / "backup", quiet, [str(own.mirror)], accepts_loss=accepts_loss)
    assert contents(office.store) == before
    there = {path.name for path in office.settings.data.iterdir()}
    assert (
        there - {"head-token.db", "door.lock", "ledger.lock", "publish.lock", "ledger.db-wal", "ledger.db-shm"}
        <= beside
    )
    return error.value.code


def test_rows_changed_in_a_backup_are_found_by_its_mac(own: Lived) -> None:
    """The hashes of the files fit: the MAC over them does not."""
    changed(own.folder / "backup", "UPDATE credential SET event = 'another'")
    told_again(own.folder / "backup")
    office = own.emptied("new")
    assert backup.check(own.folder / "backup").size == 15
    assert refused(own, office) == refused(own, office, accepts_loss=True) == "backup_damaged"


def test_rows_changed_in_a_backup_without_a_mac_are_found_by_the_seals(
    own: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without the seals the audit finds nothing in a name."""
    changed(own.folder / "backup", "UPDATE credential SET event = 'another'")
    told_again(own.folder / "backup", mac=None)
    office = own.emptied("new")
    assert refused(own, office) == "backup_unauthenticated"
    assert refused(own, office, accepts_loss=True) == "backup_damaged"
    with monkeypatch.context() as unguarded:
        unguarded.setattr(type(office.seals), "broken", lambda *_: [])
        assert restore(office, own.folder / "backup", quiet, accepts_loss=True).ok


def test_rows_that_the_audit_finds_wrong_do_not_become_the_store(own: Lived) -> None:
    """Nobody's seals are on them: a bit that no entry has set, in a backup that is said to be old."""
    statements = ("UPDATE status_list SET bits = zeroblob(16384)", "DELETE FROM seal")
    changed(own.folder / "backup", *statements)
    told_again(own.folder / "backup", mac=None)
    assert refused(own, own.emptied("new"), accepts_loss=True) == "backup_damaged"


@pytest.mark.parametrize(
    "statements",
    [
        (SMUGGLED,),
        ("ALTER TABLE issuer RENAME TO hidden", "CREATE VIEW issuer AS SELECT * FROM hidden"),
        ("DROP TABLE erased", "CREATE TABLE erased (digest BLOB NOT NULL PRIMARY KEY)"),
        ("CREATE INDEX another ON document (i) WHERE i = 1",),
        ("DROP INDEX status_version_list",),
    ],
    ids=["trigger", "view", "loose", "index", "no index"],
)
def test_a_backup_of_another_schema_does_not_become_the_store(own: Lived, statements: tuple[str, ...]) -> None:
    changed(own.folder / "backup", *statements)
    told_again(own.folder / "backup", mac=None)
    office = own.emptied("new")
    assert refused(own, office, accepts_loss=True) == "backup_damaged"
    shutil.copytree(own.folder / "data", own.folder / "clean")
    clean = Public(from_environ({"GREFFE_DATA": str(own.folder / "clean")}))
    backup.backup(clean, own.folder / "clean backup")
    assert restore(office, own.folder / "clean backup", quiet, [str(own.mirror)]).ok


def revoked(office: Office) -> bool:
    """Whether a revocation that is made now is there afterwards; what the trigger undoes."""
    before = contents(office.store)["status_list"]
    change_one(office, "sample", "BC0000004", 1, revocation("issued_in_error"), surroundings("9"), dry_run=False)
    return contents(office.store)["status_list"] != before


def test_no_trigger_travels_with_a_backup_whatever_is_overlooked(own: Lived, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the schema were not compared, rows alone are copied. The control: with its pages the trigger travels."""
    changed(own.folder / "backup", SMUGGLED)
    told_again(own.folder / "backup", mac=None)
    office = own.emptied("new")
    monkeypatch.setattr(schema, "faults", lambda _connection: [])
    assert restore(office, own.folder / "backup", quiet, accepts_loss=True).ok
    assert revoked(office)
    control = own.emptied("control")
    control.store.close()
    assert control.store.path is not None
    sqlite.copy_file(own.folder / "backup" / "ledger.db", control.store.path)
    assert not revoked(control)


def test_what_lies_beside_the_file_of_a_backup_is_no_part_of_it(own: Lived) -> None:
    """A log of SQLite's, laid beside a file whose hash is right, changes what SQLite reads of it. The control shows so."""
    folder = own.folder / "backup"
    shutil.copy(folder / "ledger.db", own.folder / "laid.db")
    laid = sqlite3.connect(own.folder / "laid.db")
    laid.execute("PRAGMA journal_mode=WAL")
    laid.execute("UPDATE issuer SET name = 'Another'")
    laid.commit()
    shutil.copy(own.folder / "laid.db-wal", folder / "ledger.db-wal")
    laid.close()
    shutil.copytree(folder, own.folder / "control")
    reading = sqlite3.connect(own.folder / "control" / "ledger.db")
    assert reading.execute("SELECT DISTINCT name FROM issuer").fetchall() == [("Another",)]
    reading.close()
    office = own.emptied("new")
    assert restore(office, folder, quiet, [str(own.mirror)]).ok
    assert contents(office.store) == contents(own.office.store)


@pytest.fixture
def server(own: Lived, postgresql: Server) -> Iterator[Office]:
    """The same identity and keys, over an empty database of PostgreSQL's."""
    office = own.emptied("server", GREFFE_DATABASE_URL=postgresql.new_database())
    yield office
    office.store.close()
    office.reader._store.close()


def test_no_trigger_travels_into_postgresql_and_none_waits_there(own: Lived, server: Office) -> None:
    """A trigger of the owner's that eats rows as they come is named before a row is copied."""
    with server.store.write() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION eats() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
        )
        connection.exec_driver_sql("CREATE TRIGGER eats BEFORE INSERT ON erased FOR EACH ROW EXECUTE FUNCTION eats()")
    with pytest.raises(RegistryError, match="the trigger eats of erased is none that greffe makes"):
        restore(server, own.folder / "backup", quiet, [str(own.mirror)])
    assert server.reader.size() == 0
    with server.store.write() as connection:
        connection.exec_driver_sql("DROP FUNCTION eats CASCADE")
    assert restore(server, own.folder / "backup", quiet, [str(own.mirror)]).ok
    assert contents(server.store) == contents(own.office.store)
    assert audited(server).ok
    changed(own.folder / "backup", SMUGGLED)
    told_again(own.folder / "backup", mac=None)
    with pytest.raises(Untrue, match="the trigger smuggled is none that greffe makes"):
        restore(server, own.folder / "backup", quiet, accepts_loss=True)


def test_a_backup_is_compared_with_what_somebody_shows(own: Lived) -> None:
    """A head token, a witness or a mirror; a mirror that shows nothing, or another ledger, is nobody."""

    def outcome(name: str, *mirrors: Path, token: bool = False) -> str | bool:
        office = own.emptied(name)
        if token:
            shutil.copy(own.folder / "data" / "head-token.db", office.settings.data)
        try:
            return restore(office, own.folder / "backup", quiet, [str(place) for place in mirrors]).ok
        except Refused as error:
            return error.code

    (own.folder / "nothing").mkdir()
    other = initialize(from_environ({"GREFFE_DATA": str(own.folder / "other")}))
    with other.writing() as ledger:
        ledger.append([Admission(Statement("note", reason="other"))], {}, NOW)
    with other.publishing(quiet) as publish:
        publish()
    (own.folder / "others").mkdir()
    (own.folder / "others" / "checkpoint").write_text(other.reader.checkpoint(), "utf-8")
    assert outcome("alone") == "nothing_to_compare"
    assert outcome("nothing there", own.folder / "nothing") == "nothing_to_compare"
    assert outcome("another's", own.folder / "others") == "nothing_to_compare"
    assert outcome("with a mirror", own.mirror) is True
    assert outcome("with a token", token=True) is True


def test_a_witness_is_somebody(own: Lived, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = put_back.Seen("the witness W", put_back.LEDGER, (own.mirror / "checkpoint").read_text("utf-8"))
    monkeypatch.setattr(put_back, "seen_by_witnesses", lambda *_: [shown])
    assert restore(own.emptied("new"), own.folder / "backup", quiet).ok


def test_a_backup_of_another_history_is_not_put_back(own: Lived) -> None:
    """The head token knows another first entry than the backup."""
    office = own.emptied("new")
    with office.writing() as ledger:
        ledger.append([Admission(Statement("note", reason="other"))], {}, NOW)
    with office.publishing(quiet) as publish:
        publish()
    token = (office.settings.data / "head-token.db").read_bytes()
    fresh = own.emptied("fresh")
    fresh.settings.head_token.write_bytes(token)
    assert refused(own, fresh) == refused(own, fresh, accepts_loss=True) == "store_forked"


def test_a_store_that_was_never_sealed_is_sealed_after_its_audit(own: Lived) -> None:
    changed(own.folder / "backup", "DELETE FROM seal", "UPDATE credential SET seal = x''")
    told_again(own.folder / "backup", mac=None)
    office = own.emptied("new")
    assert restore(office, own.folder / "backup", quiet, accepts_loss=True).ok
    with office.store.read() as connection:
        assert office.seals.broken(connection) == []
    assert contents(office.store) == contents(own.office.store)
    with office.publishing(quiet) as publish:
        assert not publish().is_new


def test_a_genuine_backup_of_an_unsealed_store_needs_the_loss_to_be_accepted(own: Lived) -> None:
    """Whoever takes the seals out of the store and waits for the next backup has it bear the MAC."""
    changed(own.folder / "data", "DELETE FROM seal", "UPDATE credential SET event = 'another'")
    backup.backup(Public(own.office.settings), own.folder / "next")
    shutil.rmtree(own.folder / "backup")
    (own.folder / "next").rename(own.folder / "backup")
    office = own.emptied("new")
    assert refused(own, office) == "backup_unauthenticated"
    assert restore(office, own.folder / "backup", quiet, accepts_loss=True).ok, "the control"


def test_a_draft_that_was_left_is_removed_and_a_failure_leaves_none(
    own: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = own.emptied("new")
    draft = office.settings.data / ".ledger.db.draft"
    draft.write_bytes(b"half")

    def failed(*_: object) -> None:
        assert draft.stat().st_size > 100_000
        raise Conflict("storage_full", "no room")

    before = contents(office.store)
    with monkeypatch.context() as broken:
        broken.setattr(put_back.sqlite, "copy_file", failed)
        with pytest.raises(Conflict):
            restore(office, own.folder / "backup", quiet, [str(own.mirror)])
    assert not list(draft.parent.glob(".*"))
    assert contents(office.store) == before
    assert restore(office, own.folder / "backup", quiet, [str(own.mirror)]).ok


def test_an_old_store_is_backed_up_and_put_back(own: Lived) -> None:
    """A store of the version before the seals is brought forward in the copy alone."""
    connection = sqlite3.connect(own.folder / "data" / "ledger.db")
    connection.executescript(
        "DROP TABLE seal; ALTER TABLE credential DROP COLUMN seal; UPDATE alembic_version SET version_num = '0002'"
    )
    connection.close()
    old = Store(f"sqlite:///{own.folder / 'data' / 'ledger.db'}", read_only=True)
    with old.read() as reading:
        assert (schema.faults(reading), seal_rows.has_seals(reading)) == ([], False)
    old.close()
    backup.backup(Public(own.office.settings), own.folder / "next")
    office = own.emptied("new")
    assert restore(office, own.folder / "next", quiet, accepts_loss=True).ok
    with office.store.read() as reading:
        assert (schema.faults(reading), office.seals.broken(reading)) == ([], [])


def test_an_office_with_a_token_authenticates_its_backups_too(hsm: Hsm, tmp_path: Path) -> None:
    """The token makes the secret. The control: the keys of a folder make another."""
    office = on_token(hsm, tmp_path)
    with office.writing() as ledger:
        ledger.append([Admission(Statement("note", reason="one"))], {}, NOW)
    with office.publishing(quiet) as publish:
        publish()
    backup.backup(Public(office.settings), tmp_path / "backup")
    manifest = backup.check(tmp_path / "backup")
    assert backup.is_authentic(manifest, office.keys)
    other = initialize(from_environ({"GREFFE_DATA": str(tmp_path / "other")}))
    with pytest.raises(Untrue, match="made with other keys"):
        backup.is_authentic(manifest, other.keys)
    assert restore(office, tmp_path / "backup", quiet).ok
    hsm.vanish()
    with pytest.raises(Refused):
        backup.backup(Public(office.settings), tmp_path / "next")
    hsm.come_back()
