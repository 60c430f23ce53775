"""The code tables of the registers, in English and French.

One JSON file per register under `codes/`, and one for the words of the credential itself; each names where its facts come from.
The French labels are ours where a register publishes none. A code that stands in no table is shown as it is.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, Literal

#: those of every label, of the pages and of the answers
LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).parent / "codes"

#: register -> the file of its codes; a register in BC's shape (as the sample) uses BC's codes
_FILES = {"im": "im", "bc": "bc"}
_PLACEHOLDER_DATES = frozenset({"0001-01-01", "9999-12-31"})
#: tables that are the same for every register
_OWN_WORDS = frozenset({"registration_status", "name_kind", "relationship", "register"})


def label(table: str, register: str, code: str, language: str) -> str:
    """What `code` means in `language` (`en` or `fr`); the code itself where it stands in no table.

    Tables: entity_type, registration_status, register_status, event, filing, name_kind, address_role, relationship, register.
    """
    entry = _entry(table, register, code)
    return code if entry is None else str(entry[language])


def codes(table: str, register: str) -> tuple[str, ...]:
    """All codes of that table, in the order of its file; none where the register has no such table."""
    return tuple(_table(table, register))


def is_person(register: str, entity_type: str) -> bool:
    """Whether a registration of this type stands for natural persons. An unknown type does not say so."""
    entry = _entry("entity_type", register, entity_type)
    return entry is not None and bool(entry.get("person", False))


def is_known_type(register: str, entity_type: str) -> bool:
    """Whether the register's table has this entity type."""
    return _entry("entity_type", register, entity_type) is not None


def is_correction(register: str, filing: str) -> bool:
    """Whether a filing of this code puts an error in the register right. An unknown code does not say so."""
    entry = _entry("filing", register, filing)
    return entry is not None and bool(entry.get("correction", False))


def operating_status(register: str, register_status: str) -> Literal["Active", "Historical"] | None:
    """Active or Historical for a register's own status code; None: the code is not known, or does not say."""
    entry = _entry("register_status", register, register_status)
    status: Literal["Active", "Historical"] | None = None if entry is None else entry["operating"]
    return status


def is_known_status(register: str, register_status: str) -> bool:
    """Whether the register's table has this status code."""
    return _entry("register_status", register, register_status) is not None


def is_placeholder_date(register: str, day: str) -> bool:
    """Whether a date only holds the place of one that is unknown or has not come: 0001-01-01, 9999-12-31, and what the
    register's table adds.
    """
    return day in _PLACEHOLDER_DATES or day in _document(_FILES.get(register, "bc")).get("placeholder_date", ())


def time_zone(register: str) -> str:
    """The time zone in which the register's days begin and end (IANA name)."""
    zone: str = _document(_FILES.get(register, "bc")).get("time_zone", "UTC")
    return zone


def _entry(table: str, register: str, code: str) -> dict[str, Any] | None:
    return _table(table, register).get(code)


def _table(table: str, register: str) -> dict[str, dict[str, Any]]:
    name = "credential" if table in _OWN_WORDS else _FILES.get(register, "bc")
    codes_of: dict[str, dict[str, Any]] = _document(name).get(table, {})
    return codes_of


@cache
def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return document
