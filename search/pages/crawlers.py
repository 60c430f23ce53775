"""What search engines and browsers read: robots, sitemaps, the search description.

Follows RFC 9309, sitemaps.org 0.9 and OpenSearch 1.1. A sitemap covers a fixed span of the ledger, so that it only ever grows at
its end; natural persons stand in none. Whether a page may be listed at all, its own headers say (`site`).
"""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import escape

from registry.reading.reader import Reader
from schemas import codes
from schemas.codes import LANGUAGES
from search.pages.site import Site

#: ledger entries of one sitemap: at most twice as many addresses, of the 50,000 that the protocol allows
SPAN = 5_000
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_DAY = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}


def add_crawler_routes(router: APIRouter, reader: Reader, site: Site) -> None:
    """Robots, sitemaps, and the search description in each language."""

    @router.get("/robots.txt")
    def robots() -> Response:
        text = f"User-agent: *\nAllow: /\nSitemap: {site.base_url}/sitemap.xml\n"
        return Response(text, media_type="text/plain; charset=utf-8", headers=_DAY)

    @router.get("/sitemap.xml")
    def sitemap_index() -> Response:
        places = [f"{site.base_url}/sitemaps/{n}.xml" for n in range(-(-reader.size() // SPAN))]
        rows = "".join(f"<sitemap><loc>{escape(place)}</loc></sitemap>\n" for place in places)
        return _xml(f'<sitemapindex xmlns="{_SITEMAPS}">\n{rows}</sitemapindex>\n')

    @router.get("/sitemaps/{name}")
    def sitemap(request: Request, name: str) -> Response:
        number = name.removesuffix(".xml")
        is_one = name.endswith(".xml") and number.isascii() and number.isdigit() and len(number) < 10
        if not is_one or int(number) * SPAN >= reader.size():
            return site.error_page(request, 404)
        paths = _organizations(reader, int(number) * SPAN)
        places = [f"{site.base_url}/{language}{path}" for path in paths for language in LANGUAGES]
        rows = "".join(f"<url><loc>{escape(place)}</loc></url>\n" for place in places)
        return _xml(f'<urlset xmlns="{_SITEMAPS}">\n{rows}</urlset>\n')

    @router.get("/{language}/opensearch.xml")
    def search_description(request: Request, language: str) -> Response:
        if language not in LANGUAGES:
            return site.error_page(request, 404)
        words = escape(site.text(language, "Name or registration number"))
        template = escape(f"{site.base_url}/{language}/search?q={{searchTerms}}")
        own = escape(f"{site.base_url}/{language}/opensearch.xml")
        return _xml(
            f'<OpenSearchDescription xmlns="{_OPENSEARCH}"><ShortName>Greffe</ShortName>'
            f"<Description>{words}</Description><Language>{language}</Language><InputEncoding>UTF-8</InputEncoding>"
            f'<Url type="text/html" template="{template}"/>'
            f'<Url type="application/opensearchdescription+xml" rel="self" template="{own}"/>'
            "</OpenSearchDescription>\n",
            "application/opensearchdescription+xml",
        )


def _organizations(reader: Reader, start: int) -> list[str]:
    """The pages of organizations whose first entry lies in a span; those of persons, and what was erased, are left out."""
    firsts = [each.subject for each in reader.subjects(start, SPAN) if each.n == 1 and each.subject is not None]
    return [
        f"/organizations/{subject['register']}/{subject['registrationNumber']}"
        for subject in firsts
        if not codes.is_person(subject["register"], subject["entityType"])
    ]


def _xml(body: str, media_type: str = "application/xml") -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=_DAY)
