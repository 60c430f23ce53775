"""How old what evidence tells is, for the reader of an old file.

Pure. Twin of `web/static/age.js`. A file of less than a week is not called old.
"""

from datetime import datetime

#: the least of a unit that is told, so that none is ever "one"
_LEAST_DAYS, _DAYS_OF_MONTHS, _DAYS_OF_YEARS = 7, 61, 731


def age(as_of: str | None, now: datetime) -> tuple[int, str] | None:
    """How many `days`, `months` or `years` have passed, at least two; None: not old, or not known.

    `as_of`: RFC 3339, as a verdict has it; `now`: aware.
    """
    days = 0 if as_of is None else (now - datetime.fromisoformat(as_of)).days
    if days < _LEAST_DAYS:
        return None
    if days < _DAYS_OF_MONTHS:
        return days, "days"
    # a year has 365.25 days, a month a twelfth of that
    return (days * 16 // 487, "months") if days < _DAYS_OF_YEARS else (days * 4 // 1461, "years")
