"""An organization's status in words, and the banner of a troubled one.

Pure. An end has a day (“dissolved on”), activity began on one (“active since”); a reservation may have stages, each a status of
its own with its own day (“in dissolution, in this status since”). Where the register gives no day, none is told. Twin of
`web/static/verify/standing.js`, which takes its words from here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from schemas import codes
from schemas.organization import State
from search.views.days import when
from search.views.wording import UNKNOWN_STATUS, _

#: `stage`: the day of a status that can have stages, of which only the last is known here
FORMS = {"on": _("{what} on {day}"), "since": _("{what} since {day}"), "stage": _("{what}, in this status since {day}")}
#: what a banner says besides
BANNERS = {
    "ended": _("The register no longer lists this organization as active."),
    "reserved": _("The register still lists this organization as active, with this reservation."),
    "permit": _("This permit is not in force."),
    "endedThen": _("The register did not list this organization as active then."),
    "reservedThen": _("The register listed this organization as active then, with this reservation."),
    "permitThen": _("This permit was not in force then."),
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
    form = "since" if sub is None else "on" if state.status == "Historical" else "stage"
    return say(FORMS[form]).format_map({"what": what, "day": when(state.status_since, say)})


def banner(state: State, language: str, say: Callable[[str], str], *, is_state: bool = False) -> Banner | None:
    """The banner of an organization's page; None where its status is active without reservation, or not known.

    `is_state`: the page is of one state, newest or not, so what it says is of then.
    """
    sub = codes.sub_status(state.register, state.register_status)
    if state.status != "Historical" and sub is None:
        return None
    kind = "reserved" if state.status != "Historical" else "permit" if state.is_permit else "ended"
    places = tuple(
        place
        for place, link in enumerate(state.relationships)
        if link.kind in SUCCESSORS and (link.name or link.number) and state.status == "Historical"
    )
    return Banner(
        f"{state_words(state, language, say)}.", say(BANNERS[f"{kind}Then" if is_state else kind]), places[:1]
    )
