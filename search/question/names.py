"""One normalizer for registered names and for what people type.

The same words and keys at index time and at query time. Folding is Unicode NFKC, case folding and NFKD without marks (UAX 15);
French elision, possessives, dotted letters, `&`, abbreviations, numbered names and legal forms follow. Pure: text in, words
out. A change of any result here must change `NORMALIZER`, which the index stores: an index of another version is rebuilt. What
a query asks of the words is left to `search/question/query.py`.
"""

import re
import unicodedata
from dataclasses import dataclass

from search.question.legal_forms import ABBREVIATIONS, LEGAL_FORMS, LONGEST_FORM, STOP_WORDS

NORMALIZER = "1"

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bc\u02b9\u2032\u00b4`\uff07", "'"))
_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_ELISION = re.compile(r"\b(?:jusqu|lorsqu|puisqu|qu|[ldjmtscn])'(?=[aeiouyh])")
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
#: stands for a possessive 's between folding and splitting; a private-use character, which folding has removed before
_MARK = "\ue000"
_WORD = re.compile(rf"[^\W_]+{_MARK}?")
_AND = str.maketrans({"&": " and ", "+": " and "})
_UNSEEN = {"Mn", "Me", "Cf", "Co", "Cs"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, folded. `forms`: every spelling that stands for it, the first being the one for keys."""

    text: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    `words`: all of them; `core`: those that tell names apart; `legal`: codes of the forms stripped from the end.
    `keys`: the core joined without spaces, in each spelling; `full_keys`: the same, a space and the codes, when there
    are codes; `tokens`: everything that a single typed word may meet.
    """

    words: tuple[Word, ...]
    core: tuple[Word, ...]
    legal: tuple[str, ...]
    keys: frozenset[str]
    full_keys: frozenset[str]
    tokens: frozenset[str]


def fold(text: str) -> str:
    """`text` without case, accents, ligatures and unseen characters; apostrophes all straight."""
    plain = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold().translate(_LETTERS)
    if plain.isascii():
        return plain
    seen = (char for char in unicodedata.normalize("NFKD", plain) if unicodedata.category(char) not in _UNSEEN)
    return "".join(seen).translate(_LETTERS)


def analyse(text: str) -> Name:
    """The words and keys of a name, or of what somebody typed as one. Never fails; punctuation alone has no words."""
    folded = fold(text)
    elided = _ELISION.sub("", folded)
    name = _take_apart(elided)
    if elided == folded:
        return name
    unelided = _take_apart(folded)
    return Name(
        name.words,
        name.core,
        name.legal,
        name.keys | unelided.keys,
        name.full_keys | unelided.full_keys,
        name.tokens | unelided.tokens,
    )


def compact_number(text: str) -> str:
    """A registration number without case, spaces, dots, dashes and the zeros that lead its first digits.

    `BC 0491266` and `bc491266` both give `bc491266`. Empty: `text` holds other characters, so it is no number.
    """
    squeezed = re.sub(r"[\s.\-\u2010-\u2015]+", "", fold(text))
    match = re.fullmatch(r"([a-z]*)0*([a-z0-9]*)", squeezed)
    if match is None:
        return ""
    letters, rest = match.groups()
    if not rest and squeezed.endswith("0"):
        rest = "0"
    return letters + rest


def number_keys(number: str) -> frozenset[str]:
    """All compact forms under which a registration number is found: with its leading letters and without."""
    full = compact_number(number)
    bare = compact_number(re.sub(r"^[a-z]+(?=[0-9])", "", full))
    return frozenset(key for key in (full, bare) if key)


def _take_apart(folded: str) -> Name:
    words = _words(folded)
    core_end, legal = _strip_forms(words)
    core = tuple(word for word in words[:core_end] if word.text not in STOP_WORDS) or tuple(words[:core_end])
    keys = _join(core)
    suffix = " " + " ".join(sorted(set(legal)))
    tokens = {form for word in words for form in (word.text, *word.forms)} | set(legal)
    full_keys = frozenset(key + suffix for key in keys) if legal else frozenset()
    return Name(tuple(words), core, legal, keys, full_keys, frozenset(tokens))


def _words(folded: str) -> list[Word]:
    marked = _POSSESSIVE.sub(_MARK, folded).replace("'", "").translate(_AND)
    words: list[str] = _WORD.findall(marked)
    joined: list[str] = []
    run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and run:
            joined[-1] += word
        elif word in ("op", "operative", "operatives") and joined and joined[-1] == "co":
            joined[-1] = "coop" if word == "op" else "co" + word
        else:
            joined.append(word)
        run = single
    return [_word(word, joined[place + 1] if place + 1 < len(joined) else "") for place, word in enumerate(joined)]


def _word(word: str, following: str) -> Word:
    if word.endswith(_MARK):
        bare = word[:-1]
        return Word(bare + "s", (bare + "s", bare))
    if following == "bc" and word.isascii() and word.isdigit() and 4 <= len(word) < 7:
        return Word(word, (word.zfill(7), word))
    return Word(word, (ABBREVIATIONS.get(word, word),))


def _strip_forms(words: list[Word]) -> tuple[int, tuple[str, ...]]:
    end = len(words)
    codes: list[str] = []
    while end > 1:
        for length in range(min(LONGEST_FORM, end - 1), 0, -1):
            code = LEGAL_FORMS.get(tuple(word.text for word in words[end - length : end]))
            if code is not None and any(word.text not in STOP_WORDS for word in words[: end - length]):
                codes.append(code)
                end -= length
                break
        else:
            break
    return end, tuple(codes)


def _join(core: tuple[Word, ...]) -> frozenset[str]:
    first = "".join(word.forms[0] for word in core)
    last = "".join(word.forms[-1] for word in core)
    return frozenset(key for key in (first, last) if key)
