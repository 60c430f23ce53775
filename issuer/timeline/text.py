"""Which text a register may give: names, addresses and the like.

Unicode 15.0: general categories, `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt); joiners as RFC 5892, appendix A.1
and A.2, in simpler words: after a virama, or between letters of a script that joins. A name that lost letters on its way, or
that shows none, is nobody's name.
"""

import html.entities
import re
import unicodedata

MAX_TEXT = 500
#: what is no part of a value at its edges (general category Zs, and the tab)
SPACES = " \t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
#: general categories that no name or address may hold: other (control, format, surrogate, private, unassigned), line ends
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: ranges of code points that are drawn as nothing
_IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
_JOINERS = "\u200c\u200d"
_VIRAMA = 9
#: first words of the Unicode names of letters of scripts in which a joiner changes how letters are drawn
_JOINING = frozenset(
    [
        "ARABIC",
        "SYRIAC",
        "MONGOLIAN",
        "NKO",
        "DEVANAGARI",
        "BENGALI",
        "GURMUKHI",
        "GUJARATI",
        "ORIYA",
        "TAMIL",
        "TELUGU",
        "KANNADA",
        "MALAYALAM",
        "SINHALA",
        "KHMER",
        "MYANMAR",
        "THAANA",
        "LAO",
        "THAI",
        "TIBETAN",
    ]
)
_REPLACEMENT, _BLANK_BRAILLE = "\ufffd", "\u2800"
#: an HTML entity, in whatever case; names of two letters count as they are written alone
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ENTITIES = frozenset(html.entities.html5) | {name.lower() for name in html.entities.html5 if len(name) > 3}
#: one that lost its semicolon, where no word begins so
_OPEN_ENTITY = re.compile(
    "&(?:[a-z](?:acute|circ|grave|tilde|uml|ring|caron)|ccedil|oslash|(?:ae|oe|sz)lig|nbsp|[lr]aquo|(?:amp|quot|apos)(?![a-z0-9]))",
    re.IGNORECASE,
)
#: bytes of UTF-8 that were read as Windows-1252: of U+0080 to U+00FF, of general punctuation and the like, of other scripts
_CONTINUED = "".join(bytes([byte]).decode("cp1252", "ignore") for byte in range(0x80, 0xC0))
#: of these, what may well stand after a capital that bears an accent
_CLOSING = "\u2019\u201c\u201d\u2122\u2013\u2014\u2026\u00bb\u00a0\u00ae"
_MISREAD = re.compile(
    f"\u00c2[{_CONTINUED}]"
    f"|\u00c3(?![{_CLOSING}](?:\\W|$))[{_CONTINUED}]|(?<!\\w)\u00c3[{_CONTINUED}]"
    f"|[\u00e0-\u00ef](?![{_CLOSING}]{{2}})[{_CONTINUED}]{{2}}"
    f"|[\u00f0-\u00f4][{_CONTINUED}]{{3}}"
    f"|(?:[\u00c2-\u00df][{_CONTINUED}]){{2}}"
)


def text_fault(kind: str, text: str) -> tuple[str, str] | None:
    """(code, reason) why a `name` or `text` may not be issued, or None."""
    if not text.strip():
        return f"{kind}_empty", f"a {kind} is empty"
    if len(text) > MAX_TEXT:
        return f"{kind}_too_long", f"a {kind} has {len(text)} characters, {MAX_TEXT} are allowed"
    if "&" in text and (entity := _entity(text)) is not None:
        return "text_damaged", f"{text[:60]!a} holds the HTML entity {entity}: it was written for another program"
    if text.isascii() and text.isprintable():
        return None
    return _unicode_fault(kind, text)


def _unicode_fault(kind: str, text: str) -> tuple[str, str] | None:
    if _REPLACEMENT in text:
        return "text_damaged", f"{text[:60]!a} holds U+FFFD: a letter was lost before it came here"
    if not any(_is_visible(character) for character in text):
        return f"{kind}_empty", f"{text[:60]!a} shows no character"
    if (misread := _MISREAD.search(text)) is not None:
        return "text_damaged", f"{text[:60]!a} holds {misread[0]!a}: its UTF-8 was read as something else"
    for at, character in enumerate(text):
        if character in _JOINERS and _joins(text, at):
            continue
        is_forbidden = unicodedata.category(character) in _FORBIDDEN or character == _BLANK_BRAILLE
        if is_forbidden or _is_ignorable(character):
            return "text_characters", f"{text[:60]!a} holds the character U+{ord(character):04X}"
    if unicodedata.category(text[0]).startswith("M"):
        return "text_characters", f"{text[:60]!a} begins with the combining mark U+{ord(text[0]):04X}"
    if not unicodedata.is_normalized("NFC", text):
        return "text_not_nfc", f"{text[:60]!a} is not in Unicode normalization form C"
    return None


def is_same_name(name: str, other: str) -> bool:
    """Whether two names differ in nothing but spaces: their number, their width, whether a line may break there."""
    return name == other or name.split() == other.split()


def scripts(text: str) -> set[str]:
    """The scripts of which the letters of a text are, told by the first words of their names: LATIN, CYRILLIC, GREEK."""
    letters = {character for character in text if character.isalpha()}
    return {unicodedata.name(character, "UNNAMED").split()[0] for character in letters}


def _entity(text: str) -> str | None:
    for match in _ENTITY.finditer(text):
        if match[1].startswith("#") or not _ENTITIES.isdisjoint({f"{match[1]};", f"{match[1].lower()};"}):
            return match[0]
    lost = _OPEN_ENTITY.search(text)
    return None if lost is None else lost[0]


def _is_visible(character: str) -> bool:
    is_mark = unicodedata.category(character)[0] in "CMZ"
    return not is_mark and character != _BLANK_BRAILLE and not _is_ignorable(character)


def _is_ignorable(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _IGNORABLE)


def _joins(text: str, at: int) -> bool:
    before = text[at - 1 : at]
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    return _is_joining(_base(text[:at])) and _is_joining(text[at + 1 : at + 2])


def _base(text: str) -> str:
    """The last character that is no mark."""
    return next((character for character in reversed(text) if not unicodedata.category(character).startswith("M")), "")


def _is_joining(character: str) -> bool:
    return bool(character) and character.isalpha() and unicodedata.name(character, "").split(" ")[0] in _JOINING
