"""A document is made of models alone: every part under its name, every error with its codes, every example in its place."""

import copy
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from registry.described import openapi
from registry.described.problem import Codes
from registry.edge.problem import MEDIA_TYPE

CODES: Codes = {"host": (400, "not our name"), "cursor": (400, "it is damaged"), "away": (503, "come again")}
APP = openapi.App(
    CODES, ("host", "away"), {"Seen": "since when"}, examples={"getTree": {"200": {"leaves": [{"size": 1}]}}}
)


class Leaf(BaseModel):
    """A leaf."""

    size: Annotated[int, Field(ge=0)] = 0


class Tree(BaseModel):
    """A tree."""

    leaves: list[Leaf]


def document(responses: dict[Any, Any], parameters: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    operation = {
        "operationId": "getTree",
        "responses": {str(status): answer for status, answer in responses.items()},
        "parameters": parameters or [],
    }
    return {"openapi": "3.1.0", "paths": {"/tree": {"get": copy.deepcopy(operation)}}}


def good(kind: Any) -> dict[int, Any]:
    return {200: {"description": "a tree", "content": openapi.content(kind)}}


def test_every_part_stands_under_its_name_without_what_only_python_knows() -> None:
    whole = openapi.finished(document(good(Tree)), APP)
    schemas = whole["components"]["schemas"]
    assert set(schemas) == {"Leaf", "Tree", "Problem"}
    assert schemas["Leaf"]["properties"] == {"size": {"type": "integer", "minimum": 0}}
    assert "required" not in schemas["Leaf"]
    answer = whole["paths"]["/tree"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Tree"}
    assert "$defs" not in str(whole)


def test_an_operation_says_its_own_codes_beside_those_of_all() -> None:
    whole = openapi.finished(document({**good(Tree), **openapi.answers(CODES, ["cursor"])}), APP)
    responses = whole["paths"]["/tree"]["get"]["responses"]
    assert list(responses) == ["200", "304", "400", "503"]
    assert responses["400"]["description"].split("\n")[1:] == ["- `cursor`: it is damaged", "- `host`: not our name"]
    assert responses["400"]["content"][MEDIA_TYPE]["example"]["code"] == "cursor"
    assert responses["503"] == {"$ref": "#/components/responses/Error503"}
    assert set(whole["components"]["responses"]["Error503"]["headers"]) == {"Seen", "Retry-After"}
    assert set(responses["200"]["headers"]) == {"Seen", "ETag"}


def test_a_code_that_stands_in_no_table_is_noticed() -> None:
    with pytest.raises(KeyError, match="none"):
        openapi.answers(CODES, ["none"])


def test_an_example_stands_with_its_answer() -> None:
    whole = openapi.finished(document(good(Tree)), APP)
    form = whole["paths"]["/tree"]["get"]["responses"]["200"]["content"]["application/json"]
    assert form["examples"] == {"sample": {"$ref": "#/components/examples/getTree-200"}}
    assert whole["components"]["examples"] == {"getTree-200": {"value": {"leaves": [{"size": 1}]}}}


def test_a_parameter_is_absent_and_never_null() -> None:
    schema = {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}], "title": "Cursor"}
    whole = openapi.finished(document(good(Tree), [{"name": "cursor", "in": "query", "schema": schema}]), APP)
    assert whole["paths"]["/tree"]["get"]["parameters"][0]["schema"] == {"type": "string", "minLength": 1}


def test_two_models_of_one_name_are_refused() -> None:
    def other() -> Any:
        class Leaf(BaseModel):
            """Another one."""

            colour: str

        return Leaf

    both = good(Tree) | {201: {"description": "made", "content": openapi.content(other())}}
    with pytest.raises(ValueError, match="two models are called Leaf"):
        openapi.finished(document(both), APP)
