"""What an organization page shows, worked out from the ledger's records.

Facts, lists, history, and the timeline's places. Pure. Every value that was signed keeps its claim path below
`credentialSubject`, so that the page can be checked word for word against the credential. How it looks is left to the templates.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from registry.reading.record import Record
from schemas import codes
from schemas.codes import Act
from schemas.organization import State, from_subject
from search.views.acts import act_of_code, what_happened


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two states, both values None where words alone would not tell it.

    `table`: the code table of the values, `DAY`, `PLACE`, or None for plain text; `kind`: code table and code of what kind of
    name, address or relationship it is.
    """

    field: str
    before: str | None
    after: str | None
    table: str | None = None
    kind: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One credential of the organization. `logged`: UTC time of its entry; `state`: None when the body is gone.

    `act`: what happened, None where nothing says it; `label`: the register's code that no table knows, in its place.
    """

    n: int
    index: int
    kind: str
    effective: str | None
    logged: str
    state: State | None
    differences: tuple[Difference, ...]
    act: Act | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A dated state on the timeline. `x`: percent of the width; `first`, `last`: the states of `history` that it stands for."""

    x: float
    first: int
    last: int
    effective: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the timeline with one operating status (Active, Historical, None; `reserved`: active with a reservation)."""

    x: float
    width: float
    status: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """`ticks`: (percent, year)."""

    dots: tuple[Dot, ...]
    segments: tuple[Segment, ...]
    ticks: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class OrganizationView:
    """The page's content. `subject`: the credentialSubject shown; `n`: which credential that is; `history`: newest first."""

    subject: dict[str, Any]
    state: State
    n: int
    index: int
    logged: str
    issuer_name: str
    history: tuple[HistoryItem, ...]
    timeline: Timeline | None

    @property
    def name(self) -> str | None:
        """The current legal name."""
        return self.state.legal_name


def organization_view(records: Sequence[Record], today: date, chosen: Record | None = None) -> OrganizationView | None:
    """The view of an organization's records (in order of n); None when none of them has a body.

    The state shown is that of `chosen`, else of the last record; its body must be there.
    """
    last = chosen or (records[-1] if records else None)
    if last is None or last.document is None:
        return None
    document = last.document or {}
    items: list[HistoryItem] = []
    for record, before, state in with_states(records):
        differences = () if state is None or before is None else differences_between(before, state)
        act = None if state is None else act_in(record, before, state)
        event = None if state is None else state.event
        label = None if event is None or act is not None else event.filing or event.kind
        shown = (record.n or 0, record.index, record.kind, record.effective, utc(record.time_ms))
        items.append(HistoryItem(*shown, state, differences, act, label))
    return OrganizationView(
        subject=document["credentialSubject"],
        state=from_subject(document["credentialSubject"]),
        n=last.n or 0,
        index=last.index,
        logged=utc(last.time_ms),
        issuer_name=str(document["issuer"]["name"]),
        history=tuple(reversed(items)),
        timeline=timeline(items, today),
    )


def with_states(records: Sequence[Record]) -> list[tuple[Record, State | None, State | None]]:
    """Each record (in order of n) with the state before it in effect, and its own; None where there is no body.

    The state before is that of the newest record that it refers to, else the newest earlier one.
    """
    states: dict[int, State] = {}
    rows: list[tuple[Record, State | None, State | None]] = []
    for record in records:
        before = next((states[index] for index in sorted(record.refers, reverse=True) if index in states), None)
        before = before or next(reversed(states.values()), None)
        state = None if record.document is None else from_subject(record.document["credentialSubject"])
        rows.append((record, before, state))
        if state is not None:
            states[record.index] = state
    return rows


def act_in(record: Record, before: State | None, state: State) -> Act | None:
    """What happened in one record; a correction puts words right, so its differences from what was replaced are no act."""
    return act_of_code(state) if record.kind == "correct" else what_happened(before, state)


def utc(time_ms: int) -> str:
    """`2026-11-22 08:00:00 UTC` for milliseconds since 1970."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


#: in place of a code table: what is shown as a day, or as a place
DAY, PLACE = "day", "place"
_COMPARED = (
    ("name", "legal_name", None),
    ("status", "status", "registration_status"),
    ("register status", "register_status", "register_status"),
    ("type", "entity_type", "entity_type"),
    ("jurisdiction", "jurisdiction", PLACE),
    ("home jurisdiction", "home_jurisdiction", PLACE),
    ("business number", "business_number", None),
    ("registered on", "registered_on", DAY),
    ("valid from", "valid_from", DAY),
    ("valid until", "valid_until", DAY),
)


def differences_between(before: State, after: State) -> tuple[Difference, ...]:
    """What is different: plain fields first, then each name, address and relationship that came, went or changed."""
    differences = [
        Difference(field, getattr(before, name), getattr(after, name), table)
        for field, name, table in _COMPARED
        if getattr(before, name) != getattr(after, name)
    ]
    follow = {before.legal_name, after.legal_name} if before.legal_name != after.legal_name else set()
    for field, old, new in (
        ("names", _names(before, follow), _names(after, follow)),
        ("addresses", _addresses(before), _addresses(after)),
        ("relationships", _links(before), _links(after)),
    ):
        differences += _list_differences(field, old, new)
    return tuple(differences)


#: a text of a list: its kind (code table and code), the words, and what else was stated of it
_Item = tuple[tuple[str, str], str, object]


def _names(state: State, follow: set[str | None]) -> list[_Item]:
    """All names but those that a change of the legal name tells already."""
    return [(("name_kind", name.kind), name.text, name) for name in state.names if name.text not in follow]


def _addresses(state: State) -> list[_Item]:
    texts = [
        (address, (address.street, address.locality, address.region, address.postal_code, address.country))
        for address in state.addresses
    ]
    return [(("address_role", each.role), ", ".join(filter(None, parts)), each) for each, parts in texts]


def _links(state: State) -> list[_Item]:
    return [(("relationship", link.kind), link.name or link.number or "", link) for link in state.relationships]


def _list_differences(field: str, old: list[_Item], new: list[_Item]) -> list[Difference]:
    """Where one of a kind went and one came, the one took the other's place."""
    gone, come = [item for item in old if item not in new], [item for item in new if item not in old]
    differences = []
    for kind in dict.fromkeys(item[0] for item in (*gone, *come)):
        before, after = ([text for other, text, _ in items if other == kind] for items in (gone, come))
        if len(before) == len(after) == 1:
            same = before == after
            differences.append(Difference(field, None if same else before[0], after[0], None, kind))
        else:
            differences += [Difference(field, text, None, None, kind) for text in before]
            differences += [Difference(field, None, text, None, kind) for text in after]
    return differences


def timeline(items: Sequence[HistoryItem], today: date) -> Timeline | None:
    """Where the dated states stand between the first date and today; None when there is only one date."""
    dated = [(date.fromisoformat(item.effective[:10]), item) for item in items if item.effective and item.state]
    if len({day for day, _ in dated}) < 2:
        return None
    dated.sort(key=lambda pair: (pair[0], pair[1].n))
    start, end = dated[0][0], max(today, dated[-1][0])
    span = max((end - start).days, 1)

    def place(day: date) -> float:
        return round(2 + 96 * (day - start).days / span, 2)

    dots: list[Dot] = []
    for day, item in dated:
        x = place(day)
        if dots and x - dots[-1].x < 7:
            dots[-1] = replace(dots[-1], last=item.n)
        else:
            dots.append(Dot(x, item.n, item.n, day.isoformat()))
    stops = [(place(day), _standing(item.state) if item.state else None) for day, item in dated] + [(98.0, None)]
    segments = [Segment(x, round(until - x, 2), status) for (x, status), (until, _) in pairwise(stops) if until > x]
    return Timeline(tuple(dots), tuple(segments), _ticks(start, end, place))


def _standing(state: State) -> str | None:
    """Its operating status, or `reserved` where the register's own status takes something from being active."""
    is_reserved = state.status == "Active" and codes.sub_status(state.register, state.register_status) is not None
    return "reserved" if is_reserved else state.status


def _ticks(start: date, end: date, place: Any) -> tuple[tuple[float, int], ...]:
    """At most five years, evenly apart."""
    span = end.year - start.year
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 500) if span / step <= 4 or step == 500)
    years = range(start.year + 1 if span else start.year, end.year + 1)
    return tuple(
        (place(date(year, 1, 1)), year) for year in years if year % step == 0 and start <= date(year, 1, 1) <= end
    )
