"""A ledger in memory for the tests of the search room: as much of `registry.reading.reader.Reader` as search asks for."""

from dataclasses import dataclass, replace
from typing import Any

from registry.credential.identity import Identity
from registry.errors import NotFound, NotPublished
from registry.reading.record import Account, Record
from registry.verify.completeness import Completeness
from schemas.organization import Event, Name, Relationship, State, to_subject

BASE = "http://localhost:8000"
NOON = 1_700_000_000_000


class FakeReader:
    """Entries in a list; one second apart; nothing is signed."""

    def __init__(self) -> None:
        self.identity = Identity(base_url=BASE, origin="localhost:8000")
        self.entries: list[Record] = []
        self.published = 0
        self.revoked: set[int] = set()
        self.note("key")
        self.note("status")

    def note(self, kind: str) -> None:
        """An entry without an organization."""
        self._append(kind, None, None, None, None, None, ())

    def log(self, state: State, kind: str | None = None) -> Record:
        """An issue entry for the first state of an organization, else a supersede entry, unless `kind` says else."""
        before = self.organization(state.register, state.number)
        n = len(before) + 1
        credential_id = f"{BASE}/credentials/{state.register}/{state.number}/{n}"
        document = {"id": credential_id, "credentialSubject": to_subject(state, BASE, credential_id)}
        effective = state.event.effective if state.event else None
        refers = (before[-1].index,) if before else ()
        chosen = kind or ("supersede" if before else "issue")
        return self._append(chosen, state.register, state.number, n, document, effective, refers)

    def _append(
        self,
        kind: str,
        register: str | None,
        number: str | None,
        n: int | None,
        document: dict[str, Any] | None,
        effective: str | None,
        refers: tuple[int, ...],
    ) -> Record:
        index = len(self.entries)
        time_ms = NOON + 1000 * index
        record = Record(index, time_ms, kind, register, number, n, document, effective, None, refers)
        self.entries.append(record)
        return record

    def size(self) -> int:
        return len(self.entries)

    def published_size(self) -> int:
        return self.published

    def records(self, start: int, limit: int) -> list[Record]:
        return self.entries[start : start + limit]

    def organization(self, register: str, number: str) -> list[Record]:
        return [record for record in self.entries if (record.register, record.number) == (register, number)]

    def credential(self, register: str, number: str, n: int) -> Record:
        for record in self.organization(register, number):
            if record.n == n:
                return record
        raise NotFound("credential_unknown", "no such credential")

    def standing(self, record: Record) -> str | None:
        return "revoked" if record.index in self.revoked else None

    def account(self, register: str, number: str) -> Account:
        records = self.organization(register, number)
        standings = {record.index: "revoked" for record in records if record.index in self.revoked}
        return Account(records, standings, None, self.published)

    def trust(self) -> dict[str, Any]:
        return {"issuers": [{"registers": ["sample"]}]}

    def completeness(self, register: str, number: str) -> Completeness:
        raise NotPublished("not_published", "there is no map here")


@dataclass(frozen=True)
class Born:
    """One line of the small register below."""

    number: str
    name: str
    status: str = "Active"
    type: str = "BC"
    former: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    translated: tuple[str, ...] = ()
    since: str = "2001-02-03"
    register: str = "sample"


REGISTER = (
    Born("BC0491266", "BKV SOCIAL ENTERPRISE CO.", former=("Harbour Social Ventures Ltd.",)),
    Born("BC0500001", "H.L.F. Images Inc."),
    Born("BC0500002", "L'Atelier d'Or Ltée", translated=("The Golden Workshop Ltd.",)),
    Born("BC0500003", "Café Véolia Inc.", former=("Cafe du Port Inc.",)),
    Born("BC0500004", "TOTALENERGIES Canada Limited"),
    Born("BC0500005", "INTEGRATEDDESIGNSHUB INC."),
    Born("BC0500006", "Walton's Cleaning Services Ltd."),
    Born("BC0500007", "0500007 B.C. LTD."),
    Born("BC0500008", "North Shore Boat Works Ltd.", status="Historical"),
    Born("BC0500009", "Northshore Boatworks Inc."),
    Born("BC0500010", "Zara Ltd."),
    Born("BC0500011", "Zara Imports Ltd."),
    Born("BC0500012", "Les Importations Zara Inc."),
    Born("BC0500013", "Pacific Coast Ltd.", former=("Zara Ltd.",)),
    Born("BC0500014", "O'Brien's Pub Ltd."),
    Born("BC0500015", "Smith & Sons Company", assumed=("Smith Plumbing",)),
    Born("BC0500016", "Limited Edition Books Ltd."),
    Born("BC0500017", "Almaz Antey Société en commandite", type="LP"),
    Born("BC0500018", "Cedar Co-operative Association", type="CP"),
    Born("BC0500019", "Cedar Legal S.E.N.C.R.L.", type="LL"),
    Born("BC0500020", "Cedar Mines ULC", type="ULC", status="Historical"),
    Born("BC0500021", "St. Mary's Mfg. Corp."),
    Born("FM0500022", "Smith Plumbing", type="SP"),
    Born("1234567", "Zara Isle Limited", register="im", type="C"),
    Born("000003M", "Three M Foundation", register="im", type="M"),
    Born("BC0500023", "3M Canada Company"),
)


def state_of(line: Born) -> State:
    """The state that a line of the small register tells."""
    names = [Name(line.name, "legal")]
    names += [Name(text, "former", until="2014-05-06") for text in line.former]
    names += [Name(text, "assumed") for text in line.assumed]
    names += [Name(text, "translated", language="en") for text in line.translated]
    return State(
        register=line.register,
        number=line.number,
        entity_type=line.type,
        legal_name=line.name,
        status=line.status,
        registered_on=line.since,
        jurisdiction="CA-BC" if line.register == "sample" else "IM",
        names=tuple(names),
        event=Event(kind="CONVICORP", id="1", effective=line.since),
    )


def small_ledger() -> FakeReader:
    """The small register in a ledger; one organization owns a firm, one was renamed, all but the last are published."""
    reader = FakeReader()
    for line in REGISTER:
        state = state_of(line)
        if line.number == "BC0500015":
            link = Relationship("doesBusinessAs", number="FM0500022", name="Smith Plumbing", since="2010-01-01")
            state = replace(state, relationships=(link,))
        reader.log(state)
    reader.published = reader.size()
    renamed = state_of(REGISTER[12])
    reader.log(
        replace(
            renamed,
            legal_name="Importations Lumière Inc.",
            names=(Name("Importations Lumière Inc.", "legal"), Name("Les Importations Zara Inc.", "former")),
            event=Event(kind="NAMECHANGE", id="2", filing="NOCNM", effective="2015-06-07"),
        )
    )
    return reader
