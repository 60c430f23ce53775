"""The member `latest` of evidence proves that nothing newer stands in the ledger.

The step `current` checks it, under one checkpoint.

    {"map", "proof", "organization": {"index", "leaf", "before", "path"}, "statusList": the same, "suspensionList": the same}

`map` is the leaf of the map's log (base64: the map's root and the checkpoint it belongs to), `proof` the tlog-proof that it
stands in that log. Each of the others names the newest entry under one key of the map: its index and leaf hash, the hashes
of the mini-log before it, and the way up the map (all base64). How keys and values are made is left to `log/map_log`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.encoding import base64std
from registry.errors import Malformed
from registry.log import map_log, map_tree, proof_text
from registry.log.map_log import MapRoot

ORGANIZATION = "organization"
#: purpose of a status list -> the member that speaks of it
LISTS = {"revocation": "statusList", "suspension": "suspensionList"}
_MEMBERS = (ORGANIZATION, *LISTS.values())


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest entry under a key. `leaf`: its leaf hash; `before`, `path`: rows of 32-byte hashes, of 33-byte steps.

    `n`: how many entries stand before it, where it is not the newest and the later ones travel beside it.
    """

    index: int
    leaf: bytes
    before: bytes
    path: bytes
    n: int | None = None

    def check(self, root: bytes, key: bytes) -> None:
        """Untrue unless this is the newest entry under the key, in the map of that root."""
        value = map_log.value_after(map_log.split_hashes(self.before), self.index, self.leaf)
        map_tree.check_present(root, key, value, self.path)

    def to_json(self) -> dict[str, Any]:
        """The object in the evidence file."""
        return {
            "index": self.index,
            **({} if self.n is None else {"n": self.n}),
            **{name: base64std.encode(getattr(self, name)) for name in ("leaf", "before", "path")},
        }


@dataclass(frozen=True, slots=True)
class Latest:
    """The parsed member. `proof`: of the leaf `map_root` in the map's log; `newest`: by member."""

    map_root: MapRoot
    proof: proof_text.TlogProof
    newest: Mapping[str, Newest]

    def to_json(self) -> dict[str, Any]:
        """The object in the evidence file."""
        return {
            "map": base64std.encode(self.map_root.print()),
            "proof": self.proof.print(),
            **{name: newest.to_json() for name, newest in self.newest.items()},
        }


def from_json(members: dict[str, Any]) -> Latest:
    """The parsed member. Malformed `latest`; unknown members are ignored."""
    proof = members.get("proof")
    if not isinstance(proof, str):
        raise Malformed("latest", "latest has no proof")
    return Latest(
        map_log.parse(base64std.decode(members.get("map"), "map")),
        proof_text.parse(proof),
        {name: _newest(members[name]) for name in _MEMBERS if name in members},
    )


def _newest(member: Any) -> Newest:
    if not isinstance(member, dict) or type(member.get("index")) is not int or not 0 <= member["index"] < 2**53:
        raise Malformed("latest", "a member of latest is not of its form")
    leaf, before, path = (base64std.decode(member.get(name), name) for name in ("leaf", "before", "path"))
    if len(leaf) != 32 or len(before) % 32 or len(path) % 33:
        raise Malformed("latest", "a hash or a step of latest is not whole")
    n = member.get("n")
    if n is not None and (type(n) is not int or not 0 <= n < 2**53):
        raise Malformed("latest", "a member of latest is not of its form")
    return Newest(member["index"], leaf, before, path, n)
