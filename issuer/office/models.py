"""Models of what the office's app takes and gives: issuing, standings, anchors, notes."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from registry.described.credential import EnvelopedCredential, SignedCredential, StatusEntry

Purpose = Literal["revocation", "suspension"]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class _Closed(BaseModel):
    """A member that is not known is refused, never passed over."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class IssuerName(BaseModel):
    """The register's DID."""

    id: str
    name: str = ""


class DraftCredential(_Closed):
    """A credential to be issued, without a proof. What it says must be what is issued; it may leave out what the office gives."""

    context: Annotated[list[str], Field(alias="@context", min_length=2, max_length=2)]
    id: str = ""
    type: Annotated[list[str], Field(min_length=2, max_length=2)]
    issuer: str | IssuerName
    valid_from: str = ""
    credential_status: Any = None
    credential_schema: Any = None
    credential_subject: Annotated[
        dict[str, Any],
        Field(description="of `/schemas/organization/v2.json` or `/schemas/permit/v1.json`, without ids"),
    ]


class IssueOptions(_Closed):
    """`approveHeld`: also what waits for a person, who has looked at it."""

    approve_held: bool = False


class IssueRequest(_Closed):
    """One more state of an organization."""

    credential: DraftCredential
    options: IssueOptions = IssueOptions()


class IssueAnswer(BaseModel):
    """The credential as it was issued, or as it is there already."""

    verifiable_credential: Annotated[SignedCredential, Field(alias="verifiableCredential")]


class NamedStatus(BaseModel):
    """Which list of the credential, and what else is said of it there."""

    model_config = ConfigDict(alias_generator=to_camel)

    type: Literal["BitstringStatusListEntry"]
    status_purpose: Purpose


class ReasonOption(_Closed):
    """Why: issued_in_error, key_compromise, court_order, register_request, fraud, withdrawn or under_review."""

    reason: str = ""


class StatusRequest(_Closed):
    """Set or clear a bit."""

    credential_id: str
    credential_status: NamedStatus
    status: bool
    options: ReasonOption = ReasonOption()


class StatusAnswer(BaseModel):
    """How the bit stands now. `changed`: whether it did not before."""

    model_config = ConfigDict(alias_generator=to_camel)

    credential_id: str
    credential_status: StatusEntry
    status: bool
    changed: bool


class RegisterOption(_Closed):
    """Whose list."""

    register_: Annotated[str, Field(alias="register")]


class ListRequest(_Closed):
    """The next list of that purpose. `id`: what it must become."""

    status_purpose: Purpose
    id: str = ""
    options: RegisterOption


class ListAnswer(BaseModel):
    """The list that was opened."""

    model_config = ConfigDict(alias_generator=to_camel)

    id: str
    status_purpose: Purpose
    register_: Annotated[str, Field(alias="register")]


class NoOptions(_Closed):
    """There are none."""


class ChallengeRequest(_Closed):
    """Nothing is asked."""

    options: NoOptions = NoOptions()


class ChallengeAnswer(BaseModel):
    """What the presentation must answer, and for which domain."""

    challenge: str
    domain: str


class AnchorRequest(_Closed):
    """Vouch for an organization that shows control of a DID."""

    register_: Annotated[str, Field(alias="register")]
    number: str
    challenge: str
    verifiable_presentation: dict[str, Any]
    options: NoOptions = NoOptions()


class AnchorAnswer(BaseModel):
    """The anchor, as a token in an envelope and as what it says."""

    verifiable_credential: Annotated[EnvelopedCredential, Field(alias="verifiableCredential")]
    credential: dict[str, Any]


EntryLines = Annotated[
    str,
    Field(
        description="lines of JSON objects: `kind` (note), `reason` (1 to 64 of a-z, 0-9, _), and if wanted `text`",
        min_length=1,
    ),
]


class EntriesAnswer(BaseModel):
    """Where the entries stand, and the head with them: they are durable."""

    first: Annotated[int, Field(ge=0)]
    count: Annotated[int, Field(ge=1, le=256)]
    size: Annotated[int, Field(ge=1)]
    root: Hash
