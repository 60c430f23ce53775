"""Models of what is judged, and of the verdict.

Twin of `/schemas/verdict/v1`, which has the codes of the steps.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from search.api.models.parts import Camel, Count, Day, DayOrTime

Outcome = Literal["verified", "superseded", "failed", "indeterminate"]


class Holder(BaseModel):
    """Who holds a permit."""

    register_: Annotated[str, Field(alias="register")]
    number: str
    name: str


class Permit(BaseModel):
    """What a permit is, and its days."""

    kind: str
    status: str
    from_: Annotated[Day, Field(alias="from")]
    until: Day | None
    holder: Holder


class JudgedOrganization(BaseModel):
    """Whose registration it is."""

    register_: Annotated[str, Field(alias="register")]
    number: str
    name: str | None
    status: Annotated[str | None, Field(description="Active or Historical")]
    since: Annotated[DayOrTime, Field(description="the day on which the status began, else that of the state")]
    permit: Permit | None = None


class InForce(BaseModel):
    """The days on which the state was in force, `until` not included."""

    from_: Annotated[Day, Field(alias="from")]
    until: Day | None


class ReplacedBy(BaseModel):
    """The entry that took its place."""

    index: Count
    kind: Literal["issue", "supersede", "correct", "erase"]
    effective: DayOrTime | None


class Step(BaseModel):
    """One named check. `code` is for programs (`/schemas/verdict/v1` has all), `reason` for people."""

    step: str
    result: Literal["passed", "failed", "not_reached", "indeterminate", "not_asked"]
    code: str | None
    reason: str | None


class Verdict(Camel):
    """The outcome, whose it is, and every step in order."""

    verdict: Outcome
    as_of: Annotated[str | None, Field(description="RFC 3339: the time of which it speaks")]
    on: Annotated[Day | None, Field(description="the day that was asked for")]
    organization: Annotated[JudgedOrganization | None, Field(description="null unless it was shown")]
    in_force: InForce | None
    replaced_by: ReplacedBy | None
    steps: list[Step]
    trusted: Annotated[bool, Field(description="of a credential alone: whether its issuer is one of ours")] = False


class Proven(BaseModel):
    """What a completeness file proves."""

    register_: Annotated[str, Field(alias="register")]
    number: str
    entries: Count
    sentence: str
    covers: str


class CompletenessVerdict(Verdict):
    """The verdict on a completeness file."""

    type: Literal["Completeness"]
    proven: Annotated[Proven | None, Field(description="null unless it is verified")]


class NoVerdict(BaseModel):
    """An item of a batch that is neither evidence nor a credential."""

    verdict: None
    code: Literal["not_evidence"]


class BatchAnswer(BaseModel):
    """The verdicts, in the order of the items."""

    results: list[Verdict | CompletenessVerdict | NoVerdict]


class Judged(BaseModel):
    """An evidence file, a completeness file, or a credential in any form. What it lacks is judged, not refused.

    It has `v` and `origin`, `credential`, `credentialSubject` or `entries`, or is an envelope: else there is nothing to judge.
    """

    model_config = ConfigDict(extra="allow")


class BatchRequest(BaseModel):
    """Up to 1,000 documents, each of at most 256 KiB."""

    items: Annotated[list[dict[str, Any]], Field(max_length=1000)]
