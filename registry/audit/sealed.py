"""The store is held against the MACs that the office has made.

Places, small tables, the head and what is published bear them, since no entry commits to those. Only who has the installation's
secret can ask, and not asked is never a pass.
"""

from collections.abc import Callable

from registry.audit.result import Audit, reading
from registry.errors import LedgerDamaged
from registry.records.seals import BOUND, HEAD, PUBLISHED, Seals
from registry.store import database, seal_rows
from registry.store.database import Connection

NEVER_SEALED = "the store was never sealed: greffe doctor --seal audits and seals it"


def check_sealed(
    store: database.Store, secret: Callable[[str], bytes] | None, result: Audit, *, is_noted: bool
) -> None:
    """Hold the store against its MACs; `result` takes what is wrong.

    `secret`: gives the installation's secrets by their purpose, None where they are not at hand. `is_noted`: whether it is noted
    beside the keys that the store is sealed.
    """
    if secret is None:
        return
    failures: list[str] = []
    result.sealed = "passed"
    with reading(failures, "what the store is sealed with"), store.read() as connection:
        if seal_rows.has_seals(connection) and seal_rows.read_seals(connection):
            _check(connection, Seals(secret("seal")), result, failures)
        elif is_noted:
            failures.append("the store has lost its seals")
        else:
            result.sealed, result.unsealed_reason = "not_asked", NEVER_SEALED
    if failures:
        result.sealed = "failed"
        result.failures += failures


def _check(connection: Connection, seals: Seals, result: Audit, failures: list[str]) -> None:
    with reading(failures, "a table that is sealed"):
        try:
            seals.check(connection)
        except LedgerDamaged as error:
            failures.append(error.message)
    strange = sorted(seal_rows.read_seals(connection).keys() - {*BOUND, HEAD, PUBLISHED})
    failures += [f"there is a seal of {name}, which has none" for name in strange]
    broken = 0
    for row in seal_rows.read_sealed_places(connection):
        if not _bears_seal(seals, row):
            broken += 1
            result.note_bad(row.place.i, "its place is not as the office wrote it")
    if broken:
        failures.append(f"the places of {broken} entries are not as the office wrote them")


def _bears_seal(seals: Seals, row: seal_rows.SealedPlace) -> bool:
    try:
        return seals.is_sealed(row)
    except LedgerDamaged:  # a value of another type than any that the office writes
        return False
