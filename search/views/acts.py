"""What happened between two states, as a code of the table `act`.

Pure. The register's code says it; where that does not say what it changed (as "Administer Corporation"), the states do.
"""

from dataclasses import replace

from schemas import codes
from schemas.codes import Act
from schemas.organization import State

_IN_DISSOLUTION = "in_dissolution"


def what_happened(before: State | None, after: State) -> Act | None:
    """The act that led from `before` (None: nothing is known of it) to `after`; None: neither a code nor the states say."""
    act = act_of_code(after)
    if act is not None and not act.open:
        return act
    shown = _between(_before(before, act, after), after)
    if shown is None:
        return act
    if act is not None and act.code == "dissolved_or_changed" and shown == "status_changed":
        shown = "dissolved"
    return Act(shown) if act is None else replace(act, code=shown, open=False)


def act_of_code(state: State) -> Act | None:
    """What the codes of a state's event say alone; None: there is no event, or no table knows its codes."""
    event = state.event
    return None if event is None else codes.act_of(state.register, event.kind, event.filing)


def _before(before: State | None, act: Act | None, after: State) -> State:
    """Of a first state nothing is a change, but for the links that an act of the registry recorded."""
    if before is not None:
        return before
    return replace(after, relationships=()) if act is not None and act.code == "record_changed" else after


def _between(before: State, after: State) -> str | None:
    """The code of the act that the first difference shows, the name first; None: there is none that has a name of its own."""
    if before.legal_name != after.legal_name:
        return "name_changed"
    if before.entity_type != after.entity_type:
        return "type_changed"
    if (before.status, before.register_status) != (after.status, after.register_status):
        return _of_status(before, after)
    if before.relationships != after.relationships:
        is_new = any(link not in before.relationships for link in after.relationships)
        return "relationship_recorded" if is_new else "relationship_ended"
    if before.addresses != after.addresses:
        return "address_changed"
    return "business_number_changed" if before.business_number != after.business_number else None


def _of_status(before: State, after: State) -> str:
    subs = [codes.sub_status(state.register, state.register_status) for state in (before, after)]
    if before.status == "Historical" and after.status == "Active":
        return "put_back_on"
    if after.status == "Historical" and subs[1] in codes.codes("act", ""):
        return str(subs[1])
    if subs[1] == _IN_DISSOLUTION and subs[0] != _IN_DISSOLUTION:
        return "dissolution_begun"
    if subs[0] == _IN_DISSOLUTION and subs[1] is None and after.status == "Active":
        return "dissolution_withdrawn"
    return "status_changed"
