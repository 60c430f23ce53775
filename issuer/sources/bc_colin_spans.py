"""From when until when each row of COLIN's tables holds, withdrawn filings left out.

A row starts at one event and ends at another. A filing with a `withdrawn_event_id` never took effect: what would have begun with
it never was, what would have ended with it went on, and the notice that withdrew it restores nothing, for nothing had changed.
So a row that ends at such an event goes on, to the end of the row that the notice restored, where there is one. A notice that
was itself withdrawn withdraws nothing.

What begins at a conversion event (`CONV...`, when COLIN was filled from the system before it) that has no day of its own
began on an unknown day: where nothing else of its kind ends there, before all that is told.
"""

import re
from bisect import insort
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from issuer.timeline.changes import Row
from schemas import codes

#: effective day, timestamp, event id as a number, event id; sortable
Place = tuple[str, str, int, str]
#: before every event
BEGINNING: Place = ("", "", 0, "")
#: what stands where no event is named
UNSET = ("", "0")


@dataclass(frozen=True, slots=True)
class ColinRow:
    """A row of a table with its cells by column name; a column that the file lacks is empty."""

    row: Row
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Span:
    """A row and the places of its start and its end, which is None while it goes on. `order`: of the event that it starts
    with; `start`: from where it holds; `since`: its first day, if known.
    """

    record: ColinRow
    order: Place
    start: Place
    end: Place | None
    since: str | None

    def __getitem__(self, column: str) -> str:
        return self.record[column]

    @property
    def until(self) -> str | None:
        return None if self.end is None else self.end[0] or None

    @property
    def age(self) -> tuple[Place, int, int, str]:
        """Sort key: where it starts, then its order within the register's own numbering, a given name after a number."""
        sequence = self["corp_name_seq_num"]
        number = int(sequence) if re.fullmatch("[0-9]{1,18}", sequence) else 0
        return self.order, int(self["corp_name_typ_cd"] == "CO"), number, self["office_typ_cd"]

    @property
    def is_backward(self) -> bool:
        """Whether it ends on a day before that on which it began."""
        return bool(self.since and self.until and self.until < self.since)


class Walk:
    """The rows of one table along the events: `holding`, those that hold at the event reached; `past`, those that ended by
    then. Both sorted by age. Events are walked in their order, each once.
    """

    def __init__(self, spans: Iterable[Span]) -> None:
        self.holding: list[Span] = []
        self.past: list[Span] = []
        self._coming = sorted(spans, key=lambda span: span.start, reverse=True)

    def to(self, place: Place) -> None:
        """Go on to that event: what starts at or before it holds, unless it ends at or before it."""
        while self._coming and self._coming[-1].start <= place:
            insort(self.holding, self._coming.pop(), key=lambda span: span.age)
        for span in [span for span in self.holding if span.end is not None and span.end <= place]:
            self.holding.remove(span)
            insort(self.past, span, key=lambda span: span.age)


def withdrawn(filings: Mapping[str, ColinRow]) -> dict[str, str]:
    """Each event whose filing was withdrawn -> the event of the notice. `filings`: by event id."""
    notices = {
        event: filing["withdrawn_event_id"]
        for event, filing in filings.items()
        if filing["withdrawn_event_id"] not in UNSET
    }

    is_gone: dict[str, bool] = {}
    for start in notices:
        path: dict[str, int] = {}
        event = start
        while event in notices and event not in is_gone and event not in path:
            path[event] = len(path)
            event = notices[event]
        if event in path:  # notices that withdraw each other in a ring: nobody knows, so that none of it is a state
            is_gone.update(dict.fromkeys(list(path)[path[event] :], True))
        for event in reversed(path):
            is_gone.setdefault(event, not is_gone.get(notices[event], False))
    return {event: notice for event, notice in notices.items() if is_gone[event]}


def spans(
    records: Iterable[ColinRow],
    kind: str,
    places: Mapping[str, Place],
    undated: Collection[str],
    gone: Mapping[str, str],
) -> list[Span]:
    """The rows of one table that ever held. `kind`: the column by which rows take each other's place, "" for all of them.

    `places`: of every event; `undated`: conversion events that do not say since when; `gone`: as `withdrawn` gives it.
    """
    notices = set(gone.values())
    void = notices | set(gone)
    restored: dict[tuple[str, str], list[ColinRow]] = {}
    rest = []
    for record in records:
        if record["start_event_id"] in notices:
            restored.setdefault((_kind(record, kind), record["start_event_id"]), []).append(record)
        elif record["start_event_id"] not in gone:
            rest.append(record)
    ends = {(_kind(record, kind), record["end_event_id"]) for record in rest}
    settled = []
    for record in rest:
        end = record["end_event_id"]
        while end in void:
            after = restored.get((_kind(record, kind), gone.get(end, end)), [])
            again = next((row for row in after if row["corp_nme"] == record["corp_nme"]), after[0] if after else None)
            if again is None:
                end = ""
                break
            after.remove(again)
            end = again["end_event_id"]
        event = record["start_event_id"]
        is_first = event in undated and (_kind(record, kind), event) not in ends
        since = None if event in undated else places[event][0] or None
        start = BEGINNING if is_first else places[event]
        settled.append(Span(record, places[event], start, places[end] if end else None, since))
    return settled


def _kind(record: ColinRow, column: str) -> str:
    """What a row tells: rows of one kind take each other's place. A number (`NB`) is a legal name too."""
    return "CO" if record[column] == "NB" else record[column]


def place(event: str, timestamp: str, acts: Iterable[ColinRow]) -> Place:
    """Where an event stands: by the effective day of its filing, else of its conversion event, else of its timestamp.

    A placeholder for a date is no date.
    """
    given = (*(act["effective_dt"] for act in acts), timestamp)
    day = next((text[:10] for text in given if text and not codes.is_placeholder_date("bc", text[:10])), "")
    return day, timestamp, int(event) if event.isascii() and event.isdecimal() and len(event) <= 18 else 0, event
