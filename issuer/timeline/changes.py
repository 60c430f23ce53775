"""What a register extract says, before anybody has judged it.

Plain frozen values between `sources` (which read files) and `history` (which judges and folds). Strings are as the register
wrote them, save that each source brings its own date form to ISO where it can.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.organization import State

#: why the other rows of an organization wait, when one of its rows is bad
INCOMPLETE = "organization_incomplete"


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One input row. `file`: its place in `Extract.files`; `number`: 0-based among the data rows; `line`: 1-based line."""

    file: int
    number: int
    line: int


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file that was read. `name` is relative to the path asked for; `rows` counts data rows, rejected ones included."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is not used. `code` is stable (`sample_data/README.md` lists them), `reason` is for a person."""

    row: Row
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing the register said. `event`: its id in the register, "" in a snapshot; `order`: sort key in its dossier;
    `state`: complete as of this event, not judged yet; `correction`: the register says that it puts an error right;
    `rows`: that speak of this event alone, so that they wait with it while it lies in the future.
    """

    register: str
    number: str
    event: str
    order: tuple[object, ...]
    state: State
    correction: bool = False
    rows: tuple[Row, ...] = ()


#: (kind of value, text as it stands in a state) -> the rows in which it was written; kinds as in `issuer/timeline/values.py`
Origins = Mapping[tuple[str, str], tuple[Row, ...]]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything an extract says about one organization. `withdrawn`: events that make no state, nor do the notices that
    withdrew them, which stand here too.

    `rows`: those not rejected already (a row may stand in several dossiers: a COLIN filing belongs to each corporation
    that has its event). `refused`: (code, reason) when the organization cannot be issued, then `changes` is empty and
    `rows` wait (held) for the rest. `snapshot`: the source tells how things are, not what happened.
    `origins` lets a bad value be blamed on the very row; a value that it lacks is blamed on all rows.
    """

    register: str
    number: str
    rows: tuple[Row, ...]
    changes: tuple[Change, ...]
    refused: tuple[str, str] | None = None
    snapshot: bool = False
    origins: Origins = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()


@dataclass(slots=True)
class Extract:
    """What one path holds. `dossiers` is consumed once, sorted by number; `rejections`, `left_out` are final after that.

    `unknown_columns`, `absent_columns`: per file, columns that the source does not know, and those that it reads as empty;
    `trimmed`: cells that had spaces at their edges; `left_out`: per claim, values that were not usable and were left out of
    a state without a row being rejected.
    """

    register: str
    files: list[InputFile]
    dossiers: Iterable[Dossier]
    rejections: list[Rejection]
    unknown_columns: dict[str, list[str]] = field(default_factory=dict)
    absent_columns: dict[str, list[str]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    trimmed: int = 0

    def note_columns(self, file: str, header: Iterable[str], known: Iterable[str], unread: Iterable[str] = ()) -> None:
        """Count the columns of a file beside those that its source reads, and those that it knows and leaves `unread`."""
        own, wanted, passed = list(header), list(known), set(unread)
        for columns, noted in (
            ([column for column in own if column not in wanted and column not in passed], self.unknown_columns),
            ([column for column in wanted if column not in own], self.absent_columns),
        ):
            if columns:
                noted[file] = columns
