"""Names that look alike are told of the whole register, and nothing of them outlives an erasure."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from issuer.actions.erasure import erase
from issuer.run import bearers
from issuer.run.issue import issue
from issuer.run.report import Report
from registry.installation.office import Office
from registry.store.likeness_rows import Likeness, Likenesses
from schemas.organization import State
from tests.builders.command import surroundings
from tests.builders.ledger import state
from tests.issuer.run.test_refusals import extract_of

FIRST = state("BC0000001", "ACME INC.", "1", "2020-01-01")
FAR = state("BC0000009", "OTHER INC.", "1", "2020-01-01")
ALIKE = state("BC0000002", "АСМЕ INC.", "1", "2020-01-01")


def run(office: Office, *states: State, seed: str = "run", dry_run: bool = False) -> Report:
    return issue(office, "table", extract_of(states), surroundings(seed), dry_run=dry_run)


def flags(report: Report) -> list[tuple[int, str]]:
    return [(flag["line"], flag["code"]) for flag in report.to_json()["flags"]]


def rows(office: Office) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(office.settings.likenesses)) as connection:
        return connection.execute("SELECT number, entry FROM likeness ORDER BY number").fetchall()


def test_a_name_like_that_of_an_earlier_delivery_is_flagged(office: Office) -> None:
    run(office, FIRST, FAR, seed="1")
    assert flags(run(office, ALIKE, dry_run=True)) == [], "a dry run makes no file"
    assert not office.settings.likenesses.exists()
    report = run(office, ALIKE, seed="2")
    assert flags(report) == [(2, "name_alike")]
    assert report.issued == 1
    assert flags(run(office, state("BC0000003", "ACME INC.", "1", "2020-01-01"), dry_run=True)) == [(2, "name_alike")]


def test_an_organization_is_not_like_itself_nor_like_what_another_was_called_once(office: Office) -> None:
    run(office, FIRST, FAR, seed="1")
    again = state("BC0000001", "A.C.M.E. INC.", "2", "2021-01-01")
    assert flags(run(office, FIRST, again, seed="2")) == []
    renamed = state("BC0000001", "NO MORE INC.", "3", "2022-01-01")
    assert flags(run(office, FIRST, again, renamed, ALIKE, seed="3")) == [], "given up in the same delivery"
    assert flags(run(office, state("BC0000004", "NO MORE, INC", "1", "2020-01-01"), seed="4")) == [(2, "name_alike")]


def test_erasure_takes_the_row_away_at_once(office: Office) -> None:
    run(office, FIRST, FAR, seed="1")
    run(office, ALIKE, seed="2")
    assert [number for number, _ in rows(office)] == ["BC0000001", "BC0000009"]
    erase(office, "sample", "BC0000001", "privacy_request", surroundings("erase"), dry_run=False)
    assert [number for number, _ in rows(office)] == ["BC0000009"]
    assert flags(run(office, state("BC0000005", "ACME INC", "1", "2020-01-01"), seed="3")) == [(2, "name_alike")]
    assert [number for number, _ in rows(office)] == ["BC0000002", "BC0000009"]


def test_an_erasure_that_the_file_missed_is_followed(office: Office) -> None:
    run(office, FIRST, FAR, seed="1")
    run(office, ALIKE, seed="2")
    copy = office.settings.likenesses.read_bytes()
    erase(office, "sample", "BC0000001", "privacy_request", surroundings("erase"), dry_run=False)
    office.settings.likenesses.write_bytes(copy)
    run(office, state("BC0000005", "FIFTH INC", "1", "2020-01-01"), seed="3")
    assert [number for number, _ in rows(office)] == ["BC0000002", "BC0000009"]


@pytest.mark.parametrize("body", [b"", b"no database", b"SQLite format 3\0" + bytes(200)])
def test_a_file_that_is_no_such_file_is_begun_anew(office: Office, body: bytes) -> None:
    run(office, FIRST, FAR, seed="1")
    office.settings.likenesses.write_bytes(body)
    assert flags(run(office, ALIKE, seed="2")) == [(2, "name_alike")]


@pytest.mark.parametrize("entries", [-7, "seven", b"7"], ids=["negative", "text", "bytes"])
def test_a_file_that_has_followed_to_no_place_is_begun_anew(office: Office, entries: object) -> None:
    run(office, FIRST, FAR, seed="1")
    with closing(sqlite3.connect(office.settings.likenesses)) as connection:
        connection.execute("CREATE TABLE likeness (register TEXT, number TEXT, digest BLOB, entry INTEGER)")
        connection.execute("CREATE TABLE followed (entries)")
        connection.execute("INSERT INTO followed VALUES (?)", (entries,))
        connection.commit()
    assert flags(run(office, ALIKE, seed="2")) == [(2, "name_alike")]


def test_where_a_file_that_is_none_cannot_be_taken_away_nothing_else_is_held_up(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run(office, FIRST, FAR, seed="1")
    office.settings.likenesses.write_bytes(b"no database")
    monkeypatch.setattr(bearers, "Likenesses", Unremovable)
    report = run(office, ALIKE, seed="2")
    assert (report.issued, flags(report)) == (1, [])
    assert [record.getMessage().endswith("likenesses.db: read-only") for record in caplog.records].count(True) == 1


class Unremovable(Likenesses):
    """A file that is no such file, in a folder that is read-only."""

    def prepare(self) -> bool:
        raise PermissionError("read-only")


def test_where_the_file_cannot_be_used_nothing_else_is_held_up(office: Office) -> None:
    run(office, FIRST, FAR, seed="1")
    office.settings.likenesses.mkdir()
    report = run(office, ALIKE, seed="2")
    assert (report.issued, flags(report)) == (1, [])


def test_a_ledger_that_is_away_meanwhile_is_not_taken_for_the_file(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes on in a transaction whose connection is lost."""
    run(office, FIRST, FAR, seed="1")

    def lost(*_: object) -> Likeness:
        raise sa.exc.OperationalError("SELECT", {}, ConnectionError("the connection is lost"))

    monkeypatch.setattr(bearers, "_likeness", lost)
    with pytest.raises(sa.exc.OperationalError):
        run(office, ALIKE, seed="2")
