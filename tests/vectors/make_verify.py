"""Write tests/vectors/verify/cases.json: evidence, trust and the result of every step, for Python and for the browser.

    python -m tests.vectors.make_verify

Each case is a splice into one of the base texts: `at` characters are kept, `delete` characters dropped, `insert` put in.
"""

import base64
import copy
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from issuer.actions.standing import change_one, revocation
from issuer.run.issue import issue
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.keys import SigningKey
from registry.log import cosignature
from registry.verify import steps as verify
from registry.verify.trust import parse as parse_trust
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract
from tests.builders.witnesses import publish_witnessed, witnessed_reader
from tests.mutations.named import MUTATIONS

TARGET = Path(__file__).parent / "verify" / "cases.json"
AT = NOW.isoformat().replace("+00:00", "Z")


def make() -> dict[str, Any]:
    """The content of the file."""
    with tempfile.TemporaryDirectory() as scratch:
        office = initialize(from_environ({"GREFFE_DATA": scratch}), seeded("keys"))
        issue(office, "table", extract(STATES), surroundings())
        publish_witnessed(office)
        trust = witnessed_reader(office).trust()
        good = _evidence(office, "BC0000001", 2)
        bases = {
            "company": good,
            "person": _evidence(office, "FM0000003", 1),
            "superseded": _evidence(office, "BC0000001", 1),
        }
        change_one(
            office, "sample", "BC0000001", None, revocation("court_order"), surroundings("revoke"), dry_run=False
        )
        publish_witnessed(office)
        bases["revoked"] = _evidence(office, "BC0000001", 2)
        bases["a list that is not the newest"] = _with_older_list(office, bases["revoked"], good)
    cases = [_case(name, name, text, text, trust) for name, text in bases.items()]
    for name, (mutate, _) in MUTATIONS.items():
        changed = json.loads(good)
        mutate(changed)
        cases.append(_case(name, "company", good, _text(changed), trust))
    person = json.loads(bases["person"])
    del person["orgSalt"]
    cases.append(_case("no orgSalt", "person", bases["person"], _text(person), trust))
    for name, old, new in (
        ("a member twice", '"v":1,', '"v":1,"v":1,'),
        ("a member twice, escaped once", '"v":1,', '"v":1,"\\u0076":1,'),
        ("a fraction for the version", '"v":1,', '"v":1.0,'),
        ("an exponent for the version", '"v":1,', '"v":1e0,'),
        ("a lone surrogate", "SCARLET MOOSE", "SCARLET \\ud800 MOOSE"),
        ("text after the value", '"v":1,', '"v":1}{"a":1,'),
        ("nested too deeply", '"latest":{', '"latest":{"a":' + "[" * 70 + "]" * 70 + ","),
        ("latest is null", '"latest":{', '"latest":null,"formerly":{'),
        ("white space is nothing", '"v":1,', '"v" :\t1 ,\n'),
        ("an unknown member", '"v":1,', '"v":1,"later":{"deep":[1,null,true]},'),
    ):
        cases.append(_case(name, "company", good, good.replace(old, new, 1), trust))
    for name, change in (
        ("no witness is asked", {"witnessPolicy": "quorum none\n"}),
        ("the latest is not asked", {"require": {"current": False}}),
        ("nothing but the ledger is asked", {"witnessPolicy": "quorum none\n", "require": {"current": False}}),
        ("another witness is asked", {"witnessPolicy": _other_witness()}),
        ("two witnesses are asked", {"witnessPolicy": _two_witnesses(trust["witnessPolicy"])}),
        ("one of two witnesses is asked", {"witnessPolicy": _two_witnesses(trust["witnessPolicy"], "any")}),
        ("the policy does not name the map's log", {"witnessPolicy": _without_index(trust["witnessPolicy"])}),
        ("no key of the map's log is trusted", {"indexKeys": []}),
        ("no issuer is trusted", {"issuers": []}),
        ("another origin is trusted", _other_origin(trust)),
    ):
        cases.append({**_case(name, "company", good, good, trust | change), "trust": change})
    return {"at": AT, "trust": trust, "bases": bases, "cases": cases}


def _evidence(office: Office, number: str, n: int) -> str:
    return _text(office.reader.evidence("sample", number, n))


def _text(evidence: dict[str, Any]) -> str:
    return json.dumps(evidence, ensure_ascii=False, separators=(",", ":"))


def _with_older_list(office: Office, revoked: str, good: str) -> str:
    """The revocation list as it was before, genuine and included, under the checkpoint of today."""
    current, older = json.loads(revoked), json.loads(good)["statusList"]
    index = json.loads(base64.b64decode(older["entry"]))["index"]
    return _text({**current, "statusList": office.reader.logged(index).to_json("credential")})


def _other_witness() -> str:
    key = cosignature.verifier_key("witness.example/w2", SigningKey(b"\x03" * 32).public).print()
    return f"witness w2 {key} https://witness.example/w2\nquorum w2\n"


def _two_witnesses(policy: str, wanted: str = "all") -> str:
    other = _other_witness().splitlines()[0]
    return policy.replace("quorum w1", f"{other}\n\n# both\ngroup both {wanted} w1 w2\nquorum both")


def _without_index(policy: str) -> str:
    return "".join(f"{line}\n" for line in policy.splitlines() if "/index+" not in line)


def _other_origin(trust: dict[str, Any]) -> dict[str, Any]:
    other = copy.deepcopy(trust)
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    return {**other, "origin": "example.com/foo", "genesisKey": key, "ledgerKeys": [key], "indexKeys": []}


def _case(name: str, base: str, text: str, changed: str, trust: dict[str, Any]) -> dict[str, Any]:
    at = next((n for n, (a, b) in enumerate(zip(text, changed, strict=False)) if a != b), min(len(text), len(changed)))
    tail = 0
    while tail < min(len(text), len(changed)) - at and text[-1 - tail] == changed[-1 - tail]:
        tail += 1
    splice = {"at": at, "delete": len(text) - tail - at, "insert": changed[at : len(changed) - tail]}
    verdict = verify.verify(changed.encode("utf-8", "surrogatepass"), parse_trust(json.dumps(trust).encode()), NOW)
    steps = {step.name: step.result for step in verdict.steps}
    expected = {"verdict": verdict.verdict, "asOf": verdict.as_of, "steps": steps}
    return {"name": name, "base": base, **splice, "expect": expected}


def text() -> str:
    """The file as it must be."""
    return json.dumps(make(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(make()['cases'])} cases\n")
