"""UTC times as text, in whole seconds: `2026-01-02T03:04:05Z` (RFC 3339, section 5.6).

The wider forms that strangers write are left to `foreign/moment`.
"""

from datetime import UTC, datetime

from registry.errors import Malformed

_FORM = "%Y-%m-%dT%H:%M:%SZ"


def print_utc(moment: datetime) -> str:
    """The text of an aware time; what is below a second is left out."""
    return moment.astimezone(UTC).strftime(_FORM)


def parse_utc(text: str) -> datetime:
    """The time that `print_utc` printed. Malformed `time`: it is of another form."""
    try:
        moment = datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    except ValueError:
        raise Malformed("time", f"{text[:40]!r} is not a time of the form 2026-01-31T12:00:00Z") from None
    if print_utc(moment) != text:
        raise Malformed("time", f"{text[:40]!r} is not a time of the form 2026-01-31T12:00:00Z")
    return moment
