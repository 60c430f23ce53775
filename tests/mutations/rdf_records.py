"""Random documents of our profile, awkward on purpose and always the same for a seed; and two other canonicalizers."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from pyld import jsonld

from issuer.signing.status_list import draft_status_list
from issuer.timeline.draft import Numbered, credential
from registry.credential.identity import Identity, make
from schemas import CREDENTIALS_V2, context_document
from schemas.organization import Address, Event, Name, Relationship, State

Document = dict[str, Any]
IDENTITY: Identity = make("http://localhost:8000")
CONTEXTS: dict[str, Document] = {
    CREDENTIALS_V2: context_document("credentials/v2"),
    IDENTITY.context_url: context_document("organization/v1"),
}
CREATED = "2026-01-02T03:04:05Z"
#: what readers have got wrong: escapes, line ends that are none, both sides of the surrogates, syntax of N-Quads
_PIECES = [
    *(
        "A",
        "B",
        "0",
        "-",
        "'",
        "&",
        " ",
        "é",
        "É",
        "ß",
        "\u0100",
        "Ω",
        "Я",
        "ع",
        "漢",
        "\u0085",
        "\u2028",
        "\u2029",
        "\u00a0",
    ),
    *(
        "\uff5e",
        "\U0001f98c",
        "\U0010fffd",
        "\u0301",
        "\u200f",
        "\ufffd",
        "\t",
        "\n",
        "\r",
        '"',
        "\\",
        "\\u0041",
        "\\n",
        '" .\n',
    ),
    *("_:b0", "_:c14n0", "<http://a.example/>", "@en", "^^<urn:x:t>", "@id", "%20", "null"),
]


def plain_pyld(document: Document) -> bytes:
    """PyLD as it comes: no check, no limit."""
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load}
    text: str = jsonld.normalize(document, options)
    return text.encode()


def _load(url: str, _options: Any) -> Document:
    return {"contextUrl": None, "documentUrl": url, "document": copy.deepcopy(CONTEXTS[url]), "tag": "static"}


def plain_oxigraph(document: Document) -> bytes:
    """pyoxigraph: JSON-LD and RDFC-1.0 in Rust. It has no document loader, so the contexts stand in the document."""
    import pyoxigraph

    inlined = {**document, "@context": [CONTEXTS[url]["@context"] for url in document["@context"]]}
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(json.dumps(inlined), format=pyoxigraph.RdfFormat.JSON_LD))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    lines = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).split(b"\n")
    return b"".join(sorted(line + b"\n" for line in lines if line))


def registration(dice: random.Random) -> Document:
    """A registration credential with any of the fields of an organization."""
    number = "".join(dice.choices("ABCXYZ0123456789.-", k=dice.randint(1, 12)))
    lists = tuple((purpose, IDENTITY.status_list_id(purpose, "sample", 1)) for purpose in ("revocation", "suspension"))
    numbered = Numbered(_state(dice, number), dice.randint(1, 99), lists, dice.randrange(131_072))
    return credential(numbered, IDENTITY, _text(dice), CREATED)


def revocations(dice: random.Random) -> Document:
    """A status list credential."""
    encoded = "u" + "".join(dice.choices("ABCxyz012_-", k=dice.randint(1, 400)))
    purpose = dice.choice(("revocation", "suspension"))
    list_id = IDENTITY.status_list_id(purpose, "sample", dice.randint(1, 99))
    return draft_status_list(list_id, purpose, IDENTITY.issuer_did("sample"), _text(dice), encoded, CREATED)


def options_of(document: Document, dice: random.Random) -> Document:
    """The proof options under which such a document is signed; their node is blank."""
    created = f"20{dice.randint(10, 99)}-01-02T03:04:{dice.randint(10, 59)}Z"
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": dice.choice(("eddsa-rdfc-2022", "ecdsa-rdfc-2019")),
        "created": created,
        "verificationMethod": f"{document['issuer']['id']}#credential-{dice.randint(1, 99)}",
        "proofPurpose": dice.choice(("assertionMethod", "authentication")),
    }
    if dice.random() < 0.2:
        options |= {"expires": created, "challenge": _text(dice), "domain": _text(dice), "nonce": _text(dice)}
    if dice.random() < 0.2:
        options["previousProof"] = "urn:uuid:26329423-bec9-4b2e-88cb-a7c7d9dc4544"
    return {"@context": document["@context"], **options}


def bent(document: Document, dice: random.Random) -> Document:
    """The document with one to three things changed for others that also occur in documents, fitting or not."""
    changed = copy.deepcopy(document)
    for _ in range(dice.randint(1, 3)):
        node = dice.choice(_nodes(changed))
        key = dice.choice([*node, dice.choice(_KEYS)])
        action = dice.random()
        if key == "@context":
            continue
        if action < 0.2:
            node.pop(key, None)
        else:
            node[key] = copy.deepcopy(dice.choice(_VALUES) if action < 0.8 else dice.choice(_nodes(document)))
    return changed


def _nodes(value: Any) -> list[Document]:
    if isinstance(value, dict):
        return [value, *(node for member in value.values() for node in _nodes(member))]
    return [node for item in value for node in _nodes(item)] if isinstance(value, list) else []


_KEYS = (
    *("id", "type", "name", "description", "issuer", "proof", "credentialSubject", "credentialStatus", "evidence"),
    *("validFrom", "statusSize", "statusPurpose", "statusReference", "statusMessage", "names", "nameText"),
    *("legalName", "relationships", "relatedOrganization", "proofPurpose", "created", "previousProof", "digestSRI"),
    *("mediaType", "aud", "exp", "iat", "cnf", "_sd", "_sd_alg", "...", "jsonSchema", "encodedList"),
    *("assertionMethod", "@id", "urn:x:p"),
)
_VALUES = (
    *(
        "x",
        "",
        "é\u0085",
        "urn:x:a",
        "https://a.example/#b",
        "did:x:y",
        "http:",
        "https:x",
        "urn:x",
        "_:b0",
        "x y",
        "@id",
        "name",
    ),
    *("assertionMethod", "VerifiableCredential", "BitstringStatusListEntry", "RegisteredOrganization", "JsonSchema"),
    *(["VerifiableCredential", "RegisteredOrganization"], ["DataIntegrityProof", "JsonSchema"], ["urn:x:a", "urn:x:b"]),
    *(
        ["x", "x", "y"],
        ["RegisteredOrganization", "RegisteredOrganization"],
        ["BitstringStatusList", "VerifiablePresentation"],
    ),
    *(
        0,
        -1,
        7,
        True,
        False,
        [1, True, "1"],
        2**53,
        1.0,
        None,
        [],
        {},
        [[]],
        {"id": "urn:x:a"},
        {"id": "urn:x:a", "name": "x"},
    ),
    *([{"id": "urn:x:a", "name": "x"}, "urn:x:a"], {"name": "x"}, {"type": "RegisteredOrganization", "legalName": "x"}),
)


def documents(make_one: Any, count: int, seed: str) -> Iterator[Document]:
    """`count` documents of that kind."""
    dice = random.Random(seed)
    for _ in range(count):
        yield make_one(dice)


def _state(dice: random.Random, number: str) -> State:
    def maybe(make_one: Any) -> Any:
        return make_one(dice) if dice.random() < 0.6 else None

    def several(make_one: Any) -> Any:
        return tuple(make_one() for _ in range(dice.choice((0, 0, 1, 2, 5))))

    return State(
        register="sample",
        number=number,
        entity_type=_text(dice),
        legal_name=maybe(_text),
        status=maybe(_text),
        register_status=maybe(_text),
        status_since=maybe(_date),
        registered_on=maybe(_date),
        jurisdiction=maybe(_text),
        home_jurisdiction=maybe(_text),
        business_number=maybe(_text),
        names=several(lambda: Name(_text(dice), _text(dice), maybe(_text), maybe(_date), maybe(_date))),
        addresses=several(lambda: Address(_text(dice), *(maybe(_text) for _ in range(5)))),
        relationships=several(
            lambda: Relationship(
                _text(dice), dice.choice((number, "X1", None)), maybe(_text), maybe(_date), maybe(_date)
            )
        ),
        event=Event(_text(dice), maybe(_text), maybe(_text), maybe(_date)) if dice.random() < 0.8 else None,
    )


def _text(dice: random.Random) -> str:
    return "".join(dice.choices(_PIECES, k=dice.randint(1, 12)))


def _date(dice: random.Random) -> str:
    return f"{dice.randint(1000, 2100)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
