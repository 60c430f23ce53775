"""An organization's status in words, and the banner of a troubled one.

Pure. An end has a day (“dissolved on”), a condition began on one (“in dissolution since”); where the register gives no day, none
is told. Twin of `web/static/verify/standing.js`, which takes its words from here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from schemas import codes
from schemas.organization import State
from search.views.days import when
from search.views.wording import UNKNOWN_STATUS, _

FORMS = {"on": _("{what} on {day}"), "since": _("{what} since {day}")}
#: what a banner says besides
BANNERS = {
    "ended": _("The register no longer lists this organization as active."),
    "reserved": _("The register still lists this organization as active, with this reservation."),
    "permit": _("This permit is not in force."),
    "successor": _("Successor:"),
}
#: the links that lead to what an organization became
SUCCESSORS = ("amalgamatedInto", "continuedInto")


@dataclass(frozen=True, slots=True)
class Banner:
    """`first`: the status and its day; `rest`: what that means; `successors`: places among the signed relationships."""

    first: str
    rest: str
    successors: tuple[int, ...]


def state_words(state: State, language: str, say: Callable[[str], str]) -> str:
    """The status in words, with its day where the register gives one. `say`: a message translated."""
    sub = codes.sub_status_label(state.register, state.register_status, language)
    if state.status is None and sub is None:
        return say(UNKNOWN_STATUS)
    what = sub or codes.label("registration_status", state.register, str(state.status), language)
    if state.status_since is None:
        return what
    form = FORMS["on" if sub is not None and state.status == "Historical" else "since"]
    return say(form).format_map({"what": what, "day": when(state.status_since, say)})


def banner(state: State, language: str, say: Callable[[str], str]) -> Banner | None:
    """The banner of an organization's page; None where its status is active without reservation, or not known."""
    sub = codes.sub_status(state.register, state.register_status)
    if state.status != "Historical" and sub is None:
        return None
    kind = "reserved" if state.status != "Historical" else "permit" if state.is_permit else "ended"
    places = tuple(
        place
        for place, link in enumerate(state.relationships)
        if link.kind in SUCCESSORS and (link.name or link.number) and state.status == "Historical"
    )
    return Banner(f"{state_words(state, language, say)}.", say(BANNERS[kind]), places[:1])
