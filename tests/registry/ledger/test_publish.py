"""Publishing: both logs signed and shown together, each place where it may die taken up again, and nobody signs an old store."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict, LedgerDamaged, Refused
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.ledger import map_growth
from registry.ledger import publish as publishing
from registry.ledger.publish import Published, publish
from registry.ledger.surroundings import Surroundings
from registry.log import checkpoint, map_log, map_tree, note
from registry.log.checkpoint import check_holds
from registry.operations import log_change
from registry.store import database, rows
from registry.store.head_token import HeadToken
from registry.store.map_rows import Covered, Grown
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state
from tests.builders.witnesses import OneWitness

MORE = [state(f"BC000001{n}", f"NUMBER {n} LTD.", str(100 + n), "2022-01-01") for n in range(3)]


def grow(office: Office, *states: int) -> None:
    issue(office, "table", extract(MORE[n] for n in states), surroundings("more"))


def failures(office: Office) -> list[str]:
    report = audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None)
    return [*report.failures, *([] if report.first_bad is None else [str(report.first_bad)])]


def test_both_logs_are_shown_together(filled: Office) -> None:
    grow(filled, 0)
    done = publish(filled.store, filled.log_keys.signers)
    assert (done.checkpoint.size, done.is_new, done.is_shown) == (8, True, True)
    with filled.store.read() as connection:
        shown, index = rows.read_published(connection, LEDGER), rows.read_published(connection, INDEX)
        leaves = [map_log.parse(body) for body in rows.read_entries(connection, 0, 2, INDEX)]
    assert (shown, [leaf.head.size for leaf in leaves]) == ((8, done.note), [7, 8])
    assert leaves[1].signed == done.note
    assert index is not None
    head = checkpoint.check(index[1], parse(jcs(filled.reader.trust())).index_keys)
    assert (head.origin, head.size) == ("localhost:8000/index", 2)
    again = publish(filled.store, filled.log_keys.signers)
    assert (again.note, again.is_new, again.is_shown) == (done.note, False, True)
    assert failures(filled) == []


def test_an_empty_ledger_has_an_empty_map(office: Office) -> None:
    publish(office.store, office.log_keys.signers)
    with office.store.read() as connection:
        leaf = map_log.parse(rows.read_entries(connection, 0, 1, INDEX)[0])
    assert (leaf.root, leaf.head.size) == (map_tree.EMPTY, 0)
    issue(office, "table", extract(MORE), surroundings())
    publish(office.store, office.log_keys.signers)
    assert failures(office) == []


class Dies(Exception):
    """In the place of a power failure."""


def dying(patch: pytest.MonkeyPatch, target: object, name: str, before: bool, nth: int = 1) -> None:
    real, calls = getattr(target, name), [0]

    def act(*arguments: object, **named: object) -> object:
        calls[0] += 1
        if before and calls[0] == nth:
            raise Dies
        done = real(*arguments, **named)
        if calls[0] == nth:
            raise Dies
        return done

    patch.setattr(target, name, act)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize(
    ("target", "name", "nth"),
    [
        (checkpoint, "sign", 1),
        (checkpoint, "sign", 2),
        (map_growth, "grow_map", 1),
        (map_growth.map_rows, "keep", 1),
        (publishing, "_look_up", 1),
        (rows, "put_published", 1),
        (rows, "put_published", 2),
    ],
)
def test_a_publisher_that_dies_is_taken_up_again(
    filled: Office, monkeypatch: pytest.MonkeyPatch, target: object, name: str, nth: int, before: bool, tmp_path: Path
) -> None:
    grow(filled, 0)
    token = HeadToken(tmp_path / "token.db")
    with monkeypatch.context() as patch:
        dying(patch, target, name, before, nth)
        with pytest.raises(Dies):
            publish(filled.store, filled.log_keys.signers, token=token)
    grow(filled, 1)
    done = publish(filled.store, filled.log_keys.signers, token=token)
    assert (done.checkpoint.size, done.is_shown) == (9, True)
    assert failures(filled) == []


def test_without_a_quorum_the_public_sees_the_checkpoint_before(filled: Office) -> None:
    class Nobody(OneWitness):
        def cosigned(self, signed: str, shown: str | None, prove: publishing.Prove) -> publishing.Cosigned:
            return publishing.Cosigned(signed, is_met=False, is_whole=False)

    before = filled.reader.checkpoint()
    grow(filled, 0)
    done = publish(filled.store, filled.log_keys.signers, witnesses=Nobody())
    assert (done.is_new, done.is_shown, filled.reader.checkpoint()) == (True, False, before)
    assert filled.reader.published_size() == 7
    retried = publish(filled.store, filled.log_keys.signers, witnesses=OneWitness())
    assert (retried.is_new, retried.is_shown, filled.reader.published_size()) == (False, True, 8)
    assert len(note.parse(filled.reader.checkpoint()).signatures) == 2
    assert failures(filled) == []


def test_a_copy_that_was_signed_elsewhere_stops_us_before_we_sign(filled: Office, tmp_path: Path) -> None:
    """Two copies of one data directory, each publishing for ever: the witness tells, since the copied token cannot."""

    class Knows(OneWitness):
        def check(self, head: checkpoint.Checkpoint, root_at: publishing.RootAt) -> None:
            check_holds(replace(head, size=8, root=bytes(32)), head, root_at, "the witness w1")

    token = HeadToken(tmp_path / "token.db")
    publish(filled.store, filled.log_keys.signers, token=token)
    grow(filled, 0)
    with pytest.raises(Refused, match="not those that the witness w1 knows"):
        publish(filled.store, filled.log_keys.signers, witnesses=Knows(), token=token)
    with filled.store.read() as connection:
        signed, known = rows.last_signed(connection), token.read("ledger")
    assert known is not None
    assert (signed is not None and signed[0], known.size) == (7, 7)


@pytest.mark.parametrize("what", ["root", "nodes"])
def test_a_map_that_was_changed_before_its_root_is_signed(
    filled: Office, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A flip between computing the map and signing its root; without the look-up it would be signed."""
    real = map_growth.grow_map

    def grown(connection: database.Connection, size: int, since: Covered) -> Grown:
        made = real(connection, size, since)
        if what == "root":
            return replace(made, root=bytes(32))
        leaves = {n: node._replace(left=bytes(32)) for n, node in made.nodes.items() if node.bit == map_tree.BITS}
        return replace(made, nodes=made.nodes | leaves)

    monkeypatch.setattr(map_growth, "grow_map", grown)
    grow(filled, 0)
    with monkeypatch.context() as patch:
        patch.setattr(publishing, "_look_up", lambda *_: None)
        assert publish(filled.store, filled.log_keys.signers).is_shown, "the negative control"
    grow(filled, 1)
    with pytest.raises(LedgerDamaged, match="map"):
        publish(filled.store, filled.log_keys.signers)
    with filled.store.read() as connection:
        assert (rows.last_signed(connection, INDEX) or (0,))[0] == 2


@pytest.mark.parametrize("table", ["map_node", "mini_log"])
def test_the_map_is_derived_anew_where_it_was_damaged(filled: Office, table: str) -> None:
    grow(filled, 0)
    publish(filled.store, filled.log_keys.signers)
    grow(filled, 1, 2)
    publish(filled.store, filled.log_keys.signers)
    with filled.store.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE rowid % 2")
    assert failures(filled) != []
    assert map_growth.rebuild_map(filled.store) == 3
    assert failures(filled) == []


def put_back(office: Office, backup: Path) -> Office:
    """The store as it was, by someone who means well; and the office as it starts again."""
    office.store.close()
    assert office.store.path is not None
    shutil.copy(backup, office.store.path)
    return Office(office.settings)


@pytest.fixture
def backup(filled: Office, tmp_path: Path) -> Path:
    """The filled store, before anything else."""
    filled.store.close()
    assert filled.store.path is not None
    return Path(shutil.copy(filled.store.path, tmp_path / "backup.db"))


def test_an_old_backup_put_back_refuses_to_sign(filled: Office, backup: Path) -> None:
    """Silence would be a fork: the store grows again, differently, under sizes that were signed before."""
    grow(filled, 0, 1)
    shown = published(filled)
    assert shown.checkpoint.size == 9
    for act in (published, lambda office: grow(office, 2)):
        again = put_back(filled, backup)
        with pytest.raises(Refused, match=r"7 entries .* knows 9") as refused:
            act(again)
        assert (refused.value.code, again.reader.size()) == ("store_behind", 7)


def test_kept_keys_do_not_begin_a_second_ledger_in_an_empty_store(filled: Office) -> None:
    """The disk was lost, identity and keys were kept: until something is restored nothing is issued or signed."""
    published(filled)
    filled.store.close()
    for name in ("ledger.db", "ledger.db-wal", "ledger.db-shm", "head-token.db", "trust.json"):
        (filled.settings.data / name).unlink(missing_ok=True)
    again = initialize(filled.settings)
    for act in (published, lambda office: grow(office, 0)):
        with pytest.raises(Refused, match="0 entries") as refused:
            act(again)
        assert refused.value.code == "store_behind"
    filled.settings.has_signed.unlink()
    assert published(Office(filled.settings)).checkpoint.size == 0, "the negative control"


def test_without_the_token_the_note_with_the_keys_remembers(filled: Office, backup: Path) -> None:
    """The token is lost as well, and no witness and no mirror is there; without the note, the negative control, it forks."""
    grow(filled, 0, 1)
    first = published(filled)
    filled.settings.head_token.unlink()
    again = put_back(filled, backup)
    with pytest.raises(Refused) as refused:
        published(again)
    assert refused.value.code == "published_behind"
    filled.settings.has_signed.unlink()
    grow(again, 2, 1)
    second = published(again)
    assert first.checkpoint.size == second.checkpoint.size == 9
    assert first.checkpoint.root != second.checkpoint.root


def test_a_store_that_went_another_way_refuses(filled: Office, backup: Path) -> None:
    grow(filled, 0)
    published(filled)
    token = filled.settings.head_token.rename(filled.settings.data / "aside")
    again = put_back(filled, backup)
    signed = filled.settings.has_signed.rename(filled.settings.data / "aside-too")
    grow(again, 1, 2)
    signed.rename(filled.settings.has_signed)
    token.rename(filled.settings.head_token)
    with pytest.raises(Refused) as refused:
        published(again)
    assert refused.value.code == "store_forked"


def published(office: Office) -> Published:
    with office.publishing(lambda _line: None) as now:
        return now()


def test_the_mirror_knows_more(filled: Office, backup: Path, tmp_path: Path) -> None:
    """The token is gone too: the disk was lost, the backup is old, and what was published tells."""
    grow(filled, 0, 1)
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    (mirror / "checkpoint").write_text(published(filled).note, "utf-8")
    filled.settings.head_token.unlink()
    again = Office(replace(put_back(filled, backup).settings, mirror=str(mirror)))
    with pytest.raises(Refused, match=r"7 entries .* the mirror knows 9"):
        published(again)
    other = note.parse((mirror / "checkpoint").read_text("utf-8"))
    forged = note.Note(other.text.replace("\n9\n", "\n99\n"), other.signatures)
    (mirror / "checkpoint").write_text(forged.print(), "utf-8")
    again.settings.has_signed.unlink()
    again = Office(again.settings)
    assert published(again).is_shown, "what our keys have not signed stops nobody"


@pytest.mark.parametrize("log", [LEDGER, INDEX], ids=lambda log: log.name)
def test_a_mirror_signed_by_a_later_key_stops_an_older_store(
    filled: Office, backup: Path, tmp_path: Path, log: Log
) -> None:
    """The backup is of before a rotation that is over by now, and so are its keys: it knows none of those that sign today."""
    old_keys = shutil.copytree(filled.settings.keys, tmp_path / "keys")
    around = Surroundings(lambda: NOW, seeded("rotate"), lambda _head: None)
    log_change.rotate(filled, log, around)
    published(filled)
    log_change.retire(filled, log, 1, around)
    published(filled)
    mirror = tmp_path / "mirror"
    shown = mirror / {LEDGER: "checkpoint", INDEX: "index/checkpoint"}[log]
    shown.parent.mkdir(parents=True)
    shown.write_text((filled.reader.log if log is LEDGER else filled.reader.index_log).checkpoint(), "utf-8")
    filled.settings.head_token.unlink()
    shutil.rmtree(filled.settings.keys)
    shutil.copytree(old_keys, filled.settings.keys)
    again = Office(replace(put_back(filled, backup).settings, mirror=str(mirror)))
    for act in (published, lambda office: grow(office, 2)):
        with pytest.raises(Refused, match=r"the mirror shows \d+, signed by no key") as refused:
            act(again)
        assert (refused.value.code, again.reader.size()) == ("keys_behind", 7)
    other = note.parse(shown.read_text("utf-8"))
    elsewhere = tuple(replace(line, name="another.example") for line in other.signatures)
    for harmless in (note.Note(other.text, elsewhere).print(), "no note", other.text.replace("localhost", "another")):
        shown.write_text(harmless, "utf-8")
        assert published(Office(again.settings)).checkpoint.size == 7, (
            "the negative control: the token is gone, it signs"
        )


def test_two_publishers_do_not_meet(filled: Office) -> None:
    with filled.publishing(lambda _line: None), pytest.raises(Conflict, match="writing"), filled.publishing(print):
        pass
