"""An evidence file holds all that checking one credential needs, offline.

    {"v": 1, "origin", "credential", "entry", "salt", "proof", "statusList": {"credential", "entry", "salt", "proof"},
     "suspensionList": the same, where credentialStatus names one, "issuerKeys": {"document", "entry", "salt", "proof"},
     "latest": object (`latest`) or null, "orgSalt": where `org` is a pseudonym,
     "later": [entry, ...] where the state is not the newest, null where these are too many (`later`)}

`entry` and `salt` are standard base64, `proof` is a tlog-proof as text. `parse` is the one constructor from hostile bytes:
entry and proof re-print to the same bytes. Unknown members are ignored. Whether any of it is true is left to `steps`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.credential.jwt import is_enveloped
from registry.encoding import base64std, strict_json
from registry.encoding.members import object_at, text
from registry.errors import Malformed
from registry.log import entry, proof_text
from registry.verify import latest
from registry.verify.later import MOST, Later

MAX_BYTES = 256 * 1024

_CODE = "evidence"
_NOT_EVIDENCE = "this is no evidence file and no credential: download the evidence from the organization's page"


@dataclass(frozen=True, slots=True)
class Logged:
    """A document with the entry that commits to it, and the proof that the entry is in the ledger."""

    document: dict[str, Any]
    entry: entry.Entry
    entry_bytes: bytes
    salt: bytes
    proof: proof_text.TlogProof

    def to_json(self, document_member: str) -> dict[str, Any]:
        """The members of an evidence file for this document."""
        return {
            document_member: self.document,
            "entry": base64std.encode(self.entry_bytes),
            "salt": base64std.encode(self.salt),
            "proof": self.proof.print(),
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """The parsed file. `org_salt`: 32 bytes where the organization is a natural person.

    `later`: the later entries of the organization, None where the file has none; `is_cut`: it says that they are too many.
    """

    origin: str
    credential: Logged
    status_list: Logged | None
    suspension_list: Logged | None
    issuer_keys: Logged
    latest: latest.Latest | None
    org_salt: bytes | None
    later: tuple[Later, ...] | None = None
    is_cut: bool = False

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the file."""
        members: dict[str, Any] = {"v": 1, "origin": self.origin, **self.credential.to_json("credential")}
        for name, logged in (("statusList", self.status_list), ("suspensionList", self.suspension_list)):
            if logged is not None:
                members[name] = logged.to_json("credential")
        members["issuerKeys"] = self.issuer_keys.to_json("document")
        members["latest"] = None if self.latest is None else self.latest.to_json()
        if self.org_salt is not None:
            members["orgSalt"] = base64std.encode(self.org_salt)
        if self.later is not None:
            members["later"] = [base64std.encode(each.data) for each in self.later]
        elif self.is_cut:
            members["later"] = None
        return members

    @property
    def logged(self) -> list[Logged]:
        """Every logged document that the file carries."""
        every = (self.credential, self.status_list, self.suspension_list, self.issuer_keys)
        return [logged for logged in every if logged is not None]


def is_evidence(members: Mapping[str, Any]) -> bool:
    """Whether an object claims to be evidence, a completeness file or a credential, in whatever form; else it gets no verdict."""
    if "v" in members and "origin" in members:
        return True
    named = ("credential", "credentialSubject", "entries")
    return any(name in members for name in named) or is_enveloped(dict(members))


def check_is_evidence(data: bytes) -> None:
    """Malformed `not_evidence` where the bytes are a link, a PDF or another program's JSON: no verdict can be given."""
    text = data.lstrip(b" \t\r\n")
    try:
        members = strict_json.parse_object(text) if text.startswith(b"{") else {}
    except Malformed:
        return  # broken JSON may have been evidence
    if not is_evidence(members):
        raise Malformed("not_evidence", _NOT_EVIDENCE)


def parse(data: bytes) -> Evidence:
    """The evidence of those bytes. Malformed, saying what is not of its form."""
    if len(data) > MAX_BYTES:
        raise Malformed("too_large", f"evidence is at most {MAX_BYTES} bytes")
    return from_json(strict_json.parse_object(data))


def from_json(members: dict[str, Any]) -> Evidence:
    """The evidence of an object that the strict reader gave. Malformed, as `parse`."""
    if members.get("v") != 1 or type(members.get("v")) is not int:
        raise Malformed(_CODE, "the evidence's version is not 1")
    origin = text(members, "origin", _CODE)
    newest = None if members.get("latest") is None else latest.from_json(object_at(members, "latest", _CODE))
    salt = base64std.decode(members["orgSalt"], "orgSalt") if "orgSalt" in members else None
    if salt is not None and len(salt) != 32:
        raise Malformed(_CODE, "orgSalt is not 32 bytes")
    return Evidence(
        origin=origin,
        credential=_logged(members, "credential"),
        status_list=_list(members, "statusList"),
        suspension_list=_list(members, "suspensionList"),
        issuer_keys=_logged(object_at(members, "issuerKeys", _CODE), "document"),
        latest=newest,
        org_salt=salt,
        later=_later(members.get("later")),
        is_cut="later" in members and members["later"] is None,
    )


def _later(member: Any) -> tuple[Later, ...] | None:
    if member is None:
        return None
    if not isinstance(member, list) or len(member) > MOST:
        raise Malformed(_CODE, "later is not a list of at most 24 entries")
    texts = [base64std.decode(text, "a later entry") for text in member]
    return tuple(Later(entry.parse(data), data) for data in texts)


def _list(members: dict[str, Any], name: str) -> Logged | None:
    return None if name not in members else _logged(object_at(members, name, _CODE), "credential")


def _logged(members: dict[str, Any], document_member: str) -> Logged:
    data = base64std.decode(members.get("entry"), "entry")
    salt = base64std.decode(members.get("salt"), "salt")
    if len(salt) != 32:
        raise Malformed(_CODE, "salt is not 32 bytes")
    return Logged(
        document=object_at(members, document_member, _CODE),
        entry=entry.parse(data),
        entry_bytes=data,
        salt=salt,
        proof=proof_text.parse(text(members, "proof", _CODE)),
    )
