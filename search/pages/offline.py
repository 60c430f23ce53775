"""The offline verifier: one HTML file that checks evidence without any network.

The same bytes from every installation of this release, so that its SHA-256 can be published once and compared everywhere: it
holds the words of both languages and of all registers known here, and no trust file. Its policy (Content Security Policy Level
3, in a meta element) lets it run this one script and load nothing. How it works is left to `web/static/offline.js`.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from html import escape

from schemas.codes import LANGUAGES, codes
from search.pages.static_files import GROUPED_CLAIMS, WEB, answer_words, integrity, labels, translated
from search.pages.translations import load_translations
from search.views import offline


@dataclass(frozen=True, slots=True)
class OfflineVerifier:
    """The file's bytes, their SHA-256 in hex, and the name to save it under."""

    body: bytes
    digest: str
    name: str


@cache
def offline_verifier() -> OfflineVerifier:
    """The one of this release."""
    style = (WEB / "made" / "style.css").read_text("utf-8").strip()
    script = (WEB / "made" / "offline.js").read_text("utf-8").strip()
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src '{integrity(script.encode())}'",
            f"style-src '{integrity(style.encode())}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )
    words = json.dumps(
        {language: _words(language) for language in LANGUAGES}, ensure_ascii=False, separators=(",", ":")
    )
    english = {name: escape(text) for name, text in offline.PAGE.items()}
    filled = english | {"policy": policy, "style": style, "words": words.replace("<", "\\u003c"), "script": script}
    page = (WEB / "offline.html").read_text("utf-8")
    data = re.sub(r"\{(\w+)\}", lambda match: filled[match[1]], page).encode()
    digest = sha256(data).hexdigest()
    return OfflineVerifier(data, digest, f"greffe-verifier-{digest[:16]}.html")


def _words(language: str) -> dict[str, object]:
    messages = load_translations(language)
    said = labels(list(codes("register", "sample")), language, messages)
    claims = {
        register: {claim: words for claim, words in tables.items() if claim not in GROUPED_CLAIMS}
        for register, tables in said["claims"].items()
    }
    panel = said["panel"] | translated(offline.PANEL, messages)
    return {
        "labels": {**said, "claims": claims, "panel": panel},
        "answerWords": answer_words(messages),
        "page": translated(offline.PAGE, messages),
    }
