"""Every known pitfall of a verifier, posted to the whole public app: refused, soon, with little work, and saying little.

Row 16, credentials as web pages, has no request to verify and is a test of its own.
"""

import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from issuer.run.issue import issue
from registry.credential import did, status
from registry.credential.cryptosuites import ECDSA_JCS_2019
from registry.credential.rdf.bounded import MAX_N_DEGREE_CALLS, Budget
from registry.foreign.challenges import Challenges
from registry.foreign.fetcher import GuardedFetcher
from registry.foreign.retrieval import Fetch, no_fetch
from registry.foreign.verify import ForeignVerifier
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.store.token_queue import Requests
from search.app import Services, create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.verify.judge import PostedVerifier
from tests.builders.command import surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import STATES, extract, state
from tests.builders.stranger import P256_KEY, draft, entry, serving, signed, signed_with, status_list
from tests.mutations import pitfalls_of_form, pitfalls_of_meaning
from tests.mutations.asked import Asked, Ground, naively_signed, naively_verified
from tests.mutations.pitfalls_of_form import INSIDE, other_half
from tests.mutations.pitfalls_of_meaning import poisoned
from tests.mutations.rdf_poison import twins

VERIFY, OWN_VERIFY = "/credentials/verify", "/api/v1/verify"
JSON = {"content-type": "application/json"}
DETAIL, MEMORY = 300, 64 * 1024 * 1024
#: seconds of computing, far more than is wanted: late in a long run of tests there is much for the collector to sweep
SOON, AT_MOST = 5.0, 10.0
LARGE = "9 expansion"
ROWS: dict[str, Callable[[Ground], list[Asked]]] = {
    "1 poisoned blank nodes": pitfalls_of_meaning.poison,
    "2 undefined terms": pitfalls_of_meaning.undefined,
    "3 invalid IRI": pitfalls_of_meaning.invalid_iri,
    "4 N-Quads injection": pitfalls_of_meaning.injection,
    "5 relative IRIs": pitfalls_of_meaning.relative,
    "6 JSON details that rdfc does not sign": pitfalls_of_meaning.json_details,
    "7 context substitution": pitfalls_of_meaning.substituted,
    "7 members under other names": pitfalls_of_meaning.hidden,
    "8 what lies elsewhere": pitfalls_of_form.elsewhere,
    "9 expansion": pitfalls_of_form.expanding,
    "10 purpose and method": pitfalls_of_form.purposes,
    "11 several proofs": pitfalls_of_form.several,
    "12 moments": pitfalls_of_form.moments,
    "13 duplicate members": pitfalls_of_form.twice,
    "14 numbers": pitfalls_of_form.numbers,
    "15 forms of a signature": pitfalls_of_form.forms,
    "17 what errors repeat": pitfalls_of_form.leaks,
}


def app_over(office: Office, fetch: Fetch = no_fetch) -> Client:
    """The whole public app, verifying in this process so that its work can be counted."""
    verifier = PostedVerifier(office.reader, ForeignVerifier(fetch))
    services = Services(verifier, Challenges(b"\1" * 32), Requests(None))
    return Client(create_app(office.reader, EmbeddedIndex(office.settings.index), services))


def ground_of(office: Office) -> Ground:
    """Our credential, the keys that it names, and the status key."""
    own = office.reader.evidence("sample", "BC0000001", 2)["credential"]
    keys = office.reader.issuer_document("sample")
    known = {f"{keys['id']}#{fragment}": key for fragment, key in did.keys_of(keys).items()}
    return Ground(own, known, office.keys.signer("sample-status"))


def post(client: Client, path: str, body: bytes) -> httpx.Response:
    return client.request("POST", path, content=body, headers=JSON)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many N-degree calls were made, one item each."""
    made: list[int] = []
    real = Budget.count_n_degree_call

    def counted(self: Budget) -> None:
        real(self)
        made.append(1)

    monkeypatch.setattr(Budget, "count_n_degree_call", counted)
    return made


def refused(answer: httpx.Response, asked: Asked) -> None:
    """Not verified, or verified and not usable where it says so; and nothing told that should not be."""
    body = answer.json()
    what = f"{asked.name}: {answer.status_code} {answer.text[:600]}"
    assert 200 <= answer.status_code < 500, what
    if answer.status_code == 200:
        assert (body["verified"], body["usable"]) == (asked.verified, False), what
        assert body["verdict"] in ("failed", "indeterminate"), what
        assert body["problemDetails"] or asked.verified, what
    else:
        assert body["code"], what
        assert body.get("verified", False) is False, what
    details = [body.get("detail", ""), *(problem["detail"] for problem in body.get("problemDetails", []))]
    assert max(map(len, details)) <= DETAIL, what
    assert not any(leak in answer.text for leak in ("Traceback", ".py", 'File "')), what


@pytest.mark.parametrize("row", ROWS)
def test_every_pitfall_is_refused_with_little_work(row: str, filled: Office, calls: list[int]) -> None:
    client, ground = app_over(filled), ground_of(filled)
    for asked in ROWS[row](ground):
        calls.clear()
        started = time.process_time()
        answer = post(client, VERIFY, asked.body)
        spent = time.process_time() - started
        refused(answer, asked)
        assert len(calls) <= MAX_N_DEGREE_CALLS, asked.name
        assert spent < (AT_MOST if row == LARGE else SOON), (asked.name, spent)


@pytest.mark.parametrize("row", ROWS)
def test_no_pitfall_takes_much_memory(row: str, filled: Office) -> None:
    client, ground = app_over(filled), ground_of(filled)
    bodies = {asked.name: asked.body for asked in ROWS[row](ground)}
    dearest = max(bodies.values(), key=len) if row != "1 poisoned blank nodes" else bodies["twins 9"]
    tracemalloc.start()
    try:
        post(client, VERIFY, dearest)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("row", ROWS)
def test_a_naive_verifier_accepts_what_is_marked_so(row: str, filled: Office) -> None:
    """The other way round: these requests really are signed, and only the checks beyond the signature refuse them."""
    ground = ground_of(filled)
    for asked in ROWS[row](ground):
        if asked.naive is not None:
            assert naively_verified(asked.text, ground.keys) == asked.naive, asked.name


@pytest.mark.parametrize("row", ROWS)
def test_our_own_way_to_verify_refuses_our_own_credentials_too(row: str, filled: Office) -> None:
    client, ground = app_over(filled), ground_of(filled)
    for asked in ROWS[row](ground):
        answer = post(client, OWN_VERIFY, asked.text.encode())
        body = answer.json()
        what = f"{asked.name}: {answer.status_code} {answer.text[:600]}"
        assert (answer.status_code == 200 and body["verdict"] != "verified") or body.get("code"), what
        assert answer.status_code < 500, what
        reasons = [body.get("detail", ""), *(step["reason"] or "" for step in body.get("steps", []))]
        assert max(map(len, reasons)) <= DETAIL, what


def test_what_these_requests_were_made_of_is_verified(filled: Office, calls: list[int]) -> None:
    client, ground = app_over(filled), ground_of(filled)
    honest: dict[str, dict[str, Any]] = {
        "own": ground.own,
        "own by rdfc": ground.own_by("eddsa-rdfc-2022"),
        "own by jcs": ground.own_by("eddsa-jcs-2022"),
        "a stranger's": signed(draft()),
        "a naively signed one": naively_signed(draft()),
        "few blank nodes": naively_signed(poisoned(twins(2))),
        "as many as may be": naively_signed(poisoned(twins(3))),
        "a proof whose time has no offset": signed_with(draft(), {"created": "2026-01-01T00:00:00"}),
        "the other half of an ECDSA signature": other_half(signed(draft(P256_KEY), P256_KEY, suites=(ECDSA_JCS_2019,))),
    }
    for name, document in honest.items():
        calls.clear()
        answer = post(client, VERIFY, Asked(name, document).body).json()
        assert (answer["verified"], answer["usable"]) == (True, True), (name, answer)
        is_poor_in_names = name in ("few blank nodes", "as many as may be")
        assert (0 < len(calls) <= MAX_N_DEGREE_CALLS) if is_poor_in_names else not calls, (name, len(calls))


def test_a_guarded_fetcher_connects_to_nothing_inside(filled: Office) -> None:
    dialled: list[str] = []

    def dial(address: str, _seconds: float) -> Any:
        dialled.append(address)
        raise ConnectionRefusedError

    listed = signed(draft(credentialStatus=entry(5, statusListCredential=INSIDE)))
    asked = [*ROWS["8 what lies elsewhere"](ground_of(filled)), Asked("status list", listed, verified=True)]
    for address in ("127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1"):
        client = app_over(filled, GuardedFetcher(None, lambda *_, chosen=address: [chosen], dial))
        for request in asked:
            refused(post(client, VERIFY, request.body), request)
    assert dialled == []
    with_public = app_over(filled, GuardedFetcher(None, lambda *_: ["93.184.216.34"], dial))
    refused(post(with_public, VERIFY, asked[-1].body), asked[-1])
    assert dialled == ["93.184.216.34"], "the same request does lead to a public address"


def test_a_status_list_that_unpacks_to_much_is_not_unpacked(filled: Office) -> None:
    listed = status_list()
    listed["credentialSubject"]["encodedList"] = status.encode(bytes(64 * 1024 * 1024))
    fetch, _ = serving(list=signed(listed))
    bomb = Asked("bomb", signed(draft(credentialStatus=entry(5))))
    client = app_over(filled, fetch)
    tracemalloc.start()
    try:
        refused(post(client, VERIFY, bomb.body), bomb)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def test_the_page_of_an_organization_writes_its_name_as_text(filled: Office) -> None:
    name = "</script><script>alert(1)</script><img src=x onerror=alert(1)> & SONS LTD."
    states = [*STATES, state("BC0000099", name, "9", "2021-05-06")]
    issue(filled, "table", extract(states), surroundings("markup"))
    publish(filled.store, filled.log_keys.signers)
    index = EmbeddedIndex(filled.settings.index)
    follow(filled.reader, index)
    client = Client(create_app(filled.reader, index))
    for path in ("/en/organizations/sample/BC0000099", "/fr/organizations/sample/BC0000099", "/en/search?q=SONS"):
        page = client.get(path)
        assert (page.status_code, "SONS LTD." in page.text) == (200, True), path
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy or "default-src 'self'" in policy, policy
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0], policy
    stored = json.loads(client.get("/credentials/sample/BC0000099/1").text)
    assert stored["credentialSubject"]["legalName"] == name, "as the register wrote it: escaping is the page's"


def test_a_status_is_found_under_whatever_name_it_was_signed(filled: Office) -> None:
    """What revoked one of two statuses may not be put out of sight by who holds the credential."""
    fetch, _ = serving(list=signed(status_list(6)))
    client = app_over(filled, fetch)
    hidden = {asked.name: asked for asked in ROWS["7 members under other names"](ground_of(filled))}
    whole = signed(draft(credentialStatus=[entry(5), entry(6)]))
    assert post(client, VERIFY, Asked("whole", whole).body).json()["verified"] is False
    assert post(client, VERIFY, Asked("good", signed(draft(credentialStatus=entry(5)))).body).json()["usable"] is True
    assert post(client, VERIFY, hidden["one status of two"].body).json()["verified"] is False
