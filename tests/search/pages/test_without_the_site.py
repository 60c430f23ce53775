"""What the pages tell of checking without them: the offline verifier, the trust file's fingerprint, other places."""

import re
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, join, normpath

import html5lib
import pytest

from registry.verify.trust import fingerprint
from search.pages.offline import offline_verifier
from search.pages.site import Elsewhere, Site
from tests.builders.http_client import Client
from tests.builders.reader import SmallRegistry
from tests.builders.site import small_app, small_registry

LANGUAGES = ("en", "fr")


@pytest.fixture(scope="module")
def registry() -> SmallRegistry:
    return small_registry()


@pytest.fixture(scope="module")
def pages(registry: SmallRegistry, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(small_app(registry, tmp_path_factory.mktemp("pages")))


def test_the_offline_verifier_is_saved_never_opened(pages: Client) -> None:
    answer = pages.get("/verifier.html")
    made = offline_verifier()
    assert answer.content == made.body
    assert answer.headers["content-disposition"] == f'attachment; filename="{made.name}"'
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    html5lib.HTMLParser(strict=True).parse(answer.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_tells_the_hash_of_both_files(pages: Client, registry: SmallRegistry, language: str) -> None:
    text = pages.get(f"/{language}/about").text
    (saved,) = re.findall(r'href="([^"]+)" download="greffe-verifier', text)
    assert sha256(pages.get(saved).content).hexdigest() in text
    assert fingerprint(registry.trust()) in text
    assert "{" not in text.split("<main")[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_the_places_that_the_office_names(registry: SmallRegistry, language: str) -> None:
    elsewhere = Elsewhere("https://code.example/greffe", "https://gazette.example/trust")
    site = Site(registry.trust(), registry.identity.base_url, elsewhere)
    text = bytes(site.render("about.html", language, "/about", witnesses=None).body).decode()
    without = bytes(Site(registry.trust(), "").render("about.html", language, "/about", witnesses=None).body).decode()
    for address in ("https://code.example/greffe", "https://gazette.example/trust"):
        assert f'<a href="{address}">' in text
        assert address not in without


def test_the_scripts_as_they_are_written_can_be_read(pages: Client) -> None:
    names = re.findall(r'<a href="(/static/[^"]+/source-fr/[^"]+)"', pages.get("/fr/developers").text)
    sources = Path(__file__).parents[3] / "search/web/static"
    assert len(names) == len(list(sources.rglob("*.js"))) > 40
    for name in names:
        assert pages.get(name).content == (sources / name.split("/source-fr/")[1]).read_bytes()


def test_each_finds_what_it_imports_beside_it(pages: Client) -> None:
    first = re.findall(r'<a href="(/static/[^"]+/source-en/)checker.js"', pages.get("/en/developers").text)[0]
    waiting, read = [first + name for name in ("checker.js", "paste.js")], set[str]()
    while waiting:
        address = waiting.pop()
        read.add(address)
        answer = pages.get(address)
        assert answer.status_code == 200, address
        targets = re.findall(r'(?:from |import\()"(\.[^"]+)"', answer.text)
        waiting += {normpath(join(dirname(address), target)) for target in targets} - read - set(waiting)
    assert len(read) > 40
