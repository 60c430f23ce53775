"""What a dishonest issuer signs and logs: seeded oddities under valid signatures."""

import json
from random import Random
from typing import Any

from registry.errors import RegistryError
from tests.builders.ledger import STATES
from tests.builders.reader import SmallRegistry
from tests.mutations.any_form import OTHERS, TEXTS, places

Json = dict[str, Any]


def _values() -> list[Any]:
    values: list[Any] = [0, 1, -1, 2**53 - 1, True]
    for spelling in (*TEXTS, *OTHERS):
        try:
            value = json.loads(spelling)
            json.dumps(value, ensure_ascii=False).encode()
        except ValueError:
            continue
        values.append(value)
    return values


VALUES = _values()


def signed_oddly(seed: str) -> tuple[str, Json, Json]:
    """(what was bent, the evidence, the trust file) of a small registry whose issuer bent one thing before signing it."""
    random = Random(seed)
    while True:
        kind = random.choice(["key", "status", "issue", "issue", "issue"])
        try:
            registry = SmallRegistry(STATES, revoked=["BC0000002"], persons=["FM0000003"], bend=_bending(kind, random))
            number = random.choice(["BC0000001", "BC0000002", "FM0000003"])
            return kind, registry.evidence("sample", number, 1), registry.trust()
        except (RegistryError, TypeError, ValueError, KeyError, AttributeError):
            continue  # it has no bytes that could be signed or logged


def _bending(wanted: str, random: Random) -> Any:
    def bend(kind: str, document: Json, members: Json, _signing: list[Any]) -> None:
        if kind != wanted:
            return
        if random.random() < 0.15:
            _bend_entry(members, random)
            return
        holder, key, _ = random.choice(list(places(document)))
        match random.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, list):
                holder.append(holder[key])
            case 1:
                holder[random.choice(["extra", "id", "type", "@context", "name", "proof", "validUntil"])] = (
                    random.choice(VALUES)
                )
            case 2:
                holder[key] = [holder[key]]
            case 3 if isinstance(holder[key], str):
                text, more = (
                    holder[key],
                    random.choice(["\n", " ", "\u2028", "\U0001f600", "\x7f", "\ufeff", '"', "\\", "<", "x"]),
                )
                at = random.randrange(len(text) + 1)
                holder[key] = random.choice(
                    [text[:at] + more + text[at:], text[:at] + text[at + 1 :], more * 300, text.upper()]
                )
            case _:
                holder[key] = random.choice(VALUES)

    return bend


def _bend_entry(members: Json, random: Random) -> None:
    name = random.choice(["org", "issuer", "key", "type", "effective", "kind", "reason", "refers"])
    said = [
        "sample:BC0000001",
        "sample:bc0000001",
        "did:web:x",
        "did:web:x#y",
        "X",
        "2020-01-01",
        "2020-01-01T00:00:00Z",
        "key",
    ]
    if random.random() < 0.3:
        members.pop(name, None)
    else:
        members[name] = random.choice([*said, (0,), (0, 1), None])
