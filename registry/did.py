"""DIDs of this installation and their documents (DID Core 1.0, did:web, Controlled Identifiers 1.0): generated, never edited."""

from typing import Any
from urllib.parse import quote, urlsplit

from registry.keys import multikey

CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]


def did_web(base_url: str, *path: str) -> str:
    """The did:web of a base URL and path: `http://localhost:8000`, `issuers`, `im`: `did:web:localhost%3A8000:issuers:im`."""
    parts = urlsplit(base_url)
    inner = [segment for segment in parts.path.split("/") if segment]
    return ":".join(["did:web", quote(parts.netloc, safe=".-"), *(quote(part, safe=".-_") for part in (*inner, *path))])


def document(did: str, keys: dict[str, bytes]) -> dict[str, Any]:
    """The DID document of `did` with those Ed25519 keys (fragment -> 32 bytes), all of them for assertions."""
    methods = [
        {"id": f"{did}#{fragment}", "type": "Multikey", "controller": did, "publicKeyMultibase": multikey(public)}
        for fragment, public in keys.items()
    ]
    return {
        "@context": CONTEXT,
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
