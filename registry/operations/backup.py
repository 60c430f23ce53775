"""A store is backed up while in use, and a backup is checked.

A backup is one folder, whose manifest has the hash of every file, and a MAC under a secret of the installation: whoever can write
to where backups lie cannot make one. The copy is of one moment, and of rows alone (`store/copy_store`). No key and no head token
is in a backup: a store that was put back meets what its keys have signed since, and the start-up guards refuse it then
(`ledger/guards`). Bodies are in it as they are in the store: a backup is as secret as the store itself.
Putting one back is left to `put_back`.
"""

import fcntl
import hmac
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path

from registry.edge.disk import is_full, write_file
from registry.edge.regular import read_below
from registry.encoding import members, strict_json
from registry.encoding.jcs import jcs
from registry.errors import (
    Conflict,
    LedgerDamaged,
    NotFound,
    RegistryError,
    StorageFailed,
    Untrue,
    Usage,
)
from registry.installation.key_store import installation_secret, open_keys
from registry.installation.public import Public
from registry.keys import Keys
from registry.reading.reader import Reader
from registry.store import rows, schema, sqlite
from registry.store.copy_store import copy_store
from registry.store.database import ERRORS, Store

MANIFEST, LEDGER_FILE, IDENTITY_FILE, TRUST_FILE = "manifest.json", "ledger.db", "identity.json", "trust.json"
DESK_FILE = "desk.db"
_FILES = (LEDGER_FILE, IDENTITY_FILE, TRUST_FILE)
_DRAFT = re.compile(r"\..+\.[0-9]+")
#: what may stand in a draft: those, SQLite's files beside the first, and drafts of single files
_IN_DRAFT = re.compile(
    rf"{re.escape(LEDGER_FILE)}(-wal|-shm|-journal)?|\.?({'|'.join(map(re.escape, (*_FILES, DESK_FILE, MANIFEST)))})(\.[0-9]+)?"
)


#: no manifest is larger
_MANIFEST_BYTES = 1 << 20
_MAC_OF = b"greffe-backup/v1\n"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of. `root`: 64 hex digits; `files`: the SHA-256 of each, by name.

    `mac`: HMAC-SHA256 over all else, 64 hex digits; None in a backup of an older version.
    """

    origin: str
    size: int
    root: str
    files: dict[str, str]
    mac: str | None = None

    def print(self) -> bytes:
        """The text of `manifest.json`."""
        about = {"origin": self.origin, "size": self.size, "root": self.root, "files": self.files}
        return jcs({"v": 1, **about} | ({} if self.mac is None else {"mac": self.mac})) + b"\n"

    def authentic(self, secret: bytes) -> "Manifest":
        """The same with its MAC under that secret."""
        return replace(self, mac=hmac.new(secret, _MAC_OF + replace(self, mac=None).print(), "sha256").hexdigest())


def backup(public: Public, folder: Path) -> Manifest:
    """Write a backup into that folder, which is made here and appears whole. Usage `not_empty`; NotFound.

    Refused `key_unreadable`, `hsm`: no key is at hand to authenticate it. LedgerDamaged `schema_differs`. What killed backups
    have left beside it is removed: there are bodies in it.
    """
    if folder.exists():
        raise Usage("not_empty", f"{folder} is there already: each backup has a folder of its own")
    secret = _secret(open_keys(public.settings))
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # it falls with this process, however that ends
        _clear(folder.parent)
        manifest = _write(public, draft, secret)
        draft.replace(folder)
    finally:
        os.close(descriptor)
        shutil.rmtree(draft, ignore_errors=True)
    return manifest


def _clear(parent: Path) -> None:
    """Remove the drafts in that folder that no process holds any more, and that have nothing but a backup's files in them."""
    for draft in list(parent.glob(".*")):
        if not _DRAFT.fullmatch(draft.name) or draft.is_symlink() or not draft.is_dir():
            continue
        if not all(_IN_DRAFT.fullmatch(path.name) for path in draft.iterdir()):
            continue
        descriptor = os.open(draft, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(draft)
        except BlockingIOError:
            continue
        finally:
            os.close(descriptor)


def _secret(keys: Keys) -> bytes:
    return installation_secret(keys, "backup")


def _write(public: Public, folder: Path, secret: bytes) -> Manifest:
    file = folder / LEDGER_FILE
    copy_rows(public.store, file)
    written = Store(f"sqlite:///{file}", read_only=True)
    try:
        with written.read() as connection:
            head = rows.read_head(connection)
        trust = Reader(public.identity, written, public.reader.witness_policy).trust()
    finally:
        written.close()
    if head is None:
        raise NotFound("not_initialized", "the ledger was never opened: run greffe init")
    write_file(folder / IDENTITY_FILE, public.identity.print())
    write_file(folder / TRUST_FILE, jcs(trust) + b"\n")
    names = [*_FILES]
    if public.settings.desk.exists():
        sqlite.copy_file(public.settings.desk, folder / DESK_FILE)
        names.append(DESK_FILE)
    digests = {name: _digest(folder / name) for name in names}
    manifest = Manifest(head.origin, head.size, head.root.hex(), digests).authentic(secret)
    write_file(folder / MANIFEST, manifest.print())
    return manifest


def check(folder: Path) -> Manifest:
    """The manifest of a backup, all of whose files are as it says; whether it is genuine, `is_authentic` tells.

    NotFound `backup`: there is none. Malformed: its manifest is no regular file. Untrue `backup_damaged`, saying which file.
    """
    try:
        data = read_below(folder, MANIFEST, _MANIFEST_BYTES)
    except OSError as error:
        raise NotFound("backup", f"there is no backup in {folder}: {error.strerror}") from None
    if data is None:
        raise NotFound("backup", f"there is no {MANIFEST} in {folder}")
    try:
        document = strict_json.parse_object(data)
        manifest = Manifest(
            members.text(document, "origin"),
            members.integer(document, "size"),
            members.text(document, "root"),
            members.object_at(document, "files"),
            members.text(document, "mac") if "mac" in document else None,
        )
        is_whole = manifest.print() == data and set(manifest.files) in (set(_FILES), {*_FILES, DESK_FILE})
    except RegistryError as error:
        raise Untrue("backup_damaged", f"{MANIFEST} of the backup is damaged: {error}") from None
    if not is_whole:
        raise Untrue("backup_damaged", f"{MANIFEST} of the backup is damaged")
    for name, digest in manifest.files.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise Untrue("backup_damaged", f"{name} of the backup is missing or damaged")
    with opened(folder) as saved, saved.read() as connection:
        head = rows.read_head(connection)
    if head is None or (head.origin, head.size, head.root.hex()) != (manifest.origin, manifest.size, manifest.root):
        raise Untrue("backup_damaged", f"{MANIFEST} of the backup is not of its {LEDGER_FILE}")
    return manifest


def is_authentic(manifest: Manifest, keys: Keys) -> bool:
    """Whether a backup bears the MAC that these keys make; False: it bears none, as one of an older version.

    Untrue `backup_damaged`: it bears another. Refused `key_unreadable`.
    """
    if manifest.mac is None:
        return False
    if not hmac.compare_digest(manifest.mac.encode(), (manifest.authentic(_secret(keys)).mac or "").encode()):
        raise Untrue(
            "backup_damaged",
            f"{MANIFEST} of the backup does not bear the MAC that these keys make: it was changed, or made with other keys",
        )
    return True


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The store in a backup, whatever lies beside its file. Untrue `backup_damaged`: it cannot be read, or has another schema."""
    store = Store(f"sqlite:///{folder / LEDGER_FILE}?{sqlite.IMMUTABLE}=1", read_only=True)
    try:
        with store.read() as connection:
            schema.check(connection, f"{LEDGER_FILE} of the backup")
        yield store
    except (LedgerDamaged, *ERRORS) as error:
        raise Untrue("backup_damaged", f"{LEDGER_FILE} of the backup cannot be used: {error}") from error
    finally:
        store.close()


def copy_rows(source: Store, file: Path) -> None:
    """Copy all rows into a new database, which is that one file, mode 0600. Conflict `storage_full`."""
    with tells_full(file.parent):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        copy = Store(f"sqlite:///{file}", floor=0)
        try:
            copy_store(source, copy)
        finally:
            copy.close()
        sqlite.leave_one_file(file)


@contextmanager
def tells_full(folder: Path) -> Iterator[None]:
    """Conflict `storage_full` where the disk of that folder has no room."""
    try:
        yield
    except (StorageFailed, *ERRORS) as error:
        if is_full(error.__cause__ or error, folder):
            raise Conflict("storage_full", "there is no room on the disk that the store is copied to") from error
        raise


def _digest(file: Path) -> str:
    with file.open("rb") as data:
        return file_digest(data, "sha256").hexdigest()
