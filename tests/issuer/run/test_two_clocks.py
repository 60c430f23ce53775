"""Deliver, deliver again, late, withdrawn, ahead of its day, cut short: the ledger tells what the register says, at both clocks.

A register of one organization is a list of filings; the model answers from it what was in force on a day. Whatever the order of
steps, the ledger answers the same, as it is and as it was known at every earlier step.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest

import pytest

from issuer.actions.withdrawal import revoke_all
from issuer.run import batches
from issuer.run.issue import issue
from issuer.run.report import Report
from issuer.signing import workers
from issuer.timeline.changes import Change, Dossier, Extract, InputFile, Row
from registry.installation.office import Office
from registry.ledger.admission import Head
from registry.reading.record import Record
from search.views.timeline import holding
from tests.builders.command import SOAK, surroundings
from tests.builders.ledger import state

RUNS, STEPS = (300, 50) if SOAK else (6, 12)
NUMBER = "BC0000001"
FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Filing:
    event: int
    day: date
    is_correction: bool = False
    is_withdrawn: bool = False


class Cut(Exception):
    """The process ends after a commit."""


class Register:
    """What the register says, and what follows from it."""

    def __init__(self, random: random.Random) -> None:
        self.random, self.today = random, FIRST_DAY + timedelta(days=20)
        self.filings = [Filing(1, FIRST_DAY)]
        self.minutes = 0

    def standing(self) -> list[Filing]:
        """What counts today, in order; what a correction took the place of is left out."""
        due = sorted(
            (filing for filing in self.filings if not filing.is_withdrawn and filing.day <= self.today),
            key=lambda filing: (filing.day, filing.event),
        )
        return [filing for filing, after in zip_longest(due, due[1:]) if not (after and after.is_correction)]

    def in_force(self, day: date) -> int | None:
        """The event in force on a day."""
        begun = [filing for filing in self.standing() if filing.day <= day]
        return begun[-1].event if begun else None

    def extract(self) -> Extract:
        rows, changes = [], []
        for n, filing in enumerate(self.filings):
            row = Row(0, n, n + 2)
            rows.append(row)
            if not filing.is_withdrawn:
                claimed = state(NUMBER, f"NAME {filing.event} LTD.", str(filing.event), filing.day.isoformat())
                order = (filing.day.isoformat(), filing.event)
                changes.append(
                    Change("sample", NUMBER, str(filing.event), order, claimed, filing.is_correction, (row,))
                )
        self.random.shuffle(changes)
        gone = frozenset(str(filing.event) for filing in self.filings if filing.is_withdrawn)
        dossier = Dossier("sample", NUMBER, tuple(rows), tuple(changes), withdrawn=gone)
        return Extract("sample", [InputFile("extract.csv", len(rows))], [dossier], [])

    def step(self) -> None:
        """Something happens at the register."""
        event = len(self.filings) + 1
        last = max(filing.day for filing in self.filings)
        kind = self.random.choice(
            ["next", "next", "late", "late", "future", "withdraw", "wait", "correction", "nothing"]
        )
        if kind == "next":
            self.filings.append(Filing(event, min(max(last, FIRST_DAY), self.today)))
        elif kind == "late":
            is_corrected = any(
                filing.is_correction for filing in self.filings
            )  # what it corrects stands right before it
            after = self.random.randrange(-30, -20) if is_corrected else self.random.randrange(-3, 12)
            self.filings.append(Filing(event, FIRST_DAY + timedelta(days=after)))
        elif kind == "future":
            self.filings.append(Filing(event, self.today + timedelta(days=self.random.randrange(1, 9))))
        elif kind == "withdraw":
            at = self.random.randrange(len(self.filings))
            if not any(filing.is_correction for filing in self.filings):
                self.filings[at] = replace(self.filings[at], is_withdrawn=True)
        elif kind == "correction" and last <= self.today and not any(filing.is_withdrawn for filing in self.filings):
            self.filings.append(Filing(event, max(last, self.today), is_correction=True))
        self.today += timedelta(days=self.random.randrange(3) if kind != "wait" else 7)


def deliver(
    office: Office, register: Register, extract: Extract, seed: str, cut_after: int | None = None
) -> Report | None:
    """One run of that day, `cut_after` so many commits; None where it was cut."""
    commits = 0

    def committed(_head: Head) -> None:
        nonlocal commits
        commits += 1
        if cut_after is not None and commits >= cut_after:
            raise Cut

    register.minutes += 1
    hour, minute = divmod(register.minutes, 60)
    now = datetime(register.today.year, register.today.month, register.today.day, 10 + hour, minute, tzinfo=UTC)
    around = replace(surroundings(seed, now), committed=committed)
    try:
        report = issue(office, "table", extract, around)
    except Cut:
        return None
    revoke_all(office, "sample", report.revocations, replace(around, committed=lambda _head: None))
    return report


def days(register: Register) -> list[date]:
    return [FIRST_DAY + timedelta(days=n) for n in range(-35, (register.today - FIRST_DAY).days + 1)]


def told(records: Sequence[Record], day: date, known_ms: int | None = None) -> int | None:
    record = holding(records, day.isoformat(), known_ms)
    if record is None or record.document is None:
        return None
    return int(record.document["credentialSubject"]["registrationEvent"]["eventId"])


@pytest.mark.parametrize("seed", range(RUNS))
def test_the_ledger_tells_what_the_register_says_at_both_clocks(
    office: Office, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    register = Register(chance)
    past: list[tuple[int, dict[date, int | None]]] = []
    # the second canonicalizer has tests of its own (test_sample_check) and would be a third of the time here
    monkeypatch.setattr(workers, "check_sample", lambda *_: None)
    if seed % 2:
        monkeypatch.setattr(batches, "BATCH", 5)
    for step in range(STEPS):
        if step:
            register.step()
        if chance.random() < 0.3:
            deliver(office, register, register.extract(), f"{seed}/{step}/cut", cut_after=chance.randrange(1, 4))
        is_due_alone = chance.random() < 0.2 and step > 0
        report = deliver(office, register, register.extract(), f"{seed}/{step}")
        assert report is not None
        assert report.is_clean, report.to_json()
        extract = Extract("sample", [], [], []) if is_due_alone else register.extract()
        again = deliver(office, register, extract, f"{seed}/{step}/again")
        assert again is not None
        assert (again.issued, again.superseded, again.corrected) == (0, 0, 0)
        records = office.reader.organization("sample", NUMBER)
        standing = register.standing()
        if not standing:
            continue
        answers = {day: register.in_force(day) for day in days(register)}
        assert {day: told(records, day) for day in answers} == answers
        newest = records[-1].document
        assert newest is not None
        assert newest["credentialSubject"]["registrationEvent"]["eventId"] == str(standing[-1].event)
        past.append((records[-1].time_ms, answers))
    records = office.reader.organization("sample", NUMBER)
    first = Counter(
        record.document["credentialSubject"]["registrationEvent"]["eventId"]
        for record in records
        if record.document and (record.kind != "correct" or record.reason == batches.CORRECTION_REASON)
    )
    assert set(first.values()) <= {1}, "each change is told as new exactly once"
    for known_ms, answers in past:
        if known_ms != records[-1].time_ms:
            assert {day: told(records, day, known_ms) for day in answers} == answers
