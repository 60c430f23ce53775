"""Named checks become steps, and steps a verdict.

Which steps there are is left to `steps`, `completeness` and `registry/foreign`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.encoding.moment import print_utc
from registry.errors import RegistryError, Untrue


@dataclass(frozen=True, slots=True)
class Step:
    """One named check. `result`: passed, failed, not_reached, indeterminate or not_asked."""

    name: str
    result: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`verdict`: verified, failed or indeterminate; `as_of`: RFC 3339 UTC, the time the answer speaks of."""

    verdict: str
    as_of: str | None
    steps: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """The object that `greffe verify --json` and `POST /api/v1/verify` give."""
        steps = [{"step": step.name, "result": step.result, "reason": step.reason} for step in self.steps]
        return {"verdict": self.verdict, "asOf": self.as_of, "steps": steps}


class Indeterminate(Exception):
    """What the trust file requires is not in the evidence."""


class NotAsked(Exception):
    """The trust file does not require it."""


def is_reached(awaited: Iterable[str], done: Mapping[str, Step]) -> bool:
    """Whether all the steps that another waits for have passed."""
    return all(name in done and done[name].result == "passed" for name in awaited)


def run_step(name: str, act: Callable[[], None]) -> Step:
    """The outcome of a step: what `act` raises says why it did not pass."""
    try:
        act()
    except NotAsked as reason:
        return Step(name, "not_asked", str(reason))
    except Indeterminate as reason:
        return Step(name, "indeterminate", str(reason))
    except RegistryError as error:
        return Step(name, "failed", error.message)
    return Step(name, "passed")


def demand(true: bool, reason: str) -> None:
    """Untrue `step`, unless it is so."""
    if not true:
        raise Untrue("step", reason)


SKEW = timedelta(seconds=60)


def conclude(done: dict[str, Step], as_of: str | None, names: Iterable[str]) -> Verdict:
    """The verdict over the steps that ran; the others of `names` were not reached."""
    steps = tuple(done.get(name, Step(name, "not_reached")) for name in names)
    results = {step.result for step in steps}
    if "failed" in results:
        return Verdict("failed", as_of, steps)
    return Verdict("verified" if results <= {"passed", "not_asked"} else "indeterminate", as_of, steps)


def utc(seconds: int) -> str:
    """RFC 3339 of POSIX seconds."""
    return print_utc(datetime.fromtimestamp(seconds, UTC))
