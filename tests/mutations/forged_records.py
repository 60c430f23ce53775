"""Entries, documents, maps and keys are forged in the store, and the office is asked what it made of them."""

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from nacl.signing import SigningKey

from registry.credential import did
from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.keys import ED25519, PublicKey
from registry.log import entry, map_log, map_tree, note
from registry.operations import log_change
from registry.store import document_rows, map_rows, rows, tables
from registry.store.database import Connection
from tests.builders.command import surroundings
from tests.mutations.store_attacks import Memory, put_back

#: a key of the attacker's
STRANGE = PublicKey(ED25519, SigningKey(bytes(32)).verify_key.encode())
_MULTIBASE = did.document("did:web:a", {"credential-1": STRANGE})["verificationMethod"][0]["publicKeyMultibase"]


def shorten_last(connection: Connection, memory: Memory) -> None:
    """The last entry loses the commitment's first digit to another one, and still is an entry."""
    size = rows.count_entries(connection)
    body = rows.read_entries(connection, size - 1, size)[0]
    memory["last"] = [(size - 1, body)]
    at = body.index(b'"commitment":"') + len(b'"commitment":"')
    other = body[:at] + (b"0" if body[at : at + 1] != b"0" else b"1") + body[at + 1 :]
    connection.execute(sa.update(tables.entries).where(tables.entries.c.i == size - 1).values(body=other))


def last_as_it_was(connection: Connection, memory: Memory) -> None:
    for index, body in memory["last"]:
        connection.execute(sa.update(tables.entries).where(tables.entries.c.i == index).values(body=body))


def chain_is_broken(office: Office) -> bool:
    """Whether an entry does not continue the one before it."""
    with office.store.read() as connection:
        size = office.reader.size()
        bodies, leaves = rows.read_entries(connection, 0, size), rows.read_tile(connection, 0, 0)
    return any(entry.parse(bodies[i]).prev != leaves[32 * (i - 1) : 32 * i].hex() for i in range(1, size))


def forge_issuer(connection: Connection, memory: Memory) -> None:
    """The entry that opens the issuer, and its DID document, name a key of the attacker's."""
    _forge_document(connection, memory, lambda document, register: _with_key(document))


def forge_compromised(connection: Connection, memory: Memory) -> None:
    """The DID document says that the first key was replaced and disowned already."""

    def change(document: dict[str, Any], _register: str) -> dict[str, Any]:
        known = did.keys_of(document)
        return did.with_keys(document, {**known, "credential-2": STRANGE}, compromised=("credential-1",))

    _forge_document(connection, memory, change)


def _with_key(document: dict[str, Any]) -> dict[str, Any]:
    return did.with_keys(document, {**did.keys_of(document), "credential-2": STRANGE})


def _forge_document(connection: Connection, memory: Memory, change: Callable[[dict[str, Any], str], Any]) -> None:
    index = connection.execute(sa.select(tables.issuers.c.key_entry)).scalar_one()
    committed = document_rows.read_document(connection, index)
    assert committed is not None
    body = rows.read_entries(connection, index, index + 1)[0]
    memory["forged"] = [(index, body, *committed)]
    forged = change(strict_json.parse_object(committed[0]), "sample")
    parsed = strict_json.parse_object(body)
    other = jcs({**parsed, "commitment": entry.commitment(committed[1], forged)})
    connection.execute(sa.update(tables.entries).where(tables.entries.c.i == index).values(body=other))
    documents = tables.documents
    connection.execute(sa.update(documents).where(documents.c.i == index).values(body=jcs(forged)))


def unforge(connection: Connection, memory: Memory) -> None:
    for index, body, document, _salt in memory["forged"]:
        connection.execute(sa.update(tables.entries).where(tables.entries.c.i == index).values(body=body))
        documents = tables.documents
        connection.execute(sa.update(documents).where(documents.c.i == index).values(body=document))


def trusts_stranger(office: Office) -> bool:
    return _MULTIBASE in office.settings.trust_file.read_text()


def forge_root(connection: Connection, _memory: Memory) -> None:
    """The leaf of the map's log names another root: what the map says of its keys is whatever fits that."""
    leaf = tables.index_entries
    index, body = connection.execute(sa.select(leaf.c.i, leaf.c.body).order_by(leaf.c.i.desc()).limit(1)).one()
    parsed = map_log.parse(bytes(body))
    key, minis = map_log.organization_key("sample:BC0000001"), tables.mini_logs
    connection.execute(sa.delete(minis).where(minis.c.key == key, minis.c.n > 0))
    keys = connection.execute(sa.select(minis.c.key).distinct()).scalars()
    rows_of = {bytes(each): map_rows.newest(connection, bytes(each), 1000) for each in keys}
    values = {each: row.value for each, row in rows_of.items() if row is not None}
    made = map_tree.update(dict[int, map_tree.Node]().__getitem__, 0, values, 1000)
    names = tables.map_nodes.columns.keys()
    for node_id, node in made.made.items():
        connection.execute(sa.insert(tables.map_nodes).values(dict(zip(names, (node_id, *node), strict=True))))
    forged = map_log.MapRoot(made.root, parsed.signed).print()
    connection.execute(sa.update(leaf).where(leaf.c.i == index).values(body=forged, root_id=made.root_id))


def calls_old_newest(office: Office) -> bool:
    evidence = office.reader.evidence("sample", "BC0000001", 1)
    return bool(evidence)


def put_aside(connection: Connection, memory: Memory) -> None:
    """The newest entry of an organization is not in its list."""
    table = tables.mini_logs
    key = map_log.organization_key("sample:BC0000001")
    assert connection.execute(sa.delete(table).where(table.c.key == key, table.c.n == 1)).rowcount


def lists_too_few(office: Office) -> bool:
    return len(office.reader.completeness("sample", "BC0000001").entries) < 2


def begin_anew(connection: Connection, _memory: Memory) -> None:
    """A store without head and entries, in which a key of the attacker's is one that the ledger has had."""
    for table in (*tables.METADATA.sorted_tables,):
        if table is not tables.log_keys:
            connection.execute(sa.delete(table))
    name = note.parse_vkey(
        connection.execute(sa.select(tables.log_keys.c.vkey).where(tables.log_keys.c.log == "ledger")).scalars().first()
        or ""
    ).name
    strange = note.VerifierKey(name, STRANGE.raw).print()
    connection.execute(sa.insert(tables.log_keys).values(log="ledger", n=2, vkey=strange, signs=0))


def initializes(office: Office) -> None:
    initialize(office.settings).store.close()


def trusts_strange_log(office: Office) -> bool:
    return any(note.parse_vkey(vkey).public == STRANGE.raw for vkey in office.reader.trust()["ledgerKeys"])


def rename_log(connection: Connection, memory: Memory) -> None:
    """The log is another's by name."""
    table = tables.log_keys
    memory["log_key"] = [tuple(row) for row in connection.execute(sa.select(table))]
    for log, n, vkey, _ in memory["log_key"]:
        parsed = note.parse_vkey(vkey)
        strange = note.VerifierKey("elsewhere.example/log", parsed.public).print()
        connection.execute(sa.update(table).where(table.c.log == log, table.c.n == n).values(vkey=strange))


def log_as_it_was(connection: Connection, memory: Memory) -> None:
    put_back(connection, {"log_key": memory["log_key"]})


def log_is_renamed(office: Office) -> bool:
    return "elsewhere.example/log" in json.dumps(office.reader.trust()["ledgerKeys"])


def rotates_log(office: Office) -> None:
    log_change.rotate(office, tables.LEDGER, surroundings("rotate"))


def junk_line(connection: Connection, _memory: Memory) -> None:
    """Under the newest checkpoint stands a line of nobody."""
    for table in (tables.checkpoints, tables.index_checkpoints):
        size, text = connection.execute(sa.select(table).order_by(table.c.size.desc()).limit(1)).one()
        text += "— witness.example AAAAAA" + "A" * 90 + "\n"
        connection.execute(sa.update(table).where(table.c.size == size).values(note=text))


def junk_is_published(office: Office) -> bool:
    return "witness.example" in office.reader.checkpoint()


def was_disowned(office: Office) -> bool:
    document = office.reader.issuer_document("sample")
    return f"{document['id']}#credential-1" not in document["assertionMethod"]
