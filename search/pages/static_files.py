"""The site's static files, some of them made at start-up.

`web/made` has the scripts and the style sheet as pages load them: small, each with its brotli and gzip forms, made ahead from
`web/static` (`make web`). Made here, for each language: `given.js`, the trust file and all words of the scripts, and
`answer_words.js`, those of the verify page besides. The scripts as they are written go out too, for whoever wants to read them:
each beside what it imports, so that they run.
"""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from babel.support import Translations

import schemas
from registry.credential.document import our_tables
from registry.verify.trust import context_digest
from schemas import codes
from search.views import answers, days, places, standing, wording
from search.views.reasons import REASONS
from search.views.relationships import PAGE_SIZE

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


WEB = Path(__file__).parent.parent / "web"
SOURCES = WEB / "static"


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
    """One static file as it is, as gzip, and as brotli where that was made ahead; `media_type` with its charset."""

    body: bytes
    gzip: bytes
    brotli: bytes | None
    media_type: str


#: the scripts of pages that stand below each language, beside the words that they import
SPEAKING = ("check.js", "checker.js", "codes.js", "own_style.js", "paste.js", "points.js")
#: small files of the words of a register's events and filings: most pages want one or two of them
_ACT_FILES = 64
#: the reasons of steps that nobody asks for; all others are loaded when one is told
_NOT_ASKED = ("the trust file asks no witness", "the trust file does not ask for it")
_SCHEMAS = (*schemas.CREDENTIAL_SCHEMAS, "status-list/v1")


def pinned() -> dict[str, Any]:
    """What the browser's verifier pins beside the trust file: the contexts' hashes and tables, and the schemas."""
    return {
        "contexts": {name: context_digest(name) for name in ("credentials/v2", *schemas.OWN_CONTEXTS)},
        "schemas": {name: schemas.schema_document(name) for name in _SCHEMAS},
        "tables": {name: tables.to_json() for name, tables in our_tables().items()},
    }


def labels(registers: list[str], language: str, messages: Translations) -> dict[str, Any]:
    """What scripts say in one language: register -> claim -> code -> label, and all words that the browser needs."""
    steps = (wording.PAGE_STEP, *wording.STEPS, answers.COMPLETE_STEP)
    return {
        "language": language,
        "claims": {register: _labels_by_code(register, language) for register in registers},
        "subStatuses": {register: _sub_statuses(register, language) for register in registers},
        "persons": {register: _person_types(register) for register in registers},
        "reasons": _reasons(messages),
        "page": translated(wording.PAGE, messages),
        "fields": translated(wording.FIELDS, messages),
        "places": translated(places.PLACES, messages),
        "languages": translated(places.LANGUAGES, messages),
        "days": {
            "months": {f"{n:02d}": messages.gettext(month) for n, month in enumerate(days.MONTHS, 1)},
            "forms": translated(days.FORMS, messages),
        },
        "standing": {
            "forms": translated(standing.FORMS, messages),
            "banners": translated(standing.BANNERS, messages),
        },
        "panel": {
            **translated(wording.PANEL, messages),
            "outcomes": translated(wording.PAGE_OUTCOMES, messages),
            "codes": translated(wording.PAGE_CODES, messages),
            "results": translated(wording.RESULTS, messages),
            "verdicts": translated(wording.VERDICTS, messages),
            "stepNames": {name: [messages.gettext(words) for words in said] for name, *said, _ in steps},
        },
        "notCurrent": messages.gettext(wording.NOT_CURRENT),
        "relationshipsShown": PAGE_SIZE,
    }


def answer_words(messages: Translations) -> dict[str, dict[str, str]]:
    """What the verify page says in one language besides."""
    tables = {
        "outcomes": answers.OUTCOMES,
        "kinds": answers.KINDS,
        "words": answers.WORDS,
        "input": answers.INPUT,
    }
    return {name: translated(table, messages) for name, table in tables.items()} | {"reasons": _reasons(messages)}


def _reasons(messages: Translations) -> dict[str, str]:
    """Those that a person reads otherwise than they stand in a verdict."""
    return {reason: words for reason, words in translated(REASONS, messages).items() if words != reason}


def translated(table: Mapping[str, str], messages: Translations) -> dict[str, str]:
    """The messages of a table in their language, each under its name; an empty one stays empty."""
    return {name: words and messages.gettext(words) for name, words in table.items()}


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


def _module(**values: Any) -> bytes:
    texts = {name: json.dumps(value, ensure_ascii=False, separators=(",", ":")) for name, value in values.items()}
    return "".join(f"export const {name}={text};\n" for name, text in texts.items()).encode()


def static_files(trust: Mapping[str, Any], translations: Mapping[str, Translations]) -> dict[str, StaticFile]:
    """All of them by their path. `trust`: the trust file; `translations`: by language."""
    made = {path.stem: _made_ahead(path.with_suffix("")) for path in sorted((WEB / "made").glob("*.br"))}
    sources = {path.relative_to(SOURCES).as_posix(): path.read_bytes() for path in sorted(SOURCES.rglob("*.js"))}
    registers = sorted({register for issuer in trust["issuers"] for register in issuer["registers"]})
    files = {name: file for name, file in made.items() if name not in SPEAKING}
    files["icon.svg"] = _made_now("icon.svg", (SOURCES / "icon.svg").read_bytes())
    for language, messages in translations.items():
        words, more = labels(registers, language, messages), answer_words(messages)
        files |= {f"{language}/{name}": made[name] for name in SPEAKING}
        lean, acts = _without_acts(words)
        lean["reasons"] = {reason: lean["reasons"][reason] for reason in _NOT_ASKED if reason in lean["reasons"]}
        given = {
            "given.js": _module(trust=trust, labels=lean),
            "answer_words.js": _module(answerWords=more),
            "reasons.js": _module(reasons=words["reasons"]),
            **acts,
        }
        files |= {f"{language}/{name}": _made_now(name, body) for name, body in given.items()}
        own = {
            **sources,
            "trust.js": _module(trust={**trust, "pinned": pinned()}),
            "labels.js": _module(labels=words),
            "answer_words.js": given["answer_words.js"],
            "own_style.js": made["own_style.js"].body,
            "reasons.js": given["reasons.js"],
            "style_hash.js": _module(integrity=integrity(made["style.css"].body)),
        }
        files |= {f"{source_folder(language)}/{name}": _made_now(name, body) for name, body in own.items()}
    return files


def _without_acts(words: dict[str, Any]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The words without those of events and filings, and these in small files: name -> module. Twin of `web/static/acts.js`."""
    lean: dict[str, Any] = {"acts": [], "claims": {}}
    files: dict[str, bytes] = {}
    for register, tables in words["claims"].items():
        lean["claims"][register] = {claim: table for claim, table in tables.items() if claim not in GROUPED_CLAIMS}
        if not any(tables[claim] for claim in GROUPED_CLAIMS):
            continue
        lean["acts"].append(register)
        parts: list[dict[str, dict[str, list[str]]]] = [{} for _ in range(_ACT_FILES)]
        for claim in GROUPED_CLAIMS:
            for said, group in tables[claim].items():
                for code in group.split(" "):
                    parts[act_file(code)].setdefault(claim, {}).setdefault(said, []).append(code)
        for n, part in enumerate(parts):
            acts = {claim: {said: " ".join(group) for said, group in table.items()} for claim, table in part.items()}
            files[f"acts-{register}-{n}.js"] = _module(acts=acts)
    return words | lean, files


def act_file(code: str) -> int:
    """In which of the small files the words of an event or a filing stand."""
    return sum(code.encode()) % _ACT_FILES


def source_folder(language: str) -> str:
    """Where the scripts stand as they are written, below the address of static files."""
    return f"source-{language}"


def source_names() -> Iterator[str]:
    """The scripts as they are written, by their path in that folder."""
    yield from (path.relative_to(SOURCES).as_posix() for path in sorted(SOURCES.rglob("*.js")))


def integrity(body: bytes) -> str:
    """As pages and policies name a file by its bytes (Subresource Integrity, section 3.1)."""
    return f"sha256-{base64.b64encode(sha256(body).digest()).decode()}"


def _made_ahead(path: Path) -> StaticFile:
    packed, smaller = (path.with_name(path.name + end).read_bytes() for end in (".gz", ".br"))
    return StaticFile(path.read_bytes(), packed, smaller, _TYPES[path.suffix])


def _made_now(name: str, body: bytes) -> StaticFile:
    return StaticFile(body, gzip.compress(body, mtime=0), None, _TYPES[Path(name).suffix])
