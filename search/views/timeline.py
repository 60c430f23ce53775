"""Which record of an organization holds: now, at a date, as known then.

Pure. Records come in the order of n. A `correct` record takes the place of those that it refers to. A state whose effective
date the register does not give counts from the day on which it entered the ledger: earlier, nothing is known of it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from registry.reading.record import Record, in_force


def holding(records: Sequence[Record], at: str | None = None, known_ms: int | None = None) -> Record | None:
    """The record that holds on the ISO date `at` (None: the newest), by what was logged up to `known_ms` (ms, UTC).

    None: nothing was registered, or known, by then.
    """
    known = [record for record in records if known_ms is None or record.time_ms <= known_ms]
    if at is None:
        return known[-1] if known else None
    return in_force(known, at)


def recorded(record: Record) -> str:
    """When a record entered the ledger: RFC 3339, UTC, milliseconds only where there are some."""
    moment = datetime.fromtimestamp(record.time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds" if record.time_ms % 1000 else "seconds").replace("+00:00", "Z")
