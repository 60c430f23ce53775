"""Source `isle-of-man`: the Isle of Man Companies Registry's file, a row per name.

The file is a snapshot: it says how things stand, with Current and Previous names and no dates of name changes. Rows are
grouped by Number; its last letter is the type. `Index Date` is the day on which somebody learned the row: no part of a state.
Columns may stand in any order. Spaces at the edges of a cell are no part of it.
An organization without a Current name keeps its former names and gets no legal name; no date is guessed. Declared key
of a row: (Number, Name, Name Status). If one row of an organization is bad, its other rows wait: nothing is issued for it.
Weekly update files are left to a later source. Judging characters, dates and codes is left to `issuer/timeline/values.py`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from issuer.sources.csv_rows import BadRow, DataRow, Table, header_of
from issuer.sources.manifest import Pins, read_manifest
from issuer.timeline.changes import INCOMPLETE, Change, Dossier, Extract, InputFile, Rejection, Row
from issuer.timeline.text import SPACES
from registry.errors import Malformed
from schemas import codes
from schemas.organization import Name, State

REGISTER = "im"
_HEADER = ("Number", "Name", "Inc/Reg Date", "Status", "Registry Type", "Name Status", "Index Date")
_NUMBER = re.compile(r"[0-9]{6}[A-Z]")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4})")


def read(path: Path, pins: Pins) -> Extract:
    """The register file at `path`, or the one in that folder.

    Malformed: `not_recognized` (no register file, or several), `header`, and those of `manifest.read_manifest` and
    `Manifest.load`.
    """
    file = _find(path)
    table = read_manifest(file.parent, REGISTER, pins).load(file)
    missing = [column for column in _HEADER[:-1] if column not in table.header]
    if missing:
        raise Malformed("header", f"{file.name} has no column {', '.join(missing)}")
    groups: dict[str, list[DataRow]] = {}
    rows, trimmed = _rows(table)
    for row in rows:
        groups.setdefault(row.fields[0], []).append(row)
    spoiled: dict[str, list[BadRow]] = {}
    for bad in table.bad:
        for number in bad.values(table.header, _HEADER[0]):
            spoiled.setdefault(number, []).append(bad)
    rejections = [Rejection(Row(0, bad.number, bad.line), bad.code, bad.reason) for bad in table.bad]
    dossiers = _dossiers(groups, spoiled, rejections)
    extract = Extract(REGISTER, [InputFile(file.name, table.count)], dossiers, rejections)
    extract.note_columns(file.name, table.header, _HEADER)
    extract.trimmed = trimmed
    return extract


def _rows(table: Table) -> tuple[list[DataRow], int]:
    """The rows with their cells in the order of `_HEADER`; and how many cells had spaces at their edges."""
    places = [table.header.index(column) if column in table.header else -1 for column in _HEADER]
    rows: list[DataRow] = []
    trimmed = 0
    for row in table.rows:
        given = ["" if place < 0 else row.fields[place] for place in places]
        fields = [field.strip(SPACES) for field in given]
        trimmed += sum(map(str.__ne__, fields, given))
        rows.append(DataRow(row.number, row.line, fields))
    return rows, trimmed


def _find(path: Path) -> Path:
    if not path.is_dir():
        return path
    files = sorted(file for file in path.iterdir() if file.name.endswith((".csv", ".csv.gz")))
    named = [file for file in files if file.name.startswith("register")]
    candidates = named or [file for file in files if set(_HEADER[:-1]) <= set(header_of(file))]
    if len(candidates) != 1:
        raise Malformed("not_recognized", f"{path.name} holds {len(candidates)} register files, not one")
    return candidates[0]


def _dossiers(
    groups: dict[str, list[DataRow]], spoiled: dict[str, list[BadRow]], rejections: list[Rejection]
) -> Iterator[Dossier]:
    for number in sorted(groups):
        rows = groups[number]
        faults = _faults(number, rows)
        if faults or number in spoiled:
            rejections += [Rejection(_row(row), code, reason) for row, code, reason in faults]
            rejected = {row.number for row, _, _ in faults}
            lines = sorted([row.line for row, _, _ in faults] + [bad.line for bad in spoiled.get(number, [])])
            reason = f"line {lines[0]} about {number} was rejected"
            waiting = tuple(_row(row) for row in rows if row.number not in rejected)
            yield Dossier(REGISTER, number, waiting, (), (INCOMPLETE, reason), snapshot=True)
        else:
            yield _dossier(number, rows)


def _faults(number: str, rows: list[DataRow]) -> list[tuple[DataRow, str, str]]:
    """What is wrong between the rows of one organization: (row, code, reason), each row at most once."""
    if not _NUMBER.fullmatch(number):
        return [(row, "number", f"{number[:40]!r} is not six digits and a letter") for row in rows]
    if len({(row.fields[2], row.fields[3], row.fields[4]) for row in rows}) > 1:
        return [(row, "conflicting_rows", f"rows of {number} disagree on date, status or type") for row in rows]
    entity_type = codes.label("entity_type", REGISTER, number[-1], "en")
    if rows[0].fields[4] != entity_type:
        reason = f"registry type {rows[0].fields[4][:40]!r} does not go with the letter {number[-1]}"
        return [(row, "type_mismatch", reason) for row in rows]
    keys = Counter((row.fields[1], row.fields[5]) for row in rows)
    current = sum(row.fields[5] == "Current" for row in rows)
    faults: list[tuple[DataRow, str, str]] = []
    for row in rows:
        if row.fields[5] not in ("Current", "Previous"):
            faults.append((row, "name_status_unknown", f"name status {row.fields[5][:40]!r} is not known"))
        elif keys[row.fields[1], row.fields[5]] > 1:
            faults.append((row, "duplicate_row", f"{number} has this name and name status in another row too"))
        elif current > 1 and row.fields[5] == "Current":
            faults.append((row, "conflicting_rows", f"{number} has {current} current names"))
    return faults


def _dossier(number: str, rows: list[DataRow]) -> Dossier:
    _, _, registered, status, _, _, _ = rows[0].fields
    legal = next((row.fields[1] for row in rows if row.fields[5] == "Current"), None)
    names = () if legal is None else (Name(legal, "legal"),)
    former = sorted(row.fields[1] for row in rows if row.fields[5] == "Previous")
    state = State(
        register=REGISTER,
        number=number,
        entity_type=number[-1],
        legal_name=legal,
        status=codes.operating_status(REGISTER, status),
        register_status=status,
        registered_on=_iso(registered) or None,
        jurisdiction="IM",
        names=names + tuple(Name(text, "former") for text in former),
    )
    origins = {("name", row.fields[1]): (_row(row),) for row in rows}
    own_rows = tuple(_row(row) for row in rows)
    change = Change(REGISTER, number, "", (), state)
    return Dossier(REGISTER, number, own_rows, (change,), snapshot=True, origins=origins)


def _iso(text: str) -> str:
    """`26 Oct 1865` as `1865-10-26`; a text of another form as it stands, for the judge to see."""
    match = _DATE.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        return text
    return f"{match[3]}-{_MONTHS.index(match[2]) + 1:02d}-{int(match[1]):02d}"


def _row(row: DataRow) -> Row:
    return Row(0, row.number, row.line)
