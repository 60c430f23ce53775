"""The model of an error's answer, and the codes that any app may give.

RFC 9457. The text itself is made in `registry/edge/problem.py`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: code -> its status, and what it says
Codes = dict[str, tuple[int, str]]


class Problem(BaseModel):
    """An error: `code` is stable and for programs, `detail` is for people. Members may be added."""

    model_config = ConfigDict(extra="allow")

    type: Annotated[str, Field(description="about:blank: `title` is the phrase of the status")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(description="stable: which codes there are stands at each operation, by status")]
    detail: str
    parameter: Annotated[str, Field(description="which parameter it is about")] = ""
    request_id: Annotated[str, Field(description="of a 500: by which the operator finds it in the log")] = ""


#: of strict JSON, wherever it is posted
JSON_CODES: Codes = {
    "encoding": (400, "it is not UTF-8"),
    "json": (400, "it is no JSON, or no object"),
    "json_strict": (400, "two readers might read it differently: a key twice, NaN, a number that is no whole number"),
    "json_limits": (400, "too many levels or values"),
    "media_type": (415, "the body is not declared as what is taken here (Content-Type)"),
}
#: of what a store may say at any time
STORE_CODES: Codes = {
    "internal": (500, "nobody foresaw it: `request_id` finds it in the log"),
    "busy": (503, "too much is asked for at this time, or another process writes"),
    "storage_away": (503, "the database server does not answer"),
    "storage_busy": (503, "the database has no connection left"),
}
