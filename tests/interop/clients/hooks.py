"""What JSON Schema cannot say of a request, for schemathesis: it makes requests that are meant well.

Numbers are whole (strict JSON), no address holds a NUL, the first day is not later than the last, a cursor comes from a page,
codes from the tables.
"""

import json
import os
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
def map_body(context: Any, body: Any) -> Any:
    """What is posted names what is there, so that it gets further than to the first refusal; what is wrong stays so."""
    body = _whole(body)
    if not isinstance(body, dict):
        return body
    path, site = context.operation.path, os.environ["GREFFE_SITE"]
    if path == "/api/v1/verify":
        return {**body, "v": 1, "origin": site.partition("//")[2]}
    if path == "/credentials/issue" and isinstance(body.get("credential"), dict):
        return {**body, "credential": _replaced(body["credential"], _frame(site))}
    if path == "/credentials/status":
        return _replaced(body, {"credentialId": f"{site}/credentials/sample/BC9000004/1"})
    if path == "/status-lists" and isinstance(body.get("options"), dict):
        return {**body, "options": _replaced(body["options"], {"register": "sample"})}
    return body


def _replaced(members: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """The members with those of `known` in the place of others of the same form."""
    fitting = {name: value for name, value in known.items() if _form(members.get(name)) == _form(value)}
    return {**members, **fitting}


def _form(value: Any) -> Any:
    return [_form(item) for item in value] if isinstance(value, list) else type(value)


def _frame(site: str) -> dict[str, Any]:
    """What is the same in every registration of the sample."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", f"{site}/contexts/organization/v1"],
        "type": ["VerifiableCredential", "OrganizationRegistrationCredential"],
        "issuer": f"did:web:{site.partition('//')[2].replace(':', '%3A')}:issuers:sample",
    }


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
