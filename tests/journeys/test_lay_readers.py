"""Ten questions of a lay reader, answered by `greffe verify` alone, or by the form.

The answers were written down first; those of the form, and what the papers say, stand in `tests/builders/papers`.
"""

import html
import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from registry.installation.office import Office
from registry.verify.codes import CODES
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.command import Greffe, greffe_in
from tests.builders.http_client import Client
from tests.builders.ledger import copied
from tests.builders.papers import LANGUAGES, NO_EVIDENCE, QUESTIONS, Question, check_answer, papers_of

AT = ("--at", "2026-06-01T00:00:00Z")
Ask = Callable[..., list[str]]


@pytest.fixture(scope="module")
def greffe(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    data = tmp_path_factory.mktemp("lay") / "data"
    shutil.copytree(filled_installation, data)
    return greffe_in(data)


@pytest.fixture(scope="module")
def files(greffe: Greffe, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The papers that people hold: of today, of an earlier name, forged, revoked, and one that says that there is nobody."""
    folder = tmp_path_factory.mktemp("papers")
    papers = {name: folder / f"{name}.json" for name in ("today", "earlier", "forged", "revoked", "nobody", "odd")}
    greffe("evidence", "sample", "BC0000001", "-o", papers["today"])
    greffe("evidence", "sample", "BC0000001", "--at", "2020-06-01", "-o", papers["earlier"])
    forged: dict[str, Any] = json.loads(papers["today"].read_bytes())
    forged["credential"]["credentialSubject"]["legalName"] = "ROYAL MOOSE LTD."
    papers["forged"].write_text(json.dumps(forged), "utf-8")
    without = {**json.loads(papers["today"].read_bytes()), "latest": None}
    papers["odd"].write_text(json.dumps(without), "utf-8")
    greffe("completeness", "sample", "BC0009999", "-o", papers["nobody"])
    greffe("revoke", "sample", "BC0000002", "--reason", "court_order", "--yes")
    greffe("publish")
    greffe("evidence", "sample", "BC0000002", "-o", papers["revoked"])
    return papers


@pytest.fixture
def ask(greffe: Greffe, files: dict[str, Path]) -> Ask:
    """The lines that a person reads of one of the papers."""

    def asked(paper: str, *arguments: str, expect: int = 0) -> list[str]:
        moment = ("--at", datetime.now(UTC).isoformat()) if paper == "revoked" else AT
        return greffe("verify", files[paper], *moment, *arguments, expect=expect).stdout.splitlines()

    return asked


def test_1_is_this_genuine(ask: Ask) -> None:
    assert ask("today")[-1].startswith("verified: genuine")
    assert ask("earlier", expect=6)[-1].startswith("superseded: genuine, but another state has replaced it")
    assert ask("forged", expect=1)[-1].startswith("failed: it is not shown to be genuine: do not rely on it")


def test_2_whose_is_it(ask: Ask) -> None:
    assert {"name      SCARLET MOOSE LTD.", "number    BC0000001 in the register sample"} <= set(ask("today"))
    assert "name      ORIGNAL ÉCARLATE LTÉE" in ask("earlier", expect=6)
    forged = ask("forged", expect=1)
    assert "of nobody: whose it is was not shown" in forged
    assert not any("ROYAL" in line for line in forged), "an unproven name is not repeated"


def test_3_what_is_its_status_and_since_when(ask: Ask) -> None:
    assert "status    Active, since 2021-02-03" in ask("today")


def test_4_is_it_in_force_today(ask: Ask) -> None:
    lines = ask("today")
    assert "in force  from 2021-02-03, and nothing is known to follow" in lines
    assert "known     until 2026-01-02T03:04:05Z; of anything later this file cannot tell" in lines
    assert "no newer state has replaced it" in lines[-1]
    tomorrow = ask("today", "--on", "2026-05-31", expect=5)
    assert "asked     whether it was in force on 2026-05-31: not known" in tomorrow
    assert tomorrow[-1].startswith("indeterminate: not everything could be checked, so do not rely on it yet")


def test_5_was_it_in_force_in_1980(ask: Ask) -> None:
    lines = ask("today", "--on", "1980-01-01", expect=1)
    assert "asked     whether it was in force on 1980-01-01: no" in lines
    assert lines[-1].startswith("failed: genuine, but not in force on 1980-01-01")
    assert "in force  from 2021-02-03, and nothing is known to follow" in lines


def test_6_was_the_old_paper_in_force_when_i_signed_in_june_2020(ask: Ask) -> None:
    lines = ask("earlier", "--on", "2020-06-01")
    assert "asked     whether it was in force on 2020-06-01: yes" in lines
    assert "in force  from 2020-01-01 until 2021-02-03" in lines
    assert lines[-1].startswith("verified: genuine, and in force on 2020-06-01")
    assert "asked     whether it was in force on 2021-02-03: no" in ask("earlier", "--on", "2021-02-03", expect=1)


def test_7_what_took_its_place(ask: Ask) -> None:
    lines = ask("earlier", expect=6)
    (by,) = [line for line in lines if line.startswith("replaced  by entry ")]
    assert by.endswith("of the ledger (supersede, 2021-02-03)")
    assert not any(line.startswith("replaced") for line in ask("today"))


def test_8_what_was_not_checked(ask: Ask) -> None:
    assert "unchecked whether witnesses have seen the same ledger" in ask("today")
    odd = ask("odd", expect=5)
    assert "unchecked whether a newer state has replaced it" in odd
    assert "in force  from 2021-02-03; whether anything followed was not shown" in odd
    assert "unchecked whether the issuer signed just this" not in ask("forged", expect=1), (
        "that was checked, and failed"
    )


def test_9_was_it_taken_back(ask: Ask) -> None:
    lines = ask("revoked", expect=1)
    assert lines[-1].startswith("failed: the register issued it, and has revoked it: do not rely on it")
    assert "name      HARBOUR SEAL INC." in lines
    assert "✗ not_revoked        failed  (revoked)" in lines
    assert "✓ not_revoked        passed" in ask("today")


def test_10_is_there_nobody_under_this_number(ask: Ask) -> None:
    lines = ask("nobody")
    assert "no entries under sample:BC0009999" in lines
    assert lines[-1].startswith("verified: the ledger's map proves this")
    assert any(line.startswith("covers ") and "natural person" in line for line in lines)
    assert "of nobody: whose it is was not shown" not in lines


def test_no_answer_needs_a_code(ask: Ask) -> None:
    """What programs read stays out of the sentences; the names of the steps stand beside them."""
    sentences = [
        line for paper in ("today", "odd") for line in ask(paper, expect=5 * (paper == "odd")) if line[0] not in "✓✗·"
    ]
    codes = {code for code in CODES.values() if "_" in code}
    assert not [line for line in sentences if any(code in line for code in codes)]


@pytest.fixture(scope="module")
def office(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return copied(filled_installation, tmp_path_factory.mktemp("form") / "data")


@pytest.fixture(scope="module")
def held(office: Office) -> dict[str, str]:
    return papers_of(office)


@pytest.fixture(scope="module")
def client(office: Office, held: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The site, after all papers were handed out."""
    return Client(create_app(office.reader, EmbeddedIndex(tmp_path_factory.mktemp("index") / "index.db")))


def sent(client: Client, language: str, paper: str, on: str = "") -> tuple[int, str]:
    """Status and text of the page after sending the form, without a script."""
    answer = client.request("POST", f"/{language}/verify", data={"evidence": paper, "on": on})
    return answer.status_code, answer.text


def words_of(page: str) -> str:
    """What a person reads of the outcome."""
    outcome = page[page.index('id="outcome"') : page.index("</main>")].partition(">")[2]
    return html.unescape(re.sub(r"<[^>]*>", " ", outcome))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_form_answers(client: Client, held: dict[str, str], question: Question, language: str) -> None:
    status, page = sent(client, language, held[question.paper], question.on)
    assert status == 200
    assert re.findall(r'data-verdict="(\w+)"', page) == [question.verdict]
    check_answer(question, language, words_of(page))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_says_whose_verdict_it_is_and_speaks_one_language(
    client: Client, held: dict[str, str], language: str
) -> None:
    whose = {"en": "This is the verdict of this server.", "fr": "C’est le verdict de ce serveur."}[language]
    for paper in ("today", "earlier", "forged", "revoked", "nobody", "everything"):
        words = " ".join(words_of(sent(client, language, held[paper])[1]).split())
        assert whose in words
        assert language == "en" or not re.search(r"\b(the|not|genuine|entry|verified|failed)\b", words, re.I), words


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("paper", ["link", "another"])
def test_the_form_gives_no_verdict_on_what_is_no_evidence(
    client: Client, held: dict[str, str], paper: str, language: str
) -> None:
    status, page = sent(client, language, held[paper])
    assert status == 422
    assert NO_EVIDENCE[language] in " ".join(html.unescape(page).split())
    assert "data-verdict" not in page
    assert "data-step" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_before_there_is_something_to_check(client: Client, language: str) -> None:
    page = client.get(f"/{language}/verify").text
    assert "data-verdict" not in page
    assert "data-step" not in page


@pytest.mark.parametrize("paper", ["credential", "presentation"])
def test_a_bare_credential_is_judged_by_the_servers_own_ledger(
    client: Client, held: dict[str, str], paper: str
) -> None:
    _, page = sent(client, "en", held[paper])
    check_answer(QUESTIONS[2], "en", words_of(page))
    assert ("Who presents them was not checked." in page) == (paper == "presentation")


@pytest.mark.parametrize("inside", [[], {}, [{}], ["eyJ"], [{"credentialSubject": {}}] * 11])
def test_a_presentation_of_something_else_gets_no_verdict(client: Client, inside: object) -> None:
    status, page = sent(client, "en", json.dumps({"verifiableCredential": inside}))
    assert (status, "data-verdict" in page) == (422, False)


def test_each_credential_of_a_presentation_has_its_own_verdict(client: Client, held: dict[str, str]) -> None:
    credentials = [json.loads(held[paper])["credential"] for paper in ("today", "forged", "earlier")]
    _, page = sent(client, "en", json.dumps({"verifiableCredential": credentials}))
    assert re.findall(r'data-verdict="(\w+)"', page) == ["verified", "failed", "superseded"]
