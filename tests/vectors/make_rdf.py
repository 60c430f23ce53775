"""Write schemas/vectors/nquads.json: compiled contexts, documents and their canonical N-Quads, for Python and for the browser.

    python -m tests.vectors.make_rdf

`tables`: what `compiled.Tables.to_json` gives, by name. Each case names its tables; `nquads` is null where the
document is not understood. All documents are JSON that the strict reader takes.
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


def make() -> dict[str, Any]:
    """The content of the file."""
    tables = {
        "registration": compile_contexts([*CONTEXTS.values()]),
        "revocations": compile_contexts([CONTEXTS[CREDENTIALS_V2]]),
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
    return {"tables": {name: table.to_json() for name, table in tables.items()}, "cases": cases}


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
    return f'{{"tables":{json.dumps(made["tables"], separators=(",", ":"))},\n"cases":[\n{cases}\n]}}\n'


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(make()['cases'])} cases\n")
