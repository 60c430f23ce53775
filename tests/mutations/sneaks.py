"""What is written into the store while the office acts, and how one sees that something false came of it.

The attacks that are made of it are `sneak_attacks`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from issuer.actions import erasure, keys, tokens
from issuer.office.issuing import issue_posted
from registry.credential import status
from registry.errors import RegistryError
from registry.installation.office import Office
from registry.log import entry
from registry.operations.private_export import export_private, return_private
from registry.store import rows, tables
from registry.store.database import Connection
from registry.store.token_queue import VC_JWT, Requests
from tests.builders.command import surroundings
from tests.builders.ledger import state
from tests.builders.office import draft
from tests.mutations.store_attacks import (
    NEW,
    Memory,
    copied,
    erased,
    issues,
    last_entry,
    newest,
    publishes,
    put_back,
    revokes,
    signed_size,
)

NEWER = state("BC0000008", "NEWCOMER TOO INC.", "8", "2022-03-05")
NEW_PERSON = state("FM0000009", "JEANNE'S BAKERY", "9", "2022-03-04", "SP")

#: tells the truth to whoever asks for all rows, and something else to whoever asks for one
LYING_VIEW = (
    "CREATE VIEW issuer AS SELECT register, did, key_entry, issued, CASE WHEN position("
    "'WHERE issuer.register =' IN current_query()) > 0 THEN 'FALSE' ELSE name END AS name FROM real_issuer"
)

Change = Callable[[Connection, Memory], None]
APPEND = "registry.ledger.ledger.Ledger._append"


def unchanged(_connection: Connection, _memory: Memory) -> None:
    """Nothing more."""


@dataclass(frozen=True)
class Sneak:
    """`moment`: the dotted name of a function of the office, at whose `call`-th call it happens; None: before the office acts."""

    before: Callable[[Office], Memory]
    change: Change
    act: Callable[[Office], Any]
    is_false: Callable[[Office], bool]
    moment: str | None = None
    call: int = 1
    cover: Change = unchanged
    #: what the office does when the attacker is gone
    later: Callable[[Office], Any] = field(default=lambda _office: None)
    #: the databases on which it can be done
    on: tuple[str, ...] = ("sqlite", "postgresql")
    #: whether the office that acts is the one that ran before, so that it has checked the store already
    is_running: bool = False


def executes(sqlite: str, postgresql: tuple[str, ...] = ()) -> Change:
    """Statements as the owner of the schema."""

    def change(connection: Connection, _memory: Memory) -> None:
        for statement in (sqlite,) if connection.dialect.name == "sqlite" else postgresql:
            connection.exec_driver_sql(statement)

    return change


def trigger(table: str, event: str, statement: str) -> Change:
    """A trigger that fires in the office's own transactions. `ZEROS` in the statement: 32 bytes of nothing."""
    in_sqlite, statement = (
        statement.replace("ZEROS", zeros) for zeros in ("zeroblob(32)", "decode(repeat('00', 32), 'hex')")
    )
    return executes(
        f"CREATE TRIGGER sneak AFTER {event} ON {table} BEGIN {in_sqlite}; END",
        (
            f"CREATE FUNCTION sneak() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {statement}; RETURN NULL; END$$",
            f"CREATE TRIGGER sneak AFTER {event} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION sneak()",
        ),
    )


def drops(table: str) -> Callable[[Office], None]:
    """The attacker takes the trigger away again."""

    def act(office: Office) -> None:
        with office.store.write() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("DROP TRIGGER sneak")
            else:
                connection.exec_driver_sql(f"DROP TRIGGER sneak ON {table}")
                connection.exec_driver_sql("DROP FUNCTION sneak()")

    return act


def seed_is_strange(office: Office) -> bool:
    named = newest(office).document.get("credentialStatus")
    return named is not None and int(named[0]["statusListIndex"]) == status.position(bytes(32), 4)


def two_erased(office: Office) -> Memory:
    memory = copied(office, tables.erased)
    with office.store.read() as connection:
        seal = dict(tuple(row) for row in connection.execute(sa.select(tables.seals)))["erased"]
    erased(office)
    return {**memory, "old": [("erased", seal)]}


def old_rows_with_their_mac(connection: Connection, memory: Memory) -> None:
    """The table of the erased as it was, with the MAC that it bore then."""
    put_back(connection, {"erased": memory["erased"]})
    ((name, mac),) = memory["old"]
    connection.execute(sa.update(tables.seals).where(tables.seals.c.name == name).values(mac=mac))


def comes_back(office: Office) -> bool:
    """Whether what was erased was issued again."""
    return bool(office.reader.organization("sample", "BC0000002"))


def call_it_unknown(connection: Connection, _memory: Memory) -> None:
    """A company's places are gone, and its entries are noted as of unknown persons."""
    places = tables.credentials
    mine = sa.and_(places.c.register == "sample", places.c.number == "BC0000001")
    indexes = connection.execute(sa.select(places.c.i).where(mine)).scalars().all()
    connection.execute(sa.delete(places).where(mine))
    connection.execute(sa.insert(tables.unknown_persons), [{"i": i, "register": "sample"} for i in indexes])


def issued_twice(office: Office) -> bool:
    with office.store.read() as connection:
        entries = [entry.parse(body) for body in rows.read_entries(connection, 0, office.reader.size())]
    return sum(each.org == "sample:BC0000001" and each.kind == "issue" for each in entries) > 1


def plant_salt(connection: Connection, _memory: Memory) -> None:
    values = {"register": "sample", "number": NEW_PERSON.number, "salt": bytes(32)}
    connection.execute(sa.insert(tables.org_salts).values(values))


def salt_is_lost(office: Office) -> bool:
    """Whether nobody knows the salt behind a pseudonym that was logged."""
    org = last_entry(office).org or ""
    with office.store.read() as connection:
        salts = connection.execute(sa.select(tables.org_salts)).all()
    return org.startswith("~") and org not in {entry.pseudonym(row.salt, row.register, row.number) for row in salts}


PRIVATE = (tables.documents, tables.credentials, tables.org_salts)


def kept_bodies(office: Office) -> Memory:
    """The attacker has copied all bodies and places before an erasure."""
    memory = copied(office, *PRIVATE)
    erased(office)
    publishes(office)
    return memory


def bodies_back(connection: Connection, memory: Memory) -> None:
    for table in PRIVATE:
        columns = table.columns.keys()
        for row in memory[table.name]:
            values = dict(zip(columns, row, strict=True))
            same = sa.and_(*(table.c[column.name] == values[column.name] for column in table.primary_key))
            if connection.execute(sa.select(table).where(same)).first() is None:
                connection.execute(sa.insert(table).values(values))


def compromises(office: Office) -> None:
    since = datetime(2020, 1, 1, tzinfo=UTC)
    around = surroundings("compromise")
    keys.compromise(office, "sample", "credential-1", since, around, reissue=True, dry_run=False)


def reissued_erased(office: Office) -> bool:
    with office.store.read() as connection:
        entries = [entry.parse(body) for body in rows.read_entries(connection, 0, office.reader.size())]
    return any(each.kind == "correct" and each.org == "sample:BC0000002" for each in entries)


def asks_token(office: Office) -> None:
    requests = Requests(office.settings.requests)
    try:
        requests.get(VC_JWT, "sample/BC0000002/1")
    except RegistryError:  # it waits now
        tokens.make_waiting(office, requests)
    finally:
        requests.close()


def token_was_made(office: Office) -> bool:
    requests = Requests(office.settings.requests)
    try:
        return bool(requests.get(VC_JWT, "sample/BC0000002/1"))
    except RegistryError:  # there is none
        return False
    finally:
        requests.close()


def evidence_of_erased(office: Office) -> bool:
    return bool(office.reader.evidence("sample", "BC0000002", 1))


ALL = tuple(tables.METADATA.sorted_tables)


def old_and_new(office: Office) -> Memory:
    """The whole store as it was before a revocation that is not published yet, and as it is."""
    memory = {f"old {name}": values for name, values in copied(office, *ALL).items()}
    revokes("BC0000001", 2)(office)
    return {**memory, **{f"new {name}": values for name, values in copied(office, *ALL).items()}}


def to(which: str) -> Change:
    def change(connection: Connection, memory: Memory) -> None:
        start = f"{which} "
        put_back(connection, {name.removeprefix(start): row for name, row in memory.items() if name.startswith(start)})

    return change


def as_before_published(office: Office) -> Memory:
    memory = copied(office, *ALL)
    revokes("BC0000001", 2)(office)
    publishes(office)
    return memory


def publishable(office: Office) -> Memory:
    """There is something new to publish."""
    issues(NEW)(office)
    return {}


def is_frozen(office: Office) -> bool:
    """Whether the public sees less than was signed, and the seals say that this is right."""
    with office.store.read() as connection:
        return office.reader.published_size() < signed_size(office) and not office.seals.broken(connection)


def sealed_export(office: Office) -> Memory:
    """What the file does not know was issued and erased since."""
    export_private(office, office.settings.data / "private")
    issues(NEW)(office)
    erasure.erase(office, "sample", NEW.number, "privacy_request", surroundings("erase"), dry_run=False)
    return {}


def newcomer_comes_back(office: Office) -> bool:
    return bool(office.reader.organization("sample", NEW.number))


def brings_back(office: Office) -> None:
    return_private(office, office.settings.data / "private")


def erases_person(office: Office) -> None:
    erasure.erase(office, "sample", "FM0000003", "privacy_request", surroundings("more"), dry_run=False)


def hide_person(connection: Connection, _memory: Memory) -> None:
    """Nothing in the store says any more whose the entries under a pseudonym are."""
    for table in (tables.credentials, tables.org_salts):
        assert connection.execute(sa.delete(table).where(table.c.number == "FM0000003")).rowcount


def posts_person(office: Office) -> None:
    posted = draft(office, registrationNumber="FM0000003", entityType="SP")
    issue_posted(office, posted, surroundings("post"))


def entries_of_persons(office: Office) -> int:
    with office.store.read() as connection:
        entries = [entry.parse(body) for body in rows.read_entries(connection, 0, office.reader.size())]
    return sum((each.org or "").startswith("~") for each in entries)
