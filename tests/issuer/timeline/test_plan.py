"""What is planned for an organization: its timeline against the last credential that the ledger holds of it."""

from dataclasses import replace

import pytest

from issuer.timeline.draft import judge
from issuer.timeline.history import TimelineState
from issuer.timeline.plan import BODY_LOST, Newest, Plan, plan
from tests.builders.ledger import state


def timeline(*names: str, corrections: frozenset[int] = frozenset()) -> list[TimelineState]:
    """One state a name, with the events 1, 2, ..., of which some are corrections; an empty name leaves its event out."""
    return [
        TimelineState(str(n), (n,), state("BC0000001", name, str(n), f"2020-01-{n:02d}"), n in corrections)
        for n, name in enumerate(names, 1)
        if name
    ]


def issued(states: list[TimelineState], newest: int = -1) -> Newest:
    """The ledger holds a credential for each of these, the newest for the state at that place."""
    moment = states[newest]
    events = frozenset(known.event for known in states)
    return Newest(len(states), 10 + len(states), moment.event, moment.order, judge(moment.state).digest, events)


def lost(states: list[TimelineState], again: TimelineState | None = None) -> Newest:
    """The ledger holds a credential for each of these, of which no body came back; and one more, issued since."""
    if again is None:
        return Newest(len(states), 10 + len(states), "", (), b"", frozenset({""}), is_patchy=True)
    n = len(states) + 1
    digest = judge(again.state).digest
    return Newest(n, 10 + n, again.event, again.order, digest, frozenset({"", again.event}), is_patchy=True)


def snapshot(name: str, status: str = "Active") -> TimelineState:
    return TimelineState("", (), replace(state("000001C", name, "", ""), event=None, status=status), False)


def outline(plan: Plan) -> list[tuple[str, str, str | None]]:
    for step in plan.planned:
        assert step.judged == judge(step.timeline.state)
    return [(step.kind, step.timeline.event, step.timeline.state.legal_name) for step in plan.planned]


def test_a_new_organization_gets_its_whole_history() -> None:
    planned = plan(timeline("A", "AB", "ABC", corrections=frozenset({2})), None)
    assert outline(planned) == [("issue", "1", "A"), ("correct", "2", "AB"), ("supersede", "3", "ABC")]
    assert planned.hold is None


def test_a_history_that_begins_with_a_correction_begins_with_an_issue() -> None:
    assert outline(plan(timeline("A", corrections=frozenset({1})), None)) == [("issue", "1", "A")]


def test_the_same_again_plans_nothing() -> None:
    states = timeline("A", "B", "C")
    assert plan(states, issued(states)) == Plan(())


@pytest.mark.parametrize("done", [1, 2, 3])
def test_a_history_that_was_cut_is_taken_up_where_it_ended(done: int) -> None:
    states = timeline("A", "B", "C", "D", corrections=frozenset({4}))
    whole = plan(states, None)
    assert plan(states, issued(states[:done])) == Plan(whole.planned[done:])


def test_new_events_are_appended_to_what_is_held() -> None:
    old, new = timeline("A", "B"), timeline("A", "B", "C", "D", corrections=frozenset({4}))
    planned = plan(new, issued(old))
    assert (outline(planned), planned.hold) == ([("supersede", "3", "C"), ("correct", "4", "D")], None)


def test_an_update_of_new_events_alone_is_appended() -> None:
    assert outline(plan(timeline("", "", "C"), issued(timeline("A", "B")))) == [("supersede", "3", "C")]


def test_a_rewritten_last_event_is_issued_again_with_all_that_follows() -> None:
    old, new = timeline("A", "B"), timeline("A", "BB", "C")
    assert outline(plan(new, issued(old))) == [("supersede", "2", "BB"), ("supersede", "3", "C")]
    assert outline(plan(new[:2], issued(old))) == [("supersede", "2", "BB")]
    assert outline(plan(old, issued(new[:2]))) == [("supersede", "2", "B")]
    assert plan(new, issued(old)).hold is None


def test_a_rewritten_past_event_alone_changes_nothing_that_is_in_force() -> None:
    assert plan(timeline("AA", "B"), issued(timeline("A", "B"))) == Plan(())


def test_a_late_event_waits_for_a_person_and_leaves_the_present_state_in_force() -> None:
    old, new = timeline("A", "", "C"), timeline("A", "B", "C", "D")
    planned = plan(new, issued(old))
    assert planned.hold == "late_event"
    assert outline(planned) == [("supersede", "2", "B"), ("supersede", "3", "C"), ("supersede", "4", "D")]
    cut = Newest(3, 13, "2", (2,), judge(new[1].state).digest, frozenset("123"))  # ended after the late event
    assert (outline(plan(new, cut)), plan(new, cut).hold) == (outline(planned)[1:], None)


def test_an_extract_that_lacks_the_newest_event_waits_for_a_person() -> None:
    old, new = timeline("A", "B", "C"), timeline("A", "B")
    planned = plan(new, issued(old))
    assert (outline(planned), planned.hold) == ([("supersede", "2", "B")], "state_regression")


def test_a_snapshot_is_compared_as_a_whole() -> None:
    was, now = snapshot("A LTD."), snapshot("B LTD.")
    assert outline(plan([was], None)) == [("issue", "", "A LTD.")]
    assert plan([was], issued([was])) == Plan(())
    assert outline(plan([now], issued([was]))) == [("supersede", "", "B LTD.")]
    assert outline(plan([was], issued([now]))) == [("supersede", "", "A LTD.")]


def test_states_are_compared_by_what_they_claim() -> None:
    """Not by where they stand: n and the installation's URLs are no part of it."""
    base = state("BC0000001", "A", "1", "2020-01-01")
    assert judge(base).digest == judge(replace(base)).digest
    assert len(judge(base).digest) == 32
    changes = ({"legal_name": "B"}, {"status": "Historical"}, {"names": ()}, {"event": None}, {"number": "BC0000002"})
    assert len({judge(base).digest, *(judge(replace(base, **change)).digest for change in changes)}) == 1 + len(changes)


def test_a_lost_body_is_made_good_once_by_the_present_state_alone() -> None:
    states = timeline("A", "B", "C")
    [planned] = plan(states, lost(states)).planned
    assert (planned.kind, planned.reason, planned.timeline.event) == ("correct", BODY_LOST, "3")
    assert plan(states, lost(states, states[-1])) == Plan(())
    assert outline(plan(timeline("A", "B", "C", "D"), lost(states, states[-1]))) == [("supersede", "4", "D")]
    [again] = plan([snapshot("A LTD.")], lost(states)).planned
    assert (again.kind, again.reason) == ("correct", BODY_LOST)


def test_a_late_event_is_told_only_where_all_that_came_before_is_known() -> None:
    """The events of what was lost are not known, so that none of them can be told to be late."""
    states = timeline("A", "B", "C")
    known = Newest(2, 12, "3", (3,), judge(states[-1].state).digest, frozenset("13"))
    assert plan(states, known).hold == "late_event"
    assert plan(states, replace(known, is_patchy=True)) == Plan(())
