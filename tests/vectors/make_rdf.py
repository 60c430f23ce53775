"""Write schemas/vectors/nquads.json: compiled contexts, documents and their canonical N-Quads, for Python and for the browser.

    python -m tests.vectors.make_rdf

`tables`: what `compiled.Tables.to_json` gives, by name; `contexts`: of what those are made that are of no published context.
Each case names its tables; `nquads` is null where the document is not understood. All documents are JSON that the strict
reader takes.
"""

import copy
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry.credential.rdf.compiled import Tables, Unsupported, compile_contexts, nquads
from registry.encoding import strict_json
from registry.errors import Malformed
from schemas import CREDENTIALS_V2
from tests.mutations.rdf_records import CONTEXTS, bent, documents
from tests.registry.credential.rdf.test_compiled import KINDS, REFUSED, full_registration

TARGET = Path(__file__).parents[2] / "schemas" / "vectors" / "nquads.json"
#: of each kind: so many as they are, and so many bent
HONEST, BENT = 4, 16
MAX_CHARACTERS = 4000
ODD = {"@id": "urn:x:odd", "@container": "@language"}
#: terms that are defined again in the nodes of a type
MADE_UP = {
    "@context": {
        "@version": 1.1,
        "@protected": True,
        "id": "@id",
        "type": "@type",
        "word": "urn:x:word",
        "odd": ODD,
        "loose": {"@id": "urn:x:loose", "@protected": False},
        "looseOdd": {**ODD, "@protected": False},
        "Plain": {"@id": "urn:x:Plain"},
        "Same": {"@id": "urn:x:Same", "@context": {"@protected": True, "word": "urn:x:word", "more": "urn:x:more"}},
        "Other": {"@id": "urn:x:Other", "@context": {"@protected": True, "word": "urn:x:other"}},
        "Unprotected": {"@id": "urn:x:Unprotected", "@context": {"word": "urn:x:word"}},
        "NotUsable": {"@id": "urn:x:NotUsable", "@context": {"@protected": True, "word": ODD}},
        "SameOdd": {"@id": "urn:x:SameOdd", "@context": {"@protected": True, "odd": ODD}},
        "OtherLoose": {"@id": "urn:x:OtherLoose", "@context": {"loose": "urn:x:other"}},
        "OtherLooseOdd": {"@id": "urn:x:OtherLooseOdd", "@context": {"looseOdd": "urn:x:other"}},
    }
}
#: what a literal may be, beside a text
VALUES = (True, False, 0, -7, 2**53 - 1, [True, "true", 7, "7"])


def make() -> dict[str, Any]:
    """The content of the file."""
    tables = {
        "registration": compile_contexts([*CONTEXTS.values()]),
        "revocations": compile_contexts([CONTEXTS[CREDENTIALS_V2]]),
        "made up": compile_contexts([MADE_UP]),
    }
    cases = []
    for kind, make_one in KINDS.items():
        dice = random.Random(kind)
        small = (
            case for case in documents(make_one, 1000, f"vectors {kind}") if len(json.dumps(case)) < MAX_CHARACTERS
        )
        for n in range(HONEST + BENT):
            document = next(small) if n < HONEST else bent(next(small), dice)
            cases += _case(f"{kind} {n}", kind.split("_")[0], tables, document)
    full = full_registration()
    for what, change in REFUSED.items():
        document = copy.deepcopy(full)
        change(document)
        cases += _case(what, "registration", tables, document)
    for what, named, document in _decided():
        cases += _case(what, named, tables, document)
    named_tables = {name: table.to_json() for name, table in tables.items()}
    return {"tables": named_tables, "contexts": {"made up": [MADE_UP]}, "cases": cases}


def _decided() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What the writer of another verifier had to guess: levels, literals that are no texts, terms that are defined again."""
    for levels in (12, 13):
        node: dict[str, Any] = {"id": "urn:x:deepest", "type": "VerifiableCredential", "name": "deep"}
        for level in range(levels - 1, 0, -1):
            node = {"id": f"urn:x:{level}", "type": "VerifiableCredential", "evidence": node}
        yield f"{levels} levels", "registration", node
    for value in VALUES:
        for name, of_what in (("name", "without a datatype"), ("validFrom", "with a datatype")):
            yield (
                f"{json.dumps(value)} of a literal {of_what}",
                "registration",
                {"id": "urn:x:a", "type": "VerifiableCredential", name: value},
            )
    yield "nothing is said", "registration", {"id": "urn:x:a"}
    yield "nothing is said of nobody", "registration", {}
    for name in (name for name in MADE_UP["@context"] if name[0].isupper()):
        yield f"the type {name}", "made up", {"id": "urn:x:a", "type": name, "word": "x"}
    yield "a loose term of another meaning", "made up", {"id": "urn:x:a", "type": "OtherLoose", "loose": "x"}
    yield "a loose term", "made up", {"id": "urn:x:a", "type": "Plain", "loose": "x"}


def _case(name: str, named: str, tables: dict[str, Tables], document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    try:
        strict_json.parse_object(json.dumps(document))
    except Malformed:
        return
    try:
        quads = nquads(tables[named], document).decode()
    except Unsupported:
        quads = None
    yield {"name": name, "tables": named, "document": document, "nquads": quads}


def text() -> str:
    """The file as it must be."""
    made = make()
    cases = ",\n".join(json.dumps(case, separators=(",", ":")) for case in made["cases"])
    rest = {name: json.dumps(made[name], separators=(",", ":")) for name in ("tables", "contexts")}
    return f'{{"tables":{rest["tables"]},\n"contexts":{rest["contexts"]},\n"cases":[\n{cases}\n]}}\n'


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(make()['cases'])} cases\n")
