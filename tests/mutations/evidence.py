"""Ways to change an evidence file, for a fuzz that looks for a false accept: `OPERATORS` by name, most of which must be refused.
Here those of the statement and of its spelling; `mutations_proven` adds those of what proves it.

An operator takes a deep copy of a good file, another good file, and seeded randomness; it gives the changed object, or the
changed text where the change is one of spelling, or None where the file has nothing of the kind. `HARMLESS` holds those that
leave what was signed and proven as it was, each with the reason.
"""

import copy
import json
import unicodedata
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

Json = dict[str, Any]
Operator = Callable[[Json, Json, Random], Json | str | None]
OPERATORS: dict[str, Operator] = {}

_CYRILLIC = str.maketrans("aceiopxyABCEHIKMOPTX", "асеіорхуАВСЕНІКМОРТХ")

HARMLESS = {
    "member_order": "JSON objects have no order (RFC 8259), and what is signed is put into one (RFC 8785, RDFC-1.0)",
    "json_whitespace": "whitespace between the tokens of JSON says nothing",
    "escape_sequences": "an escaped character is that character",
    "escaped_solidus": "as every escape",
    "final_newline": "whitespace after the value says nothing",
    "reorder_proofs": "the proofs of a set are independent and unordered (VC Data Integrity 1.0, section 2.1.1)",
    "drop_one_proof": "one proof of the set is the single-proof form: the same statement under the same commitment",
    "proof_twice": "a proof that holds holds twice",
    "unknown_member": "what is not of the evidence file's form is ignored, and nothing is said of it",
    "unknown_member_of_a_list": "as any unknown member outside the documents",
}


def dumped(value: Any) -> str:
    """As a file of ours, but with its texts as they are."""
    return json.dumps(value, ensure_ascii=False)


def operator(act: Operator) -> Operator:
    """Enters a function into `OPERATORS`, by its name."""
    OPERATORS[act.__name__.removeprefix("_")] = act
    return act


def _places(value: Any, of: type, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """(holder, key) of every value of that type inside a value."""
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        if isinstance(member, of):
            yield value, key
        yield from _places(member, of)


def _signed(evidence: Json) -> Json:
    """The credential without its proofs: holders in it are those of the evidence."""
    return {name: member for name, member in evidence["credential"].items() if name != "proof"}


def _place_of(evidence: Json, of: type, random: Random, fits: Callable[[Any], bool] = bool) -> tuple[Any, Any] | None:
    """A place of a fitting value of that type in what is signed."""
    statement = _signed(evidence)
    places = [
        (evidence["credential"] if holder is statement else holder, key)
        for holder, key in _places(statement, of)
        if fits(holder[key])
    ]
    return random.choice(places) if places else None


def _changing_text(name: str, change: Callable[[str], str]) -> None:
    """An operator that changes one text of the credential."""

    def act(evidence: Json, _other: Json, random: Random) -> Json | None:
        place = _place_of(evidence, str, random, lambda text: change(text) != text)
        if place is None:
            return None
        holder, key = place
        holder[key] = change(holder[key])
        return evidence

    OPERATORS[name] = act


_changing_text("look_alike", lambda text: text.translate(_CYRILLIC))
_changing_text("decomposed", lambda text: unicodedata.normalize("NFD", text))
_changing_text("composed_otherwise", lambda text: text[:1] + "\u0301" + text[1:])
_changing_text("full_width", lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text))
_changing_text("space_after", lambda text: text + " ")
_changing_text("space_before", lambda text: " " + text)
_changing_text("double_space", lambda text: text.replace(" ", "  ", 1))
_changing_text("no_break_space", lambda text: text.replace(" ", "\u00a0", 1))
_changing_text("zero_width", lambda text: text[:1] + "\u200b" + text[1:])
_changing_text("right_to_left", lambda text: text[:1] + "\u202e" + text[1:])
_changing_text("control_character", lambda text: text + "\u0000")
_changing_text("newline_inside", lambda text: text[:1] + "\n" + text[1:])
_changing_text("upper_case", str.upper)
_changing_text("other_case", str.swapcase)
_changing_text("cut_short", lambda text: text[:-1])
_changing_text(
    "one_digit", lambda text: next((text.replace(c, str(9 - int(c)), 1) for c in text if c in "0123456789"), text)
)
_changing_text("percent_encoded", lambda text: text.replace("/", "%2F", 1))


def _replacing(name: str, of: type, change: Callable[[Any], Any]) -> None:
    """An operator that puts something else in the place of one value of the credential."""

    def act(evidence: Json, _other: Json, random: Random) -> Json | None:
        place = _place_of(evidence, of, random)
        if place is None:
            return None
        holder, key = place
        holder[key] = change(holder[key])
        return evidence

    OPERATORS[name] = act


_replacing("text_to_number", str, len)
_replacing("text_to_true", str, lambda _: True)
_replacing("text_to_null", str, lambda _: None)
_replacing("text_to_array", str, lambda text: [text])
_replacing("text_to_value_object", str, lambda text: {"@value": text})
_replacing("text_to_id_object", str, lambda text: {"id": text})
_replacing("object_to_array", dict, lambda value: [value])
_replacing("array_reversed_or_doubled", list, lambda value: value[::-1] if value[::-1] != value else value * 2)
_replacing("array_twice", list, lambda value: [*value, value[0]])
_replacing("array_emptied", list, lambda _: [])
_replacing("array_nested", list, lambda value: [value])
_replacing("undefined_term", dict, lambda value: {**value, "hiddenTerm": "x"})
_replacing("colon_term", dict, lambda value: {**value, "urn:x:p": "x"})
_replacing("nested_context", dict, lambda value: {**value, "@context": {"legalName": "urn:x:other"}})
_replacing("nested_null_context", dict, lambda value: {"@context": None, **value})
_replacing("reverse_keyword", dict, lambda value: {**value, "@reverse": {"urn:x:p": {"id": "urn:x:s"}}})
_replacing("prototype", dict, lambda value: {**value, "__proto__": {}})


@operator
def _drop_member(evidence: Json, _other: Json, random: Random) -> Json | None:
    place = _place_of(evidence, object, random, lambda _: True)
    assert place is not None
    holder, key = place
    del holder[key]
    return evidence


@operator
def _rename_member(evidence: Json, _other: Json, random: Random) -> Json | None:
    _renamed(evidence, random, lambda name: name + "x")
    return evidence


@operator
def _member_in_other_case(evidence: Json, _other: Json, random: Random) -> Json | None:
    _renamed(evidence, random, str.swapcase)
    return evidence


def _renamed(evidence: Json, random: Random, change: Callable[[str], str]) -> None:
    holders = [evidence["credential"], *(holder[key] for holder, key in _places(_signed(evidence), dict))]
    holder = random.choice(holders)
    name = random.choice([name for name in holder if name != "proof"])
    holder[change(name)] = holder.pop(name)


@operator
def _duplicate_member(evidence: Json, _other: Json, random: Random) -> str:
    name = random.choice(list(evidence["credential"]["credentialSubject"]))
    text = dumped(evidence)
    member = dumped({name: evidence["credential"]["credentialSubject"][name]})[1:-1]
    return text.replace('"credentialSubject": {', f'"credentialSubject": {{{member}, ', 1)


@operator
def _duplicate_member_with_another_value(evidence: Json, _other: Json, random: Random) -> str:
    return dumped(evidence).replace('"legalName": ', '"legalName": "Another Ltd.", "legalName": ', 1)


@operator
def _duplicate_member_escaped(evidence: Json, _other: Json, random: Random) -> str:
    return dumped(evidence).replace('"legalName": ', '"legal\\u004eame": "Another Ltd.", "legalName": ', 1)


@operator
def _lone_surrogate(evidence: Json, _other: Json, random: Random) -> str:
    return dumped(evidence).replace('"legalName": "', '"legalName": "\\ud800', 1)


@operator
def _byte_order_mark(evidence: Json, _other: Json, random: Random) -> str:
    return "\ufeff" + dumped(evidence)


@operator
def _text_after_the_value(evidence: Json, _other: Json, random: Random) -> str:
    return dumped(evidence) + dumped(evidence)


@operator
def _number_of_another_spelling(evidence: Json, _other: Json, random: Random) -> str:
    return dumped(evidence).replace(
        '"v": 1', random.choice(['"v": 1.0', '"v": 1e0', '"v": 01', '"v": true', '"v": "1"']), 1
    )


@operator
def _member_order(evidence: Json, _other: Json, random: Random) -> Json:
    return _reversed(evidence)


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


@operator
def _json_whitespace(evidence: Json, _other: Json, random: Random) -> str:
    return "\n\t " + json.dumps(evidence, ensure_ascii=False, indent="\t", separators=(" \r\n,", " : "))


@operator
def _escape_sequences(evidence: Json, _other: Json, random: Random) -> str:
    text = json.dumps(evidence)
    return text.replace('"legalName"', '"legalN\\u0061me"').replace("Ltd", "L\\u0074d").replace("http:", "\\u0068ttp:")


@operator
def _escaped_solidus(evidence: Json, _other: Json, random: Random) -> str:
    return dumped(evidence).replace("/", "\\/")


@operator
def _final_newline(evidence: Json, _other: Json, random: Random) -> str:
    return dumped(evidence) + "\r\n"


@operator
def _unknown_member(evidence: Json, _other: Json, random: Random) -> Json:
    return {**evidence, "comment": {"credential": 1}}


@operator
def _unknown_member_of_a_list(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["statusList"]["comment"] = None
    return evidence


@operator
def _issuer_as_text(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["issuer"] = evidence["credential"]["issuer"]["id"]
    return evidence


@operator
def _another_issuer(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["issuer"]["id"] += random.choice([":x", "#x", "%3A", "/"])
    return evidence


@operator
def _added_context(evidence: Json, _other: Json, random: Random) -> Json:
    for holder in (evidence["credential"], evidence["credential"]["proof"][0]):
        holder["@context"] = [*holder["@context"], "https://www.w3.org/ns/credentials/examples/v2"]
    return evidence


@operator
def _context_order(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["@context"].reverse()
    return evidence


@operator
def _dropped_context(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["@context"].pop()
    return evidence


@operator
def _inline_context(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["@context"].append({"legalName": "urn:x:other"})
    return evidence


@operator
def _removed_status(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["credentialStatus"].pop(random.randrange(2))
    return evidence


def mutated(name: str, evidence: Json, other: Json, random: Random) -> bytes | None:
    """The file after that operator; None where there is nothing that it could change."""
    changed = OPERATORS[name](copy.deepcopy(evidence), copy.deepcopy(other), random)
    if changed is None:
        return None
    return (changed if isinstance(changed, str) else dumped(changed)).encode("utf-8", "surrogatepass")
