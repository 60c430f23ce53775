"""One normalizer for registered names and for what people type.

The same words and keys at index time and at query time: letters (`letters`), elision, possessives, initials, numbers, places and
abbreviations (`vocabulary`), legal forms (`legal_forms`). Pure: text in, words out. A change of any result here must change
`NORMALIZER`, which the index stores: an index of another version is rebuilt. What a query asks of the words is left to
`search/question/query.py`.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from search.question.legal_forms import END_FORMS, JOINED_FORMS, LEGAL_FORMS, LONGEST_FORM
from search.question.letters import fold, soft_fold, spellings
from search.question.vocabulary import (
    BEGIN_PLACES,
    CANONICAL,
    DOTTED_PLACES,
    LETTER_NUMBERS,
    LONGEST_PLACE,
    NUMBERS,
    PLACES,
    STOP_WORDS,
    TENS,
)

NORMALIZER = "3"

#: letters of a word that are regarded
_LONGEST_WORD = 60
_ELISION = re.compile(r"(?:jusqu|lorsqu|puisqu|quelqu|qu|[ldjmtscn])'(?=[aeiouyhäöüœæøå])")
#: `'n'` and its like stand for `and`; a bare n does between two words of three letters
_AND_N = re.compile(r"(?<=\w)\s*'n'\s*(?=\w)|\s+'n\s+|\s+n'\s+|(?<=\w\w\w)\s+n\s+(?=\w\w\w)")
_DOTTED_PLACE = re.compile(
    r"(?<!\w)(?:c\.?-\s?b|n\.?-\s?b|n\.?-\s?e|t\.?-?\s?n\.?-\s?[lo]|i\.?-\s?p\.?-\s?e)(?:\.|(?!\w))"
)
#: the Arabic article, which is written in one word with what follows
_ARTICLE = "\u0627\u0644"
_SIGNS = str.maketrans({"&": " and ", "+": " and ", "#": " number "})
#: Han, kana and hangul, and the scripts of Thai, Lao, Burmese and Khmer: written without spaces between words
_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\u1100-\u11ff"
    "\U00020000-\U0003134f"
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_ENDS = str.maketrans("", "", ".,")
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_])+(?:'(?:(?![{_UNSPACED}])[^\W_])+)*'?")
_NUMBER = re.compile(r"([a-z]*)0*([a-z0-9]*)")
_BETWEEN_DIGITS = re.compile(r"[\s.\-/\u2010-\u2015\u2212]+")
_LETTERS_BEFORE = re.compile(r"^[a-z]+(?=[0-9])")
#: a business number with the program account behind it
_ACCOUNT = re.compile(r"([0-9]{9})(?:r[a-z]|bc|zz)[0-9]{1,4}")
_JOINED_FORM = re.compile("|".join(map(re.escape, JOINED_FORMS)))


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, folded. `forms`: every spelling that stands for it, the first being the one for keys.

    `parts`: further words by which it may be found: letters of initials, what follows an apostrophe, the words of a place.
    `is_unspaced`: whether it is written in a script without spaces. `units`: what of it is compared, each in its spellings: the
    word, or the pairs of characters of an unspaced one.
    """

    text: str
    forms: tuple[str, ...]
    parts: tuple[str, ...] = ()
    is_unspaced: bool = field(init=False, compare=False)
    units: tuple[tuple[str, ...], ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        unspaced = not self.text.isascii() and _IS_UNSPACED.match(self.text) is not None
        units = (
            tuple((gram,) for gram in grams(self.text))
            if unspaced
            else (tuple(dict.fromkeys((*self.forms, self.text))),)
        )
        object.__setattr__(self, "is_unspaced", unspaced)
        object.__setattr__(self, "units", units)


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    `words`: all of them; `core`: those that tell names apart; `legal`: codes of the forms stripped from the ends.
    `keys`: the core joined without spaces, in each spelling, and of an unspaced name with its form joined to it also the whole;
    `full_keys`: the same, a space and the codes, when there are codes; `tokens`: everything that a single typed word may meet;
    `terms`: of these, what a misspelt word may mean;
    `acronyms`: initials of the words.
    """

    words: tuple[Word, ...]
    core: tuple[Word, ...]
    legal: tuple[str, ...]
    keys: frozenset[str]
    full_keys: frozenset[str]
    tokens: frozenset[str]
    terms: frozenset[str]
    acronyms: frozenset[str]

    @property
    def units(self) -> tuple[tuple[str, ...], ...]:
        """What of the core is compared one by one, each in its spellings."""
        return tuple(unit for word in self.core for unit in word.units)


@lru_cache(maxsize=8192)
def analyse(text: str) -> Name:
    """The words and keys of a name, or of what somebody typed as one. Never fails; marks alone are a key without words."""
    words, legal = _words(text)
    end, codes = _strip_forms(words)
    codes = tuple(legal) + codes
    inner = words[:end]
    core = tuple(word for word in inner if word.text not in STOP_WORDS) or tuple(inner)
    keys = _keys(core)
    if not words or (not legal and _only_forms(words)):
        marks = _marks(text)
        keys = keys | {marks} if marks else keys
    suffix = " " + " ".join(sorted(set(codes)))
    full_keys = frozenset(key + suffix for key in keys) if codes else frozenset()
    terms = frozenset(form for word in core if not word.is_unspaced for form in (word.text, *word.forms))
    tokens = _tokens(words, core) | frozenset(codes)
    if legal:
        # a part may be typed that reaches into the form
        runs = _UNSPACED_RUN.findall(soft_fold(text))
        tokens |= {gram for run in runs for gram in grams(run)}
        keys |= {"".join(_WORD.findall(soft_fold(text)))}
    return Name(tuple(words), core, codes, keys, full_keys, tokens, terms, _acronyms(inner, core))


def has_unspaced(text: str) -> bool:
    """Whether something in it is written without spaces between words."""
    return not text.isascii() and _IS_UNSPACED.search(text) is not None


def compact_number(text: str) -> str:
    """A registration number without case, spaces, dots, dashes and the zeros that lead its first digits.

    `BC 0491266` and `bc491266` both give `bc491266`. Empty: `text` holds other characters, so it is no number.
    """
    squeezed = squeeze(text)
    match = _NUMBER.fullmatch(squeezed)
    if match is None:
        return ""
    letters, rest = match.groups()
    if not rest and squeezed.endswith("0"):
        rest = "0"
    return letters + rest


def squeeze(text: str) -> str:
    """A number as it was typed, without case, spaces, dots, dashes and strokes."""
    if text.isascii() and text.isalnum():
        return text.lower()
    return _BETWEEN_DIGITS.sub("", fold(text))


def number_keys(number: str) -> frozenset[str]:
    """All compact forms of a number: with its leading letters and without, of a business number its nine digits."""
    full = compact_number(number)
    bare = full if full[:1].isdigit() else compact_number(_LETTERS_BEFORE.sub("", full))
    return frozenset(key for key in (full, bare, business_root(full)) if key)


def business_root(compact: str) -> str:
    """The nine digits of a Canadian business number of fifteen characters (`123456789rc0001`), else empty."""
    account = _ACCOUNT.fullmatch(compact)
    return account[1] if account else ""


def grams(word: str) -> tuple[str, ...]:
    """The pairs of characters of an unspaced word, by which its inner parts are found; itself when it has but one."""
    return tuple(dict.fromkeys(word[at : at + 2] for at in range(len(word) - 1))) or (word,)


def _words(text: str) -> tuple[list[Word], list[str]]:
    """The words in order, and the codes of forms that stood joined to unspaced words."""
    folded = soft_fold(text)
    legal: list[str] = []
    if not folded.isascii() and _IS_UNSPACED.search(folded):
        folded = _take_joined_forms(folded, legal)
    if "-" in folded or "t.n" in folded:
        folded = _DOTTED_PLACE.sub(lambda match: f" {DOTTED_PLACES[' '.join(re.findall('[a-z]', match[0]))]} ", folded)
    folded = _AND_N.sub(" and ", folded).translate(_SIGNS)
    raw = [word[:_LONGEST_WORD] for word in _WORD.findall(folded)]
    words: list[Word] = []
    run: list[str] = []
    for place, text in enumerate(raw):
        single = len(text) == 1 and text.isalpha() and (text.isascii() or not _IS_UNSPACED.match(text))
        if run and not single:
            words.append(_initials(run, bool(words), raw, place))
            run = []
        if single:
            run += spellings(text)[:1]
        elif text in ("op", "operative", "operatives") and words and words[-1].text == "co":
            joined = "coop" if text == "op" else "co" + text
            words[-1] = Word(joined, (joined,))
        else:
            word = _word(text, bool(words))
            if word is not None:
                words.append(word)
    if run:
        words.append(_initials(run, bool(words), raw, len(raw)))
    return _name_places(_count(words)), legal


@lru_cache(maxsize=32768)
def _word(text: str, follows: bool) -> Word | None:
    """One word with its spellings. None: nothing of it is typed."""
    plain = text.rstrip("'")
    elision = _ELISION.match(plain)
    bare = plain[elision.end() :] if elision else plain
    possessive = bare[:-2] if bare.endswith("'s") and len(bare) > 2 else None
    stems = [bare.replace("'", ""), *([possessive.replace("'", "")] if possessive else [])]
    if text.endswith("s'"):
        stems.append(stems[0][:-1])
    if bare.startswith(_ARTICLE) and len(bare) > 4:
        stems.append(bare[len(_ARTICLE) :])
    if elision:
        stems.append(plain.replace("'", ""))
    forms = [form for stem in stems for form in spellings(stem)]
    if not forms:
        return None
    first = forms[0]
    ahead = _canonical(first, follows)
    parts = tuple(part for part in plain.split("'")[1:] if len(part) > 2 and part.isascii()) if "'" in plain else ()
    every = tuple(dict.fromkeys((*ahead, *forms)))
    return Word(first, every[:8], parts)


def _canonical(word: str, follows: bool) -> tuple[str, ...]:
    if word.isascii() and word[0].isdigit() and word.isdigit():
        return (word.lstrip("0") or "0",)
    if word in NUMBERS and (follows or word not in LETTER_NUMBERS):
        return (NUMBERS[word],)
    if word == "st":
        return ("saint", "street")
    if word in CANONICAL:
        return (CANONICAL[word],)
    for ending, other in (("isation", "ization"), ("isations", "izations"), ("ising", "izing")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            return (word[: -len(ending)] + other,)
    return ()


def _initials(run: list[str], follows: bool, raw: list[str], place: int) -> Word:
    """Letters one by one, joined; one alone may be a number or a direction. `raw[place]`: what follows them."""
    joined = "".join(run)
    if len(run) > 1:
        return Word(joined, (joined,), tuple(run))
    if joined in LETTER_NUMBERS and follows and place >= len(raw) - 1:
        return Word(joined, (NUMBERS[joined], joined))
    return Word(joined, (joined, CANONICAL[joined]) if joined in CANONICAL else (joined,))


def _name_places(words: list[Word]) -> list[Word]:
    named: list[Word] = []
    at = 0
    while at < len(words):
        longest = min(LONGEST_PLACE, len(words) - at) if words[at].text in BEGIN_PLACES else 0
        for length in range(longest, 0, -1):
            place = PLACES.get(tuple(word.text for word in words[at : at + length]))
            if place is not None:
                parts = tuple(word.text for word in words[at : at + length])
                joined = "".join(parts)
                named.append(Word(joined, (place, joined), parts))
                at += length
                break
        else:
            named.append(words[at])
            at += 1
    return named


def _count(words: list[Word]) -> list[Word]:
    """`twenty four` is 24, `twenty first` is 21st."""
    if all(word.text not in TENS for word in words):
        return words
    counted: list[Word] = []
    for word in words:
        tens = NUMBERS.get(counted[-1].text, "") if counted else ""
        unit = NUMBERS.get(word.text, "") if len(word.text) > 2 else ""
        if counted and counted[-1].text in TENS and unit[:1] in "123456789" and not unit[1:2].isdigit() and unit:
            before = counted.pop()
            joined = before.text + word.text
            counted.append(Word(joined, (tens[0] + unit, joined), (before.text, word.text)))
        else:
            counted.append(word)
    return counted


def _take_joined_forms(folded: str, legal: list[str]) -> str:
    """`folded` without the forms that begin or end its unspaced runs; their codes are added to `legal`."""

    def taken(match: re.Match[str]) -> str:
        before, after = folded[: match.start()], folded[match.end() :]
        at_edge = (
            not before.strip() or not after.strip() or before[-1].isspace() or after[0].isspace() or before[-1] in "（("
        )
        rest = (before + after).strip()
        if not at_edge or not _WORD.search(rest):
            return match[0]
        legal.append(JOINED_FORMS[match[0]])
        return " "

    return _JOINED_FORM.sub(taken, folded)


def _strip_forms(words: list[Word]) -> tuple[int, tuple[str, ...]]:
    end = len(words)
    codes: list[str] = []
    while end > 1 and words[end - 1].text in END_FORMS:
        for length in range(min(LONGEST_FORM, end - 1), 0, -1):
            code = LEGAL_FORMS.get(tuple(word.text for word in words[end - length : end]))
            if code is not None and any(word.text not in STOP_WORDS for word in words[: end - length]):
                codes.append(code)
                end -= length
                break
        else:
            break
    return end, tuple(codes)


def _only_forms(words: list[Word]) -> bool:
    return len(words) <= LONGEST_FORM and tuple(word.text for word in words) in LEGAL_FORMS


def _marks(text: str) -> str:
    """What a name of marks alone is known by: its first run of them, without spaces."""
    folded = "".join("-" if unicodedata.category(char) == "Pd" else char for char in soft_fold(text))
    marks = "".join(char for char in folded if unicodedata.category(char)[0] in "PS")
    return (marks.translate(_ENDS) or marks)[:_LONGEST_WORD]


def _keys(core: tuple[Word, ...]) -> frozenset[str]:
    if all(len(word.forms) == 1 and word.forms[0] == word.text for word in core):
        return frozenset(("".join([word.text for word in core]),)) if core else frozenset()
    ways = (
        "".join(word.forms[0] for word in core),
        "".join(word.text for word in core),
        "".join(word.forms[-1] for word in core),
        "".join(word.forms[min(1, len(word.forms) - 1)] for word in core),
    )
    return frozenset(key for key in ways if key)


def _tokens(words: list[Word], core: tuple[Word, ...]) -> frozenset[str]:
    tokens = {token for word in words for token in (word.text, *word.forms, *word.parts)}
    for word in words:
        if word.is_unspaced:
            tokens.update(word.text)
            tokens.update(grams(word.text))
    for left, right in pairwise(core):
        tokens.add(left.text + right.text)
        tokens.add(left.forms[0] + right.forms[0])
    for left, middle, right in zip(words, words[1:], words[2:], strict=False):
        if middle.text == "and":
            tokens.update((left.text + "n" + right.text, left.text + "and" + right.text))
    return frozenset(tokens)


def _acronyms(inner: list[Word], core: tuple[Word, ...]) -> frozenset[str]:
    """Initials of the words, with the small words and without; two letters tell too little."""
    made = set()
    for words in (inner, core):
        texts = [text for word in words for text in (word.parts if len(word.parts) > 1 else (word.text,))]
        if 3 <= len(texts) <= 10 and all(text[0].isalpha() for text in texts):
            made.add("".join(text[0] for text in texts))
    return frozenset(made)
