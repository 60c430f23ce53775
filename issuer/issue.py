"""The run: read an extract, plan what the ledger lacks, sign it in workers, append it batch by batch, report every row.

Organizations are handled sorted by number, whatever the workers; each batch is acknowledged after its commit. The same
entries come of it however the run is cut into batches, killed and taken up again.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from issuer import draft, plan
from issuer.changes import Dossier, Extract
from issuer.desk import IssuerDesk, Random, open_desk
from issuer.draft import Numbered
from issuer.history import Refusal, fold
from issuer.report import Report
from issuer.workers import Batch, signed
from registry import entry, store
from registry.installation import Office
from registry.ledger import BATCH, Admission, Head, Ledger, Place
from schemas import codes

#: a run that would change more known organizations than both of these is held for a person
MASS_CHANGE_COUNT = 500
MASS_CHANGE_SHARE = 0.01
CORRECTION_REASON = "register_correction"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run takes from outside: the clock, randomness, and where progress and acknowledgements go."""

    now: Callable[[], datetime]
    random: Random
    committed: Callable[[Head], None]
    progress: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Work:
    """An organization with something to issue."""

    dossier: Dossier
    held: plan.Held | None
    planned: tuple[plan.Planned, ...]
    is_person: bool


@dataclass(frozen=True, slots=True)
class _Member:
    """One credential of a batch: what was planned, with its number and place, and the entry it replaces."""

    planned: plan.Planned
    numbered: Numbered
    replaces: int | None
    org: str
    org_salt: bytes | None


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
            _Run(office, ledger, extract.register, around).append(work, workers)
    return report


def _plan(office: Office, extract: Extract, report: Report, today: date, approve_held: bool) -> list[_Work]:
    """The work there is; the rows of everything else are accounted for."""
    work: list[_Work] = []
    known = 0
    with office.store.read() as connection:
        is_new = store.read_issuer(connection, extract.register) is None
        for dossier in extract.dossiers:
            report.organizations += 1
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
            if code is not None:
                report.hold(dossier.rows, code)
                continue
            is_person = any(codes.is_person(dossier.register, one.state.entity_type) for one in folded.states)
            work.append(_Work(dossier, held, found.planned, is_person))
    report.reject(extract.rejections)
    changed = [one for one in work if one.held is not None]
    if len(changed) > max(MASS_CHANGE_COUNT, MASS_CHANGE_SHARE * known) and not approve_held:
        for one in changed:
            report.hold(one.dossier.rows, "mass_change")
        work = [one for one in work if one.held is None]
    for one in work:
        report.mark(one.dossier.rows, "used")
        for planned_one in one.planned:
            report.count_entry(planned_one.kind)
    return work


def _held(connection: sa.Connection, dossier: Dossier) -> plan.Held | None:
    places = store.read_places(connection, dossier.register, dossier.number)
    if not places:
        return None
    last = places[-1]
    events = frozenset(place.event for place in places)
    return plan.Held(last.n, last.i, last.event, tuple(json.loads(last.event_order)), bytes(last.digest), events)


def _regression(
    connection: sa.Connection, dossier: Dossier, held: plan.Held | None, planned: plan.Planned
) -> str | None:
    """`status_regression` where a snapshot shows an organization active again without an event that says why."""
    if held is None or not dossier.snapshot or planned.timeline.state.status != "Active":
        return None
    found = store.read_document(connection, held.index)
    was_historical = found is not None and b'"registrationStatus":"Historical"' in found[0]
    return "status_regression" if was_historical else None


class _Run:
    """Numbers, places and batches of one run; the only writer while it lasts."""

    def __init__(self, office: Office, ledger: Ledger, register: str, around: Surroundings) -> None:
        self._office, self._ledger, self._around = office, ledger, around
        self._desk: IssuerDesk = open_desk(office, register, around.random)
        self._next_index = ledger.head.size
        self._openings: list[tuple[list[Admission], list[_Member]]] = []

    def append(self, work: list[_Work], workers: int) -> None:
        """Sign and append everything, batch by batch."""
        keys = self._desk.public_keys()
        total = sum(len(one.planned) for one in work)
        done = 0
        for batch, documents in signed(self._desk.for_workers(), self._batches(work), workers):
            openings, members = self._openings.pop(0)
            admissions = [self._admission(member, body) for member, body in zip(members, documents, strict=True)]
            at = datetime.strptime(batch.valid_from, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            head = self._ledger.append([*openings, *admissions], keys, at)
            if any(one.opens for one in openings):
                self._office.refresh_trust()
            self._around.committed(head)
            done += len(members)
            self._around.progress(done, total)

    def _batches(self, work: list[_Work]) -> Iterator[Batch]:
        """Cut the work into batches of at most 256 entries, each with its openings first; places are handed out in order."""
        members: list[_Member] = []
        openings: list[Admission] = []
        valid_from = self._moment()
        for one in work:
            replaces = one.held.index if one.held else None
            org, org_salt = self._org(one)
            for n, planned in enumerate(one.planned, one.held.n + 1 if one.held else 1):
                is_full = len(members) + len(openings) == BATCH
                if members and (is_full or self._desk.is_at_a_new_list):  # openings stand before all members
                    yield self._cut(openings, members, valid_from)
                    members, openings, valid_from = [], [], self._moment()
                opened = self._desk.opening()
                list_id, list_index, opened_list = self._desk.place(valid_from)
                openings += opened + opened_list
                self._next_index += len(opened) + len(opened_list)
                numbered = Numbered(planned.timeline.state, n, list_id, list_index)
                members.append(_Member(planned, numbered, replaces, org, org_salt))
                replaces, self._next_index = self._next_index, self._next_index + 1
        if members:
            yield self._cut(openings, members, valid_from)

    def _cut(self, openings: list[Admission], members: list[_Member], valid_from: str) -> Batch:
        self._openings.append((openings, members))
        return Batch([member.numbered for member in members], valid_from)

    def _moment(self) -> str:
        return self._around.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _org(self, work: _Work) -> tuple[str, bytes | None]:
        """The entry's `org`: the number, or for whoever ever was a natural person a pseudonym and the salt behind it."""
        register, number = work.dossier.register, work.dossier.number
        salt = None
        if work.held is not None:
            with self._office.store.read() as connection:
                salt = store.read_org_salt(connection, register, number)
        if salt is None and work.is_person:
            salt = self._around.random(32)
        if salt is None:
            return f"{register}:{number}", None
        return entry.pseudonym(salt, register, number), salt

    def _admission(self, member: _Member, body: bytes) -> Admission:
        state, planned, numbered = member.numbered.state, member.planned, member.numbered
        return Admission(
            kind=planned.kind,
            document=body,
            salt=self._around.random(32),
            issuer=self._desk.did,
            org=member.org,
            key=self._desk.credential_method,
            type=draft.CREDENTIAL_TYPE,
            effective=state.event.effective if state.event else None,
            reason=CORRECTION_REASON if planned.kind == "correct" else None,
            refers=() if member.replaces is None else (member.replaces,),
            place=Place(
                register=state.register,
                number=state.number,
                n=numbered.n,
                list_id=numbered.list_id,
                list_index=numbered.list_index,
                event=planned.timeline.event,
                event_order=json.dumps(planned.timeline.order),
                digest=planned.judged.digest,
                org_salt=member.org_salt,
            ),
        )
