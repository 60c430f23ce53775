"""The office corrects a credential: the state in force is signed anew.

It takes the place of the one that it refers to, as if that had never been (`correct`), and overlays the register's word from
then on (`run/corrections`). While a bulk run is under way it is refused, `busy`: it takes the next place of the status lists,
which the run has given out and signed. What cannot wait is suspended first. Withdrawal is `revoke`. The reasons are few and
published (`corrections.REASONS`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from issuer.run import corrections, held
from issuer.run.batches import Run, Work
from issuer.run.corrections import REASONS, Correction
from issuer.run.days import local_day
from issuer.run.newest import newest_of
from issuer.timeline import draft, plan
from issuer.timeline.changes import Change, Dossier
from issuer.timeline.history import Refusal, TimelineState, fold
from registry.encoding.moment import print_utc
from registry.errors import Conflict, Malformed, NotFound, Usage
from registry.installation.office import Office
from registry.ledger.surroundings import Surroundings
from schemas import codes
from schemas.organization import State, from_subject, to_subject


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction signs, or would sign: the claims before and after, and the entry that it takes the place of."""

    before: dict[str, Any]
    after: dict[str, Any]
    refers: int
    index: int | None


def correct(
    office: Office,
    register: str,
    number: str,
    values: Mapping[str, str],
    reason: str,
    by: str,
    around: Surroundings,
    *,
    dry_run: bool,
) -> Corrected:
    """Correct fields (`corrections.FIELDS`) of the state in force; an empty value takes the field away.

    Usage `reason_unknown`, `field_unknown`, `nothing_to_correct`; NotFound; Malformed: a value may not be issued; Conflict
    `body_missing`, `revoked`.
    """
    if reason not in REASONS:
        raise Usage("reason_unknown", f"there is no reason {reason!r}; there are {', '.join(REASONS)}")
    unknown = sorted(values.keys() - corrections.FIELDS.keys())
    if unknown or not values:
        known = ", ".join(f"--{name}" for name in corrections.FIELDS)
        wrong = f"there is no field {unknown[0][:40]!a}; there are" if unknown else "name a field:"
        raise Usage("field_unknown", f"{wrong} {known}")
    if dry_run:
        return _prepared(office, register, number, values, around)[0]
    with office.writing() as ledger:
        preview, work, correction = _prepared(office, register, number, values, around)
        Run(office, ledger, register, around, reason).append([work], 1)
        with office.desk() as desk:
            corrections.note(desk, register, number, correction)
            item = held.held("correction", register, number, (), None, print_utc(around.now()))
            held.decide(desk, item, "corrected", by, reason, print_utc(around.now()))
            desk.write()
        with office.records() as records:
            index = records.places(register, number)[-1].i
        return Corrected(preview.before, preview.after, preview.refers, index)


def _prepared(
    office: Office, register: str, number: str, values: Mapping[str, str], around: Surroundings
) -> tuple[Corrected, Work, Correction]:
    with office.records() as records, office.desk() as desk:
        newest = newest_of(records, register, number)
        if newest is None:
            raise NotFound("organization_unknown", f"the ledger holds nothing of {register}/{number}")
        document = records.find_document(newest.index)
        if document is None:
            raise Conflict("body_missing", "the newest credential of the organization is not in this store any more")
        if records.standing(document) == "revoked":
            raise Conflict("revoked", "the newest credential of the organization is revoked: it cannot be corrected")
        salt = records.org_salt(register, number, newest.index)
        earlier = corrections.find(desk, register, number)
    state = from_subject(document["credentialSubject"])
    given = {corrections.FIELDS[name]: value or None for name, value in values.items()}
    fields = {name: (getattr(state, name), value) for name, value in given.items()}
    since = corrections.legal_since(state)
    after = corrections.corrected(state, fields, since)
    if after == state:
        raise Usage("nothing_to_correct", "the newest credential says that already")
    _judge(after, newest.last, around)
    judged = draft.judge(after)
    if judged.refusal is not None:
        raise Malformed(*judged.refusal)
    before, base = document["credentialSubject"], office.identity.base_url
    claims = to_subject(draft.fitted(after), base, office.identity.credential_id(register, number, newest.n + 1))
    timeline = TimelineState(newest.last.event, newest.last.order, after, correction=True)
    planned = plan.Planned("correct", timeline, judged, None, (newest.index,))
    work = Work(number, newest, (planned,), codes.is_person(register, after.entity_type) or salt is not None, salt)
    return (
        Corrected(before, claims, newest.index, None),
        work,
        _over(earlier, Correction(newest.last.event, since, fields, {})),
    )


def _over(earlier: Correction | None, later: Correction) -> Correction:
    """The new correction over an earlier one: what the register said is what it said before that."""
    if earlier is None:
        return later
    merged = dict(earlier.fields)
    for name, (was, now) in later.fields.items():
        before = merged.get(name)
        merged[name] = (before[0] if before is not None and before[1] == was else was, now)
    return replace(earlier, since=later.since, fields=merged)


def _judge(state: State, issued: plan.Issued, around: Surroundings) -> None:
    change = Change(state.register, state.number, issued.event, issued.order, state)
    folded = fold(Dossier(state.register, state.number, (), (change,)), local_day(state.register, around.now()))
    if isinstance(folded, Refusal):
        raise Malformed(folded.code, folded.reason)
