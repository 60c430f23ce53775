"""What a stranger's credential points at: schemas and related resources are read, and lead no further."""

from typing import Any

import pytest

from registry.foreign.finding import FAILED, INDETERMINATE, PASSED
from registry.foreign.retrieval import Fetch, no_fetch
from registry.foreign.verify import ForeignResult, ForeignVerifier
from tests.builders.stranger import AT, SCHEMA_URL, draft, serving, signed

GOOD_SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["credentialSubject"]}
#: thirty levels, each twice the one below: a thousand million subschemas
DOUBLING = {
    **GOOD_SCHEMA,
    "$defs": {"d0": {"type": "object"}}
    | {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n - 1}"}, {"$ref": f"#/$defs/d{n - 1}"}]} for n in range(1, 31)},
    "$ref": "#/$defs/d30",
}
CHAIN = {
    **GOOD_SCHEMA,
    "$ref": "#/$defs/d4000",
    "$defs": {"d0": {}} | {f"d{n}": {"$ref": f"#/$defs/d{n - 1}"} for n in range(4000, 0, -1)},
}


def result_of(document: Any, fetch: Fetch = no_fetch) -> ForeignResult:
    return ForeignVerifier(fetch).credential(document, AT)


def about(result: ForeignResult, name: str) -> list[str]:
    return [finding.result for finding in result.about(name)]


@pytest.mark.parametrize(
    "schema",
    [
        b"{", {}, {"$schema": "urn:unknown"}, {**GOOD_SCHEMA, "type": 7},
        {**GOOD_SCHEMA, "$ref": "https://169.254.169.254/schema.json"}, {**GOOD_SCHEMA, "$ref": "file:///etc/passwd"},
        {**GOOD_SCHEMA, "properties": {"id": {"pattern": "(a+)+(?=b)$"}}}, {**GOOD_SCHEMA, "$ref": "#"},
        {**GOOD_SCHEMA, "properties": {"id": {"pattern": "((a{1,500}){1,500}){1,500}"}}}, {**GOOD_SCHEMA, "$ref": "#/nowhere"},
        {**GOOD_SCHEMA, "$ref": "other.json"}, {**GOOD_SCHEMA, "$ref": "#anchor"}, {**GOOD_SCHEMA, "$dynamicRef": "#x"},
        {**GOOD_SCHEMA, "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"items": {"$ref": "#/$defs/a"}}}},
        {**GOOD_SCHEMA, "$defs": {"a": {"$id": "https://stranger.example/other", "$ref": "#/x"}}},
        DOUBLING, CHAIN,
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_read_here_leads_nowhere(schema: Any) -> None:
    document = signed(draft(credentialSchema={"id": SCHEMA_URL, "type": "JsonSchema"}))
    fetch, asked = serving(schema=schema)
    assert about(result_of(document, fetch), "credentialSchema") == [INDETERMINATE]
    assert asked == [SCHEMA_URL]


@pytest.mark.parametrize(
    ("digests", "result"),
    [
        ({"digestSRI": "sha384-Hdvwn2q1FA3RFB8OePRvOqZYnQP2TrQ7zQFaXnRF7TKpvzGHh2rfh6cEdKJVmuk7"}, FAILED),
        ({"digestSRI": "sha256-RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="}, PASSED),
        ({"digestMultibase": "uEiBEE2-jVbNnihFGrRb36GSelPtPwh_nfoMQwGD2HKr_ig"}, PASSED),
        ({"digestSRI": "md5-mZFLkyvTelC5g8XnyQrpOw=="}, FAILED),
        ({"digestMultibase": "z1111"}, FAILED),
    ],
)
def test_a_related_resource_has_the_digests_that_are_told(digests: dict[str, str], result: str) -> None:
    document = signed(draft(relatedResource=[{"id": SCHEMA_URL, **digests}]))
    judged = result_of(document, serving(schema=b"{}")[0])
    assert (about(judged, "relatedResource"), judged.is_verified) == ([result], result == PASSED)
    assert about(result_of(document), "relatedResource") == [INDETERMINATE]


def test_a_schema_with_references_within_it_is_followed() -> None:
    name = {"type": "object", "properties": {"name": {"$ref": "#/$defs/a~1text"}}}
    schema = {**GOOD_SCHEMA, "properties": {"credentialSubject": {"$ref": "#/$defs/subject"}}}
    for kind, result in (("string", PASSED), ("integer", FAILED)):
        defined = {**schema, "$defs": {"subject": name, "a/text": {"allOf": [{"type": kind}, {"type": kind}]}}}
        document = signed(draft(credentialSchema={"id": SCHEMA_URL, "type": "JsonSchema"}))
        assert about(result_of(document, serving(schema=defined)[0]), "credentialSchema") == [result]
