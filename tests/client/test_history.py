"""A complete history, or that there is none: proven by a file that is verified here, whatever the site says."""

import json
from collections.abc import Callable

import pytest
from greffe.client import AsyncClient, Client, NotVerified, Problem, Trust

from client.connection import Connection
from tests.builders.between import at_paths, between
from tests.builders.command import Greffe
from tests.builders.own_loop import run_alone

REGISTER, NUMBER, NOBODY = "sample", "BC9000001", "BC9999999"
PROOF = "/api/v1/proof/organization"


@pytest.fixture(scope="module")
def trust(live_installation: Greffe) -> Trust:
    return Trust.read(live_installation.data / "trust.json")


def file_of(base: str, number: str) -> bytes:
    return Connection(base).get(PROOF, {"register": REGISTER, "number": number})


def test_the_whole_history_is_given_in_its_order(live_server: str, trust: Trust) -> None:
    history = Client(live_server, trust).history(REGISTER, NUMBER)
    kinds = [entry.kind for entry in history.entries]
    assert kinds[0] == "issue"
    assert len(kinds) == 5
    assert {entry.org for entry in history.entries} == {f"{REGISTER}:{NUMBER}"}
    assert not history.is_absent
    assert history.verdict.proven == f"5 entries under {REGISTER}:{NUMBER}, and no other"
    assert Client(live_server, trust).verify(history.evidence).verdict == "verified"


def test_absence_is_proven(live_server: str, trust: Trust) -> None:
    history = Client(live_server, trust).history(REGISTER, NOBODY)
    assert history.is_absent
    assert history.verdict.proven == f"no entries under {REGISTER}:{NOBODY}"


def emptied(body: bytes) -> bytes:
    """As if nothing were there: the path of the organization's own leaf with an empty list."""
    return json.dumps({**json.loads(body), "entries": []}).encode()


def shortened(body: bytes) -> bytes:
    """Without the newest of the entries."""
    file = json.loads(body)
    return json.dumps({**file, "entries": file["entries"][:-1]}).encode()


@pytest.mark.parametrize("lie", [emptied, shortened])
def test_an_organization_that_exists_is_neither_absent_nor_shortened(
    live_server: str, trust: Trust, lie: Callable[[bytes], bytes]
) -> None:
    with between(live_server, at_paths(PROOF, lie)) as base, pytest.raises(NotVerified, match="complete"):
        Client(base, trust).history(REGISTER, NUMBER)


def test_the_absence_of_another_number_is_no_absence_of_this_one(live_server: str, trust: Trust) -> None:
    other = file_of(live_server, NOBODY)
    renumbered = other.replace(NOBODY.encode(), NUMBER.encode())
    assert renumbered != other
    with between(live_server, at_paths(PROOF, lambda _body: other)) as base:
        with pytest.raises(NotVerified, match="another number") as refused:
            Client(base, trust).history(REGISTER, NUMBER)
        assert refused.value.verdict.verdict == "verified"
        assert Client(base, trust).history(REGISTER, NOBODY).is_absent, "control"
    with (
        between(live_server, at_paths(PROOF, lambda _body: renumbered)) as base,
        pytest.raises(NotVerified, match="complete"),
    ):
        Client(base, trust).history(REGISTER, NUMBER)


def test_evidence_of_a_credential_is_no_history(live_server: str, trust: Trust) -> None:
    evidence = Client(live_server, trust).evidence(REGISTER, NUMBER)
    with (
        between(live_server, at_paths(PROOF, lambda _body: evidence)) as base,
        pytest.raises(NotVerified, match="well_formed"),
    ):
        Client(base, trust).history(REGISTER, NUMBER)


def test_a_number_that_the_register_does_not_write_is_refused_by_the_site(live_server: str, trust: Trust) -> None:
    with pytest.raises(Problem) as refused:
        Client(live_server, trust).history(REGISTER, "x")
    assert refused.value.code == "number"
    assert run_alone(AsyncClient(live_server, trust).history(REGISTER, NOBODY)).is_absent
