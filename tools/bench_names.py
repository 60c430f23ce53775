"""Invented organizations and questions about them, for `make bench-relevance`: seeded, so that each run asks the same.

Words follow Zipf's law, a quarter are numbered companies, a tenth has a former name. No real company, family or place is meant.
"""

import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterator
from itertools import accumulate
from random import Random

from search.question.document import Document, NameEntry
from search.question.names import analyse

_TRADES = [
    "holdings",
    "construction",
    "services",
    "consulting",
    "enterprises",
    "ventures",
    "developments",
    "properties",
    "investments",
    "management",
    "contracting",
    "solutions",
    "electric",
    "plumbing",
    "heating",
    "transport",
    "trucking",
    "logistics",
    "foods",
    "restaurant",
    "catering",
    "farms",
    "forest",
    "products",
    "timber",
    "mining",
    "resources",
    "energy",
    "marine",
    "fisheries",
    "seafood",
    "charters",
    "tours",
    "travel",
    "realty",
    "homes",
    "builders",
    "renovations",
    "design",
    "architecture",
    "engineering",
    "landscaping",
    "nursery",
    "gardens",
    "roofing",
    "painting",
    "flooring",
    "furniture",
    "interiors",
    "cleaning",
    "security",
    "systems",
    "technologies",
    "software",
    "media",
    "films",
    "productions",
    "studios",
    "music",
    "publishing",
    "printing",
    "graphics",
    "marketing",
    "insurance",
    "mortgage",
    "recruitment",
    "imports",
    "exports",
    "trading",
    "wholesale",
    "distribution",
    "equipment",
    "rentals",
    "machinery",
    "welding",
    "fabrication",
    "concrete",
    "paving",
    "environmental",
    "brewing",
    "coffee",
    "bakery",
    "market",
    "grocery",
    "motors",
    "towing",
    "aviation",
    "salon",
    "cosmetics",
    "fashion",
    "jewellery",
    "florist",
    "books",
    "antiques",
    "gallery",
    "crafts",
    "kennel",
    "hardware",
    "lumber",
    "glass",
    "storage",
    "courier",
    "society",
    "association",
    "foundation",
]
_FRENCH = [
    "gestion",
    "immobilière",
    "entreprises",
    "placements",
    "développement",
    "rénovation",
    "électrique",
    "plomberie",
    "paysagement",
    "déménagement",
    "boulangerie",
    "pâtisserie",
    "café",
    "traiteur",
    "garderie",
    "école",
    "clinique",
    "pharmacie",
    "santé",
    "librairie",
    "éditions",
    "théâtre",
    "musique",
    "forêt",
    "érablière",
    "élevage",
    "pêche",
    "hôtellerie",
    "coopérative",
    "fédération",
]
_PLACES = [
    "Northern",
    "Western",
    "Coastal",
    "Island",
    "Mountain",
    "Valley",
    "Pacific",
    "Interior",
    "Harbour",
    "Lakeside",
    "Central",
    "Prairie",
]
_FORMS = [
    ("Ltd.", "Limited"),
    ("Inc.", "Incorporated"),
    ("Limited", "Ltd"),
    ("Corp.", "Corporation"),
    ("Ltée", "Limitée"),
]
_SHORT = {"manufacturing": "mfg", "international": "intl", "brothers": "bros", "services": "svcs", "management": "mgmt"}
#: a class of questions and, of a name, the question; empty: the name gives none
Question = Callable[[Random, str], str]


def documents(count: int, seed: int = 7) -> Iterator[Document]:
    """So many invented organizations."""
    chance = Random(seed)
    words = _Words(chance)
    for at in range(count):
        number = f"BC{100_000 + at * 13 // 10:07d}"
        name = f"{number[2:]} B.C. LTD." if chance.random() < 0.24 else words.name()
        names = [NameEntry(name, "legal")]
        if chance.random() < 0.1:
            names.append(NameEntry(words.name(), "former"))
        active = "Active" if chance.random() < 0.6 else "Historical"
        business = f"{chance.randrange(10**8, 10**9)}" if chance.random() < 0.5 else None
        yield Document(
            "bc", number, at, at, 1, name, active, "BC", "CA-BC", business_number=business, names=tuple(names)
        )


class _Words:
    def __init__(self, chance: Random) -> None:
        self._chance = chance
        starts, vowels = (
            [
                "b",
                "br",
                "c",
                "d",
                "f",
                "fr",
                "g",
                "gr",
                "h",
                "j",
                "k",
                "kl",
                "l",
                "m",
                "n",
                "p",
                "pr",
                "qu",
                "r",
                "s",
                "st",
                "t",
                "tr",
                "v",
                "w",
                "z",
            ],
            ["a", "e", "i", "o", "u", "ai", "ea", "ou"],
        )
        ends = ["n", "r", "s", "t", "l", "m", "nd", "rk", "st", "x", "y", "ton", "field", "wick", "er", "ing"]
        made = {
            "".join(chance.choice(starts) + chance.choice(vowels) for _ in range(chance.choice((1, 2, 2, 3))))
            + chance.choice(ends)
            for _ in range(60_000)
        }
        self._words = sorted(made)
        chance.shuffle(self._words)
        self._weights = list(accumulate(1 / (at + 3) ** 0.85 for at in range(len(self._words))))

    def _word(self) -> str:
        return self._words[bisect(self._weights, self._chance.random() * self._weights[-1])]

    def name(self) -> str:
        chance = self._chance
        kind, form = chance.random(), chance.choice(_FORMS)[0]
        trade = chance.choice(_TRADES)
        if kind < 0.07:
            word = chance.choice(("", "a", "e", "o")) + self._word()
            return f"{chance.choice(_FRENCH)} {'l’' if word[0] in 'aeiou' else 'du '}{word}".capitalize() + " Ltée"
        if kind < 0.12:
            return f"{self._word().capitalize()}'s {trade.title()} {form}"
        if kind < 0.2:
            return f"{self._word()} & {self._word()} {trade} {form}".title()
        if kind < 0.26:
            letters = [chance.choice("ABCDEFGHJKLMNPRST") for _ in range(3)]
            return f"{'.'.join(letters)}. {self._word().title()} {trade.title()} {form}"
        if kind < 0.3:
            return f"The {self._word()} {trade} of {chance.choice(_PLACES)} {self._word()} {form}".title()
        if kind < 0.35:
            return f"{self._word()} {chance.choice(list(_SHORT))} {self._word()} {form}".title()
        if kind < 0.7:
            return f"{self._word()} {self._word()} {trade} {form}".title()
        return f"{chance.choice(_PLACES)} {self._word()} {trade} {form}".title()


def typo(chance: Random, word: str) -> str:
    """`word` with one letter left out, doubled, another, or two changed places."""
    at, kind = chance.randrange(1, len(word) - 1), chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2:
        return word[:at] + chance.choice("etaoinsr") + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def plain(text: str) -> str:
    """Without accents."""
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _misspelt(chance: Random, name: str, words: int = 1, times: int = 1) -> str:
    parts = name.split()
    long = [at for at, part in enumerate(parts[:-1]) if len(part) > 4 + times and part.isalpha()]
    if len(long) < words:
        return ""
    for at in chance.sample(long, words):
        for _ in range(times):
            parts[at] = typo(chance, parts[at])
    return " ".join(parts)


def _shuffled(chance: Random, name: str) -> str:
    parts = [word.text for word in analyse(name).core]
    chance.shuffle(parts)
    return " ".join(parts) if len(parts) > 1 else ""


def _cut(_chance: Random, name: str) -> str:
    return " ".join(part[:5] if len(part) > 7 else part for part in name.split()) if len(name) > 20 else ""


def _without(pattern: str, *others: str) -> Question:
    return lambda chance, name: re.sub(pattern, chance.choice(others), name) if re.search(pattern, name) else ""


def _other_form(_chance: Random, name: str) -> str:
    return next((name.removesuffix(form) + other for form, other in _FORMS if name.endswith(" " + form)), "")


def _joined(chance: Random, name: str) -> str:
    parts = [word.text for word in analyse(name).core]
    if len(parts) < 3:
        return ""
    at = chance.randrange(len(parts) - 1)
    return " ".join([*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]])


def _split(_chance: Random, name: str) -> str:
    long = max(name.split(), key=len)
    return name.replace(long, long[: len(long) // 2] + " " + long[len(long) // 2 :], 1) if len(long) > 8 else ""


def _fewer(_chance: Random, name: str) -> str:
    parts = [word.text for word in analyse(name).core]
    return " ".join(part for at, part in enumerate(parts) if at != 1) if len(parts) > 2 else ""


def _abbreviated(_chance: Random, name: str) -> str:
    return next((re.sub(word, short, name, flags=re.I) for word, short in _SHORT.items() if word in name.lower()), "")


def _numbered(_chance: Random, name: str) -> str:
    return re.sub(r"^0*(\d+) B\.C\. LTD\.$", r"\1 bc limited", name) if name[0].isdigit() else ""


CLASSES: dict[str, Question] = {
    "exact": lambda _, name: name.swapcase(),
    "no form": lambda _, name: " ".join(word.text for word in analyse(name).core),
    "another form": _other_form,
    "accents": lambda _, name: plain(name) if plain(name) != name else "",
    "elision": _without(r"l’", "", "l ", "l'"),
    "ampersand": _without(r" & ", " and ", " et ", " "),
    "initials": _without(r"\.(?=[A-Z]\.|\s)", ""),
    "possessive": _without(r"'s\b", "s", "", " s", "’s"),
    "abbreviation": _abbreviated,
    "numbered company": _numbered,
    "words joined": _joined,
    "word split": _split,
    "one typo": _misspelt,
    "two typos, two words": lambda chance, name: _misspelt(chance, name, 2),
    "two typos, one word": lambda chance, name: _misspelt(chance, name, 1, 2),
    "word order": _shuffled,
    "word missing": _fewer,
    "word added": lambda chance, name: f"{name} {chance.choice(['Vancouver', 'Head Office', 'Accounts Payable'])}",
    "words cut short": _cut,
    "last word begun": lambda _, name: " ".join(word.text for word in analyse(name).core)[:-3],
}
