"""Parts that several models have: words, days, the checkpoint."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

Status = Annotated[
    Literal["Active", "Historical"] | None, Field(description="whether it operates; null: the register does not say")
]
Day = Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description="YYYY-MM-DD")]
DayOrTime = Annotated[str, Field(description="YYYY-MM-DD, or an RFC 3339 time")]
Place = Annotated[str, Field(pattern="^/", description="absolute path, without the base URL")]
Count = Annotated[int, Field(ge=0)]
Base64 = Annotated[str, Field(pattern="^[A-Za-z0-9+/]*={0,2}$", description="standard base64")]
Next = Annotated[str | None, Field(description="`cursor` of the next page; null: this is the last")]


#: a day that is asked for; what is empty counts as absent
DAY_OR_NOTHING = WithJsonSchema(
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}, {"type": "null"}]}
)


class Camel(BaseModel):
    """A model whose members are written in camelCase in JSON."""

    model_config = ConfigDict(alias_generator=to_camel)


class Words(BaseModel):
    """What a code means, by language."""

    en: str
    fr: str


class Ledger(BaseModel):
    """The published checkpoint that an answer stands on."""

    size: Count
    root: Annotated[Base64, Field(description="root hash, RFC 6962")]
