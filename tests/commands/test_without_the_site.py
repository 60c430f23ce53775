"""What a stranger takes along: the trust file with its fingerprint, the offline verifier, and that its hash is logged."""

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest

from registry.encoding.jcs import jcs
from registry.installation.office import Office
from registry.log import entry
from registry.store import rows
from registry.verify.trust import fingerprint
from search.pages.offline import offline_verifier
from tests.builders.command import Greffe, greffe_in


@pytest.fixture
def own(filled: Office) -> Greffe:
    return greffe_in(filled.settings.data)


def test_the_trust_files_sha256_is_its_fingerprint(own: Greffe, tmp_path: Path) -> None:
    file, spaced, other = (tmp_path / name for name in ("trust.json", "spaced.json", "other.json"))
    mark = own("trust", "-o", file).stderr.splitlines()[-1].removeprefix("fingerprint (SHA-256) ")
    assert sha256(file.read_bytes()).hexdigest() == mark == fingerprint(json.loads(file.read_bytes()))
    document = json.loads(own("trust").stdout)
    assert jcs(document) == file.read_bytes()
    spaced.write_text(json.dumps(document, indent=4), "utf-8")
    assert own("trust", "--of", spaced).stdout == f"{mark}  {document['origin']}\n"
    other.write_text(json.dumps({**document, "require": {"current": False}}), "utf-8")
    assert json.loads(own("trust", "--of", other, "--json").stdout)["fingerprint"] != mark
    assert "cannot be read" in own("trust", "--of", tmp_path / "none.json", expect=2).stderr


def test_the_offline_verifier_is_written_and_its_hash_logged(own: Greffe, filled: Office, tmp_path: Path) -> None:
    file = tmp_path / "verifier.html"
    own("offline-verifier", "-o", file)
    assert file.read_bytes() == offline_verifier().body
    digest = json.loads(own("offline-verifier", "-o", file, "--json").stdout)["sha256"]
    noted = json.loads(own("log", "note", "--reason", "offline_verifier", file, "--json").stdout)
    assert noted["text"] == f"{digest}  verifier.html"
    assert noted["index"] == noted["size"] - 1
    with filled.store.read() as connection:
        (logged,) = map(entry.parse, rows.read_entries(connection, noted["index"], noted["size"]))
    assert (logged.kind, logged.reason) == ("note", "offline_verifier")
    assert logged.commitment == entry.commitment(base64.b64decode(noted["salt"]), {"text": noted["text"]})
    assert json.loads(own("audit", "--json").stdout)["ok"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--reason", "offline_verifier"),
        ("--reason", "Not a code", "--text", "x"),
        ("--reason", "identity_anchor", "--text", "x"),
    ],
)
def test_a_note_without_text_or_of_another_reason_is_wrong_usage(own: Greffe, arguments: tuple[str, ...]) -> None:
    own("log", "note", *arguments, expect=2)


def test_an_old_file_says_how_old_it_is(own: Greffe, tmp_path: Path) -> None:
    file = tmp_path / "a.evidence.json"
    own("evidence", "sample", "BC0000002", "-o", file)
    old = "this file is 3 years old: newer changes are not in it"
    assert old in own("verify", file, "--at", "2029-01-03T00:00:00Z").stdout
    assert "old: newer" not in own("verify", file, "--at", "2026-01-03T00:00:00Z").stdout
