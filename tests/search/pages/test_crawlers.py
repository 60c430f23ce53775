"""What search engines and browsers read: robots, sitemaps, the description of the search."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from schemas.organization import State
from search.pages import crawlers
from search.views.schema_org import structured_data
from tests.builders.http_client import Client
from tests.builders.site import small_app, small_registry

_LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(small_app(small_registry(), tmp_path_factory.mktemp("pages")))


def places(pages: Client, path: str) -> list[str]:
    """The addresses that a sitemap names."""
    answer = pages.get(path)
    assert answer.headers["content-type"].startswith("application/xml")
    tree = ElementTree.fromstring(answer.text)
    return [element.text or "" for element in tree.iter(_LOC)]


def test_the_sitemaps_name_every_organization_once_in_each_language_and_no_person(
    pages: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawlers, "SPAN", 3)
    assert "Sitemap: http://localhost:8000/sitemap.xml" in pages.get("/robots.txt").text
    listed = [
        place
        for each in places(pages, "/sitemap.xml")
        for place in places(pages, each.removeprefix("http://localhost:8000"))
    ]
    assert len(listed) == len(set(listed)) == 6
    for number in ("BC0000001", "BC0000003", "BC0000004"):
        for language in ("en", "fr"):
            assert f"http://localhost:8000/{language}/organizations/sample/{number}" in listed
    for name in ("99.xml", "x.xml", "0", "-1.xml", "0000000000.xml"):
        assert pages.get(f"/sitemaps/{name}").status_code == 404


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_browser_can_add_the_search(pages: Client, language: str) -> None:
    (href,) = [part.split('"')[0] for part in pages.get(f"/{language}/").text.split('rel="search" href="')[1:]]
    answer = pages.get(href)
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    tree = ElementTree.fromstring(answer.text)
    templates = [url.get("template") for url in tree.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")]
    assert templates[0] == f"http://localhost:8000/{language}/search?q={{searchTerms}}"
    assert pages.get("/de/opensearch.xml").status_code == 404


def test_the_data_by_path_is_the_organizations_own(pages: Client) -> None:
    answer = pages.get("/fr/organizations/sample/BC0000001.json")
    assert (answer.status_code, answer.headers["location"]) == (308, "/organizations/sample/BC0000001.json")


def test_a_data_block_says_when_an_organization_was_dissolved(tmp_path: Path) -> None:
    gone = State("sample", "BC0000005", "BC", "GONE LTD.", "Historical", "HDV", status_since="1960-10-19")
    merged = State("sample", "BC0000005", "BC", "GONE LTD.", "Historical", "HAM", status_since="1960-10-19")
    assert (structured_data(gone, "x") or {})["dissolutionDate"] == "1960-10-19"
    assert "dissolutionDate" not in (structured_data(merged, "x") or {})
