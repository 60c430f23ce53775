"""What is planned for an organization: its timeline against the last credential that the ledger holds of it."""

from dataclasses import replace

import pytest

from issuer.timeline.draft import judge
from issuer.timeline.history import Timeline, TimelineState
from issuer.timeline.plan import BODY_LOST, Issued, Newest, Plan
from issuer.timeline.plan import plan as plan_timeline
from tests.builders.ledger import state


def timeline(*names: str, corrections: frozenset[int] = frozenset()) -> list[TimelineState]:
    """One state a name, with the events 1, 2, ..., of which some are corrections; an empty name leaves its event out."""
    return [
        TimelineState(str(n), (n,), state("BC0000001", name, str(n), f"2020-01-{n:02d}"), n in corrections)
        for n, name in enumerate(names, 1)
        if name
    ]


def issued(states: list[TimelineState], *replaced: int) -> Newest:
    """The ledger holds a credential for each of these, under the entries 11, 12, ...; `replaced`: by a `correct`."""
    own = (Issued(11 + n, moment.event, moment.order, judge(moment.state).digest) for n, moment in enumerate(states))
    return Newest(tuple(own), lambda: frozenset(replaced))


def lost(states: list[TimelineState], again: TimelineState | None = None) -> Newest:
    """The ledger holds a credential for each of these, of which no body came back; and one more, issued since."""
    own = [Issued(11 + n, "", (), b"") for n in range(len(states))]
    if again is not None:
        own.append(Issued(11 + len(states), again.event, again.order, judge(again.state).digest))
    return Newest(tuple(own), frozenset)


def plan(
    states: list[TimelineState], newest: Newest | None, *, withdrawn: str = "", are_rules_new: bool = False
) -> Plan:
    """`withdrawn`: events, a character each."""
    return plan_timeline(Timeline(tuple(states), withdrawn=frozenset(withdrawn)), newest, are_rules_new=are_rules_new)


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


def entries(plan: Plan) -> list[tuple[str, str, str | None, tuple[int, ...] | None]]:
    """(event, kind, reason, what it refers to) of each."""
    return [(step.timeline.event, step.kind, step.reason, step.refers) for step in plan.planned]


def test_a_late_filing_takes_its_place_and_later_states_are_issued_again() -> None:
    old, new = timeline("A", "", "C", "D"), timeline("A", "B", "C", "D", "E")
    planned = plan(new, issued(old))
    assert planned.hold is None
    assert entries(planned) == [
        ("2", "supersede", None, (11,)),
        ("3", "correct", "late_filing", (12,)),
        ("4", "correct", "late_filing", (13,)),
        ("5", "supersede", None, None),
    ]


def test_a_late_filing_with_none_before_it_is_issued() -> None:
    planned = plan(timeline("A", "B"), issued(timeline("", "B")))
    assert entries(planned) == [("1", "issue", None, ()), ("2", "correct", "late_filing", (11,))]


def test_late_filings_that_come_together_each_take_their_place() -> None:
    planned = plan(timeline("A", "B", "C", "D", "E"), issued(timeline("A", "", "C", "", "E")))
    assert entries(planned) == [
        ("2", "supersede", None, (11,)),
        ("3", "correct", "late_filing", (12,)),
        ("4", "supersede", None, None),
        ("5", "correct", "late_filing", (13,)),
    ]


def test_a_run_that_was_cut_after_a_late_filing_is_completed() -> None:
    states = timeline("A", "B", "C", "D")
    cut = issued([states[0], states[2], states[3], states[1]])
    assert entries(plan(states, cut)) == [
        ("3", "correct", "late_filing", (12,)),
        ("4", "correct", "late_filing", (13,)),
    ]
    further = issued([states[0], states[2], states[3], states[1], states[2]], 12)
    assert entries(plan(states, further)) == [("4", "correct", "late_filing", (13,))]
    whole = issued([states[0], states[2], states[3], states[1], states[2], states[3]], 12, 13)
    assert plan(states, whole) == Plan(())


def test_what_a_correction_took_the_place_of_is_not_issued_again() -> None:
    states = timeline("A", "AB", "C", corrections=frozenset({2}))
    early = TimelineState("0", (0,), state("BC0000001", "EARLY", "0", "2019-12-31"), False)
    planned = plan([early, *states], issued(states, 11))
    assert entries(planned) == [
        ("0", "issue", None, ()),
        ("2", "correct", "late_filing", (12,)),
        ("3", "correct", "late_filing", (13,)),
    ]


def test_a_withdrawn_state_is_named_by_the_next_one() -> None:
    planned = plan(timeline("A", "", "C", "D"), issued(timeline("A", "B", "C", "D")), withdrawn="2")
    assert planned.hold is None
    assert entries(planned) == [("3", "correct", "withdrawn", (12, 13)), ("4", "correct", "withdrawn", (14,))]


def test_a_withdrawn_state_with_none_after_it_is_named_by_the_one_before() -> None:
    planned = plan(timeline("A", "B"), issued(timeline("A", "B", "C")), withdrawn="34")
    assert entries(planned) == [("2", "correct", "withdrawn", (12, 13))]
    replacing = issued([*timeline("A", "B", "C"), timeline("A", "B")[1]], 12, 13)
    assert plan(timeline("A", "B"), replacing, withdrawn="34") == Plan(())


def test_a_new_state_may_take_the_place_of_a_withdrawn_one() -> None:
    planned = plan(timeline("A", "", "C"), issued(timeline("A", "B")), withdrawn="2")
    assert entries(planned) == [("3", "correct", "withdrawn", (12,))]


def test_where_everything_was_withdrawn_the_newest_credential_is_revoked() -> None:
    assert plan([], issued(timeline("A", "B")), withdrawn="12") == Plan((), revokes=True)
    assert plan([], issued(timeline("A", "B")), withdrawn="2") == Plan((), "state_regression")
    assert plan([], None, withdrawn="1") == Plan(())


def test_what_older_rules_read_otherwise_is_corrected_when_a_person_has_looked() -> None:
    old, new = timeline("A", "B", "C"), timeline("A", "BB", "C")
    assert plan(new, issued(old)) == Plan(())
    planned = plan(new, issued(old), are_rules_new=True)
    assert planned.hold == "rule_change"
    assert entries(planned) == [("2", "correct", "rule_change", (12,)), ("3", "correct", "rule_change", (13,))]
    assert plan(old, issued(old), are_rules_new=True) == Plan(())
    late = plan(timeline("A", "B", "C"), issued(timeline("A", "", "C")), are_rules_new=True)
    assert (late.hold, entries(late)[1]) == (None, ("3", "correct", "late_filing", (12,)))


def test_what_older_rules_issued_of_a_withdrawn_filing_waits_for_a_person() -> None:
    planned = plan(timeline("A", "", "C"), issued(timeline("A", "B", "C")), withdrawn="2", are_rules_new=True)
    assert (planned.hold, entries(planned)) == ("rule_change", [("3", "correct", "withdrawn", (12, 13))])
    revoked = plan([], issued(timeline("A")), withdrawn="1", are_rules_new=True)
    assert (revoked.hold, revoked.revokes) == ("rule_change", True)


def test_an_extract_that_lacks_the_newest_event_waits_for_a_person() -> None:
    old, new = timeline("A", "B", "C"), timeline("A", "B")
    planned = plan(new, issued(old))
    assert (outline(planned), planned.hold) == ([("correct", "2", "B")], "state_regression")


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
    known = issued([states[0], states[2]])
    assert plan(states, known).planned
    patchy = Newest((replace(known.issued[0], event="", digest=b""), known.issued[1]), frozenset)
    assert plan(states, patchy) == Plan(())


def moved(states: list[TimelineState], event: str, day: int) -> list[TimelineState]:
    """The states, one of them on another day of the month, in their new order."""
    claimed = state("BC0000001", next(own.state.legal_name or "" for own in states if own.event == event), event, "")
    own = TimelineState(event, (day,), claimed, False)
    return sorted([*(own for own in states if own.event != event), own], key=lambda own: own.order)


def test_an_event_on_another_day_is_corrected_with_all_after_it() -> None:
    """As a mere successor it would leave the old day in force."""
    old = timeline("A", "", "C", "", "E")
    assert entries(plan(moved(old, "5", 7), issued(old))) == [("5", "correct", None, (13,))]
    assert entries(plan(moved(old, "5", 4), issued(old))) == [("5", "correct", None, (13,))]
    assert entries(plan(moved(old, "3", 4), issued(old))) == [
        ("3", "correct", None, (12,)),
        ("5", "correct", None, (13,)),
    ]
    assert entries(plan(moved(old, "5", 2), issued(old))) == [
        ("5", "correct", None, (13,)),
        ("3", "correct", None, (12,)),
    ]


def test_a_state_that_was_withdrawn_and_is_told_again_is_issued_again() -> None:
    states = timeline("A", "B", "C")
    taken = issued([*states, states[2]], 12, 13)
    assert plan(timeline("A", "", "C"), taken, withdrawn="2") == Plan(())
    assert entries(plan(states, taken)) == [("2", "supersede", None, (11,)), ("3", "correct", "late_filing", (14,))]
    assert entries(plan(timeline("A", "B"), issued(timeline("A", "B", ""), 12))) == [("2", "supersede", None, (11,))]


def test_what_a_withdrawn_correction_took_the_place_of_is_issued_again() -> None:
    states = timeline("A", "AB", "C", corrections=frozenset({2}))
    planned = plan([states[0], states[2]], issued(states, 11), withdrawn="2")
    assert entries(planned) == [("1", "issue", None, ()), ("3", "correct", "withdrawn", (12, 13))]


def test_what_is_told_no_more_is_named_by_what_takes_its_place() -> None:
    planned = plan(timeline("A"), issued(timeline("A", "B", "C")))
    assert (planned.hold, entries(planned)) == ("state_regression", [("1", "correct", None, (11, 12, 13))])


def test_an_update_of_an_earlier_day_alone_cannot_take_its_place() -> None:
    assert plan(timeline("", "B"), issued(timeline("A", "", "C"))) == Plan((), "state_regression")


def test_a_long_history_is_compared_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted: what the ledger holds is gathered a few times, and not for each state."""
    asked = [0]
    gather = Newest.events.fget
    assert gather is not None

    def counted(newest: Newest) -> frozenset[str]:
        asked[0] += 1
        return gather(newest)

    monkeypatch.setattr(Newest, "events", property(counted))
    states = [TimelineState(str(n), (n,), state("BC0000001", "A", str(n), "2020-01-01"), False) for n in range(300)]
    assert plan(states, issued(states)) == Plan(())
    assert asked[0] < 10
