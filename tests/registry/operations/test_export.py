"""A mirror is written once and grown after that: only what is new, the checkpoint last, never over another ledger's."""

import os
import sqlite3
from pathlib import Path

import pytest

from issuer.actions.standing import change_one, revocation
from issuer.run.issue import issue
from registry.errors import LedgerDamaged, NotPublished, Refused, Usage
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.log import tiles
from registry.mirror.audit import audit_mirror
from registry.mirror.source import Mirror
from registry.operations import export as exporting
from registry.operations import private_export
from registry.operations.export import check_apart, export
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import surroundings
from tests.builders.ledger import STATES, extract, state
from tests.builders.mirror import quiet
from tests.builders.witnesses import policy


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    return tmp_path / "mirror"


def public(office: Office) -> Public:
    return Public(office.settings)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def grown(office: Office, count: int) -> None:
    """So many organizations more, published."""
    first = office.reader.size()
    states = [state(f"BC{first + n:07}", f"NUMBER {n} LTD.", str(first + n), "2022-01-01") for n in range(count)]
    issue(office, "table", extract(states), surroundings(f"grown {first}"))
    publish(office.store, office.log_keys.signers)


def test_before_the_first_checkpoint_there_is_nothing_to_mirror(office: Office, mirror: Path) -> None:
    with pytest.raises(NotPublished):
        export(public(office), mirror, quiet)
    publish(office.store, office.log_keys.signers)
    assert export(public(office), mirror, quiet).size == 0
    assert audit_mirror(Mirror(str(mirror)), parse((mirror / "trust.json").read_bytes()), quiet).ok


def test_a_file_server_of_another_user_may_enter_every_folder(filled: Office, mirror: Path) -> None:
    before = os.umask(0o027)
    try:
        export(public(filled), mirror, quiet)
        (mirror / "tile").chmod(0o750)  # as an older version left it
        export(public(filled), mirror, quiet)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (mirror, *mirror.rglob("*")) if path.is_dir()}
    assert modes == {0o755}
    mirror.chmod(0o750)
    export(public(filled), mirror, quiet)
    assert mirror.stat().st_mode & 0o777 == 0o750, "an administrator may keep a mirror to some"


def test_a_second_export_writes_only_what_is_new(filled: Office, mirror: Path) -> None:
    first = export(public(filled), mirror, quiet)
    assert (first.size, first.written) == (7, first.files)
    assert export(public(filled), mirror, quiet).written == 0
    before = files(mirror)
    grown(filled, 3)
    again = export(public(filled), mirror, quiet)
    after = files(mirror)
    changed = {path for path, data in after.items() if before.get(path) != data}
    assert again.written == len(changed)
    assert changed == {
        *("tile/0/000.p/10", "tile/entries/000.p/10", "index/tile/0/000.p/2", "index/tile/entries/000.p/2"),
        *("checkpoint", "index/checkpoint"),
    }
    assert before.keys() <= after.keys()  # the tiles of the earlier checkpoint too


def test_only_what_the_checkpoint_covers_is_in_a_mirror(filled: Office, mirror: Path) -> None:
    export(public(filled), mirror, quiet)
    before = files(mirror)
    issue(filled, "table", extract([*STATES, state("BC0000009", "NINE LTD.", "9", "2022-01-01")]), surroundings("more"))
    assert export(public(filled), mirror, quiet).written == 0
    assert files(mirror) == before


def test_full_tiles_take_the_place_of_partial_ones(filled: Office, mirror: Path) -> None:
    export(public(filled), mirror, quiet)
    grown(filled, 300)
    export(public(filled), mirror, quiet)
    size = filled.reader.published_size()
    paths = {path for path in files(mirror) if path.startswith("tile/")}
    assert paths == {f"tile/{tile.print()}" for tile in tiles.tiles_of(size)}
    assert {"tile/0/000", "tile/0/001.p/51", "tile/1/000.p/1", "tile/entries/000"} <= paths
    report = audit_mirror(Mirror(str(mirror)), parse((mirror / "trust.json").read_bytes()), quiet)
    assert (report.ok, report.entries, report.checkpoints) == (True, size, 2)


def test_killed_anywhere_a_mirror_is_finished_by_the_next_export(
    filled: Office, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint is written last: until then the mirror has the one before, or none."""
    write, left = exporting.write_file, [0]

    def dying(path: Path, data: bytes, mode: int) -> None:
        if not left[0]:
            path.with_name(f".{path.name}.7").write_bytes(data[:1])
            raise KeyboardInterrupt
        left[0] -= 1
        write(path, data, mode)

    export(public(filled), mirror, quiet)
    trust = parse((mirror / "trust.json").read_bytes())
    old = (mirror / "checkpoint").read_bytes()
    grown(filled, 3)
    monkeypatch.setattr(exporting, "write_file", dying)
    for count in range(6):
        left[0] = min(count, 1)
        with pytest.raises(KeyboardInterrupt):
            export(public(filled), mirror, quiet)
        assert (mirror / "checkpoint").read_bytes() == old
    monkeypatch.setattr(exporting, "write_file", write)
    export(public(filled), mirror, quiet)
    assert audit_mirror(Mirror(str(mirror)), trust, quiet).failures == []


def test_another_ledgers_folder_is_left_alone(filled: Office, mirror: Path, tmp_path: Path) -> None:
    export(public(filled), mirror, quiet)
    other = initialize(from_environ({"GREFFE_DATA": str(tmp_path / "other")}), seeded("others"))
    publish(other.store, other.log_keys.signers)
    before = files(mirror)
    with pytest.raises(Refused, match="no checkpoint of this ledger"):
        export(public(other), mirror, quiet)
    again = initialize(from_environ({"GREFFE_DATA": str(tmp_path / "again")}), seeded("keys"))
    publish(again.store, again.log_keys.signers)
    with pytest.raises(Refused, match="the store has 0 entries"):
        export(public(again), mirror, quiet)
    assert files(mirror) == before


def test_a_folder_of_an_installation_is_left_alone(filled: Office, tmp_path: Path) -> None:
    data = filled.settings.data
    before = files(data)
    (tmp_path / "link").symlink_to(data, target_is_directory=True)
    for folder in (data, data / "keys", data / "keys" / "m", tmp_path, tmp_path / "link", data / "keys" / ".."):
        with pytest.raises(Usage) as error:
            export(public(filled), folder, quiet)
        assert error.value.code == "not_public", folder
    for name in ("identity.json", "keys", "ledger.db"):
        other = tmp_path / "of another" / name
        other.mkdir(parents=True)
        with pytest.raises(Usage, match=name):
            export(public(filled), other.parent, quiet)
        other.rmdir()
    assert files(data) == before
    assert export(public(filled), data / "mirror", quiet).size == 7  # a control: beside the keys it may lie


def test_a_folder_with_other_files_is_left_alone(filled: Office, mirror: Path) -> None:
    (mirror / "tile" / "0" / "000.p").mkdir(parents=True)
    for name in ("letter.txt", "tile/0/000.p/7", "tile/0/000.p/5", "objects/0.json"):
        file = mirror / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"mine")
        with pytest.raises(Usage, match="other files") as error:
            export(public(filled), mirror, quiet)
        assert error.value.code == "no_mirror"
        assert files(mirror) == {name: b"mine"}
        file.unlink()
    (mirror / "file").touch()
    with pytest.raises(Usage, match="no folder"):
        export(public(filled), mirror / "file", quiet)
    (mirror / "file").unlink()
    assert export(public(filled), mirror, quiet).size == 7


def test_what_a_killed_first_export_left_is_finished(
    filled: Office, mirror: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after the ledger has grown meanwhile, and with a half-written file."""
    write, left = exporting.write_file, [0]

    def dying(path: Path, data: bytes, mode: int) -> None:
        if not left[0] or path == mirror / "checkpoint":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_name(f".{path.name}.7").write_bytes(data[:1])
            raise KeyboardInterrupt
        left[0] -= 1
        write(path, data, mode)

    monkeypatch.setattr(exporting, "write_file", dying)
    for count in (0, 3, 30):
        left[0] = count
        with pytest.raises(KeyboardInterrupt):
            export(public(filled), mirror, quiet)
    assert not (mirror / "checkpoint").exists()
    grown(filled, 3)
    monkeypatch.setattr(exporting, "write_file", write)
    assert export(public(filled), mirror, quiet).size == 10
    assert audit_mirror(Mirror(str(mirror)), parse((mirror / "trust.json").read_bytes()), quiet).failures == []


def test_what_is_sealed_and_what_everybody_may_read_lie_apart(filled: Office, mirror: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(mirror, target_is_directory=True)
    for private in (mirror, mirror / "private", tmp_path, tmp_path / "link", tmp_path / "link" / "private"):
        with pytest.raises(Usage) as error:
            check_apart(mirror, private)
        assert error.value.code == "not_public"
    export(public(filled), mirror, quiet)
    with pytest.raises(Usage, match="is a mirror"):
        check_apart(tmp_path / "other", mirror)
    check_apart(mirror, tmp_path / "mirror-private")


def test_a_sealed_export_is_for_the_office_alone(filled: Office, tmp_path: Path) -> None:
    assert private_export.export_private(filled, tmp_path / "private") == 4
    file = tmp_path / "private" / private_export.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [private_export.FILE]


def damage(office: Office, *statements: str) -> None:
    """Run statements on the store, with no trigger in their way."""
    assert office.store.path is not None
    connection = sqlite3.connect(office.store.path)
    for [name] in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def replaced(old: str, new: str, index: int) -> str:
    """The statement that puts one text for another into the document under an entry."""
    changed = f"CAST(replace(CAST(body AS TEXT), '{old}', '{new}') AS BLOB)"
    return f"UPDATE document SET body = {changed} WHERE i = {index}"


#: the same length, another bit
_OTHER = "CAST(substr({0}, 1, {1}) || x'41' || substr({0}, {1} + 2) AS BLOB)"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (f"UPDATE ledger_entry SET body = {_OTHER.format('body', 60)} WHERE i = 4", "entry 4"),
        ("DELETE FROM ledger_entry WHERE i = 3", "entry 3 is not in the store"),
        (f"UPDATE index_entry SET body = {_OTHER.format('body', 9)}", "entry 0 of localhost:8000/index"),
        (f"UPDATE ledger_tile SET hashes = {_OTHER.format('hashes', 70)}", "the tile 0/000.p/7"),
        (f"UPDATE index_tile SET hashes = {_OTHER.format('hashes', 7)}", "the tile 0/000.p/1"),
        ("UPDATE document SET salt = zeroblob(32) WHERE i = 1", "the document under entry 1"),
        (
            "UPDATE document SET body = (SELECT body FROM document WHERE i = 1) WHERE i = 2",
            "the document under entry 2",
        ),
        ("DELETE FROM document WHERE i = 2", "the document under entry 2 is missing"),
        (
            replaced('"proofValue":"z', '"proofValue":"z2', 1),
            "entry 1 is not as it was signed",
        ),
        (
            replaced('{"@context', '{"proof":[],"@context', 0),
            "entry 0 is not as it was signed",
        ),
        (
            "UPDATE did_log SET line = replace(line, 'versionTime\":\"2026', 'versionTime\":\"2025')",
            "did:webvh log of sample",
        ),
        ("DELETE FROM did_log", "did:webvh log of sample"),
        ("UPDATE issuer SET key_entry = 1", "the keys of sample"),
        ("DELETE FROM issuer", "the issuers"),
        ("UPDATE ledger_head SET genesis_key = replace(genesis_key, 'A', 'B')", "first key"),
        (
            "UPDATE log_key SET vkey = (SELECT vkey FROM log_key WHERE log = 'index')",
            "the published checkpoint of localhost:8000",
        ),
        ("INSERT INTO log_key SELECT log, 2, vkey, 0 FROM log_key WHERE log = 'ledger'", "the keys kept of the logs"),
        ("UPDATE published SET size = 6 WHERE log = 'ledger'", "another origin or size"),
        (
            "UPDATE published SET note = replace(note, char(10) || char(10), char(10) || 'x' || char(10))",
            "published checkpoint",
        ),
        ("DROP TABLE document", "no such table"),
    ],
)
def test_a_damaged_store_is_not_exported(filled: Office, mirror: Path, statement: str, what: str) -> None:
    """Into an empty folder comes nothing but what was signed, and no checkpoint; a mirror that is there stays as it is."""
    export(public(filled), mirror.with_name("whole"), quiet)
    whole = files(mirror.with_name("whole"))
    damage(filled, statement)
    with pytest.raises(LedgerDamaged) as refused:
        export(public(filled), mirror, quiet)
    assert what in refused.value.message
    assert files(mirror).items() <= whole.items()
    assert "checkpoint" not in files(mirror)


@pytest.mark.parametrize("statement", ["UPDATE ledger_entry SET body = x'00' WHERE i = 8", "DELETE FROM index_entry"])
def test_readers_see_the_old_mirror_while_the_store_is_damaged(filled: Office, mirror: Path, statement: str) -> None:
    export(public(filled), mirror, quiet)
    before = files(mirror)
    grown(filled, 3)
    damage(filled, statement)
    with pytest.raises(LedgerDamaged):
        export(public(filled), mirror, quiet)
    assert files(mirror) == before
    assert audit_mirror(Mirror(str(mirror)), parse((mirror / "trust.json").read_bytes()), quiet).ok


def test_no_version_of_a_status_list_is_hidden(filled: Office, mirror: Path) -> None:
    """The entries tell which is the newest: a bit that was set comes into the mirror though the table lost that version."""
    change_one(filled, "sample", "BC0000002", None, revocation("fraud"), surroundings("revoke"), dry_run=False)
    publish(filled.store, filled.log_keys.signers)
    damage(filled, "DELETE FROM status_version WHERE i = 7")
    export(public(filled), mirror, quiet)
    assert (mirror / "status/revocation/sample-1").read_bytes() in (mirror / "objects/7.json").read_bytes()
    assert audit_mirror(Mirror(str(mirror)), parse((mirror / "trust.json").read_bytes()), quiet).ok


def test_a_ledger_that_another_key_signed_is_not_exported(filled: Office, mirror: Path) -> None:
    """It is whole in itself, and under the same name; the trust file beside the store does not know its key."""
    other = initialize(from_environ({"GREFFE_DATA": str(mirror.with_name("other"))}), seeded("others"))
    publish(other.store, other.log_keys.signers)
    assert other.store.path is not None
    assert filled.store.path is not None
    other.store.close()
    filled.store.close()
    for companion in ("-wal", "-shm"):
        Path(f"{filled.store.path}{companion}").unlink(missing_ok=True)
    filled.store.path.write_bytes(other.store.path.read_bytes())
    with pytest.raises(LedgerDamaged, match="is not believed"):
        export(public(filled), mirror, quiet)
    filled.settings.trust_file.unlink()
    assert export(public(filled), mirror, quiet).size == 0  # a control: without the trust file nothing tells them apart


def test_a_policy_that_the_checkpoint_does_not_meet_waits_for_the_next_one(
    filled: Office, mirror: Path, tmp_path: Path
) -> None:
    (tmp_path / "policy").write_text(policy(filled), "utf-8")
    environ = {"GREFFE_DATA": str(filled.settings.data), "GREFFE_WITNESS_POLICY": str(tmp_path / "policy")}
    with pytest.raises(NotPublished, match="too few witnesses"):
        export(Public(from_environ(environ)), mirror, quiet)
    assert not mirror.exists()
