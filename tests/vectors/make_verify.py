"""Write schemas/vectors/verify.json: evidence, trust and the result of every step, for Python and for the browser.

    python -m tests.vectors.make_verify

Each case is a splice into one of the base texts: `at` characters are kept, `delete` characters dropped, `insert` put in.
"""

import base64
import copy
import json
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from issuer.actions import keys
from issuer.actions.standing import change_one, revocation
from issuer.run.issue import issue
from registry.encoding.jcs import jcs
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.keys import SigningKey
from registry.log import cosignature
from registry.verify import steps as verify
from registry.verify.trust import parse as parse_trust
from sample_data.make_expected import fixed_bytes as seeded
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.builders.permits import permits
from tests.builders.witnesses import publish_witnessed, witnessed_reader
from tests.mutations.named import MUTATIONS

#: a name of the same day as the one before, a person's second name, and twenty-four names of one organization
MORE = [
    state("BC0000001", "CRIMSON MOOSE LTD.", "9", "2021-02-03"),
    state("FM0000003", "JEANNE'S BAKERY", "9", "2022-03-04", "SP"),
    *(state("BC0000002", f"HARBOUR SEAL {n} INC.", str(10 + n), f"2021-01-{n:02d}") for n in range(1, 25)),
]
LAST = state("BC0000002", "HARBOUR SEAL LAST INC.", "60", "2021-02-01")
#: by base: days that are asked about
ASKED = {
    "company": ["2021-02-02", "2021-02-03", "2026-01-02", "2026-01-03"],
    "superseded": ["2019-12-31", "2020-01-01", "2021-02-02", "2021-02-03", "2021-02-04"],
    "replaced twice": ["2020-01-01", "2021-02-02", "2021-02-03"],
    "replaced the same day": ["2021-02-02", "2021-02-03", "2021-02-04"],
    "a person, replaced": ["2019-07-08", "2022-03-03", "2022-03-04"],
    "made before there was later": ["2020-06-01"],
    "more than twenty-four came later": ["2020-06-01"],
    "twenty-four came later": ["2020-12-31", "2021-01-01"],
}
#: by base: which credential of the register `permits`
PERMITS = {
    "permit": ("P-0004", 1),
    "permit, suspended": ("P-0001", 2),
    "permit of whoever may be a person": ("P-0003", 1),
}
LEFT = "relationships left to others"
BASE = "http://localhost:8000"


def _forge(evidence: dict[str, Any]) -> None:
    entry = json.loads(base64.b64decode(evidence["later"][0]))
    entry["effective"] = "2025-01-01"
    evidence["later"][0] = base64.b64encode(jcs(entry)).decode()


#: what is done to the later entries of a state that was replaced twice
LATER = {
    "a later entry is left out": lambda evidence: evidence["later"].pop(0),
    "the last later entry is left out": lambda evidence: evidence["later"].pop(),
    "all later entries are left out": lambda evidence: evidence["later"].clear(),
    "the later entries are in another order": lambda evidence: evidence["later"].reverse(),
    "a later entry stands twice": lambda evidence: evidence["later"].append(evidence["later"][-1]),
    "a later entry is forged": _forge,
    "a later entry is of another organization": lambda evidence: evidence["later"].insert(
        1, evidence["issuerKeys"]["entry"]
    ),
    "later is null": lambda evidence: evidence.update(later=None),
    "later is no list": lambda evidence: evidence.update(later="x"),
    "later is of numbers": lambda evidence: evidence.update(later=[1]),
    "later is absent": lambda evidence: evidence.pop("later"),
    "later has too many": lambda evidence: evidence.update(later=evidence["later"] * 13),
    "the count before is another": lambda evidence: evidence["latest"]["organization"].update(n=1),
    "the count before is absent": lambda evidence: evidence["latest"]["organization"].pop("n"),
    "the count before is no number": lambda evidence: evidence["latest"]["organization"].update(n="0"),
}

TARGET = Path(__file__).parents[2] / "schemas" / "vectors" / "verify.json"
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
            "made before there was later": _without_later(office),
        }
        change_one(
            office, "sample", "BC0000001", None, revocation("court_order"), surroundings("revoke"), dry_run=False
        )
        publish_witnessed(office)
        bases["revoked"] = _evidence(office, "BC0000001", 2)
        bases["a list that is not the newest"] = _with_older_list(office, bases["revoked"], good)
        bases["superseded, and its organization's newest is revoked"] = _evidence(office, "BC0000001", 1)
        around = surroundings("more")
        issue(office, "table", extract([*STATES, *MORE]), around)
        publish_witnessed(office)
        bases |= {
            "replaced twice": _evidence(office, "BC0000001", 1),
            "replaced the same day": _evidence(office, "BC0000001", 2),
            "a person, replaced": _evidence(office, "FM0000003", 1),
            "twenty-four came later": _evidence(office, "BC0000002", 1),
        }
        issue(office, "table", extract([*STATES, *MORE, LAST]), surroundings("last"))
        publish_witnessed(office)
        bases["more than twenty-four came later"] = _evidence(office, "BC0000002", 1)
        keys.compromise(office, "sample", "credential-1", NOW, surroundings("theft"), reissue=True, dry_run=False)
        publish_witnessed(office)
        trust_now = witnessed_reader(office).trust()
        bases["corrected"] = _evidence(office, "FM0000003", 2)
        issue(office, "table", permits(), surroundings("permits"))
        partner = replace(state("BC0000004", "MANY PARTNERS LTD.", "70", "2021-02-01"), relationships_omitted=3)
        issue(office, "table", extract([partner]), surroundings("partner"))
        publish_witnessed(office)
        issuers_now = {"issuers": witnessed_reader(office).trust()["issuers"]}
        ministry = [issuer for issuer in issuers_now["issuers"] if issuer["registers"] == ["permits"]]
        trust = {**trust, "issuers": [*trust["issuers"], *ministry]}
        for name, place in PERMITS.items():
            bases[name] = as_text(office.reader.evidence("permits", *place))
        bases[LEFT] = _evidence(office, "BC0000004", 1)
    late = {"corrected", *PERMITS, LEFT}
    cases = [case(name, name, text, text, trust) for name, text in bases.items() if name not in late]
    issuers = {"issuers": trust_now["issuers"]}
    corrected = bases["corrected"]
    cases.append({**case("corrected", "corrected", corrected, corrected, trust | issuers), "trust": issuers})
    before = {"contexts": {url: digest for url, digest in trust["contexts"].items() if "organization/v2" not in url}}
    registrations = _types({"issuers": issuers_now["issuers"]}, "OrganizationRegistrationCredential")
    wrong_bytes = {"contexts": {**before["contexts"], f"{BASE}/contexts/organization/v2": "00" * 32}}
    for name, own in ((name, bases[name]) for name in (*PERMITS, LEFT)):
        for about, change in (
            ("", {}),
            (", by a trust file from before context v2", before),
            (", by a trust file that pins another context v2", wrong_bytes),
            (", of an issuer for registrations", registrations),
        ):
            changed = issuers_now | change
            cases.append({**case(f"{name}{about}", name, own, own, trust | changed), "trust": changed})
    cases.append(
        {**case("a trust file from before context v2", "company", good, good, trust | before), "trust": before}
    )
    permit = bases["permit"]
    for about, old, new in (
        ("a permit in context v1", "organization/v2", "organization/v1"),
        ("a permit as an organization", '"type":"Permit"', '"type":"RegisteredOrganization"'),
        ("a permit under the schema of organizations", "schemas/permit/v1", "schemas/organization/v2"),
        ("another end of a permit", '"permitUntil":"2030-03-03"', '"permitUntil":"2031-03-03"'),
        ("another holder", '"relatedNumber":"BC0000002"', '"relatedNumber":"BC0000001"'),
    ):
        cases.append(
            {**case(about, "permit", permit, permit.replace(old, new, 1), trust | issuers_now), "trust": issuers_now}
        )
    for base, days in ASKED.items():
        for day in days:
            judged = case(f"{base}, asked on {day}", base, bases[base], bases[base], trust, date.fromisoformat(day))
            cases.append({**judged, "on": day})
    for name, change in LATER.items():
        changed = json.loads(bases["replaced twice"])
        change(changed)
        cases.append(case(name, "replaced twice", bases["replaced twice"], as_text(changed), trust))
    for name, (mutate, _) in MUTATIONS.items():
        changed = json.loads(good)
        mutate(changed)
        cases.append(case(name, "company", good, as_text(changed), trust))
    person = json.loads(bases["person"])
    del person["orgSalt"]
    cases.append(case("no orgSalt", "person", bases["person"], as_text(person), trust))
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
        cases.append(case(name, "company", good, good.replace(old, new, 1), trust))
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
        ("the issuer is trusted for registrations", _types(trust, "OrganizationRegistrationCredential")),
        ("the issuer is trusted for another type", _types(trust, "PermitCredential")),
        ("the issuer is trusted for no type", _types(trust)),
        (
            "the issuer is trusted for two types",
            _types(trust, "PermitCredential", "OrganizationRegistrationCredential"),
        ),
        ("another origin is trusted", _other_origin(trust)),
    ):
        cases.append({**case(name, "company", good, good, trust | change), "trust": change})
    own = '"type":["VerifiableCredential","OrganizationRegistrationCredential"]'
    for name, types in (
        ("a second type", '["VerifiableCredential","OrganizationRegistrationCredential","PermitCredential"]'),
        ("another type", '["VerifiableCredential","PermitCredential"]'),
        ("no type of its own", '["VerifiableCredential"]'),
        ("a type that is no text", '["VerifiableCredential",["OrganizationRegistrationCredential"]]'),
        ("types that are no list", '"OrganizationRegistrationCredential"'),
    ):
        cases.append(case(name, "company", good, good.replace(own, f'"type":{types}', 1), trust))
    return {"at": AT, "trust": trust, "bases": bases, "cases": cases}


def _without_later(office: Office) -> str:
    """As it was made before: the map tells of the newest entry, and nothing of those between."""
    older, newest = (json.loads(_evidence(office, "BC0000001", n)) for n in (1, 2))
    return as_text({**{name: value for name, value in older.items() if name != "later"}, "latest": newest["latest"]})


def _evidence(office: Office, number: str, n: int) -> str:
    return as_text(office.reader.evidence("sample", number, n))


def as_text(evidence: dict[str, Any]) -> str:
    return json.dumps(evidence, ensure_ascii=False, separators=(",", ":"))


def _with_older_list(office: Office, revoked: str, good: str) -> str:
    """The revocation list as it was before, genuine and included, under the checkpoint of today."""
    current, older = json.loads(revoked), json.loads(good)["statusList"]
    index = json.loads(base64.b64decode(older["entry"]))["index"]
    return as_text({**current, "statusList": office.reader.logged(index).to_json("credential")})


def _other_witness() -> str:
    key = cosignature.verifier_key("witness.example/w2", SigningKey(b"\x03" * 32).public).print()
    return f"witness w2 {key} https://witness.example/w2\nquorum w2\n"


def _two_witnesses(policy: str, wanted: str = "all") -> str:
    other = _other_witness().splitlines()[0]
    return policy.replace("quorum w1", f"{other}\n\n# both\ngroup both {wanted} w1 w2\nquorum both")


def _types(trust: dict[str, Any], *types: str) -> dict[str, Any]:
    return {"issuers": [{**issuer, "types": list(types)} for issuer in trust["issuers"]]}


def _without_index(policy: str) -> str:
    return "".join(f"{line}\n" for line in policy.splitlines() if "/index+" not in line)


def _other_origin(trust: dict[str, Any]) -> dict[str, Any]:
    other = copy.deepcopy(trust)
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    return {**other, "origin": "example.com/foo", "genesisKey": key, "ledgerKeys": [key], "indexKeys": []}


def case(
    name: str, base: str, text: str, changed: str, trust: dict[str, Any], on: date | None = None
) -> dict[str, Any]:
    trusted = parse_trust(json.dumps(trust).encode())
    verdict = verify.verify(changed.encode("utf-8", "surrogatepass"), trusted, NOW, on)
    steps = {step.name: step.result for step in verdict.steps}
    codes = {step.name: step.code for step in verdict.steps if step.code is not None}
    expected = {"verdict": verdict.verdict, "asOf": verdict.as_of, **verdict.subject.to_json(), "steps": steps}
    expected["codes"] = codes
    return {"name": name, "base": base, **splice(text, changed), "expect": expected}


def splice(text: str, changed: str) -> dict[str, Any]:
    """What makes one text of the other: `at`, `delete`, `insert`."""
    at = next((n for n, (a, b) in enumerate(zip(text, changed, strict=False)) if a != b), min(len(text), len(changed)))
    tail = 0
    while tail < min(len(text), len(changed)) - at and text[-1 - tail] == changed[-1 - tail]:
        tail += 1
    return {"at": at, "delete": len(text) - tail - at, "insert": changed[at : len(changed) - tail]}


def text() -> str:
    """The file as it must be."""
    return json.dumps(make(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(make()['cases'])} cases\n")
