"""A clock that a witness or the last entry contradicts gives no entry its time, unless a person has accepted it."""

from datetime import UTC, datetime, timedelta

import pytest

from issuer.run.issue import issue
from registry.errors import Refused
from registry.installation.office import Office
from registry.ledger.clock import Clock
from registry.ledger.witnesses import PolicyWitnesses
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import extract, state

MOMENT = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
SECONDS = int(MOMENT.timestamp())
DAY = 24 * 3600


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
