"""The pages as the server sends them: both languages, strict headers, no JavaScript needed."""

import json
import re
from pathlib import Path
from urllib.parse import quote_plus

import html5lib
import pytest
from fastapi import FastAPI

from registry.encoding.jcs import jcs
from registry.verify.trust import context_digest
from search.http.language import preferred_language
from search.pages.static_files import CODED_CLAIMS
from search.views.days import when
from search.views.places import region_words
from tests.builders.http_client import Client
from tests.builders.reader import SmallRegistry
from tests.builders.site import small_app, small_registry

LANGUAGES = ("en", "fr")
ORGANIZATION = "/organizations/sample/BC0000001"
PATHS = (
    "/",
    "/search",
    "/search?q=pacific",
    "/search?q=%F0%9F%98%80",
    ORGANIZATION,
    "/organizations/sample/BC0000003",
    "/organizations/sample/BC0000004",
    "/organizations/sample/FM0000002",
    ORGANIZATION + "/relationships",
    "/verify",
    "/about",
    "/glossary",
    "/developers",
)


@pytest.fixture(scope="module")
def registry() -> SmallRegistry:
    return small_registry()


@pytest.fixture(scope="module")
def app(registry: SmallRegistry, tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return small_app(registry, tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def pages(app: FastAPI) -> Client:
    return Client(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_valid_html_in_its_language_with_strict_headers(pages: Client, language: str, path: str) -> None:
    answer = pages.get(f"/{language}{path}")
    assert answer.status_code == 200
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert f'<html lang="{language}">' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not re.search(
        r'<script(?! type="application/ld\+json">)(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=', answer.text
    )
    assert not re.search(r'(src|href)="(https?:)?//(?!localhost:8000/)', answer.text)
    for other in LANGUAGES:
        assert f'hreflang="{other}"' in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_ids_are_unique_and_labels_lead_somewhere(pages: Client, language: str, path: str) -> None:
    text = pages.get(f"/{language}{path}").text
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'(?:aria-labelledby|for)="([^"]+)"', text) + re.findall(r'href="#([^"]+)"', text):
        assert target in ids


@pytest.mark.parametrize("path", PATHS)
def test_the_language_switch_keeps_the_page(pages: Client, path: str) -> None:
    text = pages.get(f"/en{path}").text
    (switch,) = re.findall(r'<a class="language" href="([^"]+)"', text)
    assert switch == f"/fr{path}"


def test_all_links_of_all_pages_lead_somewhere(pages: Client) -> None:
    seen = {f"/{language}{path}" for language in LANGUAGES for path in PATHS}
    for address in sorted(seen):
        for href in re.findall(r'(?:href|src)="(/[^"#]*)', pages.get(address).text):
            assert pages.get(href.replace("&amp;", "&")).status_code == 200, (address, href)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en", "en"),
        ("", "en"),
        ("de", "en"),
        ("en;q=0.3, FR;q=0.4", "fr"),
        ("fr;q=x", "en"),
    ],
)
def test_the_root_leads_to_the_preferred_language(pages: Client, header: str, language: str) -> None:
    assert preferred_language(header) == language
    answer = pages.get("/", headers={"Accept-Language": header})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/{language}/")
    assert answer.headers["vary"] == "Accept-Language"
    assert 'href="/en/"' in answer.text
    assert 'href="/fr/"' in answer.text


def test_the_organization_page_marks_each_signed_claim_it_shows(pages: Client, registry: SmallRegistry) -> None:
    text = pages.get("/en" + ORGANIZATION).text
    document = registry.organization("sample", "BC0000001")[-1].document
    assert document is not None
    shown = re.findall(r'data-claim="([^"]+)"([^>]*)>([^<]*)<', text)
    paths = [path for path, *_ in shown]
    for once in ("registrationNumber", "registrationStatus", "entityType", "legalName"):
        assert paths.count(once) == 1
    assert '<bdi data-claim="legalName">ÉRABLE  &amp; Fils Ltée</bdi>' in text
    for path, attributes, words in shown:
        value = document if path.startswith("issuer/") else document["credentialSubject"]
        for name in path.split("/"):
            value = value[int(name)] if isinstance(value, list) else value[name]
        name = path.split("/")[-1]
        if "datetime" in attributes:
            assert f'datetime="{value}"' in attributes
            assert words == when(value, str)
        elif name not in (*CODED_CLAIMS, "jurisdiction", "addressRegion", "addressCountry", "nameLanguage"):
            assert words.replace("&amp;", "&") == value
    assert len(paths) == len(set(paths)) > 25


def test_places_and_languages_stand_in_words(pages: Client) -> None:
    text = pages.get("/fr" + ORGANIZATION).text
    assert '<bdi data-claim="jurisdiction">Colombie-Britannique</bdi>' in text
    assert '<bdi data-claim="addresses/0/addressRegion">Colombie-Britannique</bdi>' in text
    assert '<bdi data-claim="names/0/nameLanguage">français</bdi>' in text
    assert "CA-BC" not in pages.get("/fr/search").text
    assert region_words("BC", "MX", str) == "BC"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_state_has_an_address_and_each_day_its_state(pages: Client, language: str) -> None:
    first, second = (pages.get(f"/{language}{ORGANIZATION}/states/{n}").text for n in (1, 2))
    assert '<bdi data-claim="legalName">PACIFIC NORTHWEST WIDGETS LTD.</bdi>' in first
    assert '<bdi data-claim="legalName">ÉRABLE  &amp; Fils Ltée</bdi>' in second
    assert 'data-evidence="/credentials/sample/BC0000001/1/evidence"' in first
    assert f'<a href="/{language}{ORGANIZATION}"><bdi>' in first
    for day, name in (("2016-07-20", "PACIFIC"), ("2016-07-21", "ÉRABLE")):
        answer = pages.get(f"/{language}{ORGANIZATION}?at={day}")
        assert f'data-claim="legalName">{name}' in answer.text
        assert f'name="at" value="{day}"' in answer.text
        assert answer.headers["x-robots-tag"] == "noindex"
        html5lib.HTMLParser(strict=True).parse(answer.text)
    assert 'class="notice" role="note">' not in pages.get(f"/{language}{ORGANIZATION}").text
    nothing = pages.get(f"/{language}{ORGANIZATION}?at=1990-01-01")
    assert (nothing.status_code, "Nothing to show for that day" in nothing.text) == (404, True)
    assert pages.get(f"/{language}{ORGANIZATION}?at=yesterday").status_code == 400
    for n in ("0", "3", "01", "x"):
        assert pages.get(f"/{language}{ORGANIZATION}/states/{n}").status_code == 404


def test_the_page_shows_history_relations_and_what_is_not_known(pages: Client) -> None:
    text = pages.get("/en" + ORGANIZATION).text
    assert "<del><bdi>PACIFIC NORTHWEST WIDGETS LTD.</bdi></del>" in text
    assert 'href="/en/organizations/sample/BC0000003"' in text
    assert re.search(r'<svg class="timeline" role="img" aria-label="[^"]+"', text)
    nameless = pages.get("/en/organizations/sample/BC0000004").text
    assert 'data-claim="legalName"' not in nameless
    assert "Status unknown" in nameless
    assert 'data-claim="registrationStatus"' not in nameless


def test_persons_and_search_stay_out_of_search_engines(pages: Client) -> None:
    for path, indexed in ((ORGANIZATION, True), ("/organizations/sample/FM0000002", False), ("/search?q=a", False)):
        answer = pages.get("/fr" + path)
        assert (answer.headers.get("x-robots-tag") == "noindex") is not indexed
        assert ('<meta name="robots" content="noindex">' in answer.text) is not indexed


@pytest.mark.parametrize(
    "path",
    ["/en/nothing", "/fr/organizations/sample/BC9999999", "/en/organizations/none/1", "/nowhere", "/static/x/y.js"],
)
def test_what_is_not_there_is_told_in_both_languages(pages: Client, path: str) -> None:
    answer = pages.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert "Page introuvable" in answer.text
    html5lib.HTMLParser(strict=True).parse(answer.text)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        (f"{ORGANIZATION}/", ORGANIZATION),
        ("/search/?q=a", "/search?q=a"),
        ("/organizations/SAMPLE/bc0000001", ORGANIZATION),
        ("/organizations/sample/bc%200000001?at=2016-08-01", f"{ORGANIZATION}?at=2016-08-01"),
        ("/organizations/sample/99", None),
        ("//elsewhere.example/", "//elsewhere.example"),
    ],
)
def test_other_spellings_lead_to_the_one_address(pages: Client, typed: str, plain: str | None) -> None:
    answer = pages.get(f"/fr{typed}")
    place = answer.headers.get("location")
    assert (answer.status_code, place) == ((404, None) if plain is None else (308, f"/fr{plain}"))


@pytest.mark.parametrize("path", ["/en/nothing", "/fr/broken", "/fr/organizations/sample/BC9999999"])
def test_an_error_page_offers_a_search(pages: Client, path: str) -> None:
    assert f'role="search" action="{path[:3]}/search"' in pages.get(path).text


def test_the_name_of_persons_is_no_legal_name(pages: Client) -> None:
    for language, words in (("en", "Name"), ("fr", "Nom")):
        text = pages.get(f"/{language}/organizations/sample/FM0000002").text
        assert f'<bdi data-claim="names/0/nameType">{words}</bdi>' in text


def test_search_finds_a_former_name_and_says_so(pages: Client) -> None:
    text = pages.get("/en/search", params={"q": "pacific northwest widgets"}).text
    assert "<mark>PACIFIC NORTHWEST WIDGETS LTD.</mark>" in text
    assert "Former name" in text
    assert "Found because the name is exactly this." in text
    french = pages.get("/fr/search", params={"q": "PACIFIC northwest"}).text
    assert "Ancienne dénomination" in french


def test_filters_are_links_with_counts(pages: Client) -> None:
    text = pages.get("/en/search").text
    assert re.search(r'href="\?status=Active"[^>]*>Active</a> <span class="count">2</span>', text)
    chosen = pages.get("/en/search?status=Active").text
    assert re.search(r'<a href="\?" class="chosen" aria-current="true"', chosen)
    assert chosen.count("<h3>") == 2


@pytest.mark.parametrize("query", ["status=Dead", "cursor=xyz", "q=" + "a" * 2001])
def test_a_search_that_cannot_be_answered_says_why(pages: Client, query: str) -> None:
    answer = pages.get(f"/en/search?{query}")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_hostile_text_stays_text(pages: Client) -> None:
    text = pages.get("/en/search", params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text
    posted = pages.request("POST", "/en/verify", content="evidence=" + quote_plus("</textarea><script>x</script>"))
    assert "<script>x" not in posted.text


def test_static_files_never_change_under_one_address(pages: Client) -> None:
    (css,) = re.findall(r'href="(/static/[^"]+/style.css)"', pages.get("/en/").text)
    answer = pages.get(css)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) <= 4096
    for accepted, coding in (("identity", None), ("br;q=0, gzip;q=1", "gzip"), ("gzip, br", "br"), ("brown", None)):
        assert pages.get(css, headers={"Accept-Encoding": accepted}).headers.get("content-encoding") == coding
    assert pages.get(css.replace("/static/", "/static/0")).status_code == 404


@pytest.mark.parametrize("path", ["/verify", "/search"])
def test_every_module_that_a_page_needs_is_loaded_with_it(pages: Client, path: str) -> None:
    text = pages.get("/en" + path).text
    loaded = set(re.findall(r'(?:modulepreload|module)"[^>]* (?:href|src)="([^"]+)"', text))
    for address in sorted(loaded):
        folder = address.rsplit("/", 1)[0]
        for name in re.findall(r'\bfrom ?"\./([^"]+)"', pages.get(address).text):
            assert f"{folder}/{name}" in loaded, (address, name)


def test_trust_module_holds_the_trust_file_and_what_it_pins(pages: Client, registry: SmallRegistry) -> None:
    (given,) = re.findall(r'modulepreload"[^>]* href="([^"]+/en/given.js)"', pages.get("/en/verify").text)
    assert json.loads(re.findall(r"export const trust=(.*);\n", pages.get(given).text)[0]) == registry.trust()
    text = pages.get(given.replace("/en/given.js", "/source-en/trust.js")).text
    module = json.loads(re.findall(r"export const trust=(.*);\n", text)[0])
    pinned = module.pop("pinned")
    assert module == registry.trust()
    assert set(pinned["contexts"].values()) == {*module["contexts"].values(), context_digest("organization/v2")}
    assert set(pinned["tables"]) == {"credentials/v2", "organization/v1", "organization/v2"}
    assert set(pinned["schemas"]) == {"organization/v1", "organization/v2", "permit/v1", "status-list/v1"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_javascript_the_server_gives_its_own_verdict(
    pages: Client, registry: SmallRegistry, language: str
) -> None:
    evidence = registry.evidence_text("sample", "BC0000001", 2)
    answer = pages.request("POST", f"/{language}/verify", content="evidence=" + quote_plus(evidence))
    assert answer.status_code == 200
    assert 'data-verdict="verified"' in answer.text
    assert answer.text.count('data-result="passed"') == 8
    assert answer.text.count('data-result="not_asked"') == 2
    assert ("the verdict of this server" if language == "en" else "le verdict de ce serveur") in answer.text
    html5lib.HTMLParser(strict=True).parse(answer.text)
    spoiled = pages.request("POST", f"/{language}/verify", content="evidence=" + quote_plus(evidence[:-9]))
    assert 'data-verdict="failed"' in spoiled.text


@pytest.mark.parametrize("body", ["evidence=%FF", "evidence", "evidence={}&evidence={}", "evidence=é"])
def test_the_form_reads_strictly(pages: Client, body: str) -> None:
    answer = pages.request("POST", "/en/verify", content=body)
    assert answer.status_code == 400
    assert "The form could not be read." in answer.text


def test_the_servers_verdict_says_about_whom(pages: Client, registry: SmallRegistry) -> None:
    evidence = registry.evidence_text("sample", "BC0000001", 2)
    text = pages.request("POST", "/en/verify", content="evidence=" + quote_plus(evidence)).text
    assert '<bdi data-signed="name">ÉRABLE  &amp; Fils Ltée</bdi>' in text
    assert "<bdi>BC0000001</bdi>" in text
    assert "Genuine; whether a newer state has replaced it was not checked" in text
    nothing = pages.request("POST", "/en/verify", content="evidence=" + quote_plus("{}"))
    assert nothing.status_code == 422
    assert 'id="outcome"' not in nothing.text
    assert "This is no evidence file and no credential" in nothing.text


@pytest.mark.parametrize("path", ["/", "/en/", "/en" + ORGANIZATION, "/fr/verify", "/en/nothing"])
def test_pages_are_asked_for_anew(pages: Client, path: str) -> None:
    assert pages.get(path).headers["cache-control"] == "no-cache"


def test_the_form_refuses_what_is_empty_or_too_large(pages: Client) -> None:
    assert pages.request("POST", "/en/verify", content="evidence=+").status_code == 400
    assert pages.request("POST", "/en/verify", content="evidence=" + "a" * 1_100_000).status_code == 413


def test_javascript_files_stay_readable() -> None:
    folder = Path(__file__).parents[3] / "search/web/static"
    files = sorted(folder.rglob("*.js"))
    assert len(files) > 15
    assert [file.name for file in files if len(file.read_text("utf-8").splitlines()) > 400] == []


def test_canonical_form_of_the_trust_file_can_be_made(registry: SmallRegistry) -> None:
    assert json.loads(jcs(registry.trust())) == registry.trust()


def test_the_form_takes_no_larger_evidence_than_the_api(pages: Client, registry: SmallRegistry) -> None:
    evidence = {**registry.evidence("sample", "BC0000001", 2), "ignored": "x" * 256 * 1024}
    answer = pages.request("POST", "/en/verify", content="evidence=" + quote_plus(json.dumps(evidence)))
    assert 'data-verdict="failed"' in answer.text
