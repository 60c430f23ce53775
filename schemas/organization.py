"""What we say of an organization or a permit: the only list of fields.

`State` is one state of a registration as a register told it: frozen, without ids and URLs. `to_subject` gives the JSON
of VCDM 2.0 section 4.9 for it (no blank node: each nested object gets an id under the credential's own URL), `from_subject`
reads it back. The closed JSON Schemas are `organization-v1.schema.json`, v2 for what v1 lacks, and `permit-v1.schema.json`;
the terms are `contexts/organization-v1.jsonld`, and v2 for what v1 lacks.
Judging the values (dates, characters, codes) is left to the issuer.
"""

import re
from dataclasses import dataclass, fields, replace
from typing import Any

#: (field of a dataclass, term in the credential); the order is the order on pages
_NAME_TERMS = (
    ("text", "nameText"),
    ("kind", "nameType"),
    ("language", "nameLanguage"),
    ("since", "nameFrom"),
    ("until", "nameUntil"),
)
_ADDRESS_TERMS = (
    ("role", "addressRole"),
    ("street", "streetAddress"),
    ("locality", "addressLocality"),
    ("region", "addressRegion"),
    ("postal_code", "postalCode"),
    ("country", "addressCountry"),
)
_RELATIONSHIP_TERMS = (
    ("kind", "relationshipType"),
    ("organization", "relatedOrganization"),
    ("number", "relatedNumber"),
    ("name", "relatedName"),
    ("since", "relatedFrom"),
    ("until", "relatedUntil"),
)
_ORGANIZATION = re.compile(r"/organizations/([a-z0-9]{1,16})/[A-Za-z0-9.-]{1,32}\Z")
_EVENT_TERMS = (("id", "eventId"), ("kind", "eventType"), ("filing", "filingType"), ("effective", "eventDate"))
_STATE_TERMS = (
    ("register", "register"),
    ("number", "registrationNumber"),
    ("legal_name", "legalName"),
    ("entity_type", "entityType"),
    ("status", "registrationStatus"),
    ("register_status", "registerStatus"),
    ("status_since", "statusFrom"),
    ("registered_on", "registrationDate"),
    ("jurisdiction", "jurisdiction"),
    ("home_jurisdiction", "homeJurisdiction"),
    ("business_number", "businessNumber"),
    ("valid_from", "permitFrom"),
    ("valid_until", "permitUntil"),
    ("relationships_omitted", "relationshipsOmitted"),
)
#: what a state is of: an organization, or a permit that one holds
ORGANIZATION, PERMIT = "RegisteredOrganization", "Permit"


@dataclass(frozen=True, slots=True)
class Name:
    """One name. `kind`: legal, former, assumed, translated, or home (in the home jurisdiction); `language`: BCP 47;
    `since`, `until`: ISO dates.
    """

    text: str
    kind: str
    language: str | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """One postal address. `role`: the register's own code for the office, as registered or records."""

    role: str
    street: str | None = None
    locality: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Relationship:
    """A typed link to another organization. `number` is in `register` (None: the same register); `to_subject` makes
    `relatedOrganization` of both, and `from_subject` reads the register from there.
    """

    kind: str
    number: str | None = None
    name: str | None = None
    since: str | None = None
    until: str | None = None
    register: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """The act that led to a state: the register's own id and codes, and its effective date (ISO), when known."""

    kind: str
    id: str | None = None
    filing: str | None = None
    effective: str | None = None


@dataclass(frozen=True, slots=True)
class State:
    """One state of one registration. Dates are ISO `YYYY-MM-DD`; `status` is Active, Historical or unknown (None).

    `subject`: what it is of, `ORGANIZATION` or `PERMIT`; `valid_from`, `valid_until`: of a permit alone.
    `relationships_omitted`: how many of its relationships are left to the credentials of the other sides, None where none is.
    """

    register: str
    number: str
    entity_type: str
    legal_name: str | None = None
    status: str | None = None
    register_status: str | None = None
    status_since: str | None = None
    registered_on: str | None = None
    jurisdiction: str | None = None
    home_jurisdiction: str | None = None
    business_number: str | None = None
    names: tuple[Name, ...] = ()
    addresses: tuple[Address, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    event: Event | None = None
    subject: str = ORGANIZATION
    valid_from: str | None = None
    valid_until: str | None = None
    relationships_omitted: int | None = None

    @property
    def is_permit(self) -> bool:
        """Whether it is of a permit, and not of an organization."""
        return self.subject == PERMIT


_KNOWN = {cls: frozenset(field.name for field in fields(cls)) for cls in (Name, Address, Relationship, Event)}


def to_subject(state: State, base_url: str, credential_id: str) -> dict[str, Any]:
    """`credentialSubject` for that state; absent values and empty lists are left out.

    `base_url` has no final slash; `credential_id` is `<base>/credentials/{register}/{number}/{n}`.
    """
    subject: dict[str, Any] = {
        "id": f"{base_url}/organizations/{state.register}/{state.number}",
        "type": state.subject,
        **_terms(state, _STATE_TERMS),
    }
    for term, anchor, nodes in (
        ("names", "name", [_node("OrganizationName", item, _NAME_TERMS) for item in state.names]),
        ("addresses", "address", [_node("PostalAddress", item, _ADDRESS_TERMS) for item in state.addresses]),
        ("relationships", "relationship", [_related(item, base_url, state.register) for item in state.relationships]),
    ):
        if nodes:
            subject[term] = [{"id": f"{credential_id}#{anchor}-{n}", **node} for n, node in enumerate(nodes)]
    if state.event is not None:
        subject["registrationEvent"] = {
            "id": f"{credential_id}#event",
            **_node("RegistrationEvent", state.event, _EVENT_TERMS),
        }
    return subject


def from_subject(subject: dict[str, Any]) -> State:
    """The state that a `credentialSubject` tells; the subject has passed the JSON Schema. Ids are not read."""

    def read(cls: type[Any], node: dict[str, Any], terms: tuple[tuple[str, str], ...]) -> Any:
        return cls(**{field: node[term] for field, term in terms if term in node and field in _KNOWN[cls]})

    plain = {field: subject[term] for field, term in _STATE_TERMS if term in subject}
    event = subject.get("registrationEvent")
    return State(
        **plain,
        names=tuple(read(Name, node, _NAME_TERMS) for node in subject.get("names", ())),
        addresses=tuple(read(Address, node, _ADDRESS_TERMS) for node in subject.get("addresses", ())),
        relationships=tuple(
            replace(read(Relationship, node, _RELATIONSHIP_TERMS), register=_other_register(node, plain["register"]))
            for node in subject.get("relationships", ())
        ),
        event=None if event is None else read(Event, event, _EVENT_TERMS),
        subject=subject.get("type", ORGANIZATION),
    )


def _terms(value: object, terms: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    pairs = ((term, getattr(value, field, None)) for field, term in terms)
    return {term: given for term, given in pairs if given is not None}


def _node(node_type: str, value: object, terms: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {"type": node_type, **_terms(value, terms)}


def _related(relationship: Relationship, base_url: str, register: str) -> dict[str, Any]:
    node = _node("OrganizationRelationship", relationship, _RELATIONSHIP_TERMS)
    if relationship.number is not None:
        node["relatedOrganization"] = (
            f"{base_url}/organizations/{relationship.register or register}/{relationship.number}"
        )
    return node


def _other_register(node: dict[str, Any], own: str) -> str | None:
    """The register that the IRI of a link names, where it is another one."""
    match = _ORGANIZATION.search(node.get("relatedOrganization", ""))
    return None if match is None or match[1] == own else match[1]
