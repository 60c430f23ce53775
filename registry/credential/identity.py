"""An installation is its base URL and ledger origin; every id follows from them.

Each id has its print and its parse side by side; a parse prints again what it read, and compares.
"""

import re
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from registry.credential import did
from registry.encoding import strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed
from schemas import OWN_CONTEXTS

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._-]+)*")
_CREDENTIAL = re.compile(r"/credentials/([^/]+)/([^/]+)/([1-9][0-9]{0,8})")
_STATUS_LIST = re.compile(r"/status/([^/]+)/([^/]+)-([1-9][0-9]{0,8})")
_ORGANIZATION = re.compile(r"/organizations/([^/]+)/([^/]+)")


class CredentialId(NamedTuple):
    """An organization's n-th credential, from 1."""

    register: str
    number: str
    n: int


class StatusListId(NamedTuple):
    """An issuer's m-th status list of a purpose, from 1."""

    purpose: str
    register: str
    m: int


class OrganizationId(NamedTuple):
    """An organization under its number in a register."""

    register: str
    number: str


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
    def context_urls(self) -> dict[str, str]:
        """Where each of our contexts is served, by name: `organization/v1` at `context_url`, what is new beside it."""
        return own_contexts(self.context_url)

    def schema_url(self, name: str) -> str:
        """The JSON Schema of that name: `organization/v1`, `organization/v2`, `permit/v1`."""
        return f"{self.base_url}/schemas/{name}.json"

    @property
    def office_did(self) -> str:
        """The registry office itself (`/.well-known/did.json`); its document lists the ledger keys."""
        return did.did_web(self.base_url)

    def issuer_did(self, register: str) -> str:
        """The issuer of that register (`/issuers/{register}/did.json`)."""
        return did.did_web(self.base_url, "issuers", register)

    def parse_issuer_did(self, text: str) -> str | None:
        """The register that `issuer_did` printed; None: it is no issuer's of this installation."""
        register = text.rpartition(":")[2]
        return register if text == self.issuer_did(register) else None

    def credential_id(self, register: str, number: str, n: int) -> str:
        """The URL of an organization's n-th credential (from 1)."""
        return f"{self.base_url}/credentials/{register}/{number}/{n}"

    def parse_credential_id(self, text: str) -> CredentialId | None:
        """What `credential_id` printed; None: it is not of this installation."""
        parts = self._parts(_CREDENTIAL, text)
        return None if parts is None else CredentialId(parts[0], parts[1], int(parts[2]))

    def status_list_id(self, purpose: str, register: str, m: int) -> str:
        """The URL of an issuer's m-th status list (from 1)."""
        return f"{self.base_url}/status/{purpose}/{register}-{m}"

    def parse_status_list_id(self, text: str) -> StatusListId | None:
        """What `status_list_id` printed; None: it is not of this installation."""
        parts = self._parts(_STATUS_LIST, text)
        return None if parts is None else StatusListId(parts[0], parts[1], int(parts[2]))

    def organization_id(self, register: str, number: str) -> str:
        """The URL of an organization: the subject of its credentials, and its page."""
        return f"{self.base_url}/organizations/{register}/{number}"

    def parse_organization_id(self, text: str) -> OrganizationId | None:
        """What `organization_id` printed; None: it is not of this installation."""
        parts = self._parts(_ORGANIZATION, text)
        return None if parts is None else OrganizationId(*parts)

    def _parts(self, form: re.Pattern[str], text: str) -> tuple[str, ...] | None:
        match = form.fullmatch(text, len(self.base_url)) if text.startswith(self.base_url) else None
        return None if match is None else match.groups()

    def print(self) -> bytes:
        """The text of `identity.json`."""
        return jcs({"v": 1, "baseUrl": self.base_url, "origin": self.origin}) + b"\n"


def own_contexts(context_url: str) -> dict[str, str]:
    """The URLs of all our contexts, by name, in the installation whose first one stands at `context_url`."""
    folder = context_url.removesuffix(f"/{OWN_CONTEXTS[0]}")
    return {name: context_url if name == OWN_CONTEXTS[0] else f"{folder}/{name}" for name in OWN_CONTEXTS}


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
