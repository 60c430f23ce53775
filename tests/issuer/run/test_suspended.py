"""A suspension outlives a new state, a correction and a late filing, until somebody reinstates; however the run is cut."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from issuer.actions import correction, keys, standing
from issuer.run import batches, suspended
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Conflict
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.verify.trust import parse
from tests.builders import ledger
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.issuer.run.test_turns import running

LATER = NOW + timedelta(hours=1)
RENAMED = state("BC0000002", "HARBOUR SEALS INC.", "5", "2022-05-06")
AGAIN = state("BC0000002", "HARBOUR SEAL GROUP INC.", "6", "2023-05-06")
#: told late: from before RENAMED
LATE = state("BC0000002", "HARBOUR SEAL TRADING INC.", "7", "2021-05-06")


def suspend(office: Office, number: str, reason: str = "court_order") -> None:
    change = standing.suspension(reason)
    standing.change_one(office, "sample", number, None, change, surroundings("suspend", LATER), dry_run=False)


def tell(office: Office, *more: Any) -> None:
    issue(office, "table", extract([*STATES, *more]), surroundings("told", LATER))


def standings(office: Office, number: str = "BC0000002") -> list[str | None]:
    return [office.reader.standing(record) for record in office.reader.organization("sample", number)]


def entries(office: Office) -> Counter[Any]:
    """What may not depend on how the work was cut: kind and organization of credentials, kind and reason of the rest."""
    records = office.reader.records(0, office.reader.size())
    return Counter(
        (record.kind, record.number, record.n) if record.n else (record.kind, record.reason) for record in records
    )


def check_audited(office: Office) -> None:
    publish(office.store, office.log_keys.signers)
    assert audit(office.store, parse(jcs(office.reader.trust())), lambda _done, _total: None).ok


def test_a_new_state_of_a_suspended_organization_is_suspended_until_it_is_reinstated(filled: Office) -> None:
    suspend(filled, "BC0000002")
    tell(filled, RENAMED)
    assert standings(filled) == ["suspended", "suspended"]
    *_, replaced, status = filled.reader.records(0, filled.reader.size())
    assert (replaced.kind, status.kind, status.reason, status.refers) == (
        "supersede", "status", "court_order", (replaced.index,),
    )  # fmt: skip
    lifted = standing.reinstatement()
    standing.change_one(filled, "sample", "BC0000002", None, lifted, surroundings("lift", LATER), dry_run=False)
    tell(filled, RENAMED, AGAIN)
    assert standings(filled) == ["suspended", None, None]
    check_audited(filled)


def test_a_correction_of_what_is_suspended_is_suspended(filled: Office) -> None:
    suspend(filled, "BC0000002", "under_review")
    values = {"legal-name": "HARBOR SEAL INC."}
    done = correction.correct(
        filled, "sample", "BC0000002", values, "clerical_error", "me", surroundings("c", LATER), dry_run=False
    )
    assert standings(filled) == ["suspended", "suspended"]
    assert filled.reader.organization("sample", "BC0000002")[-1].index == done.index
    check_audited(filled)


def test_what_a_late_filing_sets_right_stays_suspended(filled: Office) -> None:
    tell(filled, RENAMED)
    suspend(filled, "BC0000002")
    tell(filled, LATE, RENAMED)
    assert standings(filled) == [None, "suspended", "suspended", "suspended"]
    check_audited(filled)


def test_a_suspension_for_a_stolen_key_is_not_carried(filled: Office) -> None:
    keys.compromise(
        filled,
        "sample",
        "credential-1",
        NOW - timedelta(days=1),
        surroundings("theft", LATER),
        reissue=False,
        dry_run=False,
    )
    tell(filled, RENAMED)
    assert standings(filled) == ["suspended", None]


def test_the_same_entries_come_of_any_cut(
    empty_installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [state(f"BC00001{n:02d}", f"CUT {n} LTD.", str(100 + n), "2020-01-01") for n in range(12)]
    second = [state(f"BC00001{n:02d}", f"CUT {n} INC.", str(200 + n), "2021-01-01") for n in range(12)]
    third = [state(f"BC00001{n:02d}", f"CUT {n} CORP.", str(300 + n), "2022-01-01") for n in range(12)]
    outcomes = []
    for name, size, steps in (("whole", 256, 1), ("small", 5, 1), ("two", 256, 2)):
        office = ledger.copied(empty_installation, tmp_path / name)
        issue(office, "table", extract(first), surroundings("first"))
        for n in (3, 4, 7):
            suspend(office, f"BC00001{n:02d}", "fraud" if n == 7 else "court_order")
        monkeypatch.setattr(batches, "BATCH", size)
        if steps == 2:
            issue(office, "table", extract([*first, *second]), surroundings("second", LATER))
        issue(office, "table", extract([*first, *second, *third]), surroundings("third", LATER))
        monkeypatch.undo()
        check_audited(office)
        assert standings(office, "BC0000107") == ["suspended"] * 3
        assert standings(office, "BC0000108") == [None] * 3
        outcomes.append(entries(office))
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert outcomes[0]["status", "fraud"] == 1 + 2


def test_a_suspension_between_two_batches_ends_a_run_that_would_replace_it(filled: Office) -> None:
    states = [state(f"BC{100 + n:07d}", f"ONE RUN {n} LTD.", str(1000 + n), "2010-01-01") for n in range(600)]
    issue(filled, "table", extract(states[-1:]), surroundings("before"))
    states += [state(states[-1].number, "THE LAST LTD.", "9000", "2011-01-01")]
    other = Office(filled.settings)
    with pytest.raises(Conflict) as ended:
        running(filled, lambda: suspend(other, states[-1].number), states)
    assert ended.value.code == "overtaken"
    issue(filled, "table", extract(states), surroundings("again", LATER))
    assert standings(filled, states[-1].number) == ["suspended", "suspended"]
    check_audited(filled)


def test_control_without_the_rule_a_new_state_would_end_a_suspension(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspended, "reasons", lambda *_: {})
    suspend(filled, "BC0000002")
    tell(filled, RENAMED)
    assert standings(filled) == ["suspended", None]
