"""Issue what was posted: one more state of an organization.

A posted credential (W3C VCDM 2.0) is one of a register that this installation already issues for. It may leave out what the
office gives (`id`, `validFrom`, `credentialStatus`, `credentialSchema`, the `id` of nested objects); whatever it does say must
be what is issued, else nothing is. What the newest credential says already is not issued again.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from issuer.run.batches import Run, Work
from issuer.run.days import local_day
from issuer.signing.erased import erased_digest
from issuer.timeline import draft, plan
from issuer.timeline.changes import Change, Dossier
from issuer.timeline.history import Refusal, Timeline, TimelineState, fold
from registry.credential.document import issuer_of, text_at
from registry.errors import Malformed, RegistryError
from registry.installation.office import Office
from registry.ledger.surroundings import Surroundings
from schemas import CREDENTIALS_V2, codes, schema_document
from schemas.organization import ORGANIZATION, PERMIT, State, from_subject, to_subject

_MEMBERS = {
    "@context",
    "id",
    "type",
    "issuer",
    "validFrom",
    "credentialStatus",
    "credentialSchema",
    "credentialSubject",
}
_NESTED = ("names", "addresses", "relationships")
_UNNAMED = "urn:greffe:unnamed"


class Disagrees(RegistryError):
    """It is at odds with what the ledger holds; a person should look."""


@dataclass(frozen=True, slots=True)
class Posted:
    """The stored credential with its proofs. `is_new`: whether it was issued just now."""

    document: dict[str, Any]
    is_new: bool


def issue_posted(
    office: Office, credential: dict[str, Any], around: Surroundings, *, approve_held: bool = False
) -> Posted:
    """Issue a posted credential. `approve_held`: also what waits for a person, who has looked at it.

    Malformed: it is not of our profile, a value may not be issued, or it contradicts what would be. Disagrees: an older state
    would take the place of a newer one. Conflict `busy`.
    """
    state = _state(office, credential)
    with office.records() as records:
        issuer = records.issuer(state.register)
    if issuer is None or issuer_of(credential) != issuer.did:
        raise Malformed("issuer", "its issuer is not that of a register which this installation issues for")
    timeline = _timeline(state, around)
    with office.writing() as ledger:
        with office.records() as records:
            if erased_digest(office, state.register, state.number) in records.erased():
                raise Malformed("erased", "the organization was erased, and is not issued again")
            places = records.places(state.register, state.number)
            if not places and codes.is_person(state.register, state.entity_type):
                records.check_all_places()  # the map knows a person by a pseudonym, so that only the entries tell
            newest = plan.newest_of(places) if places else None
            salt = None if newest is None else records.org_salt(state.register, state.number, newest.index)
            has_unknown = records.has_unknown_persons(state.register)
        planned = _planned(timeline, newest)
        if newest is not None and not planned.planned:
            stored = _stored(office, state, newest.n)
            _agree(credential, stored)
            return Posted(stored, is_new=False)
        is_person = codes.is_person(state.register, state.entity_type)
        hold = planned.hold or _regression(office, timeline, newest)
        if newest is None and is_person and has_unknown:
            raise Disagrees("person_unknown", "entries of this register are of unknown persons: it may be one of them")
        if hold is not None and not approve_held:
            raise Disagrees(hold, "an older state would take the place of a newer one: a person should look at it")
        n = 1 if newest is None else newest.n + 1
        _agree(credential, _expected(office, state, n, issuer.name))
        work = Work(state.number, newest, planned.planned, is_person, salt)
        Run(office, ledger, state.register, around).append([work], workers=1)
    return Posted(_stored(office, state, n), is_new=True)


def _state(office: Office, credential: dict[str, Any]) -> State:
    """The state that a posted credential tells. Malformed: its form is not that of our profile."""
    if "proof" in credential:
        raise Malformed("already_signed", "a credential that has a proof is not issued")
    unknown = sorted(credential.keys() - _MEMBERS)
    if unknown:
        raise Malformed("member_unknown", f"a credential of ours has no member {unknown[0][:80]!r}")
    subject = _named(credential.get("credentialSubject"))
    kind = PERMIT if text_at(subject, "type") == PERMIT else ORGANIZATION
    claims = subject if isinstance(subject, dict) else {}
    url = office.identity.context_urls[draft.context_of({**claims, "type": kind})]
    if credential.get("@context") != [CREDENTIALS_V2, url]:
        raise Malformed("context", f"@context is not {CREDENTIALS_V2} and {url}")
    wanted = draft.TYPES[kind]
    if credential.get("type") != ["VerifiableCredential", wanted]:
        raise Malformed("credential_type", f"type is not VerifiableCredential and {wanted}")
    error = next(iter(_subject_schema(kind).iter_errors(subject)), None)
    if error is not None:
        place = "/".join(map(str, error.instance_path))[:100]
        raise Malformed("schema", f"the closed schema does not fit at /credentialSubject/{place}")
    return from_subject(subject)


def _named(subject: Any) -> Any:
    """The subject with an `id` on every object that may leave it to the office; what is no object stays as it is."""
    if not isinstance(subject, dict):
        return subject
    named = {"id": _UNNAMED, **subject}
    for name in _NESTED:
        if isinstance(named.get(name), list):
            named[name] = [{"id": _UNNAMED, **item} if isinstance(item, dict) else item for item in named[name]]
    if isinstance(named.get("registrationEvent"), dict):
        named["registrationEvent"] = {"id": _UNNAMED, **named["registrationEvent"]}
    return named


@cache
def _subject_schema(kind: str) -> Any:
    newest = draft.SCHEMAS[kind][-1]
    return jsonschema_rs.Draft202012Validator(schema_document(newest)["properties"]["credentialSubject"])


def _timeline(state: State, around: Surroundings) -> TimelineState:
    """The one state, judged as a row of an extract is. An event counts where its id and its day are known.

    The day alone orders it: two events of one day, told one by one, wait for a person.
    """
    event, order = "", tuple[object, ...]()
    if state.event is not None and state.event.id is not None and state.event.effective is not None:
        event, order = state.event.id, (state.event.effective,)
    change = Change(state.register, state.number, event, order, state)
    folded = fold(Dossier(state.register, state.number, (), (change,)), local_day(state.register, around.now()))
    if isinstance(folded, Refusal):
        raise Malformed(folded.code, folded.reason)
    if folded.pending:
        raise Malformed("future", "its event takes effect on a later day: post it then")
    return folded.states[0]


def _planned(timeline: TimelineState, newest: plan.Newest | None) -> plan.Plan:
    planned = plan.plan(Timeline((timeline,)), newest)
    for credential in planned.planned:
        if credential.judged.refusal is not None:
            raise Malformed(*credential.judged.refusal)
    return planned


def _regression(office: Office, timeline: TimelineState, newest: plan.Newest | None) -> str | None:
    """`status_regression` where an organization would be active again without an event that says why."""
    if newest is None or timeline.event or timeline.state.status != "Active":
        return None
    before = _stored(office, timeline.state, newest.n)
    is_over = text_at(before, "credentialSubject", "registrationStatus") == "Historical"
    return "status_regression" if is_over else None


def _stored(office: Office, state: State, n: int) -> dict[str, Any]:
    with office.records() as records:
        place = next((place for place in records.places(state.register, state.number) if place.n == n), None)
        document = None if place is None else records.find_document(place.i)
    if document is None:
        raise Disagrees("body_missing", "the newest credential of the organization is not in this store any more")
    return document


def _expected(office: Office, state: State, n: int, issuer_name: str) -> dict[str, Any]:
    """What a posted credential may say beforehand of the one to be issued: not its time, nor its places in status lists."""
    identity = office.identity
    subject = to_subject(
        draft.fitted(state), identity.base_url, identity.credential_id(state.register, state.number, n)
    )
    return {
        "@context": [CREDENTIALS_V2, identity.context_urls[draft.context_of(subject)]],
        "id": identity.credential_id(state.register, state.number, n),
        "type": ["VerifiableCredential", draft.credential_type(state)],
        "issuer": {"id": identity.issuer_did(state.register), "name": issuer_name},
        "credentialSchema": {"id": identity.schema_url(draft.schema_of(subject)), "type": "JsonSchema"},
        "credentialSubject": subject,
    }


def _agree(credential: dict[str, Any], issued: dict[str, Any]) -> None:
    """Malformed `contradicts` where the posted credential says what the issued one does not."""
    issuer = credential["issuer"]
    given = {**credential, "issuer": {"id": issuer} if isinstance(issuer, str) else issuer}
    place = difference(given, issued)
    if place is not None:
        raise Malformed("contradicts", f"{place[:100]} is for the office to say, and would be another; leave it out")


def difference(given: Any, issued: Any, at: str = "") -> str | None:
    """Where `given` says something else than `issued`; None where it says the same or less."""
    if isinstance(given, dict) and isinstance(issued, dict):
        for name, value in given.items():
            place = f"{at}/{name}"
            differing = difference(value, issued[name], place) if name in issued else place
            if differing is not None:
                return differing
        return None
    if isinstance(given, list) and isinstance(issued, list) and len(given) == len(issued):
        pairs = enumerate(zip(given, issued, strict=True))
        return next((differing for n, pair in pairs if (differing := difference(*pair, f"{at}/{n}"))), None)
    return None if type(given) is type(issued) and given == issued else at
