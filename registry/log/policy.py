"""A witness policy names the witnesses, and says which of them are enough.

c2sp.org/tlog-policy:

    log <vkey> [<url>]
    witness <name> <vkey> [<url>]
    group <name> all|any|<k> <name>...
    quorum <name>|none

One quorum line; groups and quorum name only what stands above them; a name is a member of one group at most, so that a
witness counts once; two witnesses, or two logs, with one key are refused. Blank lines and lines that begin with # say
nothing. A witness's URL is its submission prefix (c2sp.org/tlog-witness). Asking the witnesses is left to `witness/client`.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from registry.errors import Malformed, Untrue
from registry.log import cosignature, note

NONE = "none"
_MAX_CHARACTERS = 256 * 1024
#: a note with so many cosignatures still has room for the log's own signatures
_MAX_WITNESSES = 48
_MAX_GROUPS = 48
_THRESHOLD = re.compile(r"[1-9][0-9]{0,3}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Witness:
    """`name`: within the policy alone; `key`: whose cosignatures count; `url`: the submission prefix, where there is one."""

    name: str
    key: note.VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Met when at least `threshold` of its members are."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """`logs`: whose heads it speaks of, empty where that is known otherwise; `quorum`: a witness or group, None for none."""

    logs: tuple[note.VerifierKey, ...]
    witnesses: tuple[Witness, ...]
    groups: Mapping[str, Group]
    quorum: str | None

    @property
    def is_none(self) -> bool:
        """Whether no cosignature is wanted."""
        return self.quorum is None

    def is_met(self, names: Collection[str]) -> bool:
        """Whether the cosignatures of those witnesses, by their names here, are enough."""

        def has(name: str) -> bool:
            group = self.groups.get(name)
            if group is None:
                return name in names
            return sum(has(member) for member in group.members) >= group.threshold

        return self.quorum is None or has(self.quorum)

    def cosigned(self, signed: note.Note) -> dict[str, int]:
        """The witnesses (by their names here) that cosigned a checkpoint, and when: POSIX seconds.

        Untrue `cosignature`: the cosignature of one of them is wrong.
        """
        return cosigned(signed, self.witnesses)


def cosigned(signed: note.Note, witnesses: tuple[Witness, ...]) -> dict[str, int]:
    """As `Policy.cosigned`, by those witnesses."""
    times = {}
    for witness in witnesses:
        try:
            times[witness.name] = cosignature.check(signed, witness.key)
        except Untrue as error:
            if error.code != "not_cosigned":
                raise
    return times


def parse(text: str) -> Policy:
    """The policy of a policy file. Malformed `policy`, saying which line. A last line may lack its newline."""
    if len(text) > _MAX_CHARACTERS or _CONTROL.search(text):
        raise Malformed("policy", "the policy is too long, or holds a control character")
    reader = _Reader()
    for number, line in enumerate(text.split("\n"), 1):
        words = [word for word in re.split("[ \t]+", line) if word]
        if words and not words[0].startswith("#"):
            try:
                reader.take(words)
            except Malformed as error:
                raise Malformed("policy", f"line {number} of the policy: {error.message}") from None
    return reader.policy()


class _Reader:
    """What the lines so far have defined."""

    def __init__(self) -> None:
        self._logs: list[note.VerifierKey] = []
        self._witnesses: list[Witness] = []
        self._groups: dict[str, Group] = {}
        self._quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()

    def take(self, words: list[str]) -> None:
        """One line. Malformed."""
        takers: dict[str, tuple[Callable[[list[str]], None], int, int]] = {
            "log": (self._log, 1, 2),
            "witness": (self._witness, 2, 3),
            "group": (self._group, 3, len(words)),
            "quorum": (self._set_quorum, 1, 1),
        }
        if words[0] not in takers:
            raise Malformed("policy", "neither log, witness, group nor quorum")
        taker, least, most = takers[words[0]]
        if not least <= len(words) - 1 <= most:
            raise Malformed("policy", f"too few or too many words behind {words[0]}")
        taker(words[1:])

    def policy(self) -> Policy:
        """The whole policy. Malformed: there was no quorum line."""
        if self._quorum is None:
            raise Malformed("policy", "the policy has no quorum line")
        quorum = None if self._quorum == NONE else self._quorum
        return Policy(tuple(self._logs), tuple(self._witnesses), self._groups, quorum)

    def _log(self, words: list[str]) -> None:
        key = note.parse_vkey(words[0])
        if any(key.public == other.public for other in self._logs):
            raise Malformed("policy", "a log with the same key stands above")
        self._logs.append(key)

    def _witness(self, words: list[str]) -> None:
        name, key = words[0], note.parse_vkey(words[1], note.COSIGNATURES)
        if any(key.public == other.key.public for other in self._witnesses):
            raise Malformed("policy", "a witness with the same key stands above")
        if len(self._witnesses) == _MAX_WITNESSES:
            raise Malformed("policy", f"more than {_MAX_WITNESSES} witnesses")
        self._define(name)
        self._witnesses.append(Witness(name, key, words[2] if len(words) == 3 else None))

    def _group(self, words: list[str]) -> None:
        name, wanted, *members = words
        for member in members:
            if member not in self._names:
                raise Malformed("policy", f"{member} is not defined above")
            if member in self._members:
                raise Malformed("policy", f"{member} is a member already")
            self._members.add(member)
        threshold = {"all": len(members), "any": 1}.get(wanted)
        if threshold is None:
            if not _THRESHOLD.fullmatch(wanted) or int(wanted) > len(members):
                raise Malformed("policy", "the threshold is not all, any, or from 1 to the number of members")
            threshold = int(wanted)
        if len(self._groups) == _MAX_GROUPS:
            raise Malformed("policy", f"more than {_MAX_GROUPS} groups")
        self._define(name)
        self._groups[name] = Group(threshold, tuple(members))

    def _set_quorum(self, words: list[str]) -> None:
        if self._quorum is not None:
            raise Malformed("policy", "a second quorum line")
        if words[0] != NONE and words[0] not in self._names:
            raise Malformed("policy", f"{words[0]} is not defined above")
        self._quorum = words[0]

    def _define(self, name: str) -> None:
        if name == NONE or name in self._names:
            raise Malformed("policy", f"the name {name} is taken")
        self._names.add(name)
