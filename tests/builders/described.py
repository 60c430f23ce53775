"""Holds real answers against what an OpenAPI document says of them."""

import copy
import json
import re
from typing import Any

import httpx
import jsonschema_rs

PROBLEM = "application/problem+json"


class Described:
    """A document whose objects are closed, so that a member of which nothing is said is noticed.

    `reached`: the ids of the operations that answered as described, with the statuses.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._components = copy.deepcopy(document["components"])
        for schema in self._components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        self.operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }
        self.reached: dict[str, set[int]] = {}
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def errors(self, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with a value by a schema of the document."""
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {**schema, "components": self._components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole)
        errors = self._validators[key].iter_errors(value)
        return [f"{'/'.join(map(str, error.instance_path))}: {error.message}"[:300] for error in errors]

    def check(self, answer: httpx.Response) -> httpx.Response:
        """The same answer, of which status, media type, headers, body and code are as its operation says."""
        name = self._operation_of(answer.request.method, answer.request.url.path)
        response = self._response(self.operations[name][2], answer.status_code)
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        forms = response.get("content", {})
        assert ("ETag" in response.get("headers", {})) <= ("etag" in answer.headers), f"{name}: no ETag"
        if not forms:
            assert answer.content == b"", f"{name}: a body of which nothing is said"
        else:
            assert media_type in forms, f"{name}: {answer.status_code} as {media_type}"
            if media_type.endswith("json") or media_type == "application/vc":
                faults = self.errors(forms[media_type]["schema"], answer.json())
                assert faults == [], f"{name}: {faults}"
        if media_type == PROBLEM:
            assert f"- `{answer.json()['code']}`:" in response["description"], f"{name}: {answer.text}"
        self.reached.setdefault(name, set()).add(answer.status_code)
        return answer

    def has(self, path: str) -> bool:
        """Whether some operation answers there."""
        return any(re.fullmatch(_pattern(template), path) for template in self.document["paths"])

    def _response(self, operation: dict[str, Any], status: int) -> dict[str, Any]:
        responses = operation["responses"]
        assert str(status) in responses, f"{operation['operationId']}: {status} is not declared"
        response: dict[str, Any] = responses[str(status)]
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        return response

    def _operation_of(self, method: str, path: str) -> str:
        fitting = {
            name: template
            for name, (verb, template, _) in self.operations.items()
            if verb == method and re.fullmatch(_pattern(template), path)
        }
        assert fitting, f"{method} {path} is no operation"
        return min(fitting, key=lambda name: fitting[name].count("{"))


def _pattern(template: str) -> str:
    parts = re.split(r"\{\w+\}", template)
    return (".+" if "/tile/" in template else "[^/]+").join(map(re.escape, parts))
