"""What JSON Schema cannot say of a request, for schemathesis: it makes requests that are meant well.

Numbers are whole (strict JSON), no address holds a NUL, the first day is not later than the last, a cursor comes from a page,
codes from the tables.
"""

import json
from typing import Any

import schemathesis

CODES = {"register": "sample,permits", "type": "BC,ULC", "jurisdiction": "CA-BC"}
PAIRS = (("registered_from", "registered_to"),)
SEARCHES = ("/api/v1/organizations", "/api/v1/autocomplete")


@schemathesis.hook
def map_query(context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    if query is None:
        return None
    changed = {name: value.replace("\0", "") if isinstance(value, str) else value for name, value in query.items()}
    if changed.get("cursor"):
        changed["cursor"] = ""
    if context.operation.path in SEARCHES:
        changed.update({name: value for name, value in CODES.items() if changed.get(name)})
    if context.operation.path == "/api/v1/proof/organization" and isinstance(changed.get("number"), str):
        changed["register"], changed["number"] = "sample", "BC9000001"
    for first, last in PAIRS:
        days = changed.get(first), changed.get(last)
        if all(isinstance(day, str) and day for day in days):
            changed[first], changed[last] = sorted(days)
    return changed


@schemathesis.hook
def map_body(_context: Any, body: Any) -> Any:
    return _whole(body)


def _whole(value: Any) -> Any:
    """The same value without a fraction, or a number that is too large, anywhere."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
        return 7
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return value


@schemathesis.deserializer("application/vc")
def credential(_context: Any, response: Any) -> Any:
    return json.loads(response.content)


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else json.dumps(value).encode()
