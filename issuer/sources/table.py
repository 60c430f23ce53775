"""Source `table`: our own CSV form, a row per event with the whole state.

The form is documented in `sample_data/README.md`: the columns of `HEADER` in that order, codes as in BC's tables. Declared
key of a row: (number, event_id). Former names follow from the names in an organization's earlier rows; a correction
(its filing type says so) puts the row before it right, so that what it replaces never becomes a former name. A
`manifest.json` beside the file is optional; where there is one, rows and SHA-256 must agree. If one row of an organization
is bad, its others wait.
Judging characters, dates and codes is left to `issuer/timeline/values.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from issuer.sources.csv_rows import BadRow, Table, header_of, load
from issuer.timeline.changes import INCOMPLETE, Change, Dossier, Extract, InputFile, Rejection, Row
from registry.encoding import members, strict_json
from registry.errors import Malformed
from schemas import codes
from schemas.organization import Address, Event, Name, Relationship, State

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
_ADDRESS = ("street", "locality", "region", "postal_code", "country")
_NUMBER = re.compile(r"[A-Z]{1,3}[0-9]{7}")
_EVENT = re.compile(r"[1-9][0-9]{0,17}")
_REGISTER = re.compile(r"[a-z0-9]{1,16}")
_LINK = re.compile(r"([A-Za-z]+) ([A-Za-z0-9.-]{1,32})(?: ([0-9-]+))?(?:/([0-9-]+))?")


def read(path: Path) -> Extract:
    """The extract in that file, or in that folder: `extract.csv`, else the one file there with this form's header.

    Malformed: `not_recognized`, `header`, `manifest`, `manifest_mismatch`, and those of `csv_rows.load`.
    """
    file = _find(path)
    table = load(file)
    if table.header != HEADER:
        raise Malformed("header", f"{file.name}: the columns are not {', '.join(HEADER)}, in this order")
    register = _declared(file, table)
    groups: dict[str, list[tuple[Row, dict[str, str]]]] = {}
    for row in table.rows:
        entry = (Row(0, row.number, row.line), dict(zip(HEADER, row.fields, strict=True)))
        groups.setdefault(row.fields[0], []).append(entry)
    spoiled: dict[str, list[BadRow]] = {}
    for bad in table.bad:
        spoiled.setdefault(bad.first, []).append(bad)
    rejections = [Rejection(Row(0, bad.number, bad.line), bad.code, bad.reason) for bad in table.bad]
    dossiers = _dossiers(register, groups, spoiled, rejections)
    return Extract(register, [InputFile(file.name, table.count)], dossiers, rejections)


def _find(path: Path) -> Path:
    if not path.is_dir():
        return path
    if (path / "extract.csv").exists():
        return path / "extract.csv"
    files = sorted(file for file in path.iterdir() if file.name.endswith((".csv", ".csv.gz")))
    candidates = [file for file in files if header_of(file) == HEADER]
    if len(candidates) != 1:
        raise Malformed("not_recognized", f"{path.name} holds {len(candidates)} files of this form, not one")
    return candidates[0]


def _declared(file: Path, table: Table) -> str:
    """The register that the manifest declares, `sample` without one. Malformed: the manifest tells of another file."""
    beside = file.parent / "manifest.json"
    if not beside.exists():
        return REGISTER
    try:
        manifest = strict_json.parse_object(beside.read_bytes())
        about = members.object_at(members.object_at(manifest, "files"), file.name)
        rows, digest = members.integer(about, "rows"), members.text(about, "sha256")
    except Malformed as error:
        raise Malformed("manifest", f"manifest.json does not tell the rows and sha256 of {file.name}") from error
    register = manifest.get("register", REGISTER)
    if not isinstance(register, str) or not _REGISTER.fullmatch(register):
        raise Malformed("manifest", "manifest.json declares a register that is no short code of a-z and 0-9")
    if rows != table.count:
        raise Malformed("manifest_mismatch", f"{file.name} has {table.count} rows, its manifest says {rows}")
    if digest != table.sha256:
        raise Malformed("manifest_mismatch", f"{file.name} is not the file of which its manifest gives the SHA-256")
    return register


def _dossiers(
    register: str,
    groups: dict[str, list[tuple[Row, dict[str, str]]]],
    spoiled: dict[str, list[BadRow]],
    rejections: list[Rejection],
) -> Iterator[Dossier]:
    for number in sorted(groups):
        entries = groups[number]
        faults = list(_faults(number, entries))
        if faults or number in spoiled:
            rejections += faults
            lines = sorted([fault.row.line for fault in faults] + [bad.line for bad in spoiled.get(number, [])])
            rejected = {fault.row for fault in faults}
            waiting = tuple(row for row, _ in entries if row not in rejected)
            reason = f"line {lines[0]} about {number} was rejected"
            yield Dossier(register, number, waiting, (), (INCOMPLETE, reason))
        else:
            yield _dossier(register, number, entries)


def _faults(number: str, entries: list[tuple[Row, dict[str, str]]]) -> Iterator[Rejection]:
    keys = Counter(cells["event_id"] for _, cells in entries)
    for row, cells in entries:
        if not _NUMBER.fullmatch(number):
            yield Rejection(row, "number", f"{number[:40]!a} is not up to three letters and seven digits")
        elif not _EVENT.fullmatch(cells["event_id"]):
            yield Rejection(row, "event_id", f"event id {cells['event_id'][:40]!a} is not a positive whole number")
        elif keys[cells["event_id"]] > 1:
            yield Rejection(row, "duplicate_row", f"{number} has event {cells['event_id']} in another row too")
        elif any(_LINK.fullmatch(item) is None for item in _items(cells)):
            yield Rejection(row, "relationship", f"relationships are not `kind number since/until; ...` in {number}")
        elif not cells["address_role"] and any(cells[part] for part in _ADDRESS):
            yield Rejection(row, "address_role", f"{number} has an address without a role")


def _dossier(register: str, number: str, entries: list[tuple[Row, dict[str, str]]]) -> Dossier:
    ordered = sorted(entries, key=lambda entry: (entry[1]["effective"], int(entry[1]["event_id"])))
    changes: list[Change] = []
    past: list[Name] = []
    current: Name | None = None
    status, since = "", ""
    origins: dict[tuple[str, str], tuple[Row, ...]] = {}
    for row, cells in ordered:
        effective = cells["effective"]
        correction = codes.is_correction(register, cells["filing_type"])
        if current is None:
            current = _legal(cells, effective)
        elif correction and past and (past[-1].text, past[-1].until) == (cells["legal_name"], current.since):
            current = _legal(cells, past.pop().since)
        elif correction:
            current = _legal(cells, current.since)
        elif cells["legal_name"] != current.text:
            past.append(replace(current, kind="former", until=effective))
            current = _legal(cells, effective)
        if cells["status"] != status:
            status, since = cells["status"], effective
        state = _state(register, cells, since, (current, *_others(cells), *past))
        order = (effective, int(cells["event_id"]))
        changes.append(Change(register, number, cells["event_id"], order, state, correction))
        for value in _written(cells):
            origins[value] = (*origins.get(value, ()), row)
    return Dossier(register, number, tuple(row for row, _ in entries), tuple(changes), origins=origins)


def _state(register: str, cells: dict[str, str], since: str, names: tuple[Name, ...]) -> State:
    given = tuple(name for name in names if name.text or name.kind == "legal")
    return State(
        register=register,
        number=cells["number"],
        entity_type=cells["entity_type"],
        legal_name=cells["legal_name"],
        status=codes.operating_status(register, cells["status"]),
        register_status=cells["status"],
        status_since=since,
        registered_on=cells["registered_on"] or None,
        jurisdiction="CA-BC",
        home_jurisdiction=cells["home_jurisdiction"] or None,
        business_number=cells["business_number"] or None,
        names=given,
        addresses=_addresses(cells),
        relationships=tuple(_link(item) for item in _items(cells)),
        event=Event(cells["event_type"], cells["event_id"], cells["filing_type"] or None, cells["effective"]),
    )


def _legal(cells: dict[str, str], since: str | None) -> Name:
    return Name(cells["legal_name"], "legal", cells["language"] or None, since)


def _others(cells: dict[str, str]) -> tuple[Name, ...]:
    assumed = Name(cells["assumed_name"], "assumed")
    return assumed, Name(cells["translated_name"], "translated", cells["translated_language"] or None)


def _addresses(cells: dict[str, str]) -> tuple[Address, ...]:
    if not cells["address_role"]:
        return ()
    parts = [cells[part] or None for part in _ADDRESS]
    return (Address(cells["address_role"], *parts),)


def _items(cells: dict[str, str]) -> list[str]:
    return [item.strip() for item in cells["relationships"].split(";")] if cells["relationships"] else []


def _link(item: str) -> Relationship:
    match = _LINK.fullmatch(item)
    if match is None:
        raise AssertionError(f"{item!r} was let through")
    return Relationship(match[1], match[2], None, match[3], match[4])


def _written(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The values of a row with their kinds, as `history` names them; an empty cell only where it may not be empty."""
    for kind, needed, others in (
        ("type", ("entity_type",), ()),
        ("status", ("status",), ()),
        ("date", ("effective",), ("registered_on",)),
        ("name", ("legal_name",), ("assumed_name", "translated_name")),
        ("language", (), ("language", "translated_language")),
        ("text", (), ("home_jurisdiction", *_ADDRESS)),
        ("business_number", (), ("business_number",)),
        ("code", ("event_type",), ("filing_type", "address_role")),
    ):
        yield from ((kind, cells[column]) for column in needed)
        yield from ((kind, cells[column]) for column in others if cells[column])
    for item in _items(cells):
        link = _link(item)
        yield "relationship", link.kind
        yield from (("date", day) for day in (link.since, link.until) if day)
