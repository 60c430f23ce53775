"""Judge every value that a register gave of an organization.

Pure: today's date is passed in. Text is NFC without control, format, private or unassigned characters and at most 500 characters;
dates exist and do not lie more than a day ahead; types and status codes stand in the register's table (never guessed). What
becomes of an organization with a bad value is left to `history`.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from issuer.timeline.changes import Dossier
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


class Fault(NamedTuple):
    """Why a value may not be issued. `value`: its kind and its text."""

    value: tuple[str, str]
    code: str
    reason: str


def find_faults(dossier: Dossier, today: date) -> list[Fault]:
    """What may not be issued of all values of that organization, each once. `today`: UTC; dates may lie a day after it."""
    latest = (today + timedelta(days=1)).isoformat()
    faults: list[Fault] = []
    seen: set[tuple[str, str]] = set()
    for change in dossier.changes:
        for value in _values(change.state):
            if value in seen:
                continue
            seen.add(value)
            fault = _judge(dossier.register, *value, latest)
            if fault is not None:
                faults.append(Fault(value, *fault))
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
