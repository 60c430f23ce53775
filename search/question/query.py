"""What somebody typed as a question for any index, with its filters.

Pure. What is longer than any name is refused here, before any index sees the text; the number of words is no limit. The raw text
goes no further than `Query.raw`: an index works on the folded words and keys alone.
"""

import re
from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from datetime import date, datetime

from search.errors import BadParameter
from search.question.letters import fold
from search.question.names import Name, Word, analyse, business_root, compact_number, has_unspaced

MAX_CHARACTERS = 2000
NAME_KINDS = ("legal", "assumed", "translated", "former", "home")
#: what an organization without a known status is filed under
UNKNOWN = "unknown"
STATUSES = ("Active", "Historical", UNKNOWN)

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
#: a number with the code of its register before it
NAMED = re.compile(r"([A-Za-z0-9]{1,16}) ?: ?([A-Za-z0-9.-]{1,32})")
#: digits typed from which on numbers that merely begin so are results, the last ones
_BEGUN_DIGITS = 3
#: a form that other words follow ends a name, for all that is known
_FORMS_WITHIN = frozenset(
    [
        "ltd",
        "limited",
        "ltee",
        "limitee",
        "inc",
        "incorporated",
        "incorporee",
        "corp",
        "corporation",
        "llc",
        "llp",
        "plc",
        "ulc",
        "gmbh",
    ]
)
_VOWELS = tuple("aeiouyh")


@dataclass(frozen=True, slots=True)
class Group:
    """One typed word: a name has it when one of `words` is among its tokens, or one begins with `prefix` (not None)."""

    words: tuple[str, ...]
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question. `raw` is for showing only.

    `listing`: nothing was typed, all are meant. `numbers`: compact registration numbers that it may be, the surest first;
    `number_prefix`: what a number may begin with, or empty. `full_keys`, `keys`: name keys to be equal with; `prefixes`: what a
    name key may begin with; `groups`: words that one name must all have; `units`: the same for comparing, each in its
    spellings; `legal`: codes of forms; `letters`: what may be the initials of a name, or empty; `acronyms`: its own initials;
    `unspaced`: the longest key of what is written without spaces, or empty;
    `shorter`: what stands before a legal form in its midst, for `X Ltd., Head Office`, or None.
    All empty and not `listing`: nothing can match.
    """

    raw: str
    listing: bool
    numbers: tuple[str, ...] = ()
    number_prefix: str = ""
    full_keys: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    units: tuple[tuple[str, ...], ...] = ()
    legal: tuple[str, ...] = ()
    letters: str = ""
    acronyms: tuple[str, ...] = ()
    unspaced: str = ""
    shorter: "Query | None" = None


@dataclass(frozen=True, slots=True)
class Filters:
    """Allowed values of each field (empty: any) and registration dates, both ends included (None: open).

    `at`: only names in force on that day count.
    """

    register: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    type: frozenset[str] = frozenset()
    jurisdiction: frozenset[str] = frozenset()
    name_kind: frozenset[str] = frozenset()
    registered_from: str | None = None
    registered_to: str | None = None
    at: str | None = None


def opened(filters: Filters, field: str) -> Filters:
    """The same filters, one of register, status, type and jurisdiction left open."""
    return replace(filters, **{field: frozenset()})  # type: ignore[arg-type]


def parse_query(text: str) -> Query:
    """The question in `text`. BadParameter: `query_too_long`."""
    if len(text) > MAX_CHARACTERS:
        raise BadParameter("query_too_long", f"the query is longer than {MAX_CHARACTERS} characters", "q")
    if not text.strip():
        return Query(text, listing=True)
    name = analyse(text)
    if not name.words:
        marks = tuple(sorted(name.keys))
        return Query(text, listing=False, keys=marks, prefixes=marks)
    number, digits = _number(text), len(re.findall("[0-9]", fold(text)))
    core = _without_loose_elision(name.core)
    keys = name.keys | {"".join(word.forms[0] for word in core)}
    beginning = "".join((*(word.forms[0] for word in core[:-1]), core[-1].text))
    prefixes = sorted(keys if name.legal else keys | {beginning})
    units = tuple(unit for word in core for unit in word.units)
    groups = [Group(unit) for unit in units]
    if not name.legal and not core[-1].is_unspaced:
        groups[-1] = Group(groups[-1].words, core[-1].text)
    longest = max(name.keys, key=len, default="")
    alone = len(core) == 1 and 3 <= len(core[0].text) <= 8 and core[0].text.isalpha() and core[0].text.isascii()
    return Query(
        raw=text,
        listing=False,
        numbers=tuple(dict.fromkeys(form for form in (number, business_root(number)) if form)),
        number_prefix=number if digits >= _BEGUN_DIGITS else "",
        full_keys=tuple(sorted(name.full_keys)),
        keys=tuple(sorted(keys)),
        prefixes=tuple(prefixes),
        groups=tuple(groups),
        units=units,
        legal=name.legal,
        letters=core[0].text if alone else "",
        acronyms=tuple(sorted(name.acronyms)),
        unspaced=longest if has_unspaced(longest) else "",
        shorter=_shorter(name),
    )


def parse_question(text: str, filters: Filters, registers: Callable[[], Set[str]]) -> tuple[Query, Filters]:
    """The question and its filters where `text` may name a register, as entries do: `sample:BC0491266`. BadParameter, as above.

    `registers`: the codes that there are; what names none of them, or one that `filters` leave out, is a name like any other.
    """
    named = NAMED.fullmatch(text.strip())
    register = named[1].lower() if named else ""
    if (
        named is None
        or not _number(named[2])
        or register not in registers()
        or (filters.register and register not in filters.register)
    ):
        return parse_query(text), filters
    return replace(parse_query(named[2]), raw=text), replace(filters, register=frozenset({register}))


def parse_filters(given: dict[str, str | None]) -> Filters:
    """Filters from parameters; several values of one field stand in one parameter, with commas between.

    BadParameter: `bad_parameter` for a status or kind of name that does not exist, `bad_date`, `bad_range`.
    """
    first = parse_date(given.get("registered_from"), "registered_from")
    last = parse_date(given.get("registered_to"), "registered_to")
    if first is not None and last is not None and first > last:
        raise BadParameter("bad_range", "registered_from is later than registered_to", "registered_from")
    return Filters(
        register=_values(given, "register"),
        status=_values(given, "status", STATUSES),
        type=_values(given, "type"),
        jurisdiction=_values(given, "jurisdiction"),
        name_kind=_values(given, "name_kind", NAME_KINDS),
        registered_from=first,
        registered_to=last,
        at=parse_date(given.get("at"), "at"),
    )


def parse_time(text: str | None, parameter: str) -> int | None:
    """An RFC 3339 time in ms since 1970 UTC; None for None or empty. BadParameter: `bad_time`."""
    if not text:
        return None
    try:
        if _TIME.fullmatch(text):
            return int(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError):
        pass
    raise BadParameter("bad_time", f"{parameter} is no time of the form 2026-01-31T12:00:00Z", parameter)


def parse_date(text: str | None, parameter: str) -> str | None:
    """An ISO calendar date `YYYY-MM-DD`, given back as it is; None for None or empty. BadParameter: `bad_date`."""
    if not text:
        return None
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII) and date.fromisoformat(text):
            return text
    except ValueError:
        pass
    raise BadParameter("bad_date", f"{parameter} is no calendar date of the form YYYY-MM-DD", parameter)


def _values(given: dict[str, str | None], field: str, allowed: tuple[str, ...] | None = None) -> frozenset[str]:
    values = frozenset(value for value in (given.get(field) or "").split(",") if value)
    if allowed is not None and not values <= set(allowed):
        raise BadParameter("bad_parameter", f"{field} is one of {', '.join(allowed)}", field)
    return values


def _number(text: str) -> str:
    compact = compact_number(text)
    return compact if re.search("[0-9]", compact) else ""


def _shorter(name: Name) -> Query | None:
    """What was typed up to the last legal form that other words follow."""
    for end in range(len(name.core) - 1, 1, -1):
        if name.core[end - 1].text in _FORMS_WITHIN:
            return parse_query(" ".join(word.text for word in name.core[:end]))
    return None


def _without_loose_elision(core: tuple[Word, ...]) -> tuple[Word, ...]:
    """`l atelier d or` means what `l'atelier d'or` means."""
    following = (*core[1:], None)
    words = tuple(
        word
        for word, after in zip(core, following, strict=True)
        if not (word.text in ("l", "d") and after is not None and after.text.startswith(_VOWELS))
    )
    return words or core
