"""An installation that the version before the seals made is read, sealed once, and goes on."""

import json
import sqlite3
from pathlib import Path

import pytest

from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.encoding.jcs import jcs
from registry.errors import Refused
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.operations.doctor import seal_store
from registry.verify import steps
from registry.verify.trust import context_digest, parse
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract
from tests.builders.permits import permits
from tests.mutations.store_attacks import NEW, NEXT, bit_of, publishes

STORE = Path(__file__).parent.parent / "registry" / "store" / "unsealed_store.sql"


@pytest.fixture
def older(filled: Office) -> Office:
    """The keys are always the same, so that they are that store's; its notes were not there yet."""
    assert filled.store.path is not None
    filled.store.close()
    for path in filled.settings.data.glob("ledger.db*"):
        path.unlink()
    connection = sqlite3.connect(filled.store.path)
    connection.executescript(STORE.read_text("utf-8"))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    filled.settings.sealed.unlink()
    return Office(filled.settings)


def failures(office: Office) -> list[str]:
    outcome = audit(office.store, parse(office.settings.trust_file.read_bytes()), lambda _done, _total: None)
    assert outcome.first_bad is None
    return outcome.failures


def test_it_is_read_as_it_is(older: Office) -> None:
    assert [record.n for record in older.reader.organization("sample", "BC0000001")] == [1, 2]
    assert older.reader.evidence("sample", "BC0000001", 2)["v"] == 1
    assert bit_of(older, "BC0000002", 1)


def test_it_is_sealed_and_issues_on(older: Office) -> None:
    office = initialize(older.settings, seeded("keys"))
    assert failures(office) == []
    with pytest.raises(Refused, match="doctor --seal"):
        issue(office, "table", extract([*STATES, NEXT]), surroundings("more"))
    assert seal_store(office, parse(office.settings.trust_file.read_bytes()), lambda _done, _total: None)
    report = issue(office, "table", extract([*STATES, NEXT, NEW]), surroundings("more"))
    assert (report.superseded, report.issued, report.corrected) == (1, 1, 0)
    publishes(office)
    assert office.reader.published_size() == office.reader.size() == 10
    assert bit_of(office, "BC0000002", 1), "what was revoked then is revoked now"
    assert failures(office) == []
    with office.store.read() as connection:
        assert office.seals.broken(connection) == []


def test_brought_forward_it_pins_the_second_context_and_what_was_trusted_before_is_trusted_still(older: Office) -> None:
    file = older.settings.trust_file
    as_it_was = json.loads(file.read_bytes())
    second = older.identity.context_urls["organization/v2"]
    del as_it_was["contexts"][second]
    file.write_bytes(jcs(as_it_was) + b"\n")
    office = initialize(older.settings, seeded("keys"))
    assert json.loads(file.read_bytes())["contexts"][second] == context_digest("organization/v2")
    seal_store(office, parse(file.read_bytes()), lambda _done, _total: None)
    issue(office, "table", permits(), surroundings("permits"))
    publishes(office)
    before, after = parse(jcs(as_it_was)), parse(file.read_bytes())
    for (register, number), known_before in {("sample", "BC0000001"): True, ("permits", "P-0002"): False}.items():
        n = office.reader.organization(register, number)[-1].n or 0
        evidence = jcs(office.reader.evidence(register, number, n))
        verdicts = [steps.verify(evidence, trust, NOW).verdict for trust in (before, after)]
        assert verdicts == ["verified" if known_before else "failed", "verified"]
    assert failures(office) == []
