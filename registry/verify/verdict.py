"""What comes of checks with names: steps that passed or did not, and the verdict over them; which steps there are is `verify`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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
    """Whether all the steps that one waits for have passed."""
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
