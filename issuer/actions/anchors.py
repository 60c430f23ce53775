"""Identity anchors: the office vouches for an organization that shows it controls a DID.

The office vouches for who asks (its caller has the office's token); the presentation shows that the asker controls the DID: it
must answer a challenge made here, for this office's domain. Only an active organization whose newest credential stands gets
one. The statement is logged under a `note` entry; the token is kept for whoever asks for it, and can be made again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from issuer.actions.committed import check_not_erased, committed_document
from issuer.signing.issuer import key_name, open_issuer
from registry.credential import did, jwt
from registry.encoding.moment import print_utc
from registry.encoding.stored import stored
from registry.errors import NotFound, Untrue
from registry.foreign.challenges import Challenges
from registry.foreign.finding import FAILED
from registry.foreign.verify import ForeignVerifier
from registry.installation.office import Office
from registry.ledger.admission import Admission, Statement
from registry.ledger.surroundings import Surroundings
from registry.store.token_queue import IDENTITY_ANCHOR, Requests
from registry.verify import anchor
from schemas.organization import State, from_subject

#: how long an anchor holds
DAYS = 365


@dataclass(frozen=True, slots=True)
class Anchor:
    """An issued anchor: its statement, and the token that carries it."""

    document: dict[str, Any]
    token: str


class AnchorIssuer:
    """Issues anchors. `verifier`: how presentations are verified; whether a did:web can be resolved is its affair."""

    def __init__(
        self,
        office: Office,
        requests: Requests,
        verifier: ForeignVerifier,
        challenges: Challenges,
        around: Surroundings,
    ) -> None:
        self._office, self._requests, self._around = office, requests, around
        self._verifier, self._challenges = verifier, challenges

    @property
    def domain(self) -> str:
        """What a presentation must be made for."""
        return urlsplit(self._office.identity.base_url).netloc

    def challenge(self) -> str:
        """A challenge for one presentation."""
        return self._challenges.make(self._around.random(16), self._around.now())

    def issue(self, register: str, number: str, presentation: dict[str, Any], challenge: str) -> Anchor:
        """The anchor of an organization for the DID that holds the presentation.

        NotFound `organization_unknown`. Untrue `presentation`, `challenge`, `organization_inactive`: not shown, or not now.
        NotPublished: no signed checkpoint covers its newest credential yet. LedgerDamaged: as `committed_document`.
        """
        self._state(register, number)
        holder = self._holder(presentation, challenge)
        office, at = self._office, self._around.moment()
        valid_from, valid_until = (print_utc(moment) for moment in (at, at + timedelta(days=DAYS)))
        with office.writing() as ledger:
            state = self._state(
                register, number
            )  # again: it may have been revoked while the presentation was looked at
            self._challenges.answer(challenge, at)
            issuer = open_issuer(office, register, self._around.random)
            document = anchor.statement(
                _anchored(state, office.identity.base_url, issuer.name),
                office.identity.base_url,
                ledger.head.size,
                issuer.did,
                holder,
                valid_from,
                valid_until,
            )
            noted = Admission(Statement("note", reason=anchor.REASON), stored(document), self._around.random(32))
            index = ledger.head.size
            self._around.committed(ledger.append([noted], {}, at))
        token = sign_token(office, register, document)
        self._requests.keep(IDENTITY_ANCHOR, str(index), token.encode())
        return Anchor(document, token)

    def _state(self, register: str, number: str) -> State:
        office = self._office
        check_not_erased(office, register, number)
        with office.records() as records:
            places = records.places(register, number)
            standing = None if not places else records.standing(records.find_document(places[-1].i) or {})
        if not places:
            raise NotFound("organization_unknown", f"the ledger holds nothing of {register}/{number}")
        newest_id = office.identity.credential_id(register, number, places[-1].n)
        document = committed_document(office, places[-1].i, newest_id)
        state = from_subject(document["credentialSubject"])
        if state.status != "Active" or standing is not None:
            raise Untrue("organization_inactive", "the organization is not active, or its credential does not stand")
        if state.legal_name is None or state.registered_on is None:
            raise Untrue("organization_unnamed", "the register gives no name, or no date of registration")
        return state

    def _holder(self, presentation: dict[str, Any], challenge: str) -> str:
        """The DID that the presentation shows control of."""
        at = self._around.now()
        if not self._challenges.is_ours(challenge):
            raise Untrue("challenge", "the challenge was not made here")
        self._challenges.check(challenge, at)
        result = self._verifier.presentation(presentation, at, challenge, self.domain)
        holder = presentation.get("holder")
        holder = holder.get("id") if isinstance(holder, dict) else holder
        if not result.is_verified or not isinstance(holder, str):
            reasons = [finding.reason for finding in result.findings if finding.result == FAILED]
            raise Untrue("presentation", str(next(iter(reasons), None) or "no holder showed that it controls its DID"))
        return holder


def sign_token(office: Office, register: str, statement: dict[str, Any]) -> str:
    """A statement as a vc+jwt by the key that signs credentials of that register now."""
    with office.records() as records:
        keys = records.issuer_document(register)
    fragment = did.in_use(keys, did.CREDENTIAL)
    method = f"{keys['id']}#{fragment}"
    kid = did.jwk_method(method)
    if kid not in {known["id"] for known in keys["verificationMethod"]}:
        kid = method
    return jwt.sign(statement, office.keys.signer(key_name(register, fragment)), kid)


def token_again(office: Office, index: int) -> str:
    """The token of the anchor under an entry, made once more. NotFound: there is none. Else as `committed_document`."""
    records = office.reader.records(index, 1)
    if not records or records[0].reason != anchor.REASON or records[0].document is None:
        raise NotFound("anchor_unknown", "the ledger holds no such identity anchor")
    document = committed_document(office, index, anchor.id_of(office.identity.base_url, index))
    organization = office.identity.parse_organization_id(document["credentialSubject"]["publicInformation"])
    if organization is None:
        raise NotFound("anchor_unknown", "the anchor is of no organization of this installation")
    check_not_erased(office, organization.register, organization.number)
    return sign_token(office, organization.register, document)


def _anchored(state: State, base_url: str, register_name: str) -> anchor.Anchored:
    assert state.legal_name is not None
    assert state.registered_on is not None
    return anchor.Anchored(
        register=state.register,
        register_name=register_name,
        number=state.number,
        name=state.legal_name,
        registered_on=state.registered_on,
        entity_type=f"{base_url}/codes/entity-type/{state.register}/{state.entity_type}",
    )
