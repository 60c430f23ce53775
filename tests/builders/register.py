"""A small register whose names are awkward to search, and its ledger in memory."""

from dataclasses import dataclass, replace

from schemas.organization import Event, Name, Relationship, State
from tests.builders.reader import FakeReader


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
