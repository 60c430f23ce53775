r"""An offline inclusion proof as text, with the checkpoint it leads to.

c2sp.org/tlog-proof, version 1:

    c2sp.org/tlog-proof@v1\nindex <n>\n<base64 hash>\n...\n\n<checkpoint with its signatures>

An `extra` line is understood by the specification and refused here: nothing signs it, and ours never carry one.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from registry.encoding.remembered import remembered
from registry.errors import Malformed

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")
#: as of an entry
_MAX_INDEX = 2**53 - 1


@dataclass(frozen=True, slots=True)
class TlogProof:
    """`hashes`: leaf's sibling first, 32 bytes each; `checkpoint`: the signed note, verbatim."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    def print(self) -> str:
        """The text of the proof; `parse` of it gives the same proof."""
        lines = [_HEADER, f"index {self.index}", *(base64.b64encode(value).decode() for value in self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


@remembered(64)
def parse(text: str) -> TlogProof:
    """The proof of `text`. Malformed `tlog_proof`."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
    if lines[0] != _HEADER or index is None or not blank or int(index[1]) > _MAX_INDEX:
        raise Malformed("tlog_proof", "not a tlog-proof")
    try:
        hashes = tuple(base64.b64decode(line, validate=True) for line in lines[2:])
    except (ValueError, binascii.Error):
        raise Malformed("tlog_proof", "a hash is not base64") from None
    proof = TlogProof(int(index[1]), hashes, checkpoint)
    if len(hashes) > 63 or any(len(value) != 32 for value in hashes) or proof.print() != text:
        raise Malformed("tlog_proof", "not the form in which a tlog-proof is printed")
    return proof
