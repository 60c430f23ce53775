"""The witnesses of a policy are asked to cosign each checkpoint.

Their cosignatures are put under it, and counted by the policy. How a witness is asked is `witness/client`. A witness that has a
checkpoint of ours that this store does not continue knows that the store is an old one, or another.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from registry.ledger.guards import Seen, check_shown
from registry.ledger.publish import Cosigned, Prove, RootAt
from registry.log import checkpoint, map_log, note
from registry.log.policy import Policy, Witness
from registry.store.tables import INDEX, LEDGER
from registry.witness.client import COSIGNED, WitnessClient

_log = logging.getLogger(__name__)
#: a cosignature is renewed when the log has not grown for so long
FRESH_SECONDS = 600


class PolicyWitnesses:
    """Those of one policy, for the ledger of `origin`, and for its map where the policy names that log.

    `keys`: those of a log, by its origin; `now`: POSIX seconds; `tell`: is given a line for a person about each witness that
    did not cosign.
    """

    def __init__(
        self,
        policy: Policy,
        origin: str,
        keys: Callable[[str], list[note.VerifierKey]],
        client: WitnessClient,
        now: Callable[[], float],
        tell: Callable[[str], None],
    ) -> None:
        self._policy, self._origin, self._keys = policy, origin, keys
        self._client, self._now, self._tell = client, now, tell

    def asked(self, origin: str) -> list[Witness]:
        """The witnesses that are asked about the log of that origin; none where the policy does not speak of it."""
        return [witness for witness in self._policy.witnesses if witness.url] if self._covers(origin) else []

    def _covers(self, origin: str) -> bool:
        return not self._policy.is_none and (
            origin == self._origin or any(log.name == origin for log in self._policy.logs)
        )

    def check(self, head: checkpoint.Checkpoint, root_at: RootAt) -> None:
        """Refused where a witness shows a checkpoint that we signed and that `head` does not continue; its word alone is none.

        `root_at`: the root of an earlier size, from the store.
        """
        asked = self.asked(head.origin)
        if not asked:
            return
        with ThreadPoolExecutor(len(asked)) as pool:
            shown = list(pool.map(lambda witness: self._client.monitored(witness, head.origin), asked))
        for witness, text in zip(asked, shown, strict=True):
            check_shown(text or "", head, self._keys(head.origin), root_at, f"the witness {witness.name}")

    def cosigned(self, signed: str, shown: str | None, prove: Prove) -> Cosigned:
        """The note with the cosignatures of those who gave them, and whether they are enough.

        `signed`: as the log signed it; `shown`: what the public sees of the log now, which stays where it is the same
        checkpoint, freshly cosigned.
        """
        own = note.parse(signed)
        head = checkpoint.parse(own.text)
        if not self._covers(head.origin):
            return Cosigned(signed, is_met=True, is_whole=True)
        if shown is not None and self._is_fresh(shown, own):
            return Cosigned(shown, is_met=True, is_whole=True)
        lines: list[note.Signature] = []
        answers = self._client.ask(self.asked(head.origin), head.origin, signed, head.size, prove)
        for answer in answers:
            if answer.result != COSIGNED:
                self._tell(f"the witness {answer.name} did not cosign {head.origin} at {head.size}: {answer.reason}")
            lines += answer.signatures
        cosigned = note.Note(own.text, (*own.signatures, *lines))
        is_whole = all(answer.result == COSIGNED for answer in answers)
        return Cosigned(cosigned.print(), self._policy.is_met(self._policy.cosigned(cosigned)), is_whole)

    def times(self, signed: str, prove: Prove) -> list[int]:
        """The time by the clock of each witness that cosigns a checkpoint now: POSIX seconds; of those that do not, none.

        `signed`: as the log signed it, perhaps with cosignatures below.
        """
        whole = note.parse(signed)
        head = checkpoint.parse(whole.text)
        own = note.Note(whole.text, tuple(line for line in whole.signatures if line.name == head.origin))
        answers = self._client.ask(self.asked(head.origin), head.origin, own.print(), head.size, prove)
        return [answer.seconds for answer in answers if answer.seconds is not None]

    def _is_fresh(self, shown: str, own: note.Note) -> bool:
        parsed = note.parse(shown)
        if (parsed.text, parsed.signatures[: len(own.signatures)]) != (own.text, own.signatures):
            return False
        times = self._policy.cosigned(parsed)
        recent = {name for name, seconds in times.items() if self._now() - seconds < FRESH_SECONDS}
        return self._policy.is_met(recent)


def make_client() -> WitnessClient:
    """A client that remembers, from one publishing to the next, how far each witness is."""
    return WitnessClient()


def seen_by_witnesses(policy: Policy, client: WitnessClient, origin: str) -> list[Seen]:
    """The newest checkpoints of both logs that the witnesses of a policy show; one that shows none is named in the log.

    `origin`: of the ledger.
    """
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
