"""Mirror and witnesses show checkpoints of this installation's two logs.

They are the published mirror, and the witnesses of the policy.
"""

import logging
from concurrent.futures import ThreadPoolExecutor

from registry.errors import Conflict, Malformed, Usage
from registry.ledger.guards import Seen
from registry.log import map_log
from registry.log.policy import Policy
from registry.mirror.source import Mirror
from registry.store.tables import INDEX, LEDGER
from registry.witness.client import WitnessClient

_log = logging.getLogger(__name__)


def seen(mirror: str | None, policy: Policy, client: WitnessClient, origin: str) -> list[Seen]:
    """The newest checkpoints that they show; one that shows none is named in the log. `origin`: of the ledger."""
    return [*_in_mirror(mirror), *_at_witnesses(policy, client, origin)]


def _in_mirror(place: str | None) -> list[Seen]:
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


def _at_witnesses(policy: Policy, client: WitnessClient, origin: str) -> list[Seen]:
    if policy.is_none:
        return []
    origins = {LEDGER: origin, INDEX: map_log.index_origin(origin)}
    checkpoints = []
    asked = [(witness, log) for witness in policy.witnesses if witness.url for log in (LEDGER, INDEX)]
    with ThreadPoolExecutor(len(asked) or 1) as pool:
        texts = pool.map(lambda pair: client.monitored(pair[0], origins[pair[1]]), asked)
        for (witness, log), text in zip(asked, texts, strict=True):
            if text is not None:
                checkpoints.append(Seen(f"the witness {witness.name}", log, text))
            elif log is LEDGER:
                _log.warning("the witness %s shows no checkpoint of ours: not compared", witness.name)
    return checkpoints
