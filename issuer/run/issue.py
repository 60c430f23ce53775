"""The run: plan what the ledger lacks, sign and append it, report every row.

Organizations are handled sorted by number, whatever the workers; each batch is acknowledged after its commit. The same
entries come of it however the run is cut into batches, killed and taken up again. What waits (for its day, for a person) is
written to the desk after the last commit: until then the delivery itself is what tells it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from issuer.run import bearers, corrections, ghosts, held, pending, rules
from issuer.run.batches import Run, Work
from issuer.run.bearers import Bearers
from issuer.run.days import local_day
from issuer.run.newest import newest_of
from issuer.run.report import Report
from issuer.run.settling import Settling
from issuer.signing.erased import erased_digest
from issuer.timeline import draft, plan
from issuer.timeline.changes import Dossier, Extract, Rejection, Row
from issuer.timeline.continued import continued
from issuer.timeline.history import Flag, Refusal, Timeline, fold
from issuer.timeline.looks import mixes_scripts
from registry.credential.document import text_at
from registry.encoding.moment import print_utc
from registry.errors import NotFound
from registry.installation.desk import Desk
from registry.installation.office import Office
from registry.ledger.ledger import BATCH
from registry.ledger.surroundings import Surroundings
from registry.records.records import Records
from schemas import codes
from schemas.organization import from_subject

#: a run that would change more known organizations than both of these is held for a person
MASS_CHANGE_COUNT = 500
MASS_CHANGE_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a dossier gives to do. `hold`: why a person should look first."""

    dossier: Dossier
    timeline: Timeline
    work: Work
    hold: str | None
    revokes: bool


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
    """Issue what the extract says and the ledger lacks. `approve_held`: also what would be held for a person.

    Of `report.revocations` nothing is revoked yet (`actions/withdrawal`).
    """
    report = Report(source, extract)
    if dry_run:
        with office.desk() as desk:
            _Planner(office, desk, extract, report, around, approve_held, is_dry_run=True).work()
        return report
    with office.writing(gives_way=True) as ledger, office.desk() as desk:
        planner = _Planner(office, desk, extract, report, around, approve_held)
        work = planner.work()
        if work:
            Run(office, ledger, extract.register, around).append(work, workers)
        planner.settle()
        desk.write()
    return report


class _Planner:
    """What there is to do, row by row accounted for."""

    def __init__(
        self,
        office: Office,
        desk: Desk,
        extract: Extract,
        report: Report,
        around: Surroundings,
        approves: bool,
        *,
        is_dry_run: bool = False,
    ) -> None:
        self._office, self._desk, self._extract, self._report = office, desk, extract, report
        self._approves, self._now = approves, print_utc(around.now())
        self._today = local_day(extract.register, around.now())
        self._known = 0
        self._is_new = True
        self._seen: set[str] = set()
        self._settling = Settling(desk, extract.register)
        self._bearers = Bearers(office.settings.likenesses, extract.register, follows=not is_dry_run)
        self._are_rules_new = False
        self._is_whole = False

    def work(self) -> list[Work]:
        """The work there is; the rows of everything else are accounted for."""
        register, report = self._extract.register, self._report
        planned: list[_Planned] = []
        with self._office.records() as records:
            self._is_new = records.issuer(register) is None
            gone = records.erased()
            if not self._is_new:
                records.check_all_places()
                self._are_rules_new = rules.are_new(self._desk, register)
            for dossier in self._dossiers():
                report.organizations += 1
                if report.organizations % BATCH == 0:
                    self._office.give_way()
                self._seen.add(dossier.number)
                if gone and erased_digest(self._office, register, dossier.number) in gone:
                    reason = "the organization was erased, and is not issued again"
                    report.reject(Rejection(row, "erased", reason) for row in dossier.rows)
                    continue
                item = self._planned(records, dossier)
                if item is not None:
                    planned.append(item)
            if not self._is_new:
                self._bearers.ask(records, (item.timeline for item in planned))
            self._is_whole = not self._is_new and self._seen >= records.numbers(register)
        report.reject(self._extract.rejections)
        return [item.work for item in self._accepted(planned)]

    def _dossiers(self) -> Iterator[Dossier]:
        """Those of the delivery, and among them, by number, those of which a state has come due."""
        register = self._extract.register
        due = sorted(pending.due(self._desk, register, self._today), reverse=True)
        for dossier in self._extract.dossiers:
            while due and due[-1] < dossier.number:
                yield from self._due(due.pop())
            if due and due[-1] == dossier.number:
                due.pop()
            yield dossier
        while due:
            yield from self._due(due.pop())

    def _due(self, number: str) -> Iterator[Dossier]:
        """An organization of which a state has come due; while it is held, that waits with it."""
        item = held.find(self._desk, self._extract.register, number)
        if item is None:
            yield Dossier(self._extract.register, number, (), ())
        else:
            self._report.holds.append((item, ()))

    def _planned(self, records: Records, dossier: Dossier) -> _Planned | None:
        """What to do for an organization; None: nothing, and its rows are accounted for."""
        report = self._report
        newest = None if self._is_new else newest_of(records, dossier.register, dossier.number)
        timeline = self._timeline(dossier, newest)
        if timeline is None:
            return None
        if dossier.rows:
            timeline = _continued(records, timeline, newest)
        if newest is None and dossier.rows and pending.is_forgotten(self._desk, dossier, timeline):
            self._hold(dossier, plan.REGRESSION, timeline)
            return None
        correction = corrections.find(self._desk, dossier.register, dossier.number)
        timeline, is_third = corrections.overlaid(timeline, correction)
        report.flag(timeline.flags)
        self._known += newest is not None
        waiting = set(timeline.waiting)
        due_rows = tuple(row for row in dossier.rows if row not in waiting)
        if timeline.waiting:
            self._hold(
                replace(dossier, rows=timeline.waiting), "future", replace(timeline, states=(), withdrawn=frozenset())
            )
        if timeline.states:
            self._bearers.count(timeline)
            report.nameless += timeline.states[-1].state.legal_name is None
        if timeline.pending or self._desk.get(pending.PENDING, dossier.register, dossier.number) is not None:
            self._settling.wait(dossier.number, timeline)
        planned = plan.plan(timeline, newest, are_rules_new=self._are_rules_new)
        if newest is not None and timeline.states and self._is_back(records, dossier.number, newest, planned):
            again = timeline.states[-1]
            planned = plan.Plan((plan.Planned("correct", again, draft.judge(again.state), None, (newest.index,)),))
        if newest is None and not timeline.states:
            self._without_states(dossier, timeline, due_rows)
            return None
        revokes = planned.revokes and not _is_revoked(records, newest)
        if not planned.planned and not revokes and planned.hold in (None, plan.RULE_CHANGE):
            report.mark(due_rows, "unchanged")
            return None
        person = any(codes.is_person(dossier.register, state.state.entity_type) for state in timeline.states)
        last = planned.planned[-1] if planned.planned else None
        hold = planned.hold or (None if last is None else _regression(records, dossier, newest, last))
        is_forgotten = newest is not None and corrections.is_forgotten(records, newest, correction)
        hold = corrections.CORRECTED_AGAIN if is_third or is_forgotten else hold
        is_clear = bool(planned.planned) or revokes
        hold = None if self._approves and is_clear else hold
        refused = (item.judged.refusal for item in planned.planned)
        code = next((code for code, _ in filter(None, refused)), hold)
        if person and newest is None and not self._is_new and records.has_unknown_persons(dossier.register):
            code = held.PERSON_UNKNOWN
        salt = None if newest is None else records.org_salt(dossier.register, dossier.number, newest.index)
        work = Work(dossier.number, newest, planned.planned, person, salt)
        item = _Planned(replace(dossier, rows=due_rows), timeline, work, code, revokes)
        if code is not None and code != plan.RULE_CHANGE:
            self._hold(item.dossier, code, timeline)
            return None
        return item

    def _is_back(self, records: Records, number: str, newest: plan.Newest, planned: plan.Plan) -> bool:
        """Whether all of an organization was withdrawn, and its newest credential revoked, and the same is told again."""
        is_same = not planned.planned and planned.hold is None
        is_ghost = is_same and ghosts.is_one(self._desk, self._extract.register, number)
        return is_ghost and _is_revoked(records, newest)

    def _timeline(self, dossier: Dossier, newest: plan.Newest | None) -> Timeline | None:
        """What a dossier tells, with what waited; None: it is refused, and its rows are accounted for."""
        if not dossier.rows and not dossier.changes and dossier.refused is None:
            before = list(pending.waiting(self._desk, dossier.register, dossier.number))
            return pending.with_waiting(Timeline(()), before, self._today)
        folded = fold(dossier, self._today)
        if isinstance(folded, Refusal):
            self._report.reject(folded.rejections)
            self._hold(replace(dossier, rows=folded.hold), folded.code, None)
            return None
        return pending.merged(folded, dossier, newest, self._desk, self._today)

    def _without_states(self, dossier: Dossier, timeline: Timeline, rows: tuple[Row, ...]) -> None:
        """An organization of which nothing stands as of today, and nothing was issued. `rows`: those that do not wait."""
        if not timeline.withdrawn:
            return
        if not timeline.pending:
            self._report.leave_out(dossier.number, ghosts.GHOST)
        is_known = ghosts.is_same(self._desk, dossier.register, dossier.number, timeline)
        self._report.mark(rows, "unchanged" if is_known else "used")
        self._settling.vanish(dossier.number, timeline)

    def _accepted(self, planned: list[_Planned]) -> list[_Planned]:
        """Those that are issued now; a mass change, and what older rules signed, wait as one delivery."""
        changed = [item for item in planned if _is_change(item.work) and item.hold is None]
        is_mass = len(changed) > max(MASS_CHANGE_COUNT, MASS_CHANGE_SHARE * self._known) and not self._approves
        accepted = []
        for item in planned:
            code = item.hold or ("mass_change" if is_mass and _is_change(item.work) else None)
            if code == plan.RULE_CHANGE:
                self._report.note_rule_change(item.dossier.number, item.work.planned)
            if code is not None:
                self._hold(item.dossier, code, item.timeline)
                continue
            accepted.append(item)
            self._settling.stand(item.dossier.number, item.timeline)
            self._flag_name(item)
            self._report.mark(item.dossier.rows, "used")
            for credential in item.work.planned:
                self._report.count_entry(credential.kind)
            if item.revokes:
                self._report.revocations.append(item.dossier.number)
                self._settling.vanish(item.dossier.number, item.timeline)
        return [item for item in accepted if item.work.planned]

    def _flag_name(self, item: _Planned) -> None:
        """`name_alike`: another organization has a name that looks the same; `mixed_scripts`."""
        name = bearers.name_of(item.timeline)
        if name is None or not item.dossier.rows:
            return
        rows = item.dossier.origins.get(("name", name)) or item.dossier.rows
        if self._bearers.has_others(name, self._seen):
            self._report.flag([Flag(rows[-1], "name_alike")])
        if mixes_scripts(name):
            self._report.flag([Flag(rows[-1], "mixed_scripts")])

    def _hold(self, dossier: Dossier, code: str, timeline: Timeline | None) -> None:
        files = self._extract.files
        rows = [(files[row.file].name, row.line) for row in dossier.rows]
        item = held.held(code, dossier.register, dossier.number, rows, timeline, self._now)
        self._report.hold(dossier.rows, item)
        if code != "future" and (rows or timeline is not None):
            self._settling.hold(item)

    def settle(self) -> None:
        """Write to the desk what waits from now on."""
        self._settling.write(self._seen)
        if self._is_new or (self._is_whole and not self._settling.holds(plan.RULE_CHANGE)):
            rules.note(self._desk, self._extract.register)


def _is_change(work: Work) -> bool:
    """Whether the register says something else of a known organization; a body that was lost says nothing of it."""
    return work.newest is not None and bool(work.newest.last.digest)


def _continued(records: Records, timeline: Timeline, newest: plan.Newest | None) -> Timeline:
    """A timeline that begins after a credential of the ledger, with what that says of the time before."""
    every = (*timeline.states, *timeline.pending)
    if newest is None or not every or not every[0].event or newest.is_patchy:
        return timeline
    events = {state.event for state in every} | timeline.withdrawn
    if newest.events <= events:
        return timeline
    replaced = newest.replaced()
    before = [
        (credential.order, credential.index)
        for credential in newest.issued
        if credential.event not in events and credential.index not in replaced and credential.order < every[0].order
    ]
    document = records.find_document(max(before)[1]) if before else None
    return timeline if document is None else continued(timeline, from_subject(document["credentialSubject"]))


def _is_revoked(records: Records, newest: plan.Newest | None) -> bool:
    document = None if newest is None else records.find_document(newest.index)
    return document is not None and records.standing(document) == "revoked"


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
