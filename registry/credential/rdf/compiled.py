"""The fast path: contexts become tables once, then documents become N-Quads directly.

Follows JSON-LD 1.1 API (expansion and RDF) and RDFC-1.0 (section 5, canonical N-Quads) for the documents of our own profile:
IRIs, literals and vocabulary words, type-scoped contexts, nested nodes that carry an `id`, and at most one blank node, the
document itself (proof options), which is `_:c14n0` whatever is said of it. It is a whitelist: what it does not understand is
`Unsupported`, and left to `bounded`. So nothing stands in the JSON that is not in the quads.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

XSD = "http://www.w3.org/2001/XMLSchema#"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
#: datatypes whose literals are more than a string with a name: numbers are rewritten, languages need a tag, JSON its own form
_NOT_PLAIN = {XSD + "double", _RDF + "langString", _RDF + "JSON", _RDF + "HTML", _RDF + "XMLLiteral"}
#: schemes of absolute IRIs; no context may use one of them as a prefix
_SCHEMES = {"http", "https", "did", "urn"}
#: ASCII only, so that every reader agrees on what an IRI is
IRI = re.compile(r"(?:https?://|did:[a-z0-9]+:|urn:[A-Za-z0-9-]+:)[!#-;=?-\[\]_a-z~]+\Z")
#: what no text of ours may hold, and what canonical N-Quads escape
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
#: what follows the text of a literal without a datatype
_PLAIN = '" .\n'
MAX_INTEGER = 2**53 - 1
DEPTH = 12
#: merged scopes that are kept; a caller that sends ever new combinations of types waits for the merge
_MOST_SCOPES = 64


class Unsupported(Exception):
    """The compiled path does not understand it; that alone says nothing about the document."""


class Term(NamedTuple):
    """What a key means. `kind`: id (IRI or node), literal (`datatype` an IRI, or None: plain), or vocab (one of `values`)."""

    iri: str
    kind: str
    datatype: str | None
    values: dict[str, str] | None
    protected: bool


#: key -> its meaning; None: defined, but in a way not understood here
Terms = dict[str, Term | None]


class Type(NamedTuple):
    """A class: its IRI, and the terms that its scoped context adds."""

    iri: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class _Step:
    """A term made ready for the walk: its kind, and what stands before and after the text of an object in the triple."""

    kind: str
    before: str
    after: str
    values: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class _Scope:
    """What holds in nodes of one set of types: what each key means, and how the triples end that tell the types."""

    steps: dict[str, _Step]
    types: list[str]


@dataclass(frozen=True, slots=True)
class Tables:
    """A sequence of contexts, compiled: the terms of every node, and the types."""

    terms: Terms
    types: dict[str, Type]
    _scopes: dict[tuple[str, ...], _Scope] = field(default_factory=dict, compare=False, repr=False)

    def to_json(self) -> dict[str, Any]:
        """The same tables for another implementation of this walk; terms are arrays of `Term`'s members, or null."""
        types = {name: {"iri": kind.iri, "terms": _rows(kind.terms)} for name, kind in self.types.items()}
        return {"terms": _rows(self.terms), "types": types}

    def scope(self, types: tuple[str, ...]) -> _Scope:
        """What holds in a node of these types (sorted). Unsupported: one is not known, or redefines a protected term."""
        scope = self._scopes.get(types)
        if scope is None:
            merged = self.terms
            for name in types:
                if name not in self.types:
                    raise Unsupported(f"the type {name[:80]!r} is not known")
                merged = _overlaid(merged, self.types[name].terms)
            steps = {name: _step(term) for name, term in merged.items() if term is not None}
            scope = _Scope(steps, [f" <{_RDF}type> <{self.types[name].iri}> .\n" for name in types])
            if len(self._scopes) < _MOST_SCOPES:
                self._scopes[types] = scope
        return scope


def compile_contexts(contexts: Sequence[dict[str, Any]]) -> Tables:
    """The tables of JSON-LD context documents (`{"@context": {...}}`), in their order.

    Unsupported: a context as a whole is beyond it (@vocab, @base, @import, a default language ...).
    """
    terms: Terms = {}
    types: dict[str, Type] = {}
    for document in contexts:
        definitions = _definitions(document.get("@context"))
        added = _terms(definitions)
        terms = _overlaid(terms, added)
        for name in added:
            types.pop(name, None)
            defined_type = _type(definitions[name])
            if defined_type is not None:
                types[name] = defined_type
    return Tables(terms, types)


def nquads(tables: Tables, document: dict[str, Any]) -> bytes:
    """The canonical N-Quads of a document, UTF-8; its `@context` must be the one of which the tables were made.

    Unsupported: anything in it is not of the profile.
    """
    lines: list[str] = []
    subject = f"<{_iri(document['id'])}>" if "id" in document else "_:c14n0"
    _walk(tables, document, subject, lines, DEPTH)
    if not lines:
        raise Unsupported("it says nothing")
    lines.sort()
    return "".join(dict.fromkeys(lines)).encode()


def _walk(tables: Tables, node: dict[str, Any], subject: str, lines: list[str], depth: int) -> None:
    if depth == 0:
        raise Unsupported(f"nested deeper than {DEPTH} levels")
    types = node.get("type", ())
    if type(types) is str:
        types = (types,)
    elif type(types) is list and types and all(type(name) is str for name in types):
        types = tuple(sorted(types))
    elif types != ():
        raise Unsupported("type is not a name or a list of names")
    scope = tables.scope(types)
    lines += [subject + line for line in scope.types]
    steps = scope.steps
    for key, value in node.items():
        step = steps.get(key)
        if step is None:
            if key in ("id", "type") or (key == "@context" and depth == DEPTH):
                continue
            raise Unsupported(f"the term {key[:80]!r} is not known")
        if type(value) is str:
            lines.append(f"{subject}{step.before}{_text(step, value)}{step.after}")
        elif type(value) is list and value:
            for item in value:
                _value(tables, step, item, subject, lines, depth)
        else:
            _value(tables, step, value, subject, lines, depth)


def _value(tables: Tables, step: _Step, value: Any, subject: str, lines: list[str], depth: int) -> None:
    kind = type(value)
    if kind is str:
        lines.append(f"{subject}{step.before}{_text(step, value)}{step.after}")
    elif kind is dict and step.kind == "id":
        nested = _iri(value.get("id"))
        lines.append(f"{subject}{step.before}{nested}{step.after}")
        _walk(tables, value, f"<{nested}>", lines, depth - 1)
    elif kind is bool and step.kind == "literal":
        lines.append(_number(subject, step, "true" if value else "false", "boolean"))
    elif kind is int and step.kind == "literal" and abs(value) <= MAX_INTEGER:
        lines.append(_number(subject, step, str(value), "integer"))
    else:
        raise Unsupported(f"a value of {step.before.split()[0][:200]} is not of a kind known here")


def _text(step: _Step, value: str) -> str:
    if step.kind == "literal":
        # what is printable needs no escape but these two
        if value.isprintable() and '"' not in value and "\\" not in value:
            return value
        if FORBIDDEN.search(value):
            raise Unsupported("a text holds a control character")
        return value.translate(_ESCAPES)
    if step.kind == "id":
        return _iri(value)
    iri = (step.values or {}).get(value)
    if iri is None:
        raise Unsupported(f"the word {value[:80]!r} is not known")
    return iri


def _number(subject: str, step: _Step, text: str, datatype: str) -> str:
    after = step.after if step.after != _PLAIN else f'"^^<{XSD}{datatype}> .\n'
    return f"{subject}{step.before}{text}{after}"


def _iri(value: Any) -> str:
    if type(value) is not str or not IRI.match(value):
        raise Unsupported("an id is not an absolute IRI")
    return value


def _definitions(context: Any) -> dict[str, Any]:
    """The term definitions of one context, without the aliases `id` and `type`; each says whether it is @protected."""
    if not isinstance(context, dict) or context.get("@version", 1.1) != 1.1:
        raise Unsupported("a context is not one object of JSON-LD 1.1")
    definitions = {}
    for name, value in context.items():
        if name in ("@version", "@protected"):
            continue
        if name.startswith("@") or name == "" or name.split(":")[0] in _SCHEMES:
            raise Unsupported(f"a context uses {name[:80]!r}")
        if name in ("id", "type"):
            if value != f"@{name}":
                raise Unsupported(f"a context gives {name!r} another meaning")
            continue
        definition = dict(value) if isinstance(value, dict) else {"@id": value}
        definitions[name] = {"@protected": context.get("@protected", False), **definition}
    return definitions


def _terms(definitions: dict[str, Any]) -> Terms:
    return {name: _term(definition) for name, definition in definitions.items()}


def _term(definition: dict[str, Any]) -> Term | None:
    iri, coercion = str(definition.get("@id")), definition.get("@type")
    known = {"@id", "@type", "@protected"} | ({"@context"} if coercion == "@vocab" else set())
    if definition.get("@container") == "@set":
        known.add("@container")
    protected = definition["@protected"]
    if not definition.keys() <= known or not _is_iri(iri) or not isinstance(protected, bool):
        return None
    if coercion is None or (_is_iri(coercion) and coercion not in _NOT_PLAIN):
        return Term(iri, "literal", None if coercion == XSD + "string" else coercion, None, protected)
    if coercion == "@id":
        return Term(iri, "id", None, None, protected)
    if coercion == "@vocab":
        try:
            words = _definitions(definition.get("@context", {}))
        except Unsupported:
            return None
        values = {word: meaning["@id"] for word, meaning in words.items() if _is_iri(meaning.get("@id"))}
        return Term(iri, "vocab", None, values, protected)
    return None


def _type(definition: dict[str, Any]) -> Type | None:
    """The class that a definition may stand for, or None; a property's definition is never taken for one."""
    if not _is_iri(definition.get("@id")) or not definition.keys() <= {"@id", "@protected", "@context"}:
        return None
    try:
        return Type(definition["@id"], _terms(_definitions(definition.get("@context", {}))))
    except Unsupported:
        return None


def _overlaid(below: Terms, above: Terms) -> Terms:
    for name, term in above.items():
        covered = below.get(name)
        if name in below and (covered is None or (covered.protected and covered != term)):
            raise Unsupported(f"the protected term {name[:80]!r} is defined otherwise")
    return {**below, **above}


def _step(term: Term) -> _Step:
    if term.kind != "literal":
        return _Step(term.kind, f" <{term.iri}> <", "> .\n", term.values)
    after = _PLAIN if term.datatype is None else f'"^^<{term.datatype}> .\n'
    return _Step(term.kind, f' <{term.iri}> "', after, term.values)


def _is_iri(value: Any) -> bool:
    return type(value) is str and IRI.match(value) is not None


def _rows(terms: Terms) -> dict[str, list[Any] | None]:
    return {name: None if term is None else list(term) for name, term in terms.items()}
