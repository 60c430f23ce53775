"""Keys and terms of a name, and the spellings near each term. Pure.

Two words that one letter parts (left out, put in, another, or two changed places) share a variant: the word, or the word
without one of its letters. So no index needs to measure a distance to find them.
"""

from search.question.asked import ACRONYM
from search.question.names import Name

#: a word with fewer letters has no spellings near it
_SHORTEST, _SHORTEST_NUMBER = 3, 6
#: letters of a word that its variants regard
_REGARDED = 14


def keys_of(name: Name) -> frozenset[str]:
    """Every key that a name is found by, its initials among them."""
    return name.keys | name.full_keys | {ACRONYM + letters for letters in name.acronyms}


def terms_of(name: Name) -> frozenset[str]:
    """The words of a name that are counted, each once."""
    return name.terms | {gram[0] for word in name.core if word.is_unspaced for gram in word.units}


def variants(term: str) -> frozenset[str]:
    """`term`, and `term` without one of its letters; nothing for short ones."""
    if len(term) < (_SHORTEST_NUMBER if term.isdigit() else _SHORTEST):
        return frozenset()
    word = term[:_REGARDED]
    return frozenset((word, *(word[:at] + word[at + 1 :] for at in range(len(word)))))


def trigrams(term: str) -> frozenset[str]:
    """The runs of three letters of a word, its ends marked; nothing for numbers and short words."""
    if len(term) <= _SHORTEST or term.isdigit():
        return frozenset()
    marked = f"_{term}_"
    return frozenset(marked[at : at + 3] for at in range(len(marked) - 2))
