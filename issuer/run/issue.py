"""The run: plan what the ledger lacks, sign and append it, report every row.

Organizations are handled sorted by number, whatever the workers; each batch is acknowledged after its commit. The same
entries come of it however the run is cut into batches, killed and taken up again.
"""

from dataclasses import dataclass
from datetime import date

from issuer.run.batches import Run, Work
from issuer.run.report import Report
from issuer.signing.erased import erased_digest
from issuer.timeline import plan
from issuer.timeline.changes import Dossier, Extract, Rejection
from issuer.timeline.history import Refusal, fold
from registry.credential.document import text_at
from registry.errors import NotFound
from registry.installation.office import Office
from registry.ledger.surroundings import Surroundings
from registry.records.records import Records
from schemas import codes

#: a run that would change more known organizations than both of these is held for a person
MASS_CHANGE_COUNT = 500
MASS_CHANGE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a dossier gives to do."""

    dossier: Dossier
    work: Work


def issue(
    office: Office,
    source: str,
    extract: Extract,
    around: Surroundings,
    *,
    workers: int = 1,
    dry_run: bool = False,
    approve_held: bool = False,
) -> Report:
    """Issue what the extract says and the ledger lacks. `approve_held`: also what would be held for a person."""
    report = Report(source, extract)
    if dry_run:
        _plan(office, extract, report, around.now().date(), approve_held)
        return report
    with office.writing() as ledger:
        work = _plan(office, extract, report, around.now().date(), approve_held)
        if work:
            Run(office, ledger, extract.register, around).append([item.work for item in work], workers)
    return report


def _plan(office: Office, extract: Extract, report: Report, today: date, approve_held: bool) -> list[_Planned]:
    """The work there is; the rows of everything else are accounted for."""
    work: list[_Planned] = []
    known = 0
    with office.records() as records:
        is_new = records.issuer(extract.register) is None
        gone = records.erased()
        if not is_new:
            records.check_all_places()
        has_unknown = records.has_unknown_persons(extract.register)
        for dossier in extract.dossiers:
            report.organizations += 1
            if gone and erased_digest(office, dossier.register, dossier.number) in gone:
                reason = "the organization was erased, and is not issued again"
                report.reject(Rejection(row, "erased", reason) for row in dossier.rows)
                continue
            folded = fold(dossier, today)
            if isinstance(folded, Refusal):
                report.reject(folded.rejections)
                report.hold(folded.hold, folded.code)
                continue
            report.nameless += folded.states[-1].state.legal_name is None
            newest = None if is_new else _newest(records, dossier)
            known += newest is not None
            planned = plan.plan(folded.states, newest)
            if not planned.planned:
                report.mark(dossier.rows, "unchanged")
                continue
            hold = None if approve_held else planned.hold or _regression(records, dossier, newest, planned.planned[-1])
            refused = (item.judged.refusal for item in planned.planned)
            code = next((code for code, _ in filter(None, refused)), hold)
            is_person = any(codes.is_person(dossier.register, state.state.entity_type) for state in folded.states)
            if has_unknown and is_person and newest is None:
                code = "person_unknown"
            if code is not None:
                report.hold(dossier.rows, code)
                continue
            salt = None if newest is None else records.org_salt(dossier.register, dossier.number, newest.index)
            work.append(_Planned(dossier, Work(dossier.number, newest, planned.planned, is_person, salt)))
    report.reject(extract.rejections)
    changed = [item for item in work if _is_change(item.work)]
    if len(changed) > max(MASS_CHANGE_COUNT, MASS_CHANGE_SHARE * known) and not approve_held:
        for item in changed:
            report.hold(item.dossier.rows, "mass_change")
        work = [item for item in work if not _is_change(item.work)]
    for item in work:
        report.mark(item.dossier.rows, "used")
        for credential in item.work.planned:
            report.count_entry(credential.kind)
    return work


def _is_change(work: Work) -> bool:
    """Whether the register says something else of a known organization; a body that was lost says nothing of it."""
    return work.newest is not None and bool(work.newest.digest)


def _newest(records: Records, dossier: Dossier) -> plan.Newest | None:
    places = records.places(dossier.register, dossier.number)
    return plan.newest_of(places) if places else None


def _regression(records: Records, dossier: Dossier, newest: plan.Newest | None, planned: plan.Planned) -> str | None:
    """`status_regression` where a snapshot shows an organization active again without an event that says why."""
    if newest is None or not dossier.snapshot or planned.timeline.state.status != "Active":
        return None
    try:
        document = records.document(newest.index)
    except NotFound:
        return None
    before = text_at(document, "credentialSubject", "registrationStatus")
    return "status_regression" if before == "Historical" else None
