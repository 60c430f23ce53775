"""Ten pages of the sample, and what somebody new must read on them, written down from the extract and not from the pages.

Of each: is it in good order, and since when; who signed; what it was on 30 June 2019; and, of the check, what it covers.
"""

import csv
import html
import re
from dataclasses import dataclass
from pathlib import Path

from issuer import sources
from issuer.run.issue import issue
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from sample_data.make_expected import FOLDER
from tests.builders.command import surroundings

DAY = "2019-06-30"


@dataclass(frozen=True, slots=True)
class LayPage:
    """What must be read of a page: `now`, of today; `then`, of 2019, empty where nothing was registered; `check`, the verdict."""

    language: str
    path: str
    now: tuple[str, ...]
    then: tuple[str, ...]
    check: tuple[str, ...]

    @property
    def number(self) -> str:
        return self.path.split("/")[0]


def _page(language: str, path: str, now: str, then: str, check: str) -> LayPage:
    """Answers with `|` between them."""
    return LayPage(language, path, tuple(now.split("|")), tuple(filter(None, then.split("|"))), tuple(check.split("|")))


PAGES = (
    _page(
        *("en", "BC9000005"),
        "Pellbelune's Drilling Corp.|● Active|Status since 31 October 2018|Signed by Sample register",
        "Quillon & Tarn Instruments Inc.|● Active|On 30 June 2019: state 4 of",
        "Genuine and current.|active since 31 October 2018.",
    ),
    _page(
        *("en", "BC9000326"),
        "● Active|Restored for a limited time, in this status since 21 March 2005. The register still lists",
        "On 30 June 2019: state 6 of|The Oskilune Instruments Limited|The register listed this organization as active then",
        "Genuine and current.|Status in the register Limited restoration|Not checked: good standing",
    ),
    _page(
        *("en", "BC9000006"),
        "○ Historical|Amalgamated on 5 May 2018. The register no longer lists|Successor: BC9000008",
        "○ Historical|On 30 June 2019: state 2 of|The register did not list this organization as active then.",
        "Genuine and current.|amalgamated on 5 May 2018.|Status Historical",
    ),
    _page(
        *("en", "FM9000620"),
        "Librairie d'Été et Montanne|Sole Proprietorship|● Active|Status since 13 February 2019",
        "Dunquigill Timber|● Active|On 30 June 2019: state 1 of",
        "Genuine and current.|active since 13 February 2019.",
    ),
    _page(
        *("en", "BC9000548/states/5"),
        "State 5 of this registration. A newer one may have replaced it.|In dissolution, in this status since 1 March 2017. "
        "The register listed this organization as active then|Dissolution begun|Effective 22 September 2016",
        "In dissolution, in this status since 1 March 2017.|On 30 June 2019: state 5 of",
        "Genuine, and this was so on 1 March 2017.|Another state took its place on 11 November 2019."
        "|Status in the register Dissolution stage 2: failure to file|This state held on 1 March 2017",
    ),
    _page(
        *("fr", "BC9000010"),
        "GARBELUNE BAKERY Limited|● En activité|Statut depuis le 23 février 2021",
        "",
        "Authentique et à jour.|en activité depuis le 23 février 2021.",
    ),
    _page(
        *("fr", "BC9000163"),
        "○ Inactive|Prorogée sous le régime d’un autre territoire le 4 septembre 1994. Le registre ne donne plus",
        "○ Inactive|Le 30 juin 2019 : état 2|Le registre ne donnait alors pas",
        "Authentique et à jour.|Statut Inactive",
    ),
    _page(
        *("fr", "BC9000306"),
        "○ Inactive|Dissoute pour défaut de dépôt le 6 août 2023.",
        "● En activité|Le 30 juin 2019 : état 1|Statut depuis le 31 janvier 2017",
        "Authentique et à jour.|Non vérifié : la conformité au-delà du statut",
    ),
    _page(
        *("fr", "S9000585"),
        "Crémerie d'Eau-Vive et Chamanne Association|● En activité|Statut depuis le 23 juillet 2020",
        "",
        "Authentique et à jour.|en activité depuis le 23 juillet 2020.",
    ),
    _page(
        *("fr", "LL9000242"),
        "Holbevane's Kelp LLP|● En activité|Statut depuis le 9 mai 2021|Dunerness Drilling LLP Ancienne dénomination",
        "",
        "Authentique et à jour.|en activité depuis le 9 mai 2021.",
    ),
)


def lay_office(folder: Path) -> Office:
    """An office that has issued and published the rows of these organizations."""
    numbers = {page.number for page in PAGES}
    with (FOLDER / "extract.csv").open(encoding="utf-8", newline="") as text:
        header, *lines = list(csv.reader(text))
    with (folder / "extract.csv").open("w", encoding="utf-8", newline="") as text:
        csv.writer(text, lineterminator="\n").writerows([header, *(line for line in lines if line[0] in numbers)])
    office = initialize(from_environ({"GREFFE_DATA": str(folder / "data")}))
    issue(office, "table", sources.read("table", folder / "extract.csv"), surroundings("lay"))
    publish(office.store, office.log_keys.signers)
    return office


def words_of(page: str) -> str:
    """What a person reads of a page's HTML: its words, and the mark of its status as a sign."""
    main = page.split("<main", 1)[-1].split("</main>", 1)[0].partition(">")[2]
    main = re.sub(r'<span class="status" data-status="(\w+)">', lambda seen: "●" if seen[1] == "Active" else "○", main)
    return squeezed(html.unescape(re.sub(r"<[^>]*>", " ", main)))


def squeezed(words: str) -> str:
    """White space collapsed, none before what ends a word."""
    return re.sub(r" (?=[.,)])", "", " ".join(words.split()))
