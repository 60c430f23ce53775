"""`--on` and `?on=` answer as `?at=` does, on every day of random timelines with late filings, corrections and withdrawals.

Three hundred of them in `make soak`, a few in every run.
"""

import json
from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from fastapi import FastAPI

from registry.encoding.jcs import jcs
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.verify import later, steps
from registry.verify.later import MOST
from registry.verify.trust import Trust, parse
from search.api.organizations import organizations_router
from search.http import problems
from search.index.embedded import EmbeddedIndex
from search.verify.judge import PostedVerifier
from tests.builders import ledger
from tests.builders.command import NOW, SOAK
from tests.builders.http_client import Client
from tests.builders.timelines import DAYS, LOGGED, Timeline, log, random_timeline

TIMELINES = 300 if SOAK else 8
#: the day before all of them, each of them, and around the day on which everything was logged
ASKED = [
    (date.fromisoformat(DAYS[0]) - timedelta(1)).isoformat(),
    *DAYS,
    (date.fromisoformat(LOGGED) - timedelta(1)).isoformat(),
    LOGGED,
]
Answers = Counter[tuple[str, str | None]]


@pytest.fixture(scope="module")
def timelines() -> list[Timeline]:
    random = Random(300)
    return [random_timeline(f"BC8{number:06}", random) for number in range(TIMELINES)]


@pytest.fixture(scope="module")
def office(filled_installation: Any, timelines: list[Timeline], tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = ledger.copied(filled_installation, tmp_path_factory.mktemp("timelines") / "data")
    log(office, timelines)
    publish(office.store, office.log_keys.signers)
    return office


@pytest.fixture(scope="module")
def api(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Client:
    app = FastAPI()
    problems.install(app)
    app.include_router(organizations_router(office.reader, EmbeddedIndex(tmp_path_factory.mktemp("api") / "index.db")))
    return Client(app)


@pytest.fixture(scope="module")
def trust(office: Office) -> Trust:
    return parse(jcs(office.reader.trust()))


def at_of(api: Client, number: str, day: str) -> int | None:
    """The n of the credential that the API says was in force on that day."""
    answer = api.request("GET", f"/api/v1/organizations/sample/{number}?at={day}")
    if answer.status_code == 404:
        assert answer.json()["code"] == "no_state"
        return None
    return int(answer.json()["credential"].rpartition("/")[2])


def on_of(data: bytes, trust: Trust, day: str) -> tuple[str, str | None]:
    """The verdict for that day, and the code of the step `current`."""
    verdict = steps.verify(data, trust, NOW, date.fromisoformat(day))
    return verdict.verdict, verdict.steps[-1].code


def disagreements(api: Client, office: Office, trust: Trust, timelines: list[Timeline]) -> tuple[list[Any], Answers]:
    """Where the verifier or the API says another thing than the rule; and how often which answer was given."""
    differing, answers = list[Any](), Counter[tuple[str, str | None]]()
    for timeline in timelines:
        files = [
            json.dumps(office.reader.evidence("sample", timeline.number, place + 1)).encode()
            for place in range(len(timeline.entries))
        ]
        for day in ASKED:
            wanted = timeline.in_force(day)
            if at_of(api, timeline.number, day) != (None if wanted is None else wanted + 1):
                differing.append((timeline, day, "at"))
            for place, data in enumerate(files):
                answer = on_of(data, trust, day)
                answers[answer] += 1
                expected = "verified" if place == wanted else "failed"
                if len(files) - 1 - place > MOST:
                    expected = "indeterminate"
                if answer[0] != expected:
                    differing.append((timeline, day, place, answer))
    return differing, answers


def test_on_agrees_with_at_on_every_day(api: Client, office: Office, trust: Trust, timelines: list[Timeline]) -> None:
    differing, answers = disagreements(api, office, trust, timelines)
    assert differing == []
    assert {("verified", None), ("failed", "not_in_force_on"), ("failed", "corrected")} <= answers.keys()
    reasons = Counter(wanted.reason for timeline in timelines for wanted in timeline.entries)
    assert {"late_filing", "register_correction", "withdrawn", None} <= reasons.keys()
    assert any(timeline.is_person for timeline in timelines)


def test_control_without_the_rule_of_corrections_they_would_differ(
    api: Client, office: Office, trust: Trust, timelines: list[Timeline], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later, "replaced", lambda _own, _later: None)
    monkeypatch.setattr(later, "_standing", list)
    withdrawn = [each for each in timelines if any(wanted.reason == "withdrawn" for wanted in each.entries)]
    differing, _ = disagreements(api, office, trust, withdrawn[:1])
    assert differing != []


def test_what_is_posted_is_told_the_same(office: Office, trust: Trust, timelines: list[Timeline]) -> None:
    """By the server's own ledger, of the credential alone, and of evidence that knows nothing of what came later."""
    verifier = PostedVerifier(office.reader)
    for timeline in timelines[:4]:
        for place in range(len(timeline.entries)):
            evidence = office.reader.evidence("sample", timeline.number, place + 1)
            for day in ASKED[1::4]:
                wanted = on_of(json.dumps(evidence).encode(), trust, day)
                posted = verifier.judge([evidence, evidence["credential"]], NOW, date.fromisoformat(day))
                assert [(each["verdict"], each["steps"][-1]["code"]) for each in posted] == [wanted] * 2


def test_a_day_after_the_checkpoint_is_never_verified(office: Office, trust: Trust, timelines: list[Timeline]) -> None:
    after = (date.fromisoformat(LOGGED) + timedelta(1)).isoformat()
    for timeline in timelines[:8]:
        data = json.dumps(office.reader.evidence("sample", timeline.number, len(timeline.entries))).encode()
        assert on_of(data, trust, after) == ("indeterminate", "day_unknown")
