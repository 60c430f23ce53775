"""Write schemas/vectors/completeness.json: files, trust and the result of every step.

    python -m tests.vectors.make_completeness

Each case is a splice into one of the base texts, as in `make_verify`.
"""

import base64
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from issuer.run.issue import issue
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.verify.completeness import verify_completeness
from registry.verify.trust import parse as parse_trust
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract
from tests.builders.witnesses import publish_witnessed, witnessed_reader
from tests.mutations.bits import flip_base64
from tests.vectors import handmade
from tests.vectors.make_verify import AT, LAST, MORE, splice

Json = dict[str, Any]
TARGET = Path(__file__).parents[2] / "schemas" / "vectors" / "completeness.json"
#: base -> the number that is asked about
ASKED = {
    "one entry": "BC0000002",
    "two entries": "BC0000001",
    "no such number": "BC0009999",
    "a person, who stands under a pseudonym": "FM0000003",
}


def _entry(file: Json, **changed: Any) -> None:
    members = json.loads(base64.b64decode(file["entries"][0]["entry"])) | changed
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    file["entries"][0]["entry"] = base64.b64encode(text.encode()).decode()


#: what is wrong -> (the base, what is done to it)
CHANGES: dict[str, tuple[str, Callable[[Json], Any]]] = {
    "the first entry is left out": ("two entries", lambda file: file["entries"].pop(0)),
    "the last entry is left out": ("two entries", lambda file: file["entries"].pop()),
    "all entries are left out": ("two entries", lambda file: file["entries"].clear()),
    "an entry stands twice": ("two entries", lambda file: file["entries"].append(file["entries"][0])),
    "the entries are in another order": ("two entries", lambda file: file["entries"].reverse()),
    "an entry is forged": ("two entries", lambda file: _entry(file, effective="1999-01-01")),
    "an entry is of another organization": ("two entries", lambda file: _entry(file, org="sample:BC0000002")),
    "the number is another": ("two entries", lambda file: file.update(number="BC0000002")),
    "the number is none": ("two entries", lambda file: file.update(number="BC 1")),
    "a leaf is shown beside the own": (
        "two entries",
        lambda file: file.update(other=dict.fromkeys(("key", "value"), base64.b64encode(bytes(32)).decode())),
    ),
    "a hash is another": (
        "two entries",
        lambda file: file["entries"][0]["hashes"].__setitem__(0, base64.b64encode(bytes(32)).decode()),
    ),
    "an entry has no hashes": ("two entries", lambda file: file["entries"][0].pop("hashes")),
    "the way up the map is cut": ("two entries", lambda file: file.update(path=file["path"][44:])),
    "the way up the map is another": ("two entries", lambda file: file.update(path=flip_base64(file["path"], 3))),
    "the map is another": ("two entries", lambda file: file.update(map=flip_base64(file["map"], 3))),
    "the checkpoint is another": (
        "two entries",
        lambda file: file.update(checkpoint=file["checkpoint"].replace("\n", "\n1", 1)),
    ),
    "nobody signed the checkpoint": (
        "two entries",
        lambda file: file.update(
            checkpoint=file["checkpoint"].replace("\u2014 localhost:8000 ", "\u2014 localhost:8001 ")
        ),
    ),
    "the origin is another": ("two entries", lambda file: file.update(origin="localhost:8001")),
    "a credential stands beside": ("two entries", lambda file: file.update(credential={})),
    "the type is another": ("two entries", lambda file: file.update(type="Evidence")),
    "the version is another": ("two entries", lambda file: file.update(v=2)),
    "the entries are no list": ("two entries", lambda file: file.update(entries={})),
    "absence is said of a number that is there": ("no such number", lambda file: file.update(number="BC0000001")),
    "what proves the absence of one number proves that of another on the same way": (
        "no such number",
        lambda file: file.update(number="BC0000009"),
    ),
    "absence without a leaf": ("no such number", lambda file: file.update(other=None)),
    "absence with a leaf that is not in the map": (
        "no such number",
        lambda file: file["other"].update(value=base64.b64encode(bytes(32)).decode()),
    ),
    "absence with a leaf whose way is another's": (
        "no such number",
        lambda file: file["other"].update(key=flip_base64(file["other"]["key"], 0)),
    ),
}


def make() -> Json:
    """The content of the file."""
    with tempfile.TemporaryDirectory() as scratch:
        office = initialize(from_environ({"GREFFE_DATA": scratch}), seeded("keys"))
        issue(office, "table", extract(STATES), surroundings())
        publish_witnessed(office)
        trust = witnessed_reader(office).trust()
        bases = {name: _file(office, number) for name, number in ASKED.items()}
        issue(office, "table", extract([*STATES, *MORE, LAST]), surroundings("more"))
        publish_witnessed(office)
        bases["twenty-six entries"] = _file(office, "BC0000002")
    made, trust_made = _made_by_hand()
    cases = [_case(name, name, text, text, trust) for name, text in bases.items()]
    for name, (base, change) in CHANGES.items():
        file = json.loads(bases[base])
        change(file)
        cases.append(_case(name, base, bases[base], _text(file), trust))
    text = bases["two entries"]
    cases.append(_case("a member twice", "two entries", text, text.replace('"v":1,', '"v":1,"v":1,', 1), trust))
    for name, changed in (
        ("no witness is asked", {"witnessPolicy": "quorum none\n"}),
        ("no key of the map's log is trusted", {"indexKeys": []}),
    ):
        cases.append({**_case(name, "two entries", text, text, trust | changed), "trust": changed})
    unwitnessed = {"witnessPolicy": "quorum none\n"}
    for name in ("nobody signed the checkpoint", "the origin is another"):
        file = json.loads(text)
        CHANGES[name][1](file)
        judged = _case(f"{name}, and no witness is asked", "two entries", text, _text(file), trust | unwitnessed)
        cases.append({**judged, "trust": unwitnessed})
    text = bases["no such number"]
    cases.append(
        {
            **_case("absence, and no witness is asked", "no such number", text, text, trust | unwitnessed),
            "trust": unwitnessed,
        }
    )
    bases[MADE] = made
    for name, changed_text, changed in _of_times(made):
        own = trust_made | changed
        cases.append({**_case(name, MADE, made, changed_text, trust | own), "trust": own})
    return {"at": AT, "trust": trust, "bases": bases, "cases": cases}


MADE = "made by hand"
#: AT is 2026-01-02T03:04:05Z
COSIGNED = (
    ("w1", "2025-09-01T00:00:01Z"),
    ("w2", "2025-09-02T00:00:02Z"),
    ("w5", "2026-01-02T03:05:06Z"),
)


def _made_by_hand() -> tuple[str, Json]:
    """A file whose entries have times of their own, the newest first; and what its trust file has of its own."""
    ledger = handmade.Ledger()
    ledger.log_keys("2025-01-01T00:00:01Z")
    first = handmade.signed(handmade.unsigned("BC0000001", "2020-01-01"), "credential-1")
    second = handmade.signed(handmade.unsigned("BC0000001", "2021-02-03", n=2), "credential-1")
    index = ledger.log_credential("2025-03-05T00:00:02Z", first)
    ledger.log_credential("2025-03-01T00:00:03Z", second, kind="supersede", refers=(index,))
    trust = handmade.trust(handmade.policy("w1", "w1"))
    file = ledger.completeness_of("BC0000001", ledger.signed_head(*COSIGNED))
    return _text(file), {name: trust[name] for name in ("genesisKey", "ledgerKeys", "indexKeys", "witnessPolicy")}


def _of_times(text: str) -> list[tuple[str, str, Json]]:
    """What dates a file, and what a note must have; (name, file, what else is trusted)."""
    policy = handmade.policy
    cases = [
        ("entries with times of their own", text, {}),
        ("the newest of two cosignatures", text, {"witnessPolicy": policy("w1", "w1", "w2")}),
        ("entries with times of their own, and no witness is asked", text, {"witnessPolicy": policy("none")}),
        ("a cosignature of the future alone", text, {"witnessPolicy": policy("w5", "w5")}),
        ("no cosignature of the witness that is asked", text, {"witnessPolicy": policy("w7", "w7")}),
        (
            "a cosignature too few",
            text,
            {"witnessPolicy": policy("both", "w1", "w7", groups="group both all w1 w7\n")},
        ),
    ]
    for name, act in (
        ("a checkpoint without a signature line", lambda note: note.partition("\n\n")[0] + "\n\n"),
        ("a signature of no byte", lambda note: f"{note}\u2014 w9 {base64.b64encode(bytes(4)).decode()}\n"),
        ("a signature of one byte", lambda note: f"{note}\u2014 w9 {base64.b64encode(bytes(5)).decode()}\n"),
    ):
        file = json.loads(text)
        cases.append((name, _text({**file, "checkpoint": act(file["checkpoint"])}), {}))
    proof = json.loads(text)["proof"]
    return cases + [
        (
            f"the map's leaf at index {n}",
            _text({**json.loads(text), "proof": proof.replace("index 0", f"index {n}")}),
            {},
        )
        for n in (2**53 - 1, 2**53)
    ]


def _file(office: Office, number: str) -> str:
    return _text(office.reader.completeness("sample", number).to_json())


def _text(file: Json) -> str:
    return json.dumps(file, ensure_ascii=False, separators=(",", ":"))


def _case(name: str, base: str, text: str, changed: str, trust: Json) -> Json:
    verdict = verify_completeness(changed.encode(), parse_trust(json.dumps(trust).encode()), NOW).to_json()
    proven = verdict["proven"] and {member: verdict["proven"][member] for member in ("register", "number", "entries")}
    expected = {
        "verdict": verdict["verdict"],
        "asOf": verdict["asOf"],
        "proven": proven,
        "steps": {step["step"]: step["result"] for step in verdict["steps"]},
        "codes": {step["step"]: step["code"] for step in verdict["steps"] if step["code"] is not None},
    }
    return {"name": name, "base": base, **splice(text, changed), "expect": expected}


def text() -> str:
    """The file as it must be."""
    return json.dumps(make(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(make()['cases'])} cases\n")
