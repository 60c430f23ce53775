"""What is remembered between verifications lets nothing pass: each is the same as the first, in whatever order they come."""

import base64
import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from registry.encoding import remembered
from registry.encoding.jcs import jcs
from registry.installation.office import Office
from registry.keys import SigningKey
from registry.log import cosignature, note
from registry.verify import proven_once, steps
from registry.verify.trust import Trust, parse
from tests.builders.command import NOW
from tests.builders.ledger import copied
from tests.builders.witnesses import NAME, publish_witnessed, witnessed_reader
from tests.mutations.any_form import printed
from tests.mutations.any_part import damaged

Json = dict[str, Any]
PLACES = [("BC0000001", 1), ("BC0000001", 2), ("BC0000002", 1), ("FM0000003", 1)]


@pytest.fixture(scope="module")
def filled(filled_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = copied(filled_installation, tmp_path_factory.mktemp("once") / "data")
    publish_witnessed(office)
    return office


@pytest.fixture(scope="module")
def files(filled: Office) -> dict[str, Json]:
    return {f"{number}/{n}": filled.reader.evidence("sample", number, n) for number, n in PLACES}


@pytest.fixture(scope="module")
def trust(filled: Office) -> Trust:
    return parse(jcs(witnessed_reader(filled).trust()))


def verdicts(texts: list[bytes], trust: Trust) -> list[Json]:
    return [steps.verify(text, trust, NOW).to_json() for text in texts]


def test_what_was_verified_before_changes_no_verdict(files: dict[str, Json], trust: Trust) -> None:
    """Sound and damaged files in turns, against a verifier that remembers nothing."""
    texts = [printed(file) for file in files.values()]
    for number in range(40):
        texts += [damaged(f"remembered {number}", files)[2], printed(random_of(files, number))]
    fresh = []
    for text in texts:
        remembered.forget()
        fresh += verdicts([text], trust)
    assert verdicts(texts, trust) == fresh
    assert verdicts(texts[::-1], trust) == fresh[::-1]
    assert {verdict["verdict"] for verdict in fresh} >= {"verified", "superseded", "failed"}


def random_of(files: dict[str, Json], number: int) -> Json:
    return files[Random(number).choice(sorted(files))]


#: (member of the evidence, what is changed in it): each by itself, right after the sound file was verified
PARTS = [
    (member, part) for member in ("statusList", "suspensionList") for part in ("credential", "entry", "salt", "proof")
]
PARTS += [("issuerKeys", part) for part in ("document", "entry", "salt", "proof")]


@pytest.mark.parametrize(("member", "part"), PARTS)
def test_every_part_of_what_is_remembered_is_looked_at(
    files: dict[str, Json], trust: Trust, member: str, part: str
) -> None:
    sound = files["BC0000001/2"]
    assert verdicts([printed(sound)], trust)[0]["verdict"] == "verified"
    changed = copy.deepcopy(sound)
    holder = changed[member]
    if part in ("credential", "document"):
        holder[part] = {**holder[part], "extra": "x"}
    elif part == "proof":
        lines = holder["proof"].split("\n")
        lines[2] = base64.b64encode(bytes(32)).decode()
        holder["proof"] = "\n".join(lines)
    else:
        data = bytearray(base64.b64decode(holder[part]))
        data[20] ^= 1
        holder[part] = base64.b64encode(data).decode()
    assert verdicts([printed(changed)], trust)[0]["verdict"] == "failed"


@pytest.mark.parametrize("asked", ["issuers", "ledgerKeys", "witnessPolicy", "contexts", "indexKeys"])
def test_another_trust_file_is_another_question(files: dict[str, Json], trust: Trust, asked: str) -> None:
    """The same files again, by a reader who believes others."""
    text = printed(files["BC0000001/2"])
    assert verdicts([text], trust)[0]["verdict"] == "verified"
    document = json.loads(json.dumps(dict(trust.document)))
    match asked:
        case "issuers":
            for key in document["issuers"][0]["keys"]:
                if key["use"] == "status":
                    key["use"] = "credential"
        case "contexts":
            document["contexts"] = dict.fromkeys(document["contexts"], "0" * 64)
        case "witnessPolicy":
            lines = [
                line for line in document["witnessPolicy"].split("\n") if not line.startswith(("witness", "quorum"))
            ]
            key = cosignature.verifier_key(NAME, SigningKey(b"\x03" * 32).public).print()
            document["witnessPolicy"] = "\n".join([*lines, f"witness w1 {key}", "quorum w1", ""])
        case "indexKeys":
            document["indexKeys"] = []
        case _:
            document["ledgerKeys"] = [_vkey(document["origin"])]
    assert verdicts([text], parse(json.dumps(document).encode()))[0]["verdict"] in ("failed", "indeterminate")


def _vkey(origin: str) -> str:
    return note.VerifierKey(origin, SigningKey(b"\x09" * 32).public.raw).print()


def test_control_keyed_by_less_a_forged_list_would_pass(
    files: dict[str, Json], trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the list's bytes no part of the key, a list that nobody signed would be taken for the one seen before."""
    known: dict[str, str] = {}

    def by_address(_data: bytes, _salt: bytes, _place: Any, url: str, *_more: Any) -> str:
        if url not in known:
            known[url] = proven(_data, _salt, _place, url, *_more)
        return known[url]

    proven = proven_once._proven_list
    monkeypatch.setattr(proven_once, "_proven_list", by_address)
    sound = files["BC0000001/2"]
    forged = copy.deepcopy(sound)
    forged["statusList"]["credential"]["credentialSubject"]["encodedList"] = "u"
    assert [each["verdict"] for each in verdicts([printed(sound), printed(forged)], trust)] == ["verified", "verified"]
    monkeypatch.undo()
    assert [each["verdict"] for each in verdicts([printed(sound), printed(forged)], trust)] == ["verified", "failed"]


def test_refusals_and_large_inputs_are_not_remembered() -> None:
    calls: list[Any] = []

    @remembered.remembered(2, largest=3)
    def act(data: bytes) -> int:
        calls.append(data)
        if data == b"x":
            raise ValueError("never")
        return len(data)

    for data in (b"a", b"a", b"long", b"long"):
        act(data)
    assert calls == [b"a", b"long", b"long"]
    for _ in range(2):
        with pytest.raises(ValueError, match="never"):
            act(b"x")
    assert calls[3:] == [b"x", b"x"]
    for data in (b"b", b"c", b"a"):
        act(data)
    assert calls[5:] == [b"b", b"c", b"a"], "the oldest has gone"
