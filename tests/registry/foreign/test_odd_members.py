"""Every member of a stranger's credential or presentation, replaced by every odd thing: an answer, never an exception."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

import schemas
from registry.encoding.strict_json import parse_object
from registry.foreign.verify import ForeignVerifier
from tests.builders.stranger import (
    AT,
    KEY,
    SCHEMA_URL,
    WEB,
    did_document,
    did_key,
    draft,
    entry,
    serving,
    signed,
    signed_with,
    status_list,
)

ODD: list[Any] = [
    None,
    {},
    [],
    5,
    True,
    "",
    "urn:x",
    [{}],
    [[]],
    [None],
    {"@value": {}},
    {"@id": []},
    {"id": {}},
    {"type": {}},
]
Path = tuple[str | int, ...]


def a_credential() -> dict[str, Any]:
    """One with every member that is looked at."""
    members = {
        "issuer": {"id": WEB, "name": {"@value": "x", "@language": "en", "@direction": "ltr"}},
        "credentialStatus": [entry(5), entry(6)],
        "credentialSchema": {"id": SCHEMA_URL, "type": "JsonSchema"},
        "relatedResource": [{"id": "https://stranger.example/r", "digestSRI": "sha256-x", "digestMultibase": "zx"}],
        "evidence": [{"type": "https://stranger.example/Evidence"}],
        "validUntil": "2030-01-01T00:00:00Z",
    }
    return signed(draft(**members), by=f"{WEB}#key-1")


def a_presentation() -> dict[str, Any]:
    made = {
        "@context": [schemas.CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": {"id": did_key(KEY)},
        "verifiableCredential": [signed(draft())],
    }
    return signed_with(made, {"proofPurpose": "authentication", "challenge": "c", "domain": ["d"]})


def places(value: Any, at: Path = ()) -> Iterator[Path]:
    if at:
        yield at
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield from places(member, (*at, name))


def replaced(document: Any, at: Path, odd: Any) -> Any:
    made = copy.deepcopy(document)
    inner = made
    for name in at[:-1]:
        inner = inner[name]
    inner[at[-1]] = odd
    return made


@pytest.mark.parametrize("kind", ["credential", "presentation", "status list", "DID document"])
def test_an_odd_member_is_answered(kind: str) -> None:
    lists, did = signed(status_list(6, issuer=WEB), by=f"{WEB}#key-1"), did_document()
    credential, presentation = a_credential(), a_presentation()
    base = {"credential": credential, "presentation": presentation, "status list": lists, "DID document": did}[kind]
    counted = 0
    for at in places(base):
        for odd in ODD:
            turned = replaced(base, at, odd)
            served = {"list": lists, "did": did, "schema": {"$schema": "https://json-schema.org/draft/2020-12/schema"}}
            served |= {"status list": {"list": turned}, "DID document": {"did": turned}}.get(kind, {})
            fetch, _ = serving(**served)
            verifier = ForeignVerifier(fetch)
            if kind == "presentation":
                result = verifier.presentation(parse_object(json.dumps(turned)), AT, "c", "d")
            else:
                posted = turned if kind == "credential" else credential
                result = verifier.credential(parse_object(json.dumps(posted)), AT)
            assert result.verdict().verdict in ("failed", "indeterminate"), (at, odd)
            counted += 1
    assert counted > 100
