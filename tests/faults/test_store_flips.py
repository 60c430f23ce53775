"""A bit flips in the store's file: `audit` tells it in its JSON, and what `export` writes is never anything but what was signed.

Whatever is hit (headers, pointers of the trees, the schema, records, texts, bodies), the audit exits 1 with a line or the bad
entry, or 0 where the flip changes nothing; an export refuses, or writes the very files that it writes of the whole store. A
sample of the bytes here, every eighth of them in `make soak`.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner

import registry.commands.audit
import search.commands
from registry.audit import result
from registry.errors import LedgerDamaged, NotPublished, Refused
from registry.installation.office import Office
from registry.installation.public import Public
from registry.mirror import published
from registry.mirror.audit import audit_mirror
from registry.mirror.files import MirrorFiles
from registry.mirror.source import Mirror
from registry.operations import private_export
from registry.operations.export import export
from registry.store import tables
from registry.verify.trust import parse
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders.command import SOAK
from tests.builders.mirror import quiet
from tests.mutations.bits import flip

AUDITED, EXPORTED, SEALED, INDEXED = (120, 60, 60, 40) if not SOAK else (3800, 3800, 1200, 1200)
Json = dict[str, Any]


class Flipping:
    """A database file, and copies of it that differ by a bit; companions of the file go each time."""

    def __init__(self, file: Path) -> None:
        self._file, self.whole = file, file.read_bytes()
        self._used = [place for place, byte in enumerate(self.whole) if byte]

    def put(self, data: bytes) -> None:
        for companion in ("-wal", "-shm", "-journal"):
            Path(f"{self._file}{companion}").unlink(missing_ok=True)
        self._file.write_bytes(data)

    def flips(self, count: int, seed: str) -> Iterator[int]:
        """Put so many files in place, one by one, that have one bit of a byte in use flipped: which bit it is."""
        lot = Random(seed)
        for place in sorted(lot.sample(self._used, min(count, len(self._used)))):
            bit = 8 * place + lot.randrange(8)
            self.put(flip(self.whole, bit))
            yield bit
        self.put(self.whole)


@pytest.fixture
def installed(filled: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office with its index, closed; the command finds it."""
    follow(filled.reader, EmbeddedIndex(filled.settings.index))
    filled.store.close()
    filled.reader._store.close()
    monkeypatch.setenv("GREFFE_DATA", str(filled.settings.data))
    return filled


@pytest.fixture
def store(installed: Office) -> Flipping:
    assert installed.store.path is not None
    return Flipping(installed.store.path)


def audited() -> tuple[int, Json]:
    """The exit code and the document of `greffe audit --json`; whatever else ends it is raised."""
    app = typer.Typer()
    app.callback()(lambda: None)
    registry.commands.audit.mount(app, search.commands.compared)
    done = CliRunner().invoke(app, ["audit", "--json"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    document: Json = json.loads(done.stdout)
    return done.exit_code, document


def tell(outcomes: Counter[Any]) -> None:
    """The figures, for who asks for them (pytest -rA)."""
    sys.stdout.write(f"{sum(outcomes.values())} flips: {dict(outcomes)}\n")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_flipped_bit_is_told_in_json_and_ends_no_audit(store: Flipping) -> None:
    assert audited()[0] == 0
    outcomes = Counter[str]()
    for bit in store.flips(AUDITED, "audit"):
        code, report = audited()
        assert code in (0, 1), bit
        assert report["ok"] == (code == 0), bit
        assert (report["sealed"] == "passed") or not report["ok"], bit
        if code:
            assert report["failures"] or report["first_bad"] is not None, bit
            outcomes["line" if report["first_bad"] is None else "entry"] += 1
        else:
            outcomes["harmless"] += 1
    tell(outcomes)
    assert outcomes["entry"] > AUDITED // 4
    assert outcomes["harmless"] < AUDITED // 4


@pytest.mark.parametrize(
    ("table", "column"),
    [("ledger_entry", "body"), ("document", "body"), ("document", "salt"), ("credential", "digest")],
)
def test_the_entry_is_named_wherever_what_stands_beside_it_is_hit(
    installed: Office, store: Flipping, table: str, column: str
) -> None:
    columns = tables.METADATA.tables[table].columns
    with installed.store.read() as connection:
        values = connection.execute(sa.select(columns.i, columns[column])).all()
    installed.store.close()
    for index, value in values:
        place = store.whole.find(value)
        assert place > 0
        store.put(flip(store.whole, 8 * (place + len(value) // 2)))
        code, report = audited()
        assert (code, report["first_bad"] in (index, index + 1)) == (1, True)  # the next one names its hash


def test_control_what_is_not_told_as_damage_ends_the_audit(store: Flipping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result, "UNREADABLE", ())
    ended = 0
    for _ in store.flips(40, "control"):
        try:
            code, _ = audited()
            ended += code not in (0, 1)
        except Exception:
            ended += 1
    assert ended > 4


def test_an_export_of_a_flipped_store_refuses_or_writes_what_was_signed(
    installed: Office, store: Flipping, tmp_path: Path
) -> None:
    export(Public(installed.settings), tmp_path / "whole", quiet)
    whole, outcomes = files(tmp_path / "whole"), Counter[str]()
    for bit in store.flips(EXPORTED, "export"):
        public, folder = Public(installed.settings), tmp_path / str(bit)
        try:
            export(public, folder, quiet)
            outcomes["whole"] += 1
            assert files(folder) == whole, bit
        except (LedgerDamaged, NotPublished) as error:
            outcomes[type(error).__name__] += 1
            assert files(folder).items() <= whole.items(), bit
            assert "checkpoint" not in files(folder), bit
        finally:
            public.store.close()
    tell(outcomes)
    assert outcomes["LedgerDamaged"] > EXPORTED // 4
    assert outcomes["whole"] > EXPORTED // 4  # bodies and salts of credentials are in no mirror
    trust = parse((tmp_path / "whole" / "trust.json").read_bytes())
    assert audit_mirror(Mirror(str(tmp_path / "whole")), trust, quiet).ok


def test_control_without_the_comparisons_a_mirror_is_written_that_fails_its_audit(
    installed: Office, store: Flipping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(Public(installed.settings), tmp_path / "whole", quiet)
    trust = parse((tmp_path / "whole" / "trust.json").read_bytes())
    monkeypatch.setattr(published, "held", lambda _logged, data, _salt: json.loads(data))
    monkeypatch.setattr("registry.reading.reader.held", lambda _logged, data, _salt: json.loads(data))
    monkeypatch.setattr(MirrorFiles, "_checked", lambda self, index: self._records.document(index))
    with installed.store.read() as connection:
        salt = connection.execute(sa.select(tables.documents.c.salt).limit(1)).scalar_one()
    installed.store.close()
    store.put(flip(store.whole, 8 * store.whole.find(salt)))
    export(Public(installed.settings), tmp_path / "wrong", quiet)
    assert not audit_mirror(Mirror(str(tmp_path / "wrong")), trust, quiet).ok


def test_a_sealed_export_of_a_flipped_store_refuses_or_is_whole(installed: Office, store: Flipping) -> None:
    whole, outcomes = sealed_records(installed), Counter[str]()
    for bit in store.flips(SEALED, "private"):
        try:
            assert sealed_records(installed) == whole, bit
            outcomes["whole"] += 1
        except (LedgerDamaged, Refused) as error:
            outcomes[type(error).__name__] += 1
    tell(outcomes)
    assert outcomes["LedgerDamaged"] > SEALED // 4


def sealed_records(office: Office) -> list[Any]:
    """What a sealed export of the store would hold."""
    public = Public(office.settings)
    try:
        with public.store.read() as connection, private_export.refusing():
            head = private_export._believed_head(office, connection)
            return [record for chunk in private_export._chunks(office, connection, head) for record in chunk]
    finally:
        public.store.close()


def test_a_flipped_bit_in_the_index_is_repairable(installed: Office) -> None:
    index = Flipping(installed.settings.index.resolve())
    outcomes = Counter[int]()
    for bit in index.flips(INDEXED, "index"):
        code, report = audited()
        assert code in (0, 4), bit
        assert (report["ok"], report["first_bad"]) == (code == 0, None), bit
        outcomes[code] += 1
    tell(outcomes)
    assert outcomes[4] > INDEXED // 8
