"""What COLIN's rows say of one corporation, event by event.

Each event yields one state, even one that changes nothing but the event; withdrawn filings and the notices that withdraw them
yield none (`bc_colin_spans`). Events are ordered by effective day, timestamp, event id; the effective day is that of the
filing, else of the conversion event, else of the timestamp: a date only, since the source has no time zone.
The extract keeps only the present type, recognition date and business number of a corporation: every state says those.
A business number that is not nine digits is left out and counted. Values are stripped of the padding of their columns.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from issuer.sources.bc_colin_spans import ColinRow, Place, Span, Walk, place, spans, withdrawn
from issuer.timeline.changes import Change, Origins, Row
from issuer.timeline.draft import is_too_large
from issuer.timeline.text import is_same_name
from schemas import codes
from schemas.organization import Address, Event, Name, State

_PROVINCES = frozenset(["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"])
_LEGAL = ("CO", "NB")
_OTHER_NAMES = {"AS": "assumed", "TR": "translated", "NO": "translated"}


@dataclass(slots=True)
class Corporation:
    """The accepted rows of one corporation. `events`, `acts` (filing, conv_event) by event id; `facts` by table.

    `waiting`: rows that are neither accepted nor rejected. `headless`: `record` is the rejected row of `corporation`.
    """

    corp_num: str
    record: ColinRow
    events: dict[str, ColinRow] = field(default_factory=dict)
    acts: dict[str, dict[str, ColinRow]] = field(default_factory=lambda: {"filing": {}, "conv_event": {}})
    facts: dict[str, list[ColinRow]] = field(
        default_factory=lambda: {"corp_name": [], "corp_state": [], "jurisdiction": [], "office": []}
    )
    addresses: dict[str, ColinRow] = field(default_factory=dict)
    waiting: list[ColinRow] = field(default_factory=list)
    headless: bool = False

    @property
    def number(self) -> str:
        """`corp_num`, with `BC` in front when it is all digits."""
        return f"BC{self.corp_num}" if self.corp_num.isdecimal() else self.corp_num

    def records(self) -> Iterator[ColinRow]:
        """Every record that is not rejected; a filing or an address may belong to another corporation as well."""
        if not self.headless:
            yield self.record
        yield from self.events.values()
        for acts in self.acts.values():
            yield from acts.values()
        for facts in self.facts.values():
            yield from facts
        yield from self.addresses.values()
        yield from self.waiting

    def rows(self) -> tuple[Row, ...]:
        return tuple(sorted(record.row for record in self.records()))


#: column by which the rows of a table take each other's place
_KINDS = {"corp_name": "corp_name_typ_cd", "corp_state": "", "jurisdiction": "", "office": "office_typ_cd"}


@dataclass(frozen=True, slots=True)
class Account:
    """What counts of a corporation's rows. `places`: of the events that make a state, in order; `spans`: by table;
    `withdrawn`: the other events.
    """

    places: dict[str, Place]
    spans: dict[str, list[Span]]
    withdrawn: frozenset[str]

    def walks(self) -> dict[str, Walk]:
        """A walk along the events for each table."""
        return {table: Walk(spans) for table, spans in self.spans.items()}


class Withdrawals:
    """The withdrawn filings of a set of tables: an event, and the notice that withdraws it, may be of several corporations."""

    def __init__(self, filings: Iterable[ColinRow]) -> None:
        self._gone = withdrawn({filing["event_id"]: filing for filing in filings})
        self._by_notice: dict[str, list[str]] = {}
        for event, notice in self._gone.items():
            self._by_notice.setdefault(notice, []).append(event)

    def of(self, corporation: Corporation) -> dict[str, str]:
        """Event -> notice, of those whose event or notice is the corporation's."""
        own = {event for event in corporation.events if event in self._gone}
        own.update(event for notice in corporation.events for event in self._by_notice.get(notice, ()))
        return {event: self._gone[event] for event in sorted(own)}


def read_spans(corporation: Corporation, withdrawals: Withdrawals) -> Account:
    """The events and rows that count."""
    gone = withdrawals.of(corporation)
    void = frozenset(gone) | frozenset(gone.values())
    every = {event: _place(corporation, event) for event in corporation.events}
    undated = {event for event in every if _is_conversion(corporation, event)}
    told_of = {
        table: spans(records, _KINDS[table], every, undated, gone) for table, records in corporation.facts.items()
    }
    places = {event: at for event, at in sorted(every.items(), key=lambda item: item[1]) if event not in void}
    return Account(places, told_of, void & frozenset(corporation.events))


def _place(corporation: Corporation, event: str) -> Place:
    acts = [corporation.acts[name][event] for name in ("filing", "conv_event") if event in corporation.acts[name]]
    return place(event, corporation.events[event]["event_timestmp"], acts)


def _is_conversion(corporation: Corporation, event: str) -> bool:
    """Whether the event only tells that its row was brought over, and not since when it holds."""
    acts = [corporation.acts[name][event] for name in ("filing", "conv_event") if event in corporation.acts[name]]
    day = _place(corporation, event)[0]
    is_dated = any(act["effective_dt"] and act["effective_dt"][:10] == day for act in acts)
    return corporation.events[event]["event_typ_cd"].startswith("CONV") and not is_dated


def changes(
    corporation: Corporation, account: Account, left_out: dict[str, int]
) -> tuple[tuple[Change, ...], Origins] | None:
    """One change per event, oldest first, and the rows in which each value stands; None: more than a credential can say.

    `left_out` counts values not used.
    """
    written: dict[tuple[str, str], list[Row]] = {}
    for kind, text, row in _written(corporation, account):
        written.setdefault((kind, text), []).append(row)
    business_number = corporation.record["bn_9"]
    if business_number and not re.fullmatch(r"[0-9]{9}", business_number):
        left_out["business_number"] = left_out.get("business_number", 0) + 1
        business_number = ""
    own_rows, walks = _own_rows(corporation, account), account.walks()
    naming = Naming(account.spans["corp_name"])
    states: list[Change] = []
    for event, at in account.places.items():
        for walk in walks.values():
            walk.to(at)
        state = _state(corporation, walks, naming, event, at, business_number or None)
        if is_too_large(state):
            return None
        correction = codes.is_correction("bc", _filing(corporation, event) or "")
        states.append(Change("bc", corporation.number, event, at, state, correction, own_rows[event]))
    return tuple(states), {value: tuple(rows) for value, rows in written.items()}


def _own_rows(corporation: Corporation, account: Account) -> dict[str, tuple[Row, ...]]:
    """The rows that speak of one event alone: it, its acts, and what begins with it."""
    own: dict[str, list[Row]] = {event: [corporation.events[event].row] for event in account.places}
    for acts in corporation.acts.values():
        for event, act in acts.items():
            if event in own:
                own[event].append(act.row)
    for every in account.spans.values():
        for span in every:
            if span["start_event_id"] in own:
                own[span["start_event_id"]].append(span.record.row)
    return {event: tuple(rows) for event, rows in own.items()}


def _state(
    corporation: Corporation,
    walks: dict[str, Walk],
    naming: "Naming",
    event: str,
    at: Place,
    business_number: str | None,
) -> State:
    names = naming.names(walks["corp_name"], walks["jurisdiction"])
    status = _latest(walks["corp_state"].holding)
    home = _latest(walks["jurisdiction"].holding)
    return State(
        register="bc",
        number=corporation.number,
        entity_type=corporation.record["corp_typ_cd"],
        legal_name=names[0].text if names and names[0].kind == "legal" else None,
        status=None if status is None else codes.operating_status("bc", status["state_typ_cd"]),
        register_status=None if status is None else status["state_typ_cd"],
        status_since=None if status is None else status.since,
        registered_on=corporation.record["recognition_dts"][:10] or None,
        jurisdiction="CA-BC",
        home_jurisdiction=None if home is None else _jurisdiction(home.record),
        business_number=business_number,
        names=names,
        addresses=_addresses(corporation, walks["office"].holding),
        event=Event(corporation.events[event]["event_typ_cd"], event, _filing(corporation, event), at[0] or None),
    )


def _filing(corporation: Corporation, event: str) -> str | None:
    filing = corporation.acts["filing"].get(event)
    return None if filing is None else filing["filing_typ_cd"] or None


def _latest(records: list[Span]) -> Span | None:
    return records[-1] if records else None


class Naming:
    """The names of one corporation. Legal names that follow each other and differ in spaces alone are one."""

    def __init__(self, records: list[Span]) -> None:
        legal = sorted((span for span in records if _is_legal(span)), key=lambda span: span.age)
        ended: dict[Place, list[Span]] = {}
        self._first: dict[Row, Span] = {}
        self._renewed: set[Row] = set()
        for span in legal:
            before = next((other for other in ended.get(span.order, ()) if _is_same(other, span)), None)
            self._first[span.record.row] = span if before is None else self._first[before.record.row]
            if before is not None:
                self._renewed.add(before.record.row)
            if span.end is not None:
                ended.setdefault(span.end, []).append(span)

    def names(self, names: Walk, homes: Walk) -> tuple[Name, ...]:
        """The legal name first (if any), then other names in force, then former legal names, then others given up."""
        every = [self._legal(span, "legal") for span in names.holding if _is_legal(span)][-1:]
        every += _others(names.holding, is_past=False)
        every += [
            _home(span, is_past=False)
            for span in homes.holding
            if span["home_company_nme"] and not _is_named(every, span)
        ]
        every += [
            replace(self._legal(span, "former"), until=span.until)
            for span in names.past
            if _is_legal(span) and span.record.row not in self._renewed
        ]
        every += _others(names.past, is_past=True)
        every += [_home(span, is_past=True) for span in homes.past if span["home_company_nme"]]
        return tuple(every)

    def _legal(self, span: Span, kind: str) -> Name:
        """A legal name as it was first written, and since then."""
        first = self._first[span.record.row]
        return Name(first["corp_nme"], kind, None, first.since)


def _is_legal(span: Span) -> bool:
    return span["corp_name_typ_cd"] in _LEGAL


def _is_same(span: Span, other: Span) -> bool:
    return is_same_name(span["corp_nme"], other["corp_nme"])


def _others(records: list[Span], *, is_past: bool) -> list[Name]:
    """The assumed names, then the translated ones. Of what holds as of the event no end is known yet."""
    return [
        Name(span["corp_nme"], kind, None, span.since, span.until if is_past else None)
        for kind in ("assumed", "translated")
        for span in records
        if _OTHER_NAMES.get(span["corp_name_typ_cd"]) == kind
    ]


def _home(span: Span, *, is_past: bool) -> Name:
    return Name(span["home_company_nme"], "home", None, span.since, span.until if is_past else None)


def _is_named(names: list[Name], span: Span) -> bool:
    """Whether the home jurisdiction knows the organization by its legal name."""
    return bool(names) and names[0].kind == "legal" and is_same_name(names[0].text, span["home_company_nme"])


def _jurisdiction(record: ColinRow) -> str | None:
    """A Canadian one as ISO 3166 (`CA-ON`, federal `CA`), another one as the register describes it, or None."""
    code = record["can_jur_typ_cd"]
    if code in _PROVINCES:
        return f"CA-{code}"
    return "CA" if code == "FD" else record["othr_juris_desc"] or None


def _addresses(corporation: Corporation, offices: list[Span]) -> tuple[Address, ...]:
    """Of each office the delivery address, then the mailing address where it reads otherwise; by role, then age."""
    addresses: list[Address] = []
    for office in sorted(offices, key=lambda span: span["office_typ_cd"]):
        for column in ("delivery_addr_id", "mailing_addr_id"):
            if office[column]:
                address = _address(office["office_typ_cd"], corporation.addresses[office[column]])
                if address not in addresses:
                    addresses.append(address)
    return tuple(addresses)


def _address(role: str, record: ColinRow) -> Address:
    lines = [record[column] for column in ("addr_line_1", "addr_line_2", "addr_line_3") if record[column]]
    parts = ("civic_no", "street_name", "street_type", "street_direction")
    street = " ".join(record[part] for part in parts if record[part])
    unit = "-".join(part for part in (record["unit_no"], street) if part)
    return Address(
        role,
        ", ".join(lines) or unit or None,
        record["city"] or None,
        record["province"] or None,
        record["postal_cd"] or None,
        record["country_typ_cd"] or None,
    )


def _written(corporation: Corporation, account: Account) -> Iterator[tuple[str, str, Row]]:
    """(kind, text, row) of every value, kinds as in `values`."""
    head = corporation.record
    yield "number", corporation.number, head.row
    yield "type", head["corp_typ_cd"], head.row
    yield "date", head["recognition_dts"][:10], head.row
    for event, at in account.places.items():
        record = corporation.events[event]
        acts = [corporation.acts[name].get(event) for name in ("filing", "conv_event")]
        dated = next((act for act in acts if act is not None and act["effective_dt"][:10] == at[0]), record)
        yield "date", at[0], dated.row
        yield "code", record["event_typ_cd"], record.row
        yield "code", event, record.row
    for filing in corporation.acts["filing"].values():
        yield "code", filing["filing_typ_cd"], filing.row
    for name in corporation.facts["corp_name"]:
        yield "name", name["corp_nme"], name.row
    for status in corporation.facts["corp_state"]:
        yield "status", status["state_typ_cd"], status.row
    for home in corporation.facts["jurisdiction"]:
        yield "text", _jurisdiction(home) or "", home.row
        yield "name", home["home_company_nme"], home.row
    for office in corporation.facts["office"]:
        yield "code", office["office_typ_cd"], office.row
    for record in corporation.addresses.values():
        address = _address("", record)
        for text in (address.street, address.locality, address.region, address.postal_code, address.country):
            yield "text", text or "", record.row
