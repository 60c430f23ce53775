"""The vectors that Python and the browser share are what this code gives, and hold what they should."""

import json
import re

import jsonschema_rs

import schemas
from registry.verify import steps
from registry.verify.codes import CODES
from registry.verify.completeness import WAITS
from registry.verify.trust import parse as parse_trust
from tests.builders.command import NOW, ROOT
from tests.vectors import make_completeness, make_decided, make_trust, make_verify


def test_the_vectors_are_up_to_date() -> None:
    assert make_verify.TARGET.read_text("utf-8") == make_verify.text()
    assert make_completeness.TARGET.read_text("utf-8") == make_completeness.text()
    assert make_decided.TARGET.read_text("utf-8") == make_decided.text()
    assert make_trust.TARGET.read_text("utf-8") == make_trust.text()


def test_every_code_stands_in_the_published_schema() -> None:
    schema = schemas.schema_document("verdict/v1")
    published = set(schema["properties"]["steps"]["items"]["properties"]["code"]["enum"])
    assert set(CODES.values()) <= published
    validator = jsonschema_rs.Draft202012Validator(schema)
    shared = json.loads(make_verify.TARGET.read_text("utf-8"))
    for text in shared["bases"].values():
        verdict = steps.verify(text.encode(), parse_trust(json.dumps(shared["trust"]).encode()), NOW).to_json()
        assert list(validator.iter_errors(verdict)) == []
    assert {code for case in shared["cases"] for code in case["expect"]["codes"].values()} <= published


def test_the_browser_has_the_same_codes() -> None:
    text = (ROOT / "search" / "web" / "static" / "verify" / "codes.js").read_text("utf-8")
    pairs = re.findall(r'^  ("(?:[^"\\\\]|\\\\.)*"): ("[a-z_]+"),$', text, re.MULTILINE)
    assert {json.loads(reason): json.loads(code) for reason, code in pairs} == CODES


def test_the_vectors_cover_every_step() -> None:
    cases = json.loads(make_verify.TARGET.read_text("utf-8"))["cases"]
    failed = {step for case in cases for step, result in case["expect"]["steps"].items() if result == "failed"}
    assert failed == set(steps.STEPS)
    assert {case["expect"]["verdict"] for case in cases} == {
        "verified", "superseded", "failed", "indeterminate",
    }  # fmt: skip
    revoked = next(case for case in cases if case["name"] == "revoked")
    assert revoked["expect"]["steps"]["not_revoked"] == "failed"
    older = next(case for case in cases if case["name"] == "a list that is not the newest")
    assert {step for step, result in older["expect"]["steps"].items() if result == "failed"} == {"current"}


def test_the_completeness_vectors_cover_every_step() -> None:
    cases = json.loads(make_completeness.TARGET.read_text("utf-8"))["cases"]
    failed = {step for case in cases for step, result in case["expect"]["steps"].items() if result == "failed"}
    assert failed == set(WAITS)
    published = set(schemas.schema_document("verdict/v1")["properties"]["steps"]["items"]["properties"]["code"]["enum"])
    assert {code for case in cases for code in case["expect"]["codes"].values()} <= published
