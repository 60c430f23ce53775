"""What no entry commits to is compared with its seal, where the secret is at hand."""

import pytest
import sqlalchemy as sa

from registry.audit.audit import audit
from registry.audit.seals import seal_faults
from registry.encoding.jcs import jcs
from registry.errors import Refused
from registry.installation.office import Office
from registry.records.seals import Seals
from registry.store import tables
from registry.verify.trust import parse
from tests.builders.mirror import audited, quiet


def test_a_store_as_the_office_wrote_it_bears_its_seals(filled: Office) -> None:
    assert seal_faults(filled.store, filled.seals) == []


@pytest.mark.parametrize("column", ["event", "event_order"])
def test_what_no_entry_tells_is_noticed_by_its_seal_alone(filled: Office, column: str) -> None:
    with filled.store.write() as connection:
        places = tables.credentials
        connection.execute(sa.update(places).where(places.c.i == 5).values({column: "77"}))
    assert audited(filled).ok
    assert seal_faults(filled.store, filled.seals) == ["the place of entry 5 is not as the office wrote it"]


def test_with_another_secret_nothing_bears_its_seal(filled: Office) -> None:
    assert len(seal_faults(filled.store, Seals(bytes(32)))) == 5


def test_a_seal_of_no_table_is_noticed(filled: Office) -> None:
    with filled.store.write() as connection:
        connection.execute(sa.insert(tables.seals).values(name="later", mac=bytes(32)))
    assert seal_faults(filled.store, filled.seals) == ["there is a seal of later, which has none"]


def test_a_store_without_seals_is_refused(filled: Office) -> None:
    with filled.store.write() as connection:
        connection.execute(sa.delete(tables.seals))
    with pytest.raises(Refused, match="never sealed"):
        seal_faults(filled.store, filled.seals)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("INSERT INTO ledger_head SELECT 2, size, root, origin, genesis_key FROM ledger_head", "Multiple rows"),
        ("DROP TABLE erased", "no such table"),
    ],
)
def test_what_cannot_be_read_is_a_failure(filled: Office, statement: str, what: str) -> None:
    trust = parse(jcs(filled.reader.trust()))
    with filled.store.write() as connection:
        connection.exec_driver_sql(statement)
    assert what in seal_faults(filled.store, filled.seals)[0]
    assert what in audit(filled.store, trust, quiet).failures[-1]
