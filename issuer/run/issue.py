"""The run: read an extract, plan what the ledger lacks, sign it in workers, append it batch by batch, report every row.

Organizations are handled sorted by number, whatever the workers; each batch is acknowledged after its commit. The same
entries come of it however the run is cut into batches, killed and taken up again.
"""

from dataclasses import dataclass
from datetime import date

from issuer.run.batches import Run, Surroundings, Work
from issuer.run.report import Report
from issuer.signing.erased import erased_digest
from issuer.timeline import plan
from issuer.timeline.changes import Dossier, Extract, Rejection
from issuer.timeline.history import Refusal, fold
from registry.installation.office import Office
from registry.store import document_rows, issuer_rows, place_rows
from registry.store.database import Connection
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
            Run(office, ledger, extract.register, around).append([one.work for one in work], workers)
    return report


def _plan(office: Office, extract: Extract, report: Report, today: date, approve_held: bool) -> list[_Planned]:
    """The work there is; the rows of everything else are accounted for."""
    work: list[_Planned] = []
    known = 0
    with office.store.read() as connection:
        is_new = issuer_rows.read_issuer(connection, extract.register) is None
        gone = place_rows.read_erased(connection)
        has_unknown = place_rows.has_unknown_persons(connection, extract.register)
        for dossier in extract.dossiers:
            report.organizations += 1
            if gone and erased_digest(office, dossier.register, dossier.number) in gone:
                told = "the organization was erased, and is not issued again"
                report.reject(Rejection(row, "erased", told) for row in dossier.rows)
                continue
            folded = fold(dossier, today)
            if isinstance(folded, Refusal):
                report.reject(folded.rejections)
                report.hold(folded.held, folded.code)
                continue
            report.nameless += folded.states[-1].state.legal_name is None
            held = None if is_new else _held(connection, dossier)
            known += held is not None
            found = plan.plan(folded.states, held)
            if not found.planned:
                report.mark(dossier.rows, "unchanged")
                continue
            hold = None if approve_held else found.hold or _regression(connection, dossier, held, found.planned[-1])
            refused = (one.judged.refusal for one in found.planned)
            code = next((code for code, _ in filter(None, refused)), hold)
            is_person = any(codes.is_person(dossier.register, one.state.entity_type) for one in folded.states)
            if has_unknown and is_person and held is None:
                code = "person_unknown"
            if code is not None:
                report.hold(dossier.rows, code)
                continue
            work.append(_Planned(dossier, Work(dossier.number, held, found.planned, is_person)))
    report.reject(extract.rejections)
    changed = [one for one in work if _is_change(one.work)]
    if len(changed) > max(MASS_CHANGE_COUNT, MASS_CHANGE_SHARE * known) and not approve_held:
        for one in changed:
            report.hold(one.dossier.rows, "mass_change")
        work = [one for one in work if not _is_change(one.work)]
    for one in work:
        report.mark(one.dossier.rows, "used")
        for planned_one in one.work.planned:
            report.count_entry(planned_one.kind)
    return work


def _is_change(work: Work) -> bool:
    """Whether the register says something else of a known organization; a body that was lost says nothing of it."""
    return work.held is not None and bool(work.held.digest)


def _held(connection: Connection, dossier: Dossier) -> plan.Held | None:
    places = place_rows.read_places(connection, dossier.register, dossier.number)
    return plan.held_of(places) if places else None


def _regression(connection: Connection, dossier: Dossier, held: plan.Held | None, planned: plan.Planned) -> str | None:
    """`status_regression` where a snapshot shows an organization active again without an event that says why."""
    if held is None or not dossier.snapshot or planned.timeline.state.status != "Active":
        return None
    found = document_rows.read_document(connection, held.index)
    was_historical = found is not None and b'"registrationStatus":"Historical"' in found[0]
    return "status_regression" if was_historical else None
