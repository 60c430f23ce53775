"""Which organizations of a register bear a name that looks like another.

Of all of them, not of one delivery alone. The file follows the ledger before a run plans; it is derived, and only ever gives a
flag. It holds digests of looks, no names; an erasure takes an organization's away. A file that is no such file is begun anew.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

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


def bearers_of(
    names: Iterable[str], register: str, path: Path, records: Records, *, follows: bool
) -> dict[str, list[str]]:
    """Name -> numbers of the register's organizations whose legal name looks like that, sorted.

    `records`: all of whose places were checked; `follows`: whether the file may be made, and brought up to them. Nobody, where
    the file cannot be used: what it would tell is for a person to see, and holds up nothing.
    """
    if not follows and not path.exists():
        return {}
    try:
        with _opened(path) as file:
            if follows:
                _follow(file, records)
            return {name: file.numbers(register, digest(name), _LIMIT) for name in names if look(name)}
    except (Refused, *ERRORS) as error:
        _log.warning("names that look alike are told within this delivery alone: %s", error)
        return {}


def forget(register: str, number: str, path: Path) -> None:
    """Nothing of an organization stays in the file."""
    if path.exists():
        with _opened(path) as file:
            file.drop(register, number)


@contextmanager
def _opened(path: Path) -> Iterator[Likenesses]:
    """The file at that path; where it is no such file, another takes its place."""
    file = Likenesses(path)
    try:
        if not file.prepare():
            file.close()
            path.unlink()
            file = Likenesses(path)
            file.prepare()
        yield file
    finally:
        file.close()


def _follow(file: Likenesses, records: Records) -> None:
    """Read what the ledger has got since."""
    start, size = file.followed(), records.head.size
    if start > size:
        start = 0
    while start < size:
        end = min(start + _STRIDE, size)
        gone = [index for entry in records.entries(start, end) if entry.kind == "erase" for index in entry.refers]
        rows = [_likeness(records, place) for place in records.places_between(start, end)]
        file.put(rows, gone, end)
        start = end


def _likeness(records: Records, place: PlaceRow) -> Likeness:
    name = text_at(records.find_document(place.i), "credentialSubject", "legalName")
    return Likeness(place.register, place.number, digest(name or ""), place.i)


def digest(name: str) -> bytes:
    """What two names that look alike have in common: 16 bytes; nothing that a name without letters has."""
    return sha256(f"greffe-look/v1\n{look(name)}".encode()).digest()[:16]
