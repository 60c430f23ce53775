"""Documents made to be dear: each is small or at most 256 kB, and has to be refused within its budget of work.

`POISON` holds them by name, `REASONS` the code of the refusal. Contexts: credentials/v2 alone.
"""

from typing import Any

from schemas import CREDENTIALS_V2

Document = dict[str, Any]


def credential(**members: Any) -> Document:
    """A credential of foreign looks, with these members besides."""
    return {"@context": [CREDENTIALS_V2], "type": ["VerifiableCredential"], "issuer": "did:web:a.example", **members}


def twins(k: int) -> Document:
    """Two equal blank subjects, each with k equal blank children: about 30 bytes for each further factor of k."""

    def subject() -> Document:
        return {"urn:x:p": [{"urn:x:q": "x"} for _ in range(k)]}

    return credential(credentialSubject=[subject(), subject()])


def brothers(n: int, k: int) -> Document:
    """n equal blank subjects with k equal blank children."""
    return credential(credentialSubject=[{"urn:x:p": [{"urn:x:q": "x"} for _ in range(k)]} for _ in range(n)])


def clique(n: int) -> Document:
    """n blank nodes with labels, each pointing at all others."""
    names = [f"_:b{i}" for i in range(n)]
    return credential(
        credentialSubject=[
            {"id": node, "urn:x:p": [{"id": other} for other in names if other != node]} for node in names
        ]
    )


def ring(n: int) -> Document:
    """A ring of blank nodes with labels."""
    return credential(credentialSubject=[{"id": f"_:b{i}", "urn:x:p": {"id": f"_:b{(i + 1) % n}"}} for i in range(n)])


def trees(depth: int, width: int) -> Document:
    """Two equal trees of blank nodes, all leaves alike."""

    def tree(left: int) -> Document:
        return {"urn:x:p": [tree(left - 1) for _ in range(width)] if left else "x"}

    return credential(credentialSubject=[tree(depth), tree(depth)])


def lists(n: int) -> Document:
    """n equal RDF lists: chains of blank nodes that differ by nothing."""
    return credential(credentialSubject=[{"urn:x:p": {"@list": ["x", "y", "z"]}} for _ in range(n)])


def graphs(n: int) -> Document:
    """n equal proofs: each is a graph whose name is a blank node."""
    return credential(proof=[{"type": "DataIntegrityProof", "proofValue": "z1"} for _ in range(n)])


def crossed(n: int) -> Document:
    """n equal subjects through four predicates, so that every surrounding looks like every other."""
    child = {"urn:x:q": "x"}
    return credential(
        credentialSubject=[{f"urn:x:p{i}": [dict(child), dict(child), dict(child)] for i in range(4)} for _ in range(n)]
    )


def deep(levels: int) -> Document:
    """Nodes inside nodes."""
    node: Document = {"urn:x:p": "x"}
    for _ in range(levels):
        node = {"urn:x:p": node}
    return credential(credentialSubject=node)


def nested_arrays(levels: int) -> Document:
    """Arrays inside arrays."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return credential(credentialSubject={"urn:x:p": value})


def wide(n: int) -> Document:
    """One property with n different values, each compared with all before it."""
    return credential(credentialSubject={"id": "urn:x:s", "urn:x:p": [f"value {i}" for i in range(n)]})


def spread(n: int, times: int) -> Document:
    """The same, spread over many nodes of one id."""
    return credential(
        credentialSubject=[{"id": "urn:x:s", "urn:x:p": [f"value {i} {j}" for i in range(n)]} for j in range(times)]
    )


def typed(nodes: int) -> Document:
    """Nodes of ever new combinations of the types that have contexts of their own."""
    names = [
        "VerifiableCredential",
        "VerifiablePresentation",
        "JsonSchema",
        "BitstringStatusList",
        "BitstringStatusListEntry",
        "DataIntegrityProof",
    ]
    combinations = [[name for i, name in enumerate(names) if number >> i & 1] for number in range(1, 64)]
    subjects = [{"id": f"urn:x:{i}", "type": combinations[i * 29 % 63]} for i in range(nodes)]
    return credential(credentialSubject=subjects)


def long_text(characters: int) -> Document:
    """One text."""
    return credential(credentialSubject={"id": "urn:x:s", "urn:x:p": "x" * characters})


def inline_context() -> Document:
    """A context inside a context inside a context, in the document."""
    inner: Any = {"a": "urn:x:a"}
    for _ in range(50):
        inner = {"a": {"@id": "urn:x:a", "@context": inner}}
    return {**credential(), "@context": [CREDENTIALS_V2, inner]}


def many_contexts(n: int) -> Document:
    """The same context again and again."""
    return {**credential(), "@context": [CREDENTIALS_V2] * n}


#: code of the refusal -> name -> document
_BY_REASON: dict[str, dict[str, Document]] = {
    "work_limit": {
        **{f"twins_{k}": twins(k) for k in range(4, 10)},
        "twins_40": twins(40),
        "twins_200": twins(200),
        "brothers_3_4": brothers(3, 4),
        "brothers_8_3": brothers(8, 3),
        "brothers_40_2": brothers(40, 2),
        "trees_2_3": trees(2, 3),
        "trees_3_3": trees(3, 3),
        "trees_6_2": trees(6, 2),
        "lists_80": lists(80),
        "lists_600": lists(600),
        "graphs_80": graphs(80),
        "graphs_800": graphs(800),
        "crossed_3": crossed(3),
        "crossed_60": crossed(60),
        "deep_13": deep(13),
        "deep_60": deep(60),
        "nested_arrays_60": nested_arrays(60),
        "wide_800": wide(800),
        "wide_4900": wide(4900),
        "spread_100_40": spread(100, 40),
        "typed_600": typed(600),
        "too_many_values": wide(6000),
        "long_text": long_text(300_000),
    },
    "iri": {
        "clique_4": clique(4),
        "clique_8": clique(8),
        "clique_10": clique(10),
        "clique_40": clique(40),
        "ring_200": ring(200),
    },
    "context": {
        "inline_context": inline_context(),
        "many_contexts": many_contexts(2000),
    },
}
POISON: dict[str, Document] = {name: document for group in _BY_REASON.values() for name, document in group.items()}
REASONS: dict[str, str] = {name: code for code, group in _BY_REASON.items() for name in group}
