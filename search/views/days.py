"""Days and times as people write them, in the language of the page.

Pure. `2026-12-01` is “1 December 2026”, « 1er décembre 2026 »; times are of UTC. Twin of `web/static/verify/days.js`, which takes
its words from here.
"""

import re
from collections.abc import Callable

from search.views.wording import _

MONTHS = (
    _("January"),
    _("February"),
    _("March"),
    _("April"),
    _("May"),
    _("June"),
    _("July"),
    _("August"),
    _("September"),
    _("October"),
    _("November"),
    _("December"),
)
#: the first of a month, any other day, and a time of a day
FORMS = {"firstDay": _("1 {month} {year}"), "day": _("{day} {month} {year}"), "time": _("{day}, {time} UTC")}
_TIME = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})(?:[T ]([0-9:]{8})(?:Z| UTC))?")
_SPACE = "\u00a0"


def when(text: str | None, say: Callable[[str], str]) -> str:
    """A day or a time of UTC in words, which breaks before the time alone; anything else as it is."""
    parts = _TIME.fullmatch(text or "")
    if parts is None:
        return text or ""
    year, month, day, time = parts.groups()
    form = say(FORMS["firstDay" if day == "01" else "day"])
    said = form.format_map({"day": int(day), "month": say(MONTHS[int(month) - 1]), "year": year}).replace(" ", _SPACE)
    if time is None:
        return said
    return say(FORMS["time"]).replace(" ", _SPACE).replace(_SPACE, " ", 1).format_map({"day": said, "time": time})
