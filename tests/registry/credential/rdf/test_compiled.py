"""The compiled canonicalization: the same bytes as PyLD and pyoxigraph, or no answer."""

import copy
import json
import random
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

import pytest

from registry.credential.rdf import bounded, canonicalizer, compiled
from registry.credential.rdf.compiled import Tables, Term, Type, Unsupported, compile_contexts, nquads
from tests.builders.command import SOAK, require
from tests.mutations.rdf_records import (
    CONTEXTS,
    CREATED,
    IDENTITY,
    bent,
    documents,
    options_of,
    plain_oxigraph,
    plain_pyld,
    registration,
    revocations,
)

KINDS: dict[str, Callable[[random.Random], dict[str, Any]]] = {
    "registration": registration,
    "revocations": revocations,
    "registration_options": lambda dice: options_of(registration(dice), dice),
    "revocations_options": lambda dice: options_of(revocations(dice), dice),
}


def tables_of(document: dict[str, Any]) -> Tables:
    return compile_contexts([CONTEXTS[url] for url in document["@context"]])


@cache
def full_registration() -> dict[str, Any]:
    """A registration with every kind of node in it, and little text."""
    kinds = {"names", "addresses", "relationships", "registrationEvent", "legalName"}
    full = [
        credential
        for credential in documents(registration, 400, "full")
        if kinds <= credential["credentialSubject"].keys()
    ]
    return min(full, key=lambda credential: len(str(credential)))


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(full_registration())


@pytest.mark.parametrize("kind", KINDS)
def test_random_documents_equal_pyld(kind: str) -> None:
    seen, count = set(), 2000 if SOAK else 600
    tables = tables_of(next(documents(KINDS[kind], 1, kind)))
    for credential in documents(KINDS[kind], count, kind):
        quads = nquads(tables, credential)
        assert quads == plain_pyld(credential)
        seen.add(quads)
    assert len(seen) > 0.95 * count


@pytest.mark.parametrize("kind", KINDS)
def test_random_documents_equal_another_implementation(kind: str) -> None:
    require(find_spec("pyoxigraph") is not None, "pyoxigraph")
    for credential in documents(KINDS[kind], 100, kind):
        assert nquads(tables_of(credential), credential) == plain_oxigraph(credential)


@pytest.mark.parametrize("kind", KINDS)
def test_where_it_answers_for_a_bent_document_the_others_agree(kind: str) -> None:
    slow = bounded.Bounded(CONTEXTS)
    dice = random.Random(kind)
    tables = tables_of(next(documents(KINDS[kind], 1, kind)))
    answered = 0
    for credential in documents(KINDS[kind], 800, kind):
        changed = bent(credential, dice)
        try:
            quads = nquads(tables, changed)
        except Unsupported:
            continue
        answered += 1
        assert quads == slow.nquads(changed)
    assert answered > 100


@pytest.mark.parametrize("kind", KINDS)
def test_the_slow_path_gives_the_same(kind: str) -> None:
    slow = bounded.Bounded(CONTEXTS)
    for credential in documents(KINDS[kind], 25, kind):
        assert slow.nquads(credential) == nquads(tables_of(credential), credential)


def test_the_exported_tables_are_all_that_the_walk_needs(document: dict[str, Any]) -> None:
    exported = json.loads(json.dumps(tables_of(document).to_json()))

    def terms(rows: dict[str, Any]) -> dict[str, Term | None]:
        return {name: None if row is None else Term(*row) for name, row in rows.items()}

    types = {name: Type(table["iri"], terms(table["terms"])) for name, table in exported["types"].items()}
    assert nquads(Tables(terms(exported["terms"]), types), document) == plain_pyld(document)


def test_the_vectors_for_the_browser_are_up_to_date() -> None:
    from tests.vectors import make_rdf  # it reads the refusals of this file

    text = make_rdf.TARGET.read_text("utf-8")
    assert text == make_rdf.text()
    cases = json.loads(text)["cases"]
    assert len({case["nquads"] for case in cases}) > 30
    assert sum(case["nquads"] is None for case in cases) > 60


def test_only_two_printable_characters_need_an_escape() -> None:
    """What the walk takes for granted, over all of Unicode as this Python knows it."""
    printable = [character for character in map(chr, range(0x110000)) if character.isprintable()]
    assert len(printable) > 100_000
    assert [character for character in printable if character.translate(compiled._ESCAPES) != character] == ['"', "\\"]
    assert not any(compiled.FORBIDDEN.search(character) for character in printable)


def test_numbers_and_truth_values_have_their_datatypes() -> None:
    status_entry = {
        "@context": [*CONTEXTS],
        "id": "urn:x:list",
        "type": "BitstringStatusListEntry",
        "statusSize": 2,
        "statusPurpose": [True, -7, "text"],
    }
    assert nquads(tables_of(status_entry), status_entry) == plain_pyld(status_entry)
    assert b'"2"^^<https://www.w3.org/2001/XMLSchema#integer>' in plain_pyld(status_entry)


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        *way, last = path.split(".")
        node: Any = document
        for step in way:
            node = node[int(step)] if isinstance(node, list) else node[step]
        node[last] = value

    return change


REFUSED = {
    "unknown term": _set("credentialSubject.bankAccount", "x"),
    "unknown term at the top": _set("surprise", "x"),
    "unknown type": _set("type", ["VerifiableCredential", "Surprise"]),
    "an IRI as term": _set("credentialSubject.urn:x:p", "x"),
    "an IRI as type": _set("type", ["VerifiableCredential", "urn:x:t"]),
    "no type left": _set("type", []),
    "type is a number": _set("type", 7),
    "relative id": _set("credentialSubject.id", "organizations/1"),
    "empty id": _set("credentialSubject.id", ""),
    "id with a space": _set("credentialSubject.id", "urn:x:a b"),
    "id with a line end": _set("credentialSubject.id", "urn:x:a\n"),
    "id with an angle bracket": _set("credentialSubject.id", "urn:x:a>"),
    "blank id": _set("credentialSubject.id", "_:b0"),
    "id of a scheme not ours": _set("credentialSubject.id", "ftp://a.example/"),
    "id beyond ASCII": _set("credentialSubject.id", "https://a.example/é"),
    "relative reference": _set("credentialSchema", "schema.json"),
    "node without id": _set("credentialSubject.names", [{"type": "OrganizationName", "nameText": "x"}]),
    "node where a text belongs": _set("credentialSubject.legalName", {"id": "urn:x:a"}),
    "array in an array": _set("credentialSubject.legalName", [["x"]]),
    "empty array": _set("credentialSubject.names", []),
    "null": _set("credentialSubject.legalName", None),
    "float": _set("credentialSubject.legalName", 1.5),
    "large integer": _set("credentialSubject.legalName", 2**53),
    "truth value where an IRI belongs": _set("credentialSchema", True),
    "control character": _set("credentialSubject.legalName", "a\x08b"),
    "NUL": _set("credentialSubject.legalName", "\x00"),
    "DEL": _set("credentialSubject.legalName", "\x7f"),
    "noncharacter": _set("credentialSubject.legalName", "\uffff"),
    "half a pair": _set("credentialSubject.legalName", "\ud83e"),
    "value object": _set("credentialSubject.legalName", {"@value": "x"}),
    "@id": _set("credentialSubject.@id", "urn:x:a"),
    "@type": _set("credentialSubject.@type", "urn:x:a"),
    "@index": _set("credentialSubject.@index", "x"),
    "@graph": _set("@graph", [{"id": "urn:x:a"}]),
    "nested @context": _set("credentialSubject.@context", [*CONTEXTS]),
    "a graph container": _set("proof", {"id": "urn:x:a"}),
    "JSON literal": _set("_sd", ["x"]),
    "a term of another type": _set("credentialSubject.encodedList", "u"),
    "two blank nodes": lambda document: (document.pop("id"), document["credentialSubject"].pop("id"))[0],
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_answers_for_nothing_that_it_does_not_understand(what: str, document: dict[str, Any]) -> None:
    tables = tables_of(document)
    nquads(tables, document)
    REFUSED[what](document)
    with pytest.raises(Unsupported):
        nquads(tables, document)


def test_a_word_out_of_place_is_not_understood(document: dict[str, Any]) -> None:
    options = options_of(document, random.Random(1))
    for word in ("name", "surprise", "https://w3id.org/security#assertionMethod", ""):
        with pytest.raises(Unsupported):
            nquads(tables_of(document), {**options, "proofPurpose": word})


def test_nodes_inside_nodes_end_somewhere(document: dict[str, Any]) -> None:
    node: dict[str, Any] = {"id": "urn:x:a"}
    for _ in range(20):
        node = {"id": "urn:x:a", "type": "RegisteredOrganization", "relationships": node}
    with pytest.raises(Unsupported):
        nquads(tables_of(document), {**document, "credentialSubject": node})


CONTEXTS_BEYOND = {
    "@vocab": {"@vocab": "https://a.example/"},
    "@base": {"@base": "https://a.example/"},
    "@language": {"@language": "en"},
    "@import": {"@import": "https://a.example/"},
    "@propagate": {"@propagate": False},
    "a prefix that is a scheme": {"urn": "https://a.example/"},
    "another id": {"id": "https://a.example/id"},
    "a protected term redefined": {"name": "https://a.example/name"},
    "an array": [{"a": "https://a.example/a"}],
    "another version": {"@version": 1.0},
}


@pytest.mark.parametrize("what", CONTEXTS_BEYOND)
def test_contexts_beyond_it_are_left_alone(what: str) -> None:
    with pytest.raises(Unsupported):
        compile_contexts([*CONTEXTS.values(), {"@context": CONTEXTS_BEYOND[what]}])


TERMS_BEYOND = {
    "compact": "schema:name",
    "null": None,
    "@json": {"@id": "https://a.example/a", "@type": "@json"},
    "@none": {"@id": "https://a.example/a", "@type": "@none"},
    "double": {"@id": "https://a.example/a", "@type": "http://www.w3.org/2001/XMLSchema#double"},
    "compact datatype": {"@id": "https://a.example/a", "@type": "xsd:date"},
    "list": {"@id": "https://a.example/a", "@container": "@list"},
    "language map": {"@id": "https://a.example/a", "@container": "@language"},
    "reverse": {"@reverse": "https://a.example/a"},
    "language": {"@id": "https://a.example/a", "@language": "en"},
    "nest": {"@id": "https://a.example/a", "@nest": "@nest"},
    "scoped": {"@id": "https://a.example/a", "@context": {"b": "https://a.example/b"}},
    "keyword": "@value",
}


@pytest.mark.parametrize("what", TERMS_BEYOND)
def test_a_term_beyond_it_is_only_that_term(what: str) -> None:
    extra = {"@context": {"odd": TERMS_BEYOND[what], "even": "https://a.example/even"}}
    tables = compile_contexts([*CONTEXTS.values(), extra])
    assert nquads(tables, {"id": "urn:x:a", "even": "x"}) == b'<urn:x:a> <https://a.example/even> "x" .\n'
    with pytest.raises(Unsupported):
        nquads(tables, {"id": "urn:x:a", "even": "x", "odd": "x"})


def test_the_dispatch_takes_the_slow_path_only_where_it_must(document: dict[str, Any], monkeypatch: Any) -> None:
    canonicalize = canonicalizer(CONTEXTS)
    expected = plain_pyld(document)
    blank = {**document, "evidence": {"type": "RegisteredOrganization", "legalName": "x"}}
    assert canonicalize(blank) == plain_pyld(blank)

    def closed(*_: Any, **_named: Any) -> bytes:
        raise AssertionError("the slow path was taken")

    monkeypatch.setattr(bounded.Bounded, "nquads", closed)
    assert canonicalize(document) == expected
    assert canonicalize({**document, "validUntil": CREATED, "issuer": IDENTITY.issuer_did("sample")})
    with pytest.raises(AssertionError):
        canonicalize(blank)
