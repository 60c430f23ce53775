"""The rows of `make bench`: how they are printed, and how rates are measured."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

_done: dict[str, float] = {}


def say(bench: str, value: float, unit: str, ratio_to: str, **more: float) -> None:
    """Print one row; `ratio_to` names an earlier one, or the row itself; `more`: other figures of the same."""
    _done[bench] = value
    ratio = round(value / _done[ratio_to], 3)
    row = {"bench": bench, "value": round(value, 1), "unit": unit, "ratio_to": ratio_to, "ratio": ratio, **more}
    sys.stdout.write(json.dumps(row) + "\n")
    sys.stdout.flush()


def leave_out(bench: str, why: str) -> None:
    """Say that a row is missing, and why."""
    sys.stderr.write(f"greffe: not measured: {bench}: {why}\n")


def rate(act: Callable[[], object], seconds: float = 1.0, clock: Callable[[], float] = time.perf_counter) -> float:
    """How often in a second of that clock; the best of three rounds."""
    return max(_once(act, seconds / 3, clock) for _ in range(3))


def rates_over(items: Sequence[Any], *acts: Callable[[Any], object], seconds: float = 2.0) -> list[float]:
    """For each act: how many items, taken in turn, in a second of CPU time of this process; the best of eight rounds.

    The acts take turns, so that what else the machine does slows all of them.
    """
    turns = [_over(items, act) for act in acts]
    rounds = [[_once(turn, seconds / 8, time.process_time) for turn in turns] for _ in range(8)]
    return [max(rates) for rates in zip(*rounds, strict=True)]


def _over(items: Sequence[Any], act: Callable[[Any], object]) -> Callable[[], object]:
    endless = cycle(items)
    return lambda: act(next(endless))


def _once(act: Callable[[], object], seconds: float, clock: Callable[[], float]) -> float:
    count, start = 0, clock()
    while clock() - start < seconds:
        act()
        count += 1
    return count / (clock() - start)
