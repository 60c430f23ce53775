"""Who cosigned, as the pages tell it: how many, when, and that the registry's own witness is not an independent one."""

import json
from urllib.parse import urlencode

import pytest

from issuer.run.issue import issue
from registry.installation.office import Office
from registry.ledger.publish import publish
from registry.log import note
from registry.log.policy import parse
from registry.reading.reader import Reader
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from search.index.follow import follow
from search.views.witnesses import Cosigner, witnesses_view
from tests.builders.command import surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import STATES, extract
from tests.builders.witnesses import policy, publish_witnessed, witnessed_reader

OWN = {
    "en": "This registry’s own witness: not an independent one",
    "fr": "Témoin de ce registre lui-même : il n’est pas indépendant",
}
COSIGNED = {
    "en": "1 witness has cosigned the checkpoint of this ledger, as of 2 January 2026, 03:04:05 UTC:",
    "fr": "1 témoin a cosigné le point de contrôle de ce grand livre, en date du 2 janvier 2026 à 03:04:05 UTC :",
}
NOBODY = {
    "en": "No witness has cosigned the checkpoint of this ledger.",
    "fr": "Aucun témoin n’a cosigné le point de contrôle de ce grand livre.",
}
PLACES = ("organizations/sample/BC0000001", "about")


@pytest.fixture
def witnessed(office: Office) -> Office:
    issue(office, "table", extract(STATES), surroundings())
    publish_witnessed(office)
    return office


def client_of(office: Office, reader: Reader) -> Client:
    index = EmbeddedIndex(office.settings.index)
    follow(reader, index)
    return Client(create_app(reader, index))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_say_who_cosigned_and_when(witnessed: Office, language: str) -> None:
    elsewhere = client_of(witnessed, witnessed_reader(witnessed))
    here = policy(witnessed).replace("https://witness.example/w1", "http://127.0.0.1:8002")
    own = client_of(witnessed, Reader(witnessed.identity, witnessed.store, here))
    for place in PLACES:
        page = elsewhere.request("GET", f"/{language}/{place}").text.replace("\u00a0", " ")
        assert COSIGNED[language] in page
        assert OWN[language] not in page
        assert OWN[language] in own.request("GET", f"/{language}/{place}").text.replace("\u00a0", " ")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_say_that_nobody_cosigned(office: Office, language: str) -> None:
    """Before the first checkpoint, and where no witness is asked."""
    client = client_of(office, office.reader)
    assert NOBODY[language] in client.request("GET", f"/{language}/about").text
    issue(office, "table", extract(STATES), surroundings())
    publish(office.store, office.log_keys.signers)
    client = client_of(office, office.reader)
    for place in PLACES:
        assert NOBODY[language] in client.request("GET", f"/{language}/{place}").text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("http://localhost:8002", True),
        ("http://witness.localhost", True),
        ("http://127.0.0.9/w", True),
        ("http://[::1]:8002", True),
        ("https://office.example/w", True),
        ("https://OFFICE.example:8443", True),
        ("https://witness.example/office.example", False),
        ("https://10.0.0.1", False),
        ("https://office.example.org", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_whose_a_witness_is(witnessed: Office, url: str, is_own: bool) -> None:
    text = policy(witnessed).replace(" https://witness.example/w1", f" {url}" if url else "")
    view = witnesses_view(parse(text), witnessed.reader.checkpoint(), "https://office.example")
    assert view.cosigners == (Cosigner("w1", is_own, "2026-01-02 03:04:05 UTC"),)


def test_a_witness_that_did_not_cosign_is_not_shown(witnessed: Office) -> None:
    other = note.VerifierKey("w2.example", bytes(31) + b"\1", note.COSIGNATURE_ED25519).print()
    text = policy(witnessed).replace("quorum", f"witness w2 {other}\nquorum")
    assert [cosigner.name for cosigner in witnesses_view(parse(text), witnessed.reader.checkpoint(), "").cosigners] == [
        "w1"
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "this state of the registration was the newest once; another has taken its place, entry 4 of the ledger",
        ),
        ("fr", "cet état de l’immatriculation a déjà été le plus récent; un autre a pris sa place, à l’inscription 4"),
    ],
)
def test_the_verify_page_says_that_an_older_state_was_replaced(witnessed: Office, language: str, words: str) -> None:
    reader = witnessed_reader(witnessed)
    client, evidence = client_of(witnessed, reader), reader.evidence("sample", "BC0000001", 1)
    page = client.request("POST", f"/{language}/verify", content=urlencode({"evidence": json.dumps(evidence)})).text
    assert words in page
