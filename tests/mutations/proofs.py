"""Ways to change what proves a statement: proofs, entries, salts, inclusion proofs, status lists, the issuer's keys.

Enters its operators into `mutations.OPERATORS` when it is imported.
"""

import base64
import json
from collections.abc import Callable
from random import Random

from registry.encoding.base58 import base58, unbase58
from tests.mutations.bits import flip, flip_base64, plus_order
from tests.mutations.evidence import OPERATORS, Json, dumped, operator

#: the order of the base point of Ed25519 (RFC 8032, section 5.1)


@operator
def _reorder_proofs(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["proof"].reverse()
    return evidence


@operator
def _drop_one_proof(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["proof"].pop(random.randrange(2))
    return evidence


@operator
def _proof_twice(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["proof"].append(evidence["credential"]["proof"][random.randrange(2)])
    return evidence


@operator
def _drop_all_proofs(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["proof"] = []
    return evidence


@operator
def _proof_alone(evidence: Json, _other: Json, random: Random) -> Json:
    evidence["credential"]["proof"] = {"type": "DataIntegrityProof"}
    return evidence


@operator
def _proofs_of_another(evidence: Json, other: Json, random: Random) -> Json:
    evidence["credential"]["proof"] = other["credential"]["proof"]
    return evidence


@operator
def _one_proof_of_another(evidence: Json, other: Json, random: Random) -> Json:
    place = random.randrange(2)
    evidence["credential"]["proof"][place] = other["credential"]["proof"][place]
    return evidence


@operator
def _swapped_proof_values(evidence: Json, _other: Json, random: Random) -> Json:
    first, second = evidence["credential"]["proof"]
    first["proofValue"], second["proofValue"] = second["proofValue"], first["proofValue"]
    return evidence


def _changing_proof(name: str, change: Callable[[Json], Json]) -> None:
    """An operator that changes one proof of the credential."""

    def act(evidence: Json, _other: Json, random: Random) -> Json | None:
        proofs = evidence["credential"]["proof"]
        place = random.randrange(2)
        proofs[place] = change(proofs[place])
        return evidence

    OPERATORS[name] = act


def _suite_of_the_other(proof: Json) -> Json:
    names = {"eddsa-jcs-2022": "eddsa-rdfc-2022", "eddsa-rdfc-2022": "eddsa-jcs-2022"}
    return {**proof, "cryptosuite": names[proof["cryptosuite"]]}


def _with_signature(change: Callable[[bytes], bytes]) -> Callable[[Json], Json]:
    return lambda proof: {**proof, "proofValue": "z" + base58(change(unbase58(proof["proofValue"][1:])))}


_changing_proof("proof_created", lambda proof: {**proof, "created": "2026-01-02T03:04:04Z"})
_changing_proof(
    "proof_by_the_status_key", lambda p: {**p, "verificationMethod": p["verificationMethod"][:-12] + "status-1"}
)
_changing_proof("proof_purpose", lambda proof: {**proof, "proofPurpose": "authentication"})
_changing_proof("proof_without_purpose", lambda p: {name: value for name, value in p.items() if name != "proofPurpose"})
_changing_proof("proof_type", lambda proof: {**proof, "type": "Ed25519Signature2020"})
_changing_proof("proof_suite", _suite_of_the_other)
_changing_proof("proof_suite_unknown", lambda proof: {**proof, "cryptosuite": "none"})
_changing_proof("proof_expires", lambda proof: {**proof, "expires": "2036-01-02T03:04:04Z"})
_changing_proof("proof_chain", lambda proof: {**proof, "id": "urn:x:1", "previousProof": "urn:x:1"})
_changing_proof("proof_other_multibase", lambda p: {**p, "proofValue": "u" + p["proofValue"][1:]})
_changing_proof("signature_zero", _with_signature(lambda _: bytes(64)))
_changing_proof("signature_longer", _with_signature(lambda signature: signature + b"\0"))
_changing_proof("signature_leading_zero", lambda p: {**p, "proofValue": "z1" + p["proofValue"][1:]})
_changing_proof("signature_plus_order", _with_signature(plus_order))


@operator
def _proof_value_bit(evidence: Json, _other: Json, random: Random) -> Json:
    proof = evidence["credential"]["proof"][random.randrange(2)]
    bit = 8 * random.randrange(64) + random.randrange(8)
    proof["proofValue"] = "z" + base58(flip(unbase58(proof["proofValue"][1:]), bit))
    return evidence


@operator
def _unsigned_by_meaning_alone(evidence: Json, _other: Json, random: Random) -> Json:
    """The order of an array means nothing in RDF: the rdfc proof holds, and only the entry's commitment tells."""
    evidence["credential"]["proof"].pop(0)
    evidence["credential"]["credentialStatus"].reverse()
    return evidence


@operator
def _spelled_otherwise_for_the_same_meaning(evidence: Json, _other: Json, random: Random) -> Json:
    """One value, or an array of it, is the same in RDF."""
    evidence["credential"]["proof"].pop(0)
    evidence["credential"]["validFrom"] = [evidence["credential"]["validFrom"]]
    return evidence


def _swapping(name: str, *members: str) -> None:
    """An operator that takes members of the file from another good file."""

    def act(evidence: Json, other: Json, _random: Random) -> Json | None:
        taken = {member: other.get(member) for member in members}
        return None if taken == {member: evidence.get(member) for member in members} else {**evidence, **taken}

    OPERATORS[name] = act


_swapping("credential_of_another", "credential")
_swapping("entry_of_another", "entry")
_swapping("salt_of_another", "salt")
_swapping("inclusion_proof_of_another", "proof")
_swapping("entry_and_salt_of_another", "entry", "salt")
_swapping("entry_salt_and_inclusion_of_another", "entry", "salt", "proof")
_swapping("credential_and_salt_of_another", "credential", "salt")


@operator
def _lists_exchanged(evidence: Json, _other: Json, random: Random) -> Json:
    lists = {"statusList": evidence["suspensionList"], "suspensionList": evidence["statusList"]}
    return {**evidence, **lists}


@operator
def _list_dropped(evidence: Json, _other: Json, random: Random) -> Json:
    del evidence[random.choice(["statusList", "suspensionList"])]
    return evidence


@operator
def _list_without_proof(evidence: Json, _other: Json, random: Random) -> Json:
    evidence[random.choice(["statusList", "suspensionList"])]["credential"]["proof"] = []
    return evidence


@operator
def _list_spelled_otherwise(evidence: Json, _other: Json, random: Random) -> Json:
    subject = evidence["statusList"]["credential"]["credentialSubject"]
    subject["encodedList"] += "="
    return evidence


@operator
def _list_of_other_bits(evidence: Json, _other: Json, random: Random) -> Json:
    subject = evidence["statusList"]["credential"]["credentialSubject"]
    text = subject["encodedList"]
    place = random.randrange(1, len(text))
    subject["encodedList"] = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
    return evidence


@operator
def _list_under_another_entry(evidence: Json, _other: Json, random: Random) -> Json:
    for member in ("entry", "salt", "proof"):
        evidence["statusList"][member] = evidence["suspensionList"][member]
    return evidence


@operator
def _key_added_to_the_issuer(evidence: Json, _other: Json, random: Random) -> Json:
    methods = evidence["issuerKeys"]["document"]["verificationMethod"]
    methods.append({**methods[0], "id": methods[0]["id"] + "0"})
    return evidence


@operator
def _issuer_keys_dropped(evidence: Json, _other: Json, random: Random) -> Json:
    del evidence["issuerKeys"]
    return evidence


@operator
def _issuer_keys_of_a_list(evidence: Json, _other: Json, random: Random) -> Json:
    for member in ("entry", "salt", "proof"):
        evidence["issuerKeys"][member] = evidence["statusList"][member]
    return evidence


@operator
def _another_origin(evidence: Json, _other: Json, random: Random) -> Json:
    return {**evidence, "origin": evidence["origin"] + random.choice([" ", "/", "0"])}


@operator
def _org_salt(evidence: Json, _other: Json, random: Random) -> Json:
    """Put there, or another than was."""
    return {**evidence, "orgSalt": base64.b64encode(random.randbytes(32)).decode()}


def _logged(evidence: Json, random: Random) -> Json:
    """What is under an entry: the credential, a list, or the issuer's keys."""
    part: Json = random.choice([evidence, evidence["statusList"], evidence["suspensionList"], evidence["issuerKeys"]])
    return part


@operator
def _base64_spelled_otherwise(evidence: Json, _other: Json, random: Random) -> Json | None:
    logged, name = _logged(evidence, random), random.choice(["entry", "salt"])
    text = logged[name]
    other = random.choice(
        [text + "=", text.rstrip("="), text + "\n", " " + text, text.replace("+", "-").replace("/", "_")]
    )
    logged[name] = other if other != text else text[:-1]
    return evidence


@operator
def _entry_spelled_otherwise(evidence: Json, _other: Json, random: Random) -> Json:
    logged = _logged(evidence, random)
    members = json.loads(base64.b64decode(logged["entry"]))
    text = random.choice([json.dumps(members), dumped(dict(reversed(members.items()))).replace(" ", "")])
    logged["entry"] = base64.b64encode(text.encode()).decode()
    return evidence


@operator
def _entry_member(evidence: Json, _other: Json, random: Random) -> Json:
    logged = _logged(evidence, random)
    members = json.loads(base64.b64decode(logged["entry"]))
    name = random.choice(sorted(members))
    value = members[name]
    if isinstance(value, int):
        members[name] = value + 1
    else:
        members[name] = [*value, 0] if isinstance(value, list) else value[:-1] + ("1" if value[-1] == "0" else "0")
    logged["entry"] = base64.b64encode(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).decode()
    return evidence


def _changing_inclusion(name: str, change: Callable[[list[str]], list[str]]) -> None:
    """An operator that changes the lines of one inclusion proof."""

    def act(evidence: Json, _other: Json, random: Random) -> Json | None:
        logged = _logged(evidence, random)
        lines = change(logged["proof"].split("\n"))
        if "\n".join(lines) == logged["proof"]:
            return None
        logged["proof"] = "\n".join(lines)
        return evidence

    OPERATORS[name] = act


_changing_inclusion("inclusion_index", lambda lines: [lines[0], f"index {int(lines[1][6:]) + 1}", *lines[2:]])
_changing_inclusion("inclusion_hash_dropped", lambda lines: lines[:2] + lines[3:])
_changing_inclusion("inclusion_hashes_swapped", lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]])
_changing_inclusion("inclusion_hash_twice", lambda lines: [*lines[:3], *lines[2:]])
_changing_inclusion("checkpoint_size", lambda lines: [*lines[:-5], str(int(lines[-5]) + 1), *lines[-4:]])
_changing_inclusion("checkpoint_root", lambda lines: [*lines[:-4], lines[2], *lines[-3:]])
_changing_inclusion("checkpoint_unsigned", lambda lines: [*lines[:-2], ""])
_changing_inclusion("carriage_returns", lambda lines: [line + "\r" for line in lines])
_changing_inclusion("extra_line", lambda lines: [lines[0], "extra AAAA", *lines[1:]])


def _newest_claim(evidence: Json, random: Random) -> Json:
    """What the map tells of the organization, or of one of the lists."""
    claim: Json = evidence["latest"][random.choice(["organization", "statusList", "suspensionList"])]
    return claim


@operator
def _latest_of_another_form(evidence: Json, _other: Json, random: Random) -> Json:
    return {**evidence, "latest": random.choice([{"n": 99}, {}, [], None, "none"])}


@operator
def _latest_of_another(evidence: Json, other: Json, random: Random) -> Json:
    return {**evidence, "latest": other["latest"]}


@operator
def _newest_of_another(evidence: Json, other: Json, random: Random) -> Json:
    evidence["latest"]["organization"] = other["latest"]["organization"]
    return evidence


@operator
def _newest_dropped(evidence: Json, _other: Json, random: Random) -> Json:
    del evidence["latest"][random.choice(["organization", "statusList", "suspensionList"])]
    return evidence


@operator
def _newest_index(evidence: Json, _other: Json, random: Random) -> Json:
    _newest_claim(evidence, random)["index"] += random.choice([-1, 1, 1000])
    return evidence


@operator
def _newest_bit(evidence: Json, _other: Json, random: Random) -> Json | None:
    claim, name = _newest_claim(evidence, random), random.choice(["leaf", "before", "path"])
    length = len(base64.b64decode(claim[name]))
    if not length:
        return None
    claim[name] = flip_base64(claim[name], 8 * random.randrange(length) + random.randrange(8))
    return evidence


@operator
def _newest_way_shorter(evidence: Json, _other: Json, random: Random) -> Json:
    claim = _newest_claim(evidence, random)
    claim["path"] = base64.b64encode(base64.b64decode(claim["path"])[33:]).decode()
    return evidence


@operator
def _map_bit(evidence: Json, _other: Json, random: Random) -> Json:
    text = evidence["latest"]["map"]
    bit = 8 * random.randrange(len(base64.b64decode(text))) + random.randrange(7)
    evidence["latest"]["map"] = flip_base64(text, bit)
    return evidence


@operator
def _map_proof_line(evidence: Json, _other: Json, random: Random) -> Json:
    lines = evidence["latest"]["proof"].split("\n")
    place = random.randrange(len(lines) - 1)
    lines[place] = lines[place][:-1] + ("A" if not lines[place].endswith("A") else "B")
    evidence["latest"]["proof"] = "\n".join(lines)
    return evidence


@operator
def _map_under_the_ledger(evidence: Json, _other: Json, random: Random) -> Json:
    """The ledger's own proof in the place of the one of the map's log."""
    evidence["latest"]["proof"] = evidence["proof"]
    return evidence
