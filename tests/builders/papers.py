"""Papers that people hold, and ten questions about them whose answers were written down first.

One organization was ORIGNAL ÉCARLATE LTÉE from 2020-01-01, SCARLET MOOSE LTD. since 2021-02-03; another, HARBOUR SEAL INC., is
later revoked. All was logged on 2026-01-02.
"""

import json
from dataclasses import dataclass
from typing import Any

from issuer.actions.standing import change_one, revocation
from registry.installation.office import Office
from registry.ledger.publish import publish
from tests.builders.command import surroundings

LANGUAGES = ("en", "fr")
KNOWN = {"en": "2 January 2026, 03:04:05 UTC", "fr": "2 janvier 2026 à 03:04:05 UTC"}


def papers_of(office: Office) -> dict[str, str]:
    """Name -> text: of today, of an earlier name, forged, cut short, revoked, all entries, nobody, and what is no paper."""
    reader = office.reader
    today = reader.evidence("sample", "BC0000001", 2)
    forged: dict[str, Any] = json.loads(json.dumps(today))
    forged["credential"]["credentialSubject"]["legalName"] = "ROYAL MOOSE LTD."
    papers: dict[str, Any] = {
        "today": today,
        "earlier": reader.evidence("sample", "BC0000001", 1),
        "forged": forged,
        "odd": {**today, "latest": None},
        "everything": reader.completeness("sample", "BC0000001").to_json(),
        "nobody": reader.completeness("sample", "BC0009999").to_json(),
        "credential": today["credential"],
        "presentation": {"type": ["VerifiablePresentation"], "verifiableCredential": [today["credential"]]},
        "another": {"invoice": 4711},
    }
    change_one(office, "sample", "BC0000002", 1, revocation("court_order"), surroundings("revoke"), dry_run=False)
    publish(office.store, office.log_keys.signers)
    papers["revoked"] = reader.evidence("sample", "BC0000002", 1)
    texts = {name: json.dumps(paper, ensure_ascii=False) for name, paper in papers.items()}
    return {**texts, "link": "https://office.example/organizations/sample/BC0000001"}


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a paper, its verdict, and what a person must read, and must not, in each language."""

    name: str
    paper: str
    verdict: str
    answers: dict[str, tuple[str, ...]]
    on: str = ""
    never: tuple[str, ...] = ()


def _asked(
    name: str, paper: str, verdict: str, en: tuple[str, ...], fr: tuple[str, ...], on: str = "", never: str = ""
) -> Question:
    return Question(name, paper, verdict, {"en": en, "fr": fr}, on, (never,) if never else ())


QUESTIONS = (
    _asked(
        "1 is this genuine",
        "today",
        "verified",
        (f"Genuine, and no newer state has replaced it, as of {KNOWN['en']}.",),
        (f"Authentique, et aucun état plus récent ne l’a remplacé, en date du {KNOWN['fr']}.",),
        never="Replaced by",
    ),
    _asked(
        "1 and the forged one",
        "forged",
        "failed",
        ("Do not rely on it: it is not shown to be genuine", "Whose it is was not shown."),
        ("Ne vous y fiez pas : rien n’établit que c’est authentique", "Il n’est pas établi à qui cela se rapporte."),
        never="ROYAL",
    ),
    _asked(
        "2 whose is it",
        "today",
        "verified",
        ("SCARLET MOOSE LTD. Registration number BC0000001 Register Sample register (fictional)",),
        ("SCARLET MOOSE LTD. Numéro d’immatriculation BC0000001 Registre Registre d’exemple (fictif)",),
    ),
    _asked(
        "3 what is its status, and since when",
        "today",
        "verified",
        ("Status Active, since 3 February 2021",),
        ("Statut En activité, depuis le 3 février 2021",),
    ),
    _asked(
        "4 is it in force today",
        "today",
        "verified",
        ("In force from 3 February 2021; nothing is known to follow", f"Known until {KNOWN['en']}: of anything later"),
        (
            "En vigueur depuis le 3 février 2021; rien de connu n’a suivi",
            f"Connu jusqu’au {KNOWN['fr']} : rien n’est dit",
        ),
    ),
    _asked(
        "4 on a day that it does not know",
        "today",
        "indeterminate",
        ("Do not rely on it yet: not everything could be checked", "In force on 31 May 2026? Not known"),
        ("Ne vous y fiez pas encore : tout n’a pas pu être vérifié", "En vigueur le 31 mai 2026? On ne le sait pas"),
        on="2026-05-31",
    ),
    _asked(
        "5 was it in force in 1980",
        "today",
        "failed",
        (
            "Genuine, but not in force on 1 January 1980",
            "In force on 1 January 1980? No",
            "In force from 3 February 2021",
        ),
        (
            "Authentique, mais pas en vigueur le 1er janvier 1980",
            "En vigueur le 1er janvier 1980? Non",
            "depuis le 3 février 2021",
        ),
        on="1980-01-01",
    ),
    _asked(
        "6 was the old paper in force when I signed in June 2020",
        "earlier",
        "verified",
        (
            "Genuine, and in force on 1 June 2020",
            "In force on 1 June 2020? Yes",
            "In force from 1 January 2020 until 3 February 2021, that day not included",
        ),
        (
            "Authentique et en vigueur le 1er juin 2020",
            "En vigueur le 1er juin 2020? Oui",
            "En vigueur du 1er janvier 2020 au 3 février 2021, ce dernier jour non compris",
        ),
        on="2020-06-01",
    ),
    _asked(
        "6 and on the day when it ended",
        "earlier",
        "failed",
        ("Genuine, but not in force on 3 February 2021", "In force on 3 February 2021? No"),
        ("Authentique, mais pas en vigueur le 3 février 2021", "En vigueur le 3 février 2021? Non"),
        on="2021-02-03",
    ),
    _asked(
        "7 what took its place",
        "earlier",
        "superseded",
        (
            "Genuine, but replaced: another state has taken its place",
            "ORIGNAL ÉCARLATE LTÉE",
            "Replaced by a later state, 3 February 2021: entry ",
            "Ask for evidence of the newest state",
        ),
        (
            "Authentique, mais remplacé : un autre état a pris sa place",
            "ORIGNAL ÉCARLATE LTÉE",
            "Remplacé par un état ultérieur, 3 février 2021 : inscription ",
            "Demandez le dossier de preuve de l’état le plus récent",
        ),
    ),
    _asked(
        "8 what was not checked",
        "today",
        "verified",
        ("What was not checked Did enough witnesses cosign the checkpoint? The steps",),
        ("Ce qui n’a pas été vérifié Assez de témoins ont-ils cosigné le point de contrôle? Les étapes",),
    ),
    _asked(
        "8 where something is missing",
        "odd",
        "indeterminate",
        ("from 3 February 2021; whether anything followed was not shown", "Does nothing newer replace it?"),
        (
            "depuis le 3 février 2021; il n’est pas établi si quelque chose a suivi",
            "Est-ce bien l’état le plus récent?",
        ),
    ),
    _asked(
        "9 was it taken back",
        "revoked",
        "failed",
        ("Do not rely on it: the register issued it, and has revoked it", "HARBOUR SEAL INC."),
        ("Ne vous y fiez pas : le registre l’a émis, puis l’a révoqué", "HARBOUR SEAL INC."),
        never="not shown to be genuine",
    ),
    _asked(
        "10 is there nobody under this number",
        "nobody",
        "verified",
        ("Proven: nothing is registered under the number BC0009999, Sample register (fictional)", "natural persons"),
        (
            "Prouvé : rien n’est immatriculé sous le numéro BC0009999, Registre d’exemple (fictif)",
            "personnes physiques",
        ),
        never="Whose it is",
    ),
    _asked(
        "10 is this all that there is",
        "everything",
        "verified",
        (f"Proven: all 2 entries of BC0000001, Sample register (fictional), are here, as of {KNOWN['en']}.",),
        (
            f"Prouvé : les 2 inscriptions de BC0000001, Registre d’exemple (fictif), sont toutes ici, en date du {KNOWN['fr']}.",
        ),
    ),
)
#: what is said of what cannot be judged, in each language
NO_EVIDENCE = {
    "en": "This is no evidence file and no credential, so there is nothing to judge.",
    "fr": "Ce n’est ni un dossier de preuve ni une attestation : il n’y a rien à juger.",
}


def check_answer(question: Question, language: str, words: str) -> None:
    """Fails unless the words, their white space collapsed, answer the question. A no-break space counts as a space."""
    words = " ".join(words.split())
    missing = [answer for answer in question.answers[language] if answer not in words]
    assert missing == [], words
    assert not [text for text in question.never if text in words], words
