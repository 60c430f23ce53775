"""Every change of every column and row of the store is noticed by the audit, or stands in docs/audit.md with the reason.

Tables and columns are those of `store.tables`, so that a new one is met by itself. `make test` changes three rows of each table,
`make soak` all of them, in more ways.
"""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.audit.audit import audit
from registry.audit.places import PlaceAudit
from registry.audit.result import Audit
from registry.audit.sealed import check_sealed
from registry.encoding.jcs import jcs
from registry.installation.key_store import secrets_at_hand
from registry.installation.office import Office
from registry.store import tables
from registry.store.database import Store
from registry.verify.trust import Trust, parse
from tests.builders import ledger
from tests.builders.command import ROOT, SOAK
from tests.builders.every_row import OLDER, every_row
from tests.builders.store_changes import Contents, Within, changed, changes

NAMES = sorted(tables.METADATA.tables)
#: how a change is noticed: by entries, commitments and signatures, by the seals alone, or not at all
PLAIN, SEAL, NO = "", "seal", "no"


@dataclass(frozen=True)
class Tried:
    """What came of the changes of one table. `passed_over`: what the audit does not notice, by column or by what is done with
    rows, and whether the seals do; `plain`: how many of the changes it notices without them, `sealed` with them alone.
    """

    passed_over: dict[str, str]
    count: int
    plain: int
    sealed: int


@dataclass(frozen=True)
class Subject:
    """The store under test, and who judges it."""

    office: Office
    trust: Trust
    contents: Contents

    def noticed(self, store: Store) -> str:
        """How the audit notices what was changed in that store."""
        if not audit(store, self.trust, lambda _done, _total: None).ok:
            return PLAIN
        outcome = Audit()
        check_sealed(store, secrets_at_hand(self.office.settings), outcome, is_noted=True)
        return SEAL if outcome.sealed == "failed" else NO

    def tried(self, table: str) -> Tried:
        """Every change of a table, each undone again."""
        worst: dict[str, str] = {}
        counts = dict.fromkeys((PLAIN, SEAL, NO), 0)
        for change in changes(self.contents, table, is_whole=SOAK):
            with changed(self.office.store, change) as store:
                if store is None:
                    continue
                how = self.noticed(store)
            counts[how] += 1
            if how != PLAIN and worst.get(change.what) != NO:
                worst[change.what] = how
        return Tried(worst, sum(counts.values()), counts[PLAIN], counts[SEAL])


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return every_row(tmp_path_factory.mktemp("every-row") / "data")


@pytest.fixture(scope="module")
def subject(installation: Path) -> Iterator[Subject]:
    office = ledger.opened(installation)
    yield subject_of(office, installation)
    ledger.closed(office)


def subject_of(office: Office, data: Path) -> Subject:
    trust = parse(jcs(office.reader.trust()))
    return Subject(office, trust, Contents(data / "ledger.db", data / OLDER))


def listed() -> dict[str, dict[str, str]]:
    """The table in the documentation: table -> what -> how it is noticed."""
    text = (ROOT / "docs" / "audit.md").read_text("utf-8").partition("| Table | What |")[2]
    lines = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (seal|no) \| [^|]{10,} \|$", text, re.MULTILINE)
    assert len(lines) == text.count("\n| `"), "a line of the table is not of its form"
    by_table: dict[str, dict[str, str]] = {}
    for table, what, how in lines:
        by_table.setdefault(table, {})[what.replace("`", "")] = how
    return by_table


def test_the_store_under_test_is_well_and_has_a_row_of_every_table(subject: Subject) -> None:
    assert subject.noticed(subject.office.store) == NO
    assert {name for name, rows in subject.contents.now.items() if rows} == set(NAMES)
    kinds = {body.partition(b'"kind":"')[2].partition(b'"')[0] for _, body in subject.contents.now["ledger_entry"]}
    assert kinds == {b"issue", b"supersede", b"correct", b"status", b"key", b"policy", b"note", b"erase"}


@pytest.mark.parametrize("table", NAMES)
def test_each_change_of_a_table_is_noticed_or_stands_in_the_documentation(
    subject: Subject, table: str, record_property: Callable[[str, object], None]
) -> None:
    tried = subject.tried(table)
    for name in ("count", "plain", "sealed"):
        record_property(name, getattr(tried, name))
    assert tried.passed_over == listed().get(table, {})
    assert tried.count > len(tables.METADATA.tables[table].columns)


def test_the_documentation_lists_no_table_that_is_none() -> None:
    assert listed().keys() <= set(NAMES)


def test_a_check_that_is_left_out_shows(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlaceAudit, "faults", lambda *_: [])
    assert subject.tried("unknown_person").passed_over != listed().get("unknown_person", {})


def test_a_new_table_shows_until_it_is_noticed_or_listed(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Within, "faults", lambda *_: [])  # that it is foreign is seen otherwise
    data = tmp_path / "data"
    shutil.copytree(installation, data)
    for file in (data / "ledger.db", data / OLDER):
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE later (name TEXT PRIMARY KEY, value TEXT) STRICT")
            connection.execute("INSERT INTO later VALUES ('name', 'value')")
            connection.commit()
    columns = (sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text))
    table = sa.Table("later", tables.METADATA, *columns)
    try:
        office = ledger.opened(data)
        assert {"name", "value"} <= subject_of(office, data).tried("later").passed_over.keys()
    finally:
        tables.METADATA.remove(table)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER ledger_entry_no_update",
        "DROP INDEX status_version_list",
        "CREATE TRIGGER later AFTER INSERT ON document BEGIN DELETE FROM erased; END",
        "CREATE VIEW later AS SELECT * FROM document",
        "CREATE INDEX later ON document (salt)",
        "CREATE TABLE later (a INTEGER)",
    ],
)
def test_a_trigger_a_view_or_an_index_that_is_not_ours_is_noticed(subject: Subject, statement: str) -> None:
    store = subject.office.store
    with closing(store.engine.connect()) as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql(statement)
        outcome = audit(Within(store, connection), subject.trust, lambda _done, _total: None)
        connection.rollback()
    assert not outcome.ok
