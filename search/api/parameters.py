"""The query parameters of search and suggestions, as one value each.

Shapes alone: what the filters may be is judged in `search/question/query.py`, which names are taken at all in
`search/http/parameters.py`.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import BaseModel, BeforeValidator, WithJsonSchema

from search.errors import BadParameter
from search.question.query import MAX_CHARACTERS, NAME_KINDS, STATUSES, Filters, parse_filters
from search.views.organization_json import ITEM_MEMBERS

SUGGESTIONS = 10


def _whole(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[0-9]{1,9}", value, re.ASCII):
        raise ValueError("must be a whole number in digits")
    return value


#: what a reader is told of a value; it is judged where it is used, and what is empty counts as absent
_EMPTY = {"type": "string", "maxLength": 0}
_DAY = WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, _EMPTY]})
_TIME = WithJsonSchema({"anyOf": [{"type": "string", "format": "date-time"}, _EMPTY]})
_TEXT = WithJsonSchema({"type": "string", "maxLength": MAX_CHARACTERS})
Day = Annotated[str | None, _DAY]
Codes = str | None


def _some_of(values: Iterable[str], *, least: str = "?") -> WithJsonSchema:
    """Some of these with commas between; `least`: `?` where there may be none, else empty."""
    several = "|".join(values)
    comma = ",+" if least else ","
    around = ",*" if least else ""
    return WithJsonSchema({"type": "string", "pattern": f"^{around}(({several})({comma}({several}))*{around}){least}$"})


def _formed(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


Register = Annotated[str, _formed("^[a-z0-9]{1,16}$"), Path(description="code of the register", examples=["sample"])]
Number = Annotated[
    str, _formed("^[A-Za-z0-9.-]{1,32}$"), Path(description="number in that register", examples=["BC9000001"])
]
N = Annotated[str, _formed("^[1-9][0-9]{0,8}$"), Path(description="which of its credentials, from 1", examples=["1"])]
At = Annotated[str | None, _DAY, Query(description="as of this effective date, YYYY-MM-DD", examples=["2024-06-01"])]
Known = Annotated[
    str | None,
    _TIME,
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

    q: Annotated[str, _TEXT, Query(description="a number, or a name or its beginning; empty lists all")] = ""
    # pydantic's classes have a method `register`
    registers: Annotated[Codes, Query(alias="register", description="codes, with commas between")] = None
    status: Annotated[str | None, _some_of(STATUSES), Query(description="Active, Historical, unknown")] = None
    type: Annotated[Codes, Query(description="the registers' codes, with commas between")] = None
    jurisdiction: Annotated[Codes, Query(description="ISO 3166, with commas between")] = None
    name_kind: Annotated[
        str | None, _some_of(NAME_KINDS), Query(description="legal, former, assumed, translated, home")
    ] = None
    registered_from: Annotated[Day, Query(description="first day, YYYY-MM-DD")] = None
    registered_to: Annotated[Day, Query(description="last day, YYYY-MM-DD")] = None
    at: Annotated[Day, Query(description="find by the names in force on this day, YYYY-MM-DD")] = None

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
    fields: Annotated[
        str | None,
        _some_of(ITEM_MEMBERS, least=""),
        Query(description="members of each item, with commas between; else all"),
    ] = None
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
