"""Seals are compared with the rows that no entry commits to."""

import sqlalchemy as sa

from registry.errors import LedgerDamaged
from registry.records.seals import BOUND, HEAD, PUBLISHED, Seals
from registry.store import database, seal_rows

_NAMES = {*BOUND, HEAD, PUBLISHED}


def seal_faults(store: database.Store, seals: Seals) -> list[str]:
    """What does not bear its seal, a line each. Refused `unsealed`: the store was never sealed."""
    try:
        with store.read() as connection:
            faults = seals.broken(connection)
            strange = sorted(seal_rows.read_seals(connection).keys() - _NAMES)
    except (sa.exc.DatabaseError, sa.exc.MultipleResultsFound, LedgerDamaged, UnicodeError) as error:
        return [f"the seals cannot be read: {error}"]
    return faults + [f"there is a seal of {name}, which has none" for name in strange]
