"""Names look alike: what a person cannot tell apart.

A look is a name in capitals without marks, spaces and punctuation, in which letters of other scripts that are drawn like Latin
ones are those (a few of Unicode's confusables.txt, UTS 39 section 4). One word of several such scripts is suspicious by itself
(UTS 39 section 5). Both are for a person to see: names may well be alike, and are issued.
"""

import unicodedata

from issuer.timeline.text import scripts

#: capitals, which is how registers write: Cyrillic, Greek, Armenian, Cherokee; digits
_ALIKE = str.maketrans(
    "АВЕЗИКМНОРСТУХЅІЈԚԜҺΑΒΕΖΗΙΚΜΝΟΡΤΥΧՕՏՍᎪᏴᏟᎬᎻᎫᏦᏞᎷᏢᏚᎢᏙᏔᏃ01",
    "ABE3UKMHOPCTYXSIJQWHABEZHIKMNOPTYXOSUABCEHJKLMPSTVWZOI",
)
#: scripts whose letters pass for each other's
_PASSING = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
#: Greek letters that are letters of languages written in Latin script, on this coast and elsewhere
_AT_HOME = frozenset("θλχβδΘΛΧ")


def look(name: str) -> str:
    """What a name looks like; names that look alike have one look. Empty for a name without letters and digits."""
    plain = unicodedata.normalize("NFKD", name.upper())
    return "".join(character for character in plain if character.isalnum()).translate(_ALIKE)


def mixes_scripts(name: str) -> bool:
    """Whether a word of the name has letters of several scripts that pass for each other's."""
    words = ("".join(letter for letter in word if letter not in _AT_HOME) for word in name.split())
    return any(len(scripts(word) & _PASSING) > 1 for word in words)
