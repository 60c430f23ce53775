"""A log that grows, its forks, and a witness of them: for tests of witnesses, of who asks them, and of their command."""

from collections.abc import Callable
from pathlib import Path

from registry.keys import Signer, SigningKey
from registry.log import checkpoint, note
from registry.log.merkle import consistency_proof, leaf_hash, root_of
from registry.witness.rules import Request
from registry.witness.server import Witness, WitnessStore

ORIGIN = "log.example/ledger"
WITNESS_NAME = "witness.example/w1"
SECONDS = 1_700_000_000
LOG_KEY = SigningKey(bytes([1]) * 32)
WITNESS_KEY = SigningKey(bytes([2]) * 32)


class GrowingLog:
    """1,000 entries; from `forked` on they are others than in the log that forks nowhere."""

    def __init__(self, origin: str = ORIGIN, signer: Signer = LOG_KEY, forked: int = 1000) -> None:
        self.origin, self.signer = origin, signer
        self._leaves = [leaf_hash(f"{'entry' if i < forked else 'other'} {i}".encode()) for i in range(1000)]

    @property
    def key(self) -> note.VerifierKey:
        return note.VerifierKey(self.origin, self.signer.public.raw)

    def checkpoint(self, size: int) -> str:
        """The signed note."""
        head = checkpoint.Checkpoint(self.origin, size, root_of(self._leaves[:size]))
        return checkpoint.sign(head, self.signer)

    def consistency(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, lambda level, n: root_of(self._leaves[n << level : (n + 1) << level]))

    def request(self, old: int, new: int, hashes: list[bytes] | None = None) -> bytes:
        """The body to post; `hashes` in the place of the right proof."""
        proof = self.consistency(old, new) if hashes is None and old <= new else hashes or []
        return Request(old, tuple(proof), note.parse(self.checkpoint(new))).print().encode()


def witness_in(
    folder: Path,
    logs: list[GrowingLog] | None = None,
    signers: list[Signer] | None = None,
    store: Callable[[Path], WitnessStore] = WitnessStore,
    now: Callable[[], float] = lambda: SECONDS,
) -> Witness:
    """A witness with its database in that folder; of the log that forks nowhere, unless told otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    watched = [log.key for log in logs or [GrowingLog()]]
    return Witness(WITNESS_NAME, signers or [WITNESS_KEY], watched, store(folder / "witness.db"), now)
