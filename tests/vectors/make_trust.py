"""Write schemas/vectors/trust.json: what is a trust file, and what is none.

    python -m tests.vectors.make_trust

Each case takes the trust file, drops members and replaces others. `refuse`: whether that is no trust file.
"""

import json
import sys
from pathlib import Path
from typing import Any

from registry.encoding.base58 import base58, unbase58
from registry.errors import Malformed
from registry.log import note
from registry.verify import trust as trusts
from tests.vectors import handmade

Json = dict[str, Any]
TARGET = Path(__file__).parents[2] / "schemas" / "vectors" / "trust.json"
W1 = handmade.policy("w1", "w1")
GOOD = handmade.trust(W1)
(ISSUER,) = GOOD["issuers"]
ED25519, POINT = (ISSUER["keys"][n]["publicKeyMultibase"] for n in (0, 1))
(CONTEXT, *_) = GOOD["contexts"]


def _of_a_key(multibase: str, **changed: Any) -> Json:
    key = {**ISSUER["keys"][0], "publicKeyMultibase": multibase, **changed}
    return {"issuers": [{**ISSUER, "keys": [key]}]}


def _of_an_issuer(**changed: Any) -> Json:
    return {"issuers": [{**ISSUER, **changed}]}


def _vkey(name: str, algorithm: int = note.ED25519) -> str:
    return note.VerifierKey(name, handmade.LEDGER_KEY.public.raw, algorithm).print()


def _bytes(prefix: bytes, length: int) -> str:
    return "z" + base58(prefix + b"\x02" + bytes(length - 1))


#: x is no coordinate of a point of P-256
NO_POINT = "z" + base58(unbase58(POINT[1:])[:2] + b"\x02" + b"\xff" * 32)
ACCEPTED: dict[str, Json] = {
    "as it is": {},
    "a member that nobody knows": {"more": [1]},
    "no issuer": {"issuers": []},
    "an issuer without keys, registers and types": _of_an_issuer(keys=[], registers=[], types=[]),
    "no context": {"contexts": {}},
    "a context that nobody knows": {"contexts": {**GOOD["contexts"], "urn:x:y": "ab" * 32}},
    "no key of the map's log": {"indexKeys": []},
    "two keys of the ledger": {"ledgerKeys": [*GOOD["ledgerKeys"], _vkey("localhost:8000")]},
    "no witness": {"witnessPolicy": "quorum none"},
    "another first key of the ledger": {
        "genesisKey": note.VerifierKey("localhost:8000", handmade.INDEX_KEY.public.raw).print()
    },
    "one key for two uses, under two ids": _of_an_issuer(
        keys=[ISSUER["keys"][0], {**ISSUER["keys"][0], "id": "did:web:x#status-9", "use": "status"}]
    ),
}
REFUSED: dict[str, Json] = {
    "another version": {"v": 2},
    "a version that is a text": {"v": "1"},
    "a version that is true": {"v": True},
    "an origin that is none of its keys'": {"origin": "localhost:8001"},
    "no key of the ledger": {"ledgerKeys": []},
    "keys of the ledger that are no list": {"ledgerKeys": GOOD["ledgerKeys"][0]},
    "a key of the ledger of another name": {"ledgerKeys": [_vkey("localhost:8001")]},
    "a first key of another name": {"genesisKey": _vkey("localhost:8001")},
    "a key of the map's log by the ledger's name": {"indexKeys": [_vkey("localhost:8000")]},
    "keys of the map's log that are null": {"indexKeys": None},
    "a key of the ledger of another algorithm": {"ledgerKeys": [_vkey("localhost:8000", note.COSIGNATURE_ED25519)]},
    "a key of the ledger of another id": {
        "ledgerKeys": [GOOD["ledgerKeys"][0].replace("+", "+0", 1).replace("+0", "+", 1)[:-2] + "A="]
    },
    "a key of the ledger without its id": {"ledgerKeys": ["localhost:8000+" + GOOD["ledgerKeys"][0].split("+", 2)[2]]},
    "issuers that are no list": {"issuers": {}},
    "an issuer that is a text": {"issuers": [ISSUER["did"]]},
    "an issuer that is no DID": _of_an_issuer(did="https://example.org"),
    "an issuer whose registers are a text": _of_an_issuer(registers="sample"),
    "an issuer whose types are null": _of_an_issuer(types=None),
    "an issuer with a type that is a number": _of_an_issuer(types=[1]),
    "an issuer twice": {"issuers": [ISSUER, ISSUER]},
    "a key's id twice": _of_an_issuer(keys=[ISSUER["keys"][0], {**ISSUER["keys"][0], "use": "status"}]),
    "a key of another use": _of_a_key(ED25519, use="assertion"),
    "a key without an id": _of_a_key(ED25519, id=None),
    "a Multikey that is empty": _of_a_key(""),
    "a Multikey without its z": _of_a_key(ED25519[1:]),
    "a Multikey of other characters": _of_a_key(ED25519[:-1] + "0"),
    "a Multikey cut off": _of_a_key(ED25519[:-1]),
    "a Multikey with a byte more": _of_a_key(_bytes(b"\xed\x01", 33)),
    "a Multikey with a nought before it": _of_a_key("z1" + ED25519[1:]),
    "a Multikey of another curve": _of_a_key(_bytes(b"\xe7\x01", 33)),
    "a Multikey of no point": _of_a_key(NO_POINT),
    "a Multikey of a point that is not compressed": _of_a_key("z" + base58(b"\x80\x24\x04" + bytes(64))),
    "contexts that are a list": {"contexts": []},
    "a context's digest that is null": {"contexts": {CONTEXT: None}},
    "a context's digest in capitals": {"contexts": {CONTEXT: "AB" * 32}},
    "a context's digest that is short": {"contexts": {CONTEXT: "ab" * 31}},
    "no policy": {"witnessPolicy": ""},
    "a policy that names nobody": {"witnessPolicy": "quorum w1\n"},
    "a policy that is a list": {"witnessPolicy": []},
    "what is required is nothing": {"require": {}},
    "what is required is a text": {"require": {"current": "true"}},
}


def make() -> Json:
    """The content of the file."""
    cases = [_case(name, change, refuse=False) for name, change in ACCEPTED.items()]
    cases.append(_case("no indexKeys", {}, refuse=False, drop=["indexKeys"]))
    cases += [_case(name, change, refuse=True) for name, change in REFUSED.items()]
    for name in ("v", "origin", "genesisKey", "ledgerKeys", "issuers", "contexts", "witnessPolicy", "require"):
        cases.append(_case(f"{name} is absent", {}, refuse=True, drop=[name]))
    return {"trust": GOOD, "cases": cases}


def changed(trust: Json, case: Json) -> Json:
    """The file of a case."""
    return {**{name: value for name, value in trust.items() if name not in case["drop"]}, **case["change"]}


def _case(name: str, change: Json, *, refuse: bool, drop: list[str] | None = None) -> Json:
    case = {"name": name, "drop": drop or [], "change": change, "refuse": refuse}
    try:
        trusts.parse(json.dumps(changed(GOOD, case)).encode())
    except Malformed:
        is_refused = True
    else:
        is_refused = False
    if is_refused != refuse:
        raise AssertionError(name)
    return case


def text() -> str:
    """The file as it must be."""
    return json.dumps(make(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
    sys.stdout.write(f"{TARGET.name}: {len(make()['cases'])} cases\n")
