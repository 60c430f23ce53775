"""What a canonicalizer must not be fooled by: each is refused, within its budget, and plain PyLD shows why it must be."""

import copy
import random
import tracemalloc
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from registry.credential.rdf import bounded, canonicalizer
from registry.credential.rdf.bounded import MAX_DEFINITIONS, MAX_N_DEGREE_CALLS, Bounded, Budget
from registry.errors import Untrue
from schemas import CREDENTIALS_V2
from tests.builders.command import require
from tests.mutations.rdf_poison import POISON, REASONS, clique, credential, twins
from tests.mutations.rdf_records import CONTEXTS, documents, options_of, plain_oxigraph, plain_pyld, registration

Document = dict[str, Any]
V2 = {CREDENTIALS_V2: CONTEXTS[CREDENTIALS_V2]}
LIMIT = 64 * 1024 * 1024


def refusal(document: Document, contexts: dict[str, Document] = CONTEXTS) -> str:
    """The code with which the canonicalizer refuses it."""
    with pytest.raises(Untrue) as refused:
        canonicalizer(contexts)(document)
    return refused.value.code


@pytest.fixture
def signed() -> Document:
    """A registration credential of ours, with names."""
    return next(
        document for document in documents(registration, 100, "signed") if "names" in document["credentialSubject"]
    )


# Poison: small documents, or large ones, that cost without end


def test_there_is_poison_enough() -> None:
    assert len(POISON) >= 30


@pytest.mark.parametrize("name", POISON)
def test_poison_is_refused_within_its_budget(name: str) -> None:
    budget = Budget()
    tracemalloc.start()
    try:
        with pytest.raises(Untrue) as refused:
            Bounded(V2).nquads(POISON[name], budget)
        assert tracemalloc.get_traced_memory()[1] < LIMIT
    finally:
        tracemalloc.stop()
    assert refused.value.code == REASONS[name] == refusal(POISON[name])
    assert budget.n_degree_calls <= MAX_N_DEGREE_CALLS == 64
    assert budget.definitions <= MAX_DEFINITIONS


@pytest.mark.parametrize("k", [4, 5])
def test_without_the_limit_poison_works(k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MAX_N_DEGREE_CALLS", 10**6)
    budget = Budget()
    assert Bounded(V2).nquads(twins(k), budget)
    assert budget.n_degree_calls > MAX_N_DEGREE_CALLS * (2 if k == 4 else 10)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_blank_nodes_that_look_alike_are_told_apart_within_the_limit(k: int) -> None:
    require(find_spec("pyoxigraph") is not None, "pyoxigraph")
    budget = Budget()
    quads = Bounded(V2).nquads(twins(k), budget)
    assert quads == plain_pyld(twins(k)) == plain_oxigraph(twins(k))
    assert 0 < budget.n_degree_calls <= MAX_N_DEGREE_CALLS


def test_limits_are_wide_enough_for_honest_documents(signed: Document) -> None:
    budget = Budget()
    subjects = [{"type": "VerifiableCredential", "name": f"blank {n}"} for n in range(20)]
    Bounded(CONTEXTS).nquads({**signed, "evidence": subjects}, budget)
    assert budget.n_degree_calls == 0
    assert budget.definitions * 10 < MAX_DEFINITIONS


def test_every_document_pays_for_itself() -> None:
    slow = Bounded(V2)
    spent = []
    for _ in range(3):
        budget = Budget()
        slow.nquads(credential(), budget)
        spent.append(budget.definitions)
    assert spent[0] == spent[1] == spent[2] > 0


# Claims added to a signed document, which plain PyLD does not see


def _subject(document: Document) -> Any:
    return document["credentialSubject"]


def _add(**members: Any) -> Callable[[Document], None]:
    return lambda document: _subject(document).update(members)


ADDED: dict[str, tuple[str, Callable[[Document], Any]]] = {
    "undefined term": ("data_loss", _add(bankAccount="EVIL")),
    "undefined term at the top": ("data_loss", lambda document: document.update(surprise="EVIL")),
    "undefined term in a nested node": ("data_loss", lambda document: _subject(document)["names"][0].update(evil="x")),
    "an object under an undefined term": ("data_loss", _add(bankAccount={"id": "urn:x:a"})),
    "a term with a space": ("data_loss", _add(**{"urn:x:a b": "EVIL"})),
    "a keyword that is none": ("value", _add(**{"@foo": "EVIL"})),
    "@index": ("value", lambda document: _subject(document)["names"][0].update({"@index": "EVIL"})),
    "only a language": ("data_loss", _add(name={"@language": "en"})),
    "a null": ("value", _add(name=None)),
    "an empty array": ("value", _add(description=[])),
    "a node whose id has a space": (
        "iri",
        lambda document: _subject(document)["names"].append({"id": "urn:x y", "type": "OrganizationName"}),
    ),
    "a reference with a space": ("iri", _add(registrationEvent=["urn:e v"])),
    "a type with a space": ("iri", lambda document: document["type"].append("urn:e v")),
}


@pytest.mark.parametrize("what", ADDED)
def test_nothing_can_be_added_to_what_was_signed(what: str, signed: Document) -> None:
    signed["credentialSubject"].pop("registrationEvent", None)
    honest = plain_pyld(signed)
    assert canonicalizer(CONTEXTS)(signed) == honest
    code, add = ADDED[what]
    evil = copy.deepcopy(signed)
    add(evil)
    assert plain_pyld(evil) == honest, "without our checks the signature would still hold"
    assert refusal(evil) == code


def test_an_id_that_looks_like_a_keyword_is_no_blank_node(signed: Document) -> None:
    evil = copy.deepcopy(signed)
    evil["credentialSubject"]["names"].append({"id": "@evil", "type": "OrganizationName"})
    assert refusal(evil) == "iri"
    signed["type"].append("@evil")
    assert refusal(signed) == "iri"


def test_a_word_without_meaning_is_not_dropped(signed: Document) -> None:
    options = options_of(signed, random.Random(1))
    for purpose, code in (("evil", "iri"), ("urn:e v", "iri"), (["assertionMethod", "evil"], "iri")):
        assert refusal({**options, "proofPurpose": purpose}) == code
    assert refusal({**options, "evil": "x"}) == "data_loss"


# One statement smuggled inside another

_P, _Q = "urn:x:p", "urn:x:q"
HONEST_LANGUAGE = {_P: {"@value": "Acme", "@language": "en"}, _Q: "dissolved"}
HONEST_DATATYPE = {_P: {"@value": "1", "@type": "urn:x:t"}, _Q: {"@value": "x", "@type": "urn:x:u"}}
INJECTED: dict[str, tuple[str, Document]] = {
    "language": ("language_tag", {_P: {"@value": "Acme", "@language": f'en .\n<urn:x:s> <{_Q}> "dissolved"'}}),
    "empty language": ("language_tag", {_P: {"@value": "Acme", "@language": ""}}),
    "language with a line end": ("language_tag", {_P: {"@value": "Acme", "@language": "en\n"}}),
    "datatype": ("iri", {_P: {"@value": "1", "@type": "urn:x:t>\u200b<urn:x:u"}}),
    "datatype with an angle bracket": ("iri", {_P: {"@value": "1", "@type": 'urn:x:t>"'}}),
    "id": ("iri", {_P: {"@id": "urn:x:a>.<urn:x:s>"}}),
    "type": ("iri", {"type": "urn:x:t>.<urn:x:s>"}),
    "key": ("iri", {'urn:x:p>"v".<urn:x:s><urn:x:q': "w"}),
    "no-break space": ("iri", {_P: {"@id": "urn:x:a\u3000b"}}),
    "backslash": ("iri", {_P: {"@id": "urn:x:a\\u003e"}}),
    "direction": ("value", {_P: {"@value": "Acme", "@direction": "rtl"}}),
    "control character": ("value", {_P: "a\x0cb"}),
    "control character in a key": ("value", {"urn:x:\x01": "a"}),
    "half a pair": ("value", {_P: "\ud83e"}),
    "double": ("value", {_P: {"@value": "1.10", "@type": "http://www.w3.org/2001/XMLSchema#double"}}),
    "float": ("value", {_P: 1.5}),
    "large integer": ("value", {_P: 2**53}),
    "blank id": ("iri", {_P: {"@id": "_:b0"}}),
    "blank key": ("iri", {"_:p": "x"}),
    "blank type": ("iri", {"type": "_:t"}),
    "reversed": ("value", {"@reverse": {_P: {"@id": "urn:x:a"}}}),
    "included": ("value", {"@included": [{"@id": "urn:x:a", _P: "x"}]}),
}


@pytest.mark.parametrize("what", INJECTED)
def test_no_value_writes_a_statement_of_its_own(what: str) -> None:
    code, claims = INJECTED[what]
    assert refusal(credential(credentialSubject={"id": "urn:x:s", **claims}), V2) == code


def test_without_our_checks_a_language_tag_writes_a_statement() -> None:
    evil = INJECTED["language"][1]
    smuggled, honest = (
        plain_pyld(credential(credentialSubject={"id": "urn:x:s", **claims})) for claims in (evil, HONEST_LANGUAGE)
    )
    assert smuggled == honest
    assert canonicalizer(V2)(credential(credentialSubject={"id": "urn:x:s", **HONEST_LANGUAGE})) == honest


@pytest.mark.parametrize(
    "id", ["x", "", "#x", "?x", "/x", "../x", "//a.example/x", "x y", "1:x", "relative-reference:x"]
)
def test_relative_references_are_refused(id: str) -> None:
    for claims in ({"id": id, _P: "x"}, {"id": "urn:x:s", _P: {"id": id}}, {"id": "urn:x:s", "type": id or "x"}):
        assert refusal(credential(credentialSubject=claims), V2) == "iri"
    assert refusal({**credential(), "id": id}, V2) == "iri"
    assert refusal({**credential(), "issuer": id}, V2) == "iri"


# Contexts

EXAMPLES = "https://a.example/examples"
NAMED: dict[str, Any] = {
    "none": None,
    "an empty list": [],
    "an unknown one": [CREDENTIALS_V2, "https://a.example/unknown"],
    "a relative one": [CREDENTIALS_V2, "x"],
    "an inline one": [CREDENTIALS_V2, {"x": "urn:x:x"}],
    "an inline one alone": {"x": "urn:x:x"},
    "null": [CREDENTIALS_V2, None],
    "a list in a list": [CREDENTIALS_V2, [CREDENTIALS_V2]],
    "a number": 7,
}


@pytest.mark.parametrize("what", NAMED)
def test_only_contexts_known_beforehand(what: str) -> None:
    assert refusal({**credential(), "@context": NAMED[what]}, V2) == "context"
    assert refusal({key: value for key, value in credential().items() if key != "@context"}, V2) == "context"


def test_no_context_stands_inside() -> None:
    for inner in (CREDENTIALS_V2, [CREDENTIALS_V2], None, {"x": "urn:x:x"}):
        assert refusal(credential(credentialSubject={"@context": inner, "id": "urn:x:s"}), V2) == "context"


def test_a_context_reaches_for_no_other_and_for_no_base() -> None:
    for context in (
        {"@import": "https://a.example/other"},
        {"T": {"@id": "urn:x:T", "@context": "https://a.example/other"}},
        {"@base": "https://a.example/"},
        {"@reserved": "https://a.example/"},
        {"reserved": "@reserved"},
        {"reserved": {"@id": "@reserved"}},
    ):
        document = {**credential(), "@context": [CREDENTIALS_V2, EXAMPLES], "type": ["VerifiableCredential", "T"]}
        assert refusal(document, {**V2, EXAMPLES: {"@context": context}}) == "context"


def test_contexts_are_left_as_they_were() -> None:
    before = copy.deepcopy(CONTEXTS)
    for document in documents(registration, 3, "kept"):
        Bounded(CONTEXTS).nquads(document)
    assert before == CONTEXTS


# What must work


def test_honest_foreign_credentials_work() -> None:
    require(find_spec("pyoxigraph") is not None, "pyoxigraph")
    document = credential(
        id="urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        name={"@value": "Attestation é", "@language": "fr-CA"},
        description=[{"@value": "one", "@language": "en"}, {"@value": "deux", "@language": "fr"}],
        issuer={"id": "did:key:zX", "name": "X"},
        validFrom="2026-01-02T03:04:05Z",
        credentialSubject=[{"urn:x:list": {"@list": ["b", "a"]}, "urn:x:n": [1, True, "x"]}, {"id": "did:example:1"}],
        evidence={"type": ["JsonSchema"], "urn:x:p": {"urn:x:q": [{"name": "a"}, {"name": "b"}]}},
    )
    quads = canonicalizer(V2)(document)
    assert quads == plain_pyld(document) == plain_oxigraph(document)
    assert b"_:c14n3" in quads
    assert b'"Attestation \xc3\xa9"@fr-ca' in quads


def test_a_vocabulary_takes_terms_that_nobody_defined() -> None:
    contexts = {**V2, EXAMPLES: {"@context": {"@vocab": "https://a.example/vocabulary#"}}}
    subject = {"id": "did:example:1", "degree": {"type": "Degree", "title": "x"}}
    document = {**credential(credentialSubject=subject), "@context": [CREDENTIALS_V2, EXAMPLES]}
    quads = canonicalizer(contexts)(document)
    assert b"<did:example:1> <https://a.example/vocabulary#degree> _:c14n" in quads
    assert refusal({**document, "evil>term": "x"}, contexts) == "iri"


def test_language_maps_and_indexes_of_a_context() -> None:
    context = {
        "title": {"@id": "urn:x:title", "@container": "@language"},
        "entry": {"@id": "urn:x:entry", "@container": "@index"},
        "words": {"@id": "urn:x:words", "@container": "@list"},
    }
    contexts = {**V2, EXAMPLES: {"@context": context}}

    def document(**claims: Any) -> Document:
        return {**credential(credentialSubject={"id": "urn:x:s", **claims}), "@context": [CREDENTIALS_V2, EXAMPLES]}

    canonicalize = canonicalizer(contexts)
    assert b'<urn:x:title> "Titel"@de .' in canonicalize(document(title={"de": "Titel", "en": "title"}))
    assert canonicalize(document(words=["b", "a"])).count(b"rdf-syntax-ns#rest") == 2
    assert refusal(document(title={"de .": "Titel"}), contexts) == "language_tag"
    assert refusal(document(entry={"unsigned": "x"}), contexts) == "value"


def test_a_presentation_carries_credentials_with_contexts_of_their_own(signed: Document) -> None:
    presentation = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": "did:example:1",
        "verifiableCredential": [signed],
    }
    quads = canonicalizer(CONTEXTS)(presentation)
    assert quads == plain_pyld(presentation)
    assert refusal({**presentation, "verifiableCredential": [{**signed, "@context": {"x": "urn:x:x"}}]}) == "context"
    signed["credentialSubject"]["evil"] = "x"
    assert refusal(presentation) == "data_loss"


def test_two_ways_to_say_one_thing_are_one_statement() -> None:
    number = "http://www.w3.org/2001/XMLSchema#integer"
    once = credential(credentialSubject={"id": "urn:x:s", _P: 1})
    twice = credential(credentialSubject={"id": "urn:x:s", _P: [1, {"@value": "1", "@type": number}]})
    assert canonicalizer(V2)(once) == canonicalizer(V2)(twice)
    assert plain_pyld(twice) != plain_pyld(once), "PyLD writes the same statement twice"


def test_labels_of_blank_nodes_are_nobodys_choice() -> None:
    assert refusal(clique(3), V2) == "iri"
    assert refusal(credential(id="_:c14n0"), V2) == "iri"
