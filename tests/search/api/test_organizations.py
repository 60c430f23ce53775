"""The JSON routes of organizations: the contract's shapes, paging, points in time, and what they refuse."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from registry.edge.problem import status_of
from schemas import codes
from schemas.organization import Event, Relationship, State
from search.api.organizations import organizations_router
from search.errors import SearchError
from search.http import problems
from search.http.limits import BODY_BYTES, Limits
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from tests.builders.http_client import Client
from tests.builders.reader import NOON, FakeReader
from tests.builders.register import REGISTER

ORGANIZATIONS = "/api/v1/organizations"


def test_search_answers_in_the_contracts_shape(client: Client) -> None:
    answer = client.get(ORGANIZATIONS, params={"q": "harbour social ventures"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body["total"] == {"value": 1, "exact": True}
    assert body["next"] is None
    (item,) = body["items"]
    assert item == {
        "register": "sample",
        "number": "BC0491266",
        "name": "BKV SOCIAL ENTERPRISE CO.",
        "status": "Active",
        "type": "BC",
        "jurisdiction": "CA-BC",
        "locality": None,
        "registered_on": "2001-02-03",
        "matched": {"name": "Harbour Social Ventures Ltd.", "kind": "former", "why": "exact_name"},
        "how": {
            "score": 0.995,
            "edits": 0,
            "dropped": [],
            "missing": 0,
            "formAgrees": None,
            "since": item["how"]["since"],
            "until": item["how"]["until"],
            "inForce": False,
        },
        "sub_status": None,
        "labels": {"sub_status": None, "matched": {"en": "Former name", "fr": "Ancienne dénomination"}},
        "url": "/organizations/sample/BC0491266",
        "evidence": "/credentials/sample/BC0491266/1/evidence",
    }
    assert list(body["facets"]) == ["register", "status", "type", "jurisdiction"]
    (bc,) = body["facets"]["type"]["values"]
    assert (bc["value"], bc["count"]) == ("BC", 1)
    assert bc["labels"] == {language: codes.label("entity_type", "sample", "BC", language) for language in ("en", "fr")}


def test_evidence_is_null_until_published(client: Client) -> None:
    (item,) = client.get(ORGANIZATIONS, params={"q": "importations lumiere"}).json()["items"]
    assert (item["number"], item["evidence"]) == ("BC0500012", None)


def test_an_empty_query_lists_all_and_punctuation_finds_none(client: Client) -> None:
    assert client.get(ORGANIZATIONS).json()["total"] == {"value": len(REGISTER), "exact": True}
    assert client.get(ORGANIZATIONS, params={"q": "..."}).json()["items"] == []
    assert client.get(ORGANIZATIONS).json()["items"][0]["matched"]["why"] == "listed"


@pytest.mark.parametrize("params", [{}, {"q": "ltd"}, {"q": "zara", "register": "sample"}])
def test_pages_of_1_2_and_20_give_the_same_order(client: Client, params: dict[str, str]) -> None:
    whole = client.get(ORGANIZATIONS, params={**params, "limit": 100}).json()["items"]
    assert len(whole) > 2
    for limit in (1, 2, 20):
        items, cursor = [], ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            page = client.get(ORGANIZATIONS, params={**params, "limit": limit, **more}).json()
            items += page["items"]
            cursor = page["next"]
        assert items == whole


def test_a_cursor_belongs_to_its_question(client: Client) -> None:
    cursor = client.get(ORGANIZATIONS, params={"q": "ltd", "limit": 1}).json()["next"]
    for params in ({"q": "inc"}, {"q": "ltd", "status": "Active"}, {}):
        refused = client.get(ORGANIZATIONS, params={**params, "cursor": cursor})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")


def test_several_values_of_a_filter(client: Client) -> None:
    both = client.get(ORGANIZATIONS, params={"type": "ULC,SP"}).json()
    assert {item["type"] for item in both["items"]} == {"ULC", "SP"}
    assert both["total"]["value"] == 2


def test_autocomplete(client: Client) -> None:
    body = client.get("/api/v1/autocomplete", params={"q": "zar"}).json()
    first = body["items"][0]
    assert first.pop("how")["missing"] == 0
    assert first == {
        "register": "sample",
        "number": "BC0500010",
        "name": "Zara Ltd.",
        "jurisdiction": first["jurisdiction"],
        "locality": None,
        "registered_on": first["registered_on"],
        "status": "Active",
        "matched": {"name": "Zara Ltd.", "kind": "legal", "why": "prefix"},
        "sub_status": None,
        "labels": {"sub_status": None, "matched": {"en": "Legal name", "fr": "Dénomination sociale"}},
    }
    assert len(client.get("/api/v1/autocomplete", params={"q": "l"}).json()["items"]) <= 10
    assert client.get("/api/v1/autocomplete").json() == {"items": []}


def test_one_organization(client: Client, reader: FakeReader) -> None:
    body = client.get(f"{ORGANIZATIONS}/sample/BC0500012").json()
    newest = reader.organization("sample", "BC0500012")[-1]
    assert (body["register"], body["number"], body["name"]) == ("sample", "BC0500012", "Importations Lumière Inc.")
    assert (body["n"], body["kind"], body["entry"]) == (2, "supersede", newest.index)
    assert body["credential"] == "/credentials/sample/BC0500012/2"
    assert body["evidence"] is None
    assert body["revoked"] is False
    assert body["labels"]["status"] == {"en": "Active", "fr": codes.label("registration_status", "", "Active", "fr")}
    assert [(name["name"], name["kind"]) for name in body["names"]] == [
        ("Importations Lumière Inc.", "legal"),
        ("Les Importations Zara Inc.", "former"),
    ]
    assert body["registered_on"] == "2001-02-03"
    assert body["event"]["effective"] == "2015-06-07"


def test_as_of_a_date_and_as_known_at_a_time(client: Client) -> None:
    address = f"{ORGANIZATIONS}/sample/BC0500012"
    before = client.get(address, params={"at": "2015-06-06"}).json()
    assert (before["name"], before["n"]) == ("Les Importations Zara Inc.", 1)
    assert before["evidence"] == "/credentials/sample/BC0500012/1/evidence"
    assert client.get(address, params={"at": "2015-06-07"}).json()["n"] == 2
    assert client.get(address, params={"at": "2001-02-02"}).json()["code"] == "no_state"
    assert client.get(address, params={"known": "2023-11-14T22:13:35Z"}).json()["n"] == 1
    assert client.get(address, params={"known": "2099-01-01T00:00:00Z"}).json()["n"] == 2
    early = client.get(address, params={"known": "2001-01-01T00:00:00Z"})
    assert (early.status_code, early.json()["code"]) == (404, "no_state")


def test_a_correction_takes_the_place_of_what_was_wrong(tmp_path) -> None:
    reader = FakeReader()

    def state(name: str, effective: str | None) -> State:
        event = Event(kind="CONVICORP", effective=effective)
        return State("sample", "BC1", "BC", legal_name=name, status="Active", event=event)

    reader.log(state("Wrong Inc.", "2010-01-01"))
    reader.log(state("Right Inc.", "2010-01-01"), kind="correct")
    reader.log(state("Later Inc.", "2020-01-01"))
    client = _client(reader, tmp_path)
    address = f"{ORGANIZATIONS}/sample/BC1"
    assert client.get(address, params={"at": "2015-01-01"}).json()["name"] == "Right Inc."
    earlier = {"at": "2015-01-01", "known": "2023-11-14T22:13:22Z"}
    assert client.get(address, params=earlier).json()["name"] == "Wrong Inc."
    first, second, _ = client.get(f"{address}/credentials").json()["items"]
    assert (first["corrected_by"], first["superseded_by"]) == (2, None)
    assert (second["corrected_by"], second["superseded_by"]) == (None, 3)


def test_without_an_effective_date_nothing_is_known_before_the_entry(tmp_path) -> None:
    reader = FakeReader()
    reader.log(State("im", "000001C", "C", legal_name="Snapshot Limited", registered_on="1865-10-26"))
    client = _client(reader, tmp_path)
    address = f"{ORGANIZATIONS}/im/000001C"
    assert client.get(address, params={"at": "2023-11-14"}).status_code == 200
    assert client.get(address, params={"at": "2023-11-13"}).json()["code"] == "no_state"
    assert client.get(address).json()["status"] is None


def test_history_and_credentials(client: Client, reader: FakeReader) -> None:
    history = client.get(f"{ORGANIZATIONS}/sample/BC0500012/history").json()["items"]
    assert [(item["n"], item["kind"], item["effective"], item["name"]) for item in history] == [
        (1, "issue", "2001-02-03", "Les Importations Zara Inc."),
        (2, "supersede", "2015-06-07", "Importations Lumière Inc."),
    ]
    assert history[0]["recorded"] == "2023-11-14T22:13:36Z"[:17] + f"{20 + reader_second(reader):02d}Z"
    assert history[1]["event"]["labels"]["filing"]["en"] == codes.label("filing", "sample", "NOCNM", "en")
    assert history[1]["act"] == {
        "code": "name_changed",
        "manner": None,
        "labels": {"en": "Name changed", "fr": "Changement de dénomination"},
    }
    assert (history[1]["sub_status"], history[1]["labels"]["sub_status"]) == (None, None)
    credentials = client.get(f"{ORGANIZATIONS}/sample/BC0500012/credentials").json()["items"]
    assert [(item["n"], item["superseded_by"], item["evidence"] is None) for item in credentials] == [
        (1, 2, False),
        (2, None, True),
    ]
    assert credentials[0]["id"] == "http://localhost:8000/credentials/sample/BC0500012/1"


def reader_second(reader: FakeReader) -> int:
    return (reader.organization("sample", "BC0500012")[0].time_ms - NOON) // 1000


def test_relationships_are_told_from_both_sides(client: Client) -> None:
    (owned,) = client.get(f"{ORGANIZATIONS}/sample/BC0500015/relationships").json()["items"]
    assert (owned["kind"], owned["stated"], owned["number"], owned["url"]) == (
        "doesBusinessAs",
        "to",
        "FM0500022",
        "/organizations/sample/FM0500022",
    )
    (owner,) = client.get(f"{ORGANIZATIONS}/sample/FM0500022/relationships").json()["items"]
    assert (owner["kind"], owner["stated"], owner["number"], owner["name"]) == (
        "isOwnedBy",
        "from",
        "BC0500015",
        "Smith & Sons Company",
    )
    assert owner["stated_in"] == "/credentials/sample/BC0500015/1"
    assert client.get(f"{ORGANIZATIONS}/sample/BC0491266/relationships").json() == {
        "items": [],
        "next": None,
        "omitted": 0,
        "ledger": None,
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_relationships_are_paged(tmp_path, limit: int) -> None:
    def state(number: str, *links: Relationship) -> State:
        return State("sample", number, "BC", legal_name=f"{number} Inc.", relationships=links)

    reader = FakeReader()
    into = [Relationship("amalgamatedFrom", number=f"BC{n}") for n in (1, 2, 9)]
    reader.log(state("BC5", *into, Relationship("continuedFrom", name="Elsewhere Ltd.")))
    for n in (1, 2, 3):
        reader.log(state(f"BC{n}", Relationship("amalgamatedInto", number="BC5")))
    client = _client(reader, tmp_path)
    items, cursor = [], None
    while True:
        params = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        page = client.get(f"{ORGANIZATIONS}/sample/BC5/relationships", params=params).json()
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [(item["stated"], item["number"], item["url"] is None) for item in items] == [
        ("to", "BC1", False),
        ("to", "BC2", False),
        ("to", "BC9", True),
        ("to", None, True),
        ("from", "BC1", False),
        ("from", "BC2", False),
        ("from", "BC3", False),
    ]


def test_etag_and_headers(client: Client) -> None:
    address = f"{ORGANIZATIONS}/sample/BC0491266"
    first = client.get(address)
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["x-content-type-options"] == "nosniff"
    again = client.get(address, headers={"If-None-Match": f'W/"x", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get(address, headers={"If-None-Match": "nonsense"}).status_code == 200
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])
    assert head.headers["content-length"] == first.headers["content-length"]


def test_a_browser_may_ask_beforehand_for_reads_alone(client: Client) -> None:
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    answer = client.request("OPTIONS", ORGANIZATIONS, headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
    refused = client.request("OPTIONS", ORGANIZATIONS, headers={**asked, "Access-Control-Request-Method": "POST"})
    assert refused.status_code == 405
    assert "access-control-allow-origin" not in refused.headers


def test_openapi(client: Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        assert path.startswith("/api/v1/")
        assert all(operation["summary"] for operation in methods.values())


def test_search_and_suggestions_take_the_same_filters(client: Client) -> None:
    filters = ["register", "status", "type", "jurisdiction", "name_kind", "registered_from", "registered_to", "at"]
    paths = client.get("/openapi.json").json()["paths"]
    for address, others in (
        (ORGANIZATIONS, ["cursor", "limit", "sort", "fields", "facets"]),
        ("/api/v1/autocomplete", ["limit"]),
    ):
        parameters = paths[address]["get"]["parameters"]
        assert [parameter["name"] for parameter in parameters] == ["q", *filters, *others]
        for name in ("registers", "Register", "page"):
            answer = client.get(f"{address}?{name}=sample")
            assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
        nothing = client.get(f"{address}?q=zara&register=im&status=Historical").json()["items"]
        items = client.get(f"{address}?q=zara&register=im&status=Active").json()["items"]
        assert (len(nothing), [item["number"] for item in items]) == (0, ["1234567"])


@pytest.mark.parametrize("address", [ORGANIZATIONS, "/api/v1/autocomplete"])
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *(
            ("register", "Sample"),
            ("register", "sample,none"),
            ("type", "LTD"),
            ("type", "BC,bc"),
            ("status", "active"),
        ),
        *(("jurisdiction", "Canada"), ("jurisdiction", "ca-bc"), ("name_kind", "trade")),
    ],
)
def test_a_value_that_there_is_not_is_refused_whatever_the_filter(
    client: Client, address: str, parameter: str, value: str
) -> None:
    answer = client.get(address, params={parameter: value})
    assert (answer.status_code, answer.json()["code"], answer.json()["parameter"]) == (422, "bad_parameter", parameter)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("register", "bc"), ("type", "ULC,GP"), ("jurisdiction", "CA-NU,FR"), ("name_kind", "home")],
)
def test_a_value_that_no_organization_has_is_an_answer(client: Client, parameter: str, value: str) -> None:
    assert client.get(ORGANIZATIONS, params={parameter: value}).status_code == 200


def test_what_nobody_foresaw_is_500_with_an_id_and_no_trace(reader: FakeReader, tmp_path, caplog) -> None:
    class Broken(FakeReader):
        def organization(self, register: str, number: str):
            raise RuntimeError("secret detail")

    client = _client(Broken(), tmp_path)
    answer = client.get(f"{ORGANIZATIONS}/sample/BC1")
    body = answer.json()
    assert (answer.status_code, body["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert body["request_id"] in caplog.text


def test_every_error_has_a_status() -> None:
    assert status_of(SearchError("x", "y"), problems.STATUS) == 500
    for error in problems.STATUS:
        assert 400 <= problems.STATUS[error] < 600


def test_a_body_is_counted_as_it_arrives(public_app: FastAPI) -> None:
    """A chunked body tells no length beforehand."""
    client = Client(public_app)

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(BODY_BYTES // 65536 + 1):
            yield b"x" * 65536

    answer = client.request("POST", ORGANIZATIONS, content=parts())
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert client.request("POST", ORGANIZATIONS, content=b"x").status_code == 405


def _client(reader: FakeReader, tmp_path) -> Client:
    index = EmbeddedIndex(tmp_path / "index.db")
    follow(reader, index)
    app = FastAPI()
    app.include_router(organizations_router(reader, index))
    problems.install(app)
    app.add_middleware(Limits)
    return Client(app)
