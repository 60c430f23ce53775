"""What the witness policy means for publishing: ask its witnesses, put their cosignatures under the checkpoint, count them.

How a witness is asked is `witness_client`. A witness that holds a later checkpoint of ours knows that this store is an old one.
"""

from collections.abc import Callable

from registry import checkpoint, note
from registry.errors import Refused, RegistryError
from registry.publish import Prove
from registry.tlog_policy import Policy, Witness
from registry.witness_client import AHEAD, COSIGNED, WitnessClient

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
        return [one for one in self._policy.witnesses if one.url] if self._covers(origin) else []

    def _covers(self, origin: str) -> bool:
        return not self._policy.is_none and (
            origin == self._origin or any(log.name == origin for log in self._policy.logs)
        )

    def cosigned(self, signed: str, shown: str | None, prove: Prove) -> tuple[str, bool]:
        """The note with the cosignatures of those who gave them, and whether they are enough.

        `signed`: as the log signed it; `shown`: what the public sees of the log now, which stays where it is the same
        checkpoint, freshly cosigned. Refused `store_behind`: a witness holds a later checkpoint.
        """
        own = note.parse(signed)
        head = checkpoint.parse(own.text)
        if not self._covers(head.origin):
            return signed, True
        if shown is not None and self._is_fresh(shown, own):
            return shown, True
        lines: list[note.Signature] = []
        asked = self.asked(head.origin)
        for one, answer in zip(asked, self._client.ask(asked, head.origin, signed, head.size, prove), strict=True):
            if answer.result == AHEAD:
                self._check_ahead(one, head)
            if answer.result != COSIGNED:
                self._tell(f"the witness {answer.name} did not cosign {head.origin} at {head.size}: {answer.reason}")
            lines += answer.signatures
        cosigned = note.Note(own.text, (*own.signatures, *lines))
        return cosigned.print(), self._policy.is_met(self._policy.cosigned(cosigned))

    def _check_ahead(self, asked: Witness, head: checkpoint.Checkpoint) -> None:
        """Refused when the witness can show the later checkpoint, signed by us: its word alone stops nobody."""
        shown = self._client.monitored(asked, head.origin)
        try:
            later = checkpoint.check(shown or "", self._keys(head.origin))
        except RegistryError:
            return
        if later.size > head.size:
            raise Refused(
                "store_behind",
                f"the store has {head.size} entries of {head.origin}, but the witness {asked.name} shows a checkpoint of "
                f"{later.size}: bring it forward with greffe restore",
            )

    def _is_fresh(self, shown: str, own: note.Note) -> bool:
        parsed = note.parse(shown)
        if (parsed.text, parsed.signatures[: len(own.signatures)]) != (own.text, own.signatures):
            return False
        times = self._policy.cosigned(parsed)
        recent = {name for name, seconds in times.items() if self._now() - seconds < FRESH_SECONDS}
        return self._policy.is_met(recent)
