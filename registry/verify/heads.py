"""Checks of signed heads: the ledger's witnesses, and the map's root.

All verifiers of logged documents use them.
"""

from datetime import datetime

from registry.encoding.remembered import remembered, remembered_values
from registry.log import checkpoint, map_log, note, proof_text
from registry.log import policy as tlog_policy
from registry.log.merkle import check_inclusion, leaf_hash
from registry.verify.trust import Trust
from registry.verify.verdict import SKEW, Indeterminate, demand


def check_witnessed(signed: str, policy: tlog_policy.Policy, at: datetime) -> int:
    """When the witnesses of the policy cosigned a checkpoint: POSIX seconds of the newest cosignature.

    Untrue: a cosignature is wrong, or the quorum is not met; one of the future does not count. Indeterminate: there is none.
    """
    times = dict(_cosigned(signed, policy.witnesses))
    if not times:
        raise Indeterminate("no witness of the policy has cosigned the checkpoint")
    counted = {name: seconds for name, seconds in times.items() if seconds <= at.timestamp() + SKEW.total_seconds()}
    demand(policy.is_met(counted.keys()), "the witnesses that cosigned are fewer than the policy demands")
    return max(counted.values())


@remembered(16)
def _cosigned(signed: str, witnesses: tuple[tlog_policy.Witness, ...]) -> tuple[tuple[str, int], ...]:
    return tuple(tlog_policy.cosigned(note.parse(signed), witnesses).items())


def check_map(
    map_root: map_log.MapRoot, shown: proof_text.TlogProof, head: checkpoint.Checkpoint, trust: Trust, at: datetime
) -> None:
    """The root of the map is that of the checkpoint `head`, and stands in the map's log as `shown` tells.

    Untrue or Malformed where it is not so; Indeterminate: no key of that log is trusted, or no witness cosigned it.
    """
    if not trust.index_keys:
        raise Indeterminate("the trust file names no key of the map's log")
    demand(map_root.head == head, "the map belongs to another checkpoint")
    index = checkpoint.check(shown.checkpoint, trust.index_keys)
    demand(index.origin == map_log.index_origin(trust.origin), "the map's checkpoint is of another origin")
    if trust.index_policy is not None:
        check_witnessed(shown.checkpoint, trust.index_policy, at)
    _check_logged(map_root, shown.index, shown.hashes, index)


@remembered_values(16)
def _check_logged(
    map_root: map_log.MapRoot, place: int, hashes: tuple[bytes, ...], index: checkpoint.Checkpoint
) -> None:
    check_inclusion(place, index.size, leaf_hash(map_root.print()), hashes, index.root)
