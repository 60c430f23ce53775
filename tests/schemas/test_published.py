"""The published schemas of files and entries say what the readers in `registry` say, of the shared vectors and beyond."""

import base64
import json
from typing import Any

import jsonschema_rs
import pytest

import schemas
from registry.encoding.jcs import jcs
from registry.errors import Malformed
from registry.log import entry
from registry.verify import completeness, evidence
from registry.verify import trust as trusts
from tests.vectors import make_trust

Json = dict[str, Any]


def validator(name: str) -> Any:
    return jsonschema_rs.Draft202012Validator(schemas.schema_document(name))


def vectors(name: str) -> Json:
    document: Json = json.loads(schemas.vectors_bytes(name))
    return document


@pytest.mark.parametrize(
    ("kind", "shared", "least"),
    [("evidence", "verify", 8), ("evidence", "decided", 1), ("completeness", "completeness", 8)],
)
def test_what_is_read_fits_and_what_does_not_fit_is_not_read(kind: str, shared: str, least: int) -> None:
    fits, read = validator(f"{kind}/v1"), {"evidence": evidence.parse, "completeness": completeness.parse}[kind]
    cases = vectors(shared)
    refused = 0
    for case in cases["cases"]:
        text = list(cases["bases"][case["base"]])
        text[case["at"] : case["at"] + case["delete"]] = case["insert"]
        data = "".join(text).encode("utf-8", "surrogatepass")
        try:
            read(data)
        except Malformed:
            refused += 1
        else:
            assert fits.is_valid(json.loads(data)), case["name"]
    assert refused >= least


def test_the_schema_of_evidence_refuses_what_the_reader_refuses() -> None:
    fits = validator("evidence/v1")
    good = json.loads(vectors("verify")["bases"]["replaced twice"])
    assert fits.is_valid(good)
    for change in ({"v": 2}, {"salt": "AA=="}, {"entry": 1}, {"later": ["x"]}, {"latest": {}}, {"issuerKeys": None}):
        assert not fits.is_valid({**good, **change}), change
        with pytest.raises(Malformed):
            evidence.parse(json.dumps({**good, **change}).encode())


def test_the_trust_file_fits() -> None:
    fits, trust = validator("trust/v1"), vectors("verify")["trust"]
    assert fits.is_valid(trust)
    for change in ({"v": 2}, {"ledgerKeys": []}, {"issuers": [{"did": "did:web:x"}]}, {"require": {}}):
        assert not fits.is_valid({**trust, **change}), change
        with pytest.raises(Malformed):
            trusts.parse(jcs({**trust, **change}))


def test_what_is_a_trust_file_fits() -> None:
    shared = vectors("trust")
    fits = validator("trust/v1")
    accepted = [case for case in shared["cases"] if not case["refuse"]]
    assert [case["name"] for case in accepted if not fits.is_valid(make_trust.changed(shared["trust"], case))] == []
    assert len(accepted) >= 10


def entries() -> list[Json]:
    """Entries of every kind, of the vectors and made up."""
    shown = [json.loads(base64.b64decode(json.loads(text)["entry"])) for text in vectors("verify")["bases"].values()]
    first = shown[0]
    place = {name: first[name] for name in ("v", "index", "time", "prev")}
    return [
        *shown,
        {**place, "kind": "erase", "org": first["org"], "reason": "court_order", "refers": [0]},
        {**place, "kind": "note", "reason": "remark"},
        {**place, "kind": "policy", "commitment": first["commitment"]},
        {**place, "kind": "key", "commitment": first["commitment"], "issuer": first["issuer"]},
    ]


@pytest.mark.parametrize("shown", entries(), ids=lambda shown: f"{shown['kind']}-{shown['index']}")
def test_an_entry_fits_its_schema_as_the_reader_reads_it(shown: Json) -> None:
    fits = validator("entry/v1")
    entry.parse(jcs(shown))
    assert fits.is_valid(shown)
    for name in shown:
        changes = [{n: value for n, value in shown.items() if n != name}, {**shown, name: None}, {**shown, name: "\n"}]
        for changed in (*changes, {**shown, "more": 1}):
            try:
                entry.parse(jcs(changed))
            except Malformed:
                assert not fits.is_valid(changed), (name, changed)
            else:
                assert fits.is_valid(changed), (name, changed)


def test_no_such_vectors() -> None:
    with pytest.raises(KeyError):
        schemas.vectors_bytes("../codes/bc")
