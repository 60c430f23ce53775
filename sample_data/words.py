"""Invented names for invented organizations, in English and French.

No real company, family or place is meant.
"""

from random import Random

_STARTS = (
    "Ald",
    "Brin",
    "Cor",
    "Dun",
    "Esk",
    "Fen",
    "Gar",
    "Hol",
    "Ish",
    "Jor",
    "Kel",
    "Lor",
    "Mar",
    "Nor",
    "Osk",
    "Pell",
)
_MIDDLES = ("a", "be", "di", "er", "i", "mo", "o", "qui", "ra", "u")
_ENDS = (
    "wick",
    "mere",
    "tamp",
    "dray",
    "vane",
    "quist",
    "holt",
    "barrow",
    "sket",
    "lune",
    "tarn",
    "gill",
    "ford",
    "ness",
)
_DEBUTS = (
    "Ard",
    "Bré",
    "Cham",
    "Dor",
    "Èvr",
    "Fal",
    "Grés",
    "Haut",
    "Île",
    "Jar",
    "Lavé",
    "Mont",
    "Nér",
    "Orv",
    "Pré",
    "Trév",
)
_FINS = ("anne", "elle", "ière", "ouse", "igny", "oisel", "ault", "ombe", "ésac", "ançon", "euil", "ître", "œur", "aÿe")

_TRADES = (
    "Timber",
    "Kelp",
    "Cartage",
    "Instruments",
    "Bakery",
    "Holdings",
    "Outfitters",
    "Drilling",
    "Tea",
    "Lanterns",
)
_METIERS = (
    "Boulangerie",
    "Ébénisterie",
    "Fromagerie",
    "Scierie",
    "Librairie",
    "Traînes",
    "Pêcheries",
    "Crémerie",
    "Hôtellerie",
)
_VILLES = ("Port-Orvelle", "Saint-Éloi-du-Lac", "Baie-aux-Hérons")
_TOWNS = ("Kelmere", "Port Tarn", "Upper Dunwick", "Fenholt", "Oskbarrow", "Gullford Harbour")
_STREETS = (
    "Lantern Street",
    "Saltgrass Road",
    "Cooper's Lane",
    "Old Mill Way",
    "Heron Terrace",
    "rue de l’Écluse",
    "chemin du Moulin",
)

#: what a legal form puts behind a name in English and in French; a form not named here puts nothing
_SUFFIXES = {
    "BC": (("Ltd.", "Inc.", "Corp.", "Limited"), ("Ltée", "inc.", "Limitée")),
    "BEN": (("Ltd.", "Inc."), ("Ltée", "inc.")),
    "ULC": (("ULC", "Unlimited Liability Company"), ("ULC",)),
    "CC": (("Community Contribution Company Ltd.", "CCC Inc."), ("CCC inc.",)),
    "LP": (("Limited Partnership",), ("Société en commandite",)),
    "LL": (("LLP",), ("S.E.N.C.R.L.",)),
    "LLC": (("LLC",), ("LLC",)),
    "CP": (("Co-operative Association",), ("Coopérative",)),
    "S": (("Society", "Association"), ("Association",)),
    "FI": (("Credit Union",), ("Caisse d’économie",)),
    "T": (("Trust",), ("Fiducie",)),
    "PAR": (("Parish",), ("Paroisse",)),
}
#: forms that speak of themselves as another does
_LIKE = {
    **dict.fromkeys(("C", "A", "B", "QA", "QB", "QC", "QD", "QE", "REG", "LIC", "FOR", "EPR", "PC"), "BC"),
    **dict.fromkeys(("CUL", "UQA", "UQB", "UQC", "UQD", "UQE"), "ULC"),
    "CBEN": "BEN",
    "CCC": "CC",
    "XP": "LP",
    "XL": "LL",
    "XCP": "CP",
    "CS": "S",
    "XS": "S",
    "SB": "S",
    "PFS": "S",
}


def company_name(random: Random, entity_type: str, language: str = "") -> tuple[str, str]:
    """An invented name that fits the legal form, and its language (`en` or `fr`, drawn by lot unless given)."""
    language = language or ("fr" if random.random() < 0.25 else "en")
    stem = _french(random) if language == "fr" else _english(random)
    return f"{stem}{suffix(random, entity_type, language)}", language


def suffix(random: Random, entity_type: str, language: str) -> str:
    """What the legal form adds to a name, with the space before it; empty for forms that add nothing."""
    english, french = _SUFFIXES.get(_LIKE.get(entity_type, entity_type), ((), ()))
    choices = french if language == "fr" else english
    return f" {random.choice(choices)}" if choices else ""


def address(random: Random) -> dict[str, str]:
    """Cells of an invented address in a town that is on no map."""
    town = random.choice(_VILLES if random.random() < 0.15 else _TOWNS)
    letters = "ABCEGHJKLMNPRSTVXY"
    code = f"V{random.randint(0, 9)}{random.choice(letters)} {random.randint(0, 9)}{random.choice(letters)}{random.randint(0, 9)}"
    unit = f"{random.randint(1, 40)}-" if random.random() < 0.2 else ""
    street = f"{unit}{random.randint(1, 9800)} {random.choice(_STREETS)}"
    return {"street": street, "locality": town, "region": "BC", "postal_code": code, "country": "CA"}


def _proper(random: Random) -> str:
    return random.choice(_STARTS) + random.choice(_MIDDLES) + random.choice(_ENDS)


def _propre(random: Random) -> str:
    return random.choice(_DEBUTS) + random.choice(_FINS)


def _english(random: Random) -> str:
    pattern = random.randrange(6)
    if pattern == 0:
        return f"{_proper(random)} & {_proper(random)} {random.choice(_TRADES)}"
    if pattern == 1:
        return f"{_proper(random)}'s {random.choice(_TRADES)}"
    if pattern == 2:
        return f"{_proper(random).upper()} {random.choice(_TRADES).upper()}"
    if pattern == 3:
        return f"The {_proper(random)} {random.choice(_TRADES)}"
    return f"{_proper(random)} {random.choice(_TRADES)}"


def _french(random: Random) -> str:
    pattern = random.randrange(5)
    name, trade = _propre(random), random.choice(_METIERS)
    article = "de l’" if name[0] in "AÈÎO" else "de "
    if pattern == 0:
        return f"Les Entreprises {name}"
    if pattern == 1:
        return f"{trade} {article}{name}"
    if pattern == 2:
        return f"{trade} d'{random.choice(('Orée', 'Été', 'Argile', 'Eau-Vive'))} et {name}"
    if pattern == 3:
        return f"Groupe {name} & {_propre(random)}"
    return f"{trade} {name}"
