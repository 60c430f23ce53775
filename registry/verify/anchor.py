"""The Digital Identity Anchor of an organization, and the verdict on one.

It says that the controller of a DID is the organization of a register (UNTP 0.7.0, "Digital Identity Anchor"). Its one
carrier is a vc+jwt, which UNTP demands; its statement is logged under a `note` entry, whose index is in its id. It names no
status list: it ends by itself. Who may have one is left to the office.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.credential.document import issuer_of, text_at
from registry.credential.jwt import Token
from registry.encoding.moment import parse_utc
from registry.errors import Malformed, Untrue
from registry.log import checkpoint, entry
from registry.log.merkle import check_inclusion, leaf_hash
from registry.verify.evidence import Logged
from registry.verify.heads import check_witnessed
from registry.verify.steps import STEPS
from registry.verify.trust import Trust
from registry.verify.verdict import SKEW, NotAsked, Step, Verdict, conclude, demand, run_step, step_of
from schemas import CREDENTIALS_V2

TYPE = "DigitalIdentityAnchor"
CONTEXT = "https://vocabulary.uncefact.org/untp/0.7.0/context/"
#: of the note entry
REASON = "identity_anchor"
_PATH = "/identity-anchors/"


@dataclass(frozen=True, slots=True)
class Anchored:
    """What an anchor says of a registration. `entity_type`: a URL; dates are ISO `YYYY-MM-DD`."""

    register: str
    register_name: str
    number: str
    name: str
    registered_on: str
    entity_type: str


def statement(
    said: Anchored, base_url: str, index: int, issuer: str, did: str, valid_from: str, valid_until: str
) -> dict[str, Any]:
    """The unsigned anchor of the organization that controls `did`, to be logged under entry `index`; times UTC, `Z`."""
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "type": [TYPE, "VerifiableCredential"],
        "id": id_of(base_url, index),
        "name": f"Identity anchor {said.name}",
        "issuer": {"type": ["CredentialIssuer"], "id": issuer, "name": said.register_name},
        "validFrom": valid_from,
        "validUntil": valid_until,
        "credentialSubject": {
            "type": ["RegisteredIdentity"],
            "id": did,
            "registeredName": said.name,
            "registeredId": said.number,
            "registeredDate": said.registered_on,
            "publicInformation": f"{base_url}/organizations/{said.register}/{said.number}",
            "registerType": "business",
            "schemeId": {"type": ["IdentifierScheme"], "id": issuer, "name": said.register_name},
            "registrationScope": [said.entity_type],
        },
    }


def id_of(base_url: str, index: int) -> str:
    """The id of the anchor that is logged under that entry."""
    return f"{base_url}{_PATH}{index}"


def index_of(document: dict[str, Any], base_url: str) -> int | None:
    """The entry under which an anchor of that installation is logged, by its id; None: it is no such anchor."""
    text = (text_at(document, "id") or "").removeprefix(f"{base_url}{_PATH}")
    kinds = document.get("type")
    is_ours = isinstance(kinds, list) and TYPE in kinds and text.isascii() and text.isdigit() and len(text) <= 15
    return int(text) if is_ours and str(int(text)) == text else None


def verify_anchor(token: Token, logged: Logged | None, trust: Trust, at: datetime) -> Verdict:
    """The verdict on an anchor in a token at the moment `at`; `logged`: what our ledger holds under its entry, if anything."""
    check = _Check(token, logged, trust, at)
    done = {"well_formed": Step("well_formed", "passed")}
    for name, awaits in _WAITS.items():
        if all(step in done and done[step].result == "passed" for step in awaits):
            done[name] = run_step(name, getattr(check, name))
    done["current"] = step_of("current", "not_asked", "nothing takes its place: it ends by itself")
    done["not_revoked"] = step_of("not_revoked", "not_asked", "it names no status list: it ends by itself")
    return conclude(done, None, STEPS)


class _Check:
    """The steps over one anchor, each a method of its name."""

    def __init__(self, token: Token, logged: Logged | None, trust: Trust, at: datetime) -> None:
        self._token, self._logged, self._trust, self._at = token, logged, trust, at
        self._issuer = trust.issuers.get(issuer_of(token.payload) or "")

    @property
    def _logged_document(self) -> Logged:
        demand(self._logged is not None, "the ledger holds no such credential")
        assert self._logged is not None
        return self._logged

    def issuer_trusted(self) -> None:
        demand(self._issuer is not None, "the issuer is not in the trust file")

    def proof_valid(self) -> None:
        key = self._issuer.keys.get(self._token.kid.removesuffix("-jwk")) if self._issuer else None
        demand(key is not None and key.use == "credential", "the proof's key is not known")
        assert key is not None
        self._token.check(key.public)

    def in_validity(self) -> None:
        begins, ends = (_moment(self._token.payload, name) for name in ("validFrom", "validUntil"))
        demand(begins - self._at <= SKEW, "validFrom or created lies in the future")
        demand(self._at < ends, "it has expired")

    def entry_matches(self) -> None:
        note_entry = self._logged_document.entry
        demand((note_entry.kind, note_entry.reason) == ("note", REASON), "the entry is not of a credential")
        matches = entry.commitment(self._logged_document.salt, self._token.payload) == note_entry.commitment
        demand(matches, "the entry commits to something else")

    def checkpoint_signed(self) -> None:
        head = checkpoint.check(self._logged_document.proof.checkpoint, self._trust.ledger_keys)
        demand(head.origin == self._trust.origin, "the checkpoint is of another origin")

    def witnessed(self) -> None:
        if self._trust.policy.is_none:
            raise NotAsked("the trust file asks no witness")
        check_witnessed(self._logged_document.proof.checkpoint, self._trust.policy, self._at)

    def included(self) -> None:
        logged = self._logged_document
        head = checkpoint.check(logged.proof.checkpoint, self._trust.ledger_keys)
        check_inclusion(logged.entry.index, head.size, leaf_hash(logged.entry_bytes), logged.proof.hashes, head.root)


_WAITS: dict[str, tuple[str, ...]] = {
    "issuer_trusted": (),
    "proof_valid": ("issuer_trusted",),
    "in_validity": ("issuer_trusted",),
    "entry_matches": (),
    "checkpoint_signed": ("entry_matches",),
    "witnessed": ("checkpoint_signed",),
    "included": ("entry_matches", "checkpoint_signed"),
}


def _moment(payload: dict[str, Any], name: str) -> datetime:
    try:
        return parse_utc(text_at(payload, name) or "")
    except Malformed:
        raise Untrue("step", "validFrom or created is not a UTC time") from None
