r"""What a witness takes and what it decides, as pure functions.

c2sp.org/tlog-witness v1.0.0, `add-checkpoint`:

    old <size>\n   <base64 hash>\n (0 to 63 of them, RFC 6962 section 2.1.2)   \n   <the signed checkpoint>

A request is judged in two steps: whose checkpoint it is (`authentic`), and whether it continues what was cosigned last
(`decide`). Extension lines in a checkpoint are refused: cosigners disagree about what they cover. That what was decided is
stored before anybody hears of it is left to `server`.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from registry.errors import Conflict, Malformed, NotFound, Untrue
from registry.log import checkpoint, note
from registry.log.merkle import EMPTY_ROOT, check_consistency

SIZE_TYPE = "text/x.tlog.size"
MAX_SIZE = 2**63 - 1
_MAX_HASHES = 63
_SIZE = re.compile(r"(0|[1-9][0-9]{0,18})\n?")
#: what evidence of a fork shows: two roots of one size prove it; a larger head without a proof that holds does not by itself
TWO_ROOTS, NO_CONSISTENCY = "two_roots", "no_consistency"


class Stale(Conflict):
    """The request builds on another size than the one cosigned last, which is `size`."""

    def __init__(self, size: int) -> None:
        super().__init__("stale_old", f"the checkpoint cosigned last has {size} entries")
        self.size = size

    def __reduce__(self) -> tuple[type["Stale"], tuple[int]]:
        return Stale, (self.size,)


@dataclass(frozen=True, slots=True)
class Request:
    """`old`: the size it builds on; `hashes`: the consistency proof, 32 bytes each; `signed`: the new checkpoint's note."""

    old: int
    hashes: tuple[bytes, ...]
    signed: note.Note

    @property
    def head(self) -> checkpoint.Checkpoint:
        """The new checkpoint. Malformed `checkpoint`."""
        return checkpoint.parse(self.signed.text)

    def print(self) -> str:
        """The body to post; `parse` of it gives the same request."""
        proof = "".join(f"{base64.b64encode(value).decode()}\n" for value in self.hashes)
        return f"old {self.old}\n{proof}\n{self.signed.print()}"


@dataclass(frozen=True, slots=True)
class Head:
    """What was cosigned last of a log; `note`: with the signatures of the log and the witness, empty before the first one."""

    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""


def parse_size(text: str) -> int:
    """The size of a decimal, one newline allowed (the body of a 409). Malformed `size`."""
    match = _SIZE.fullmatch(text)
    if match is None or int(match[1]) > MAX_SIZE:
        raise Malformed("size", "not a size in decimal")
    return int(match[1])


def parse(body: bytes) -> Request:
    """The request of a posted body. Malformed `add_checkpoint`, `note`, `checkpoint`, `size`."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Malformed("add_checkpoint", "not UTF-8") from None
    top, blank, rest = text.partition("\n\n")
    first, *proof = top.split("\n")
    if not blank or not first.startswith("old ") or len(proof) > _MAX_HASHES:
        raise Malformed("add_checkpoint", "not an old size, at most 63 hashes, a blank line and a checkpoint")
    try:
        hashes = tuple(base64.b64decode(line, validate=True) for line in proof)
    except ValueError:
        raise Malformed("add_checkpoint", "a hash is not base64") from None
    request = Request(parse_size(first.removeprefix("old ")), hashes, note.parse(rest))
    if request.head.size > MAX_SIZE or any(len(value) != 32 for value in hashes) or request.print() != text:
        raise Malformed("add_checkpoint", "not the form in which a request is printed")
    return request


def origin_hash(origin: str) -> str:
    """How a log is named in the path of its newest cosigned checkpoint: `<monitoring prefix>/<this>/checkpoint`."""
    return sha256(origin.encode()).hexdigest()


def authentic(request: Request, logs: Mapping[str, Sequence[note.VerifierKey]]) -> note.Note:
    """The new checkpoint with the signatures of its log alone. `logs`: the trusted keys of each origin.

    NotFound `origin_unknown`; Untrue `signature`: none by a trusted key, or a wrong one.
    """
    trusted = logs.get(request.head.origin)
    if trusted is None:
        raise NotFound("origin_unknown", "this witness does not know that log")
    signers = {(key.name, key.key_id) for key in note.check(request.signed, trusted)}
    lines = tuple(line for line in request.signed.signatures if (line.name, line.key_id) in signers)
    return note.Note(request.signed.text, lines)


def decide(request: Request, last: Head) -> None:
    """Returns when the new checkpoint continues `last`, so that it may be cosigned.

    Malformed `old_size`: `old` is above the new size. Stale: it is not that of `last`. Untrue: `empty_root`, `consistency`.
    """
    head = request.head
    if request.old > head.size:
        raise Malformed("old_size", "the old size is larger than that of the checkpoint")
    if request.old != last.size:
        raise Stale(last.size)
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise Untrue("empty_root", "a tree of no entries has the root of the empty tree")
    if request.old:
        check_consistency(request.old, head.size, last.root, head.root, request.hashes)
    elif request.hashes:
        raise Untrue("consistency", "nothing proves that a tree continues the empty one: no hash is wanted")


def suspicion(request: Request, last: Head) -> str | None:
    """Whether a refused checkpoint, whose signature is authentic, is to be kept as evidence against its log, and of what.

    Two roots of one size are the log's own doing. A larger head with a proof that does not hold may also be an honest head
    that somebody else sent with a wrong proof; a copy of the log's entries can tell.
    """
    head = request.head
    if head.size == last.size and head.root != last.root:
        return TWO_ROOTS
    return NO_CONSISTENCY if head.size > last.size == request.old and last.size else None
