"""`greffe.client` against the sample site over HTTP: what verifies is given, what does not is refused, and what it is told."""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import greffe.client
import pytest
from greffe.client import (
    AsyncClient,
    BadAnswer,
    BadTrust,
    Busy,
    Client,
    Misused,
    NotFound,
    NotVerified,
    Problem,
    TooOld,
    Trust,
    Unreachable,
)

from client import connection
from tests.builders.between import Answer, at_paths, between, honest
from tests.builders.command import ROOT, Greffe, free_port
from tests.builders.own_loop import run_alone

#: an organization with five states; the third gave it the name that it has
REGISTER, NUMBER, NAME = "sample", "BC9000001", "Harbourlight Kelp Works Ltd."
THEN = date(1955, 1, 1)


@pytest.fixture(scope="module")
def trust(live_installation: Greffe) -> Trust:
    return Trust.read(live_installation.data / "trust.json")


@pytest.fixture(scope="module")
def client(live_server: str, trust: Trust) -> Client:
    return Client(live_server, trust)


def renamed(body: bytes) -> bytes:
    """A forged claim in evidence that is good otherwise."""
    changed = body.replace(b'"legalName":"Harbourlight', b'"legalName":"Moonlight')
    assert changed != body
    return changed


def test_an_organization_is_given_with_the_verdict_on_its_evidence(client: Client) -> None:
    organization = client.organization(REGISTER, NUMBER)
    assert (organization.register, organization.number, organization.name) == (REGISTER, NUMBER, NAME)
    assert organization.status == "Active"
    assert organization.claims["registrationNumber"] == NUMBER
    assert organization.verdict is not None
    assert organization.verdict.verdict == "verified"
    assert client.verify(organization.evidence).verdict == "verified"


def test_a_forged_answer_is_refused(live_server: str, trust: Trust) -> None:
    with between(live_server, at_paths("/evidence", renamed)) as base:
        liar = Client(base, trust)
        for ask in (liar.organization, liar.evidence):
            with pytest.raises(NotVerified, match="proof_valid") as refused:
                ask(REGISTER, NUMBER)
            assert refused.value.verdict.verdict == "failed"


def test_control_without_verification_the_forged_answer_is_given(live_server: str, trust: Trust) -> None:
    with between(live_server, at_paths("/evidence", renamed)) as base:
        organization = Client(base, trust).organization(REGISTER, NUMBER, verify=False)
    assert organization.name == "Moonlight Kelp Works Ltd."
    assert organization.verdict is None


def test_control_the_site_between_forges_nothing_by_itself(live_server: str, trust: Trust) -> None:
    with between(live_server, honest) as base:
        assert Client(base, trust).organization(REGISTER, NUMBER).name == NAME


def test_good_evidence_of_another_organization_is_refused(live_server: str, trust: Trust, client: Client) -> None:
    other = client.evidence(REGISTER, "BC9000004")
    with between(live_server, at_paths("/evidence", lambda _body: other)) as base:
        with pytest.raises(NotVerified, match="another organization") as refused:
            Client(base, trust).organization(REGISTER, NUMBER)
        assert refused.value.verdict.verdict == "verified"
        assert Client(base, trust).organization(REGISTER, NUMBER, verify=False).number == "BC9000004", "control"


def older(body: bytes) -> bytes:
    """The site says that the second of the states is the newest."""
    return json.dumps({**json.loads(body), "n": 2}).encode()


def test_a_superseded_state_is_told_from_a_forged_one(live_server: str, trust: Trust) -> None:
    with between(live_server, at_paths(f"/organizations/{REGISTER}/{NUMBER}", older)) as base:
        with pytest.raises(NotVerified, match="superseded") as refused:
            Client(base, trust).organization(REGISTER, NUMBER)
        verdict = refused.value.verdict
        assert verdict.verdict == "superseded"
        replaced = verdict.to_json()["replacedBy"]
        assert (replaced["kind"], replaced["effective"]) == ("supersede", "1956-01-10")
        assert Client(base, trust).organization(REGISTER, NUMBER, verify=False).name != NAME, "control"


def test_the_state_of_a_day_verifies_on_that_day(client: Client) -> None:
    organization = client.organization(REGISTER, NUMBER, THEN)
    assert organization.name == "Tidewrack Provisions Ltd."
    assert organization.verdict is not None
    assert organization.verdict.subject.on == "1955-01-01"
    assert client.verify(organization.evidence, on=THEN).verdict == "verified"
    assert client.verify(organization.evidence).verdict == "superseded"


def test_the_state_of_another_day_than_asked_is_refused(live_server: str, trust: Trust) -> None:
    with (
        between(live_server, at_paths(f"/organizations/{REGISTER}/{NUMBER}", older)) as base,
        pytest.raises(NotVerified),
    ):
        Client(base, trust).organization(REGISTER, NUMBER, date(2010, 1, 1))


def test_search_and_match_name_whom_to_ask_for(client: Client) -> None:
    results = client.search("tidewrack provisions", register=REGISTER)
    assert (results.hits[0].number, results.hits[0].matched) == (NUMBER, "Tidewrack Provisions Ltd.")
    assert results.total >= 1
    first = client.search("ltd", limit=2)
    assert first.next is not None
    assert set(client.search("ltd", limit=2, cursor=first.next).hits).isdisjoint(first.hits)
    rows = [NUMBER, {"name": "Tidewrack Provisions", "register": REGISTER}, "nobody of that name"]
    matched = client.match(rows * 100)
    assert len(matched) == 300
    assert [candidates[0].hit.number for candidates in matched[-3:-1]] == [NUMBER, NUMBER]
    assert matched[0][0].match
    assert matched[-1] == ()


def test_asyncio_has_the_same(live_server: str, trust: Trust) -> None:
    async def ask() -> None:
        client = AsyncClient(live_server, trust)
        organization, results, rows = await asyncio.gather(
            client.organization(REGISTER, NUMBER), client.search(NUMBER), client.match([NUMBER])
        )
        assert organization.name == NAME
        assert results.hits[0] == rows[0][0].hit.__class__(*_members(results.hits[0]))
        assert (await client.verify(await client.evidence(REGISTER, NUMBER, THEN), THEN)).verdict == "verified"
        with between(live_server, at_paths("/evidence", renamed)) as base:
            liar = AsyncClient(base, trust)
            with pytest.raises(NotVerified):
                await liar.organization(REGISTER, NUMBER)
            assert (await liar.organization(REGISTER, NUMBER, verify=False)).name == "Moonlight Kelp Works Ltd."

    run_alone(ask())


def _members(hit: Any) -> list[Any]:
    return [getattr(hit, name) for name in hit.__dataclass_fields__]


def test_a_completeness_file_is_judged_and_what_is_no_evidence_is_misused(client: Client, live_server: str) -> None:
    asked = connection.Connection(live_server)
    proof = asked.get("/api/v1/proof/organization", {"register": REGISTER, "number": NUMBER})
    assert client.verify(proof).verdict == "verified"
    with pytest.raises(Misused):
        client.verify(b"https://registry.example/")
    assert client.verify(b'{"v": 1, "origin"').verdict == "failed"


def test_nothing_is_trusted_that_the_caller_did_not_give(live_server: str, trust: Trust) -> None:
    with pytest.raises(TypeError):
        Client(live_server)  # type: ignore[call-arg]
    with pytest.raises(Misused):
        Client(live_server, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Trust.fetch(live_server)  # type: ignore[call-arg]
    assert Trust.fetch(live_server, fingerprint=trust.fingerprint.upper()).parsed.document == trust.parsed.document
    with pytest.raises(BadTrust, match=trust.fingerprint):
        Trust.fetch(live_server, fingerprint="0" * 64)
    with pytest.raises(BadTrust):
        Trust.of(b"{}")


def test_another_registry_s_trust_verifies_nothing(live_server: str, trust: Trust) -> None:
    document = {**trust.parsed.document, "issuers": []}
    stranger = Client(live_server, Trust.of(json.dumps(document).encode()))
    with pytest.raises(NotVerified, match="issuer_trusted"):
        stranger.organization(REGISTER, NUMBER)


def test_what_the_site_does_not_know_is_not_found(client: Client) -> None:
    with pytest.raises(NotFound) as refused:
        client.organization(REGISTER, "BC0")
    assert (refused.value.status, refused.value.code) == (404, "organization_unknown")
    with pytest.raises(NotFound) as refused:
        client.organization(REGISTER, NUMBER, date(1900, 1, 1))
    assert refused.value.code == "no_state"


def busy(times: int, seconds: str | None) -> tuple[list[str], Callable[[str, Answer], Answer]]:
    """Answers 503 that many times; the paths that were asked for."""
    asked: list[str] = []

    def change(path: str, answer: Answer) -> Answer:
        asked.append(path)
        if len(asked) > times:
            return answer
        headers = {} if seconds is None else {"Retry-After": seconds}
        return (503, headers, b'{"code": "storage_busy", "detail": "later"}')

    return asked, change


@pytest.mark.parametrize(
    ("times", "seconds", "paused", "is_answered"),
    [
        (1, "3", [3], True),
        (3, "30", [30, 30, 30], True),
        (4, "1", [1, 1, 1], False),
        (4, "40", [40, 40], False),
        (1, "91", [], False),
        (1, None, [], False),
        (1, "Mon, 30 Nov 2026 06:00:00 GMT", [], False),
    ],
)
def test_retry_after_is_waited_for_within_a_bound(
    live_server: str, times: int, seconds: str | None, paused: list[int], is_answered: bool
) -> None:
    pauses: list[float] = []
    asked, change = busy(times, seconds)
    with between(live_server, change) as base:
        site = connection.Connection(base, pause=pauses.append)
        if is_answered:
            assert site.get("/checkpoint")
        else:
            with pytest.raises(Busy) as refused:
                site.get("/checkpoint")
            assert refused.value.code == "storage_busy"
    assert pauses == paused
    assert len(asked) == 1 + len(paused)


def test_what_a_site_says_of_its_refusal_is_one_line_without_controls(live_server: str, trust: Trust) -> None:
    said = b'{"code": "\\ud800 Verified", "detail": "no\\u001b[2K\\r\\nverified \\u202e"}'
    with (
        between(live_server, lambda _path, _answer: (400, {}, said)) as base,
        pytest.raises(Problem) as refused,
    ):
        Client(base, trust).search("kelp")
    assert refused.value.code == "http_400"
    assert str(refused.value).isprintable()


def test_who_has_no_patience_waits_for_nothing(live_server: str, trust: Trust) -> None:
    asked, change = busy(1, "1")
    with between(live_server, change) as base, pytest.raises(Busy) as refused:
        Client(base, trust, patience=0).search("kelp")
    assert (refused.value.retry_after, len(asked)) == (1, 1)


def test_a_call_that_was_cancelled_waits_for_the_site_no_longer(live_server: str, trust: Trust) -> None:
    asked, change = busy(9, "89")

    async def ask(base: str) -> None:
        await asyncio.wait_for(AsyncClient(base, trust).search("kelp"), 1)

    with between(live_server, change) as base:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            run_alone(ask(base))
    assert time.monotonic() - began < 60
    assert len(asked) == 1, "control: it was told to wait, and did"


def test_an_access_key_is_sent_and_one_that_is_none_is_told(
    live_server: str, trust: Trust, live_installation: Greffe
) -> None:
    key = json.loads(live_installation("access", "new", "--name", "A lender", "--scope", "search", "--json").stdout)
    assert Client(live_server, trust, key=key["key"]).search("kelp").hits
    listed = live_installation("access", "list").stdout
    assert f"{key['id']}  {key['made']}  in use  search 60000 a minute  A lender\n" in listed
    assert key["key"] not in listed
    live_installation("access", "end", key["id"])
    with pytest.raises(Problem) as refused:
        Client(live_server, trust, key=key["key"]).search("kelp")
    assert (refused.value.status, refused.value.code) == (401, "access_unknown")
    for none in ("", "two\r\nlines", "é"):
        with pytest.raises(Misused):
            Client(live_server, trust, key=none)


def test_evidence_that_is_too_old_is_refused_where_the_caller_says_so(live_server: str, trust: Trust) -> None:
    organization = Client(live_server, trust, max_age=timedelta(days=1)).organization(REGISTER, NUMBER)
    assert organization.as_of is not None
    hasty = Client(live_server, trust, max_age=timedelta(0))
    for ask in (hasty.organization, hasty.evidence, hasty.history):
        with pytest.raises(TooOld) as refused:
            ask(REGISTER, NUMBER)
        assert refused.value.verdict.verdict == "verified"
    assert Client(live_server, trust).history(REGISTER, NUMBER).entries, (
        "control: without a bound it is told, not refused"
    )
    assert hasty.organization(REGISTER, NUMBER, verify=False).as_of is None


def test_an_answer_has_a_limit_of_bytes_and_of_time(live_server: str) -> None:
    site = connection.Connection(live_server)
    whole = site.get("/trust.json")
    assert site.get("/trust.json", most=len(whole)) == whole, "control"
    with pytest.raises(BadAnswer):
        site.get("/trust.json", most=len(whole) - 1)
    with pytest.raises(Unreachable):
        connection.Connection(live_server, seconds=0).get("/trust.json")
    with pytest.raises(Unreachable):
        connection.Connection(f"http://localhost:{free_port()}").get("/trust.json")


def test_no_redirection_is_followed(live_server: str) -> None:
    def away(path: str, answer: Answer) -> Answer:
        return (302, {"Location": f"{live_server}/trust.json"}, b"")

    with between(live_server, away) as base, pytest.raises(connection.Problem) as refused:
        connection.Connection(base).get("/trust.json")
    assert refused.value.code == "http_302"


@pytest.mark.parametrize(
    "base", ["http://registry.example", "file:///etc", "localhost:8000", "https://a.example:x", ""]
)
def test_a_base_url_is_of_https_or_of_this_machine(base: str) -> None:
    with pytest.raises(Misused):
        connection.Connection(base)


@pytest.mark.parametrize(
    "body",
    [b"[]", b"not JSON", b"{}", b'{"n": "1"}', b'{"n": true}', b'{"n": 0}', b"[" * 200_000],
    ids=["array", "text", "empty", "string", "bool", "zero", "deep"],
)
def test_an_answer_of_another_form_is_a_bad_answer(live_server: str, trust: Trust, body: bytes) -> None:
    with between(live_server, lambda _path, _answer: (200, {}, body)) as base:
        client = Client(base, trust)
        with pytest.raises(BadAnswer):
            client.organization(REGISTER, NUMBER)
        with pytest.raises(BadAnswer):
            client.search("kelp")
        with pytest.raises(BadAnswer):
            client.match(["kelp"])


def test_importing_it_waits_for_no_command_and_no_web_framework() -> None:
    heavy = ("typer", "fastapi", "starlette", "uvicorn", "sqlalchemy", "jinja2", "search", "issuer")
    program = f"import sys, greffe.client; print([name for name in {heavy!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
    control = program.replace("import sys, greffe.client", "import sys, greffe; greffe.commands()")
    ran = subprocess.run([sys.executable, "-c", control], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "typer" in ran.stdout


def test_a_type_checker_sees_the_same_names() -> None:
    text = (ROOT / "greffe-stubs" / "client.pyi").read_text("utf-8")
    names = re.findall(r"^from client\.\w+ import (\w+) as \1$", text, re.M)
    assert sorted(names) == sorted(greffe.client.__all__)
