"""A clock that a witness or the last entry contradicts gives no entry its time, unless a person has accepted it."""

from datetime import UTC, datetime, timedelta

import pytest

from issuer.run.issue import issue
from registry.errors import Refused
from registry.installation.office import Office
from registry.ledger.clock import MADE, Clock
from registry.ledger.witnesses import PolicyWitnesses
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state

MOMENT = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
DAY = 24 * 3600
EARLY = datetime(1985, 10, 26, 1, 21, tzinfo=UTC)


def refused(clock: Clock, at: datetime = MOMENT, last: int = SECONDS) -> str | None:
    try:
        clock.check(at, last)
    except Refused as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("times", "last", "code"),
    [
        ([SECONDS + DAY], SECONDS, None),
        ([SECONDS - DAY], SECONDS, None),
        ([SECONDS + DAY + 1], SECONDS, "clock_apart"),
        ([SECONDS - DAY - 1], SECONDS, "clock_apart"),
        ([SECONDS - 900 * DAY, SECONDS + 5], SECONDS, None),
        ([SECONDS], SECONDS - 900 * DAY, None),
        ([], SECONDS - 400 * DAY, None),
        ([], SECONDS - 400 * DAY - 1, "clock_jumped"),
        ([], 0, None),
    ],
)
def test_a_witness_is_the_measure_and_without_one_the_last_entry(times: list[int], last: int, code: str | None) -> None:
    assert refused(Clock(lambda: times), last=last) == code
    assert refused(Clock(lambda: times, accepts=True), last=last) is None


def test_what_a_person_accepted_holds_while_the_clock_goes_on_as_it_did() -> None:
    """Not for good: `greffe office` runs for months."""
    clock = Clock(lambda: [SECONDS - 900 * DAY], accepts=True)
    assert refused(clock) is None
    assert refused(clock, MOMENT + timedelta(hours=5)) is None
    assert refused(clock, MOMENT + timedelta(days=5)) == "clock_apart"
    assert refused(clock, MOMENT + timedelta(hours=6)) is None


@pytest.mark.parametrize("accepts", [False, True])
def test_no_ledger_begins_before_this_software_was_made(accepts: bool) -> None:
    """A machine without a battery says 1970."""
    made = datetime.fromtimestamp(MADE, UTC)
    assert made == datetime(2025, 1, 1, tzinfo=UTC)
    for moment in (datetime(1970, 1, 1, 0, 5, tzinfo=UTC), made - timedelta(seconds=1)):
        assert refused(Clock(list, accepts=accepts), moment, 0) == "clock"
        assert refused(Clock(list, accepts=accepts), moment, int(moment.timestamp())) is None
    assert refused(Clock(list), made, 0) is None


def test_a_first_batch_is_refused_on_a_clock_before_this_software(office: Office) -> None:
    first = extract([state("BC0000009", "FIRST INC.", "9", "1980-05-06")])
    with pytest.raises(Refused, match="before this software was made"):
        issue(office, "table", first, surroundings("early", EARLY))
    assert office.reader.size() == 0


@pytest.mark.parametrize(("answers", "code"), [([SECONDS], "clock_apart"), ([], None)])
def test_witnesses_are_asked_once_and_again_when_the_clock_jumps(answers: list[int], code: str | None) -> None:
    """Not at each batch: one that does not answer would be waited for each time."""
    asked = []

    def times() -> list[int]:
        asked.append(1)
        return answers

    clock = Clock(times)
    assert refused(clock) is None
    assert refused(clock, MOMENT + timedelta(minutes=5)) is None
    assert len(asked) == 1
    assert refused(clock, MOMENT + timedelta(days=3)) == code
    assert len(asked) == 2


def test_a_run_that_issues_nothing_asks_nobody(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(PolicyWitnesses, "times", lambda *_: asked.append(1) or [])
    late = surroundings("late", NOW + timedelta(days=500))
    same = extract([state("BC0000002", "HARBOUR SEAL INC.", "3", "2020-05-06")])
    assert issue(filled, "table", same, late).to_json()["organizations"] == 1
    assert not asked
    new = extract([state("BC0000009", "LATER INC.", "9", "2020-05-06")])
    with pytest.raises(Refused) as error:
        issue(filled, "table", new, late)
    assert (error.value.code, len(asked)) == ("clock_jumped", 1)
    assert filled.reader.size() == 7
    accepting = Office(filled.settings, accepts_time=True)
    assert issue(accepting, "table", new, late).issued == 1
