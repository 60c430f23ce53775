"""The pages for people, in English and French.

Search, results, organization, verify, about, developers: rendered by the server and complete without JavaScript. An
organization page shows what the ledger's newest record of it says, never what the index says; the reader's own browser checks
it (`web/static/check.js`). Layout is left to `web/templates`, what a page shows to `search/views`, the verify page to
`verify_page`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from registry.encoding.jcs import jcs
from registry.errors import NotPublished, StorageAway
from registry.reading.reader import Reader
from registry.reading.record import Account, Record
from registry.verify import trust as trusts
from schemas import codes
from schemas.codes import LANGUAGES
from search.errors import BadCursor, IndexOutdated, SearchAway, SearchError
from search.http.language import preferred_language
from search.pages.crawlers import add_crawler_routes
from search.pages.formats import add_formats_page
from search.pages.offline import offline_verifier
from search.pages.site import HEADERS, Site
from search.pages.verify_page import add_verify_page
from search.question.index import Index
from search.verify.judge import Verifier
from search.views import developer_tasks, wording
from search.views.from_store import numbered
from search.views.glossary import GLOSSARY
from search.views.organization import OrganizationView, organization_view
from search.views.reasons import reasons_by_code
from search.views.relationships import relationships_view, successor
from search.views.results import results_by_number, results_view
from search.views.schema_org import structured_data
from search.views.timeline import holding
from search.views.witnesses import WitnessesView, witnesses_view


def pages_router(
    reader: Reader,
    index: Index,
    verifier: Verifier,
    site: Site | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """All pages and static files.

    `verifier`: judges what is posted, as it does for the API; `site`: to share with the app's error pages, else made here;
    `now`: an aware clock.
    """
    router = APIRouter(include_in_schema=False)
    site = site or Site(reader.trust(), reader.identity.base_url)
    trust = trusts.parse(jcs(reader.trust()))

    @router.get("/")
    def choose_language(request: Request) -> Response:
        language = preferred_language(request.headers.get("accept-language", ""))
        page = site.render("languages.html", language, "/")
        headers = {**dict(page.headers), "Location": f"{site.root}/{language}/", "Vary": "Accept-Language"}
        return HTMLResponse(bytes(page.body), status_code=302, headers=headers)

    @router.get("/static/{digest}/{path:path}")
    def static_file(request: Request, digest: str, path: str) -> Response:
        file = site.static(path, request.headers.get("accept-encoding", "")) if digest == site.static_hash else None
        return file or site.error_page(request, 404)

    @router.get("/verifier.html")
    def verifier_to_keep() -> Response:
        """To be saved, never to be opened here: its own policy lets its script run, and this site is not what it trusts."""
        made = offline_verifier()
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-cache"}
        return Response(made.body, media_type="text/html; charset=utf-8", headers=headers)

    add_crawler_routes(router, reader, site)

    made_of = _Parts(reader, index, site, trust, now)
    for language in LANGUAGES:
        _add_slash(router, site, language)
        _add_finding(router, made_of, language)
        _add_organization(router, made_of, language)
        _add_relationships(router, made_of, language)
        add_verify_page(router, verifier, site, language, now)
        _add_explaining(router, made_of, language)
    return router


@dataclass(frozen=True)
class _Parts:
    """What pages are made of."""

    reader: Reader
    index: Index
    site: Site
    trust: trusts.Trust
    now: Callable[[], datetime]

    def witnesses(self, checkpoint: str | None) -> WitnessesView | None:
        """Who cosigned the published checkpoint; None before the first."""
        return None if checkpoint is None else witnesses_view(self.trust.policy, checkpoint, self.site.base_url)

    def view_of(
        self,
        register: str,
        number: str,
        choose: Callable[[Sequence[Record]], Record | None] = lambda records: records[-1],
    ) -> tuple[Account, OrganizationView | None]:
        """An organization, and the view of its newest record or of the one that `choose` takes; None where there is none."""
        account = self.reader.account(register, number)
        chosen = choose(account.records) if account.records else None
        if chosen is None:
            return account, None
        return account, organization_view(account.records, self.now().date(), chosen)


def _add_slash(router: APIRouter, site: Site, language: str) -> None:
    """To the home page; an address of its own for each language, so that it takes no other's."""

    @router.get(f"/{language}")
    def add_slash() -> Response:
        return RedirectResponse(f"{site.root}/{language}/", status_code=308, headers=HEADERS)


def _add_finding(router: APIRouter, parts: _Parts, language: str) -> None:
    """Home and search in one language."""
    index, site = parts.index, parts.site

    @router.get(f"/{language}/")
    def home() -> Response:
        try:
            total = index.health().documents
        except SearchAway:
            total = None
        return site.render("home.html", language, "/", total=total)

    @router.get(f"/{language}/search")
    def search(request: Request) -> Response:
        given = {name: value for name, value in request.query_params.items() if value}
        path = f"/search?{request.url.query}" if request.url.query else "/search"
        try:
            view = results_view(index, parts.reader, given, language, lambda message: site.text(language, message))
        except (IndexOutdated, SearchAway):
            results = results_by_number(parts.reader, given, language, lambda message: site.text(language, message))
            status = 200 if results else 503
            return site.render(
                "search_away.html", language, path, status=status, index=False, results=results, q=given.get("q", "")
            )
        except SearchError as error:
            typed = given.get("q", "")[:200]
            words = site.text(language, wording.SEARCH_ERRORS.get(error.code, wording.SEARCH_ERRORS["bad_parameter"]))
            return site.render(
                "search_error.html", language, path, status=400, index=False, words=words, q=typed
            )  # fmt: skip
        return site.render("search.html", language, path, index=False, view=view, q=given.get("q", ""))


def _add_organization(router: APIRouter, parts: _Parts, language: str) -> None:
    """An organization and its relationships in one language."""
    reader, site = parts.reader, parts.site

    def other_spelling(request: Request, register: str, number: str) -> Response:
        """To the address with the number as its register writes it; not found where there is none."""
        documents = numbered(reader, number, {register.lower()})
        named = [each for each in documents if (each.register, each.number) != (register, number)]
        if len(named) != 1 or register.lower() != named[0].register:
            return site.error_page(request, 404)
        return _moved(f"{site.root}/{language}/organizations/{named[0].register}/{named[0].number}", request)

    def page(account: Account, view: OrganizationView, path: str, *, is_state: bool, as_of: str = "") -> Response:
        register, number = view.state.register, view.state.number
        home = f"/organizations/{register}/{number}"
        data = structured_data(view.state, f"{site.base_url}/{language}{home}")
        relationships = relationships_view(view.state, reader, parts.index)
        return site.render(
            "organization.html",
            language,
            path,
            index=not is_state and not codes.is_person(register, view.state.entity_type),
            view=view,
            is_state=is_state,
            as_of=as_of,
            newest=account.records[-1].n,
            relationships=relationships,
            heir=successor(view.state, relationships, reader),
            published=account.published_size,
            witnesses=parts.witnesses(account.checkpoint),
            standings=account.standings,
            evidence=f"{site.root}/credentials/{register}/{number}/{view.n}/evidence",
            data=None if is_state or view.index in account.standings else data,
        )

    @router.get(f"/{language}/organizations/{{register}}/{{number}}")
    def organization(request: Request, register: str, number: str, at: str = "") -> Response:
        path = f"/organizations/{register}/{number}"
        if number.endswith(".json"):
            return _moved(f"{site.root}{path}", request)
        if not at:
            account, view = parts.view_of(register, number)
            if view is not None:
                return page(account, view, path, is_state=False)
            return site.error_page(request, 404) if account.records else other_spelling(request, register, number)
        if not _is_day(at):
            return site.error_page(request, 400)
        account, view = parts.view_of(register, number, lambda records: holding(records, at))
        if view is None:
            return (
                site.error_page(request, 404, "not_yet")
                if account.records
                else other_spelling(request, register, number)
            )
        return page(account, view, f"{path}?at={at}", is_state=True, as_of=at)

    @router.get(f"/{language}/organizations/{{register}}/{{number}}/states/{{n}}")
    def one_state(request: Request, register: str, number: str, n: str) -> Response:
        account, view = parts.view_of(
            register, number, lambda records: next((record for record in records if str(record.n) == n), None)
        )
        if view is None:
            return site.error_page(request, 404)
        return page(account, view, f"/organizations/{register}/{number}/states/{n}", is_state=True)


def _add_relationships(router: APIRouter, parts: _Parts, language: str) -> None:
    """The relationships of an organization in one language."""
    reader, site = parts.reader, parts.site

    @router.get(f"/{language}/organizations/{{register}}/{{number}}/relationships")
    def relationships(request: Request, register: str, number: str, cursor: str = "") -> Response:
        _, view = parts.view_of(register, number)
        if view is None:
            return site.error_page(request, 404)
        try:
            links = relationships_view(view.state, reader, parts.index, cursor)
        except BadCursor:
            return site.error_page(request, 404)
        return site.render(
            "relationships.html",
            language,
            f"/organizations/{register}/{number}/relationships" + (f"?cursor={cursor}" if cursor else ""),
            index=not cursor and not codes.is_person(register, view.state.entity_type),
            view=view,
            relationships=links,
            later=bool(cursor),
        )


def _add_explaining(router: APIRouter, parts: _Parts, language: str) -> None:
    """About, developers, and the page for every other address, in one language."""
    site = parts.site

    @router.get(f"/{language}/about")
    def about() -> Response:
        try:
            witnesses = parts.witnesses(parts.reader.checkpoint())
        except (NotPublished, StorageAway):
            witnesses = None
        return site.render("about.html", language, "/about", witnesses=witnesses)

    @router.get(f"/{language}/developers")
    def developers() -> Response:
        codes = {code: site.texts(language, reasons) for code, reasons in reasons_by_code().items()}
        page_codes = site.texts(language, wording.PAGE_CODES)
        return site.render(
            "developers.html",
            language,
            "/developers",
            codes=codes,
            page_codes=page_codes,
            before=developer_tasks.at(developer_tasks.BEFORE, site.base_url),
            tasks={task.name: task for task in developer_tasks.tasks(site.base_url)},
            spreadsheet=developer_tasks.SPREADSHEET,
            offline_check=developer_tasks.OFFLINE,
            rate_limit=site.rate_limit,
        )

    @router.get(f"/{language}/glossary")
    def glossary() -> Response:
        return site.render("glossary.html", language, "/glossary", glossary=GLOSSARY)

    add_formats_page(router, site, language)

    @router.get(f"/{language}/{{rest:path}}")
    def nothing_here(request: Request) -> Response:
        path = request.url.path
        if path.endswith("/"):
            return _moved(f"{site.root}{_plain(path)}", request)
        return site.error_page(request, 404)


def _plain(path: str) -> str:
    """A path without slashes at its end, and with just one at its beginning: never an address elsewhere."""
    return "/" + path.strip("/")


def _moved(path: str, request: Request) -> Response:
    """For good, with the query as it was given."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(path + query, status_code=308, headers=HEADERS)


def _is_day(text: str) -> bool:
    """Whether it is a day of the calendar in ISO form."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_page_request(request: Request) -> bool:
    """Whether an error on this request is for a person: an address below a language, or a browser that asks for HTML."""
    path = request.url.path
    if re.match(r"/(en|fr)(/|$)", path):
        return True
    is_data = (
        re.match(r"/(api|credentials|status|contexts|schemas|issuers|tile|index|checkpoint|\.well-known)/", path)
        is not None
    )
    return not is_data and "text/html" in request.headers.get("accept", "")
