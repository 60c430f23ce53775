"""The instance that the W3C suites talk to: it signs and verifies as they want, and nothing of it is in the product."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.keys import ED25519, P256, P384
from schemas import CREDENTIALS_V2
from tests.builders.command import ROOT
from tests.builders.http_client import Client
from tests.conformance.instance import EXAMPLES_V2, FIXTURE_DIGESTS, KEYS, create_instance, did_of

Post = Callable[[str, Any], httpx.Response]
ISSUERS = [
    ("eddsa-rdfc-2022", ED25519),
    ("eddsa-jcs-2022", ED25519),
    *((name, kind) for name in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019") for kind in (P256, P384)),
]


def posting(folder: Path, *, binds_issuer: bool = True) -> Post:
    client = Client(create_instance(folder / "data", "https://localhost:1", {}, binds_issuer=binds_issuer))
    return lambda path, body: client.request("POST", path, json=body)


def issued(post: Post, suite: str, kind: str, **members: Any) -> httpx.Response:
    credential = {
        "@context": [CREDENTIALS_V2, EXAMPLES_V2],
        "type": ["VerifiableCredential"],
        "issuer": did_of(KEYS[kind]),
        "credentialSubject": {"id": "did:example:alice", "name": "Alice"},
        **members,
    }
    return post("/credentials/issue", {"credential": credential, "options": {"cryptosuite": suite, "keyType": kind}})


def verified(post: Post, credential: Any) -> int:
    return post("/credentials/verify", {"verifiableCredential": credential}).status_code


@pytest.mark.parametrize(("suite", "kind"), ISSUERS)
def test_every_suite_is_signed_and_verified(tmp_path: Path, suite: str, kind: str) -> None:
    post = posting(tmp_path)
    answer = issued(post, suite, kind)
    assert answer.status_code == 201, answer.text
    credential = answer.json()["verifiableCredential"]
    assert credential["proof"]["cryptosuite"] == suite
    assert verified(post, credential) == 200
    assert verified(post, {**credential, "validFrom": "2025-01-01T00:00:00Z"}) == 400


@pytest.mark.parametrize(
    "members",
    [
        {"@context": [CREDENTIALS_V2], "undefinedTerm": "x"},
        {"@context": [EXAMPLES_V2, CREDENTIALS_V2]},
        {"issuer": "did:example:another"},
        {"credentialSubject": {}},
        {"credentialSchema": {"id": "did:example:1"}},
        {"relatedResource": {"id": CREDENTIALS_V2}},
        {"relatedResource": {"id": CREDENTIALS_V2, "digestSRI": "sha384-wrong"}},
    ],
)
def test_what_the_suites_want_refused_is_not_issued(tmp_path: Path, members: dict[str, Any]) -> None:
    post = posting(tmp_path)
    assert issued(post, "eddsa-rdfc-2022", ED25519, **members).status_code in (400, 422)
    sri, _ = FIXTURE_DIGESTS[CREDENTIALS_V2]
    good = {"relatedResource": {"id": CREDENTIALS_V2, "digestSRI": sri}}
    assert issued(post, "eddsa-rdfc-2022", ED25519, **good).status_code == 201


def test_only_where_it_is_told_may_the_key_be_anothers(tmp_path: Path) -> None:
    """A vector of the specification: its issuer is a web address, its key a did:key."""
    vector = json.loads((ROOT / "tests/interop/w3c/eddsa-jcs-2022.json").read_bytes())
    for binds_issuer, status in ((True, 400), (False, 200)):
        assert verified(posting(tmp_path, binds_issuer=binds_issuer), vector) == status


def test_nothing_of_it_is_in_the_product() -> None:
    """No room imports from the tests, and none goes without the issuer's own proof."""
    sources = [path for room in ("registry", "issuer", "search", "schemas") for path in (ROOT / room).rglob("*.py")]
    assert len(sources) > 50
    for path in (*sources, ROOT / "greffe.py"):
        tree = ast.parse(path.read_text("utf-8"))
        named = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert not [name for name in named if (name or "").split(".")[0] in ("tests", "tools")], path
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert not [word for call in calls for word in call.keywords if word.arg == "binds_issuer"], path


def test_the_suites_are_run_from_checkouts_or_not_at_all(tmp_path: Path) -> None:
    environ = {**os.environ, "W3C_SUITES": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools/conformance.py")], env=environ, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "vc-data-model-2.0-test-suite" in done.stderr
