"""What the routes say of themselves in the OpenAPI document: answers, errors, codes.

The models are in `models`, how a document is made of them in `registry/described/openapi.py`. Real answers of the sample register
stand in `examples.json`, by the id of the operation; `tools/make_examples.py` writes it.
"""

from typing import Any

from registry.described import openapi
from registry.described.problem import JSON_CODES, STORE_CODES, Codes
from registry.edge.problem import MEDIA_TYPE
from search.api.models.vc import RefusedRequest

_PARAMETER: Codes = {
    "bad_parameter": (422, "a parameter is missing, or has a value that it cannot have: `parameter` names it"),
    "bad_date": (422, "not a calendar date, YYYY-MM-DD"),
}
CODES: Codes = {
    **JSON_CODES,
    **STORE_CODES,
    **_PARAMETER,
    "host": (400, "this installation does not go by that name"),
    "nul": (400, "the address holds a NUL character"),
    "duplicate_parameter": (400, "a parameter of the query is given twice"),
    "bad_cursor": (400, "the cursor is damaged, or belongs to another question"),
    "proof_sizes": (400, "no proof leads from a tree of the one size to one of the other"),
    "document_missing": (400, "the document is missing, or no object"),
    "options": (400, "the options are no object"),
    "option_unknown": (400, "an option or a member is not known here"),
    "option_value": (400, "an option cannot have that value"),
    "access_unknown": (401, "the access key that was sent is none of this site's, or has ended"),
    "organization_unknown": (404, "no such organization is registered here"),
    "no_state": (404, "nothing is known of it as of then"),
    "body_missing": (404, "what was registered was erased; its ledger entry is there"),
    "credential_unknown": (404, "there is no such credential"),
    "cryptosuite_unknown": (404, "the credential has no proof of that cryptosuite"),
    "anchor_unknown": (404, "there is no such identity anchor"),
    "status_list_unknown": (404, "there is no such status list"),
    "context_unknown": (404, "there is no such context"),
    "schema_unknown": (404, "there is no such schema"),
    "vectors_unknown": (404, "there are no such vectors"),
    "register_unknown": (404, "there is no issuer for that register"),
    "did_log_unknown": (404, "there is no did:webvh log for that register"),
    "not_initialized": (404, "the ledger was never opened"),
    "tile_unknown": (404, "there is no such tile"),
    "entry_unknown": (404, "a tree of that size has no such entry"),
    "size_unknown": (404, "the published log has fewer entries"),
    "not_published": (409, "no published checkpoint covers it yet"),
    "body_too_large": (413, "the body is larger than this address takes"),
    "too_many_queries": (413, "more than 1,000 queries"),
    "too_many_items": (413, "more than 1,000 items"),
    "item_too_large": (413, "an item has more than 256 KiB"),
    "address_too_long": (414, "the address is longer than 16 KiB"),
    "content_encoding": (415, "a compressed body is not taken"),
    "unknown_parameter": (422, "there is no parameter of that name here: `parameter` names it"),
    "bad_range": (422, "the first day is later than the last"),
    "bad_time": (422, "not an RFC 3339 time"),
    "query_too_long": (422, "more than 2,000 characters"),
    "queries": (422, "a query is not of its form"),
    "items": (422, "the items are not an array of objects"),
    "not_evidence": (422, "neither evidence nor a credential: there is nothing to judge"),
    "number": (422, "the register writes no number like that, so that its absence says nothing"),
    "rate_limited": (429, "more was asked for than one client may in a minute: `Retry-After` says when to go on"),
    "headers_too_large": (431, "the headers are larger than 16 KiB"),
    "index_outdated": (503, "the search index is being rebuilt"),
    "search_away": (503, "the search engine does not answer"),
    "not_signed_yet": (503, "the office's signer makes it now: ask again in a moment"),
    "verifier_down": (503, "what verifies did not start"),
    "challenges_full": (503, "too many challenges were answered in a short time"),
    "closing": (503, "the server is being closed"),
}
EVERYWHERE = (
    *("host", "nul", "encoding", "duplicate_parameter", "body_too_large", "address_too_long", "content_encoding"),
    *("unknown_parameter", "headers_too_large", *STORE_CODES),
)
#: of a JSON body; of a search; of what verifies
POSTED, SEARCHED, JUDGED = tuple(JSON_CODES), ("index_outdated", "search_away"), ("verifier_down", "closing")
#: of what is counted by client
COUNTED = ("rate_limited", "access_unknown")
HEADERS = {"Greffe-Checkpoint": "size and root of the published checkpoint (RFC 9651), absent before the first"}
COUNTED_HEADERS = {
    "RateLimit": "of what is counted: requests that are left, and seconds until all are there again",
    "RateLimit-Policy": "of what is counted: requests in a window of so many seconds",
}

_FLEETING = frozenset({"getPendingLedgerCheckpoint", "getPendingMapCheckpoint", "getLiveness", "getReadiness"})


def gives(kind: Any, *codes: str, forms: tuple[str, ...] = (openapi.JSON,)) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation: 200 with that model in those media types, and errors with those codes."""
    good = {"description": "What was asked for", "content": openapi.content(kind, forms)}
    return {200: good, **_errors(*codes)}


def leads(*codes: str) -> dict[int | str, dict[str, Any]]:
    """The answers of an operation that sends the caller on."""
    return {303: {"description": "See Other: `Location` names it"}, **_errors(*codes)}


def verifies(kind: Any, *codes: str, failed_status: int) -> dict[int | str, dict[str, Any]]:
    """The answers of the VC API, whose problems have the standard's members too.

    `failed_status`: of an answer whose `verified` is false.
    """
    answers = gives(kind, *codes)
    answers[400]["content"] = openapi.content(RefusedRequest, [MEDIA_TYPE])
    if failed_status != 200:
        answers[failed_status]["content"] |= openapi.content(kind)
    return answers


def _errors(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Those of an operation. All refuse a parameter that they do not know; the framework would describe a 422 of its own."""
    return openapi.answers(CODES, {*codes, "unknown_parameter"})


def finished(document: dict[str, Any]) -> dict[str, Any]:
    """The whole document of the app, from what its routes say."""
    examples = openapi.read_examples(__file__)
    whole = openapi.finished(document, openapi.App(CODES, EVERYWHERE, HEADERS, COUNTED_HEADERS, examples, _FLEETING))
    key = {"type": "http", "scheme": "bearer", "description": "for a larger quota; nobody needs one"}
    whole["components"]["securitySchemes"] = {"accessKey": key}
    for methods in whole["paths"].values():
        for operation in methods.values():
            if "429" in operation["responses"]:
                operation["security"] = [{}, {"accessKey": []}]
    return whole
