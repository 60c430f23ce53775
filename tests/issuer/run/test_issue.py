"""The run: what is issued, held and refused, in which batches, and that a run which ends early is taken up without a trace."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.run.batches import CORRECTION_REASON
from issuer.run.issue import issue
from issuer.run.report import Report
from issuer.signing.issuer import RegisterIssuer, open_issuer
from issuer.timeline.changes import Change, Dossier, Extract, InputFile, Row
from registry.audit.audit import audit
from registry.credential import status
from registry.encoding.jcs import jcs
from registry.errors import Refused
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.admission import Head, ListChanged
from registry.ledger.ledger import BATCH
from registry.ledger.surroundings import Surroundings
from registry.log import entry
from registry.reading.record import Record
from registry.store import rows, tables
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes as seeded
from schemas.organization import State
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state

#: entries before the first credential: the keys, and a list of each purpose
OPENING = 3


def snapshots(states: Iterable[State]) -> Extract:
    """What a source without events would have read: one row and one state an organization."""
    dossiers = [
        Dossier("sample", org.number, (Row(0, n, n + 2),), (Change("sample", org.number, "", (), org),), snapshot=True)
        for n, org in enumerate(sorted(states, key=lambda org: org.number))
    ]
    return Extract("sample", [InputFile("register.csv", len(dossiers))], dossiers, [])


def company(n: int, name: str = "", **changed: Any) -> State:
    registered = state(f"BC{n:07d}", name or f"{n} B.C. LTD.", "1", "2020-01-01")
    return replace(registered, event=None, **changed)


def history(count: int, number: str = "BC0000001") -> list[State]:
    """That many states of one organization, a name each."""
    return [state(number, f"NAME {n} LTD.", str(n), "2020-01-01") for n in range(1, count + 1)]


def records_of(office: Office) -> list[Record]:
    return office.reader.records(0, 100_000)


def entries_of(office: Office) -> list[entry.Entry]:
    with office.store.read() as connection:
        return [entry.parse(body) for body in rows.read_entries(connection, 0, office.reader.size())]


def multiset(office: Office) -> Counter[tuple[Any, ...]]:
    counts = Counter[tuple[Any, ...]]()
    for record in records_of(office):
        assert record.document is not None
        left_out = ("proof", "validFrom", "credentialStatus")
        claims = {name: value for name, value in record.document.items() if name not in left_out}
        counts[record.kind, record.register, record.number, jcs(claims) if record.number else record.reason] += 1
    return counts


def watched(committed: Callable[[Head], None], seed: str = "test") -> Surroundings:
    return replace(surroundings(seed), committed=committed)


def is_well(office: Office) -> bool:
    return audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None).ok


@pytest.fixture
def other(tmp_path: Path) -> Office:
    """A second installation with the same identity."""
    return initialize(from_environ({"GREFFE_DATA": str(tmp_path / "other")}), seeded("other keys"))


def outcome(report: Report) -> tuple[int, int, int]:
    return report.issued, report.superseded, report.corrected


@pytest.mark.parametrize(("changed", "is_held"), [(501, True), (500, False)])
def test_a_mass_change_waits_for_a_person_and_the_new_do_not(office: Office, changed: int, is_held: bool) -> None:
    issue(office, "table", snapshots(map(company, range(1000))), surroundings("first"))
    renamed = [company(n, f"RENAMED {n} LTD." if n < changed else "") for n in range(1000)]
    appeared = [company(n) for n in (2001, 2002, 2003)]
    report = issue(office, "table", snapshots([*renamed, *appeared]), surroundings("second"))
    assert outcome(report) == (3, 0 if is_held else changed, 0)
    assert report.hold_codes == ({"mass_change": changed} if is_held else {})
    counts = report.to_json()["rows"]
    assert counts["held"] == (changed if is_held else 0)
    assert (counts["used"], counts["unchanged"]) == (3 + changed - counts["held"], 1000 - changed)
    assert report.is_clean is not is_held
    approved = issue(office, "table", snapshots([*renamed, *appeared]), surroundings("third"), approve_held=True)
    assert outcome(approved) == (0, changed if is_held else 0, 0)
    assert approved.is_clean


def test_any_number_seen_for_the_first_time_is_no_mass_change(office: Office) -> None:
    issue(office, "table", snapshots([company(1)]), surroundings("first"))
    report = issue(office, "table", snapshots([company(1, "OTHER LTD."), *map(company, range(2, 800))]), surroundings())
    assert outcome(report) == (798, 1, 0)
    assert report.is_clean


def test_one_percent_of_many_is_no_mass_change(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The two bounds, at a tenth of their size: 50 organizations, and 1 % of the known."""
    monkeypatch.setattr("issuer.run.issue.MASS_CHANGE_COUNT", 2)
    issue(office, "table", snapshots(map(company, range(400))), surroundings("first"))
    for changed, is_held in ((4, False), (5, True)):
        renamed = [company(n, f"{changed} CHANGED {n}" if n < changed else "") for n in range(400)]
        assert bool(issue(office, "table", snapshots(renamed), surroundings(f"{changed}")).holds) is is_held
        issue(office, "table", snapshots(map(company, range(400))), surroundings("back"), approve_held=True)


def test_a_snapshot_that_turns_back_the_status_waits_for_a_person(office: Office) -> None:
    live, dead = company(1, status="Active"), company(1, status="Historical", register_status="HDV")
    others = [company(2)]
    issue(office, "table", snapshots([live, *others]), surroundings("1"))
    assert outcome(issue(office, "table", snapshots([dead, *others]), surroundings("2"))) == (0, 1, 0)
    renamed = [company(2, "OTHER LTD.")]
    report = issue(office, "table", snapshots([live, *renamed]), surroundings("3"))
    assert (outcome(report), dict(report.hold_codes)) == ((0, 1, 0), {"status_regression": 1})
    assert report.to_json()["rows"]["held"] == 1
    still_dead = company(1, "NEW NAME LTD.", status="Historical", register_status="HDV")
    assert not issue(office, "table", snapshots([still_dead]), surroundings("4")).holds
    approved = issue(office, "table", snapshots([live, *renamed]), surroundings("5"), approve_held=True)
    assert (outcome(approved), dict(approved.hold_codes)) == ((0, 1, 0), {})


def test_an_event_may_restore_an_organization(office: Office) -> None:
    before = history(1)
    dead = replace(state("BC0000001", "NAME 1 LTD.", "2", "2021-01-01"), status="Historical", register_status="HDV")
    restored = state("BC0000001", "NAME 1 LTD.", "3", "2022-01-01")
    issue(office, "table", extract([*before, dead]), surroundings("1"))
    report = issue(office, "table", extract([*before, dead, restored]), surroundings("2"))
    assert (outcome(report), dict(report.hold_codes)) == ((0, 1, 0), {})


def test_a_rewritten_event_is_superseded_and_follows_its_own_line(office: Office) -> None:
    issue(office, "table", extract(history(3)), surroundings("1"))
    rewritten = [*history(2), state("BC0000001", "NAME III LTD.", "3", "2020-01-01"), *history(4)[3:]]
    assert outcome(issue(office, "table", extract(rewritten), surroundings("2"))) == (0, 2, 0)
    entries = entries_of(office)[OPENING:]
    assert [logged.refers for logged in entries] == [(), (3,), (4,), (5,), (6,)]
    names = [
        record.document["credentialSubject"]["legalName"] for record in records_of(office)[OPENING:] if record.document
    ]
    assert names == ["NAME 1 LTD.", "NAME 2 LTD.", "NAME 3 LTD.", "NAME III LTD.", "NAME 4 LTD."]


def test_a_correction_says_so_and_replaces_what_was_wrong(office: Office) -> None:
    source = extract(history(2))
    [dossier] = source.dossiers
    first, second = dossier.changes
    source.dossiers = [replace(dossier, changes=(first, replace(second, correction=True)))]
    assert outcome(issue(office, "table", source, surroundings())) == (1, 0, 1)
    last = entries_of(office)[-1]
    assert (last.kind, last.reason, last.refers) == ("correct", CORRECTION_REASON, (OPENING,))
    assert [logged.reason for logged in entries_of(office)] == [None, "opened", "opened", None, CORRECTION_REASON]


def test_batches_are_full_and_never_fuller(office: Office) -> None:
    sizes: list[int] = []
    issue(office, "table", snapshots(map(company, range(600))), watched(lambda head: sizes.append(head.size)))
    steps = [after - before for before, after in zip([0, *sizes], sizes, strict=False)]
    assert steps == [BATCH, BATCH, OPENING + 600 - 2 * BATCH]


class _Stopped(Exception):
    """The run ends here."""


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_a_run_that_ends_within_a_history_is_taken_up_there(office: Office, other: Office, batches: int) -> None:
    before, after = (
        state(*cells, "1", "2020-01-01", kind) for *cells, kind in (("BC0000001", "A", "BC"), ("FM0000003", "B", "SP"))
    )
    states = [before, *history(600, "BC0000002"), after]
    seen: list[int] = []

    def stop(head: Head) -> None:
        seen.append(head.size)
        if len(seen) == batches:
            raise _Stopped

    with pytest.raises(_Stopped):
        issue(office, "table", extract(states), watched(stop, "stopped"))
    assert office.reader.size() == seen[-1]
    assert is_well(office)
    again = issue(office, "table", extract(states), surroundings("again"))
    assert again.issued + again.superseded == OPENING + 602 - seen[-1]
    issue(other, "table", extract(states), surroundings("undisturbed"))
    assert multiset(office) == multiset(other)
    assert is_well(office)
    own = [logged for logged in entries_of(office) if logged.org == "sample:BC0000002"]
    assert [logged.refers for logged in own[1:]] == [(before.index,) for before in own[:-1]]
    assert [record.n for record in office.reader.organization("sample", "BC0000002")] == list(range(1, 601))


def test_an_error_in_the_first_batch_leaves_nothing_but_keys(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("registry.ledger.ledger.apply_effects", broken)
        with pytest.raises(OSError, match="no space"):
            issue(office, "table", extract(history(3)), surroundings("broken"))
    assert office.reader.size() == 0
    assert outcome(issue(office, "table", extract(history(3)), surroundings("again"))) == (1, 2, 0)
    assert is_well(office)


def test_workers_change_nothing(office: Office, other: Office) -> None:
    states = [*history(300), *(state(f"BC000{n:04d}", f"{n} LTD.", "1", "2020-01-01") for n in range(2, 300))]
    alone, shared = (
        issue(where, "table", extract(states), surroundings(), workers=n) for where, n in ((office, 1), (other, 2))
    )
    assert alone.to_json() == shared.to_json()
    assert [(logged.kind, logged.org) for logged in entries_of(office)] == [
        (logged.kind, logged.org) for logged in entries_of(other)
    ]
    assert multiset(office) == multiset(other)
    assert is_well(other)


def test_the_trust_file_knows_an_issuer_before_anything_of_it_is_acknowledged(office: Office) -> None:
    known: list[int] = []

    def look(_head: Head) -> None:
        known.append(len(parse(office.settings.trust_file.read_bytes()).issuers))

    assert len(parse(office.settings.trust_file.read_bytes()).issuers) == 0
    issue(office, "table", extract(history(3)), watched(look))
    assert known == [1]


def test_a_dry_run_counts_and_writes_nothing(office: Office) -> None:
    dry = issue(office, "table", extract(history(3)), surroundings(), dry_run=True)
    assert office.reader.size() == 0
    assert not office.keys.has("sample-credential")
    assert dry.to_json() == issue(office, "table", extract(history(3)), surroundings()).to_json()


def test_a_person_keeps_the_pseudonym(office: Office) -> None:
    person = [state("FM0000003", name, n, "2020-01-01", "SP") for n, name in (("1", "JEAN'S"), ("2", "JEANNE'S"))]
    issue(office, "table", extract(person[:1]), surroundings("first"))
    issue(office, "table", extract(person), surroundings("second"))
    entries = entries_of(office)[OPENING:]
    assert [logged.kind for logged in entries] == ["issue", "supersede"]
    assert entries[0].org == entries[1].org
    assert (entries[0].org or "").startswith("~")
    with office.store.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.org_salts)).scalar() == 1


def test_a_clock_that_ran_back_is_refused_and_nothing_is_appended(office: Office) -> None:
    issue(office, "table", extract(history(1)), surroundings())
    late = surroundings("late", NOW - timedelta(seconds=90))
    with pytest.raises(Refused, match="clock"):
        issue(office, "table", extract(history(2)), late)
    assert office.reader.size() == OPENING + 1


def test_keys_that_the_ledger_does_not_know_are_refused(office: Office) -> None:
    issue(office, "table", extract(history(1)), surroundings())
    key = office.settings.keys / "sample-credential.pem"
    pem = key.read_bytes()
    key.unlink()
    with pytest.raises(Refused, match="cannot be read"):
        issue(office, "table", extract(history(2)), surroundings())
    assert not key.exists()
    office.keys.make("sample-credential", "Ed25519", bytes)
    with pytest.raises(Refused, match="not those that the ledger holds"):
        issue(office, "table", extract(history(2)), surroundings())
    assert office.reader.size() == OPENING + 1
    key.write_bytes(pem)
    assert issue(office, "table", extract(history(2)), surroundings()).superseded == 1


def an_issuer(office: Office, issued: int) -> RegisterIssuer:
    """An issuer that has issued so many, with the lists open that this takes."""
    issuer = open_issuer(office, "sample", seeded("issuer"))
    full = range(1, (issued - 1) // status.LENGTH + 2)
    lists = {
        office.identity.status_list_id(purpose, "sample", m): bytes([m]) * 32
        for m in full
        for purpose in status.PURPOSES
    }
    return replace(issuer, issued=issued, is_open=True, lists=lists)


def test_a_full_list_opens_the_next_with_a_seed_of_its_own(office: Office) -> None:
    issuer = an_issuer(office, status.LENGTH - 1)
    assert not issuer.is_at_a_new_list
    first, last_index, nothing = issuer.place(NOW)
    assert issuer.is_at_a_new_list
    second, index, openings = issuer.place(NOW)
    assert [purpose for purpose, _ in second] == list(status.PURPOSES)
    assert ({name[-2:] for _, name in first}, {name[-2:] for _, name in second}, nothing) == ({"-1"}, {"-2"}, [])
    assert 0 <= last_index < status.LENGTH
    seeds = {issuer.lists[list_id] for _, list_id in second}
    assert seeds != {issuer.lists[list_id] for _, list_id in first}
    assert {status.position(seed, 0) for seed in seeds} == {index}, "one index in both lists"
    assert [(opening.statement.kind, opening.statement.reason) for opening in openings] == [("status", "opened")] * 2
    changed = [opening.effect for opening in openings if isinstance(opening.effect, ListChanged)]
    assert [(opened.m, opened.bits) for opened in changed] == [(2, bytes(status.LENGTH // 8))] * 2
    assert not issuer.is_at_a_new_list


def test_a_run_that_fills_a_list_goes_on_in_the_next(office: Office) -> None:
    """As if the issuer had issued all but five that a list holds; the line of each organization stays whole."""
    issue(office, "table", extract(history(2)), surroundings("1"))
    with office.store.write() as connection:
        connection.execute(sa.update(tables.issuers).values(issued=status.LENGTH - 5))
        office.seals.seal_tables(connection)
    sizes: list[int] = []
    issue(office, "table", extract(history(9)), watched(lambda head: sizes.append(head.size), "2"))
    entries = entries_of(office)
    assert [logged.kind for logged in entries[5:]] == ["supersede"] * 5 + ["status"] * 2 + ["supersede"] * 2
    assert sizes == [10, 14]
    own = [logged for logged in entries if logged.org]
    assert [logged.refers for logged in own[1:]] == [(before.index,) for before in own[:-1]]
    named = [
        status.named_by(record.document)[0]["statusListCredential"][-2:]
        for record in records_of(office)
        if record.document and record.number
    ]
    assert named == ["-1"] * 7 + ["-2"] * 2
