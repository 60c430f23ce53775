"""A verdict by somebody who knows more than the evidence carries.

It is only ever less than that of the evidence. Who knows, and what, is left to the caller.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from registry.log.entry import Entry
from registry.verify.later import check_current, told_of
from registry.verify.steps import STEPS, WAITS
from registry.verify.verdict import Step, Subject, Verdict, conclude, run_step, step_of


def as_standing(verdict: Verdict, standing: str, as_of: str) -> Verdict:
    """The verdict of a caller who knows a newer status list than the evidence carries; `standing`: revoked or suspended."""
    done = {step.name: step for step in verdict.steps}
    if done["not_revoked"].result != "passed":
        return verdict
    done["not_revoked"] = step_of("not_revoked", "failed", standing)
    return conclude(done, as_of, STEPS, verdict.subject)


def as_known(verdict: Verdict, own: Entry, later: Sequence[Entry], on: date | None, as_of: str) -> Verdict:
    """The verdict of a caller who knows all later entries of the organization as of that time, whatever the evidence carries.

    It is only ever less than that of the evidence: a state that this proves to be replaced stays so.
    """
    done = {step.name: step for step in verdict.steps}
    if done["current"].result not in ("passed", "not_asked", "indeterminate"):
        return verdict
    known = run_step("current", lambda: check_current(own, later, on, as_of))
    if known.result != "failed" and done["current"].result != "passed":
        return verdict
    if known.result == done["current"].result:
        return verdict
    done["current"] = known
    return conclude(done, as_of, STEPS, replace(verdict.subject, **told_of(own, later, verdict.subject)))


def as_signed(verdict: Verdict, reason: str | None) -> Verdict:
    """The verdict where the proof is carried apart from the document: `reason` tells why it does not hold, None that it does."""
    done = {step.name: step for step in verdict.steps}
    subject = verdict.subject
    if reason is not None and done["proof_valid"].result in ("passed", "failed"):
        done["proof_valid"] = step_of("proof_valid", "failed", reason, "signature")
        for name, awaited in WAITS.items():
            if "proof_valid" in awaited:
                done[name] = Step(name, "not_reached")
        subject = Subject(on=subject.on)
    return conclude(done, verdict.as_of, STEPS, subject)
