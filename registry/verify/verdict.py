"""Named checks become steps, and steps a verdict.

Which steps there are is left to `steps`, `completeness` and `registry/foreign`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.encoding.moment import print_utc
from registry.errors import RegistryError, Untrue
from registry.verify.codes import code_of


@dataclass(frozen=True, slots=True)
class Step:
    """One named check. `result`: passed, failed, not_reached, indeterminate or not_asked.

    `code`: why it did not pass, stable and for programs (`codes`); `reason`: the same for people.
    """

    name: str
    result: str
    reason: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom and of which day a verdict speaks. The members are those of its JSON object, None where they are not known."""

    on: str | None = None
    organization: Mapping[str, Any] | None = None
    in_force: Mapping[str, str | None] | None = None
    replaced_by: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """`on`, `organization`, `inForce`, `replacedBy`."""
        return {
            "on": self.on,
            "organization": self.organization,
            "inForce": self.in_force,
            "replacedBy": self.replaced_by,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """`verdict`: verified, superseded, failed or indeterminate; `as_of`: RFC 3339 UTC, the time the answer speaks of.

    `subject`: of whom it speaks, as far as that was shown.
    """

    verdict: str
    as_of: str | None
    steps: tuple[Step, ...]
    subject: Subject = field(default_factory=Subject)

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> "Verdict":
        """The verdict that `to_json` printed."""
        steps = tuple(Step(step["step"], step["result"], step["reason"], step["code"]) for step in members["steps"])
        subject = Subject(members["on"], members["organization"], members["inForce"], members["replacedBy"])
        return cls(members["verdict"], members["asOf"], steps, subject)

    def to_json(self) -> dict[str, Any]:
        """The object that `greffe verify --json` and `POST /api/v1/verify` give."""
        steps = [
            {"step": step.name, "result": step.result, "code": step.code, "reason": step.reason} for step in self.steps
        ]
        return {"verdict": self.verdict, "asOf": self.as_of, **self.subject.to_json(), "steps": steps}


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
        return step_of(name, "not_asked", str(reason))
    except Indeterminate as reason:
        return step_of(name, "indeterminate", str(reason))
    except RegistryError as error:
        return step_of(name, "failed", error.message, error.code)
    return Step(name, "passed")


def step_of(name: str, result: str, reason: str, raised: str = "step") -> Step:
    """A step that did not pass, with the code of its reason; `raised`: the code that came with it."""
    if name == "well_formed":
        return Step(name, result, reason, "malformed")
    return Step(name, result, reason, code_of(reason, name if raised == "step" else raised))


def demand(true: bool, reason: str) -> None:
    """Untrue `step`, unless it is so."""
    if not true:
        raise Untrue("step", reason)


SKEW = timedelta(seconds=60)


#: the code with which `current` fails where a state was true, and is no longer the newest
SUPERSEDED = "superseded"


def conclude(done: dict[str, Step], as_of: str | None, names: Iterable[str], subject: Subject | None = None) -> Verdict:
    """The verdict over the steps that ran; the others of `names` were not reached."""
    steps = tuple(done.get(name, Step(name, "not_reached")) for name in names)
    return Verdict(_outcome(steps), as_of, steps, subject or Subject())


def _outcome(steps: tuple[Step, ...]) -> str:
    is_superseded = any((step.name, step.result, step.code) == ("current", "failed", SUPERSEDED) for step in steps)
    results = {step.result for step in steps if not (is_superseded and step.name == "current")}
    if "failed" in results:
        return "failed"
    if not results <= {"passed", "not_asked"}:
        return "indeterminate"
    return SUPERSEDED if is_superseded else "verified"


def utc(seconds: int) -> str:
    """RFC 3339 of POSIX seconds."""
    return print_utc(datetime.fromtimestamp(seconds, UTC))
