"""A bit flips between computing and signing: 400 of 400 are refused; and without the check of what was read back they are not.

One lot of entries is signed, a second one waits to be; 100 flips each hit the body of a waiting entry, its leaf hash, the root,
and the head's size or origin. The triggers are out of the way: no trigger stands between a failing disk and its bits.
"""

from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from registry.errors import LedgerDamaged, Malformed, Untrue
from registry.installation.office import Office
from registry.ledger import publish as publishing
from registry.ledger.admission import Admission, Statement
from registry.ledger.publish import publish
from registry.log import checkpoint
from registry.store import rows, tables
from tests.builders.command import NOW
from tests.mutations.bits import flip

SIGNED, WAITING, FLIPS = 200, 100, 100
ALL = SIGNED + WAITING


@pytest.fixture
def waiting(office: Office) -> Office:
    """A ledger of 200 signed and 100 unsigned entries, more than one tile's width."""
    for count in (SIGNED, WAITING):
        with office.writing() as ledger:
            ledger.append([Admission(Statement("note", reason="flipped"))] * count, {}, NOW)
        if count == SIGNED:
            publish(office.store, office.log_keys.signers)
    with office.store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_entry_no_update")
    return office


def places(lot: Random, what: str) -> tuple[sa.Table, str, Any, int, int]:
    """(table, column, row, first bit, bits) to flip one of."""
    entries, tiles, head = tables.entries, tables.tiles, tables.head
    i = lot.randrange(SIGNED, ALL)
    return {
        "entry": (entries, "body", entries.c.i == i, 0, 8 * 100),
        "leaf": (tiles, "hashes", (tiles.c.level == 0) & (tiles.c.n == i // 256), 256 * (i % 256), 256),
        "root": (head, "root", head.c.id == 1, 0, 256),
        "head": (head, lot.choice(("size", "origin")), head.c.id == 1, 0, 8 * 8),
    }[what]


def flipped(value: Any, bit: int) -> Any:
    if isinstance(value, int):
        return value ^ 1 << bit % 62
    if isinstance(value, str):  # ASCII stays ASCII
        return flip(value.encode(), bit // 8 * 8 + bit % 7).decode()
    return flip(value, bit)


def flip_in_store(office: Office, lot: Random, what: str) -> tuple[sa.Table, str, Any, Any]:
    """Flip one bit; what brings it back: (table, column, row, value)."""
    table, column, row, first, bits = places(lot, what)
    with office.store.write() as connection:
        value = connection.execute(sa.select(table.c[column]).where(row)).scalar_one()
        changed = flipped(value, first + lot.randrange(bits))
        connection.execute(sa.update(table).where(row).values({column: changed}))
    return table, column, row, value


def restore(office: Office, place: tuple[sa.Table, str, Any, Any]) -> None:
    table, column, row, value = place
    with office.store.write() as connection:
        connection.execute(sa.update(table).where(row).values({column: value}))


def signed_sizes(office: Office) -> list[int]:
    with office.store.read() as connection:
        return list(connection.execute(sa.select(tables.checkpoints.c.size)).scalars())


@pytest.mark.parametrize("what", ["entry", "leaf", "root", "head"])
def test_a_hundred_flips_are_never_signed(waiting: Office, what: str) -> None:
    lot, missed = Random(what), []
    for number in range(FLIPS):
        place = flip_in_store(waiting, lot, what)
        try:
            publish(waiting.store, waiting.log_keys.signers)
            missed.append((number, place[1]))
        except (LedgerDamaged, Malformed, Untrue):
            restore(waiting, place)
    assert (missed, signed_sizes(waiting)) == ([], [SIGNED])
    assert publish(waiting.store, waiting.log_keys.signers).checkpoint.size == ALL


def test_control_without_reading_back_a_wrong_root_is_signed(waiting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def believe(_self: object, connection: sa.Connection) -> tuple[checkpoint.Checkpoint, None]:
        size, root, origin, _ = rows.read_head(connection) or (0, b"", "", "")
        return checkpoint.Checkpoint(origin, size, root), None

    monkeypatch.setattr(publishing._Publisher, "_verified_head", believe)
    _, _, _, right = flip_in_store(waiting, Random(1), "root")
    with waiting.store.write() as connection:
        waiting.seals.seal_all(connection)  # as if it had flipped before it was sealed
    assert publish(waiting.store, waiting.log_keys.signers).checkpoint.root != right
    assert signed_sizes(waiting) == [SIGNED, ALL]
