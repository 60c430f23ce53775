"""Write the fictional register extract: `python -m sample_data.generate [--organizations N] [--seed S] [--out DIR]`.

Seeded: the same arguments give the same bytes. The rows follow the form of the source `table` (see README.md here); every entity
type of BC's table occurs, with histories that the register's filing codes tell. Bad rows are planted by `bad_rows.py`.
"""

import argparse
import csv
import io
import json
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from random import Random

from sample_data import bad_rows, words
from schemas import codes

ORGANIZATIONS, SEED = 640, 20260101
_NEWEST = date(2025, 6, 30)
_COMPANIES = ("BC", "BEN", "ULC", "CC")
#: the letters in front of a number, where they are not the entity type itself or `BC`
_PREFIX = {
    **dict.fromkeys(_COMPANIES, "BC"),
    **dict.fromkeys(("C", "CBEN", "CUL", "CCC"), "C"),
    **dict.fromkeys(("A", "B", "LLC"), "A"),
    **dict.fromkeys(("SP", "GP", "MF"), "FM"),
    **dict.fromkeys(("UQA", "UQB", "UQC", "UQD", "UQE"), "UQ"),
    **dict.fromkeys(("S", "CS", "SB"), "S"),
}
#: how an entity type comes onto the register; the rest by `REGS2`, a registration statement
_FIRST_FILING = {
    "BC": "ICORP",
    "BEN": "BEINC",
    "ULC": "ICORU",
    "CC": "ICORC",
    "CP": "OTINC",
    "S": "SINCF",
    "CS": "SCINF",
    "C": "CONTI",
    "CBEN": "CONTB",
    "CUL": "CONTU",
    "CCC": "CONTC",
    "LP": "LPREG",
    "XP": "XPREG",
    "LL": "LLREG",
    "XL": "XLREG",
    "XS": "REGXS",
    "SP": "FRREG",
    "GP": "FRREG",
    "MF": "FRREG",
}
_RENAMING = {"LP": "LPCHG", "XP": "XPCHG", "SP": "NAMSP", "GP": "NAMGP", "A": "NOCNX", "XS": "NCNXS"}
_ENDING = {"LP": "LPDIS", "XP": "XPDIS", "SP": "DISSP", "GP": "DISGP", "LL": "LLDIS", "A": "NWITH", "XS": "NVCAS"}
_SINCE = {"QA": 1861, "QB": 1863, "QC": 1879, "QD": 1891, "QE": 1898, "UQA": 1861, "UQB": 1863, "UQC": 1879}
_SINCE |= {"UQD": 1891, "UQE": 1898, "BEN": 2020, "CBEN": 2020, "CC": 2013, "CCC": 2013, "ULC": 2004, "LL": 2005}
_HOMES = {"C": "CA-AB", "CBEN": "CA", "CUL": "CA-NS", "CCC": "CA-YT", "CS": "CA-ON", "A": "CA-ON", "B": "CA-QC"}
_HOMES |= {"XP": "CA-AB", "XL": "CA-AB", "XS": "CA", "XCP": "CA-SK", "EPR": "CA-MB", "LLC": "Delaware", "FOR": "Norway"}


@dataclass(slots=True)
class _Organization:
    """The rows of one organization so far; `cells` are those of its newest row."""

    cells: dict[str, str]
    day: date
    rows: list[dict[str, str]] = field(default_factory=list)


class _Register:
    """Builds organizations; the only state is the random generator and the two counters of ids."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.numbers = count(9000001)
        self.events = count(700001)
        self.organizations: list[_Organization] = []

    def found(self, entity_type: str, name: str = "", language: str = "en") -> _Organization:
        """A new organization with its first row: founded, registered or continued in."""
        random = self.random
        digits = next(self.numbers)
        number = f"{_PREFIX.get(entity_type, entity_type)}{digits}"
        if not name and entity_type in ("BC", "ULC") and random.random() < 0.2:
            name = f"{digits} B.C. {'LTD.' if entity_type == 'BC' else 'UNLIMITED LIABILITY COMPANY'}"
        if not name:
            name, language = words.company_name(random, entity_type)
        year = _SINCE.get(entity_type, 1950)
        day = date(year, 1, 2) + timedelta(
            days=random.randrange((date(max(year + 1, 2022), 1, 1) - date(year, 1, 2)).days)
        )
        cells = dict.fromkeys(COLUMNS, "")
        cells |= {"number": number, "entity_type": entity_type, "legal_name": name, "language": language}
        cells |= {"status": "ACT", "registered_on": day.isoformat(), "home_jurisdiction": _HOMES.get(entity_type, "")}
        cells |= {"address_role": "FO" if number.startswith("FM") else "RG", **words.address(random)}
        if random.random() < 0.3:
            cells["business_number"] = f"7{random.randrange(10**8):08d}"
        if entity_type in ("A", "B", "XP", "FOR") and random.random() < 0.3:
            cells["assumed_name"] = words.company_name(random, entity_type)[0]
        organization = _Organization(cells, day)
        self._write(organization, "FILE", _FIRST_FILING.get(entity_type, "REGS2"))
        self.organizations.append(organization)
        return organization

    def happen(
        self, who: _Organization, filing: str, cells: dict[str, str], kind: str = "FILE", on: date | None = None
    ) -> None:
        """A further row: that filing (or, with an empty one, that kind of event), and the cells that it changes."""
        who.day = max(who.day, on) if on else min(who.day + timedelta(days=self.random.randrange(20, 2200)), _NEWEST)
        who.cells = who.cells | cells
        self._write(who, kind, filing)

    def _write(self, who: _Organization, kind: str, filing: str) -> None:
        given = {
            "event_id": str(next(self.events)),
            "event_type": kind,
            "filing_type": filing,
            "effective": who.day.isoformat(),
        }
        who.rows.append(who.cells | given)

    def link(self, who: _Organization, kind: str, other: _Organization, since: date) -> str:
        """The cell `relationships` of `who` with one more link."""
        new = f"{kind} {other.cells['number']} {since.isoformat()}"
        return "; ".join(part for part in (who.cells["relationships"], new) if part)

    def rename(self, who: _Organization) -> None:
        name, language = words.company_name(self.random, who.cells["entity_type"])
        filing = _RENAMING.get(who.cells["entity_type"], "NOALA")
        self.happen(who, filing, {"legal_name": name, "language": language})

    def dissolve(self, who: _Organization) -> None:
        """By request, or step by step for want of annual reports."""
        kind = who.cells["entity_type"]
        if kind in _COMPANIES and self.random.random() < 0.5:
            self.happen(who, "", {"status": "D1F"}, kind="SYSD1")
            self.happen(who, "", {"status": "D2F"}, kind="SYSD2")
            self.happen(who, "", {"status": "HDF"}, kind="SYSDF")
        else:
            self.happen(who, _ENDING.get(kind, "ADVDS"), {"status": "HWT" if _ENDING.get(kind) == "NWITH" else "HDV"})

    def restore(self, who: _Organization) -> None:
        limited = self.random.random() < 0.3
        self.happen(who, "RESTL" if limited else "RESTF", {"status": "LRS" if limited else "ACT"})

    def correct(self, who: _Organization) -> None:
        """A new name, misspelt by the register, and the correction that puts it right."""
        name, language = words.company_name(self.random, who.cells["entity_type"])
        self.happen(who, "NOALA", {"legal_name": name[:2] + name[3:], "language": language})
        self.happen(who, "CO_BC", {"legal_name": name}, on=who.day + timedelta(days=9))

    def convert(self, who: _Organization) -> None:
        kind, filing = self.random.choice((("ULC", "NOALU"), ("BEN", "NOALE"), ("CC", "NOALC")))
        stem = who.cells["legal_name"].rsplit(" ", 1)[0]
        name = stem + words.suffix(self.random, kind, who.cells["language"])
        self.happen(who, filing, {"entity_type": kind, "legal_name": name}, on=max(who.day, date(2020, 7, 1)))

    def amalgamate(self, name: str = "", language: str = "en") -> None:
        """Two companies become a third: they are historical from that day, and point to each other."""
        old = [self.found("BC"), self.found("BC")]
        new = self.found("BC", name, language)
        day = max([new.day, *(who.day + timedelta(days=30) for who in old)])
        new.rows.clear()
        new.cells |= {"registered_on": day.isoformat()}
        new.cells |= {"relationships": self.link(new, "amalgamatedFrom", old[0], day)}
        new.cells |= {"relationships": self.link(new, "amalgamatedFrom", old[1], day)}
        self.happen(new, "AMALR", {}, on=day)
        for who in old:
            self.happen(
                who, "AMALR", {"status": "HAM", "relationships": self.link(who, "amalgamatedInto", new, day)}, on=day
            )

    def trade_as(self, owner: _Organization, name: str = "") -> None:
        """A firm name that belongs to a company; both sides say so from the same day."""
        firm = self.found("SP", name)
        day = max(firm.day, owner.day)
        self.happen(firm, "", {"relationships": self.link(firm, "isOwnedBy", owner, day)}, kind="CONVFMACP", on=day)
        self.happen(owner, "", {"relationships": self.link(owner, "doesBusinessAs", firm, day)}, kind="ADCORP", on=day)

    def live(self, who: _Organization) -> None:
        """A history drawn by lot; most organizations have a short one."""
        kind = who.cells["entity_type"]
        company = kind in _COMPANIES
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 2, 3))):
            if who.day >= _NEWEST - timedelta(days=400):
                return
            lot = self.random.random()
            if lot < 0.35:
                self.happen(who, "NOCAD", words.address(self.random))
            elif lot < 0.6:
                self.rename(who)
            elif lot < 0.7 and company:
                self.happen(who, "ANNBC", {})
            elif lot < 0.75 and kind == "BC" and who.cells["entity_type"] == "BC":
                self.convert(who)
            elif lot < 0.82 and company:
                self.correct(who)
            elif lot < 0.86 and company:
                self.happen(who, "COUTI", {"status": "HCO"})
                return
            elif lot < 0.9 and kind in ("BC", "SP"):
                other = "en" if who.cells["language"] == "fr" else "fr"
                name, _ = words.company_name(self.random, kind, other)
                self.happen(who, "NOALA", {"translated_name": name, "translated_language": other})
            else:
                self.dissolve(who)
                if self.random.random() < 0.7 or not company:
                    return
                self.restore(who)


COLUMNS = (
    *("number", "event_id", "event_type", "filing_type", "effective", "entity_type", "legal_name", "language"),
    *("assumed_name", "translated_name", "translated_language", "status", "registered_on", "home_jurisdiction"),
    *("business_number", "address_role", "street", "locality", "region", "postal_code", "country", "relationships"),
)


def extract(
    organizations: int = ORGANIZATIONS, seed: int = SEED, planted: bool = True
) -> tuple[str, dict[str, object]]:
    """The extract as CSV text with at least that many organizations, and what its planted bad rows must yield."""
    register = _Register(seed)
    _show(register)
    kinds = codes.codes("entity_type", "bc")
    common = ("BC",) * 14 + ("SP",) * 8 + ("S",) * 3 + ("LP", "GP", "A", "A", "ULC", "BEN", "CP", "XP", "C", "LL")
    for index in count():
        if len(register.organizations) >= organizations:
            break
        kind = kinds[index] if index < len(kinds) else register.random.choice(common)
        lot = register.random.random()
        if index >= len(kinds) and kind == "BC" and lot < 0.06:
            register.amalgamate()
        else:
            who = register.found(kind)
            register.live(who)
            if kind in _COMPANIES and who.cells["status"] == "ACT" and lot > 0.85:
                register.trade_as(who)
    rows = [[row[column] for column in COLUMNS] for who in register.organizations for row in who.rows]
    expected: dict[str, object] = {"rejected": [], "held": []}
    if planted:
        expected = bad_rows.plant(rows, COLUMNS)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return text.getvalue(), expected


def _show(register: _Register) -> None:
    """A few organizations written by hand, the same for every seed's register: the pages and the tests know them by name."""
    kelp = register.found("BC", "Tidewrack Provisions Ltd.")
    register.happen(kelp, "NOCAD", words.address(register.random))
    register.happen(kelp, "NOALA", {"legal_name": "Harbourlight Kelp Works Ltd."})
    register.trade_as(kelp, "Kelp & Crumb Café")
    register.trade_as(kelp, "The Harbour Lantern")
    fromage = register.found("BC", "Fromagerie de l’Île-aux-Brumes Ltée", "fr")
    renamed = {"legal_name": "Crémerie d'Été Trévelle Ltée", "translated_language": "en"}
    register.happen(fromage, "NOALA", {**renamed, "translated_name": "Trévelle Summer Creamery Ltd."})
    register.convert(fromage)
    lapsed = register.found("BC", "Quillon & Tarn Instruments Inc.")
    register.happen(lapsed, "", {"status": "D1F"}, kind="SYSD1")
    register.happen(lapsed, "", {"status": "HDF"}, kind="SYSDF")
    register.happen(lapsed, "RESTF", {"status": "ACT"})
    register.correct(lapsed)
    register.amalgamate("Fenholt Amalgamated Cartage Corp.")
    register.found("S", "Society of the Unmapped Lighthouse")


def main() -> None:
    """Write `extract.csv` and `bad_rows.json` into a folder (default: this one)."""
    parser = argparse.ArgumentParser(prog="python -m sample_data.generate", description=__doc__)
    parser.add_argument("--organizations", type=int, default=ORGANIZATIONS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--without-bad-rows", action="store_true")
    asked = parser.parse_args()
    text, expected = extract(asked.organizations, asked.seed, not asked.without_bad_rows)
    asked.out.mkdir(parents=True, exist_ok=True)
    (asked.out / "extract.csv").write_text(text, "utf-8", newline="")
    (asked.out / "bad_rows.json").write_text(json.dumps(expected, indent=1) + "\n", "utf-8", newline="")
    sys.stdout.write(f"{asked.out / 'extract.csv'}: {text.count(chr(10)) - 1} rows\n")


if __name__ == "__main__":
    main()
