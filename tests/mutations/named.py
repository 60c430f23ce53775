"""Evidence with one thing wrong, by name, and the steps at which each must fail: for the verifier here and the browser's."""

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

from registry.verify import steps
from tests.mutations.bits import flip_base64

Json = dict[str, Any]


def change_entry(evidence: Json, **changed: Any) -> None:
    """Change members of the entry; everything else stays as it was."""
    members = json.loads(base64.b64decode(evidence["entry"])) | changed
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    evidence["entry"] = base64.b64encode(text.encode()).decode()


def _proof_line(evidence: Json, number: int) -> None:
    lines = evidence["proof"].split("\n")
    lines[number] = flip_base64(lines[number], 0)
    evidence["proof"] = "\n".join(lines)


def everywhere(evidence: Json, act: Callable[[str], str]) -> None:
    """The same change to the checkpoint in every proof."""
    for holder in (evidence, evidence["statusList"], evidence["suspensionList"], evidence["issuerKeys"]):
        path, blank, checkpoint = holder["proof"].partition("\n\n")
        holder["proof"] = path + blank + act(checkpoint)


def _flip_signature(checkpoint: str) -> str:
    head, line = checkpoint[:-1].rsplit(" ", 1)
    return f"{head} {flip_base64(line, -8)}\n"


def _claim(evidence: Json) -> None:
    evidence["credential"]["credentialSubject"]["legalName"] = "SCARLET MOUSE LTD."


def _add_claim(evidence: Json) -> None:
    evidence["credential"]["credentialSubject"]["creditRating"] = "AAA"


def _proof_value(evidence: Json) -> None:
    _bend_value(evidence["credential"]["proof"][0])


def _bend_value(proof: Json) -> None:
    value = proof["proofValue"]
    proof["proofValue"] = value[:-1] + ("2" if value[-1] != "2" else "3")


def _suites_swapped(evidence: Json) -> None:
    first, second = evidence["credential"]["proof"]
    first["proofValue"], second["proofValue"] = second["proofValue"], first["proofValue"]


def _suspension_bit(evidence: Json) -> None:
    document = evidence["suspensionList"]["credential"]
    document["credentialSubject"]["encodedList"] = steps.status.encode(b"\xff" * 16384)


def _lists_swapped(evidence: Json) -> None:
    evidence["statusList"], evidence["suspensionList"] = evidence["suspensionList"], evidence["statusList"]


def _salt(evidence: Json) -> None:
    evidence["salt"] = base64.b64encode(bytes(32)).decode()


def _status_bit(evidence: Json) -> None:
    """The list as it would be with every bit set: neither its proof nor its entry fit it any more."""
    document = evidence["statusList"]["credential"]
    document["credentialSubject"]["encodedList"] = steps.status.encode(b"\xff" * 16384)


def _issuer(evidence: Json) -> None:
    evidence["credential"]["issuer"]["id"] = "did:web:elsewhere.example"


def _origin(evidence: Json) -> None:
    evidence["origin"] = "elsewhere.example"


def _origin_in_checkpoint(evidence: Json) -> None:
    evidence["origin"] = "elsewhere.example"
    everywhere(evidence, lambda checkpoint: checkpoint.replace("localhost:8000", "elsewhere.example"))


def _other_key(evidence: Json) -> None:
    evidence["issuerKeys"]["document"]["verificationMethod"][0]["publicKeyMultibase"] = "z6MkOther"


def _list_salt(evidence: Json) -> None:
    _salt(evidence["statusList"])


def _no_status_list(evidence: Json) -> None:
    del evidence["statusList"]


def _empty_proofs(evidence: Json) -> None:
    evidence["credential"]["proof"] = []


def _unknown_suite(evidence: Json) -> None:
    proof = copy.deepcopy(evidence["credential"]["proof"][0])
    evidence["credential"]["proof"].append({**proof, "cryptosuite": "none-2026"})


def _context(evidence: Json) -> None:
    evidence["credential"]["@context"].append("https://elsewhere.example/context")


def _list_elsewhere(evidence: Json) -> None:
    status = evidence["credential"]["credentialStatus"][0]
    status["statusListCredential"] = status["statusListCredential"].replace("sample-1", "sample-2")


def _float(evidence: Json) -> None:
    evidence["latest"] = {"a": 1.5}


def _flip_own_signature(checkpoint: str) -> str:
    """Of the first line, which is the log's own."""
    own, cosignature = checkpoint[:-1].rsplit("\n", 1)
    return f"{_flip_signature(own + chr(10))}{cosignature}\n"


def latest_checkpoint(evidence: Json, act: Callable[[str], str]) -> None:
    path, blank, checkpoint = evidence["latest"]["proof"].partition("\n\n")
    evidence["latest"]["proof"] = path + blank + act(checkpoint)


def _with_line(number: int, text: str) -> Callable[[str], str]:
    def act(checkpoint: str) -> str:
        lines = checkpoint.split("\n")
        lines[number] = text
        return "\n".join(lines)

    return act


def _cosignature_of_the_map(evidence: Json) -> None:
    line = evidence["latest"]["proof"][:-1].rsplit("\n", 1)[1]
    everywhere(evidence, lambda checkpoint: checkpoint[:-1].rsplit("\n", 1)[0] + f"\n{line}\n")


def _bit_of(holder: Json, member: str, *bits: int) -> None:
    holder[member] = flip_base64(holder[member], *bits)


def _map_of_another_size(evidence: Json) -> None:
    leaf = base64.b64decode(evidence["latest"]["map"]).decode().replace("\n7\n", "\n6\n")
    evidence["latest"]["map"] = base64.b64encode(leaf.encode()).decode()


MUTATIONS: dict[str, tuple[Callable[[Json], None], set[str]]] = {
    "a claim": (_claim, {"proof_valid", "entry_matches"}),
    "an added claim": (_add_claim, {"proof_valid", "entry_matches"}),
    "the proof": (_proof_value, {"proof_valid"}),
    "the second proof": (lambda e: _bend_value(e["credential"]["proof"][1]), {"proof_valid"}),
    "the moment of the second proof": (
        lambda e: e["credential"]["proof"][1].update(created="2026-01-02T03:04:06Z"),
        {"proof_valid"},
    ),
    "the proofs under each other's suite": (_suites_swapped, {"proof_valid"}),
    "a @context in the second proof": (
        lambda e: e["credential"]["proof"][1].update({"@context": ["https://elsewhere.example/context"]}),
        {"proof_valid"},
    ),
    "a proof of a chain": (
        lambda e: e["credential"]["proof"][1].update(previousProof="urn:uuid:0"),
        {"proof_valid"},
    ),
    "the moment of the second proof: the year 0": (
        lambda e: e["credential"]["proof"][1].update(created="0000-01-01T00:00:00Z"),
        {"proof_valid", "in_validity"},
    ),
    "a suite that is an object": (
        lambda e: e["credential"]["proof"][1].update(cryptosuite={"0": 0}),
        {"proof_valid"},
    ),
    "a proof that is no base58": (lambda e: e["credential"]["proof"][0].update(proofValue="z0"), {"proof_valid"}),
    "no proof": (_empty_proofs, {"proof_valid"}),
    "no member proof": (lambda e: e["credential"].pop("proof"), {"proof_valid"}),
    "another verification method": (
        lambda e: e["credential"]["proof"][0].update(verificationMethod="did:web:elsewhere.example#a"),
        {"proof_valid", "entry_matches"},
    ),
    "the list without proof": (lambda e: e["statusList"]["credential"].pop("proof"), {"not_revoked"}),
    "the list with another method": (
        lambda e: e["statusList"]["credential"]["proof"][0].update(verificationMethod="did:web:elsewhere.example#a"),
        {"not_revoked"},
    ),
    "the list's entry": (lambda e: change_entry(e["statusList"], time=1), {"not_revoked", "current"}),
    "the list's salt": (_list_salt, {"not_revoked"}),
    "the entry: key": (lambda e: change_entry(e, key="did:web:elsewhere.example#a"), {"included"}),
    "a second proof of an unknown suite": (_unknown_suite, {"proof_valid"}),
    "the context": (_context, {"proof_valid", "entry_matches"}),
    "the entry: commitment": (lambda e: change_entry(e, commitment="00" * 32), {"entry_matches"}),
    "the entry: time": (lambda e: change_entry(e, time=1), {"included"}),
    "the entry: time beyond the year 9999": (lambda e: change_entry(e, time=253_402_300_800_000), {"well_formed"}),
    "the entry: index": (lambda e: change_entry(e, index=5), {"entry_matches"}),
    "the entry: org": (lambda e: change_entry(e, org="sample:BC0000002"), {"entry_matches"}),
    "the entry: issuer": (lambda e: change_entry(e, issuer="did:web:elsewhere.example"), {"entry_matches"}),
    "the entry: type": (lambda e: change_entry(e, type="Other"), {"entry_matches"}),
    "the entry: effective": (lambda e: change_entry(e, effective="2000-01-01"), {"entry_matches"}),
    "the entry: unknown member": (lambda e: change_entry(e, extra="x"), {"well_formed"}),
    "the salt": (_salt, {"entry_matches"}),
    "a hash of the path": (lambda e: _proof_line(e, 2), {"included"}),
    "the checkpoint's signature": (lambda e: everywhere(e, _flip_own_signature), {"checkpoint_signed"}),
    "one checkpoint of four": (
        lambda e: e["statusList"].update(proof=e["statusList"]["proof"].replace("\n7\n", "\n8\n")),
        {"checkpoint_signed"},
    ),
    "the origin": (_origin, {"checkpoint_signed"}),
    "the origin, everywhere": (_origin_in_checkpoint, {"checkpoint_signed"}),
    "the issuer": (_issuer, {"issuer_trusted", "entry_matches"}),
    "the issuer's key": (_other_key, {"entry_matches"}),
    "the status bit": (_status_bit, {"not_revoked"}),
    "the suspension bit": (_suspension_bit, {"not_revoked"}),
    "the list's second proof": (
        lambda e: _bend_value(e["statusList"]["credential"]["proof"][1]),
        {"not_revoked"},
    ),
    "no suspension list": (lambda e: e.pop("suspensionList"), {"not_revoked", "current"}),
    "the lists in each other's place": (_lists_swapped, {"not_revoked", "current"}),
    "one status entry dropped": (
        lambda e: e["credential"]["credentialStatus"].pop(),
        {"proof_valid", "entry_matches"},
    ),
    "no status list": (_no_status_list, {"not_revoked", "current"}),
    "another status list": (_list_elsewhere, {"proof_valid", "entry_matches"}),
    "an orgSalt where there is none": (
        lambda e: e.update(orgSalt=base64.b64encode(bytes(32)).decode()),
        {"entry_matches"},
    ),
    "version": (lambda e: e.update(v=2), {"well_formed"}),
    "version, as text": (lambda e: e.update(v="1"), {"well_formed"}),
    "a fraction": (_float, {"well_formed"}),
    "salt of 31 bytes": (lambda e: e.update(salt=base64.b64encode(bytes(31)).decode()), {"well_formed"}),
    "base64 with a tail bit": (lambda e: e.update(salt=e["salt"][:-2] + "B="), {"well_formed"}),
    "no issuerKeys": (lambda e: e.pop("issuerKeys"), {"well_formed"}),
    "credential as text": (lambda e: e.update(credential="x"), {"well_formed"}),
    "a cosignature": (lambda e: everywhere(e, _flip_signature), {"witnessed"}),
    "the cosignature of another checkpoint": (_cosignature_of_the_map, {"witnessed"}),
    "the cosignature of the map": (lambda e: latest_checkpoint(e, _flip_signature), {"current"}),
    "the signature of the map": (lambda e: latest_checkpoint(e, _flip_own_signature), {"current"}),
    "the size of the map": (lambda e: latest_checkpoint(e, _with_line(1, "9" * 25)), {"current"}),
    "the root of the map, in no base64": (lambda e: latest_checkpoint(e, _with_line(2, "AAA")), {"current"}),
    "a signature of the map, in no base64": (lambda e: latest_checkpoint(e, _with_line(4, "— x AAAAAAA")), {"current"}),
    "latest: the map's root": (lambda e: _bit_of(e["latest"], "map", 0, 1), {"current"}),
    "latest: another size in the map's leaf": (_map_of_another_size, {"current"}),
    "latest: a hash of the mini-log": (lambda e: _bit_of(e["latest"]["organization"], "before", 0), {"current"}),
    "latest: a hash of the mini-log less": (lambda e: e["latest"]["organization"].update(before=""), {"current"}),
    "latest: a step of the map": (lambda e: _bit_of(e["latest"]["organization"], "path", 320), {"current"}),
    "latest: the bit of a step": (lambda e: _bit_of(e["latest"]["organization"], "path", 0), {"current"}),
    "latest: the leaf": (lambda e: _bit_of(e["latest"]["organization"], "leaf", 24), {"current"}),
    "latest: the index": (lambda e: e["latest"]["organization"].update(index=3), {"current"}),
    "latest: the index, later": (lambda e: e["latest"]["organization"].update(index=99), {"current"}),
    "latest: the list of the other purpose": (
        lambda e: e["latest"].update(statusList=e["latest"]["suspensionList"]),
        {"current"},
    ),
    "latest: a proof of another index": (
        lambda e: e["latest"].update(proof=e["latest"]["proof"].replace("index 0", "index 1", 1)),
        {"current"},
    ),
    "latest: index as text": (lambda e: e["latest"]["organization"].update(index="4"), {"well_formed"}),
    "latest: half a hash": (lambda e: e["latest"]["organization"].update(before="AAAA"), {"well_formed"}),
    "latest: no map": (lambda e: e["latest"].pop("map"), {"well_formed"}),
    "latest: a proof that is none": (lambda e: e["latest"].update(proof="x"), {"well_formed"}),
    "latest is text": (lambda e: e.update(latest="x"), {"well_formed"}),
}
