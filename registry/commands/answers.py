"""A verdict as a person reads it: whose, each step, and plain answers.

A reader who knows no step by name finds whether it is genuine, whose, of which days, until when that is known, and what was not
checked. What programs read is left to the verdict's JSON.
"""

from collections.abc import Iterator
from datetime import datetime

from registry.verify.age import age
from registry.verify.completeness import COVERS, CompletenessVerdict
from registry.verify.verdict import Step, Subject, Verdict

_MARKS = {"passed": "✓", "failed": "✗"}
#: step -> the question that it answers
_QUESTIONS = {
    "well_formed": "whether the file is of its form",
    "issuer_trusted": "whether the trust file names its issuer",
    "proof_valid": "whether the issuer signed just this",
    "in_validity": "whether it was signed by now",
    "checkpoint_signed": "whether the ledger signed for it",
    "witnessed": "whether witnesses have seen the same ledger",
    "entry_matches": "whether the entry in the ledger is of this document",
    "included": "whether the entry stands in the ledger",
    "not_revoked": "whether it was revoked or suspended",
    "current": "whether a newer state has replaced it",
    "complete": "whether these are all entries under the number",
}
#: what a failed step alone comes to, by its code; `{on}`: the day asked about
_FAILURES = {
    "not_in_force_on": "genuine, but not in force on {on}",
    "corrected": "the register issued it, and has corrected it since: do not rely on it",
    "erased": "the register issued it, and has erased it since: do not rely on it",
    "revoked": "the register issued it, and has revoked it: do not rely on it",
    "suspended": "the register issued it, and has suspended it: do not rely on it for now",
}
_NOT_GENUINE = "it is not shown to be genuine: do not rely on it"


def answers(verdict: Verdict, now: datetime) -> Iterator[str]:
    """The lines for a person, the outcome last. `now`: aware."""
    is_completeness = isinstance(verdict, CompletenessVerdict)
    if not is_completeness:
        yield from _whose(verdict)
    for step in verdict.steps:
        reason = f"  ({step.reason})" if step.reason else ""
        yield f"{_MARKS.get(step.result, '·')} {step.name:18} {step.result}{reason}"
    if isinstance(verdict, CompletenessVerdict) and verdict.proven is not None:
        yield verdict.proven
        yield f"covers {COVERS}"
    yield from _not_checked(verdict)
    if verdict.as_of and verdict.verdict in ("verified", "superseded"):
        if (old := age(verdict.as_of, now)) is not None:
            yield f"old       this file is {old[0]} {old[1]} old: newer changes are not in it"
        yield f"known     until {verdict.as_of}; of anything later this file cannot tell"
    yield f"{verdict.verdict}: {_outcome(verdict)}{f', as of {verdict.as_of}' if verdict.as_of else ''}{_over(verdict)}"


def _over(verdict: Verdict) -> str:
    """What a genuine permit does not allow any more: it may be suspended, cancelled or past its days."""
    whose = verdict.subject.organization or {}
    permit = whose.get("permit")
    if permit is None or verdict.verdict != "verified":
        return ""
    if whose["status"] != "Active":
        return f"; the permit itself is not in force ({permit['status']})"
    day = verdict.subject.on or (verdict.as_of or "")[:10]
    return f"; the last day of the permit was {permit['until']}" if (permit["until"] or day) < day else ""


def _whose(verdict: Verdict) -> Iterator[str]:
    """Of whom the verdict speaks, and of which days."""
    subject = verdict.subject
    if subject.organization is None:
        yield "of nobody: whose it is was not shown"
        return
    whose = {name: value or "none" for name, value in subject.organization.items()}
    permit = subject.organization.get("permit")
    yield f"{'name' if permit is None else 'permit':9} {whose['name']}"
    yield f"number    {whose['number']} in the register {whose['register']}"
    own = "" if permit is None else f" ({permit['status']})"
    yield f"status    {whose['status']}{own}, since {whose['since']}"
    if permit is not None:
        holder, until = permit["holder"], permit["until"]
        yield f"kind      {permit['kind']}"
        yield f"valid     from {permit['from']}{f' until {until}' if until else ', without an end'}"
        yield f"holder    {holder['name']}, number {holder['number']} in the register {holder['register']}"
    if subject.in_force is not None and not _is_corrected(verdict):
        said = "in force" if permit is None else "state"
        yield f"{said:9} from {subject.in_force['from']}{_until(subject, verdict)}"
    if subject.replaced_by is not None:
        by = subject.replaced_by
        yield f"replaced  by entry {by['index']} of the ledger ({by['kind']}, {by['effective'] or 'without a date'})"
    if subject.on is not None:
        yield f"asked     whether it was in force on {subject.on}: {_answer_on(verdict)}"


def _until(subject: Subject, verdict: Verdict) -> str:
    until = (subject.in_force or {}).get("until")
    if until:
        return f" until {until}"
    current = _step(verdict, "current")
    is_known = current.result == "passed" or current.code == "not_in_force_on"
    return ", and nothing is known to follow" if is_known else "; whether anything followed was not shown"


def _answer_on(verdict: Verdict) -> str:
    if verdict.verdict == "verified":
        return "yes"
    return "no" if _step(verdict, "current").code in ("not_in_force_on", "corrected", "erased") else "not known"


def _is_corrected(verdict: Verdict) -> bool:
    return _step(verdict, "current").code == "corrected"


def _step(verdict: Verdict, name: str) -> Step:
    return next((step for step in verdict.steps if step.name == name), Step(name, "not_reached"))


def _not_checked(verdict: Verdict) -> Iterator[str]:
    questions = dict(_QUESTIONS)
    if verdict.subject.on is not None:
        questions["current"] = f"whether it was in force on {verdict.subject.on}"
    open_steps = [step.name for step in verdict.steps if step.result not in ("passed", "failed")]
    for name in open_steps:
        yield f"unchecked {questions[name]}"
    if not open_steps:
        yield "unchecked nothing of what the trust file asks for"


def _outcome(verdict: Verdict) -> str:
    if verdict.verdict == "indeterminate":
        return "not everything could be checked, so do not rely on it yet"
    if verdict.verdict == "superseded":
        return "genuine, but another state has replaced it"
    if verdict.verdict == "failed":
        return _failure(verdict)
    if isinstance(verdict, CompletenessVerdict):
        return "the ledger's map proves this"
    if verdict.subject.on is not None:
        is_permit = "permit" in (verdict.subject.organization or {})
        return f"genuine, and {'this was so' if is_permit else 'in force'} on {verdict.subject.on}"
    if _step(verdict, "current").result == "passed":
        return "genuine, and no newer state has replaced it"
    return "genuine; whether a newer state has replaced it was not checked"


def _failure(verdict: Verdict) -> str:
    """Why, where everything else held; what is revoked may also be replaced."""
    failed = [step for step in verdict.steps if step.result == "failed"]
    if all(step.result in ("passed", "failed", "not_asked") for step in verdict.steps):
        for name, others in (("not_revoked", {"current"}), ("current", set[str]())):
            step = _step(verdict, name)
            if step.code in _FAILURES and {other.name for other in failed} <= {name} | others:
                return _FAILURES[step.code].format(on=verdict.subject.on)
    return _NOT_GENUINE
