"""The published mirror shows checkpoints of this installation's two logs.

What the witnesses show is asked in `registry/ledger/witnesses`.
"""

import logging

from registry.errors import Conflict, Malformed, Usage
from registry.ledger.guards import Seen
from registry.mirror.source import Mirror
from registry.store.tables import INDEX, LEDGER

_log = logging.getLogger(__name__)


def seen_in_mirror(place: str | None) -> list[Seen]:
    """The newest checkpoints that the mirror there shows; one that shows none is named in the log."""
    if place is None:
        return []
    checkpoints = []
    mirror = Mirror(place, seconds=2.0)
    try:
        mirror.check_there()
        for log, path in ((LEDGER, "checkpoint"), (INDEX, "index/checkpoint")):
            data = mirror.read(path)
            checkpoints += [] if data is None else [Seen("the mirror", log, data.decode())]
    except (Usage, Conflict, Malformed, UnicodeDecodeError) as error:
        _log.warning("the mirror %s: not compared (%s)", place, error)
    return checkpoints
