"""`greffe keys`, `suspend`, `reinstate` and `carriers` from outside, and issuing with P-256. Each test runs `greffe` itself."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.errors import NotReady
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.store.token_queue import VC_JWT, Requests
from tests.builders.command import ROOT, Greffe, greffe_in

Json = dict[str, Any]
WHICH = ("sample", "BC9000008")
DID = "did:web:localhost%3A8000:issuers:sample"


def installed(folder: Path, **environ: str) -> Greffe:
    """A few organizations of the sample, issued and published."""
    lines = (ROOT / "sample_data" / "extract.csv").read_text("utf-8").splitlines()
    file = folder / "extract.csv"
    file.write_text("\n".join(lines[:25]) + "\n", "utf-8")
    plain = greffe_in(folder / "data")
    greffe = replace(plain, environ={**plain.environ, **environ})
    greffe("init")
    greffe("issue", "--source", "table", file)
    greffe("publish")
    return greffe


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Greffe:
    """Nobody changes it."""
    return installed(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def own(published: Greffe, tmp_path: Path) -> Greffe:
    """A copy, to be changed at will."""
    shutil.copytree(published.data, tmp_path / "data", symlinks=True)
    return greffe_in(tmp_path / "data")


def answer_of(done: subprocess.CompletedProcess[str]) -> Json:
    answer: Json = json.loads(done.stdout)
    return answer


def size_of(greffe: Greffe) -> int:
    return Public(from_environ(greffe.environ)).reader.size()


def states(greffe: Greffe) -> dict[str, tuple[str, bool]]:
    """Fragment -> its state, and whether the private half is held."""
    keys = answer_of(greffe("keys", "list", "--json"))["keys"]
    return {key["id"].partition("#")[2]: (key["state"], key["held"]) for key in keys}


def verified(greffe: Greffe, file: Path, expect: int = 0) -> Json:
    """The verdict on the newest evidence, made now and checked by `greffe verify` alone; its steps by name."""
    greffe("publish")
    evidence = greffe("evidence", *WHICH).stdout
    file.write_text(evidence, "utf-8")
    return steps_of(greffe, file, expect)


def steps_of(greffe: Greffe, file: Path, expect: int = 0) -> Json:
    verdict = answer_of(greffe("verify", file, "--json", expect=expect))
    return {"verdict": verdict["verdict"], **{step["step"]: step for step in verdict["steps"]}}


def test_keys_are_listed_for_programs_and_for_people(published: Greffe) -> None:
    listing = answer_of(published("keys", "list", "--json"))
    assert set(listing) == {"keys"}
    credential, status = listing["keys"]
    assert set(credential) == {"id", "register", "use", "kind", "publicKeyMultibase", "state", "held"}
    shown = {name: value for name, value in credential.items() if name != "publicKeyMultibase"}
    assert shown == {
        "id": f"{DID}#credential-1", "register": "sample", "use": "credential", "kind": "Ed25519", "state": "in use",
        "held": True,
    }  # fmt: skip
    assert (status["id"], status["use"]) == (f"{DID}#status-1", "status")
    assert credential["publicKeyMultibase"] != status["publicKeyMultibase"]
    lines = published("keys", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [credential["id"], status["id"]]
    assert credential["publicKeyMultibase"] in lines[0]


def test_without_a_command_and_without_an_installation(greffe: Greffe) -> None:
    assert "rotate" in greffe("keys", expect=2).stdout
    assert "not_initialized" in greffe("keys", "list", expect=78).stderr
    assert not greffe.data.exists()
    greffe("init")
    assert answer_of(greffe("keys", "list", "--json")) == {"keys": []}, "no register has issued yet"


def test_a_rotation_and_a_retirement(own: Greffe, tmp_path: Path) -> None:
    before, size = tmp_path / "before.json", size_of(own)
    assert verified(own, before)["verdict"] == "verified"
    refused = own("keys", "retire", "sample", "credential-1", expect=78)
    assert ("key_in_use" in refused.stderr, refused.stdout) == (True, "")
    done = own("keys", "rotate", "sample", "credential", "--json")
    made = answer_of(done)
    assert (made["id"], made["state"], made["held"]) == (f"{DID}#credential-2", "in use", True)
    assert size_of(own) == size + 1
    assert done.stderr.startswith(f"committed {size + 1} ")
    assert states(own)["credential-1"] == ("replaced", True)
    retired = answer_of(own("keys", "retire", "sample", "credential-1", "--yes", "--json"))
    assert (retired["id"], retired["state"], retired["held"]) == (f"{DID}#credential-1", "replaced", False)
    assert size_of(own) == size + 1, "nothing public changes"
    assert steps_of(own, before)["verdict"] == "verified", "the file of before"
    assert verified(own, tmp_path / "after.json")["verdict"] == "verified"
    assert answer_of(own("audit", "--json"))["ok"] is True
    assert "private half gone" in own("keys", "list").stdout


def test_the_doctor_misses_a_key_in_use_and_a_rotation_mends_it(own: Greffe) -> None:
    assert own("doctor").stdout.endswith("well\n")
    (own.data / "keys" / "sample-credential.pem").unlink()
    missed = own("doctor", expect=4).stdout
    assert f"the private half of {DID}#credential-1 is not here" in missed
    assert "greffe keys rotate sample credential" in missed
    own("keys", "rotate", "sample", "credential")
    assert own("doctor").stdout.endswith("well\n")


def test_the_doctor_does_not_restore_where_a_mode_is_wrong(own: Greffe) -> None:
    secret = own.data / "keys" / "passphrase"
    secret.chmod(0o444)
    said = own("doctor", expect=4).stdout
    assert "chmod o= it" in said
    assert "greffe restore" not in said


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("retire", "sample", "credential-7"), "key_unknown"),
        (("retire", "sample", "nothing"), "key_unknown"),
        (("retire", "atlantis", "credential-1"), "register_unknown"),
        (("rotate", "sample", "ledger"), "use_unknown"),
        (("rotate", "atlantis", "credential"), "register_unknown"),
        (("compromise", "sample", "credential-7", "--since", "2026-01-01T00:00:00Z"), "key_unknown"),
        (("compromise", "sample", "credential-1", "--since", "yesterday"), "time"),
    ],
)
def test_what_is_not_there_is_refused(own: Greffe, arguments: tuple[str, ...], code: str) -> None:
    size = size_of(own)
    refused = own("keys", *arguments, expect=2)
    assert (refused.stdout, code in refused.stderr) == ("", True), refused.stderr
    assert (size_of(own), states(own)["credential-1"]) == (size, ("in use", True))


def test_a_compromise_is_only_told_until_yes(own: Greffe, tmp_path: Path) -> None:
    before, size = tmp_path / "before.json", size_of(own)
    verified(own, before)
    which = ("compromise", "sample", "credential-1", "--since")
    dry = answer_of(own("keys", *which, "2000-01-01T00:00:00Z", "--json"))
    assert (dry["dryRun"], dry["suspended"], dry["reissued"], dry["new_key"]) == (True, 0, 0, None)
    assert len(dry["signed"]) > 8
    assert "would disown" in own("keys", *which, "2000-01-01T00:00:00Z").stdout
    later = answer_of(own("keys", *which, "2999-01-01T00:00:00Z", "--json"))
    assert later["signed"] == []
    assert (size_of(own), states(own)["credential-1"]) == (size, ("in use", True))

    done = answer_of(own("keys", *which, "2000-01-01T00:00:00Z", "--yes", "--json"))
    assert (done["dryRun"], done["key"], done["new_key"]) == (False, f"{DID}#credential-1", f"{DID}#credential-2")
    assert (done["suspended"], done["signed"]) == (len(dry["signed"]), dry["signed"])
    assert states(own)["credential-1"] == ("compromised", False)
    after = verified(own, tmp_path / "after.json", expect=1)
    assert (after["verdict"], after["not_revoked"]["reason"]) == ("failed", "suspended")
    assert answer_of(own("audit", "--json"))["ok"] is True
    again = answer_of(own("keys", *which, "2000-01-01T00:00:00Z", "--yes", "--json"))
    assert again["suspended"] == 0, "nothing is left to do"


def test_a_compromise_that_issues_again(own: Greffe, tmp_path: Path) -> None:
    which = ("compromise", "sample", "credential-1", "--since", "2000-01-01T00:00:00Z", "--reissue", "--yes")
    done = answer_of(own("keys", *which, "--json"))
    assert done["reissued"] > 0
    assert done["reissued"] + done["suspended"] == len(done["signed"])
    after = verified(own, tmp_path / "after.json")
    assert after["verdict"] == "verified"
    credential = json.loads((tmp_path / "after.json").read_text("utf-8"))["credential"]
    assert {proof["verificationMethod"] for proof in credential["proof"]} == {f"{DID}#credential-2"}
    assert answer_of(own("audit", "--json"))["ok"] is True


def test_a_suspension_and_its_end(own: Greffe, tmp_path: Path) -> None:
    file, size = tmp_path / "evidence.json", size_of(own)
    dry = answer_of(own("suspend", *WHICH, "--reason", "under_review", "--json"))
    assert set(dry) == {"credential", "statusList", "index", "reason", "suspended", "already", "dryRun"}
    assert (dry["suspended"], dry["dryRun"], dry["reason"]) == (0, True, "under_review")
    assert "/status/suspension/sample-1" in dry["statusList"]
    assert "would suspend" in own("suspend", *WHICH, "--reason", "under_review").stdout
    assert size_of(own) == size
    assert verified(own, file)["verdict"] == "verified"

    done = answer_of(own("suspend", *WHICH, "--reason", "under_review", "--yes", "--json"))
    assert (done["suspended"], done["already"], size_of(own)) == (1, False, size + 1)
    again = answer_of(own("suspend", *WHICH, "--reason", "fraud", "--yes", "--json"))
    assert (again["suspended"], again["already"], size_of(own)) == (0, True, size + 1)
    suspended = verified(own, file, expect=1)
    assert (suspended["verdict"], suspended["not_revoked"]["reason"]) == ("failed", "suspended")

    assert "would reinstate" in own("reinstate", *WHICH).stdout
    lifted = answer_of(own("reinstate", *WHICH, "--yes", "--json"))
    assert (lifted["reinstated"], lifted["reason"], size_of(own)) == (1, "reinstated", size + 2)
    assert verified(own, file)["verdict"] == "verified"
    assert answer_of(own("audit", "--json"))["ok"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        ("suspend", "sample", "BC9000008", "--reason", "no_such_reason"),
        ("suspend", "sample", "BC9000008"),
        ("suspend", "sample", "BC1", "--reason", "fraud"),
        ("reinstate", "atlantis", "BC9000008"),
        ("reinstate", "sample", "BC9000008", "--credential", "99"),
    ],
)
def test_a_change_of_standing_that_cannot_be_meant(own: Greffe, arguments: tuple[str, ...]) -> None:
    size = size_of(own)
    assert own(*arguments, "--yes", expect=2).stdout == ""
    assert size_of(own) == size


def test_carriers_are_made_once_they_were_asked_for(own: Greffe) -> None:
    assert answer_of(own("carriers", "--json")) == {"made": 0}
    settings = from_environ(own.environ)
    name, unknown = "sample/BC9000008/1", "sample/BC1/1"
    for path in (name, unknown):
        with pytest.raises(NotReady):
            Requests(settings.requests).get(VC_JWT, path)
    size = size_of(own)
    assert answer_of(own("carriers", "--json")) == {"made": 1}, "the other is of nobody"
    token = Requests(settings.requests).get(VC_JWT, name)
    assert token.count(b".") == 2
    assert own("carriers").stdout == "made 0\n"
    assert size_of(own) == size, "a carrier is no entry"


def test_an_installation_that_issues_with_p256(tmp_path: Path) -> None:
    greffe = installed(tmp_path, GREFFE_ISSUING_KEY="P-256")
    keys = answer_of(greffe("keys", "list", "--json"))["keys"]
    assert [(key["kind"], key["publicKeyMultibase"][:4]) for key in keys] == [("P-256", "zDna")] * 2
    file = tmp_path / "evidence.json"
    assert verified(greffe, file)["verdict"] == "verified"
    credential = json.loads(file.read_text("utf-8"))["credential"]
    suites = ["ecdsa-jcs-2019", "ecdsa-rdfc-2019"]
    assert [proof["cryptosuite"] for proof in credential["proof"]] == suites
    listed = Public(from_environ(greffe.environ)).reader.status_list("revocation/sample-1")
    assert [proof["cryptosuite"] for proof in listed["proof"]] == suites
    assert answer_of(greffe("audit", "--json"))["ok"] is True
    evidence = json.loads(file.read_text("utf-8"))
    evidence["credential"]["credentialSubject"]["legalName"] = "ANOTHER LTD."
    file.write_text(json.dumps(evidence), "utf-8")
    assert steps_of(greffe, file, expect=1)["proof_valid"]["result"] == "failed"


def test_a_register_moves_from_ed25519_to_p256_by_a_rotation(own: Greffe, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    verified(own, before)
    moved = replace(own, environ={**own.environ, "GREFFE_ISSUING_KEY": "P-256"})
    assert answer_of(moved("keys", "rotate", "sample", "credential", "--json"))["kind"] == "P-256"
    suspended = moved("suspend", *WHICH, "--reason", "fraud", "--yes", "--json")
    assert answer_of(suspended)["suspended"] == 1, "the status key is still the old one"
    moved("reinstate", *WHICH, "--yes")
    assert steps_of(moved, before)["verdict"] == "verified"
    assert verified(moved, tmp_path / "after.json")["verdict"] == "verified"
    assert answer_of(moved("audit", "--json"))["ok"] is True
