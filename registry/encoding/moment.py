"""A moment as text has one form: `2026-01-02T03:04:05Z`.

RFC 3339, in UTC and whole seconds. What strangers write is wider: `foreign/moment`.
"""

from datetime import UTC, datetime

from registry.encoding.remembered import remembered
from registry.errors import Malformed


def print_utc(moment: datetime) -> str:
    """The text of a moment (with its time zone), cut to the second."""
    return f"{moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat()}Z"


@remembered(64)
def parse_utc(text: str) -> datetime:
    """The moment of a text, in UTC. Malformed `time`: not of the one form that `print_utc` gives."""
    try:
        moment = datetime.fromisoformat(text) if text.endswith("Z") else None
    except ValueError:
        moment = None
    if moment is None or print_utc(moment) != text:
        raise Malformed("time", f"{text[:40]!r} is not a time YYYY-MM-DDThh:mm:ssZ")
    return moment
