"""The whole journey of a few sample organizations gives, byte for byte, what `sample_data/expected/` holds."""

import json
from pathlib import Path

import pytest

from registry.log import checkpoint, entry, note
from registry.log.merkle import leaf_hash, root_of
from registry.verify import trust
from registry.verify.steps import STEPS, verify
from sample_data.make_expected import AT, FOLDER, NUMBERS, PERMIT_NUMBERS, Journey, journey
from schemas import PERMIT, REGISTRATION, codes
from tests.builders.command import greffe_in

EXPECTED = FOLDER / "expected"
PASSED = dict.fromkeys(STEPS, "passed") | {"witnessed": "not_asked"}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    return journey(tmp_path_factory.mktemp("journey"))


def expected_names() -> list[str]:
    return sorted(file.name for file in EXPECTED.iterdir() if file.name != "README.md")


def test_the_journey_makes_the_expected_files_and_no_other(done: Journey) -> None:
    assert sorted(done.files) == expected_names()


@pytest.mark.parametrize("name", expected_names())
def test_the_journey_gives_the_expected_bytes(done: Journey, name: str) -> None:
    assert done.files[name] == (EXPECTED / name).read_bytes()


def test_the_expected_entries_give_the_expected_root_under_the_expected_checkpoint() -> None:
    """From the files alone: nothing here was computed by the journey."""
    bodies = (EXPECTED / "entries.jsonl").read_bytes().splitlines()
    trusted = trust.parse((EXPECTED / "trust.json").read_bytes())
    prev = entry.genesis_prev(trusted.origin, trusted.genesis_key.print())
    for index, body in enumerate(bodies):
        logged = entry.parse(body)
        assert (logged.index, logged.prev) == (index, prev)
        prev = leaf_hash(body).hex()
    root = root_of([leaf_hash(body) for body in bodies])
    assert root.hex() == (EXPECTED / "root").read_text("utf-8").strip()
    signed = checkpoint.check((EXPECTED / "checkpoint").read_text("utf-8"), [trusted.genesis_key])
    assert (signed.size, signed.root) == (len(bodies), root)


@pytest.mark.parametrize("number", [*NUMBERS, *PERMIT_NUMBERS])
def test_the_expected_evidence_is_verified_with_the_expected_trust(number: str) -> None:
    data = (EXPECTED / f"{number}.evidence.json").read_bytes()
    assert len(data) < 64_000
    verdict = verify(data, trust.parse((EXPECTED / "trust.json").read_bytes()), AT)
    assert {step.name: step.result for step in verdict.steps} == PASSED
    assert (verdict.verdict, verdict.as_of) == ("verified", "2026-01-02T03:04:05Z")


def test_the_expected_organizations_are_of_every_kind_that_the_page_promises() -> None:
    credentials = [json.loads(line) for line in (EXPECTED / "credentials.jsonl").read_bytes().splitlines()]
    every = [credential["credentialSubject"] for credential in credentials]
    permits = [subject for subject in every if subject["type"] == "Permit"]
    subjects = [subject for subject in every if subject not in permits]
    entries = [entry.parse(body) for body in (EXPECTED / "entries.jsonl").read_bytes().splitlines()]
    page = (EXPECTED / "README.md").read_text("utf-8")
    assert {subject["registrationNumber"] for subject in subjects} == set(NUMBERS)
    assert all(f"`{number}`" in page for number in [*NUMBERS, *PERMIT_NUMBERS])
    assert len({permit["registrationNumber"] for permit in permits}) == 12
    assert {permit["entityType"] for permit in permits} == set(codes.codes("entity_type", "permits"))
    assert {permit["registerStatus"] for permit in permits} == set(codes.codes("register_status", "permits"))
    assert {link["relationshipType"] for permit in permits for link in permit["relationships"]} == {"heldBy"}
    assert any(subject["legalName"].endswith("B.C. LTD.") for subject in subjects)
    assert any(name.get("nameLanguage") == "fr" for subject in subjects for name in subject["names"])
    assert any(name["nameType"] == "former" for subject in subjects for name in subject["names"])
    links = {link["relationshipType"] for subject in subjects for link in subject.get("relationships", [])}
    assert {"amalgamatedInto", "amalgamatedFrom", "doesBusinessAs", "isOwnedBy"} <= links
    assert {logged.kind for logged in entries} == {"key", "status", "issue", "supersede", "correct"}
    registrations = [logged for logged in entries if logged.type == REGISTRATION]
    assert sum((logged.org or "").startswith("~") for logged in registrations) == 2
    assert sum(logged.type == PERMIT and (logged.org or "").startswith("~") for logged in entries) == 4


def test_the_command_writes_the_expected_evidence_and_trust(done: Journey, tmp_path: Path) -> None:
    greffe = greffe_in(done.office.settings.data)
    file = tmp_path / "evidence.json"
    greffe("evidence", "sample", NUMBERS[0], "-o", file)
    assert file.read_bytes() == (EXPECTED / f"{NUMBERS[0]}.evidence.json").read_bytes()
    greffe("verify", file, "--trust", EXPECTED / "trust.json")
    assert note.parse((EXPECTED / "checkpoint").read_text("utf-8")).text.startswith(done.office.identity.origin)
