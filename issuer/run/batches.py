"""The entries of one run: numbers, places and pseudonyms handed out in order, signed in workers, appended batch by batch.

Each batch is acknowledged after its commit. The same entries come of the same work however it is cut into batches, killed
and taken up again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from issuer.signing.issuer import IssuerDesk, Random, open_desk
from issuer.signing.workers import Batch, signed
from issuer.timeline import draft, plan
from issuer.timeline.draft import Numbered
from registry.credential import did, status
from registry.installation.office import Office
from registry.ledger.admission import Admission, Head, IssuerOpened, Placed, Statement
from registry.ledger.ledger import BATCH, Ledger
from registry.log import entry
from registry.store import place_rows

CORRECTION_REASON = "register_correction"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run takes from outside: the clock, randomness, and where progress and acknowledgements go."""

    now: Callable[[], datetime]
    random: Random
    committed: Callable[[Head], None]
    progress: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Work:
    """An organization with something to issue. `is_person`: whether it ever was a natural person."""

    number: str
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
        self._desk: IssuerDesk = open_desk(office, register, around.random)
        self._next_index = ledger.head.size
        self._openings: list[tuple[list[Admission], list[_Member]]] = []

    def append(self, work: Sequence[Work], workers: int) -> None:
        """Sign and append everything, batch by batch."""
        keys = self._desk.public_keys()
        total = sum(len(one.planned) for one in work)
        done = 0
        for batch, documents in signed(self._desk.for_workers(), self._batches(work), workers):
            openings, members = self._openings.pop(0)
            admissions = [self._admission(member, body) for member, body in zip(members, documents, strict=True)]
            at = datetime.strptime(batch.valid_from, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            head = self._ledger.append([*openings, *admissions], keys, at)
            if any(isinstance(opening.effect, IssuerOpened) for opening in openings):
                self._office.refresh_trust()
            self._around.committed(head)
            done += len(members)
            self._around.progress(done, total)

    def _batches(self, work: Sequence[Work]) -> Iterator[Batch]:
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
                opened = self._desk.opening(valid_from)
                lists, list_index, opened_lists = self._desk.place(valid_from)
                openings += opened + opened_lists
                self._next_index += len(opened) + len(opened_lists)
                numbered = Numbered(planned.timeline.state, n, lists, list_index)
                members.append(_Member(planned, numbered, replaces, org, org_salt))
                replaces, self._next_index = self._next_index, self._next_index + 1
        if members:
            yield self._cut(openings, members, valid_from)

    def _cut(self, openings: list[Admission], members: list[_Member], valid_from: str) -> Batch:
        self._openings.append((openings, members))
        return Batch([member.numbered for member in members], valid_from)

    def _moment(self) -> str:
        return self._around.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _org(self, work: Work) -> tuple[str, bytes | None]:
        """The entry's `org`: the number, or for whoever ever was a natural person a pseudonym and the salt behind it."""
        register, number = self._register, work.number
        salt = None
        if work.held is not None:
            with self._office.store.read() as connection:
                salt = place_rows.read_org_salt(connection, register, number)
        if salt is None and work.is_person:
            salt = self._around.random(32)
        if salt is None:
            return f"{register}:{number}", None
        return entry.pseudonym(salt, register, number), salt

    def _admission(self, member: _Member, body: bytes) -> Admission:
        state, planned, numbered = member.numbered.state, member.planned, member.numbered
        statement = Statement(
            kind=planned.kind,
            issuer=self._desk.did,
            org=member.org,
            key=self._desk.method(did.CREDENTIAL),
            type=draft.CREDENTIAL_TYPE,
            effective=state.event.effective if state.event else None,
            reason=(planned.reason or self._correction_reason) if planned.kind == "correct" else None,
            refers=() if member.replaces is None else (member.replaces,),
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
