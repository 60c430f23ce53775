"""What COLIN's rows say of one corporation, event by event.

Each event yields one state, even one that changes nothing but the event. Events are ordered by effective day, timestamp, event
id; the effective day is that of the filing, else of the conversion event, else of the timestamp: a date only, since the
source has no time zone. A row holds at an event when it starts at or before it and does not end at or before it.
The extract keeps only the present type, recognition date and business number of a corporation: every state says those.
A business number that is not nine digits is left out and counted. Values are stripped of the padding of their columns.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from issuer.timeline.changes import Change, Origins, Row
from schemas import codes
from schemas.organization import Address, Event, Name, State

_PROVINCES = frozenset(["AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"])
_LEGAL = ("CO", "NB")
_OTHER_NAMES = {"AS": "assumed", "TR": "translated", "NO": "translated"}


@dataclass(frozen=True, slots=True)
class ColinRow:
    """A row of a table with its cells by column name; a column that the file lacks is empty."""

    row: Row
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


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


Place = tuple[str, str, int, str]


def events_of(corporation: Corporation) -> dict[str, Place]:
    """Event id -> its place: (effective day, timestamp, event id as a number, event id), sortable; in that order."""
    places = {event: _place(corporation, event) for event in corporation.events}
    return dict(sorted(places.items(), key=lambda item: item[1]))


def _place(corporation: Corporation, event: str) -> Place:
    timestamp = corporation.events[event]["event_timestmp"]
    given = [corporation.acts[name][event] for name in ("filing", "conv_event") if event in corporation.acts[name]]
    effective = next((act["effective_dt"] for act in given if act["effective_dt"]), timestamp)
    return effective[:10], timestamp, int(event) if re.fullmatch("[0-9]{1,18}", event) else 0, event


def changes(corporation: Corporation, left_out: dict[str, int]) -> tuple[tuple[Change, ...], Origins]:
    """One change per event, oldest first, and the rows in which each value stands. `left_out` counts values not used."""
    places = events_of(corporation)
    origins: dict[tuple[str, str], tuple[Row, ...]] = {}
    for kind, text, row in _written(corporation, places):
        origins[kind, text] = (*origins.get((kind, text), ()), row)
    business_number = corporation.record["bn_9"]
    if business_number and not re.fullmatch(r"[0-9]{9}", business_number):
        left_out["business_number"] = left_out.get("business_number", 0) + 1
        business_number = ""
    states = tuple(
        Change(
            "bc",
            corporation.number,
            event,
            place,
            _state(corporation, places, event, business_number or None),
            codes.is_correction("bc", _filing(corporation, event) or ""),
        )
        for event, place in places.items()
    )
    return states, origins


def _state(corporation: Corporation, places: dict[str, Place], event: str, business_number: str | None) -> State:
    names = _names(corporation, places, event)
    status = _latest(_holding(corporation.facts["corp_state"], places, event))
    home = _latest(_holding(corporation.facts["jurisdiction"], places, event))
    return State(
        register="bc",
        number=corporation.number,
        entity_type=corporation.record["corp_typ_cd"],
        legal_name=names[0].text if names and names[0].kind == "legal" else None,
        status=None if status is None else codes.operating_status("bc", status["state_typ_cd"]),
        register_status=None if status is None else status["state_typ_cd"],
        status_since=None if status is None else places[status["start_event_id"]][0],
        registered_on=corporation.record["recognition_dts"][:10] or None,
        jurisdiction="CA-BC",
        home_jurisdiction=None if home is None else _jurisdiction(home),
        business_number=business_number,
        names=names,
        addresses=_addresses(corporation, places, event),
        event=Event(
            corporation.events[event]["event_typ_cd"], event, _filing(corporation, event), places[event][0] or None
        ),
    )


def _filing(corporation: Corporation, event: str) -> str | None:
    filing = corporation.acts["filing"].get(event)
    return None if filing is None else filing["filing_typ_cd"] or None


def _holding(records: list[ColinRow], places: dict[str, Place], event: str) -> list[ColinRow]:
    """Those that start at or before the event and have not ended by then, oldest first."""
    now = places[event]
    holding = [
        record
        for record in records
        if places[record["start_event_id"]] <= now
        and not (record["end_event_id"] and places[record["end_event_id"]] <= now)
    ]
    return sorted(holding, key=lambda record: _age(record, places))


def _age(record: ColinRow, places: dict[str, Place]) -> tuple[Place, int, int, str]:
    """Sort key: where it starts, then its order within the register's own numbering, a given name after a number."""
    sequence = record["corp_name_seq_num"]
    named = int(record["corp_name_typ_cd"] == "CO")
    number = int(sequence) if re.fullmatch("[0-9]{1,18}", sequence) else 0
    return places[record["start_event_id"]], named, number, record["office_typ_cd"]


def _latest(records: list[ColinRow]) -> ColinRow | None:
    return records[-1] if records else None


def _names(corporation: Corporation, places: dict[str, Place], event: str) -> tuple[Name, ...]:
    """The legal name first (if any), then assumed and translated ones, then former legal names, oldest first."""
    records = corporation.facts["corp_name"]
    holding = _holding(records, places, event)
    legal = [record for record in holding if record["corp_name_typ_cd"] in _LEGAL]
    names = [_name(record, "legal", places) for record in legal[-1:]]
    names += [
        _name(record, _OTHER_NAMES[record["corp_name_typ_cd"]], places)
        for kind in ("assumed", "translated")
        for record in holding
        if _OTHER_NAMES.get(record["corp_name_typ_cd"]) == kind
    ]
    past = [
        record
        for record in records
        if record["corp_name_typ_cd"] in _LEGAL
        and record["end_event_id"]
        and places[record["start_event_id"]] <= places[event]
        and places[record["end_event_id"]] <= places[event]
    ]
    names += [_name(record, "former", places) for record in sorted(past, key=lambda record: _age(record, places))]
    return tuple(names)


def _name(record: ColinRow, kind: str, places: dict[str, Place]) -> Name:
    until = places[record["end_event_id"]][0] if kind == "former" else None
    return Name(record["corp_nme"], kind, None, places[record["start_event_id"]][0], until)


def _jurisdiction(record: ColinRow) -> str | None:
    """A Canadian one as ISO 3166 (`CA-ON`, federal `CA`), another one as the register describes it, or None."""
    code = record["can_jur_typ_cd"]
    if code in _PROVINCES:
        return f"CA-{code}"
    return "CA" if code == "FD" else record["othr_juris_desc"] or None


def _addresses(corporation: Corporation, places: dict[str, Place], event: str) -> tuple[Address, ...]:
    """Of each office the delivery address, then the mailing address where it reads otherwise; by role, then age."""
    addresses: list[Address] = []
    offices = _holding(corporation.facts["office"], places, event)
    for office in sorted(offices, key=lambda record: record["office_typ_cd"]):
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


def _written(corporation: Corporation, places: dict[str, Place]) -> Iterator[tuple[str, str, Row]]:
    """(kind, text, row) of every value, kinds as in `history`."""
    head = corporation.record
    yield "number", corporation.number, head.row
    yield "type", head["corp_typ_cd"], head.row
    yield "date", head["recognition_dts"][:10], head.row
    for event, record in corporation.events.items():
        act = corporation.acts["filing"].get(event, corporation.acts["conv_event"].get(event, record))
        yield "date", places[event][0], act.row if act["effective_dt"] else record.row
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
    for office in corporation.facts["office"]:
        yield "code", office["office_typ_cd"], office.row
    for record in corporation.addresses.values():
        address = _address("", record)
        for text in (address.street, address.locality, address.region, address.postal_code, address.country):
            yield "text", text or "", record.row
