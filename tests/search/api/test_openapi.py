"""The OpenAPI document of the public app tells the truth: real answers of the sample, good and bad, are held against it."""

import copy
import json
from pathlib import Path

import pytest

from tests.builders.described import Described
from tests.builders.openapi_site import Site, examples, sample_site

ONE, FIRST, API = "/organizations/sample/BC9000001", "/credentials/sample/BC9000001/1", "/api/v1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return sample_site(tmp_path_factory.mktemp("sample"))


EXAMPLES = Path(__file__).parents[3] / "search" / "api" / "examples.json"


#: address -> what is asked with Accept, where it matters
READS = [
    *(f"{API}/organizations{query}" for query in ("", "?q=north&limit=2", "?facets=0&fields=number,name", "?limit=1")),
    *(f"{API}/organizations?q={text}" for text in ("BC9999999&register=sample", "zzzzqqq", "P-1001", "permit")),
    f"{API}/organizations?sort=name&status=Active,unknown&at=2020-01-01&name_kind=former",
    *(f"{API}/autocomplete?q={text}" for text in ("b", "BC90", "")),
    *(f"{API}/organizations/{number}" for number in ("sample/BC9000001", "sample/FM9000002", "permits/P-1002")),
    f"{API}{ONE}?at=2030-01-01&known=2030-01-01T00:00:00Z",
    *(f"{API}{ONE}/{part}" for part in ("history", "credentials", "relationships", "relationships?limit=1")),
    *(f"{API}/organizations/permits/P-1001/{part}" for part in ("history", "credentials", "relationships")),
    *("/status/revocation/sample-1", "/contexts/organization/v2", "/schemas/organization/v2.json", "/trust.json"),
    *("/vectors/roots.json", "/vectors/verify", f"{API}/codes"),
    *("/.well-known/did.json", "/issuers/sample/did.json", "/issuers/permits/did.json", "/issuers/sample/did.jsonl"),
    *(f"{prefix}{FIRST}{rest}" for prefix in ("", API) for rest in ("", "/evidence", "?cryptosuite=eddsa-jcs-2022")),
    *(f"{API}/credentials/{name}/evidence" for name in ("sample/FM9000002/1", "permits/P-1001/1")),
    *(f"{below}/checkpoint{rest}" for below in ("", "/index") for rest in ("", "/pending")),
    *("/tile/0/000.p/47", "/index/tile/0/000.p/2", "/tile/entries/000.p/47", "/livez", "/readyz"),
    f"{API}/proof/inclusion?index=3",
    f"{API}/proof/consistency?from=1",
    f"{API}/proof/tlog-proof?index=1",
    *(f"{API}/proof/organization?register=sample&number={number}" for number in ("BC9000001", "BC9999999")),
]


def test_every_operation_answers_as_it_is_described(site: Site) -> None:
    for address in READS:
        site.get(address)
    _ask_for_every_form(site)
    _post(site)
    good = {name for name, statuses in site.described.reached.items() if statuses & {200, 303}}
    assert site.described.operations.keys() - good == set()


def _ask_for_every_form(site: Site) -> None:
    for address in (FIRST, f"{API}{FIRST}", "/status/suspension/permits-1"):
        for form in ("application/vc", "application/ld+json", "application/json"):
            assert site.get(address, Accept=form).headers["content-type"] == form
    for address in (FIRST, f"/identity-anchors/{site.anchor}"):
        assert site.get(address, Accept="application/vc+jwt").text == "e30.e30.AA"
    anchored = site.get(f"/identity-anchors/{site.anchor}", Accept="application/json")
    assert anchored.json()["type"] == "EnvelopedVerifiableCredential"
    assert site.get(ONE, 303).headers["location"] == f"{API}{ONE}"
    site.get(FIRST, 303, Accept="text/html")
    tag = site.get("/trust.json").headers["etag"]
    site.get("/trust.json", 304, **{"If-None-Match": tag})


def _post(site: Site) -> None:
    evidence = site.get(f"{API}{FIRST}/evidence").json()
    newest = site.get(f"{API}/credentials/sample/BC9000001/5/evidence").json()
    credential, forged = newest["credential"], copy.deepcopy(newest)
    forged["credential"]["credentialSubject"]["legalName"] = "ANOTHER LTD."
    completeness = site.get(f"{API}/proof/organization?register=sample&number=BC9000001").json()
    permit = site.get(f"{API}/credentials/permits/P-1001/1/evidence").json()
    papers = [evidence, newest, forged, credential, completeness, permit, {"v": 1, "origin": "x"}]
    verdicts = [site.post(f"{API}/verify", paper).json()["verdict"] for paper in papers]
    assert verdicts[:5] == ["superseded", "verified", "failed", "verified", "verified"]
    site.post(f"{API}/verify?on=2024-06-01", newest)
    batch = site.post(f"{API}/verify/batch", {"items": [*papers, {"invoice": 1}]}).json()["results"]
    assert [result["verdict"] for result in batch] == [*verdicts, None]
    name = credential["credentialSubject"]["legalName"]
    queries = [{"name": name}, {"id": 7, "number": "BC9000001", "register": "sample"}, {"name": "nobody at all"}]
    assert site.post(f"{API}/match", {"queries": queries}).json()["results"][0]["items"]
    everything = {"returnCredential": True}
    asked = {"verifiableCredential": credential, "options": everything}
    assert site.post("/credentials/verify", asked).json()["verified"]
    site.post("/credentials/verify", {"verifiableCredential": {"type": "x"}, "options": {"returnResults": False}})
    challenge = site.post("/challenges", {}).json()["challenge"]
    site.post("/challenges", b"")
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [credential],
    }
    for options in ({}, {"challenge": challenge, "domain": "x", "returnPresentation": True}, {"returnResults": False}):
        site.post("/presentations/verify", {"verifiablePresentation": presentation, "options": options})


BAD_READS = [
    (f"{API}/organizations?cursor=x", 400),
    (f"{API}/organizations?q=a&q=b", 400),
    (f"{API}/organizations?colour=red", 422),
    (f"{API}/organizations?registered_from=2020-01-02&registered_to=2020-01-01", 422),
    (f"{API}/organizations?q={'x' * 2001}", 422),
    (f"{API}/autocomplete?limit=11", 422),
    (f"{API}/autocomplete?at=x", 422),
    (f"{API}/organizations/sample/none", 404),
    (f"{API}{ONE}?at=x", 422),
    (f"{API}{ONE}?known=x", 422),
    (f"{API}{ONE}?known=1999-01-01T00:00:00Z", 404),
    (f"{API}{ONE}/history?x=", 422),
    (f"{API}/organizations/sample/none/credentials", 404),
    (f"{API}{ONE}/relationships?cursor=x", 400),
    ("/status/revocation/none-1", 404),
    ("/contexts/none/v1", 404),
    ("/schemas/none/v1", 404),
    ("/vectors/none.json", 404),
    ("/issuers/none/did.json", 404),
    ("/issuers/none/did.jsonl", 404),
    ("/credentials/sample/BC9000001/99", 404),
    (f"{FIRST}?cryptosuite=none", 404),
    (f"{API}/credentials/sample/BC9000001/0/evidence", 404),
    (f"{API}{FIRST}?cryptosuite=none", 404),
    ("/credentials/sample/none/1/evidence", 404),
    ("/identity-anchors/1", 404),
    ("/tile/0/x", 404),
    ("/index/tile/9/000", 404),
    (f"{API}/proof/inclusion", 422),
    (f"{API}/proof/inclusion?index=4711", 404),
    (f"{API}/proof/inclusion?index=1&size=4711", 404),
    (f"{API}/proof/consistency?from=0", 422),
    (f"{API}/proof/consistency?from=3&to=2", 400),
    (f"{API}/proof/tlog-proof?index=4711", 404),
    (f"{API}/proof/organization?register=none&number=1", 404),
    (f"{API}/proof/organization?register=sample&number=x", 422),
    ("/trust.json?x=1", 422),
    ("/checkpoint?x=1", 422),
    (f"/trust.json?{'x' * 17000}", 414),
]


BAD_POSTS = [
    (f"{API}/verify", b"[]", 422),
    (f"{API}/verify", {"invoice": 1}, 422),
    (f"{API}/verify?on=x", {"v": 1}, 422),
    (f"{API}/verify/batch", b"{", 400),
    (f"{API}/verify/batch", b'{"items": [', 400),
    (f"{API}/verify/batch", {"items": 1}, 422),
    (f"{API}/verify/batch", {"items": [{}] * 1001}, 413),
    (f"{API}/verify/batch", {"items": [{"x": "y" * 300_000}]}, 413),
    (f"{API}/match", b"\xff", 400),
    (f"{API}/match", b'{"queries": [], "queries": []}', 400),
    (f"{API}/match", {"queries": [[]]}, 422),
    (f"{API}/match", {"queries": [{"name": "x" * 2001}]}, 422),
    (f"{API}/match", {"queries": [{"name": "x", "at": "x"}]}, 422),
    (f"{API}/match", {"queries": [{"name": "x"}] * 1001}, 413),
    ("/credentials/verify", b"x", 400),
    ("/credentials/verify", {}, 400),
    ("/credentials/verify", {"verifiableCredential": {}, "options": {"x": 1}}, 400),
    ("/presentations/verify", {"verifiablePresentation": {}, "options": 1}, 400),
    ("/presentations/verify", {"verifiablePresentation": {}, "options": {"domain": 1}}, 400),
    ("/challenges", b"x", 400),
]


def test_every_error_is_described_with_its_code(site: Site) -> None:
    for address, status in BAD_READS:
        site.get(address, status)
    for address, body, status in BAD_POSTS:
        site.post(address, body, status)
        site.post(address.partition("?")[0], body, 415, "text/plain")
    posting = {name for name, (method, _, _) in site.described.operations.items() if method == "POST"}
    assert posting - site.described.reached.keys() == set()


def test_control_an_answer_that_is_not_as_described_is_noticed(site: Site) -> None:
    answer = site.client.get(f"{API}{ONE}")
    described = Described(site.described.document)
    for breaks in (
        lambda document: document["components"]["schemas"]["Organization"]["properties"].pop("act"),
        lambda document: document["components"]["schemas"]["Words"]["properties"].update(fr={"type": "integer"}),
        lambda document: document["paths"][f"{API}/organizations/{{register}}/{{number}}"]["get"]["responses"].pop(
            "200"
        ),
    ):
        broken = copy.deepcopy(described.document)
        breaks(broken)
        with pytest.raises(AssertionError):
            Described(broken).check(answer)
    described.check(answer)


def test_the_document_is_whole(site: Site) -> None:
    document = site.described.document
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "http://localhost:8000"}]
    assert sum(map(len, document["paths"].values())) == len(site.described.operations) > 30
    for name, (_, _, operation) in site.described.operations.items():
        assert operation["summary"], name
        for status, response in operation["responses"].items():
            forms = response.get("content", {})
            assert all(form["schema"] for form in forms.values()), f"{name} {status}"
            assert status in ("303", "304") or forms or "$ref" in response, f"{name} {status}"
        if "post" in document["paths"][site.described.operations[name][1]]:
            assert operation["requestBody"]["content"]["application/json"]["schema"], name


def test_the_examples_are_what_the_sample_answers(site: Site) -> None:
    fresh, stored = examples(site), json.loads(EXAMPLES.read_text("utf-8"))
    for each in (fresh, stored):
        del each["createChallenge"]["200"]["challenge"]
    assert fresh == stored, "run tools/make_examples.py"
    document = site.described.document
    for name, (_, _, operation) in site.described.operations.items():
        # bytes, whole files and tables, no body at all
        without = {"getLedgerTile", "getMapTile", "getVectors", "getCodes", "resolveOrganization"}
        example = document["components"]["examples"].get(f"{name}-200")
        assert name in without or example or "examples" in str(operation["responses"]["200"]), name
        if "requestBody" in operation:
            form = operation["requestBody"]["content"]["application/json"]
            posted = stored[name]["request"]
            assert site.described.errors(form["schema"], posted) == [], name
