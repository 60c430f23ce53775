"""Judge what a register said of one organization, and fold it into its timeline.

Pure: today's date is passed in. Judged are the values of every state: text is NFC without control, format, private or
unassigned characters and at most 500 characters; dates exist and do not lie more than a day ahead; types and status codes
stand in the register's table (never guessed). A bad value is blamed on the rows in which it was written; those are rejected
and the organization's other rows are held. Comparing the timeline with what was issued before is left to `plan`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from issuer.timeline.changes import Dossier, Rejection, Row
from schemas import codes
from schemas.organization import State

MAX_TEXT = 500
_NUMBER = re.compile(r"[A-Za-z0-9.-]{1,32}")
_CODE = re.compile(r"[A-Za-z0-9_. -]{1,64}")
_BUSINESS_NUMBER = re.compile(r"[0-9]{9}([A-Z]{2}[0-9]{4})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: general categories that no name or address may hold: other (control, format, surrogate, private, unassigned), line ends
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RELATIONSHIPS = frozenset(codes.codes("relationship", ""))


@dataclass(frozen=True, slots=True)
class TimelineState:
    """One state of an organization as of one event ("" in a snapshot). `order`: sorts the events of an organization."""

    event: str
    order: tuple[object, ...]
    state: State
    correction: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """All states of one organization, oldest first; at least one."""

    states: tuple[TimelineState, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing may be issued for this organization now. Every row of its dossier is either in `rejections` or `hold`."""

    code: str
    reason: str
    rejections: tuple[Rejection, ...]
    hold: tuple[Row, ...]


def fold(dossier: Dossier, today: date) -> Timeline | Refusal:
    """The timeline of that organization, or why it has none. `today`: UTC; dates may lie at most one day after it."""
    if dossier.refused is not None:
        code, reason = dossier.refused
        return Refusal(code, reason, (), dossier.rows)
    faults = _faults(dossier, today)
    if faults:
        return _refusal(dossier, faults)
    if not dossier.changes:
        return _refusal(dossier, [(("", ""), "no_event", "the extract tells of no event of this organization")])
    ordered = sorted(dossier.changes, key=lambda change: change.order)
    return Timeline(
        tuple(TimelineState(change.event, change.order, change.state, change.correction) for change in ordered)
    )


def _refusal(dossier: Dossier, faults: list[tuple[tuple[str, str], str, str]]) -> Refusal:
    blamed: dict[Row, Rejection] = {}
    for value, code, reason in faults:
        for row in dossier.origins.get(value) or dossier.rows:
            blamed.setdefault(row, Rejection(row, code, reason))
    rejections = tuple(blamed[row] for row in sorted(blamed))
    hold = tuple(row for row in dossier.rows if row not in blamed)
    _, code, reason = faults[0]
    return Refusal(code, reason, rejections, hold)


def _faults(dossier: Dossier, today: date) -> list[tuple[tuple[str, str], str, str]]:
    """((kind, text), code, reason) of each value that may not be issued, each once."""
    latest = (today + timedelta(days=1)).isoformat()
    faults: list[tuple[tuple[str, str], str, str]] = []
    seen: set[tuple[str, str]] = set()
    for change in dossier.changes:
        for value in _values(change.state):
            if value in seen:
                continue
            seen.add(value)
            fault = _judge(dossier.register, *value, latest)
            if fault is not None:
                faults.append((value, *fault))
    return faults


def _values(state: State) -> Iterator[tuple[str, str]]:
    """Every value of a state with its kind: number, type, status, date, name, text, code, relationship and so on."""
    yield "number", state.number
    yield "type", state.entity_type
    if state.legal_name is not None:
        yield "name", state.legal_name
    for kind, value in (
        ("status", state.register_status),
        ("date", state.status_since),
        ("date", state.registered_on),
        ("text", state.jurisdiction),
        ("text", state.home_jurisdiction),
        ("business_number", state.business_number),
    ):
        if value is not None:
            yield kind, value
    for name in state.names:
        yield "name", name.text
        yield from _given(("language", name.language), ("date", name.since), ("date", name.until))
    for address in state.addresses:
        yield "code", address.role
        yield from _given(("text", address.street), ("text", address.locality), ("text", address.region))
        yield from _given(("text", address.postal_code), ("text", address.country))
    for link in state.relationships:
        yield "relationship", link.kind
        yield from _given(("number", link.number), ("name", link.name), ("date", link.since), ("date", link.until))
    if state.event is not None:
        yield "code", state.event.kind
        yield from _given(("code", state.event.id), ("code", state.event.filing), ("date", state.event.effective))


def _given(*values: tuple[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((kind, text) for kind, text in values if text is not None)


def _judge(register: str, kind: str, text: str, latest: str) -> tuple[str, str] | None:
    """(code, reason) of what is wrong with a value of that kind, or None."""
    shown = ascii(text[:60])
    if kind in ("name", "text"):
        return _judge_text(kind, text)
    if kind == "date":
        return _judge_date(text, latest)
    if kind == "type":
        known = codes.is_known_type(register, text)
        return None if known else ("entity_type_unknown", f"entity type {shown} is not in the register's table")
    if kind == "status":
        known = codes.is_known_status(register, text)
        return None if known else ("status_unknown", f"status {shown} is not in the register's table")
    if kind == "relationship":
        return None if text in _RELATIONSHIPS else ("relationship_unknown", f"relationship {shown} is not known")
    form = {"number": _NUMBER, "business_number": _BUSINESS_NUMBER, "language": _LANGUAGE}.get(kind, _CODE)
    return None if form.fullmatch(text) else (kind, f"{shown} has not the form of a {kind.replace('_', ' ')}")


def _judge_text(kind: str, text: str) -> tuple[str, str] | None:
    if not text.strip():
        return f"{kind}_empty", f"a {kind} is empty"
    if len(text) > MAX_TEXT:
        return f"{kind}_too_long", f"a {kind} has {len(text)} characters, {MAX_TEXT} are allowed"
    if text.isascii() and text.isprintable():
        return None
    bad = next((character for character in text if unicodedata.category(character) in _FORBIDDEN), None)
    if bad is not None:
        return "text_characters", f"{text[:60]!a} holds the character U+{ord(bad):04X}"
    if not unicodedata.is_normalized("NFC", text):
        return "text_not_nfc", f"{text[:60]!a} is not in Unicode normalization form C"
    return None


def _judge_date(text: str, latest: str) -> tuple[str, str] | None:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        return "date_invalid", f"{text[:40]!a} is not a date of the calendar, written YYYY-MM-DD"
    return ("date_future", f"{text} lies in the future") if text > latest else None
