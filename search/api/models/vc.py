"""Models of the W3C VC API of a verifier (VCALM 0.9)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from registry.described.problem import Problem
from search.api.models.parts import Camel

Document = dict[str, Any]


class CredentialOptions(Camel):
    """What is to be returned. `checks` is passed over: everything is checked."""

    model_config = ConfigDict(extra="forbid")

    return_credential: bool = False
    return_problem_details: bool = True
    return_results: bool = True
    checks: list[Any] = Field(default_factory=list)


class VerifyCredentialRequest(Camel):
    """A credential of whatever issuer."""

    model_config = ConfigDict(extra="forbid")

    verifiable_credential: Document
    options: CredentialOptions = CredentialOptions()


class PresentationOptions(Camel):
    """What the presentation must answer, and what is to be returned."""

    model_config = ConfigDict(extra="forbid")

    challenge: str = ""
    domain: str = ""
    return_presentation: bool = False
    return_problem_details: bool = True
    return_results: bool = True
    checks: list[Any] = Field(default_factory=list)


class VerifyPresentationRequest(Camel):
    """A presentation, with the challenge that it answers."""

    model_config = ConfigDict(extra="forbid")

    verifiable_presentation: Document
    options: PresentationOptions = PresentationOptions()


class ProblemDetail(BaseModel):
    """What is wrong: RFC 9457."""

    type: str
    title: Annotated[str, Field(description="the standard's code, or ours")]
    detail: str


class CheckedValue(BaseModel):
    """What was verified, and whether it held. `value`: what was learned of it."""

    verified: bool
    input: Any
    value: Any = None


class CredentialResults(Camel):
    """What is said of each member of a credential."""

    valid_from: CheckedValue | None = None
    valid_until: CheckedValue | None = None
    credential_status: list[CheckedValue]
    credential_schema: list[CheckedValue]
    proof: list[CheckedValue]


class VerifyCredentialAnswer(Camel):
    """Whether it is genuine (`verified`), good today (`usable`) and of an issuer of ours (`trusted`)."""

    verified: bool
    usable: bool
    trusted: bool
    verdict: Literal["verified", "superseded", "failed", "indeterminate"]
    problem_details: list[ProblemDetail] = Field(default_factory=list)
    results: CredentialResults | None = None
    credential: Document = Field(default_factory=dict)


class PresentationResults(BaseModel):
    """What is said of each member of a presentation."""

    proof: list[CheckedValue]
    holder: CheckedValue | None = None
    challenge: CheckedValue | None = None
    domain: CheckedValue | None = None


class AllResults(BaseModel):
    """Of the presentation, and of each credential in it."""

    presentation: PresentationResults
    credentials: list[VerifyCredentialAnswer]


class VerifyPresentationAnswer(Camel):
    """Whether the holder showed it now, and every credential in it is genuine."""

    verified: bool
    usable: bool
    trusted: bool
    problem_details: list[ProblemDetail] = Field(default_factory=list)
    results: AllResults | None = None
    verifiable_presentation: Document = Field(default_factory=dict)


class ChallengeRequest(BaseModel):
    """Any object: nothing of it is looked at."""

    model_config = ConfigDict(extra="allow")


class Challenge(BaseModel):
    """What a presentation must answer."""

    challenge: str


class RefusedRequest(Problem):
    """It is no request. The standard's members stand beside those of a problem."""

    verified: Annotated[bool, Field(description="false, where the standard's members are there")] = False
    problem_details: list[ProblemDetail] = Field(alias="problemDetails", default_factory=list)
