"""Letters and marks as people type them on an ordinary keyboard.

A table of facts: letters that Unicode does not take apart, among them those of Indigenous languages of British Columbia,
umlauts with both ways of writing them, apostrophes and glottal stops, marks that nobody types. Folding is Unicode NFKC, case
folding and NFKD without marks (UAX 15). Words are left to `search/question/names.py`.
"""

import unicodedata

#: apostrophes, primes, modifier letters for glottal stops (ʻokina and its like): all are one straight apostrophe
APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʹʺʻʼʽʾʿˀˁ′‵´`＇ꞌꞋ՚", "'"))
#: registered and trade marks, copyright: nobody types them
_UNTYPED = str.maketrans(dict.fromkeys("™℠®©℗", ""))
#: a letter -> the ways of typing it, the most usual first
LETTERS: dict[str, tuple[str, ...]] = {
    "ä": ("a", "ae"), "ö": ("o", "oe"), "ü": ("u", "ue"), "å": ("a", "aa"), "ø": ("o", "oe"),
    "œ": ("oe",), "æ": ("ae", "a"), "þ": ("th",), "ð": ("d", "dh"), "đ": ("d", "dj"), "ħ": ("h",), "ı": ("i",),
    "ŀ": ("l",), "ł": ("l", "lh"), "ƚ": ("l", "lh"), "ɫ": ("l", "lh"), "ɬ": ("l", "lh"), "ⱡ": ("l",), "ꞎ": ("l", "lh"),
    "ŧ": ("t", "th"), "ⱦ": ("t",), "ţ": ("t",), "θ": ("th", "t"), "ƛ": ("tl", "t", "l"), "λ": ("l", "tl"),
    "ə": ("e", "u", "a"), "ɘ": ("e",), "ɛ": ("e",), "ɜ": ("e",), "ɇ": ("e",), "ɨ": ("i",), "ɩ": ("i",), "ɪ": ("i",),
    "ʔ": ("", "7"), "ɂ": ("", "7"), "ʕ": ("", "7"), "ꜣ": ("", "3"), "ʌ": ("u", "a"), "ɑ": ("a",), "ɒ": ("o",), "ⱥ": ("a",),
    "ɔ": ("o",), "ɵ": ("o",), "ʉ": ("u",), "ʊ": ("u",), "ƀ": ("b",), "ɓ": ("b",), "ȼ": ("c",), "ƈ": ("c",), "ɖ": ("d",),
    "ɗ": ("d",), "ǥ": ("g",), "ɠ": ("g",), "ɡ": ("g",), "ɢ": ("g",), "ɣ": ("g", "gh"), "ɉ": ("j",), "ꝁ": ("k",), "ƙ": ("k",),
    "ɱ": ("m",), "ŋ": ("ng", "n"), "ɲ": ("n", "ny"), "ɳ": ("n",), "ꞓ": ("c",), "ɍ": ("r",), "ɹ": ("r",), "ʀ": ("r",),
    "ʃ": ("sh", "s"), "ʂ": ("s",), "ſ": ("s",), "ʈ": ("t",), "ƭ": ("t",), "ʋ": ("v",), "ʍ": ("w", "wh"), "χ": ("x", "ch"),
    "ꭓ": ("x",), "ɏ": ("y",), "ƴ": ("y",), "ƶ": ("z",), "ʒ": ("z", "zh"), "ǂ": ("",), "ǀ": ("",), "ǁ": ("",), "ǃ": ("",),
    "ª": ("a", ""), "º": ("o", ""), "°": ("o", ""), "¹": ("1", ""), "²": ("2", ""), "³": ("3", ""),
    **{mark: (letter, "") for mark, letter in zip("⁰⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸ", "0456789abcdehijklmnoprstuvwxy", strict=True)},
    # Arabic and Persian ways of writing one letter; the stroke that only stretches a word
    "ة": ("ه",), "ى": ("ي",), "ی": ("ي",), "ک": ("ك",), "ـ": ("",),
    # characters of Japanese names that registers write both ways
    "髙": ("高",), "﨑": ("崎",), "澤": ("沢",), "濵": ("浜",), "濱": ("浜",), "廣": ("広",), "國": ("国",), "斎": ("斉",),
    "齋": ("斉",), "齊": ("斉",), "邊": ("辺",), "邉": ("辺",), "嶋": ("島",), "學": ("学",), "會": ("会",), "應": ("応",),
}  # fmt: skip
_PLAIN = str.maketrans({letter: ways[0] for letter, ways in LETTERS.items()})
_UNSEEN = {"Mn", "Me", "Cf", "Co", "Cs", "Cn"}
_VOICED = "\u3099\u309a"


def soft_fold(text: str) -> str:
    """`text` without case, accents and unseen characters; what `LETTERS` holds still stands in it."""
    if text.isascii():
        return text.replace("`", "'").lower()
    seen = unicodedata.normalize("NFC", text).translate(_UNTYPED).translate(APOSTROPHES).casefold()
    parts = []
    for char in unicodedata.normalize("NFC", seen):
        if char.isascii() or char in LETTERS:
            parts.append(char)
        else:
            parts.append(_bare(char))
    return unicodedata.normalize("NFC", "".join(parts))


def fold(text: str) -> str:
    """`text` with every letter as it is most usually typed; apostrophes all straight."""
    folded = soft_fold(text)
    return folded if folded.isascii() else unicodedata.normalize("NFC", folded.translate(_PLAIN))


def spellings(folded: str) -> tuple[str, ...]:
    """The ways of typing a word that `soft_fold` gave, the most usual first; a word of marks alone has none."""
    if folded.isascii():
        return (folded,)
    ways = max((len(LETTERS[char]) for char in folded if char in LETTERS), default=1)
    texts = ("".join(_way(char, way) for char in folded) for way in range(ways))
    return tuple(dict.fromkeys(text for text in texts if text))


def _way(char: str, way: int) -> str:
    ways = LETTERS.get(char)
    return char if ways is None else ways[min(way, len(ways) - 1)]


def _bare(char: str) -> str:
    """One character without marks, in plain letters and digits."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", char).casefold())
    seen = [
        str(unicodedata.decimal(each)) if unicodedata.category(each) == "Nd" else each
        for each in plain
        if each in _VOICED or unicodedata.category(each) not in _UNSEEN
    ]
    return "".join(seen)
