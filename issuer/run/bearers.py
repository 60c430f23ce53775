"""Which organizations of a register bear a name that looks like another.

Of all of them, not of one delivery alone. The file follows the ledger before a run plans; it is derived, and only ever gives a
flag. It holds digests of looks, no names; an erasure takes an organization's away. A file that is no such file is begun anew.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from issuer.timeline.history import Timeline
from issuer.timeline.looks import look
from registry.credential.document import text_at
from registry.errors import Refused
from registry.records.records import Records
from registry.store.database import ERRORS
from registry.store.likeness_rows import Likeness, Likenesses
from registry.store.place_rows import PlaceRow

#: entries that are read at a time
_STRIDE = 2000
#: numbers that are asked for: of a name that looks like so many others, all are alike
_LIMIT = 64
_log = logging.getLogger(__name__)


class Bearers:
    """Those of one register. `follows`: whether the file at `path` may be made, and brought up to the ledger."""

    def __init__(self, path: Path, register: str, *, follows: bool) -> None:
        self._path, self._register, self._follows = path, register, follows
        #: what a name looks like -> how many organizations of this delivery bear such a one now
        self._told: Counter[str] = Counter()
        #: name of this delivery -> numbers of organizations that the ledger gives such a one
        self._known: dict[str, list[str]] = {}

    def count(self, timeline: Timeline) -> None:
        """An organization of the delivery bears the last name of its timeline."""
        name = name_of(timeline)
        if name is not None and (seen := look(name)):
            self._told[seen] += 1

    def ask(self, records: Records, timelines: Iterable[Timeline]) -> None:
        """Look up the names that are about to be issued. `records`: all of whose places were checked.

        Where the file cannot be used nobody is known: what it would tell is for a person to see, and holds up nothing.
        """
        names = {name for timeline in timelines if (name := name_of(timeline)) is not None and look(name)}
        if not names or not (self._follows or self._path.exists()):
            return
        try:
            with _usable():
                file = _open(self._path)
            with closing(file):
                if self._follows:
                    _follow(file, records)
                with _usable():
                    self._known = {name: file.numbers(self._register, _digest(name), _LIMIT) for name in names}
        except _UnusableError as error:
            reason = str(error).partition("\n")[0]
            _log.warning("names that look alike are told within this delivery alone: %s: %s", self._path.name, reason)

    def has_others(self, name: str, delivered: Set[str]) -> bool:
        """Whether a second organization bears such a name. `delivered`: whose names this delivery tells, whatever they were."""
        return self._told[look(name)] > 1 or not delivered >= set(self._known.get(name, ()))


def name_of(timeline: Timeline) -> str | None:
    """The legal name that an organization bears in the end."""
    return timeline.states[-1].state.legal_name if timeline.states else None


def forget(register: str, number: str, path: Path) -> None:
    """Nothing of an organization stays in the file."""
    if path.exists():
        with closing(_open(path)) as file:
            file.drop(register, number)


class _UnusableError(Exception):
    """The file cannot be used."""


@contextmanager
def _usable() -> Iterator[None]:
    """What is said of the file within the block is _UnusableError; so it is told from what the ledger's own database says."""
    try:
        yield
    except (Refused, OSError, *ERRORS) as error:
        raise _UnusableError(str(error)) from error


def _open(path: Path) -> Likenesses:
    """The file at that path; where it is no such file, another takes its place."""
    file = Likenesses(path)
    try:
        if not file.prepare():
            file.close()
            path.unlink()
            file = Likenesses(path)
            file.prepare()
    except BaseException:
        file.close()
        raise
    return file


def _follow(file: Likenesses, records: Records) -> None:
    """Read what the ledger has got since."""
    with _usable():
        start = file.followed()
    size = records.head.size
    if start > size:
        start = 0
    while start < size:
        end = min(start + _STRIDE, size)
        gone = [index for entry in records.entries(start, end) if entry.kind == "erase" for index in entry.refers]
        rows = [_likeness(records, place) for place in records.places_between(start, end)]
        with _usable():
            file.put(rows, gone, end)
        start = end


def _likeness(records: Records, place: PlaceRow) -> Likeness:
    name = text_at(records.find_document(place.i), "credentialSubject", "legalName")
    return Likeness(place.register, place.number, _digest(name or ""), place.i)


def _digest(name: str) -> bytes:
    """What two names that look alike have in common: 16 bytes; nothing that a name without letters has."""
    return sha256(f"greffe-look/v1\n{look(name)}".encode()).digest()[:16]
