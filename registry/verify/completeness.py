"""A completeness file proves all entries of one organization, or that none exist.

    {"v": 1, "type": "Completeness", "origin", "register", "number", "checkpoint", "map", "proof", "path",
     "other": {"key", "value"} or null, "entries": [{"entry", "hashes": [hash, leaf's sibling first]}], "covers": text}

`checkpoint` is the ledger's, cosigned; `map` the leaf of the map's log that belongs to it, `proof` the tlog-proof of that
leaf; `path` the way up the map from the organization's key, or where the list is empty from the leaf `other` to which the
key leads. Bytes are standard base64. What is listed is proven for the plain number alone: the entries of a natural person
stand under a pseudonym (`entry.pseudonym`), and nobody without its salt can tell whether there are any.

    well_formed        strict JSON, every part of its form, and no evidence of a credential at once
    checkpoint_signed  of the trusted origin, signed by a ledger key
    witnessed          the witness policy is met
    included           each entry is of this organization and in the tree under the checkpoint
    complete           the map of that checkpoint has just these entries under the number, or no such key

Pure. How maps are made and looked into is left to `log/map_log` and `log/map_tree`; results of steps and verdicts are those
of `verdict`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry.encoding import base64std, strict_json
from registry.errors import Malformed
from registry.log import checkpoint, entry, map_log, map_tree, proof_text
from registry.log.map_log import MapRoot
from registry.log.merkle import check_inclusion, leaf_hash
from registry.verify.heads import check_map, check_witnessed
from registry.verify.trust import Trust
from registry.verify.verdict import NotAsked, Step, Verdict, conclude, demand, is_reached, run_step, step_of, utc

#: step -> the steps that it waits for, in the order of the verdict
WAITS = {
    "well_formed": (),
    "checkpoint_signed": ("well_formed",),
    "witnessed": ("well_formed", "checkpoint_signed"),
    "included": ("well_formed", "checkpoint_signed"),
    "complete": ("well_formed", "checkpoint_signed", "included"),
}
COVERS = "the entries under this number; those of a natural person stand under a pseudonym and are not covered"
TYPE = "Completeness"
MAX_BYTES = 4 * 1024 * 1024
_REGISTER = re.compile(r"[a-z0-9]{1,16}")
_NUMBER = re.compile(r"[A-Za-z0-9.-]{1,32}")
_MAX_HASHES = 63


@dataclass(frozen=True, slots=True)
class Included:
    """An entry of the organization (`data`: its bytes), and the hashes that lead from it to the checkpoint's root."""

    entry: entry.Entry
    data: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """The parsed file. `other`: key and value of the leaf to which the organization's key leads, where it is absent."""

    origin: str
    register: str
    number: str
    signed: str
    map_root: MapRoot
    proof: proof_text.TlogProof
    path: bytes
    other: tuple[bytes, bytes] | None
    entries: tuple[Included, ...]

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the file; `parse` of it gives the same."""
        other = None
        if self.other is not None:
            other = {"key": base64std.encode(self.other[0]), "value": base64std.encode(self.other[1])}
        entries = [
            {"entry": base64std.encode(listed.data), "hashes": [base64std.encode(each) for each in listed.hashes]}
            for listed in self.entries
        ]
        return {
            "v": 1,
            "type": TYPE,
            "origin": self.origin,
            "register": self.register,
            "number": self.number,
            "checkpoint": self.signed,
            "map": base64std.encode(self.map_root.print()),
            "proof": self.proof.print(),
            "path": base64std.encode(self.path),
            "other": other,
            "entries": entries,
            "covers": COVERS,
        }


@dataclass(frozen=True, slots=True)
class CompletenessVerdict(Verdict):
    """The verdict, and what it speaks of. `file`: the parsed file, None where it is not well-formed."""

    file: Completeness | None = None

    @property
    def proven(self) -> str | None:
        """What is now known, as a sentence; None unless it is verified."""
        if self.file is None or self.verdict != "verified":
            return None
        count, org = len(self.file.entries), organization(self.file.register, self.file.number)
        return f"{count or 'no'} {'entry' if count == 1 else 'entries'} under {org}{', and no other' if count else ''}"

    def to_json(self) -> dict[str, Any]:
        """As `Verdict.to_json`, and `proven`: register, number, count of entries and the sentence; None unless verified."""
        known = None
        if self.file is not None and self.proven is not None:
            known = {
                "register": self.file.register,
                "number": self.file.number,
                "entries": len(self.file.entries),
                "sentence": self.proven,
                "covers": COVERS,
            }
        return {**Verdict.to_json(self), "type": TYPE, "proven": known}


def organization(register: str, number: str) -> str:
    """The organization as its entries name it. Malformed `organization`: no register's code, or no number."""
    if not _REGISTER.fullmatch(register) or not _NUMBER.fullmatch(number):
        raise Malformed("organization", "not the code of a register and a number in it")
    return f"{register}:{number}"


def is_one(data: bytes) -> bool:
    """Whether the bytes claim to be a completeness file, by their type or their entries; `parse` refuses what is both."""
    try:
        return claims_to_be_one(strict_json.parse_object(data))
    except Malformed:
        return False


def claims_to_be_one(members: Mapping[str, Any]) -> bool:
    """`is_one` of an object that the strict reader gave."""
    return members.get("type") == TYPE or "entries" in members


def parse(data: bytes) -> Completeness:
    """The file of those bytes. Malformed, saying what is not of its form."""
    if len(data) > MAX_BYTES:
        raise Malformed("too_large", f"a completeness file is at most {MAX_BYTES} bytes")
    return from_json(strict_json.parse_object(data))


def from_json(members: Mapping[str, Any]) -> Completeness:
    """The file of an object that the strict reader gave. Malformed, as `parse`."""
    if members.get("v") != 1 or type(members.get("v")) is not int:
        raise Malformed("completeness", "the file's version is not 1")
    if "credential" in members:
        raise Malformed("completeness", "a file holds a credential or the entries of an organization, never both")
    if members.get("type") != TYPE:
        raise Malformed("completeness", f"the file's type is not {TYPE}")
    texts = [members.get(name) for name in ("origin", "register", "number", "checkpoint", "proof")]
    listed, other = members.get("entries"), members.get("other")
    if not all(isinstance(text, str) for text in texts) or not isinstance(listed, list):
        raise Malformed("completeness", "a member is absent or not of its type")
    origin, register, number, signed, shown = (str(text) for text in texts)
    organization(register, number)
    path = base64std.decode(members.get("path"), "path")
    if len(path) % 33:
        raise Malformed("completeness", "a step of the path is not whole")
    return Completeness(
        origin=origin,
        register=register,
        number=number,
        signed=signed,
        map_root=map_log.parse(base64std.decode(members.get("map"), "map")),
        proof=proof_text.parse(shown),
        path=path,
        other=None if other is None else _other(other),
        entries=tuple(_included(member) for member in listed),
    )


def _other(member: Any) -> tuple[bytes, bytes]:
    if not isinstance(member, dict):
        raise Malformed("completeness", "other is not of its type")
    return _hash(member.get("key")), _hash(member.get("value"))


def _included(member: Any) -> Included:
    hashes = member.get("hashes") if isinstance(member, dict) else None
    if not isinstance(hashes, list) or len(hashes) > _MAX_HASHES:
        raise Malformed("completeness", "a listed entry is not of its form")
    data = base64std.decode(member.get("entry"), "entry")
    return Included(entry.parse(data), data, tuple(_hash(text) for text in hashes))


def _hash(text: Any) -> bytes:
    data = base64std.decode(text, "a hash")
    if len(data) != 32:
        raise Malformed("completeness", "a hash is not 32 bytes")
    return data


def verify_completeness(data: bytes, trust: Trust, at: datetime) -> CompletenessVerdict:
    """The verdict on a completeness file at the moment `at` (aware). Never raises for what the bytes hold.

    `as_of`: the newest cosignature that counted, or with `quorum none`, of a checkpoint that is signed, the newest entry listed;
    else None.
    """
    return _verified(lambda: parse(data), trust, at)


def verify_object(members: Mapping[str, Any], trust: Trust, at: datetime) -> CompletenessVerdict:
    """As `verify_completeness`, of an object that the strict reader gave."""
    return _verified(lambda: from_json(members), trust, at)


def as_known(verdict: CompletenessVerdict, entries: int) -> CompletenessVerdict:
    """The verdict of a caller whose ledger has so many entries under the number by now: only ever less than the file's."""
    if verdict.proven is None or verdict.file is None or entries <= len(verdict.file.entries):
        return verdict
    done = {step.name: step for step in verdict.steps}
    done["complete"] = step_of("complete", "failed", "more entries have come under the number since", "not_latest")
    return _concluded(done, verdict.as_of, verdict.file)


def _verified(read: Callable[[], Completeness], trust: Trust, at: datetime) -> CompletenessVerdict:
    try:
        check = _Check(read(), trust, at)
    except Malformed as error:
        return _concluded({"well_formed": step_of("well_formed", "failed", error.message, error.code)}, None, None)
    done: dict[str, Step] = {}
    for name, awaited in WAITS.items():
        if is_reached(awaited, done):
            done[name] = run_step(name, getattr(check, name))
    return _concluded(done, check.as_of(is_signed=is_reached(("checkpoint_signed",), done)), check.file)


def _concluded(done: dict[str, Step], as_of: str | None, file: Completeness | None) -> CompletenessVerdict:
    verdict = conclude(done, as_of, WAITS)
    return CompletenessVerdict(verdict.verdict, verdict.as_of, verdict.steps, file=file)


class _Check:
    """The steps, each a method of its name."""

    def __init__(self, file: Completeness, trust: Trust, at: datetime) -> None:
        self.file, self.trust, self.at = file, trust, at
        self._head = checkpoint.Checkpoint("", 0, b"")
        self._cosigned_at = 0

    def as_of(self, *, is_signed: bool) -> str | None:
        """The time that the file speaks of; a file that nobody signed, or that no witness saw who had to, is of no time."""
        if self._cosigned_at:
            return utc(self._cosigned_at)
        times = [listed.entry.time // 1000 for listed in self.file.entries]
        return utc(max(times)) if times and is_signed and self.trust.policy.is_none else None

    def well_formed(self) -> None:
        """Parsing has shown it."""

    def checkpoint_signed(self) -> None:
        demand(self.file.origin == self.trust.origin, "the origin is not the trusted one")
        head = checkpoint.check(self.file.signed, self.trust.ledger_keys)
        demand(head.origin == self.trust.origin, "the checkpoint is of another origin")
        self._head = head

    def witnessed(self) -> None:
        if self.trust.policy.is_none:
            raise NotAsked("the trust file asks no witness")
        self._cosigned_at = check_witnessed(self.file.signed, self.trust.policy, self.at)

    def included(self) -> None:
        org = organization(self.file.register, self.file.number)
        for listed in self.file.entries:
            demand(listed.entry.org == org, "an entry speaks of another organization")
            check_inclusion(
                listed.entry.index, self._head.size, leaf_hash(listed.data), list(listed.hashes), self._head.root
            )

    def complete(self) -> None:
        file = self.file
        check_map(file.map_root, file.proof, self._head, self.trust, self.at)
        key = map_log.organization_key(organization(file.register, file.number))
        if file.entries:
            value = map_log.value_of((listed.entry.index, leaf_hash(listed.data)) for listed in file.entries)
            demand(file.other is None, "another leaf is shown beside the organization's own")
            map_tree.check_present(file.map_root.root, key, value, file.path)
        else:
            map_tree.check_absent(file.map_root.root, key, file.other, file.path)
