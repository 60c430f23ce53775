"""The site's static files, some of them made at start-up.

Modules are made here: `trust.js`, the trust file with the pinned contexts and schemas for the browser's verifier, each language's
`labels.js` and `answer_words.js`, which have all words of the scripts, and `own_style.js`, the pages' style sheet as a script
carries it.
Scripts stand below each language too, and go out without their comments: a third of their bytes.
"""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.support import Translations

import schemas
from registry.credential.document import our_tables
from registry.verify.trust import context_digest
from schemas import codes
from search.pages.bundle import bundle
from search.views import answers, days, places, standing, wording
from search.views.reasons import REASONS
from search.views.relationships import PAGE_SIZE

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


#: lines of a script that hold a comment alone
_COMMENT = re.compile(r"^[ \t]*(//.*|/\*\*(.|\n)*?\*/)\n", re.M)

WEB = Path(__file__).parent.parent / "web"


#: claim -> the code table that its values stand in
CODED_CLAIMS = {
    "register": "register",
    "entityType": "entity_type",
    "registrationStatus": "registration_status",
    "registerStatus": "register_status",
    "nameType": "name_kind",
    "addressRole": "address_role",
    "relationshipType": "relationship",
    "eventType": "event",
    "filingType": "filing",
}
#: those of so many codes that they go out grouped by their words: words -> codes with spaces between (twin: expected.js)
GROUPED_CLAIMS = ("eventType", "filingType")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One static file, also as gzip; `media_type` with its charset."""

    body: bytes
    packed: bytes
    media_type: str


#: the scripts of organization pages, each of which goes out as one file with all that it imports
BUNDLES = ("check.js", "checker.js")
_SCHEMAS = (*schemas.CREDENTIAL_SCHEMAS, "status-list/v1")


def trust_module(trust: Mapping[str, Any]) -> str:
    """The text of `trust.js`: the trust file, with the contexts' hashes and tables and the schemas that the verifier pins."""
    pinned = {
        "contexts": {name: context_digest(name) for name in ("credentials/v2", *schemas.OWN_CONTEXTS)},
        "schemas": {name: schemas.schema_document(name) for name in _SCHEMAS},
        "tables": {name: tables.to_json() for name, tables in our_tables().items()},
    }
    return _module("trust", {**trust, "pinned": pinned})


def labels_module(registers: list[str], language: str, messages: Translations) -> str:
    """The text of a language's `labels.js`: register -> claim -> code -> label, and all words that the browser needs."""
    reasons = _translated(REASONS, messages)
    steps = (wording.PAGE_STEP, *wording.STEPS, answers.COMPLETE_STEP)
    labels = {
        "language": language,
        "claims": {register: _labels_by_code(register, language) for register in registers},
        "subStatuses": {register: _sub_statuses(register, language) for register in registers},
        "persons": {register: _person_types(register) for register in registers},
        "reasons": {reason: words for reason, words in reasons.items() if words != reason},
        "page": _translated(wording.PAGE, messages),
        "fields": _translated(wording.FIELDS, messages),
        "places": _translated(places.PLACES, messages),
        "languages": _translated(places.LANGUAGES, messages),
        "days": {
            "months": {f"{n:02d}": messages.gettext(month) for n, month in enumerate(days.MONTHS, 1)},
            "forms": _translated(days.FORMS, messages),
        },
        "standing": {
            "forms": _translated(standing.FORMS, messages),
            "banners": _translated(standing.BANNERS, messages),
        },
        "panel": {
            **_translated(wording.PANEL, messages),
            "outcomes": _translated(wording.PAGE_OUTCOMES, messages),
            "codes": _translated(wording.PAGE_CODES, messages),
            "results": _translated(wording.RESULTS, messages),
            "verdicts": _translated(wording.VERDICTS, messages),
            "stepNames": {name: [messages.gettext(words) for words in said] for name, *said, _ in steps},
        },
        "notCurrent": messages.gettext(wording.NOT_CURRENT),
        "relationshipsShown": PAGE_SIZE,
    }
    return _module("labels", labels)


def answer_words_module(messages: Translations) -> str:
    """The text of a language's `answer_words.js`: what the verify page needs besides."""
    tables = {
        "outcomes": answers.OUTCOMES,
        "kinds": answers.KINDS,
        "words": answers.WORDS,
        "input": answers.INPUT,
    }
    return _module("answerWords", {name: _translated(table, messages) for name, table in tables.items()})


def _translated(table: Mapping[str, str], messages: Translations) -> dict[str, str]:
    return {name: messages.gettext(words) for name, words in table.items()}


def _labels_by_code(register: str, language: str) -> dict[str, dict[str, str]]:
    labels = {
        claim: {code: codes.plain_label(table, register, code, language) for code in codes.codes(table, register)}
        for claim, table in CODED_CLAIMS.items()
    }
    return labels | {claim: _grouped(labels[claim]) for claim in GROUPED_CLAIMS}


def _grouped(labels: Mapping[str, str]) -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for code, words in sorted(labels.items()):
        groups.setdefault(words, []).append(code)
    return {words: " ".join(group) for words, group in groups.items()}


def _sub_statuses(register: str, language: str) -> dict[str, str]:
    """A register's own status -> what it says beyond active and historical; those that say no more are left out."""
    known = codes.codes("register_status", register)
    return {code: words for code in known if (words := codes.sub_status_label(register, code, language)) is not None}


def _person_types(register: str) -> list[str]:
    return [code for code in codes.codes("entity_type", register) if codes.is_person(register, code)]


def _served(path: Path) -> bytes:
    body = path.read_bytes()
    return _COMMENT.sub("", body.decode()).encode() if path.suffix == ".js" else body


def _module(name: str, value: Mapping[str, Any] | str) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return f"// Made at start-up; see search/pages/static_files.py.\nexport const {name} = {text};\n"


def static_files(trust: Mapping[str, Any], translations: Mapping[str, Translations]) -> dict[str, StaticFile]:
    """All of them by their path; scripts below each language too. `trust`: the trust file; `translations`: by language."""
    folder = WEB / "static"
    bodies = {
        path.relative_to(folder).as_posix(): _served(path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _TYPES
    }
    registers = sorted({register for issuer in trust["issuers"] for register in issuer["registers"]})
    bodies["trust.js"] = trust_module(trust).encode()
    bodies["own_style.js"] = _module("style", bodies["style.css"].decode()).encode()
    scripts = {path: body for path, body in bodies.items() if path.endswith(".js")}
    for language, messages in translations.items():
        own = {
            **scripts,
            "labels.js": labels_module(registers, language, messages).encode(),
            "answer_words.js": answer_words_module(messages).encode(),
        }
        texts = {path: body.decode() for path, body in own.items()}
        own |= {entry: bundle(texts, entry).encode() for entry in BUNDLES}
        bodies |= {f"{language}/{path}": body for path, body in own.items()}
    return {
        path: StaticFile(body, gzip.compress(body, mtime=0), _TYPES[Path(path).suffix]) for path, body in bodies.items()
    }
