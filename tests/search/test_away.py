"""What a site answers while its search engine, its index file or its database is away."""

import pickle
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from issuer.run.issue import issue
from registry.commands.exits import reports_errors
from registry.installation.office import Office
from registry.ledger.publish import publish
from schemas.organization import Relationship
from search.app import Renewed, create_app, services_here
from search.errors import BadCursor, BadParameter, IndexOutdated, SearchAway
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.question.index import Index
from search.question.matching import MatchedHere
from tests.builders.away import AwayIndex, store_away
from tests.builders.command import surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import extract, state

WORDS = {"en": "The search does not answer for the moment.", "fr": "La recherche ne répond pas pour l’instant."}
UNCHECKED = {"en": "were not compared with it", "fr": "n’ont pas été comparés"}
PAGE = "/organizations/sample/BC0000002"


@pytest.fixture
def related(filled: Office) -> Office:
    """Two organizations that state links to each other."""
    states = []
    for number, other in (("BC0000011", "BC0000002"), ("BC0000012", "BC0000011")):
        link = Relationship("amalgamatedFrom", other, since="2024-01-01")
        states.append(replace(state(number, f"JOINED {number} LTD.", "9", "2024-01-01"), relationships=(link,)))
    issue(filled, "table", extract(states), surroundings("more"))
    publish(filled.store, filled.log_keys.signers)
    return filled


def site(office: Office, index: Index) -> Client:
    services = replace(services_here(office.reader), matching=MatchedHere(index))
    return Client(create_app(office.reader, index, services))


@pytest.fixture
def away(related: Office) -> Client:
    return site(related, AwayIndex())


@pytest.fixture
def embedded(related: Office, tmp_path: Path) -> EmbeddedIndex:
    index = EmbeddedIndex(tmp_path / "index.db")
    follow(related.reader, index)
    return index


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_search_page_says_so_in_both_languages(away: Client, language: str) -> None:
    answer = away.get(f"/{language}/search?q=harbour")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert WORDS[language] in answer.text


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "typed", ["BC0000002", "bc0000002", "BC 0000002", "0000002", "2", "sample:BC0000002", "BC0000002&register=sample"]
)
def test_a_registration_number_still_leads_to_its_organization(away: Client, language: str, typed: str) -> None:
    answer = away.get(f"/{language}/search?q={typed}")
    assert answer.status_code == 200
    assert f'href="/{language}{PAGE}"' in answer.text
    assert WORDS[language] in answer.text


def test_a_number_that_is_not_there_or_of_another_register_leads_nowhere(away: Client) -> None:
    for typed in ("BC0000099", "BC0000002&register=other", "im:BC0000002", "3"):
        answer = away.get(f"/en/search?q={typed}")
        assert (answer.status_code, PAGE in answer.text) == (503, False), typed


@pytest.mark.parametrize("language", ["en", "fr"])
def test_home_and_organizations_go_on_without_what_others_state(away: Client, language: str) -> None:
    assert away.get(f"/{language}/").status_code == 200
    answer = away.get(f"/{language}/organizations/sample/BC0000011")
    assert answer.status_code == 200
    assert "JOINED BC0000011 LTD." in answer.text
    assert {"en": "What others state cannot be shown", "fr": "Ce que d’autres"}[language] in answer.text
    assert f'href="/{language}{PAGE}"' in answer.text  # its own link, named by the ledger
    assert "HARBOUR SEAL INC." in answer.text
    assert "JOINED BC0000012 LTD." not in answer.text
    assert away.get(f"/{language}/organizations/sample/BC0000011/relationships").status_code == 200


def test_what_needs_the_index_is_refused_with_one_code(away: Client) -> None:
    body = {"queries": [{"id": 1, "name": "Harbour"}]}
    answers = [
        away.get("/api/v1/organizations?q=harbour"),
        away.get("/api/v1/organizations"),
        away.get("/api/v1/autocomplete?q=har"),
        away.request("POST", "/api/v1/match", json=body),
    ]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "search_away"
        assert int(answer.headers["retry-after"]) > 0


def test_what_needs_no_index_goes_on(away: Client, related: Office) -> None:
    for path in ("", "/history", "/credentials"):
        assert away.get(f"/api/v1{PAGE}{path}").status_code == 200
    assert away.get("/checkpoint").status_code == 200
    evidence = away.get("/credentials/sample/BC0000002/1/evidence")
    assert evidence.status_code == 200
    assert away.request("POST", "/api/v1/verify", json=evidence.json()).json()["verdict"] == "verified"
    links = away.get("/api/v1/organizations/sample/BC0000011/relationships").json()
    assert [(item["number"], item["name"], item["stated"]) for item in links["items"]] == [
        ("BC0000002", "HARBOUR SEAL INC.", "to")
    ]
    assert links["complete"] is False


def test_readyz_names_it_and_stays_200(away: Client) -> None:
    answer = away.get("/readyz")
    assert answer.status_code == 200
    assert answer.text.splitlines() == ["ledger ok", "index away (search_away)", "publisher ok", "quorum ok"]


def test_with_an_index_that_answers_all_of_it_is_there(related: Office, embedded: EmbeddedIndex) -> None:
    """The control: the same questions to an index that answers."""
    client = site(related, embedded)
    page = client.get("/en/organizations/sample/BC0000011").text
    assert "JOINED BC0000012 LTD." in page
    assert "cannot be shown" not in page
    links = client.get("/api/v1/organizations/sample/BC0000011/relationships").json()
    assert (len(links["items"]), "complete" in links) == (2, False)
    assert client.get("/en/search?q=harbour").status_code == 200
    assert client.get("/readyz").text.splitlines()[:2] == ["ledger ok", "index ok"]
    assert "unchecked" not in client.get("/api/v1/organizations?q=harbour").json()


def test_an_index_file_that_cannot_be_read_is_away_as_well(
    related: Office, embedded: EmbeddedIndex, tmp_path: Path
) -> None:
    client = site(related, embedded)
    connection = sqlite3.connect((tmp_path / "index.db").resolve())
    for table in ("ident", "key"):
        connection.execute(f"DROP TABLE {table}")
    connection.commit()
    connection.close()
    assert client.get("/api/v1/organizations?q=BC0000002").json()["code"] == "search_away"
    assert client.get("/en/search?q=harbour").status_code == 503
    assert f'href="/en{PAGE}"' in client.get("/en/search?q=BC0000002").text
    for path in tmp_path.glob("index*"):
        path.unlink()
    assert client.get("/api/v1/autocomplete?q=har").json()["code"] == "search_away"
    assert client.get("/readyz").text.splitlines()[1] == "index away (search_away)"


def test_with_the_store_away_search_answers_and_says_that_nothing_was_compared(
    related: Office, embedded: EmbeddedIndex
) -> None:
    client = site(related, embedded)
    with store_away(related):
        for language in ("en", "fr"):
            page = client.get(f"/{language}/search?q=harbour")
            assert page.status_code == 200
            assert "HARBOUR SEAL INC." in page.text
            assert UNCHECKED[language] in page.text
            for path in ("/", "/about", "/developers", "/verify"):
                assert client.get(f"/{language}{path}").status_code == 200, path
            lost = client.get(f"/{language}{PAGE}")
            assert lost.status_code == 503
            assert int(lost.headers["retry-after"]) > 0
            assert lost.headers["content-type"].startswith("text/html")
        answer = client.get("/api/v1/organizations?q=harbour").json()
        assert [(item["name"], item["evidence"]) for item in answer["items"]] == [("HARBOUR SEAL INC.", None)]
        assert answer["unchecked"] is True
        assert client.get("/api/v1/autocomplete?q=har").json()["unchecked"] is True
        refused = client.get(f"/api/v1{PAGE}")
        assert (refused.status_code, refused.json()["code"]) == (503, "storage_away")
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.text.splitlines() == ["ledger away (storage_away)", "index ok"]
    assert UNCHECKED["en"] not in client.get("/en/search?q=harbour").text
    assert client.get("/readyz").status_code == 200


def test_the_app_that_is_made_anew_outlives_a_store_that_is_away(related: Office, embedded: EmbeddedIndex) -> None:
    client = Client(Renewed(related.reader, embedded, seconds=0))
    with store_away(related):
        assert client.get("/en/search?q=harbour").status_code == 200
        assert client.get("/livez").text == "ok\n"


def test_readyz_counts_what_is_not_signed_and_what_waits_for_witnesses(
    related: Office, embedded: EmbeddedIndex
) -> None:
    client = site(related, embedded)
    issue(related, "table", extract([state("BC0000020", "LATE LTD.", "10", "2024-02-01")]), surroundings("late"))
    assert client.get("/readyz").text.splitlines()[1:3] == ["index 1 entries behind", "publisher 1 entries behind"]
    publish(related.store, related.log_keys.signers, witnesses=_Silent())
    assert client.get("/readyz").text.splitlines()[2:] == ["publisher ok", "quorum 1 entries behind"]


class _Silent:
    """Witnesses of whom none answers."""

    def check(self, _head: object, _root_at: object) -> None: ...

    def cosigned(self, signed: str, _shown: object, _prove: object) -> object:
        from registry.ledger.publish import Cosigned

        return Cosigned(signed, is_met=False, is_whole=True)


def test_a_command_is_to_be_tried_later_and_a_worker_can_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, reports_errors():
        raise SearchAway
    assert ended.value.exit_code == 75
    assert capsys.readouterr().err.startswith("greffe: search_away: ")
    for error in (SearchAway(), IndexOutdated(), BadCursor(), BadParameter("bad_date", "no date", "at")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.code, str(again), again.__dict__) == (
            type(error),
            error.code,
            str(error),
            error.__dict__,
        )
