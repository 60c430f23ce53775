"""Source `bc-colin`: folders of CSV tables of COLIN, British Columbia's corporate registry.

Each folder is a set of its own: ids are never joined across sets. Rows belong together by (corp_num, event_id), because
an event id may occur under two numbers; a filing has no corp_num and belongs to each that has its event. Tables `corporation` and
`event` are required, the others empty where absent; columns that COLIN is not known to have are counted, and so are those
that are read as empty because the file lacks them.

A reference whose other side is missing makes the row that refers dangling: it is rejected (`dangling_row`), and what it
says of its corporation is left unsaid, the corporation itself is issued. So a row whose end event is missing is dangling
too: nobody can tell until when it held. An address that no accepted office names is `unreferenced_row`. Declared keys are
in `_KEYS`; rows that share one are all rejected, and unless they are addresses their corporation waits. A name that ends
before it begins is rejected, and left unsaid. Of a filing that is withdrawn by what is no event, and of an event of a day that
nobody knows, the corporation waits.
What a corporation's rows say, event by event, is left to `bc_colin_states.py`, judging values to `issuer/timeline/values.py`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from issuer.sources.bc_colin_spans import UNSET, ColinRow
from issuer.sources.bc_colin_states import Corporation, Withdrawals, changes, read_spans
from issuer.sources.csv_rows import BadRow
from issuer.sources.manifest import Manifest, Pins, read_manifest
from issuer.timeline.changes import INCOMPLETE, Dossier, Extract, InputFile, Rejection, Row
from issuer.timeline.draft import TOO_LARGE
from issuer.timeline.text import SPACES
from registry.errors import Malformed

REGISTER = "bc"
#: columns that a table must have; of the others every cell may be empty, and then some extracts leave the column out
_NEEDED = {
    "corporation": ["corp_num", "corp_typ_cd"],
    "event": ["event_id", "corp_num", "event_typ_cd", "event_timestmp"],
    "corp_name": ["corp_num", "corp_name_typ_cd", "start_event_id", "corp_nme"],
    "corp_state": ["corp_num", "start_event_id", "state_typ_cd"],
    "jurisdiction": ["corp_num", "start_event_id"],
    "office": ["corp_num", "office_typ_cd", "start_event_id"],
    "address": ["addr_id"],
    "filing": ["event_id", "filing_typ_cd", "effective_dt"],
    "conv_event": ["event_id"],
}
#: columns that are read, and told to be absent where they are
_READ = {
    "corporation": ["recognition_dts", "bn_9"],
    "event": [],
    "corp_name": ["corp_name_seq_num", "end_event_id"],
    "corp_state": ["end_event_id"],
    "jurisdiction": ["end_event_id", "can_jur_typ_cd", "othr_juris_desc", "home_company_nme"],
    "office": ["end_event_id", "mailing_addr_id", "delivery_addr_id"],
    "address": [
        "province",
        "country_typ_cd",
        "postal_cd",
        "addr_line_1",
        "addr_line_2",
        "addr_line_3",
        "city",
        "unit_no",
        "civic_no",
        "street_name",
        "street_type",
        "street_direction",
    ],
    "filing": ["withdrawn_event_id"],
    "conv_event": ["effective_dt"],
}
#: further columns of COLIN, which are not read
_FURTHER = {
    "corporation": [
        "last_ar_filed_dt",
        "transition_dt",
        "bn_15",
        "tilma_involved_ind",
        "firm_lp_xp_termination_date",
    ],
    "event": ["trigger_dts"],
    "corp_name": ["srch_nme", "dd_corp_num"],
    "corp_state": ["dd_corp_num"],
    "jurisdiction": ["xpro_typ_cd", "home_recogn_dt", "home_juris_num", "bc_xpro_num", "dd_corp_num"],
    "office": ["dd_corp_num"],
    "address": [
        "address_format_type",
        "address_desc",
        "address_desc_short",
        "lock_box_no",
        "installation_type",
        "installation_name",
        "installation_qualifier",
        "route_service_type",
        "route_service_no",
        "province_state_name",
        "delivery_instructions",
    ],
    "filing": [
        "change_dt",
        "period_end_dt",
        "arrangement_ind",
        "auth_sign_dt",
        "ods_typ_cd",
        "dd_event_id",
        "access_cd",
        "nr_num",
        "court_appr_ind",
        "court_order_num",
        "agm_date",
        "new_corp_num",
    ],
    "conv_event": ["report_corp_ind", "activity_dt", "annual_file_dt"],
}
_REQUIRED = ("corporation", "event")
_KEYS = {
    "corporation": ("corp_num",),
    "event": ("corp_num", "event_id"),
    "corp_name": ("corp_num", "corp_name_typ_cd", "start_event_id", "corp_name_seq_num"),
    "corp_state": ("corp_num", "start_event_id"),
    "jurisdiction": ("corp_num", "start_event_id"),
    "office": ("corp_num", "office_typ_cd", "start_event_id"),
    "address": ("addr_id",),
    "filing": ("event_id",),
    "conv_event": ("event_id",),
}


@dataclass(slots=True)
class _Set:
    """One folder: its good rows by table, the rejected ones, and the corporations joined from the good ones.

    `spoiled`: corp_num -> where a rejected row about it stands; `spoiled_events`: the same by event id, for rows that
    could not be read. `headless`: corp_num -> its rejected row in `corporation`.
    """

    name: str
    tables: dict[str, list[ColinRow]] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    spoiled: dict[str, str] = field(default_factory=dict)
    spoiled_events: dict[str, str] = field(default_factory=dict)
    headless: dict[str, Row] = field(default_factory=dict)
    corporations: dict[str, Corporation] = field(default_factory=dict)


def read(path: Path, pins: Pins) -> Extract:
    """The tables in that folder, or in each folder in it that has them.

    Malformed: `not_recognized` (no set of tables), `header`, and those of `manifest.read_manifest` and `Manifest.load`.
    """
    extract = Extract(REGISTER, [], (), [])
    sets = []
    for folder in _folders(path):
        manifest = read_manifest(folder, REGISTER, pins)
        sets.append(_joined(_loaded(folder, path, manifest, extract)))
    rejections = extract.rejections
    rejections += [rejection for tableset in sets for rejection in tableset.rejections]
    extract.dossiers = _dossiers(sets, rejections, extract.left_out)
    return extract


def _folders(path: Path) -> list[Path]:
    if not path.is_dir():
        raise Malformed("not_recognized", f"{path.name} is not a folder of COLIN tables")
    if _file(path, "corporation") is not None:
        return [path]
    folders = [folder for folder in sorted(path.iterdir()) if _is_folder(folder) and _file(folder, "corporation")]
    if not folders:
        raise Malformed("not_recognized", f"{path.name} holds no table corporation.csv, nor does a folder in it")
    return folders


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _file(folder: Path, table: str) -> Path | None:
    """The file of a table, None when it is absent. Malformed `unreadable`: something of its name is there, but no file."""
    for name in (folder / f"{table}.csv", folder / f"{table}.csv.gz"):
        if name.is_file():
            return name
        if name.is_symlink() or name.exists():
            raise Malformed("unreadable", f"{name.name} is not a file")
    return None


def _loaded(folder: Path, path: Path, manifest: Manifest, extract: Extract) -> _Set:
    tableset = _Set("" if folder == path else f"{folder.name}/")
    for name, needed in _NEEDED.items():
        file = _file(folder, name)
        tableset.tables[name] = []
        if file is None and name in _REQUIRED:
            raise Malformed("not_recognized", f"{tableset.name}{name}.csv is missing")
        if file is None:
            continue
        table = manifest.load(file)
        missing = [column for column in needed if column not in table.header]
        if missing:
            raise Malformed("header", f"{tableset.name}{file.name} has no column {', '.join(missing)}")
        full_name = tableset.name + file.name
        extract.note_columns(full_name, table.header, (*needed, *_READ[name]), _FURTHER[name])
        at = len(extract.files)
        extract.files.append(InputFile(full_name, table.count))
        for row in table.rows:
            fields = [text.strip(SPACES) for text in row.fields]
            extract.trimmed += sum(map(str.__ne__, fields, row.fields))
            cells = dict(zip(table.header, fields, strict=True))
            if cells.get("end_event_id") == "0":
                cells["end_event_id"] = ""
            tableset.tables[name].append(ColinRow(Row(at, row.number, row.line), cells))
        _note_bad(tableset, name, table.header, table.bad, at)
    return tableset


def _note_bad(tableset: _Set, name: str, header: tuple[str, ...], bad: list[BadRow], at: int) -> None:
    for row in bad:
        tableset.rejections.append(Rejection(Row(at, row.number, row.line), row.code, row.reason))
        place = f"{name}, line {row.line}"
        for corp_num in row.values(header, "corp_num"):
            tableset.spoiled.setdefault(corp_num, place)
            if name == "corporation":
                tableset.headless[corp_num] = Row(at, row.number, row.line)
        if name in ("event", "filing", "conv_event"):
            for event_id in row.values(header, "event_id"):
                tableset.spoiled_events.setdefault(event_id, place)


def _joined(tableset: _Set) -> _Set:
    """Judge keys and references, and gather what belongs to each corporation."""
    doubles = {name: list(_without_doubles(tableset, name)) for name in _NEEDED}
    for record in tableset.tables["corporation"]:
        tableset.corporations[record["corp_num"]] = Corporation(record["corp_num"], record)
    for corp_num, row in tableset.headless.items():
        tableset.corporations.setdefault(corp_num, Corporation(corp_num, ColinRow(row, {}), headless=True))
    for record in _known(tableset, "event"):
        tableset.corporations[record["corp_num"]].events[record["event_id"]] = record
    by_event: dict[str, list[Corporation]] = {}
    for corporation in tableset.corporations.values():
        for event_id in corporation.events:
            by_event.setdefault(event_id, []).append(corporation)
    for event_id, place in tableset.spoiled_events.items():
        for corporation in by_event.get(event_id, []):
            tableset.spoiled.setdefault(corporation.corp_num, place)
    for name in ("filing", "conv_event"):
        _join_acts(tableset, name, by_event, doubles[name])
    for name in ("corp_name", "corp_state", "jurisdiction"):
        for record in _placed(tableset, name):
            tableset.corporations[record["corp_num"]].facts[name].append(record)
    _join_offices(tableset)
    return tableset


def _without_doubles(tableset: _Set, name: str) -> Iterator[ColinRow]:
    """Reject all rows of a table that share a key, leave the others in the table, and yield those rejected."""
    counts = Counter(tuple(record[column] for column in _KEYS[name]) for record in tableset.tables[name])
    single: list[ColinRow] = []
    for record in tableset.tables[name]:
        key = tuple(record[column] for column in _KEYS[name])
        if counts[key] == 1:
            single.append(record)
            continue
        _reject(tableset, record, "duplicate_row", f"{name} {' '.join(key)} stands in {counts[key]} rows")
        if record["corp_num"]:
            tableset.spoiled.setdefault(record["corp_num"], f"{name}, line {record.row.line}")
        if name == "corporation":
            tableset.headless[record["corp_num"]] = record.row
        yield record
    tableset.tables[name] = single


def _known(tableset: _Set, name: str) -> Iterator[ColinRow]:
    """The rows of that table whose corporation is known, be its own row rejected; the others are dangling."""
    for record in tableset.tables[name]:
        if record["corp_num"] in tableset.corporations:
            yield record
        else:
            _reject(tableset, record, "dangling_row", f"there is no corporation {record['corp_num'][:32]!r}")


def _placed(tableset: _Set, name: str) -> Iterator[ColinRow]:
    """The rows of that table whose corporation, start event and end event (if any) are known.

    A row whose event could not be read is not dangling: it waits, and its corporation with it.
    """
    for record in _known(tableset, name):
        corporation = tableset.corporations[record["corp_num"]]
        ends = [record["start_event_id"], *([record["end_event_id"]] if record["end_event_id"] else [])]
        missing = [event for event in ends if event not in corporation.events]
        unread = [tableset.spoiled_events[event] for event in missing if event in tableset.spoiled_events]
        if unread:
            tableset.spoiled.setdefault(record["corp_num"], unread[0])
            corporation.waiting.append(record)
        elif missing:
            _reject(tableset, record, "dangling_row", f"{record['corp_num']} has no event {', '.join(missing)}")
        else:
            yield record


def _join_acts(tableset: _Set, name: str, by_event: dict[str, list[Corporation]], doubles: Iterable[ColinRow]) -> None:
    for record in tableset.tables[name]:
        owners = by_event.get(record["event_id"], [])
        for corporation in owners:
            corporation.acts[name][record["event_id"]] = record
        notice = record["withdrawn_event_id"]
        if not owners:
            _reject(tableset, record, "dangling_row", f"there is no event {record['event_id'][:32]!r}")
        elif notice not in UNSET and not notice.isdecimal():
            _reject(tableset, record, "dangling_row", f"{notice[:32]!r}, which is said to withdraw it, is no event")
            for corporation in owners:
                del corporation.acts[name][record["event_id"]]
                tableset.spoiled.setdefault(corporation.corp_num, f"{name}, line {record.row.line}")
    for record in doubles:
        for corporation in by_event.get(record["event_id"], []):
            tableset.spoiled.setdefault(corporation.corp_num, f"{name}, line {record.row.line}")


def _join_offices(tableset: _Set) -> None:
    addresses = {record["addr_id"]: record for record in tableset.tables["address"]}
    named: set[str] = set()
    for record in _placed(tableset, "office"):
        ids = [record[column] for column in ("delivery_addr_id", "mailing_addr_id") if record[column]]
        missing = [address for address in ids if address not in addresses]
        if missing or not ids:
            reason = f"there is no single address {', '.join(missing)}" if missing else "the office names no address"
            _reject(tableset, record, "dangling_row", reason)
            continue
        named.update(ids)
        corporation = tableset.corporations[record["corp_num"]]
        corporation.facts["office"].append(record)
        corporation.addresses.update({address: addresses[address] for address in ids})
    for address, record in addresses.items():
        if address not in named:
            _reject(tableset, record, "unreferenced_row", f"no accepted office names address {address[:32]}")


def _reject(tableset: _Set, record: ColinRow, code: str, reason: str) -> None:
    tableset.rejections.append(Rejection(record.row, code, reason))


def _dossiers(sets: list[_Set], rejections: list[Rejection], left_out: dict[str, int]) -> Iterator[Dossier]:
    owners: dict[str, list[tuple[_Set, Corporation]]] = {}
    for tableset in sets:
        for corporation in tableset.corporations.values():
            owners.setdefault(corporation.number, []).append((tableset, corporation))
    withdrawals = {tableset.name: Withdrawals(tableset.tables["filing"]) for tableset in sets}
    for number in sorted(owners):
        if len(owners[number]) > 1:
            yield _conflict(number, [corporation for _, corporation in owners[number]], rejections)
            continue
        [(tableset, corporation)] = owners[number]
        rows = corporation.rows()
        spoiled = tableset.spoiled.get(corporation.corp_num)
        if spoiled is not None:
            reason = f"a row about {number} was rejected: {tableset.name}{spoiled}"
            yield Dossier(REGISTER, number, rows, (), (INCOMPLETE, reason))
        elif not corporation.events:
            rejections += [Rejection(row, "no_event", f"{number} has no event: nothing to issue") for row in rows]
            yield Dossier(REGISTER, number, (), (), ("no_event", f"{number} has no event"))
        else:
            yield _dossier(corporation, withdrawals[tableset.name], rejections, left_out)


def _dossier(
    corporation: Corporation, withdrawals: Withdrawals, rejections: list[Rejection], left_out: dict[str, int]
) -> Dossier:
    account = read_spans(corporation, withdrawals)
    backward = [
        (table, span.record)
        for table in ("corp_name", "jurisdiction")  # of names alone the end is told
        for span in account.spans[table]
        if span.is_backward and (span["corp_nme"] or span["home_company_nme"])
    ]
    for table, record in backward:
        rejections.append(Rejection(record.row, "interval", f"{corporation.number}: it ends before it begins"))
        corporation.facts[table].remove(record)
    if backward:
        account = read_spans(corporation, withdrawals)
    undated = [corporation.events[event].row for event, at in account.places.items() if not at[0]]
    if undated:
        reason = f"{corporation.number} has an event of a day that nobody knows"
        rejections += [Rejection(row, "date_invalid", reason) for row in undated]
        waiting = tuple(row for row in corporation.rows() if row not in set(undated))
        return Dossier(REGISTER, corporation.number, waiting, (), (INCOMPLETE, reason))
    read = changes(corporation, account, left_out)
    if read is None:
        return Dossier(REGISTER, corporation.number, corporation.rows(), (), TOO_LARGE)
    said, origins = read
    return Dossier(REGISTER, corporation.number, corporation.rows(), said, origins=origins, withdrawn=account.withdrawn)


def _conflict(number: str, corporations: list[Corporation], rejections: list[Rejection]) -> Dossier:
    """Two sets (or two corp_num that give one number) tell of it: their corporation rows are rejected, the rest waits."""
    heads = [corporation.record.row for corporation in corporations if not corporation.headless]
    reason = f"{number} stands in {len(corporations)} corporation rows"
    rejections += [Rejection(row, "conflicting_rows", reason) for row in heads]
    waiting = tuple(row for corporation in corporations for row in corporation.rows() if row not in heads)
    return Dossier(REGISTER, number, waiting, (), (INCOMPLETE, reason))
