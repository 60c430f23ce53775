"""A record is one entry of the ledger with the document under it.

An account is what the ledger has of one organization.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from registry.log import checkpoint, note
from registry.log.entry import Entry


@dataclass(frozen=True, slots=True)
class Record:
    """One entry and what it commits to. `time_ms`: when it entered the ledger; `document`: None when the body is missing.

    `register`, `number` and `n` name the credential of an issue, supersede or correct entry, else None.
    """

    index: int
    time_ms: int
    kind: str
    register: str | None
    number: str | None
    n: int | None
    document: dict[str, Any] | None
    effective: str | None
    reason: str | None
    refers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """The `credentialSubject` under an entry, None where there is no body; `n`: as in `Record`."""

    index: int
    kind: str
    n: int | None
    subject: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of a credential, as of its published checkpoint (`as_of`, RFC 3339 UTC).

    `later`: every later entry of the organization; `standing`: revoked, suspended or None.
    """

    later: Sequence[Entry]
    standing: str | None
    as_of: str


@dataclass(frozen=True, slots=True)
class Account:
    """What the ledger tells of one organization, all of it as of one moment.

    `records`: in the order of n; `standings`: as `Reader.standings` gives them; `checkpoint`: the published one, None before
    the first; `published_size`: how many entries it covers.
    """

    records: Sequence[Record]
    standings: Mapping[int, str]
    checkpoint: str | None
    published_size: int

    @property
    def head(self) -> tuple[int, bytes] | None:
        """Size and root of the published checkpoint; None before the first."""
        return None if self.checkpoint is None else head_of(self.checkpoint)


def head_of(signed: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint, of the note that it stands in."""
    head = checkpoint.parse(note.parse(signed).text)
    return head.size, head.root


@dataclass(frozen=True, slots=True)
class Progress:
    """How many entries are committed, how many the log has signed a checkpoint over, how many the public sees; of one moment."""

    size: int
    signed: int
    published: int


def in_force(records: Sequence[Record], day: str) -> Record | None:
    """The record in force on an ISO day: of those that no `correct` replaces and that have begun, the greatest (day, index)."""
    replaced = {index for record in records if record.kind == "correct" for index in record.refers}
    begun = [record for record in records if record.index not in replaced and since(record) <= day]
    return max(begun, key=lambda record: (since(record), record.index), default=None)


def since(record: Record) -> str:
    """The ISO date from which a record counts: that of its effect, else the one on which it entered the ledger."""
    if record.effective:
        return record.effective[:10]
    return datetime.fromtimestamp(record.time_ms / 1000, UTC).date().isoformat()
