"""Whoever can write the store and has no key gets nothing false signed: every attack is noticed before it bears fruit."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.audit.audit import audit
from registry.encoding import strict_json
from registry.errors import RegistryError
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.log import entry, map_log, map_tree
from registry.log.merkle import leaf_hash
from registry.records.records import Records
from registry.records.seals import BOUND, PUBLISHED, Sealed, Sealing, Seals
from registry.store import issuer_rows, map_rows, place_rows, rows, seal_rows, tables
from registry.store.database import Connection
from registry.verify.trust import parse
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders import ledger
from tests.builders.postgresql import Server
from tests.mutations.store_attacks import ATTACKS, Attack, disarm, rearm

DATABASES = ["sqlite", "postgresql"]


@pytest.fixture(params=DATABASES)
def attacked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """The small ledger, published, on each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("filled")
        return
    server: Server = request.getfixturevalue("postgresql")
    environ = {"GREFFE_DATA": str(tmp_path / "data"), "GREFFE_DATABASE_URL": server.new_database()}
    office = ledger.fill(initialize(from_environ(environ), seeded("keys")))
    yield office
    office.store.close()
    office.reader._store.close()


def noticed(office: Office) -> list[str]:
    """What the audit and the seals find wrong."""
    outcome = audit(office.store, parse(office.settings.trust_file.read_bytes()), lambda _done, _total: None)
    bad = [] if outcome.first_bad is None else [str(outcome.first_bad)]
    with office.store.read() as connection:
        return [*bad, *outcome.failures, *office.seals.broken(connection)]


def run(attack: Attack, office: Office) -> RegistryError | None:
    """The attack, and what the office says to it."""
    memory = attack.before(office)
    with office.store.write() as connection:
        disarm(connection)
        attack.change(connection, memory)
        rearm(connection)
    started_again = Office(office.settings)
    try:
        attack.act(started_again)
    except RegistryError as error:
        return error
    finally:
        started_again.store.close()
    return None


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_false_comes_of_it(attacked: Office, name: str) -> None:
    attack = ATTACKS[name]
    refused = run(attack, attacked)
    assert refused is not None or not attack.is_false(attacked), "something false was signed"
    assert refused is not None or noticed(attacked)


def read(_self: Seals, connection: Connection) -> Sealed:
    head = rows.read_head(connection)
    assert head is not None
    return Sealed(head, {name: seal_rows.read_table(connection, name) for name in (*BOUND, PUBLISHED)})


def opened(self: Seals, connection: Connection, changed: list[str], _at: object = None) -> Sealing:
    head, tables = read(self, connection)
    return Sealing(self, connection, head, {}, {name: tables[name] for name in changed})


def read_last(connection: Connection, size: int, _root: bytes) -> bytes:
    return rows.read_entries(connection, size - 1, size)[0]


@pytest.fixture
def credulous(monkeypatch: pytest.MonkeyPatch) -> None:
    """The office believes the store: no seal, no commitment and no signed map is looked at."""

    def parsed(_logged: object, data: bytes, _salt: bytes) -> object:
        return strict_json.parse_object(data)

    def status_list(self: Records, list_id: str) -> issuer_rows.ListRow | None:
        return issuer_rows.read_list(self._connection, list_id)

    def org_salt(self: Records, register: str, number: str, _index: int) -> bytes | None:
        return place_rows.read_org_salt(self._connection, register, number)

    def read_entry(connection: Connection, index: int, _head: object) -> entry.Entry:
        return entry.parse(rows.read_entries(connection, index, index + 1)[0])

    def read_keyed(connection: Connection, start: int, end: int) -> Iterator[tuple[bytes, int, bytes]]:
        versions = tables.status_versions
        lists = {row.i: row.list_id for row in connection.execute(sa.select(versions))}
        for index, body in enumerate(rows.read_entries(connection, start, end), start):
            org = entry.parse(body).org
            if org is not None:
                yield map_log.organization_key(org), index, leaf_hash(body)
            elif index in lists:
                yield map_log.list_key(lists[index]), index, leaf_hash(body)

    def nodes(connection: Connection, _covered: object) -> map_tree.Load:
        return lambda node_id: map_rows.read_node(connection, node_id)

    def nothing(*_arguments: object) -> None:
        return None

    replaced: dict[str, Callable[..., object]] = {
        "registry.records.seals.Seals.read": read,
        "registry.records.seals.Seals.opened": opened,
        "registry.ledger.ledger.read_last": read_last,
        "registry.ledger.publish.read_last": read_last,
        "registry.records.seals.Seals.is_sealed": lambda _self, _row: True,
        "registry.records.places.check_all": lambda *_arguments: (set(), set()),
        "registry.records.committed.held": parsed,
        "registry.records.signed_map.held": parsed,
        "registry.records.committed.read_entry": read_entry,
        "registry.records.records.read_entry": read_entry,
        "registry.records.records.Records._check_newest": nothing,
        "registry.records.records.Records.status_list": status_list,
        "registry.records.records.Records.org_salt": org_salt,
        "registry.installation.office.check_published": nothing,
        "registry.installation.office.check_store": nothing,
        "registry.installation.office.read_keys": lambda _settings: set(),
        "registry.store.head_token.HeadToken.advance": nothing,
        "registry.ledger.map_growth.read_keyed": read_keyed,
        "registry.ledger.map_growth.checked_nodes": nodes,
        "registry.ledger.map_growth._check_replaced": nothing,
    }
    for name, stub in replaced.items():
        monkeypatch.setattr(name, stub)


@pytest.mark.usefixtures("credulous")
@pytest.mark.parametrize("name", ATTACKS)
def test_without_its_safety_something_false_is_signed(filled: Office, name: str) -> None:
    """The negative control: an office that believes the store is led astray by each of them."""
    attack = ATTACKS[name]
    assert run(attack, filled) is None
    assert attack.is_false(filled)
