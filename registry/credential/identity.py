"""Who this installation is: base URL and ledger origin, written once; every id, URL and DID follows from them."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from registry.credential import did
from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._-]+)*")


@dataclass(frozen=True, slots=True)
class Identity:
    """`base_url`: without a final slash; `origin`: the ledger's name in checkpoints."""

    base_url: str
    origin: str

    @property
    def base_path(self) -> str:
        """The path of the base URL: empty, or with a slash before and none behind."""
        return urlsplit(self.base_url).path

    @property
    def context_url(self) -> str:
        """Where our JSON-LD context is served, and by which URL credentials name it."""
        return f"{self.base_url}/contexts/organization/v1"

    @property
    def schema_url(self) -> str:
        """The JSON Schema of registration credentials."""
        return f"{self.base_url}/schemas/organization/v1.json"

    @property
    def office_did(self) -> str:
        """The registry office itself (`/.well-known/did.json`); its document lists the ledger keys."""
        return did.did_web(self.base_url)

    def issuer_did(self, register: str) -> str:
        """The issuer of that register (`/issuers/{register}/did.json`)."""
        return did.did_web(self.base_url, "issuers", register)

    def credential_id(self, register: str, number: str, n: int) -> str:
        """The URL of an organization's n-th credential (from 1)."""
        return f"{self.base_url}/credentials/{register}/{number}/{n}"

    def status_list_id(self, purpose: str, register: str, m: int) -> str:
        """The URL of an issuer's m-th status list (from 1)."""
        return f"{self.base_url}/status/{purpose}/{register}-{m}"

    def print(self) -> bytes:
        """The text of `identity.json`."""
        return jcs({"v": 1, "baseUrl": self.base_url, "origin": self.origin}) + b"\n"


def make(base_url: str, origin: str | None = None) -> Identity:
    """The identity of that base URL; the origin defaults to it without scheme. Malformed `base_url` or `origin`."""
    parts = urlsplit(base_url)
    local = parts.hostname == "localhost"
    if (
        parts.scheme not in ("https", "http")
        or (parts.scheme == "http" and not local)
        or not _HOST.fullmatch(parts.netloc)
        or (parts.hostname or "").rsplit(".", 1)[-1].isdigit()
        or not _PATH.fullmatch(parts.path)
        or parts.query
        or parts.fragment
    ):
        raise Malformed("base_url", "the base URL is https://name[:port][/path], or http://localhost[:port]")
    origin = origin or base_url.split("://", 1)[1]
    if not re.fullmatch(r"[!-*,-~]{1,200}", origin):
        raise Malformed("origin", "the origin has no space and no plus sign")
    return Identity(base_url, origin)


def parse(data: bytes) -> Identity:
    """The identity of an `identity.json`. Malformed `identity`."""
    members: dict[str, Any] = strict_json.parse_object(data)
    if members.get("v") != 1 or not all(isinstance(members.get(name), str) for name in ("baseUrl", "origin")):
        raise Malformed("identity", "not an identity.json")
    return make(members["baseUrl"], members["origin"])
