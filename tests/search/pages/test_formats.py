"""The formats page, the vectors and the codes: what is published is all there, and nothing else is handed out."""

import json
import re
from typing import Any

import pytest

import schemas
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.verify.codes import CODES
from schemas.codes import LANGUAGES
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.command import Greffe
from tests.builders.http_client import Client


@pytest.fixture(scope="module")
def client(live_installation: Greffe, tmp_path_factory: pytest.TempPathFactory) -> Client:
    public = Public(from_environ(live_installation.environ))
    return Client(create_app(public.reader, EmbeddedIndex(tmp_path_factory.mktemp("formats") / "index.db")))


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.text


def json_of(client: Client, address: str) -> Any:
    return json.loads(shown(client, address))


def test_the_pages_name_every_schema_and_every_file_of_vectors(client: Client) -> None:
    for language in LANGUAGES:
        page = shown(client, f"/{language}/formats")
        addresses = re.findall(r'href="(/(?:schemas|vectors)/[^"]+)"', page)
        assert {address.removeprefix("/schemas/") for address in addresses if "/schemas/" in address} == {
            *schemas.SCHEMAS
        }
        assert len(addresses) == len(schemas.SCHEMAS) + len(schemas.VECTORS)
        for address in addresses:
            assert json_of(client, address)


def test_both_languages_have_the_same_parts_and_the_same_code(client: Client) -> None:
    pages = [shown(client, f"/{language}/formats") for language in LANGUAGES]
    parts = [re.findall(r'<h[23] id="([a-z]+)"', page) for page in pages]
    assert parts[0] == parts[1]
    words = [sorted(re.findall(r"<dt><code>([a-z_]+)</code>", page)) for page in pages]
    assert words[0] == words[1]
    named = [set(re.findall(r"<code>([a-z]+(?:_[a-z]+)+)</code>", page)) for page in pages]
    assert named[0] == named[1]


def test_every_code_of_a_step_is_on_the_page_and_among_the_codes(client: Client) -> None:
    published = json_of(client, "/api/v1/codes")
    assert {*CODES.values()} <= published["verdict"].keys()
    assert published["verdict"]["superseded"]["fr"] != published["verdict"]["superseded"]["en"]
    page = shown(client, "/en/formats")
    about_posted = {"not_in_ledger", "not_of_this_ledger", "issuer_foreign"}
    assert {code for code in CODES.values() if f"<code>{code}</code>" not in page} == about_posted


def test_the_tables_have_words_in_both_languages(client: Client) -> None:
    tables = json_of(client, "/api/v1/codes")["tables"]
    assert tables["bc"]["entity_type"]["BC"] == {
        "en": "BC Limited Company",
        "fr": "Société par actions de la Colombie-Britannique",
    }
    for name, table in tables.items():
        for kind, entries in table.items():
            assert all(entry["en"] and entry["fr"] for entry in entries.values()), (name, kind)


def test_no_such_vectors(client: Client) -> None:
    for name in ("nothing", "..%2Fcodes%2Fbc", ""):
        assert client.get(f"/vectors/{name}").status_code == 404
