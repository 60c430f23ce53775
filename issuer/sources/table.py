"""Source `table`: our own CSV form, a row per event with the whole state.

The form is documented in `sample_data/README.md`: the columns of `HEADER`, in any order, codes as in BC's tables; those that
may be empty may be absent, and columns of other names are counted. Declared key of a row: (number, event_id). Former names
follow from the names in an organization's earlier rows, and so do assumed and translated names that were given up; a
correction (its filing type says so) puts the row before it right, so that what it replaces never becomes a former name. Names
that differ in spaces alone are one. If one row of an organization is bad, its others wait. Where a register's code table says
that it issues permits, the columns are those of `PERMIT_HEADER`, and each permit has one holder, of another register.
Judging characters, dates and codes is left to `issuer/timeline/values.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from issuer.sources.csv_rows import BadRow, Table, header_of
from issuer.sources.manifest import Pins, read_manifest
from issuer.timeline.changes import INCOMPLETE, Change, Dossier, Extract, InputFile, Rejection, Row
from issuer.timeline.draft import TOO_LARGE, is_too_large
from issuer.timeline.text import SPACES, is_same_name
from registry.errors import Malformed
from schemas import PERMIT as PERMIT_CREDENTIAL
from schemas import codes, credential_type
from schemas.organization import PERMIT, Address, Event, Name, Relationship, State

REGISTER = "sample"
HEADER = (
    "number",
    "event_id",
    "event_type",
    "filing_type",
    "effective",
    "entity_type",
    "legal_name",
    "language",
    "assumed_name",
    "translated_name",
    "translated_language",
    "status",
    "registered_on",
    "home_jurisdiction",
    "business_number",
    "address_role",
    "street",
    "locality",
    "region",
    "postal_code",
    "country",
    "relationships",
)
#: columns of a register of permits
PERMIT_HEADER = (
    *("number", "event_id", "event_type", "filing_type", "effective", "entity_type", "legal_name", "status"),
    *("valid_from", "valid_until", "holder", "holder_name", "holder_since"),
)
#: columns without which nothing can be said; the others may be empty, and absent
NEEDED = ("number", "event_id", "event_type", "effective", "entity_type", "legal_name", "status")
PERMIT_NEEDED = (*NEEDED, "valid_from", "holder", "holder_name")
_ADDRESS = ("street", "locality", "region", "postal_code", "country")
_EVENT = re.compile(r"[1-9][0-9]{0,17}")
#: kind, register of another, number, days
_LINK = re.compile(r"([A-Za-z]+) (?:([a-z0-9]{1,16}):)?([A-Za-z0-9.-]{1,32})(?: ([0-9-]+))?(?:/([0-9-]+))?")
#: register, number, day
_HOLDER = re.compile(r"[a-z0-9]{1,16}:[A-Za-z0-9.-]{1,32}(?: [0-9-]+)?")


def read(path: Path, pins: Pins) -> Extract:
    """The extract in that file, or in that folder: `extract.csv`, else the one file there with this form's header.

    Malformed: `not_recognized`, `header`, and those of `manifest.read_manifest` and `Manifest.load`.
    """
    file = _find(path)
    manifest = read_manifest(file.parent, REGISTER, pins)
    table = manifest.load(file)
    register = manifest.register or REGISTER
    header, needed = (PERMIT_HEADER, PERMIT_NEEDED) if _is_of_permits(register) else (HEADER, NEEDED)
    missing = [column for column in needed if column not in table.header]
    if missing:
        raise Malformed("header", f"{file.name} has no column {', '.join(missing)}")
    entries, trimmed = _entries(table)
    groups: dict[str, list[tuple[Row, dict[str, str]]]] = {}
    for row, cells in entries:
        groups.setdefault(cells["number"], []).append((row, cells))
    spoiled: dict[str, list[BadRow]] = {}
    for bad in table.bad:
        for number in bad.values(table.header, "number"):
            spoiled.setdefault(number, []).append(bad)
    rejections = [Rejection(Row(0, bad.number, bad.line), bad.code, bad.reason) for bad in table.bad]
    dossiers = _dossiers(register, groups, spoiled, rejections)
    extract = Extract(register, [InputFile(file.name, table.count)], dossiers, rejections)
    extract.note_columns(file.name, table.header, header)
    extract.trimmed = trimmed
    return extract


def _entries(table: Table) -> tuple[list[tuple[Row, dict[str, str]]], int]:
    """Each row with its cells by column, without spaces at their edges; and how many cells had some."""
    entries: list[tuple[Row, dict[str, str]]] = []
    absent = dict.fromkeys((*HEADER, *PERMIT_HEADER), "")
    trimmed = 0
    for row in table.rows:
        fields = [field.strip(SPACES) for field in row.fields]
        trimmed += sum(map(str.__ne__, fields, row.fields))
        entries.append((Row(0, row.number, row.line), {**absent, **dict(zip(table.header, fields, strict=True))}))
    return entries, trimmed


def _find(path: Path) -> Path:
    if not path.is_dir():
        return path
    if (path / "extract.csv").exists():
        return path / "extract.csv"
    files = sorted(file for file in path.iterdir() if file.name.endswith((".csv", ".csv.gz")))
    candidates = [file for file in files if set(NEEDED) <= set(header_of(file))]
    if len(candidates) != 1:
        raise Malformed("not_recognized", f"{path.name} holds {len(candidates)} files of this form, not one")
    return candidates[0]


def _dossiers(
    register: str,
    groups: dict[str, list[tuple[Row, dict[str, str]]]],
    spoiled: dict[str, list[BadRow]],
    rejections: list[Rejection],
) -> Iterator[Dossier]:
    for number in sorted(groups):
        entries = groups[number]
        faults = list(_faults(register, number, entries))
        if faults or number in spoiled:
            rejections += faults
            lines = sorted([fault.row.line for fault in faults] + [bad.line for bad in spoiled.get(number, [])])
            rejected = {fault.row for fault in faults}
            waiting = tuple(row for row, _ in entries if row not in rejected)
            reason = f"line {lines[0]} about {number} was rejected"
            yield Dossier(register, number, waiting, (), (INCOMPLETE, reason))
        else:
            yield _dossier(register, number, entries)


def _faults(register: str, number: str, entries: list[tuple[Row, dict[str, str]]]) -> Iterator[Rejection]:
    keys = Counter(cells["event_id"] for _, cells in entries)
    for row, cells in entries:
        if not _is_number(register, number):
            yield Rejection(row, "number", f"{number[:40]!a} is not {_number_words(register)}")
        elif not _EVENT.fullmatch(cells["event_id"]):
            yield Rejection(row, "event_id", f"event id {cells['event_id'][:40]!a} is not a positive whole number")
        elif keys[cells["event_id"]] > 1:
            yield Rejection(row, "duplicate_row", f"{number} has event {cells['event_id']} in another row too")
        elif codes.is_placeholder_date(REGISTER, cells["effective"]):
            yield Rejection(row, "date_invalid", f"{number} has an event of a day that nobody knows")
        elif _is_of_permits(register) and not _HOLDER.fullmatch(f"{cells['holder']} {cells['holder_since']}".strip()):
            yield Rejection(
                row, "holder", f"{number} has no holder, written `register:number`, with the day since when"
            )
        elif (link := _link_fault(register, number, _items(cells))) is not None:
            yield Rejection(row, *link)
        elif not cells["address_role"] and any(cells[part] for part in _ADDRESS):
            yield Rejection(row, "address_role", f"{number} has an address without a role")


def _link_fault(register: str, number: str, items: list[str]) -> tuple[str, str] | None:
    """(code, reason) of what is wrong with the relationships of a row, or None."""
    seen: set[tuple[str, str | None, str]] = set()
    for item in items:
        match = _LINK.fullmatch(item)
        if match is None:
            return "relationship", f"relationships are not `kind number since/until; ...` in {number}"
        kind, elsewhere, other = match[1], match[2], match[3]
        if elsewhere == register:
            return "relationship_number", f"{item[:60]!a} names this register itself, whose numbers stand alone"
        if elsewhere is None and not _is_number(register, other):
            return "relationship_number", f"{other!a} is not {_number_words(register)}"
        form = None if elsewhere is None else codes.number_form(elsewhere)
        if elsewhere is not None and form is not None and not re.fullmatch(form, other):
            return (
                "relationship_number",
                f"{other!a} of the register {elsewhere} is not {codes.number_words(elsewhere)}",
            )
        if elsewhere is None and other == number:
            return "relationship_self", f"{number} is related to itself"
        if (kind, elsewhere, other) in seen:
            return "relationship_double", f"{number} {kind} {other} stands twice in one row"
        seen.add((kind, elsewhere, other))
    return None


def _is_of_permits(register: str) -> bool:
    return credential_type(register) == PERMIT_CREDENTIAL


def _is_number(register: str, number: str) -> bool:
    """Whether it has the form of the register's own numbers; one without a code table writes them as the sample does."""
    form = codes.number_form(register) or codes.number_form(REGISTER) or ""
    return re.fullmatch(form, number) is not None


def _number_words(register: str) -> str:
    return codes.number_words(register) or codes.number_words(REGISTER)


class _Naming:
    """The names of one organization, row after row: those in force, and those given up."""

    def __init__(self) -> None:
        self._legal: Name | None = None
        self._former: list[Name] = []
        self._others: dict[str, Name] = {}
        self._ended: list[Name] = []

    def names(self, cells: dict[str, str], correction: bool) -> tuple[Name, ...]:
        """All names as of this row: the legal one first, then others in force, former ones, others given up."""
        self._read_legal(cells, correction)
        in_force = _others(cells)
        self._read_others(in_force, cells["effective"], correction)
        legal = () if self._legal is None else (self._legal,)
        return (*legal, *in_force, *self._former, *self._ended)

    def _read_legal(self, cells: dict[str, str], correction: bool) -> None:
        before, former, effective = self._legal, self._former, cells["effective"]
        since: str | None = effective
        if before is not None and is_same_name(cells["legal_name"], before.text):
            since = before.since
        elif before is not None and correction:
            # back to the name before it: the one between was never borne
            is_back = (
                bool(former) and former[-1].until == before.since and is_same_name(former[-1].text, cells["legal_name"])
            )
            since = former.pop().since if is_back else before.since
        elif before is not None:
            former.append(replace(before, kind="former", until=effective))
        text = cells["legal_name"]
        if before is not None and not correction and is_same_name(text, before.text):
            text = before.text
        self._legal = Name(text, "legal", cells["language"] or None, since)

    def _read_others(self, in_force: tuple[Name, ...], effective: str, correction: bool) -> None:
        for kind in ("assumed", "translated"):
            name = next((name for name in in_force if name.kind == kind), None)
            before = self._others.pop(kind, None)
            if before is not None and name is not None and is_same_name(before.text, name.text):
                self._others[kind] = replace(name, since=before.since)
                continue
            if before is not None and not correction:
                self._ended.append(replace(before, until=effective))
            if name is not None:
                self._others[kind] = replace(name, since=effective)


def _dossier(register: str, number: str, entries: list[tuple[Row, dict[str, str]]]) -> Dossier:
    ordered = sorted(entries, key=lambda entry: (entry[1]["effective"], int(entry[1]["event_id"])))
    changes: list[Change] = []
    naming = _Naming()
    status, since = "", ""
    origins: dict[tuple[str, str], list[Row]] = {}
    for row, cells in ordered:
        effective = cells["effective"]
        correction = codes.is_correction(register, cells["filing_type"])
        if cells["status"] != status:
            status, since = cells["status"], effective
        state = _state(register, cells, since, naming.names(cells, correction))
        if is_too_large(state):
            return Dossier(register, number, tuple(row for row, _ in entries), (), TOO_LARGE)
        order = (effective, int(cells["event_id"]))
        changes.append(Change(register, number, cells["event_id"], order, state, correction, (row,)))
        for value in _written(cells):
            origins.setdefault(value, []).append(row)
    return Dossier(
        register,
        number,
        tuple(row for row, _ in entries),
        tuple(changes),
        origins={value: tuple(rows) for value, rows in origins.items()},
    )


def _state(register: str, cells: dict[str, str], since: str, names: tuple[Name, ...]) -> State:
    if _is_of_permits(register):
        return _permit(register, cells, since)
    return State(
        register=register,
        number=cells["number"],
        entity_type=cells["entity_type"],
        legal_name=names[0].text,
        status=codes.operating_status(register, cells["status"]),
        register_status=cells["status"],
        status_since=since,
        registered_on=cells["registered_on"] or None,
        jurisdiction="CA-BC",
        home_jurisdiction=cells["home_jurisdiction"] or None,
        business_number=cells["business_number"] or None,
        names=names,
        addresses=_addresses(cells),
        relationships=tuple(_link(item) for item in _items(cells)),
        event=Event(cells["event_type"], cells["event_id"], cells["filing_type"] or None, cells["effective"]),
    )


def _permit(register: str, cells: dict[str, str], since: str) -> State:
    """A permit as of one row. It has one name at a time; what it was called before is told by its earlier states."""
    (item,) = _items(cells)
    return State(
        register=register,
        number=cells["number"],
        entity_type=cells["entity_type"],
        legal_name=cells["legal_name"],
        status=codes.operating_status(register, cells["status"]),
        register_status=cells["status"],
        status_since=since,
        jurisdiction="CA-BC",
        relationships=(replace(_link(item), name=cells["holder_name"]),),
        event=Event(cells["event_type"], cells["event_id"], cells["filing_type"] or None, cells["effective"]),
        subject=PERMIT,
        valid_from=cells["valid_from"],
        valid_until=cells["valid_until"] or None,
    )


def _others(cells: dict[str, str]) -> tuple[Name, ...]:
    names = (
        Name(cells["assumed_name"], "assumed"),
        Name(cells["translated_name"], "translated", cells["translated_language"] or None),
    )
    return tuple(name for name in names if name.text)


def _addresses(cells: dict[str, str]) -> tuple[Address, ...]:
    if not cells["address_role"]:
        return ()
    parts = [cells[part] or None for part in _ADDRESS]
    return (Address(cells["address_role"], *parts),)


def _items(cells: dict[str, str]) -> list[str]:
    if cells["holder"]:
        return [f"heldBy {cells['holder']} {cells['holder_since']}".strip()]
    return [item.strip() for item in cells["relationships"].split(";")] if cells["relationships"] else []


def _link(item: str) -> Relationship:
    match = _LINK.fullmatch(item)
    if match is None:
        raise AssertionError(f"{item!r} was let through")
    return Relationship(match[1], match[3], None, match[4], match[5], match[2])


def _written(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The values of a row with their kinds, as `history` names them; an empty cell only where it may not be empty."""
    for kind, needed, others in (
        ("type", ("entity_type",), ()),
        ("status", ("status",), ()),
        ("date", ("effective",), ("registered_on",)),
        ("name", ("legal_name",), ("assumed_name", "translated_name", "holder_name")),
        ("language", (), ("language", "translated_language")),
        ("text", (), ("home_jurisdiction", *_ADDRESS)),
        ("business_number", (), ("business_number",)),
        ("code", ("event_type",), ("filing_type", "address_role")),
        ("day", (), ("valid_from", "valid_until")),
    ):
        yield from ((kind, cells[column]) for column in needed)
        yield from ((kind, cells[column]) for column in others if cells[column])
    for item in _items(cells):
        link = _link(item)
        yield "relationship", link.kind
        yield from (("date", day) for day in (link.since, link.until) if day)
