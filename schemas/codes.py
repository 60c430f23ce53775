"""The code tables of the registers, in English and French.

One JSON file per register under `codes/`, and one for the words of the credential itself; each names where its facts come from.
The French labels are ours where a register publishes none. A code that stands in no table is shown as it is. Of each status a
table says the sub-status (in liquidation, amalgamated ...), of each event and filing the act: what happened, in plain words.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

#: those of every label, of the pages and of the answers
LANGUAGES = ("en", "fr")
_FOLDER = Path(__file__).parent / "codes"

#: register -> the file of its codes; a register in BC's shape (as the sample) uses BC's codes
_FILES = {"im": "im", "bc": "bc", "sample": "bc", "permits": "permits"}
_PLACEHOLDER_DATES = frozenset({"0001-01-01", "9999-12-31"})
#: tables that are the same for every register which has none of its own
_OWN_WORDS = frozenset({"registration_status", "sub_status", "act", "manner", "name_kind", "relationship", "register"})


@dataclass(frozen=True, slots=True)
class Act:
    """What happened, by its code in the table `act`. `manner`: correction or amendment of such an act, or empty.

    `open`: the register's code does not say what it changed.
    """

    code: str
    manner: str = ""
    open: bool = False


def label(table: str, register: str, code: str, language: str) -> str:
    """What `code` means in `language` (`en` or `fr`); the code itself where it stands in no table.

    Tables: entity_type, registration_status, register_status, sub_status, event, filing, act, name_kind, address_role,
    relationship, register. Of an event or a filing this is the register's own label; `plain_label` has the plain one.
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


def sub_status(register: str, register_status: str | None) -> str | None:
    """The code, in the table `sub_status`, of what a register's own status says beyond Active and Historical; None: nothing."""
    entry = None if register_status is None else _entry("register_status", register, register_status)
    sub: str | None = None if entry is None else entry["sub"]
    return sub


def sub_status_label(register: str, register_status: str | None, language: str) -> str | None:
    """The same in words of `language` (`en` or `fr`)."""
    sub = sub_status(register, register_status)
    return None if sub is None else label("sub_status", register, sub, language)


def act_of(register: str, event: str, filing: str | None = None) -> Act | None:
    """What an event, with the filing behind it, did: the filing says it, unless it leaves open what only the event tells.

    None where neither code is known.
    """
    entries = (None if filing is None else _entry("filing", register, filing), _entry("event", register, event))
    acts = [_act(entry) for entry in entries if entry is not None]
    return next((act for act in acts if not act.open), acts[0] if acts else None)


def act_label(act: Act, language: str) -> str:
    """What happened, in plain words of `language` (`en` or `fr`)."""
    words = label("act", "", act.code, language)
    if not act.manner:
        return words
    return label("manner", "", act.manner, language).replace("{act}", words[0].lower() + words[1:])


def plain_label(table: str, register: str, code: str, language: str) -> str:
    """As `label`; of an event or a filing not the register's own label but what happened, in plain words."""
    entry = _entry(table, register, code)
    if entry is None or "act" not in entry:
        return label(table, register, code, language)
    return act_label(_act(entry), language)


def is_placeholder_date(register: str, day: str) -> bool:
    """Whether a date only holds the place of one that is unknown or has not come: 0001-01-01, 9999-12-31, and what the
    register's table adds.
    """
    return day in _PLACEHOLDER_DATES or day in _document(_FILES.get(register, "bc")).get("placeholder_date", ())


def number_form(register: str) -> str | None:
    """The form of the numbers of a register, as a regular expression; None where its code table is not known here."""
    form: str | None = _document(_FILES[register])["number_form"] if register in _FILES else None
    return form


def number_words(register: str) -> str:
    """The same form in English words, for whoever delivers; empty where the code table is not known here."""
    words: str = _document(_FILES[register])["number_words"] if register in _FILES else ""
    return words


def time_zone(register: str) -> str:
    """The time zone in which the register's days begin and end (IANA name)."""
    zone: str = _document(_FILES.get(register, "bc")).get("time_zone", "UTC")
    return zone


def tables() -> dict[str, dict[str, dict[str, dict[str, Any]]]]:
    """All tables of codes: file -> table -> code -> its entry (`en`, `fr`, and what else it says)."""
    documents = {path.stem: _document(path.stem) for path in sorted(_FOLDER.glob("*.json"))}
    return {
        name: {table: entries for table, entries in document.items() if isinstance(entries, dict)}
        for name, document in documents.items()
    }


def _act(entry: dict[str, Any]) -> Act:
    manner = next((manner for manner in ("correction", "amendment") if entry.get(manner, False)), "")
    return Act(entry["act"], manner, _table("act", "")[entry["act"]].get("open", False))


def _entry(table: str, register: str, code: str) -> dict[str, Any] | None:
    return _table(table, register).get(code)


def _table(table: str, register: str) -> dict[str, dict[str, Any]]:
    own: dict[str, dict[str, Any]] = _document(_FILES.get(register, "bc")).get(table, {})
    return own or (_document("credential").get(table, {}) if table in _OWN_WORDS else {})


@cache
def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return document
