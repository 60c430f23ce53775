"""All real COLIN corporations, state by state, against an independent reading of the tables: SQL for what counts, then a replay.

The replay knows no spans: it goes through the events that count in SQL's order, and lets rows begin and end at them. A row that a
withdrawal notice restored stands for the one that the withdrawn filing seemed to end.
"""

import csv
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from issuer import sources
from issuer.timeline import history
from schemas import codes
from tests.builders.command import shared_data

TODAY = date(2026, 11, 29)
TABLES = ("event", "filing", "conv_event", "corp_name", "corp_state")

#: events that count, with their day, in order; those of withdrawn filings and of the notices that withdrew them do not
EVENTS = """
WITH void AS (
    SELECT event_id FROM filing WHERE withdrawn_event_id <> ''
    UNION SELECT withdrawn_event_id FROM filing WHERE withdrawn_event_id <> ''
), dated AS (
    SELECT event.event_id, event.corp_num, event_timestmp, event_typ_cd,
        substr(coalesce(nullif(filing.effective_dt, ''), nullif(conv.effective_dt, ''), event_timestmp), 1, 10) AS day,
        coalesce(nullif(filing.effective_dt, ''), nullif(conv.effective_dt, '')) IS NOT NULL AS is_dated
    FROM event LEFT JOIN filing USING (event_id) LEFT JOIN conv_event conv USING (event_id)
    WHERE event.corp_num = :corp
)
SELECT event_id, day, event_typ_cd LIKE 'CONV%' AND NOT is_dated AS is_undated FROM dated
WHERE event_id NOT IN void ORDER BY day, event_timestmp, CAST(event_id AS INTEGER), event_id
"""
#: rows of a table that began at an event that counts, or whose event was restored, by the events that count
ROWS = """
WITH gone AS (SELECT event_id AS act, withdrawn_event_id AS notice FROM filing WHERE withdrawn_event_id <> '')
SELECT {columns}, start_event_id, end_event_id FROM {table}
WHERE corp_num = :corp AND start_event_id NOT IN (SELECT act FROM gone)
"""
DOUBLES = "SELECT corp_num FROM corp_state GROUP BY corp_num, start_event_id HAVING count(*) > 1"
GONE = "SELECT event_id, withdrawn_event_id FROM filing WHERE withdrawn_event_id <> ''"


@pytest.fixture(scope="module", params=["history", "types"])
def part(request: pytest.FixtureRequest) -> Path:
    return shared_data("bc-colin-histories") / str(request.param)


@pytest.fixture(scope="module")
def database(part: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for name in TABLES:
        file = part / f"{name}.csv"
        rows = list(csv.reader(file.read_text("utf-8").splitlines())) if file.exists() else []
        header = rows[0] if rows else ["event_id", "effective_dt"]
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} TEXT' for column in header)})")
        places = ", ".join("?" * len(header))
        cells = [[cell.strip() for cell in row] for row in rows[1:]]
        connection.executemany(f"INSERT INTO {name} VALUES ({places})", cells)
    yield connection
    connection.close()


def replay(
    database: sqlite3.Connection, corp: str, table: str, columns: str, kinds: str
) -> dict[str, list[tuple[str, ...]]]:
    """Event -> the rows of a table that hold after it, each as (columns..., start event)."""
    gone = dict(database.execute(GONE).fetchall())
    notices = set(gone.values())
    events = database.execute(EVENTS, {"corp": corp}).fetchall()
    known = {event for event, _, _ in events} | set(gone) | notices
    rows = [
        row
        for row in database.execute(ROWS.format(columns=columns, table=table), {"corp": corp})
        if row[-2] in known and (not row[-1] or row[-1] in known) and has_event(database, corp, row)
    ]
    restored = [row for row in rows if row[-2] in notices]
    begun = [row for row in rows if row[-2] not in notices]
    ends = {id(row): end_of(row, restored, gone, notices, kinds) for row in begun}
    undated = {event for event, _, is_undated in events if is_undated}
    ended_at = {(of_kind(row, kinds), row[-1]) for row in begun}
    holding = [row for row in begun if row[-2] in undated and (of_kind(row, kinds), row[-2]) not in ended_at]
    after: dict[str, list[tuple[str, ...]]] = {}
    for event, _, _ in events:
        holding += [row for row in begun if row[-2] == event and row not in holding]
        ended = {event for event, _, _ in events[: [e for e, _, _ in events].index(event) + 1]}
        holding = [row for row in holding if ends[id(row)] not in ended]
        after[event] = list(holding)
    return after


def has_event(database: sqlite3.Connection, corp: str, row: tuple[str, ...]) -> bool:
    """A row whose start or end is no event of its corporation is dangling."""
    own = {event for (event,) in database.execute("SELECT event_id FROM event WHERE corp_num = ?", (corp,))}
    return row[-2] in own and (not row[-1] or row[-1] in own)


def of_kind(row: tuple[str, ...], kinds: str) -> str:
    return ("CO" if row[0] == "NB" else row[0]) if kinds else ""


def end_of(
    row: tuple[str, ...], restored: list[tuple[str, ...]], gone: dict[str, str], notices: set[str], kinds: str
) -> str:
    """The event at which a row really ends, "" while it goes on."""
    end = row[-1]
    while end in gone or end in notices:
        notice = gone.get(end, end)
        again = [other for other in restored if other[-2] == notice and of_kind(other, kinds) == of_kind(row, kinds)]
        if not again:
            return ""
        same = [other for other in again if other[1:-2] == row[1:-2]]
        end = (same or again)[0][-1]
    return end


def test_every_state_of_every_corporation_is_what_the_tables_say(part: Path, database: sqlite3.Connection) -> None:
    checked = withdrawn = 0
    doubles = set(database.execute(DOUBLES))
    for dossier in sources.read("bc-colin", part).dossiers:
        corp = dossier.number.removeprefix("BC") if dossier.number.removeprefix("BC").isdecimal() else dossier.number
        timeline = history.fold(dossier, TODAY)
        assert isinstance(timeline, history.Timeline)
        events = [(event, day) for event, day, _ in database.execute(EVENTS, {"corp": corp})]
        told = [
            (state.event, state.state.event and state.state.event.effective)
            for state in (*timeline.states, *timeline.pending)
        ]
        assert told == events, corp
        assert all((day or "") <= TODAY.isoformat() for _, day in told[: len(timeline.states)])
        withdrawn += len(timeline.withdrawn)
        names = replay(database, corp, "corp_name", "corp_name_typ_cd, corp_nme, corp_name_seq_num", "corp_name_typ_cd")
        statuses = replay(database, corp, "corp_state", "state_typ_cd, corp_num", "")
        for moment in timeline.states:
            state = moment.state
            legal = {row[1] for row in names[moment.event] if row[0] in ("CO", "NB")}
            assert (state.legal_name in legal) if legal else state.legal_name is None, (corp, moment.event)
            others = sorted(row[1] for row in names[moment.event] if row[0] not in ("CO", "NB"))
            told_others = sorted(
                name.text for name in state.names if name.kind in ("assumed", "translated") and not name.until
            )
            assert told_others == others, (corp, moment.event)
            if (corp,) not in doubles:
                known = {row[0] for row in statuses[moment.event]}
                assert (state.register_status in known) if known else state.register_status is None, (
                    corp,
                    moment.event,
                )
                if state.register_status is not None:
                    assert state.status == codes.operating_status("bc", state.register_status)
            checked += 1
    assert (part.name, checked, withdrawn > 0) in (("history", 777, True), ("types", 396, True))
