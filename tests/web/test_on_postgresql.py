"""The whole way on PostgreSQL and Elasticsearch: issue, publish, follow, search, page, and the check in a browser."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from tests.builders.command import ROOT, Greffe
from tests.builders.machines import Machine, machines, office_on
from tests.builders.postgresql import Server

LINES = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()


@pytest.fixture(scope="module")
def office(postgresql: Server, search_node: str, tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    return office_on(tmp_path_factory.mktemp("office"), postgresql.new_database(), search_node)


@pytest.fixture(scope="module")
def machine(office: Greffe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    (folder / "extract.csv").write_text("\n".join(LINES[:60]) + "\n", "utf-8")
    office("issue", "--source", "table", folder / "extract.csv")
    office("publish")
    with machines(office, folder, 1) as (only,):
        yield only


def ask(machine: Machine, path: str) -> bytes:
    with urlopen(machine.base + path, timeout=30) as answer:
        return bytes(answer.read())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_organization_is_found_by_name_and_checked_in_a_browser(page: Page, machine: Machine, language: str) -> None:
    item = next(each for each in json.loads(ask(machine, "/api/v1/organizations"))["items"] if each["name"])
    page.goto(f"{machine.base}/{language}/")
    page.locator("#q").fill(item["name"])
    page.locator("#q").press("Enter")
    page.locator(".results a").first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_have_text(item["name"])
    page.keyboard.press("Escape")
    page.locator("[data-check]").click()
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", re.compile("."))
    expect(page.locator("[data-verdict]")).to_have_attribute("data-verdict", "verified")


def test_a_strangers_verify_and_the_audit_agree(office: Greffe, machine: Machine, tmp_path: Path) -> None:
    item = next(each for each in json.loads(ask(machine, "/api/v1/organizations"))["items"] if each["evidence"])
    (tmp_path / "evidence.json").write_bytes(ask(machine, item["evidence"]))
    (tmp_path / "trust.json").write_bytes(ask(machine, "/trust.json"))
    verified = office("verify", tmp_path / "evidence.json", "--trust", tmp_path / "trust.json", "--json")
    assert json.loads(verified.stdout)["verdict"] == "verified"
    audited = json.loads(machine.greffe("audit", "--trust", office.data / "trust.json", "--json").stdout)
    assert (audited["ok"], audited["index_behind"]) == (True, 0)


def test_what_is_issued_later_is_found_without_a_restart(office: Greffe, machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "extract.csv").write_text("\n".join(LINES[:70]) + "\n", "utf-8")
    before = json.loads(ask(machine, "/api/v1/organizations"))["total"]["value"]
    office("issue", "--source", "table", tmp_path / "extract.csv")
    office("publish")
    until = time.monotonic() + 60
    while json.loads(ask(machine, "/api/v1/organizations"))["total"]["value"] == before:
        assert time.monotonic() < until, "it is not found after a minute"
        time.sleep(0.1)
    number = LINES[69].split(",")[0]
    assert f"/organizations/sample/{number}" in ask(machine, f"/en/search?q={number}").decode()
