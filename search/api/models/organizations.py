"""Models of one organization: its state, its history, its credentials."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from search.api.models.parts import Count, Day, DayOrTime, Ledger, Place, Status, Words

Kind = Annotated[Literal["issue", "supersede", "correct"], Field(description="kind of the ledger's entry")]


class NameLabels(BaseModel):
    """What the codes of a name mean."""

    kind: Words | None


class OrganizationName(BaseModel):
    """A name, and the days on which it was in force. `kind`: legal, former, assumed, translated or home."""

    name: str
    kind: str
    language: Annotated[str | None, Field(description="BCP 47")]
    since: Day | None
    until: Day | None
    in_force: bool
    labels: NameLabels


class AddressLabels(BaseModel):
    """What the codes of an address mean."""

    role: Words | None


class OrganizationAddress(BaseModel):
    """A postal address. `role`: the register's own code."""

    role: str
    street: str | None
    locality: str | None
    region: str | None
    postal_code: str | None
    country: str | None
    labels: AddressLabels


class EventLabels(BaseModel):
    """What the codes of an event mean."""

    kind: Words | None
    filing: Words | None


class Event(BaseModel):
    """The act that led to a state, in the register's own codes."""

    id: str | None
    kind: str
    filing: str | None
    effective: DayOrTime | None
    labels: EventLabels


class Act(BaseModel):
    """What happened, in plain words. `manner`: a correction or an amendment of such an act."""

    code: str
    manner: str | None
    labels: Words


class Standing(BaseModel):
    """Where the credential of a state is, and whether it still stands."""

    entry: Annotated[Count, Field(description="index in the ledger")]
    credential: Place
    evidence: Annotated[
        Place | None, Field(description="null: no published checkpoint covers it yet, or it was erased")
    ]
    revoked: bool
    suspended: bool


class OrganizationLabels(BaseModel):
    """What the codes of an organization mean; null where there is no code."""

    register_: Annotated[Words, Field(alias="register")]
    status: Words | None
    register_status: Words | None
    sub_status: Words | None
    type: Words | None


class Organization(Standing):
    """One organization: one state of its registration, as a register told it."""

    register_: Annotated[str, Field(alias="register", description="code of the register")]
    number: str
    name: str | None
    status: Status
    register_status: Annotated[str | None, Field(description="the register's own code")]
    sub_status: Annotated[str | None, Field(description="what that says beyond Active and Historical")]
    status_since: Day | None
    type: Annotated[str, Field(description="the register's own code")]
    registered_on: Day | None
    jurisdiction: Annotated[str | None, Field(description="ISO 3166")]
    home_jurisdiction: str | None
    business_number: str | None
    credential_type: Literal["OrganizationRegistrationCredential", "PermitCredential"]
    valid_from: Annotated[Day | None, Field(description="of a permit alone")]
    valid_until: Annotated[Day | None, Field(description="of a permit alone")]
    relationships_omitted: Count
    labels: OrganizationLabels
    names: list[OrganizationName]
    addresses: list[OrganizationAddress]
    event: Event | None
    act: Act | None
    n: Annotated[int, Field(ge=1, description="number of its credential")]
    kind: Kind
    effective: DayOrTime | None
    recorded: Annotated[str, Field(description="RFC 3339: when the ledger took it in")]
    url: Place
    at: Annotated[Day | None, Field(description="as it was asked for")]
    known: Annotated[str | None, Field(description="as it was asked for")]
    ledger: Ledger | None


class StateLabels(BaseModel):
    """What the codes of a state mean."""

    status: Words | None
    register_status: Words | None
    sub_status: Words | None


class OrganizationState(Standing):
    """One state of a history. What it says is null where its body was erased."""

    n: int
    kind: Kind
    effective: DayOrTime | None
    recorded: str
    reason: Annotated[str | None, Field(description="of a correction: a stable code")]
    event: Event | None
    act: Act | None
    name: str | None
    status: Status
    register_status: str | None
    sub_status: str | None
    labels: StateLabels


class OrganizationHistory(BaseModel):
    """Every state of an organization, as the registry logged them."""

    register_: Annotated[str, Field(alias="register")]
    number: str
    items: list[OrganizationState]
    ledger: Ledger | None


class CredentialSummary(Standing):
    """One credential of an organization."""

    n: int
    id: Annotated[str | None, Field(description="its URL; null: it was erased")]
    kind: Kind
    effective: DayOrTime | None
    recorded: str
    superseded_by: Annotated[int | None, Field(description="`n` of the later one")]
    corrected_by: Annotated[int | None, Field(description="`n` of the one that is right")]


class CredentialList(BaseModel):
    """Every credential of an organization."""

    register_: Annotated[str, Field(alias="register")]
    number: str
    items: list[CredentialSummary]
    ledger: Ledger | None
