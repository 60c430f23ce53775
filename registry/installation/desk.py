"""What waits on the office's desk, as the office wrote it.

Filings of later days, what is held for a person, corrections: what will be signed one day without anybody reading it in an
extract again. So its file bears a MAC under the secret of the seals (`records/seals`), over all rows and a revision that rises
with each change; the revision is noted beside the keys, so that an older desk that is put back is noticed. A desk that is lost
is made anew by the next deliveries, save what people decided.
"""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager

from registry.errors import LedgerDamaged, Refused
from registry.installation.key_notes import note_desk, read_desk
from registry.installation.settings import Settings
from registry.records.seals import Seals
from registry.store.desk_rows import DeskFile, Key

__all__ = ["Desk", "Key"]


class Desk:
    """The rows, by key, as they were when it was opened; changes are written by `write`, all or none."""

    def __init__(self, file: DeskFile, settings: Settings, seals: Seals) -> None:
        """LedgerDamaged `seal_broken`, Refused `desk_behind`: the rows are not those that the office wrote last."""
        self._file, self._settings, self._seals = file, settings, seals
        noted = read_desk(settings)  # before the file, which is written first
        self._revision, mac, self._rows = file.read()
        if self._revision and not hmac.compare_digest(mac, self._mac(self._revision)):
            raise LedgerDamaged("seal_broken", "not as the office wrote it: what waits on its desk; nothing is signed")
        if self._revision < noted:
            raise Refused(
                "desk_behind",
                "what waits on the desk is older than what the office wrote last: bring desk.db back from a backup, "
                "or remove keys/desk to go on without what waited",
            )
        self._put: dict[Key, bytes] = {}
        self._gone: set[Key] = set()

    def get(self, kind: str, register: str, number: str = "") -> bytes | None:
        """The body of a row; None where there is none."""
        return self._rows.get(Key(kind, register, number))

    def all(self, kind: str, register: str | None = None) -> Iterator[tuple[Key, bytes]]:
        """The rows of a kind, of one register or of all, sorted by register and number."""
        for key, body in sorted(self._rows.items()):
            if key.kind == kind and register in (None, key.register):
                yield key, body

    def put(self, kind: str, register: str, number: str, body: bytes) -> None:
        """A row that is new, or takes the place of the one with its key."""
        key = Key(kind, register, number)
        if self._rows.get(key) != body:
            self._rows[key] = self._put[key] = body
            self._gone.discard(key)

    def drop(self, kind: str, register: str, number: str = "") -> None:
        """Forget a row, if there is one."""
        key = Key(kind, register, number)
        if self._rows.pop(key, None) is not None:
            self._put.pop(key, None)
            self._gone.add(key)

    def forget(self, register: str, number: str) -> None:
        """Drop every row of an organization: those of its number, and of what begins with its number and a slash."""
        for key in list(self._rows):
            if key.register == register and (key.number == number or key.number.startswith(f"{number}/")):
                self.drop(*key)

    def write(self) -> None:
        """Write what was changed. Nothing is written where nothing was. Conflict `overtaken`: somebody else has, meanwhile."""
        if self._put or self._gone:
            self._revision += 1
            self._file.write(self._revision, self._mac(self._revision), self._put, self._gone)
            note_desk(self._settings, self._revision)
            self._put, self._gone = {}, set()

    def _mac(self, revision: int) -> bytes:
        return self._seals.desk(revision, [(*key, body) for key, body in sorted(self._rows.items())])


@contextmanager
def open_desk(settings: Settings, seals: Seals) -> Iterator[Desk]:
    """The desk, for one process that holds the ledger, or only reads. Errors as `Desk`; StorageFailed."""
    file = DeskFile(settings.desk)
    try:
        yield Desk(file, settings, seals)
    finally:
        file.close()
