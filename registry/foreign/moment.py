"""Moments in strangers' documents become aware datetimes.

They are written as xsd:dateTimeStamp (XML Schema 1.1 part 2, section 3.4.28).
"""

import re
from datetime import UTC, datetime
from typing import Any

from registry.errors import Malformed

_FORM = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)


def parse(text: Any, *, may_lack_offset: bool = False) -> datetime:
    """The moment. Without an offset it is UTC where it may lack one (VC Data Integrity 1.0, section 2.1). Malformed `moment`."""
    match = _FORM.fullmatch(text) if isinstance(text, str) else None
    if match is None or not (match[2] or may_lack_offset):
        raise Malformed("moment", f"{str(text)[:60]!r} is not a moment with an offset from UTC")
    try:
        moment = datetime.fromisoformat(match[0])
        return moment.astimezone(UTC) if match[2] else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Malformed("moment", f"{match[0][:60]!r} is no moment of the calendar") from None
