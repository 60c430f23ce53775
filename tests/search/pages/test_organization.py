"""Organization pages as the server sends them: relationships both ways, revoked or not yet published, the data block."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest

from schemas.organization import Address, Name, Relationship, State
from search.errors import IndexOutdated
from search.index.embedded import EmbeddedIndex
from tests.builders.http_client import Client
from tests.builders.reader import SmallRegistry
from tests.builders.site import DISSOLVED, GONE, RESERVED, SECOND, small_app, small_registry

ORGANIZATION = "/organizations/sample/BC0000001"
LANGUAGES = ("en", "fr")


@pytest.fixture(scope="module")
def registry() -> SmallRegistry:
    return small_registry()


@pytest.fixture(scope="module")
def pages(registry: SmallRegistry, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(small_app(registry, tmp_path_factory.mktemp("pages")))


def section(text: str, heading: str) -> str:
    """The section of a page below the heading of that id."""
    return text.split(f'id="{heading}"')[1].split("</section>")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_relationships_stand_on_both_pages(pages: Client, language: str) -> None:
    own = section(pages.get(f"/{language}{ORGANIZATION}").text, "h-relationships")
    assert f'<a href="/{language}/organizations/sample/BC0000003"><bdi data-claim="relationships/0/relatedName">' in own
    assert '<bdi data-claim="relationships/0/relatedNumber">BC0000003</bdi>' in own
    other = section(pages.get(f"/{language}/organizations/sample/BC0000003").text, "h-relationships")
    assert f'<a href="/{language}{ORGANIZATION}"><bdi>ÉRABLE  &amp; Fils Ltée</bdi></a>' in other
    assert "data-claim" not in other
    assert {"en": "Amalgamated into", "fr": "fusionné"}[language].lower() in other.lower()


def test_the_name_is_the_links_text_where_the_credential_gives_a_number_alone(tmp_path: Path) -> None:
    links = (
        Relationship("amalgamatedFrom", "BC0000003"),
        Relationship("amalgamatedFrom", "BC0000009"),
        Relationship("doesBusinessAs", name="NOT REGISTERED HERE"),
        Relationship("continuedFrom", "BC0000003", "AN OLDER NAME LTD."),
    )
    states = [GONE, State("sample", "BC0000008", "BC", relationships=links)]
    text = Client(small_app(SmallRegistry(states), tmp_path)).get("/en/organizations/sample/BC0000008").text
    rows = re.findall(r"<li>.*?</li>", section(text, "h-relationships"), re.S)
    linked = '<a href="/en/organizations/sample/BC0000003"><bdi data-claim="relationships/0/relatedNumber">BC0000003</bdi></a>'
    assert linked in rows[0]
    assert "(now named <bdi>OLD SAWMILL CO. LTD.</bdi>, not covered by this check)" in rows[0]
    assert "<a " not in rows[1]
    assert '<bdi data-claim="relationships/1/relatedNumber">BC0000009</bdi>' in rows[1]
    assert "<a " not in rows[2]
    assert '<bdi data-claim="relationships/2/relatedName">NOT REGISTERED HERE</bdi>' in rows[2]
    assert '<bdi data-claim="relationships/3/relatedName">AN OLDER NAME LTD.</bdi></a>' in rows[3]
    assert "(now named <bdi>OLD SAWMILL CO. LTD.</bdi>, not covered by this check)" in rows[3]


def test_what_both_sides_state_is_one_row_with_the_name_first(tmp_path: Path) -> None:
    links = (Relationship("amalgamatedInto", "BC0000008"),)
    other = State("sample", "BC0000009", "BC", "THE OTHER LTD.", relationships=links)
    links = (Relationship("amalgamatedFrom", "BC0000009", "THE OTHER LTD."),)
    states = [other, State("sample", "BC0000008", "BC", relationships=links)]
    text = section(
        Client(small_app(SmallRegistry(states), tmp_path)).get("/en/organizations/sample/BC0000008").text,
        "h-relationships",
    )
    (row,) = re.findall(r"<li>.*?</li>", text, re.S)
    assert row.startswith(
        '<li><strong><a href="/en/organizations/sample/BC0000009"><bdi data-claim="relationships/0/rel'
    )
    assert "(the other side states it too, not covered by this check)" in row
    assert "Stated by the credentials of others" not in text


def test_the_history_tells_the_old_and_the_new_value_of_each_change(tmp_path: Path) -> None:
    address = Address("RG", "1 Low St", "Vancouver", "BC", "V6C 2W2", "CA")
    before = replace(SECOND, addresses=(address,), home_jurisdiction="CA-AB", relationships=())
    after = replace(before, addresses=(replace(address, street="2 High St"),), home_jurisdiction="CA-ON",
        names=(*before.names, Name("MAPLE GROVE", "assumed")),
        relationships=SECOND.relationships[:1])  # fmt: skip
    text = Client(small_app(SmallRegistry([before, after]), tmp_path)).get(f"/en{ORGANIZATION}").text
    said = [re.sub(r"<[^>]+>", "", row) for row in re.findall(r"<li>(.*?)</li>", section(text, "h-history"), re.S)]
    changes = [row for row in said if "→" in row or "MAPLE GROVE" in row or "SAWMILL" in row]
    assert changes == [
        "Home jurisdiction: Alberta → Ontario",
        "Assumed name: MAPLE GROVE",
        "Registered office: 1 Low St, Vancouver, BC, V6C 2W2, CA → 2 High St, Vancouver, BC, V6C 2W2, CA",
        "Amalgamated from: OLD SAWMILL CO. LTD.",
    ]


@pytest.mark.parametrize(("own", "others"), [(45, 0), (0, 45), (12, 30), (20, 0), (20, 1), (20, 20), (19, 1)])
def test_long_lists_go_on_pages_of_their_own(tmp_path: Path, own: int, others: int) -> None:
    links = tuple(Relationship("amalgamatedFrom", f"BC1{n:06}") for n in range(own))
    middle = State("sample", "BC0000008", "BC", legal_name="MIDDLE LTD.", relationships=links)
    stating = [
        State("sample", f"BC2{n:06}", "BC", relationships=(Relationship("amalgamatedFrom", "BC0000008"),))
        for n in range(others)
    ]
    pages = Client(small_app(SmallRegistry([middle, *stating]), tmp_path))
    address = "/fr/organizations/sample/BC0000008"
    text = pages.get(address).text
    first = re.findall(r"BC[12]\d{6}(?=</bdi>)", section(text, "h-relationships"))
    assert len(first) == min(20, own + others)
    assert (f'href="{address}/relationships"' in text) == (own + others > 20)
    seen, address = [], f"{address}/relationships"
    for _ in range(5):
        answer = pages.get(address)
        assert answer.status_code == 200
        html5lib.HTMLParser(strict=True).parse(answer.text)
        numbers = re.findall(r"BC[12]\d{6}(?=</bdi>)", answer.text)
        assert 0 < len(numbers) <= 20
        seen += numbers
        following = re.findall(r'<a href="([^"]+)" rel="next"', answer.text)
        if not following:
            break
        (address,) = following
    assert seen == [f"BC1{n:06}" for n in range(own)] + [f"BC2{n:06}" for n in range(others)]
    assert first == seen[:20]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é"])
def test_a_cursor_that_is_not_ours_leads_nowhere(pages: Client, cursor: str) -> None:
    assert pages.get(f"/en{ORGANIZATION}/relationships?cursor={cursor}").status_code == 404
    assert pages.get("/en/organizations/sample/BC9999999/relationships").status_code == 404


def test_without_an_index_the_page_still_stands_and_says_what_it_lacks(
    registry: SmallRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outdated(*_: Any) -> None:
        raise IndexOutdated

    pages = Client(small_app(registry, tmp_path))
    monkeypatch.setattr(EmbeddedIndex, "get", outdated)
    monkeypatch.setattr(EmbeddedIndex, "incoming", outdated)
    answer = pages.get("/en" + ORGANIZATION)
    assert answer.status_code == 200
    assert "What others state cannot be shown at the moment." in answer.text
    assert '<bdi data-claim="relationships/0/relatedNumber">BC0000003</bdi>' in answer.text


REVOKED = {"en": "The issuer has revoked this credential", "fr": "L’émetteur a révoqué cette attestation"}
UNPUBLISHED = {
    "en": "Not published yet, so there is no evidence yet",
    "fr": "Pas encore publié, donc pas encore de dossier de preuve",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_revoked_credential_is_told_above_everything(pages: Client, language: str) -> None:
    text = pages.get(f"/{language}/organizations/sample/BC0000003").text
    assert REVOKED[language] in text.split('id="check"')[0]
    assert {"en": "Revoked", "fr": "Révoquée"}[language] in section(text, "h-history")
    assert REVOKED[language] not in pages.get(f"/{language}{ORGANIZATION}").text


def banner_of(text: str) -> str:
    """The words of a page's banner, empty where there is none."""
    (words,) = re.findall(r'<p class="notice banner" role="note">(.*?)</p>', text, re.S) or [""]
    return re.sub(r"\s+", " ", words)


def test_what_is_not_in_good_order_says_so_first_and_leads_to_its_successor(tmp_path: Path) -> None:
    pages = Client(small_app(SmallRegistry([SECOND, DISSOLVED, RESERVED]), tmp_path))
    said = banner_of(pages.get("/en/organizations/sample/BC0000005").text)
    assert said.startswith("<strong>Amalgamated on 19 October 1960.</strong> The register no longer lists")
    assert said.endswith(
        'Successor: <a href="/en/organizations/sample/BC0000001"><bdi>ÉRABLE &amp; Fils Ltée</bdi></a>'
    )
    french = banner_of(pages.get("/fr/organizations/sample/BC0000006").text)
    assert french.startswith(
        "<strong>En dissolution, sous ce statut depuis le 1er mai 2019.</strong> Le registre donne encore"
    )
    assert banner_of(pages.get(f"/en{ORGANIZATION}").text) == ""
    text = pages.get("/en/organizations/sample/BC0000005").text
    assert '<span class="tag">Latest</span>' in text
    assert text.index('id="registration"') < text.index('id="check"') < text.index('id="history"')


def successor_of(text: str) -> str:
    """What a page says of an organization that came out of its own, empty where it says nothing."""
    (words,) = re.findall(r'<p class="notice" role="note" id="successor">(.*?)</p>', text, re.S) or [""]
    return words


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_successor_that_another_registration_alone_tells_is_told_as_such(tmp_path: Path, language: str) -> None:
    gone = f"/{language}/organizations/sample/BC0000003"
    for folder in ("both", "alone"):
        (tmp_path / folder).mkdir()
    pages = Client(small_app(SmallRegistry([SECOND, GONE, DISSOLVED]), tmp_path / "both"))
    link = f'<a href="/{language}/organizations/sample/BC0000001"><bdi>ÉRABLE  &amp; Fils Ltée</bdi></a>'
    before, after = {
        "en": (
            "The registration of ",
            " says that it came out of this organization. The check on this page does not cover that.",
        ),
        "fr": (
            "Selon son immatriculation, ",
            " provient de cette organisation. La vérification de cette page ne couvre pas cela.",
        ),
    }[language]
    assert successor_of(pages.get(gone).text) == before + link + after
    # its own credential names one; it is in good order; nobody tells of it
    assert successor_of(pages.get(f"/{language}/organizations/sample/BC0000005").text) == ""
    assert successor_of(pages.get(f"/{language}{ORGANIZATION}").text) == ""
    alone = Client(small_app(SmallRegistry([GONE]), tmp_path / "alone"))
    assert successor_of(alone.get(gone).text) == ""


def test_neither_a_revoked_registration_nor_another_register_is_told_below_the_banner(tmp_path: Path) -> None:
    """Whoever gets into any register with a claim would stand below the end of somebody else's organization."""
    claim = Relationship("continuedFrom", "BC0000003", "OLD SAWMILL CO. LTD.", register="sample")
    stranger = replace(SECOND, register="bc", number="BC0000009", relationships=(claim,))
    for name, registry, is_told in (
        ("control", SmallRegistry([SECOND, GONE]), True),
        ("revoked", SmallRegistry([SECOND, GONE], revoked={SECOND.number}), False),
        ("elsewhere", SmallRegistry([stranger, GONE]), False),
    ):
        (tmp_path / name).mkdir()
        text = Client(small_app(registry, tmp_path / name)).get("/en/organizations/sample/BC0000003").text
        assert "Stated by the credentials of others" in text
        assert bool(successor_of(text)) == is_told, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_publication_there_is_no_check_and_no_evidence(tmp_path: Path, language: str) -> None:
    registry = small_registry()
    registry.published = False
    text = Client(small_app(registry, tmp_path)).get(f"/{language}{ORGANIZATION}").text
    (notice,) = re.findall(r'<p class="notice">([^<]+)</p>', text.split('id="h-check"')[1].split("</section>")[0])
    assert UNPUBLISHED[language] in notice.replace("\u00a0", " ")
    assert "data-check hidden" not in text
    assert "data-step=" not in text
    assert not re.search(r'href="[^"]*/evidence"', text)


def data_block(text: str) -> Any:
    """The page's data block, None where there is none."""
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)
    assert len(blocks) <= 1
    return json.loads(blocks[0]) if blocks else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_programs_find_the_organization_in_a_data_block(pages: Client, language: str) -> None:
    assert data_block(pages.get(f"/{language}{ORGANIZATION}").text) == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "ÉRABLE  & Fils Ltée",
        "alternateName": ["PACIFIC NORTHWEST WIDGETS LTD."],
        "identifier": {"@type": "PropertyValue", "propertyID": "sample", "value": "BC0000001"},
        "foundingDate": "1998-02-03",
        "url": f"http://localhost:8000/{language}{ORGANIZATION}",
    }


@pytest.mark.parametrize("number", ["FM0000002", "BC0000003"])
def test_no_data_block_for_persons_or_what_was_revoked(pages: Client, number: str) -> None:
    assert data_block(pages.get(f"/en/organizations/sample/{number}").text) is None


def test_a_name_cannot_end_the_data_block(tmp_path: Path) -> None:
    name = "</script><script>alert(1)</script><!-- & \u2028 LTD."
    state = State("sample", "BC0000008", "BC", legal_name=name, names=(Name(name, "legal"), Name("<!--", "former")))
    text = Client(small_app(SmallRegistry([SECOND, state]), tmp_path)).get("/en/organizations/sample/BC0000008").text
    html5lib.HTMLParser(strict=True).parse(text)
    assert data_block(text)["name"] == name
    assert data_block(text)["alternateName"] == ["<!--"]
    assert "<script>alert" not in text
