"""MACs bind table, every value with its type, and the head; a store without them is refused."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import LedgerDamaged, Refused
from registry.installation.key_store import seals_of
from registry.installation.office import Office
from registry.operations.doctor import examine, seal_store
from registry.records import seals
from registry.records.seals import BOUND, PLACES, Seals
from registry.store import seal_rows, tables
from registry.store.place_rows import PlaceRow
from registry.verify.trust import parse
from tests.mutations.store_attacks import disarm

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.lists(st.one_of(st.integers(-(2**62), 2**62), TEXTS, st.binary(max_size=20)), max_size=6).map(tuple)
ROWS = st.builds(
    PlaceRow, st.integers(0, 2**62), TEXTS, TEXTS, st.integers(1, 9), TEXTS, TEXTS, st.binary(max_size=40), TEXTS,
    st.integers(0, 2**17),
)  # fmt: skip


@given(VALUES, VALUES)
def test_two_rows_never_give_the_same_bytes(first: tuple[object, ...], second: tuple[object, ...]) -> None:
    """Also where texts and bytes look like the marks between them, and one value is cut into two."""
    assert (seals._encoded(first) == seals._encoded(second)) == (first == second)


def test_what_looks_like_a_mark_is_none() -> None:
    assert (
        len({seals._encoded(row) for row in [("a", "b"), ("as1:b",), ("ab",), (b"ab",), ("ab", ""), ("", "ab")]}) == 6
    )


@given(ROWS)
def test_a_place_is_encoded_as_any_other_row(place: PlaceRow) -> None:
    secret = bytes(32)
    assert Seals(secret).place(place) == Seals(secret)._mac(PLACES, seals._encoded(place))


def test_the_secret_is_the_installations_own(filled: Office) -> None:
    assert seals_of(filled.keys)._secret == filled.seals._secret
    with filled.store.read() as connection:
        filled.seals.check(connection)
        with pytest.raises(LedgerDamaged) as refused:
            Seals(bytes(32)).check(connection)
    assert refused.value.code == "seal_broken"


@pytest.mark.parametrize("name", BOUND)
def test_a_row_more_or_less_of_each_table_is_noticed(filled: Office, name: str) -> None:
    table = tables.METADATA.tables[name]
    with filled.store.write() as connection:
        values = {column.name: {"TEXT": "x", "BIGINT": 1}.get(str(column.type), b"x") for column in table.columns}
        connection.execute(sa.insert(table).values(values))
        with pytest.raises(LedgerDamaged, match=name):
            filled.seals.check(connection)
        filled.seals.seal_tables(connection)
        filled.seals.check(connection)
        connection.execute(sa.delete(table).where(*(column == values[column.name] for column in table.primary_key)))
        with pytest.raises(LedgerDamaged, match=name):
            filled.seals.check(connection)


def test_a_store_without_seals_is_read_and_not_signed_and_never_sealed_again(filled: Office) -> None:
    """Whoever strips the seals, hoping that somebody makes new ones, gets none."""
    with filled.store.write() as connection:
        disarm(connection)
        connection.execute(sa.delete(tables.seals))
    assert len(filled.reader.organization("sample", "BC0000001")) == 2
    with pytest.raises(Refused), filled.writing():
        pass
    trust = parse(filled.settings.trust_file.read_bytes())
    with pytest.raises(Refused) as refused:
        seal_store(filled, trust, lambda _done, _total: None)
    assert refused.value.code == "seal_missing"
    assert [finding.mend for finding in examine(filled.settings) if not finding.is_advice] == ["greffe restore"]


def test_an_older_store_is_sealed_once_after_a_clean_audit(filled: Office) -> None:
    """The note with the keys is what tells it from a store that was stripped."""
    filled.settings.sealed.unlink()
    trust = parse(filled.settings.trust_file.read_bytes())
    with filled.store.write() as connection:
        connection.execute(sa.delete(tables.seals))
        connection.execute(sa.update(tables.credentials).values(seal=b""))
        bits = connection.execute(sa.select(tables.status_lists.c.bits).limit(1)).scalar_one()
        connection.execute(sa.update(tables.status_lists).values(bits=b"\xff" + bits[1:]))
    with pytest.raises(LedgerDamaged) as refused:
        seal_store(filled, trust, lambda _done, _total: None)
    assert refused.value.code == "audit_failed"
    with filled.store.read() as connection:
        assert seal_rows.read_seals(connection) == {}
    with filled.store.write() as connection:
        connection.execute(sa.update(tables.status_lists).values(bits=bits))
    with pytest.raises(Refused, match="doctor --seal"), filled.writing():
        pass
    assert [finding.mend for finding in examine(filled.settings) if not finding.is_advice] == ["greffe doctor --seal"]
    assert seal_store(filled, trust, lambda _done, _total: None)
    with filled.store.read() as connection:
        assert filled.seals.broken(connection) == []
    with filled.writing() as ledger:
        assert ledger.head.size == 7
