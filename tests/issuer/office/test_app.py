"""The office's app: who is let in, what is issued, what is refused, and that the public app has none of it."""

import json
import shutil
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.audit.seeds import own_seeds
from registry.credential import status
from registry.installation.initialize import initialize
from registry.installation.key_store import installation_secret
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.mirror.source import Mirror
from registry.operations.export import export
from registry.operations.restore import restore_from_mirror
from registry.store import tables
from registry.verify import trust
from schemas import CREDENTIALS_V2
from schemas.organization import State
from search.app import create_app
from search.index.embedded import EmbeddedIndex
from tests.builders.command import NOW, surroundings
from tests.builders.http_client import Client
from tests.builders.ledger import STATES, extract, state
from tests.builders.office import ISSUE, LISTS, STANDING, TOKEN, draft, posting, standing

LATER = NOW + timedelta(hours=2)


def is_well(office: Office) -> bool:
    return audit(office.store, trust.parse(json.dumps(office.reader.trust()).encode()), lambda _done, _all: None).ok


def stored(office: Office, number: str, n: int) -> dict[str, Any]:
    document = office.reader.credential("sample", number, n).document
    assert document is not None
    return document


def test_what_is_posted_is_issued_logged_and_verified_by_the_public_app(filled: Office, tmp_path: Path) -> None:
    answer = posting(filled)(ISSUE, {"credential": draft(filled), "options": {}})
    assert answer.status_code == 201, answer.text
    document = answer.json()["verifiableCredential"]
    assert document == stored(filled, "BC0000009", 1)
    assert [proof["cryptosuite"] for proof in document["proof"]] == ["eddsa-jcs-2022", "eddsa-rdfc-2022"]
    assert document["id"] == filled.identity.credential_id("sample", "BC0000009", 1)
    assert [pointer["statusPurpose"] for pointer in document["credentialStatus"]] == list(status.PURPOSES)
    publish(filled.store, filled.log_keys.signers)
    public = Client(create_app(filled.reader, EmbeddedIndex(tmp_path / "index")))
    verification = public.request("POST", "/credentials/verify", json={"verifiableCredential": document}).json()
    assert (verification["verified"], verification["trusted"], verification["verdict"]) == (True, True, "verified")
    assert is_well(filled)


def test_the_public_app_has_none_of_it(filled: Office, tmp_path: Path) -> None:
    public = Client(create_app(filled.reader, EmbeddedIndex(tmp_path / "index")))
    before = filled.reader.size()
    for path in (ISSUE, STANDING, LISTS):
        answer = public.request("POST", path, json={}, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code in (404, 405), path
    assert filled.reader.size() == before


def test_the_same_again_is_the_credential_that_is_there(filled: Office) -> None:
    post = posting(filled)
    first = post(ISSUE, {"credential": draft(filled)}).json()
    size = filled.reader.size()
    again = post(ISSUE, {"credential": draft(filled)})
    assert (again.status_code, again.json()) == (200, first)
    whole = {name: value for name, value in first["verifiableCredential"].items() if name != "proof"}
    assert post(ISSUE, {"credential": whole}).json() == first, "its own time and places do not contradict it"
    assert filled.reader.size() == size


def test_another_state_supersedes(filled: Office) -> None:
    event = {"type": "RegistrationEvent", "eventId": "8", "eventType": "FILE", "eventDate": "2022-01-02"}
    names = [{"type": "OrganizationName", "nameText": "SCARLET ELK LTD.", "nameType": "legal"}]
    posted = draft(
        filled, registrationNumber="BC0000001", legalName="SCARLET ELK LTD.", names=names, registrationEvent=event
    )
    posted["id"] = filled.identity.credential_id("sample", "BC0000001", 3)
    posted["issuer"] = stored(filled, "BC0000001", 2)["issuer"]
    answer = posting(filled)(ISSUE, {"credential": posted})
    assert answer.status_code == 201, answer.text
    records = filled.reader.organization("sample", "BC0000001")
    assert [record.kind for record in records] == ["issue", "supersede", "supersede"]
    assert (records[2].refers, records[2].effective) == ((records[1].index,), "2022-01-02")
    assert is_well(filled)


def test_an_older_state_waits_for_a_person(filled: Office) -> None:
    post, size = posting(filled), filled.reader.size()
    event = {"type": "RegistrationEvent", "eventId": "8", "eventType": "FILE", "eventDate": "2021-02-03"}
    body = {"credential": draft(filled, registrationNumber="BC0000001", registrationEvent=event)}
    answer = post(ISSUE, body)
    assert (answer.status_code, answer.json()["code"], filled.reader.size()) == (409, "state_regression", size)
    assert post(ISSUE, {**body, "options": {"approveHeld": True}}).status_code == 201

    gone = draft(filled, registrationNumber="BC0000002", registrationEvent=None, registrationStatus="Historical")
    assert post(ISSUE, {"credential": gone}).status_code == 201
    back = draft(filled, registrationNumber="BC0000002", registrationEvent=None)
    assert post(ISSUE, {"credential": back}).json()["code"] == "status_regression"
    assert is_well(filled)


def test_an_extract_goes_on_from_what_was_posted(filled: Office) -> None:
    event = {
        "type": "RegistrationEvent",
        "eventId": "8",
        "eventType": "FILE",
        "filingType": "ICORP",
        "eventDate": "2022-01-02",
    }
    names = [{"type": "OrganizationName", "nameText": "SCARLET ELK LTD.", "nameType": "legal"}]
    claims = {"registerStatus": "ACT", "jurisdiction": "CA-BC", "names": names, "legalName": "SCARLET ELK LTD."}
    posted = draft(filled, registrationNumber="BC0000001", registrationEvent=event, **claims)
    assert posting(filled)(ISSUE, {"credential": posted}).status_code == 201

    def told_by(*later: State) -> dict[str, Any]:
        return issue(filled, "table", extract([*STATES[:2], *later]), surroundings("later", LATER)).to_json()

    assert told_by()["superseded"] == 0, "an extract that does not know the newest event waits"
    assert filled.reader.organization("sample", "BC0000001")[-1].n == 3
    same_day = [
        state("BC0000001", name, n, "2022-01-02") for name, n in (("SCARLET ELK LTD.", "8"), ("SCARLET STAG LTD.", "9"))
    ]
    assert told_by(*same_day)["superseded"] == 1
    assert stored(filled, "BC0000001", 4)["credentialSubject"]["legalName"] == "SCARLET STAG LTD."
    assert is_well(filled)


def test_a_person_stays_pseudonymous(filled: Office) -> None:
    posted = draft(filled, registrationNumber="FM0000009", entityType="SP")
    assert posting(filled)(ISSUE, {"credential": posted}).status_code == 201
    with filled.store.read() as connection:
        body = bytes(
            connection.exec_driver_sql("SELECT body FROM ledger_entry ORDER BY i DESC LIMIT 1").scalar() or b""
        )
    assert b"FM0000009" not in body
    assert json.loads(body)["org"].startswith("~")


def changed(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda copy: copy.update(members)


def claimed(**claims: Any) -> Callable[[dict[str, Any]], None]:
    return lambda copy: copy["credentialSubject"].update(claims)


def at_first_name(**members: Any) -> Callable[[dict[str, Any]], None]:
    return lambda copy: copy["credentialSubject"]["names"][0].update(members)


REFUSED: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("another type", changed(type=["VerifiableCredential"]), "credential_type"),
    ("one more type", lambda copy: copy["type"].append("Other"), "credential_type"),
    ("types turned about", lambda copy: copy["type"].reverse(), "credential_type"),
    ("another context", changed(**{"@context": [CREDENTIALS_V2]}), "context"),
    ("one more context", lambda copy: copy["@context"].append("https://www.w3.org/ns/credentials/examples/v2"), "context"),
    ("a context inline", lambda copy: copy["@context"].append({"hidden": "urn:x"}), "context"),
    ("no issuer", lambda copy: copy.pop("issuer"), "issuer"),
    ("another issuer", changed(issuer="did:web:other.example"), "issuer"),
    ("the issuer of another register", changed(issuer="did:web:localhost%3A8000:issuers:bc"), "issuer"),
    ("another register", claimed(register="bc"), "issuer"),
    ("an issuer that is a list", changed(issuer=["x"]), "issuer"),
    ("another name of the issuer", lambda copy: copy.update(issuer={"id": copy["issuer"], "name": "X"}), "contradicts"),
    ("a url of the issuer", lambda copy: copy.update(issuer={"id": copy["issuer"], "url": "https://x.example"}), "contradicts"),
    ("another id", changed(id="urn:x"), "contradicts"),
    ("a later id", changed(id="http://localhost:8000/credentials/sample/BC0000009/2"), "contradicts"),
    ("a time", changed(validFrom="2026-01-01T00:00:00Z"), "contradicts"),
    ("an end", changed(validUntil="2030-01-01T00:00:00Z"), "member_unknown"),
    ("a place", changed(credentialStatus={"type": "BitstringStatusListEntry"}), "contradicts"),
    ("another schema", changed(credentialSchema={"id": "urn:x", "type": "JsonSchema"}), "contradicts"),
    ("a proof", changed(proof=[]), "already_signed"),
    ("an unknown member", changed(evidence=[]), "member_unknown"),
    ("an undefined term", changed(x="y"), "member_unknown"),
    ("no subject", lambda copy: copy.pop("credentialSubject"), "schema"),
    ("two subjects", lambda copy: copy.update(credentialSubject=[copy["credentialSubject"]] * 2), "schema"),
    ("another subject", claimed(id="http://localhost:8000/organizations/sample/BC0000001"), "contradicts"),
    ("an undefined claim", claimed(shoeSize="44"), "schema"),
    ("an undefined claim of a name", at_first_name(x="y"), "schema"),
    ("another id of a name", at_first_name(id="urn:x"), "contradicts"),
    ("a claim of another type", claimed(legalName=5), "schema"),
    ("no number", lambda copy: copy["credentialSubject"].pop("registrationNumber"), "schema"),
    ("names that are none", claimed(names=["x"]), "schema"),
    ("an event that is none", claimed(registrationEvent="x"), "schema"),
    ("a type that the register has not", claimed(entityType="QQ"), "entity_type_unknown"),
    ("a date that does not exist", claimed(registrationDate="2025-02-30"), "date_invalid"),
    ("a date that lies ahead", claimed(registrationDate="2026-01-04"), "date_future"),
    ("a control character", at_first_name(nameText="A\u200bB"), "text_characters"),
    ("not normalized", claimed(legalName="E\u0301RABLE"), "text_not_nfc"),
    ("another organization's URL", claimed(relationships=[{"type": "OrganizationRelationship", "relationshipType": "isOwnedBy",
      "relatedNumber": "BC0000001", "relatedOrganization": "https://other.example/x"}]), "contradicts"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_nothing_that_is_not_ours_is_issued(filled: Office, change: Callable[[Any], Any], code: str) -> None:
    post, size = posting(filled), filled.reader.size()
    good = draft(filled)
    bad = deepcopy(good)
    change(bad)
    answer = post(ISSUE, {"credential": bad})
    assert (answer.status_code, answer.json()["code"], filled.reader.size()) == (400, code, size), answer.text
    assert post(ISSUE, {"credential": good}).status_code == 201, "without that change it is issued"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (ISSUE, {}, "member_missing"),
        (ISSUE, {"credential": []}, "member_value"),
        (ISSUE, {"credential": {}, "extra": 1}, "member_unknown"),
        (ISSUE, {"credential": {}, "options": []}, "member_value"),
        (ISSUE, {"credential": {}, "options": {"mandatoryPointers": []}}, "option_unknown"),
        (ISSUE, {"credential": {}, "options": {"approveHeld": 1}}, "option_value"),
        (STANDING, {"credentialId": "x", "credentialStatus": {}}, "member_missing"),
        (STANDING, {"credentialId": "x", "credentialStatus": {}, "status": 1}, "status"),
        (STANDING, {"credentialId": 5, "credentialStatus": {}, "status": True}, "member_value"),
        (LISTS, {"statusPurpose": "revocation"}, "member_value"),
        (LISTS, {"statusPurpose": "message", "options": {"register": "sample"}}, "status_purpose"),
        (LISTS, {"statusPurpose": "revocation", "id": 5, "options": {"register": "sample"}}, "member_value"),
    ],
)
def test_what_is_no_request_is_refused(filled: Office, path: str, body: Any, code: str) -> None:
    answer = posting(filled)(path, body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_where_another_process_writes_the_caller_comes_again(filled: Office) -> None:
    post = posting(filled)
    bodies = {
        ISSUE: {"credential": draft(filled)},
        STANDING: standing(filled, "suspension", True),
        LISTS: {"statusPurpose": "revocation", "options": {"register": "sample"}},
    }
    with Office(filled.settings).writing():
        answers = [post(path, body) for path, body in bodies.items()]
    assert [(answer.status_code, answer.json()["code"], answer.headers["retry-after"]) for answer in answers] == [
        (503, "busy", "5")
    ] * 3
    assert [post(path, body).status_code for path, body in bodies.items()] == [201, 200, 201]


def told_of(office: Office) -> str | None:
    return office.reader.standing(office.reader.credential("sample", "BC0000002", 1))


def test_suspended_reinstated_revoked(filled: Office) -> None:
    post, size = posting(filled), filled.reader.size()
    answer = post(STANDING, {**standing(filled, "suspension", True), "options": {"reason": "under_review"}})
    assert (answer.status_code, answer.json()["changed"], told_of(filled)) == (200, True, "suspended"), answer.text
    named = status.named_for(stored(filled, "BC0000002", 1), "suspension")
    assert named is not None
    assert answer.json()["credentialStatus"] == named
    assert not post(STANDING, standing(filled, "suspension", True)).json()["changed"]
    assert post(STANDING, standing(filled, "suspension", False)).status_code == 200
    assert told_of(filled) is None
    index = {name: named[name] for name in ("statusListIndex", "statusListCredential", "id")}
    assert post(STANDING, standing(filled, "suspension", True, **index)).json()["changed"]
    assert post(STANDING, standing(filled, "revocation", True)).status_code == 200
    assert told_of(filled) == "revoked"
    reasons = [record.reason for record in filled.reader.records(size, 10)]
    assert reasons == ["under_review", "reinstated", "register_request", "register_request"]
    assert is_well(filled)


STANDING_REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"credentialId": "http://localhost:8000/credentials/sample/BC0000002/9"}, 404, "credential_unknown"),
    ({"credentialId": "http://localhost:8000/credentials/sample/BC0000002/01"}, 404, "credential_unknown"),
    ({"credentialId": "http://localhost:8000/credentials/sample/BC0000002/1/"}, 404, "credential_unknown"),
    ({"credentialId": "sample/BC0000002/1"}, 404, "credential_unknown"),
    ({"credentialId": "https://other.example/credentials/sample/BC0000002/1"}, 404, "credential_unknown"),
    ({"credentialId": ""}, 404, "credential_unknown"),
    ({"credentialStatus": {"statusPurpose": "suspension"}}, 400, "status_type"),
    ({"credentialStatus": {"type": "BitstringStatusListEntry"}}, 400, "status_purpose"),
    ({"credentialStatus": {"type": "BitstringStatusListEntry", "statusPurpose": ["suspension"]}}, 400, "status_purpose"),
    ({"options": {"reason": "because"}}, 400, "reason_unknown"),
    ({"options": {"reason": ""}}, 400, "reason_unknown"),
    ({"status": False, "options": {"reason": "fraud"}}, 400, "reason_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("members", "status_code", "code"), STANDING_REFUSED)
def test_a_standing_that_cannot_be_had(filled: Office, members: dict[str, Any], status_code: int, code: str) -> None:
    size = filled.reader.size()
    answer = posting(filled)(STANDING, {**standing(filled, "suspension", True), **members})
    assert (answer.status_code, answer.json()["code"], filled.reader.size()) == (status_code, code, size), answer.text


def test_a_revocation_is_for_good_and_the_list_is_the_credentials_own(filled: Office) -> None:
    post = posting(filled)
    post(STANDING, standing(filled, "revocation", True))
    assert post(STANDING, standing(filled, "revocation", False)).json()["code"] == "revoked_for_good"
    assert told_of(filled) == "revoked"
    for more in ({"statusListIndex": "131071"}, {"statusListCredential": "https://other.example/1"}, {"size": 1}):
        assert post(STANDING, standing(filled, "suspension", True, **more)).json()["code"] == "contradicts"


def test_lists_are_opened_ahead_of_time(filled: Office) -> None:
    post = posting(filled)
    for purpose in status.PURPOSES:
        opened = filled.identity.status_list_id(purpose, "sample", 2)
        body = {"statusPurpose": purpose, "options": {"register": "sample"}}
        assert post(LISTS, {**body, "id": "urn:x"}).json()["code"] == "contradicts"
        answer = post(LISTS, {**body, "id": opened})
        assert (answer.status_code, answer.headers["location"]) == (201, opened), answer.text
        assert filled.reader.status_list(f"{purpose}/sample-2")["id"] == opened
        again = post(LISTS, body)
        assert (again.status_code, again.json()["code"]) == (409, "status_list_open")
    with filled.store.read() as connection:
        seeds = connection.exec_driver_sql("SELECT m, count(DISTINCT seed) FROM status_list GROUP BY m").all()
    assert [tuple(row) for row in seeds] == [(1, 1), (2, 1)], "a credential has one index in both of its lists"
    assert (
        post(LISTS, {"statusPurpose": "revocation", "options": {"register": "bc"}}).json()["code"] == "register_unknown"
    )
    assert post(ISSUE, {"credential": draft(filled)}).status_code == 201
    assert is_well(filled)


def test_a_list_opened_ahead_has_the_seed_that_a_restore_derives(filled: Office, tmp_path: Path) -> None:
    """Else a restore from a mirror hands out bits that credentials have already."""
    post = posting(filled)
    for purpose in status.PURPOSES:
        post(LISTS, {"statusPurpose": purpose, "options": {"register": "sample"}})
    publish(filled.store, filled.log_keys.signers)
    export(Public(filled.settings), tmp_path / "mirror", lambda _line: None)
    seeds = seeds_of(filled)
    assert seeds == {id: installation_secret(filled.keys, status.seed_purpose(id)) for id in seeds}
    empty = emptied(filled, tmp_path / "again")
    restore_from_mirror(empty, Mirror(str(tmp_path / "mirror")), {}, lambda _line: None)
    assert seeds_of(empty) == seeds
    assert own_seeds(filled.store, partial(installation_secret, filled.keys)) == []


def test_the_audit_tells_of_a_list_with_a_seed_of_its_own(filled: Office) -> None:
    list_id = filled.identity.status_list_id("revocation", "sample", 2)
    posting(filled)(LISTS, {"statusPurpose": "revocation", "options": {"register": "sample"}})
    with filled.store.write() as connection:
        lists = tables.status_lists
        connection.execute(sa.update(lists).where(lists.c.id == list_id).values(seed=b"by chance" * 4))
    assert own_seeds(filled.store, partial(installation_secret, filled.keys)) == [list_id]


def seeds_of(office: Office) -> dict[str, bytes]:
    with office.store.read() as connection:
        return {row.id: bytes(row.seed) for row in connection.execute(sa.select(tables.status_lists))}


def emptied(office: Office, data: Path) -> Office:
    """Another data directory of the same installation: its identity, keys and trust file, and an empty store."""
    data.mkdir()
    for name in ("identity.json", "trust.json"):
        shutil.copy(office.settings.data / name, data)
    shutil.copytree(office.settings.keys, data / "keys")
    return initialize(from_environ({"GREFFE_DATA": str(data)}))
