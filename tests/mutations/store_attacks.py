"""What somebody who can write the store's file, and has no key, can do to it; and what the office does next.

Each attack is tried on an office that holds the small ledger of `tests/builders/ledger`, published. `before` is what the office
did earlier, `change` what the attacker writes, `act` what the office does next; `is_false` says whether something untrue has come
of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from issuer.actions import erasure, keys, standing
from issuer.run.issue import issue
from issuer.timeline.draft import judge
from registry.credential import did, status
from registry.encoding import strict_json
from registry.installation.office import Office
from registry.log import entry, map_log, map_tree, note, tiles
from registry.log.merkle import Frontier, leaf_hash
from registry.operations import log_change
from registry.store import document_rows, map_rows, place_rows, rows, schema, tables
from registry.store.database import Connection
from tests.builders.command import surroundings
from tests.builders.ledger import STATES, extract, state

#: what was remembered by an attacker: rows by table
Memory = dict[str, list[tuple[Any, ...]]]

NEXT = state("BC0000001", "CRIMSON MOOSE LTD.", "9", "2022-03-04")
NEXT_PERSON = state("FM0000003", "JEANNE'S BAKERY", "9", "2022-03-04", "SP")
NEW = state("BC0000007", "NEWCOMER INC.", "7", "2022-03-04")


@dataclass(frozen=True)
class Attack:
    """`before` gives what the attacker copied meanwhile."""

    before: Callable[[Office], Memory]
    change: Callable[[Connection, Memory], None]
    act: Callable[[Office], None]
    is_false: Callable[[Office], bool]


def disarm(connection: Connection) -> None:
    """Take the triggers that keep what was appended away, as the owner of the tables may."""
    if connection.dialect.name == "sqlite":
        for name in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    else:
        for table in tables.METADATA.tables:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def rearm(connection: Connection) -> None:
    """Put those triggers back, so that nothing in the schema shows what was done."""
    if connection.dialect.name == "sqlite":
        schema.protect(connection)
    else:
        there = sa.inspect(connection).get_table_names()  # where one is a view now, it has none
        for table in set(there) & tables.METADATA.tables.keys():
            connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def nothing(_office: Office) -> Memory:
    return {}


def issues(*more: Any) -> Callable[[Office], None]:
    def act(office: Office) -> None:
        issue(office, "table", extract([*STATES, *more]), surroundings("more"))

    return act


def updates(*more: Any) -> Callable[[Office], None]:
    """An update that tells those states alone: a whole history would show which of them the store lacks."""

    def act(office: Office) -> None:
        issue(office, "table", extract(more), surroundings("more"))

    return act


def publishes(office: Office) -> None:
    with office.publishing(lambda _line: None) as publish_now:
        publish_now()


def both(*acts: Callable[[Office], Any]) -> Callable[[Office], None]:
    def act(office: Office) -> None:
        for each in acts:
            each(office)

    return act


def revokes(number: str, n: int | None) -> Callable[[Office], None]:
    def act(office: Office) -> None:
        around = surroundings(f"revoke {number}")
        standing.change_one(office, "sample", number, n, standing.revocation("fraud"), around, dry_run=False)

    return act


def set_values(table: sa.Table, where: sa.ColumnElement[bool] | None = None, **values: Any) -> Any:
    def change(connection: Connection, _memory: Memory) -> None:
        statement = sa.update(table).values(**values)
        assert connection.execute(statement if where is None else statement.where(where)).rowcount

    return change


def deletes(table: sa.Table, where: Callable[[], sa.ColumnElement[bool]] | None = None) -> Any:
    def change(connection: Connection, _memory: Memory) -> None:
        statement = sa.delete(table)
        assert connection.execute(statement if where is None else statement.where(where())).rowcount

    return change


def copied(office: Office, *names: sa.Table) -> Memory:
    with office.store.read() as connection:
        return {table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in names}


def put_back(connection: Connection, memory: Memory) -> None:
    for name, values in memory.items():
        table = tables.METADATA.tables[name]
        connection.execute(sa.delete(table))
        if values:
            connection.execute(sa.insert(table), [dict(zip(table.columns.keys(), row, strict=True)) for row in values])


def record_of(office: Office, number: str, n: int) -> Any:
    return office.reader.credential("sample", number, n)


def bit_of(office: Office, number: str, n: int) -> bool:
    """Whether the newest logged version of the list says that the credential is revoked."""
    named = status.named_for(record_of(office, number, n).document, status.REVOCATION)
    assert named is not None
    name = named["statusListCredential"].partition("/status/")[2]
    bits = status.decode(office.reader.status_list(name)["credentialSubject"]["encodedList"])
    return status.is_set(bits, int(named["statusListIndex"]))


def newest(office: Office) -> Any:
    return office.reader.records(office.reader.size() - 1, 1)[0]


def last_entry(office: Office) -> entry.Entry:
    with office.store.read() as connection:
        size = rows.count_entries(connection)
        return entry.parse(rows.read_entries(connection, size - 1, size)[0])


def signed_size(office: Office) -> int:
    with office.store.read() as connection:
        return (rows.last_signed(connection) or (0, ""))[0]


def share_a_bit(office: Office) -> bool:
    with office.store.read() as connection:
        places = place_rows.read_places_between(connection, 0, 1000)
    return len({(place.list_id, place.list_index) for place in places}) < len(places)


def map_misses(office: Office) -> bool:
    """Whether the newest map that was signed has another value than the entries under any key."""
    with office.store.read() as connection:
        size = signed_size(office)
        wanted: dict[bytes, Frontier] = {}
        for index, body in enumerate(rows.read_entries(connection, 0, size)):
            parsed = entry.parse(body)
            key = None
            if parsed.org is not None:
                key = map_log.organization_key(parsed.org)
            elif parsed.kind == "status":
                committed = document_rows.read_document(connection, index)
                assert committed is not None
                key = map_log.list_key(strict_json.parse_object(committed[0])["id"])
            if key is not None:
                wanted.setdefault(key, Frontier()).append(map_log.mini_leaf(index, leaf_hash(body)))
        leaf = map_rows.leaf_at(connection, size)
    assert leaf is not None
    made = map_tree.update(
        dict[int, map_tree.Node]().__getitem__, 0, {key: frontier.root() for key, frontier in wanted.items()}, 1
    )
    return made.root != map_log.parse(leaf.body).root


def forge_entry(connection: Connection, _memory: Memory) -> None:
    """One more entry, with hashes and head that agree with it: there is no key in any of them."""
    head = rows.read_head(connection)
    assert head is not None
    last = rows.read_entries(connection, head.size - 1, head.size)[0]
    parsed = entry.parse(last)
    forged = entry.print_new(
        head.size, parsed.time, leaf_hash(last).hex(), "note", (None, None, None, None, None, "forged", None), ()
    )
    frontier = rows.read_frontier(connection, head.size)
    for level, n, value in frontier.append(leaf_hash(forged)):
        place = tiles.place_of(level, n)
        if place is not None:
            rows.grow_tile(connection, *place[:2], [value])
    rows.put_entries(connection, [(head.size, forged)])
    rows.swap_head(connection, (head.size, head.root), (frontier.size, frontier.root()))


def hide_filing(connection: Connection, _memory: Memory) -> None:
    """The newest place says that the next filing was issued already, as it will read."""
    places = tables.credentials
    of_newest = sa.and_(places.c.number == "BC0000001", places.c.n == 2)
    values = {"event": "9", "event_order": '["2022-03-04", 9]', "digest": judge(NEXT).digest}
    assert connection.execute(sa.update(places).where(of_newest).values(**values)).rowcount


def trim_mini_log(connection: Connection, _memory: Memory) -> None:
    """The last of an organization's entries is not in what the map is grown from."""
    table = tables.mini_logs
    key = map_log.organization_key("sample:BC0000001")
    assert connection.execute(sa.delete(table).where(table.c.key == key, table.c.n == 1)).rowcount


def point_list_elsewhere(connection: Connection, _memory: Memory) -> None:
    """The newest version of a list is called one of another list."""
    versions = tables.status_versions
    newest_version = connection.execute(sa.select(sa.func.max(versions.c.i))).scalar_one()
    list_id = connection.execute(sa.select(versions.c.list_id).where(versions.c.i == newest_version)).scalar_one()
    other = list_id.replace("revocation", "suspension")
    connection.execute(sa.update(versions).where(versions.c.i == newest_version).values(list_id=other))


def change_node(connection: Connection, _memory: Memory) -> None:
    """At the root of the map, the hash of the side on which nothing will change is another one."""
    nodes, root_id = tables.map_nodes, map_rows.last_covered(connection).root_id
    root = map_rows.read_node(connection, root_id)
    is_right = int.from_bytes(map_log.organization_key("sample:BC0000001")) >> (map_tree.BITS - 1 - root.bit) & 1
    side = "left" if is_right else "right"
    connection.execute(sa.update(nodes).where(nodes.c.id == root_id).values({side: bytes(32)}))


def strip_seals(connection: Connection, _memory: Memory) -> None:
    connection.execute(sa.delete(tables.seals))
    connection.execute(sa.update(tables.credentials).values(seal=b""))
    connection.execute(sa.update(tables.issuers).values(name="FALSE"))


def name_of(office: Office) -> Any:
    return newest(office).document["issuer"]["name"]


def old_lists(office: Office) -> Memory:
    memory = copied(office, tables.status_lists, tables.status_versions, tables.seals)
    revokes("BC0000001", 2)(office)
    return memory


def old_store(office: Office) -> Memory:
    """Everything as it was before a revocation that the public has seen."""
    memory = copied(office, *tables.METADATA.sorted_tables)
    revokes("BC0000001", 2)(office)
    publishes(office)
    return memory


def two_keys(office: Office) -> Memory:
    """Two keys of the ledger sign, while one takes over from the other."""
    log_change.rotate(office, tables.LEDGER, surroundings("rotate"))
    publishes(office)
    issues(NEW)(office)
    return {}


def signatures(office: Office) -> int:
    with office.store.read() as connection:
        return len(note.parse((rows.last_signed(connection) or (0, ""))[1]).signatures)


def old_published(office: Office) -> Memory:
    publishes(office)
    memory = copied(office, tables.published)
    with office.store.read() as connection:
        rows_of_seal = [tuple(row) for row in connection.execute(sa.select(tables.seals))]
    issues(NEW)(office)
    publishes(office)
    with office.store.read() as connection:
        newer = [tuple(row) for row in connection.execute(sa.select(tables.seals))]
    old_mac = dict(rows_of_seal)["published"]
    return {**memory, "seal": [(name, old_mac if name == "published" else mac) for name, mac in newer]}


def revoked(office: Office) -> Memory:
    revokes("BC0000001", 2)(office)
    return {}


def erased(office: Office) -> Memory:
    erasure.erase(office, "sample", "BC0000002", "privacy_request", surroundings("erase"), dry_run=False)
    return {}


def rotated(office: Office) -> Memory:
    keys.rotate(office, "sample", did.CREDENTIAL, surroundings("rotate"))
    return {}


PLACE = tables.credentials
LIST = tables.status_lists.c.id.like("%/revocation/%")

ATTACKS = {
    "a revocation is undone": Attack(
        revoked,
        set_values(tables.status_lists, LIST, bits=bytes(status.LENGTH // 8)),
        revokes("BC0000002", 1),
        lambda office: not bit_of(office, "BC0000001", 2),
    ),
    "a revocation is undone by the old rows and their old MACs": Attack(
        old_lists, put_back, revokes("BC0000002", 1), lambda office: not bit_of(office, "BC0000001", 2)
    ),
    "a published revocation is undone by the whole store as it was": Attack(
        old_store, put_back, revokes("BC0000002", 1), lambda office: not bit_of(office, "BC0000001", 2)
    ),
    "an old list is named the newest by the signed map": Attack(revoked, point_list_elsewhere, publishes, map_misses),
    "a filing is hidden for good": Attack(
        nothing, hide_filing, updates(NEXT), lambda office: len(office.reader.organization("sample", "BC0000001")) == 2
    ),
    "an issuer is renamed": Attack(
        nothing, set_values(tables.issuers, name="FALSE"), issues(NEW), lambda office: name_of(office) == "FALSE"
    ),
    "what is published is rolled back": Attack(
        old_published,
        put_back,
        lambda office: office.check_store(),
        lambda office: office.reader.published_size() < signed_size(office),
    ),
    "a key of the log is switched off": Attack(
        two_keys,
        set_values(tables.log_keys, sa.and_(tables.log_keys.c.log == "ledger", tables.log_keys.c.n == 1), signs=0),
        publishes,
        lambda office: signatures(office) == 1,
    ),
    "an erasure is forgotten": Attack(
        erased, deletes(tables.erased), issues(), lambda office: bool(office.reader.organization("sample", "BC0000002"))
    ),
    "an entry is forged beyond the checkpoint": Attack(
        nothing, forge_entry, publishes, lambda office: signed_size(office) == office.reader.size()
    ),
    "the newest credential is hidden, and an older one revoked": Attack(
        nothing,
        deletes(PLACE, lambda: sa.and_(PLACE.c.number == "BC0000001", PLACE.c.n == 2)),
        revokes("BC0000001", None),
        lambda office: bit_of(office, "BC0000001", 1),
    ),
    "the count of credentials is put back, and two share a bit": Attack(
        nothing, set_values(tables.issuers, issued=0), issues(NEW), share_a_bit
    ),
    "the seed of a list is the attacker's": Attack(
        nothing,
        set_values(tables.status_lists, seed=bytes(32)),
        issues(NEW),
        lambda office: (
            int(newest(office).document["credentialStatus"][0]["statusListIndex"]) == status.position(bytes(32), 4)
        ),
    ),
    "an entry is taken out of what the map is grown from": Attack(
        nothing, trim_mini_log, both(issues(NEXT), publishes), map_misses
    ),
    "a side of the map is changed": Attack(nothing, change_node, both(issues(NEXT), publishes), map_misses),
    "a person gets another pseudonym": Attack(
        nothing,
        set_values(tables.org_salts, salt=bytes(32)),
        issues(NEXT_PERSON),
        lambda office: last_entry(office).org == entry.pseudonym(bytes(32), "sample", "FM0000003"),
    ),
    "a change of keys is hidden, and the old key signs on": Attack(
        rotated,
        deletes(tables.key_versions),
        issues(NEW),
        lambda office: (last_entry(office).key or "").endswith("#credential-1"),
    ),
    "the seals are stripped": Attack(nothing, strip_seals, issues(NEW), lambda office: name_of(office) == "FALSE"),
}
