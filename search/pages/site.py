"""The site around the pages: templates, translations, and every page's headers.

Translations are GNU gettext `.po` files, compiled in memory at start-up; the English text is the message id. Static files
stand under `/static/<hash of all of them>/`, so that they never change under one URL. Policy: Content Security Policy Level 3
without any `unsafe-*`, with Trusted Types. What the pages say is left to `routes`, what the files hold to `static_files`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from registry.edge.problem import RETRY_AFTER
from registry.verify.trust import fingerprint
from schemas import PERMIT, codes
from schemas.codes import LANGUAGES
from search.http.language import language_of
from search.pages.offline import offline_verifier
from search.pages.static_files import WEB, source_folder, source_names, static_files
from search.pages.translations import load_translations
from search.views import places, standing, wording
from search.views.days import when
from search.views.reasons import in_words
from search.views.standing import banner

LANGUAGE_NAMES = {"en": "English", "fr": "Français"}

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
#: of a coding in Accept-Encoding that must not be used (RFC 9110, section 12.4.2)
_REFUSED = re.compile(r";\s*q=0(\.0*)?\s*$")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Addresses that are not this site's, None where the office names none.

    `software`: where `greffe` comes from; `trust`: where else the trust file's fingerprint is published.
    """

    software: str | None = None
    trust: str | None = None


class Site:
    """Everything that stays the same from page to page. `trust`: the trust file's JSON; `base_url`: of the identity.

    `rate_limit`: requests a minute of a client without an access key, None: they are not counted here.
    """

    def __init__(
        self,
        trust: Mapping[str, Any],
        base_url: str,
        elsewhere: Elsewhere | None = None,
        rate_limit: int | None = None,
    ) -> None:
        self.base_url, self.rate_limit = base_url, rate_limit
        self._elsewhere = elsewhere or Elsewhere()
        self._fingerprint = fingerprint(trust)
        self.root = urlsplit(base_url).path
        self._has_permits = any(PERMIT in issuer.get("types", ()) for issuer in trust["issuers"])
        self.translations = {language: load_translations(language) for language in LANGUAGES}
        self.files = static_files(trust, self.translations)
        digest = sha256()
        for path, file in sorted(self.files.items()):
            digest.update(f"{path}\n{len(file.body)}\n".encode() + file.body)
        self.static_hash = digest.hexdigest()[:16]
        self._environments = {language: self._environment(language) for language in LANGUAGES}

    def _environment(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(WEB / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
        )
        environment.install_gettext_translations(self.translations[language], newstyle=True)  # type: ignore[attr-defined]
        environment.filters["in_words"] = in_words

        def say(message: str) -> str:
            return self.text(language, message)

        environment.filters["day"] = lambda text: when(text, say)
        environment.filters["place"] = lambda code: places.place_words(code, say)
        environment.filters["language"] = lambda code: places.language_words(code, say)
        environment.globals.update(
            language=language,
            languages=LANGUAGE_NAMES,
            root=self.root,
            base_url=self.base_url,
            static=f"{self.root}/static/{self.static_hash}",
            scripts=f"{self.root}/static/{self.static_hash}/{language}",
            sources=f"{self.root}/static/{self.static_hash}/{source_folder(language)}",
            source_names=list(source_names()),
            steps=wording.STEPS,
            has_permits=self._has_permits,
            elsewhere=self._elsewhere,
            fingerprint=self._fingerprint,
            offline=offline_verifier(),
            page_step=wording.PAGE_STEP,
            difference_words=wording.DIFFERENCES,
            label=lambda table, register, code: codes.plain_label(table, register, code, language),
            is_person=codes.is_person,
            sub_status=lambda register, code: codes.sub_status_label(register, code, language),
            banner=lambda state, *, is_state=False: banner(state, language, say, is_state=is_state),
            region=lambda code, country: places.region_words(code, country, say),
            successor_words=standing.BANNERS["successor"],
            act_label=lambda act: codes.act_label(act, language),
        )
        return environment

    def text(self, language: str, message: str) -> str:
        """The translation of an English message."""
        return str(self.translations[language].gettext(message))

    def texts(self, language: str, messages: Mapping[str, str]) -> dict[str, str]:
        """The translations of English messages, each under its name."""
        return {name: self.text(language, message) for name, message in messages.items()}

    def render(
        self, template: str, language: str, path: str, *, status: int = 200, index: bool = True, **context: Any
    ) -> HTMLResponse:
        """A page. `path`: the part after the language, which both languages share; `index`: may search engines list it?"""
        page = self._environments[language].get_template(template)
        body = page.render(path=path, indexed=index, **context)
        headers = {**HEADERS, "Content-Language": language, "Cache-Control": "no-cache"}
        if not index:
            headers["X-Robots-Tag"] = "noindex"
        if status == 503:
            headers |= RETRY_AFTER
        return HTMLResponse(body, status_code=status, headers=headers)

    def static(self, path: str, accepted: str) -> Response | None:
        """The static file at a path below the hash, never to be asked for again; None when there is none.

        `accepted`: the request's Accept-Encoding.
        """
        file = self.files.get(path)
        if file is None:
            return None
        headers = {**HEADERS} if path.endswith(".svg") else {"X-Content-Type-Options": "nosniff"}
        headers |= {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        taken = {coding.partition(";")[0].strip() for coding in accepted.split(",") if not _REFUSED.search(coding)}
        body = file.body
        if "br" in taken and file.brotli is not None:
            headers["Content-Encoding"], body = "br", file.brotli
        elif "gzip" in taken:
            headers["Content-Encoding"], body = "gzip", file.gzip
        return Response(body, media_type=file.media_type, headers=headers)

    def error_page(self, request: Request, status: int, key: str | None = None) -> HTMLResponse:
        """The page for an error in both languages, the one of the address (or of the browser) first.

        `key`: of `wording.ERRORS`, where the status alone does not say it.
        """
        language = language_of(request)
        first, second = (language, *(other for other in LANGUAGES if other != language))
        key = key or {404: "not_found", 500: "failure", 503: "away"}.get(status, "refused")
        title, text = wording.ERRORS[key]
        said = [(name, self.text(name, title), self.text(name, text)) for name in (first, second)]
        return self.render("error.html", language, "/", status=status, index=False, said=said)
