"""Whoever can write the store's file gets nothing false signed: what a key signs anew is what the ledger committed to."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.actions.committed import committed_document
from issuer.actions.tokens import make_waiting
from registry.credential import jwt
from registry.encoding.jcs import jcs
from registry.errors import LedgerDamaged, NotPublished, NotReady, Refused
from registry.installation.office import Office
from registry.keys import ED25519, HeldKey, secret_of
from registry.log import checkpoint, entry, note
from registry.log.merkle import Frontier, leaf_hash
from registry.store import document_rows, place_rows, rows, tables
from registry.store.database import Connection
from registry.store.token_queue import VC_JWT, Requests

NAME = "sample/BC0000001/2"
FALSE_NAME = "NEVER LOGGED LTD."


def index_of(office: Office) -> int:
    with office.store.read() as connection:
        return next(place.i for place in place_rows.read_places(connection, "sample", "BC0000001") if place.n == 2)


def change(office: Office, act: Callable[[Connection], None]) -> None:
    """Write to the store as somebody who has its file: without its triggers."""
    with office.store.write() as connection:
        triggers = connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for name in triggers:
            connection.execute(sa.text(f'DROP TRIGGER "{name}"'))
        act(connection)


def false_document(connection: Connection, index: int) -> tuple[dict[str, Any], bytes]:
    """The document with another name, and its salt."""
    committed = document_rows.read_document(connection, index)
    assert committed is not None
    document = json.loads(committed[0])
    document["credentialSubject"]["legalName"] = FALSE_NAME
    return document, committed[1]


def change_document(office: Office, connection: Connection) -> None:
    index = index_of(office)
    document, _ = false_document(connection, index)
    table = tables.documents
    connection.execute(sa.update(table).where(table.c.i == index).values(body=jcs(document)))


def change_salt(office: Office, connection: Connection) -> None:
    table = tables.documents
    connection.execute(sa.update(table).where(table.c.i == index_of(office)).values(salt=bytes(32)))


def change_entry_too(office: Office, connection: Connection) -> None:
    """Document and entry agree with each other."""
    change_document(office, connection)
    index = index_of(office)
    document, salt = false_document(connection, index)
    logged = entry.parse(rows.read_entries(connection, index, index + 1)[0])
    body = replace(logged, commitment=entry.commitment(salt, document)).print()
    table = tables.entries
    connection.execute(sa.update(table).where(table.c.i == index).values(body=body))


def heads(connection: Connection) -> tuple[rows.HeadRow, str]:
    """The head, and the newest signed checkpoint."""
    head, signed = rows.read_head(connection), rows.last_signed(connection)
    assert head is not None
    assert signed is not None
    return head, signed[1]


def put_newest(connection: Connection, signed: str) -> None:
    """Let the newest checkpoint be that note."""
    table, (head, _) = tables.LEDGER.checkpoints, heads(connection)
    connection.execute(sa.update(table).where(table.c.size == head.size).values(note=signed))


def change_tree_too(office: Office, connection: Connection) -> None:
    """Document, entry, hashes and head agree with each other: only the signature is of another root."""
    change_entry_too(office, connection)
    head, _ = heads(connection)
    leaves = [leaf_hash(body) for body in rows.read_entries(connection, 0, head.size)]
    frontier = Frontier()
    frontier.extend(leaves)
    connection.execute(sa.delete(tables.LEDGER.tiles))
    rows.grow_tile(connection, 0, 0, leaves)
    rows.swap_head(connection, (head.size, head.root), (head.size, frontier.root()))


def forge_checkpoint_too(office: Office, connection: Connection) -> None:
    """The newest checkpoint is of the false root, with the signature of the true one."""
    change_tree_too(office, connection)
    head, signed = heads(connection)
    lines = signed.split("\n")
    lines[2] = base64.b64encode(head.root).decode()
    put_newest(connection, "\n".join(lines))


def name_another_entry(office: Office, connection: Connection) -> None:
    """The place of the credential is that of a true one of another organization."""
    index, table = index_of(office), tables.credentials
    other = office.reader.credential("sample", "BC0000002", 1).index
    place_rows.delete_place(connection, other)
    connection.execute(sa.update(table).where(table.c.i == index).values(i=other))


CHANGES = [
    change_document, change_salt, change_entry_too, change_tree_too, forge_checkpoint_too, name_another_entry,
]  # fmt: skip


@pytest.mark.parametrize("act", CHANGES)
def test_nothing_false_is_signed(filled: Office, act: Callable[[Office, Connection], None]) -> None:
    change(filled, lambda connection: act(filled, connection))
    requests = Requests(None)
    with pytest.raises(NotReady):
        requests.get(VC_JWT, NAME)
    assert make_waiting(filled, requests) == 0
    with pytest.raises(NotReady):
        requests.get(VC_JWT, NAME)


@pytest.mark.parametrize("act", [*CHANGES[:4], name_another_entry])
def test_what_was_changed_is_named(filled: Office, act: Callable[[Office, Connection], None]) -> None:
    change(filled, lambda connection: act(filled, connection))
    with pytest.raises(LedgerDamaged) as caught:
        committed_document(filled, index_of(filled), filled.identity.credential_id("sample", "BC0000001", 2))
    assert caught.value.code == "record_untrue"
    assert str(index_of(filled)) in caught.value.message


def test_control_believing_the_store_signs_the_false_name(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def believed(office: Office, index: int, _document_id: str) -> dict[str, Any]:
        document = office.reader.records(index, 1)[0].document
        assert document is not None
        return document

    change(filled, lambda connection: change_document(filled, connection))
    monkeypatch.setattr("issuer.actions.tokens.committed_document", believed)
    monkeypatch.setattr("registry.reading.reader.held", lambda _logged, data, _salt: json.loads(data))
    requests = Requests(None)
    with pytest.raises(NotReady):
        requests.get(VC_JWT, NAME)
    assert make_waiting(filled, requests) == 1
    token = jwt.parse(requests.get(VC_JWT, NAME).decode())
    assert token.payload["credentialSubject"]["legalName"] == FALSE_NAME


def test_the_untouched_document_is_signed(filled: Office) -> None:
    requests = Requests(None)
    with pytest.raises(NotReady):
        requests.get(VC_JWT, NAME)
    change(filled, lambda _connection: None)
    assert make_waiting(filled, requests) == 1
    assert jwt.parse(requests.get(VC_JWT, NAME).decode()).payload["id"].endswith(NAME)


def test_a_checkpoint_of_no_key_at_hand_proves_nothing(filled: Office) -> None:
    change(filled, lambda connection: forge_checkpoint_too(filled, connection))
    with pytest.raises(NotPublished):
        committed_document(filled, index_of(filled), filled.identity.credential_id("sample", "BC0000001", 2))


def test_a_key_of_the_attacker_in_the_store_is_not_believed(filled: Office) -> None:
    signer = HeldKey(ED25519, secret_of(ED25519, bytes(31) + b"\x01")).signer()

    def act(connection: Connection) -> None:
        change_tree_too(filled, connection)
        head, _ = heads(connection)
        put_newest(connection, checkpoint.sign(checkpoint.Checkpoint(head.origin, head.size, head.root), signer))
        vkey = note.VerifierKey(head.origin, signer.public.raw).print()
        rows.put_log_key(connection, "ledger", 1, vkey, 1)

    change(filled, act)
    with pytest.raises(Refused):
        committed_document(filled, index_of(filled), filled.identity.credential_id("sample", "BC0000001", 2))
