"""The order of connections: who goes at the cap, and who is overdue. The clock is a number."""

import random

from search.http.crowd import Crowd


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def crowd(most: int = 3) -> tuple[Crowd[str], Clock]:
    clock = Clock()
    return Crowd(most, 15, clock), clock


def test_below_the_cap_nobody_goes() -> None:
    members, _ = crowd()
    assert [members.enter(name) for name in "abc"] == [None, None, None]
    assert len(members) == 3


def test_at_the_cap_the_one_goes_that_advanced_longest_ago() -> None:
    members, clock = crowd()
    for name in "abc":
        clock.now += 1
        members.enter(name)
    members.advance("a")
    assert members.enter("d") == "b"
    assert members.enter("e") == "c"
    assert members.enter("f") == "a"
    assert members.dropped == 3


def test_who_is_being_served_is_not_dropped_for_a_newcomer() -> None:
    members, _ = crowd()
    for name in "abc":
        members.enter(name)
        members.serve(name)
    assert members.enter("d") == "d"
    members.advance("b")
    assert members.enter("e") == "b"


def test_who_makes_no_step_is_overdue_and_who_waits_for_us_never() -> None:
    members, clock = crowd()
    for name in "abc":
        members.enter(name)
    members.serve("a")
    clock.now = 10
    members.advance("b")
    clock.now = 15
    assert members.overdue() == ["c"]
    clock.now = 1000
    assert members.overdue() == ["c", "b"]
    members.advance("a")
    assert members.overdue() == ["c", "b"]


def test_who_left_is_forgotten_whatever_is_said_of_it() -> None:
    members, clock = crowd()
    members.enter("a")
    members.leave("a")
    members.serve("a")
    members.advance("a")
    members.leave("a")
    clock.now = 100
    assert (len(members), members.overdue()) == (0, [])


def test_in_any_order_of_steps_the_cap_holds_and_the_slowest_goes() -> None:
    chance = random.Random(1)
    members, clock = crowd(8)
    last: dict[str, float] = {}
    for number in range(5000):
        clock.now += 1
        name = str(number)
        if (chosen := chance.choice([*last, ""])) and chance.random() < 0.5:
            members.advance(chosen)
            last[chosen] = clock.now
            continue
        leaving = members.enter(name)
        if len(last) == 8:
            assert leaving == min(last, key=last.__getitem__)
            del last[leaving]
        else:
            assert leaving is None
        last[name] = clock.now
        assert len(members) == len(last) <= 8
