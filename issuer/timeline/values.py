"""Judge every value that a register gave of an organization.

Pure: today's date is passed in. Text is `text`'s to judge; dates exist and do not lie ahead of the day of their state; nothing
ends before it began; types and status codes stand in the register's table (never guessed). A placeholder for a date that nobody
knows, or that has not come, is no date. What becomes of an organization with a bad value is left to `history`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from issuer.timeline.changes import Change, Dossier, Row
from issuer.timeline.text import text_fault
from schemas import codes
from schemas.organization import ORGANIZATION, PERMIT, State

_NUMBER = re.compile(r"[A-Za-z0-9.-]{1,32}")
_REGISTER = re.compile(r"[a-z0-9]{1,16}")
_CODE = re.compile(r"[A-Za-z0-9_. -]{1,64}")
_BUSINESS_NUMBER = re.compile(r"[0-9]{9}([A-Z]{2}[0-9]{4})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: what some registers write after a day
_TIME = re.compile(r"(?<=^.{10})[T ][0-9:.]+Z?$")
_RELATIONSHIPS = frozenset(codes.codes("relationship", ""))
#: no day lies after it: what may be told ahead of time, as the end of a permit
_LAST_DAY = "9999-12-31"
_NAME_KINDS = frozenset(codes.codes("name_kind", ""))


class Fault(NamedTuple):
    """Why a value may not be issued, and the rows to blame."""

    rows: tuple[Row, ...]
    code: str
    reason: str


def find_faults(dossier: Dossier, today: date) -> list[Fault]:
    """What may not be issued of all values of that organization, each once. `today`: the register's own day."""
    faults: list[Fault] = []
    seen: set[tuple[str, str, str]] = set()
    for change in dossier.changes:
        latest = max(today.isoformat(), day_of(change) or "")
        for kind, text in _values(change.state):
            value = kind, text, latest if kind == "date" else ""
            if value in seen:
                continue
            seen.add(value)
            fault = _judge(dossier.register, kind, text, latest)
            if fault is not None:
                faults.append(Fault(dossier.origins.get((kind, text)) or dossier.rows, *fault))
        faults += [Fault(change.rows or dossier.rows, "interval", reason) for reason in _backward(change.state)]
    return faults


def day_of(change: Change) -> str | None:
    """The day on which a change took effect, as the register wrote it; None where it does not say."""
    return None if change.state.event is None else change.state.event.effective


def known_dates(state: State, register: str) -> State:
    """The state without dates that only hold the place of one: unknown beginnings, open ends."""

    def known(day: str | None) -> str | None:
        return None if day is None or codes.is_placeholder_date(register, _TIME.sub("", day)) else day

    event = state.event
    return replace(
        state,
        status_since=known(state.status_since),
        valid_from=known(state.valid_from),
        valid_until=known(state.valid_until),
        registered_on=known(state.registered_on),
        names=tuple(replace(name, since=known(name.since), until=known(name.until)) for name in state.names),
        relationships=tuple(
            replace(link, since=known(link.since), until=known(link.until)) for link in state.relationships
        ),
        event=None if event is None else replace(event, effective=known(event.effective)),
    )


def _backward(state: State) -> Iterator[str]:
    """What ends before it began, in words."""
    for what, since, until in (
        *((f"the name {name.text[:60]!a}", name.since, name.until) for name in state.names),
        *((f"{link.kind} {link.number}", link.since, link.until) for link in state.relationships),
        ("the permit", state.valid_from, state.valid_until),
    ):
        if since is not None and until is not None and until < since:
            yield f"{what} is said to end on {until[:40]!a}, before it began, on {since[:40]!a}"


def _values(state: State) -> Iterator[tuple[str, str]]:
    """Every value of a state with its kind: number, type, status, date, name, text, code, relationship and so on.

    A `day` is a date that may lie ahead.
    """
    yield "number", state.number
    yield "subject", state.subject
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
        ("day", state.valid_from),
        ("day", state.valid_until),
    ):
        if value is not None:
            yield kind, value
    for name in state.names:
        yield "name", name.text
        yield "name_kind", name.kind
        yield from _given(("language", name.language), ("date", name.since), ("date", name.until))
    for address in state.addresses:
        yield "code", address.role
        yield from _given(("text", address.street), ("text", address.locality), ("text", address.region))
        yield from _given(("text", address.postal_code), ("text", address.country))
    for link in state.relationships:
        yield "relationship", link.kind
        yield from _given(("number", link.number), ("name", link.name), ("date", link.since), ("date", link.until))
        yield from _given(("register", link.register))
    if state.event is not None:
        yield "code", state.event.kind
        yield from _given(("code", state.event.id), ("code", state.event.filing), ("date", state.event.effective))


def _given(*values: tuple[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((kind, text) for kind, text in values if text is not None)


def _judge(register: str, kind: str, text: str, latest: str) -> tuple[str, str] | None:
    """(code, reason) of what is wrong with a value of that kind, or None."""
    shown = ascii(text[:60])
    if kind in ("name", "text"):
        return text_fault(kind, text)
    if kind in ("date", "day"):
        return _judge_date(text, latest if kind == "date" else _LAST_DAY)
    if kind == "type":
        known = codes.is_known_type(register, text)
        return None if known else ("entity_type_unknown", f"entity type {shown} is not in the register's table")
    if kind == "subject":
        return (
            None if text in (ORGANIZATION, PERMIT) else ("subject_unknown", f"{shown} is nothing that is issued here")
        )
    if kind == "status":
        known = codes.is_known_status(register, text)
        return None if known else ("status_unknown", f"status {shown} is not in the register's table")
    if kind == "name_kind":
        return None if text in _NAME_KINDS else ("name_kind_unknown", f"{shown} is no kind of name")
    if kind == "relationship":
        return None if text in _RELATIONSHIPS else ("relationship_unknown", f"relationship {shown} is not known")
    forms = {"number": _NUMBER, "register": _REGISTER, "business_number": _BUSINESS_NUMBER, "language": _LANGUAGE}
    form = forms.get(kind, _CODE)
    return None if form.fullmatch(text) else (kind, f"{shown} has not the form of a {kind.replace('_', ' ')}")


def _judge_date(text: str, latest: str) -> tuple[str, str] | None:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        date.fromisoformat(text)
    except ValueError:
        return "date_invalid", f"{text[:40]!a} is not a date of the calendar, written YYYY-MM-DD"
    return ("date_future", f"{text} lies in the future") if text > latest else None
