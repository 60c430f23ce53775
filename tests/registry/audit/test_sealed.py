"""What no entry commits to is held against its MACs: what was changed is named, and what is not asked is no pass."""

from collections.abc import Callable

import pytest

from registry.audit.result import Audit
from registry.audit.sealed import NEVER_SEALED, check_sealed
from registry.installation.key_store import secrets_at_hand
from registry.installation.office import Office

Secret = Callable[[str], bytes]


@pytest.fixture
def secret(filled: Office) -> Secret:
    secret = secrets_at_hand(filled.settings)
    assert secret is not None
    return secret


def asked(office: Office, secret: Secret | None, *statements: str, is_noted: bool = True) -> Audit:
    """The outcome after those statements, which no trigger forbids."""
    with office.store.write() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    outcome = Audit()
    check_sealed(office.store, secret, outcome, is_noted=is_noted)
    return outcome


def test_what_the_office_wrote_passes(filled: Office, secret: Secret) -> None:
    outcome = asked(filled, secret)
    assert (outcome.sealed, outcome.ok) == ("passed", True)


def test_without_the_secret_nothing_is_asked(filled: Office) -> None:
    outcome = asked(filled, None, "UPDATE issuer SET issued = 9")
    assert (outcome.sealed, outcome.ok) == ("not_asked", True)


def test_another_secret_is_no_pass(filled: Office, secret: Secret) -> None:
    assert asked(filled, lambda purpose: secret(f"other {purpose}")).sealed == "failed"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE issuer SET issued = 9", "the rows of issuer"),
        ("DELETE FROM did_log", "the rows of did_log"),
        ("INSERT INTO erased VALUES (zeroblob(32))", "the rows of erased"),
        ("UPDATE published SET size = 3 WHERE log = 'index'", "the rows of published"),
        ("UPDATE ledger_head SET size = 6", "the head"),
        ("UPDATE seal SET mac = zeroblob(32) WHERE name = 'issuer'", "the rows of issuer"),
        ("DELETE FROM seal WHERE name = 'ledger_head'", "the head"),
        ("INSERT INTO seal VALUES ('later', zeroblob(32))", "a seal of later, which has none"),
    ],
)
def test_a_changed_table_is_named(filled: Office, secret: Secret, statement: str, what: str) -> None:
    outcome = asked(filled, secret, statement)
    assert (outcome.sealed, outcome.first_bad) == ("failed", None)
    assert what in outcome.failures[0]


@pytest.mark.parametrize(
    "change", ["event = 'x'", "digest = zeroblob(32)", "list_index = 7", "seal = zeroblob(32)", "seal = x''"]
)
def test_the_first_entry_is_named_whose_place_was_changed(filled: Office, secret: Secret, change: str) -> None:
    outcome = asked(filled, secret, f"UPDATE credential SET {change} WHERE i >= 4")
    assert outcome.first_bad == (4, "its place is not as the office wrote it")
    assert outcome.failures == ["the places of 3 entries are not as the office wrote them"]
    assert outcome.sealed == "failed"


def test_a_value_of_another_type_ends_nothing(filled: Office, secret: Secret) -> None:
    """As a damaged page may hold one; both the table and a place are told."""
    plain = "UPDATE sqlite_master SET sql = replace(replace(sql, ' STRICT', ''), 'NOT NULL', '') WHERE name = '{}'"
    with filled.store.write() as connection:
        connection.exec_driver_sql("PRAGMA writable_schema = ON")
        for table in ("published", "credential"):
            connection.exec_driver_sql(plain.format(table))
    filled.store.close()
    changes = ("UPDATE published SET size = NULL", "UPDATE credential SET digest = NULL WHERE i = 5")
    outcome = asked(filled, secret, *changes)
    assert outcome.first_bad is not None
    assert (outcome.sealed, outcome.first_bad[0]) == ("failed", 5)
    assert "a NoneType stands where the store keeps" in outcome.failures[0]


@pytest.mark.parametrize("lost", ["DELETE FROM seal", "DROP TABLE seal"])
def test_seals_that_are_gone_are_told_from_those_that_never_were(filled: Office, secret: Secret, lost: str) -> None:
    assert asked(filled, secret, lost).failures == ["the store has lost its seals"]
    outcome = asked(filled, secret, is_noted=False)
    assert (outcome.sealed, outcome.unsealed_reason, outcome.ok) == ("not_asked", NEVER_SEALED, True)


def test_a_table_that_cannot_be_read_is_a_failure(filled: Office, secret: Secret) -> None:
    outcome = asked(filled, secret, "DROP TABLE erased")
    assert (outcome.sealed, outcome.ok) == ("failed", False)
    assert "no such table: erased" in outcome.failures[0]
