r"""A checkpoint is the signed head of a log: origin, size and root.

c2sp.org/tlog-checkpoint v1.0.0, signed as a note:

    <origin>\n<size in decimal>\n<base64 of the root>\n

No extension line is ever written, and none is accepted of our own ledger: cosigners disagree about what they cover.
"""

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from registry.encoding.remembered import remembered
from registry.errors import Malformed, Refused
from registry.keys import Signer
from registry.log import note


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Of one ledger: its name, how many entries, and the Merkle root over them (32 bytes)."""

    origin: str
    size: int
    root: bytes

    def print(self) -> str:
        """The text that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@remembered(64)
def parse(text: str) -> Checkpoint:
    """The checkpoint of a note's text. Malformed `checkpoint`."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise Malformed("checkpoint", "not three lines")
    try:
        checkpoint = Checkpoint(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True))
    except (ValueError, binascii.Error):
        raise Malformed("checkpoint", "not a size and a root") from None
    if (
        checkpoint.size < 0
        or len(checkpoint.root) != 32
        or not note.is_name(checkpoint.origin)
        or checkpoint.print() != text
    ):
        raise Malformed("checkpoint", "not the form in which a checkpoint is printed")
    return checkpoint


def sign(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The note signed by each of the keys, as text; their name is the origin."""
    signed = [note.sign(checkpoint.print(), checkpoint.origin, signer) for signer in signers]
    return note.Note(checkpoint.print(), tuple(line for each in signed for line in each.signatures)).print()


def check(text: str, keys: Iterable[note.VerifierKey]) -> Checkpoint:
    """The checkpoint of a signed note. Malformed, or Untrue `signature` when none of `keys` signed it."""
    return _checked(text, tuple(keys))


@remembered(64)
def _checked(text: str, keys: tuple[note.VerifierKey, ...]) -> Checkpoint:
    signed = note.parse(text)
    checkpoint = parse(signed.text)
    note.check(signed, keys)
    return checkpoint


def check_holds(seen: Checkpoint, head: Checkpoint, root_at: Callable[[int], bytes], where: str) -> None:
    """Refused unless the log with that head holds what was `seen` of it; the message names both sizes."""
    if seen.origin != head.origin:
        raise Refused("identity_disagrees", f"{where} is of the log {seen.origin}, this is {head.origin}")
    if seen.size > head.size:
        raise Refused(
            "store_behind",
            f"the store has {head.size} entries of {head.origin}, but {where} knows {seen.size}: bring it forward with "
            "greffe restore",
        )
    if root_at(seen.size) != seen.root:
        raise Refused(
            "store_forked",
            f"the store has {head.size} entries of {head.origin}, and the first {seen.size} are not those that {where} knows",
        )
