"""The entries of one run: numbered in order, signed in workers, appended in batches.

Each batch is acknowledged after its commit. The same entries come of the same work however it is cut into batches, killed
and taken up again.
"""

import json
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from issuer.run import suspended
from issuer.signing.issuer import open_issuer
from issuer.signing.workers import Batch, signed
from issuer.timeline import draft, plan
from issuer.timeline.draft import Numbered
from registry.credential import did, status
from registry.errors import Conflict
from registry.installation.office import Office
from registry.installation.trust_file import refresh_trust_file
from registry.ledger.admission import Admission, IssuerOpened, ListChanged, Placed, Statement
from registry.ledger.ledger import BATCH, Ledger
from registry.ledger.surroundings import Surroundings
from registry.log import entry

CORRECTION_REASON = "register_correction"


@dataclass(frozen=True, slots=True)
class Work:
    """An organization with something to issue. `is_person`: whether it ever was a natural person; `org_salt`: behind its
    pseudonym, None where it has none yet.
    """

    number: str
    newest: plan.Newest | None
    planned: tuple[plan.Planned, ...]
    is_person: bool
    org_salt: bytes | None


@dataclass(frozen=True, slots=True)
class _Member:
    """One credential of a batch: what was planned, with its number and place, and the entries that it refers to.

    `suspension`: the reason for which it is suspended in the same transaction, as what it takes the place of; None: it is not.
    """

    planned: plan.Planned
    numbered: Numbered
    refers: tuple[int, ...]
    org: str
    org_salt: bytes | None
    suspension: str | None


@dataclass(frozen=True, slots=True)
class _Entries:
    """What a batch becomes: the entries that open an issuer or lists, one for each member, and one for each suspension."""

    openings: list[Admission]
    members: list[_Member]

    @property
    def room(self) -> int:
        """How many more entries its transaction may have."""
        return BATCH - len(self.openings) - len(self.members) - sum(1 for member in self.members if member.suspension)


class Run:
    """Numbers, places and batches of one run; the only writer while it lasts."""

    def __init__(
        self,
        office: Office,
        ledger: Ledger,
        register: str,
        around: Surroundings,
        correction_reason: str = CORRECTION_REASON,
    ) -> None:
        self._office, self._ledger, self._around, self._register = office, ledger, around, register
        self._correction_reason = correction_reason
        #: number -> the reason for which its newest credential is suspended
        self._suspended: dict[str, str] = {}
        self._is_alone = True
        self._issuer = open_issuer(office, register, around.random)
        #: an entry's index as if nobody came between two batches; and where each batch begins, so and in truth
        self._next_index = self._first = ledger.head.size
        self._begins: list[tuple[int, int]] = []

    def append(self, work: Sequence[Work], workers: int) -> None:
        """Sign and append everything, batch by batch.

        Conflict `overtaken`: somebody who came between two batches has suspended or reinstated what is about to be replaced.
        """
        with self._office.records() as records:
            known = [item.number for item in work if item.newest is not None]
            self._suspended = suspended.reasons(records, self._register, known)
        keys = self._issuer.public_keys()
        total = sum(len(item.planned) for item in work)
        done, supposed = 0, self._first
        for batch, entries, bodies in signed(self._issuer.batch_signer(), self._batches(work), workers):
            self._is_alone = not self._office.give_way() and self._is_alone
            self._check_standing(entries)
            self._begins.append((supposed, self._ledger.head.size))
            supposed += len(entries.openings) + len(entries.members)
            admissions = [self._admission(member, body) for member, body in zip(entries.members, bodies, strict=True)]
            suspensions = self._suspensions(entries, batch.at)
            head = self._ledger.append([*entries.openings, *admissions, *suspensions], keys, batch.at)
            if any(isinstance(opening.effect, IssuerOpened) for opening in entries.openings):
                refresh_trust_file(self._office.settings, self._office.reader, self._office.seals)
            self._around.committed(head)
            done += len(entries.members)
            self._around.progress(done, total)

    def _batches(self, work: Sequence[Work]) -> Iterator[tuple[Batch, _Entries]]:
        """Cut the work into batches of at most 256 entries, each with its openings first; places are handed out in order."""
        entries = _Entries([], [])
        at = self._around.moment()
        for item in work:
            before = (item.newest.index,) if item.newest else ()
            org, org_salt = self._org(item)
            suspension = self._suspended.get(item.number)
            weight = 1 if suspension is None else 2
            if entries.members and entries.room < weight * len(item.planned) <= BATCH and _is_one_act(item):
                yield _batch(entries, at), entries
                entries, at = _Entries([], []), self._around.moment()
            for n, planned in enumerate(item.planned, item.newest.n + 1 if item.newest else 1):
                is_full = entries.room < weight
                if entries.members and (is_full or self._issuer.is_at_a_new_list):  # openings stand before all members
                    yield _batch(entries, at), entries
                    entries, at = _Entries([], []), self._around.moment()
                opened = self._issuer.opening(at)
                lists, list_index, opened_lists = self._issuer.place(at)
                entries.openings.extend(opened + opened_lists)
                self._next_index += len(opened) + len(opened_lists)
                numbered = Numbered(planned.timeline.state, n, lists, list_index)
                refers = before if planned.refers is None else planned.refers
                entries.members.append(_Member(planned, numbered, refers, org, org_salt, suspension))
                before, self._next_index = (self._next_index,), self._next_index + 1
        if entries.members:
            yield _batch(entries, at), entries

    def _check_standing(self, entries: _Entries) -> None:
        """What was planned to be suspended is what is suspended; only somebody who came between can have changed that."""
        if self._is_alone:
            return
        planned = {member.numbered.state.number: member.suspension for member in entries.members}
        with self._office.records() as records:
            now = suspended.reasons(records, self._register, planned)
        if any(now.get(number) != suspension for number, suspension in planned.items()):
            raise Conflict("overtaken", "an organization was suspended or reinstated meanwhile: run it again")

    def _suspensions(self, entries: _Entries, at: datetime) -> list[Admission]:
        """A version of a suspension list for each credential that is suspended like the one before it.

        One each, so that the entries are the same however the run is cut into batches.
        """
        first = self._ledger.head.size + len(entries.openings)
        versions = {
            opening.effect.id: opening.effect for opening in entries.openings if isinstance(opening.effect, ListChanged)
        }
        admissions = []
        for index, member in enumerate(entries.members, first):
            if member.suspension is None:
                continue
            list_id = dict(member.numbered.lists)[status.SUSPENSION]
            if list_id not in versions:
                with self._office.records() as records:
                    row = records.status_list(list_id)
                versions[list_id] = ListChanged(list_id, row.register, row.purpose, row.m, row.seed, row.bits)
            bits = status.with_bits(versions[list_id].bits, (member.numbered.list_index,), to=True)
            versions[list_id] = replace(versions[list_id], bits=bits)
            admissions.append(self._issuer.list_entry(versions[list_id], member.suspension, (index,), at))
        return admissions

    def _actual(self, index: int) -> int:
        """The index of an entry of this run, whoever came between; one that was there before has its own."""
        if index < self._first:
            return index
        supposed, actual = self._begins[bisect(self._begins, index, key=itemgetter(0)) - 1]
        return actual + index - supposed

    def _org(self, work: Work) -> tuple[str, bytes | None]:
        """The entry's `org`: the number, or for whoever ever was a natural person a pseudonym and the salt behind it."""
        register, number = self._register, work.number
        salt = self._around.random(32) if work.org_salt is None and work.is_person else work.org_salt
        if salt is None:
            return f"{register}:{number}", None
        return entry.pseudonym(salt, register, number), salt

    def _admission(self, member: _Member, body: bytes) -> Admission:
        state, planned, numbered = member.numbered.state, member.planned, member.numbered
        statement = Statement(
            kind=planned.kind,
            issuer=self._issuer.did,
            org=member.org,
            key=self._issuer.method(did.CREDENTIAL),
            type=draft.credential_type(state),
            effective=state.event.effective if state.event else None,
            reason=(planned.reason or self._correction_reason) if planned.kind == "correct" else None,
            refers=tuple(map(self._actual, member.refers)),
        )
        placed = Placed(
            register=state.register,
            number=state.number,
            n=numbered.n,
            list_id=dict(numbered.lists)[status.REVOCATION],
            list_index=numbered.list_index,
            event=planned.timeline.event,
            event_order=json.dumps(planned.timeline.order),
            digest=planned.judged.digest,
            org_salt=member.org_salt,
        )
        return Admission(statement, body, self._around.random(32), placed)


def _is_one_act(work: Work) -> bool:
    """Whether the credentials of an organization belong into one transaction: between two of them it would read wrongly.

    Where they are more than a batch holds, a run that was killed in between is completed by the next one.
    """
    return any(planned.refers is not None for planned in work.planned)


def _batch(entries: _Entries, at: datetime) -> Batch:
    return Batch([member.numbered for member in entries.members], at)
