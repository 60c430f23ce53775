"""What an operation takes and gives, as OpenAPI 3.1 out of pydantic models.

OpenAPI 3.1.1 and JSON Schema 2020-12. Routes carry the schema of a model with its parts beside it; `finished` gathers all parts
under `components`, adds what every operation may answer, and puts in the examples. Dictionaries alone, no web framework.
"""

import json
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from registry.described.problem import Codes, Problem
from registry.edge.problem import MEDIA_TYPE, problem_text

JSON = "application/json"
_REFERENCE = "#/components/schemas/{model}"
_METHODS = ("get", "post")
_OF_STATUS = {
    "201": ("Location",),
    "303": ("Location",),
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
_HEADERS = {
    "ETag": "of these bytes: for `If-None-Match`",
    "Location": "where to go on, or what was made",
    "Retry-After": "seconds to wait before asking again",
    "WWW-Authenticate": "what is wrong with the key that was sent (RFC 6750)",
}


class _Plain(GenerateJsonSchema):
    """Without the titles that pydantic makes of the names of members, and without defaults: what is absent is absent."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


@cache  # an app is made anew whenever the trust file changes
def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a model, or of a union of some: a reference, with its parts in `$defs` until they are gathered.

    Nobody changes it.
    """
    listed = TypeAdapter(list[kind]).json_schema(ref_template=_REFERENCE, schema_generator=_Plain)
    return {**listed["items"], **({"$defs": listed["$defs"]} if "$defs" in listed else {})}


def content(kind: Any, forms: Iterable[str] = (JSON,)) -> dict[str, Any]:
    """The member `content` of a body or an answer: that model in each of the media types."""
    return {form: {"schema": schema_of(kind)} for form in forms}


def answers(codes: Codes, names: Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """The error answers with those codes, by status. KeyError: a code that stands in no table."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for name in sorted(names, key=lambda name: (codes[name][0], name)):
        status, words = codes[name]
        example = json.loads(problem_text(status, name, words))
        response = by_status.setdefault(
            status,
            {
                "description": _phrase(status),
                "content": {MEDIA_TYPE: {"schema": schema_of(Problem), "example": example}},
            },
        )
        response["description"] += f"\n- `{name}`: {words}"
    return by_status


def taken(kind: Any, forms: Iterable[str] = (JSON,), *, required: bool = True) -> dict[str, Any]:
    """The extra of an operation whose body is of that model, read and judged by the route itself."""
    return {"requestBody": {"required": required, "content": content(kind, forms)}}


@cache
def read_examples(beside: str) -> dict[str, Any]:
    """The examples of an app, from `examples.json` beside that file."""
    examples: dict[str, Any] = json.loads(Path(beside).with_name("examples.json").read_text("utf-8"))
    return examples


@dataclass(frozen=True, slots=True)
class App:
    """What holds of every operation of an app. `codes`: all of them; `everywhere`: those that any operation may give.

    `headers`: of every answer, by name; `counted`: of the answers of an operation that may say 429; `examples`: real bodies by
    the id of the operation, then `request` or the status; `fleeting`: the operations that read what nobody may store, so that
    it has no ETag.
    """

    codes: Codes
    everywhere: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    counted: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fleeting: Set[str] = frozenset()


def finished(document: dict[str, Any], app: App) -> dict[str, Any]:
    """The document with all schemas under `components`, the answers of every operation, headers and examples."""
    general = {str(status): answer for status, answer in answers(app.codes, app.everywhere).items()}
    shared: dict[str, Any] = {}
    for methods in document["paths"].values():
        for method, operation in methods.items():
            if method in _METHODS:
                is_stored = method == "get" and operation["operationId"] not in app.fleeting
                names = [*app.headers, *(app.counted if "429" in operation["responses"] else ())]
                _add_answers(operation, general, names, is_stored=is_stored)
                _add_examples(operation, app.examples.get(operation["operationId"], {}), shared)
                for parameter in operation.get("parameters", ()):
                    _make_plain(parameter)
    for status, answer in general.items():
        _add_headers(answer, [*app.headers, *app.counted, *_own_headers(status, is_stored=False)])
    components = document.setdefault("components", {})
    components["examples"] = shared
    components["responses"] = {_name(status): answer for status, answer in general.items()}
    components["headers"] = {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in sorted({**_HEADERS, **app.headers, **app.counted}.items())
    }
    schemas: dict[str, Any] = {}
    gathered: dict[str, Any] = _gathered(document, schemas)
    gathered["components"]["schemas"] = dict(sorted(schemas.items()))
    return gathered


def _add_answers(
    operation: dict[str, Any], general: Mapping[str, dict[str, Any]], names: Iterable[str], *, is_stored: bool
) -> None:
    """Adds the general answers: by reference, unless the operation says more of that status."""
    responses: dict[str, Any] = operation["responses"]
    if is_stored and "200" in responses:
        responses["304"] = {"description": "Not Modified: `If-None-Match` names what there is"}
    for status, response in responses.items():
        lines = general.get(status, {"description": ""})["description"].split("\n")[1:]
        own = response["description"].split("\n")
        response["description"] = "\n".join([*own, *(line for line in lines if line not in own)])
        _add_headers(response, [*names, *_own_headers(status, is_stored=is_stored)])
    references = {status: {"$ref": f"#/components/responses/{_name(status)}"} for status in general}
    operation["responses"] = dict(sorted({**references, **responses}.items()))


def _add_headers(response: dict[str, Any], names: Sequence[str]) -> None:
    if names:
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _name(status: str) -> str:
    return f"Error{status}"


def _own_headers(status: str, *, is_stored: bool) -> tuple[str, ...]:
    if status in ("200", "304") and is_stored:
        return ("ETag",)
    return _OF_STATUS.get(status, ())


def _add_examples(operation: dict[str, Any], examples: Mapping[str, Any], shared: dict[str, Any]) -> None:
    """Each in the first form of the body or the answer, by reference: a long one is often that of several operations."""
    for place, example in examples.items():
        target = operation["requestBody"] if place == "request" else operation["responses"][place]
        name = next((name for name, other in shared.items() if other["value"] == example), None)
        if name is None:
            name = f"{operation['operationId']}-{place}"
            shared[name] = {"value": example}
        next(iter(target["content"].values()))["examples"] = {"sample": {"$ref": f"#/components/examples/{name}"}}


def _make_plain(parameter: dict[str, Any]) -> None:
    """A parameter that is not there is absent: it is never null, and its name is title enough."""
    schema = parameter["schema"]
    schema.pop("title", None)
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del schema["anyOf"]
        schema.update(kinds[0])


def _gathered(value: Any, schemas: dict[str, Any]) -> Any:
    """The value without `$defs`; these stand in `schemas` then."""
    if isinstance(value, list):
        return [_gathered(item, schemas) for item in value]
    if not isinstance(value, dict):
        return value
    for name, part in value.get("$defs", {}).items():
        whole = _gathered(part, schemas)
        if schemas.setdefault(name, whole) != whole:
            raise ValueError(f"two models are called {name}")
    return {name: _gathered(item, schemas) for name, item in value.items() if name != "$defs"}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase
