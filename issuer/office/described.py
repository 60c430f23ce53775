"""What the office's routes say of themselves in its OpenAPI document.

The models are in `models`, how a document is made of them in `registry/described/openapi.py`. The app asks for a token at its
document too: whoever has none learns nothing.
"""

from typing import Any

from issuer.office import models
from issuer.office.entries import MEDIA_TYPE as NDJSON
from registry.described import openapi
from registry.described.problem import JSON_CODES, STORE_CODES, Codes

#: why a value is not issued, as in an extract
_VALUES: Codes = {
    code: (400, words)
    for code, words in {
        "number": "a registration number is not of its form",
        "register": "a register's code is not of its form",
        "business_number": "a business number is not of its form",
        "language": "a language is not of its form",
        "code": "a code is not of its form",
        "date_invalid": "a date is not of the calendar",
        "date_future": "a date lies in the future",
        "day": "a day is not of its form",
        "entity_type_unknown": "the register has no such entity type",
        "status_unknown": "the register has no such status",
        "subject_unknown": "it is of nothing that is issued here",
        "name_kind_unknown": "there is no such kind of name",
        "relationship_unknown": "there is no such relationship",
        "issuer_type": "the issuer does not speak for credentials of that type",
        "interval": "something ends before it begins",
        "name_empty": "a name shows no character",
        "name_too_long": "a name is too long",
        "text_empty": "a text shows no character",
        "text_too_long": "a text is too long",
        "text_damaged": "letters were lost before it came here",
        "text_characters": "it holds a character that is not issued",
        "text_not_nfc": "it is not in Unicode normalization form C",
        "schema": "the closed schema does not fit",
        "no_event": "no event says when it took effect",
        "future": "its event takes effect on a later day: post it then",
        "organization_too_large": "it has more names, addresses or links than a credential holds",
    }.items()
}
CODES: Codes = {
    **JSON_CODES,
    **STORE_CODES,
    **_VALUES,
    "host": (400, "this installation does not go by that name"),
    "unknown_parameter": (400, "the office's addresses take no parameters"),
    "member_missing": (400, "the request lacks a member"),
    "member_unknown": (400, "there is no such member"),
    "member_value": (400, "a member is of another type"),
    "option_unknown": (400, "there is no such option"),
    "option_value": (400, "an option is of another type"),
    "already_signed": (400, "it has a proof already"),
    "context": (400, "its @context is not ours"),
    "credential_type": (400, "its type is not ours"),
    "issuer": (400, "its issuer is not that of a register which this installation issues for"),
    "erased": (400, "the organization was erased, and is not issued again"),
    "contradicts": (400, "it says what is for the office to say, and otherwise"),
    "status": (400, "status is neither true nor false"),
    "status_type": (400, "credentialStatus is of another type"),
    "status_purpose": (400, "there is no such purpose"),
    "revoked_for_good": (400, "a revocation is for good"),
    "reason_unknown": (400, "there is no such reason"),
    "entries": (400, "more lines than a request may have"),
    "kind": (400, "only a note is taken here"),
    "reason": (400, "the reason is no code, or the office's own"),
    "text": (400, "the text is none, or too long"),
    "token": (401, "the office's token is wanted"),
    "organization_unknown": (404, "the ledger holds nothing of it"),
    "credential_unknown": (404, "this installation has issued no credential of that id"),
    "status_list_unknown": (404, "the credential names no such list"),
    "register_unknown": (404, "this installation issues for no such register"),
    "anchors_off": (404, "this office issues no identity anchors"),
    "entries_off": (404, "this office appends no entries for others"),
    "person_unknown": (409, "entries of this register are of unknown persons: it may be one of them"),
    "state_regression": (409, "an older state would take the place of a newer one: a person should look"),
    "status_regression": (409, "it would be active again, and no event says why: a person should look"),
    "late_filing": (409, "it comes before what is issued: a person should look"),
    "withdrawn": (409, "what it rests on was withdrawn: a person should look"),
    "rule_change": (409, "newer rules read it otherwise: a person should look"),
    "body_lost": (409, "the newest state cannot be read: a person should look"),
    "body_missing": (409, "the newest credential is not in this store any more"),
    "status_list_open": (409, "the next list of that purpose is open already"),
    "body_too_large": (413, "the body is larger than this address takes"),
    "content_encoding": (415, "a compressed body is not taken"),
    "challenge": (422, "the challenge was not made here, has expired or was answered before"),
    "presentation": (422, "no holder showed that it controls its DID"),
    "organization_inactive": (422, "it is not active, or its credential does not stand"),
    "organization_unnamed": (422, "the register gives no name, or no date of registration"),
    "storage_failed": (500, "the disk failed: the ledger tells after a restart whether it was appended"),
    "not_published": (503, "no signed checkpoint covers it yet"),
    "head_moved": (503, "somebody else appended first"),
    "overtaken": (503, "something else was appended meanwhile"),
    "storage_low": (503, "the disk has too little room"),
    "storage_full": (503, "the disk is full"),
    "challenges_full": (503, "too many challenges were answered in a short time"),
    "overloaded": (503, "more entries wait than the pool holds"),
    "closing": (503, "the office is shutting down"),
}
EVERYWHERE = ("host", "unknown_parameter", "token", "body_too_large", "content_encoding", *STORE_CODES)
_POSTED = (*JSON_CODES, "member_missing", "member_unknown", "member_value", "option_unknown", "option_value")
_WRITES = ("head_moved", "overtaken", "storage_failed", "storage_low", "storage_full")


#: of an anchor, these two mean that there is nothing to vouch for
_ANCHOR_CODES: Codes = {
    **CODES,
    "erased": (404, "the organization was erased"),
    "body_missing": (404, "the newest credential is not in this store any more"),
}


def _posting(name: str, summary: str, taken: Any, form: str = openapi.JSON) -> dict[str, Any]:
    """What every operation that posts says."""
    return {"operation_id": name, "summary": summary, "openapi_extra": openapi.taken(taken, (form,))}


def _answering(
    status: int, kind: Any, *names: str, codes: Codes = CODES, forms: tuple[str, ...] = (openapi.JSON,)
) -> dict[str, Any]:
    """What an operation answers: with `status` that model, and errors with those codes."""
    words = "It was made" if status == 201 else "What was asked for"
    good = {status: {"description": words, "content": openapi.content(kind, forms)}}
    return {"status_code": status, "responses": {**good, **openapi.answers(codes, names)}}


def _issuing() -> dict[str, Any]:
    waiting = ("person_unknown", "state_regression", "status_regression", "late_filing", "withdrawn", "rule_change")
    refused = ("already_signed", "context", "credential_type", "issuer", "erased", "contradicts", *_VALUES)
    codes = (*_POSTED, *_WRITES, *refused, *waiting, "body_lost", "body_missing")
    answering = _answering(201, models.IssueAnswer, *codes)
    there = {"description": "The newest one says the same", "content": openapi.content(models.IssueAnswer)}
    return {**answering, "responses": {**answering["responses"], 200: there}}


#: path -> what its operation says, as a route takes it
OPERATIONS: dict[str, dict[str, Any]] = {
    "/credentials/issue": {
        **_posting("issueCredential", "Issue one more state of an organization", models.IssueRequest),
        **_issuing(),
    },
    "/credentials/status": {
        **_posting("changeStatus", "Revoke, suspend or reinstate a credential", models.StatusRequest),
        **_answering(
            200,
            models.StatusAnswer,
            *(*_POSTED, *_WRITES, "contradicts"),
            *("status", "status_type", "status_purpose", "revoked_for_good", "reason_unknown"),
            *("credential_unknown", "status_list_unknown"),
        ),
    },
    "/status-lists": {
        **_posting("openStatusList", "Open the next status list of a register ahead of time", models.ListRequest),
        **_answering(
            201,
            models.ListAnswer,
            *(*_POSTED, *_WRITES),
            *("status_purpose", "contradicts", "register_unknown", "status_list_open"),
        ),
    },
    "/challenges": {
        **_posting("createChallenge", "A challenge for the holder of a DID", models.ChallengeRequest),
        **_answering(200, models.ChallengeAnswer, *_POSTED, "anchors_off"),
    },
    "/identity-anchors": {
        **_posting("issueIdentityAnchor", "Vouch for an organization that controls a DID", models.AnchorRequest),
        **_answering(
            201,
            models.AnchorAnswer,
            *(*_POSTED, *_WRITES, "anchors_off", "organization_unknown", "erased"),
            *("body_missing", "challenge", "presentation", "organization_inactive", "organization_unnamed"),
            *("challenges_full", "not_published"),
            codes=_ANCHOR_CODES,
        ),
    },
    "/entries": {
        **_posting("appendEntries", "Append up to 256 notes, one in a line", models.EntryLines, NDJSON),
        **_answering(
            201,
            models.EntriesAnswer,
            *(*JSON_CODES, *_WRITES, "member_unknown", "entries", "kind", "reason", "text"),
            *("entries_off", "overloaded", "closing"),
        ),
    },
    "/livez": {
        "operation_id": "getLiveness",
        "summary": "That this process runs",
        **_answering(200, str, forms=("text/plain",)),
    },
}


def finished(document: dict[str, Any]) -> dict[str, Any]:
    """The whole document of the app, from what its routes say."""
    whole = openapi.finished(
        document, openapi.App(CODES, EVERYWHERE, examples=openapi.read_examples(__file__), fleeting={"getLiveness"})
    )
    whole["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    whole["security"] = [{"token": []}]
    whole["paths"]["/livez"]["get"]["security"] = []
    return whole
