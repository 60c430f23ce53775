"""Random timelines, logged by the contract's rule for late filings: what an issuer does, done here from the rule alone.

A state that comes late is a `supersede` that refers to the state before it in effect, or an `issue` where there is none; each
later state follows as a `correct` of its old entry, so that the newest entry is always the state in force. Where a state is
corrected, or never was, the later ones are issued again likewise.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from issuer.signing.issuer import open_issuer
from issuer.timeline import draft
from registry.credential import did, proof, status
from registry.credential.document import canonicalize_ours
from registry.encoding.moment import print_utc
from registry.encoding.stored import stored
from registry.installation.office import Office
from registry.ledger.admission import Admission, Placed, Statement
from registry.log import entry
from schemas.organization import State
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import state

FIRST = date(2020, 2, 25)
DAYS = [(FIRST + timedelta(days)).isoformat() for days in range(12)]
#: the day on which all of it is logged: what has no effective day counts from it
LOGGED = NOW.date().isoformat()
MADE = print_utc(NOW)


@dataclass(frozen=True)
class Wanted:
    """An entry that a timeline needs. `refers`: by place among the entries of its organization."""

    kind: str
    effective: str | None
    reason: str | None = None
    refers: tuple[int, ...] = ()


@dataclass
class Timeline:
    """What a register said of one organization: the entries in their order, and which of them stand, by effect."""

    number: str
    is_person: bool
    entries: list[Wanted] = field(default_factory=list)
    standing: list[int] = field(default_factory=list)

    def day(self, place: int) -> str:
        """The day from which the state of that entry counts."""
        return self.entries[place].effective or LOGGED

    def in_force(self, day: str) -> int | None:
        """Which entry's state is in force on a day: of those that stand, the last that has begun."""
        begun = [place for place in self.standing if self.day(place) <= day]
        return begun[-1] if begun else None

    def file(self, effective: str | None) -> None:
        """A state arrives: at the end, or late, between those that are there."""
        day = effective or LOGGED
        at = sum(self.day(place) <= day for place in self.standing)
        if at:
            self._put(at, Wanted("supersede", effective, None, (self.standing[at - 1],)))
        else:
            self._put(0, Wanted("issue", effective))
        self._again(at + 1, "late_filing")

    def correct(self, at: int, effective: str | None) -> None:
        """The state in that place was wrong; its day stays between those of its neighbours."""
        self.standing[at] = self._entry(Wanted("correct", effective, "register_correction", (self.standing[at],)))
        self._again(at + 1, "register_correction")

    def withdraw(self, at: int) -> None:
        """The state in that place never was: the next state names it, else the one before."""
        gone = self.standing.pop(at)
        place = min(at, len(self.standing) - 1)
        old = self.standing[place]
        effective, refers = self.entries[old].effective, tuple(sorted((old, gone)))
        self.standing[place] = self._entry(Wanted("correct", effective, "withdrawn", refers))
        self._again(place + 1, "withdrawn")

    def _put(self, at: int, wanted: Wanted) -> None:
        self.standing.insert(at, self._entry(wanted))

    def _entry(self, wanted: Wanted) -> int:
        self.entries.append(wanted)
        return len(self.entries) - 1

    def _again(self, start: int, reason: str) -> None:
        for at in range(start, len(self.standing)):
            old = self.standing[at]
            self.standing[at] = self._entry(Wanted("correct", self.entries[old].effective, reason, (old,)))


def random_timeline(number: str, random: Random) -> Timeline:
    """One to six filings in any order, corrections and withdrawals among them; many share a day."""
    timeline = Timeline(number, random.random() < 0.2)
    timeline.file(random.choice(DAYS))
    for _ in range(random.randrange(6)):
        at = random.randrange(len(timeline.standing))
        match random.choice(["file", "file", "file", "no day", "correct", "withdraw"]):
            case "file":
                timeline.file(random.choice(DAYS))
            case "no day":
                timeline.file(None)
            case "correct" if timeline.entries[timeline.standing[at]].effective is not None:
                around = [timeline.day(place) for place in timeline.standing]
                least, most = around[at - 1] if at else DAYS[0], around[at + 1] if at + 1 < len(around) else DAYS[-1]
                timeline.correct(at, random.choice([day for day in DAYS if least <= day <= most]))
            case "withdraw" if len(timeline.standing) > 1:
                timeline.withdraw(at)
    return timeline


def log(office: Office, timelines: list[Timeline]) -> None:
    """Sign and append all of them, each in one transaction."""
    around = surroundings("timelines")
    issuer = open_issuer(office, "sample", around.random)
    method, canonicalize = issuer.method(did.CREDENTIAL), canonicalize_ours(office.identity.context_url)
    stamp = proof.Stamp(issuer.signer(did.CREDENTIAL), method, MADE, canonicalize)
    with office.writing() as ledger:
        for timeline in timelines:
            number, start, batch = timeline.number, ledger.head.size, list[Admission]()
            salt = around.random(32) if timeline.is_person else None
            org = f"sample:{number}" if salt is None else entry.pseudonym(salt, "sample", number)
            for place, wanted in enumerate(timeline.entries):
                lists, list_index, _ = issuer.place(NOW)
                numbered = draft.Numbered(_state(timeline, place), place + 1, lists, list_index)
                unsigned = draft.credential(numbered, office.identity, issuer.name, MADE)
                statement = Statement(
                    wanted.kind,
                    issuer.did,
                    org,
                    method,
                    draft.credential_type(numbered.state),
                    wanted.effective,
                    wanted.reason,
                    tuple(start + other for other in wanted.refers),
                )
                list_id = dict(lists)[status.REVOCATION]
                placed = Placed("sample", number, place + 1, list_id, list_index, str(place), "[]", bytes(32), salt)
                batch.append(Admission(statement, stored(stamp.sign(unsigned)), around.random(32), placed))
            ledger.append(batch, issuer.public_keys(), NOW)


def _state(timeline: Timeline, place: int) -> State:
    kind = "SP" if timeline.is_person else "BC"
    said = state(timeline.number, f"NAME {place} INC.", str(place), DAYS[0], kind)
    assert said.event is not None
    return replace(said, event=replace(said.event, effective=timeline.entries[place].effective))
