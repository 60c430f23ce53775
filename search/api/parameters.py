"""The query parameters of search and suggestions, as one value each.

Shapes alone: what the filters may be is judged in `search/question/query.py`, which names are taken at all in
`search/http/parameters.py`.
"""

import re
from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator

from search.errors import BadParameter
from search.question.query import Filters, parse_filters
from search.views.organization_json import ITEM_MEMBERS

SUGGESTIONS = 10


def _whole(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[0-9]{1,9}", value, re.ASCII):
        raise ValueError("must be a whole number in digits")
    return value


#: shapes are told to readers, and judged by what is there: an address of another form is 404
Register = Annotated[
    str,
    Path(description="code of the register", examples=["sample"], json_schema_extra={"pattern": "^[a-z0-9]{1,16}$"}),
]
Number = Annotated[
    str,
    Path(
        description="number in that register",
        examples=["BC9000001"],
        json_schema_extra={"pattern": "^[A-Za-z0-9.-]{1,32}$"},
    ),
]
N = Annotated[
    str,
    Path(
        description="which of its credentials, from 1",
        examples=["1"],
        json_schema_extra={"pattern": "^[1-9][0-9]{0,8}$"},
    ),
]
At = Annotated[str | None, Query(description="as of this effective date, YYYY-MM-DD", examples=["2024-06-01"])]
Known = Annotated[
    str | None,
    Query(description="by what was logged up to this RFC 3339 time", examples=["2030-01-01T00:00:00Z"]),
]
Cursor = Annotated[str | None, Query(description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="results per page"), BeforeValidator(_whole)]


def _day(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        raise ValueError("must be a date, YYYY-MM-DD")
    return value


On = Annotated[date | None, Query(description="was it in force on that day, YYYY-MM-DD"), BeforeValidator(_day)]


class Question(BaseModel):
    """What somebody looks for: a text and eight filters, each as it was typed."""

    q: Annotated[str, Query(description="a number, or a name or its beginning; empty lists all")] = ""
    # pydantic's classes have a method `register`
    registers: Annotated[str | None, Query(alias="register", description="codes, with commas between")] = None
    status: Annotated[str | None, Query(description="Active, Historical, unknown")] = None
    type: Annotated[str | None, Query(description="the register's codes")] = None
    jurisdiction: str | None = None
    name_kind: Annotated[str | None, Query(description="legal, former, assumed, translated, home")] = None
    registered_from: Annotated[str | None, Query(description="first day, YYYY-MM-DD")] = None
    registered_to: Annotated[str | None, Query(description="last day, YYYY-MM-DD")] = None
    at: Annotated[str | None, Query(description="find by the names in force on this day, YYYY-MM-DD")] = None

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Its parameters, as they are written in an address."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())

    def given(self) -> dict[str, str | None]:
        """The eight filters by parameter, in one order: cursors are bound to them."""
        return self.model_dump(by_alias=True, include=set(Question.model_fields) - {"q"})

    def filters(self) -> Filters:
        """What the filters let pass. BadParameter."""
        return parse_filters(self.given())


class Search(Question):
    """A search, and which page of its results."""

    cursor: Cursor = None
    limit: Limit = 20
    sort: Annotated[Literal["relevance", "name", "registered"], Query(description="the order of results")] = "relevance"
    fields: Annotated[str | None, Query(description="members of each item, with commas between; else all")] = None
    facets: Annotated[Literal["0", "1"], Query(description="0: without counts by field")] = "1"

    def chosen(self) -> tuple[str, ...]:
        """The members that each item is to have. BadParameter: an item has no such member."""
        names = ITEM_MEMBERS if self.fields is None else tuple(self.fields.split(","))
        unknown = next((name for name in names if name not in ITEM_MEMBERS), None)
        if unknown is not None:
            raise BadParameter("bad_parameter", f"fields: an item has no member {unknown[:40]!a}", "fields")
        return names


class Completion(Question):
    """What is being typed, and how many suggestions are wanted."""

    limit: Annotated[int, Query(ge=1, le=SUGGESTIONS), BeforeValidator(_whole)] = SUGGESTIONS
