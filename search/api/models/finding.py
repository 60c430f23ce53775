"""Models of search results, suggestions, matches and relationships."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from search.api.models.parts import DAY_OR_NOTHING, Camel, Count, Day, Ledger, Next, Place, Status, Words

Score = Annotated[float, Field(ge=0, le=1)]
Unchecked = Annotated[Literal[True], Field(description="the ledger could not be asked, so that nothing was compared")]


class Matched(BaseModel):
    """What answered: the name or the number, and why (a stable code)."""

    name: str | None
    kind: Literal["legal", "assumed", "translated", "former", "home", "number"]
    why: str


class How(Camel):
    """How well it answers: letters that differ, words left out, days on which the name that matched was in force."""

    score: Score
    edits: Count
    dropped: Annotated[list[str], Field(description="typed words that the name has not")]
    missing: Annotated[int, Field(ge=0, description="words of the name that were not typed")]
    form_agrees: Annotated[bool | None, Field(description="null: no legal form was typed")]
    since: Day | None
    until: Day | None
    in_force: bool | None


class ResultLabels(BaseModel):
    """What the codes of a result mean."""

    sub_status: Words | None
    matched: Words | None


class Suggestion(BaseModel):
    """An organization while its name is being typed."""

    register_: Annotated[str, Field(alias="register")]
    number: str
    name: str | None
    jurisdiction: str | None
    locality: str | None
    registered_on: Day | None
    status: Status
    matched: Matched
    how: How
    sub_status: str | None
    labels: ResultLabels


class SuggestionList(BaseModel):
    """At most ten suggestions."""

    items: Annotated[list[Suggestion], Field(max_length=10)]
    unchecked: Unchecked = True


class Result(BaseModel):
    """An organization that answers. A member is absent only where `fields` leaves it out."""

    register_: Annotated[str, Field(alias="register")] = ""
    number: str = ""
    name: str | None = None
    jurisdiction: str | None = None
    locality: str | None = None
    registered_on: Day | None = None
    status: Status = None
    matched: Matched | None = None
    how: How | None = None
    sub_status: str | None = None
    labels: ResultLabels | None = None
    type: str | None = None
    url: Place | None = None
    evidence: Annotated[Place | None, Field(description="null: no published checkpoint covers it yet")] = None


class Total(BaseModel):
    """How many answer; a lower bound unless `exact`."""

    value: Count
    exact: bool


class FacetValue(BaseModel):
    """A value of a field, and how many have it."""

    value: str
    count: Count
    labels: Words | None


class Facet(BaseModel):
    """The values of a field, the most frequent first; lower bounds unless `exact`."""

    exact: bool
    values: list[FacetValue]


class Facets(BaseModel):
    """Counts by field; none with `facets=0`."""

    register_: Annotated[Facet | None, Field(alias="register")] = None
    status: Facet | None = None
    type: Facet | None = None
    jurisdiction: Facet | None = None


class OrganizationList(Camel):
    """A page of results."""

    total: Total
    items: list[Result]
    similar: Annotated[list[Result], Field(description="only where nothing is close enough")]
    did_you_mean: str | None
    facets: Facets
    absence: Annotated[Place | None, Field(description="where it is proven that the number typed is absent")]
    next: Next
    ledger: Ledger | None
    unchecked: Unchecked = True


#: more than space, which has five characters more in Python than in ECMA-262, whose patterns JSON Schema takes
Shown = Annotated[str, Field(pattern="[^\\s\\u001c-\\u001f\\u0085]", max_length=2000)]
Typed = Annotated[str | None, Field(max_length=2000)]


class MatchQuery(BaseModel):
    """One row of a list. Other members are passed over."""

    id: Annotated[str | int | None, Field(description="comes back with the answer")] = None
    register_: Annotated[str | None, Field(alias="register", description="code of the one register that is meant")] = (
        None
    )
    at: Annotated[
        str | None, DAY_OR_NOTHING, Field(description="by the names in force on that day, YYYY-MM-DD; empty: now")
    ] = None


class NamedQuery(MatchQuery):
    """A row with a name, and a number if there is one."""

    name: Shown
    number: Typed = None


class NumberedQuery(MatchQuery):
    """A row with a number, and a name if there is one."""

    number: Shown
    name: Typed = None


class MatchRequest(BaseModel):
    """Up to 1,000 rows."""

    queries: Annotated[list[NamedQuery | NumberedQuery], Field(max_length=1000)]


class Candidate(Suggestion):
    """An organization that a row may mean. `match`: under the measured rule, it is the one."""

    type: str
    url: Place
    evidence: Place | None
    score: Score
    match: bool


class MatchResult(BaseModel):
    """What one row may mean, the best first."""

    id: str | int | None
    items: Annotated[list[Candidate], Field(max_length=5)]


class MatchAnswer(BaseModel):
    """The rows, in their order."""

    results: list[MatchResult]


class RelationshipLabels(BaseModel):
    """What the codes of a relationship mean."""

    kind: Words | None
    register_: Annotated[Words | None, Field(alias="register")]
    status: Words | None
    type: Words | None


class Relationship(BaseModel):
    """A link to another organization. `stated`: `to` by this one's own credential, `from` by the other's."""

    kind: str
    stated: Literal["to", "from"]
    register_: Annotated[str, Field(alias="register")]
    number: str | None
    name: str | None
    since: Day | None
    until: Day | None
    url: Annotated[Place | None, Field(description="null: the other one is not known here")]
    status: Status
    register_status: str | None
    type: str | None
    stated_in: Annotated[Place, Field(description="the credential that says so")]
    labels: RelationshipLabels


class RelationshipList(BaseModel):
    """A page of links: those that the organization states, then those that others state of it."""

    items: list[Relationship]
    next: Next
    omitted: Annotated[int, Field(ge=0, description="left to the credentials of the other sides")]
    ledger: Ledger | None
    complete: Annotated[
        Literal[False], Field(description="what others state is missing: the index does not answer")
    ] = False
