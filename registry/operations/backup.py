"""A store is backed up while in use, and a backup is put back.

A backup is one folder, whose manifest has the hash of every file. The copy is of one moment (SQLite's backup API; of PostgreSQL
all rows of one snapshot). No key and no head token is in a backup: a store that was put back meets what its keys have signed
since, and the start-up guards refuse it then (`ledger/guards`). Bodies are in it as they are in the store: a backup is as secret
as the store itself.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from registry.audit.audit import audit
from registry.audit.result import Audit
from registry.edge.disk import is_full, write_file
from registry.encoding import members, strict_json
from registry.encoding.jcs import jcs
from registry.errors import Conflict, NotFound, Refused, RegistryError, Untrue, Usage
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.trust_file import refresh_trust_file
from registry.reading.reader import Reader
from registry.store import rows, sqlite
from registry.store.copy_store import copy_store
from registry.store.database import ERRORS, Store
from registry.store.rows import read_frontier
from registry.verify.trust import parse as parse_trust

MANIFEST, LEDGER_FILE, IDENTITY_FILE, TRUST_FILE = "manifest.json", "ledger.db", "identity.json", "trust.json"
_FILES = (LEDGER_FILE, IDENTITY_FILE, TRUST_FILE)
_DRAFT = re.compile(r"\..+\.[0-9]+")
#: what may stand in a draft: those, SQLite's files beside the first, and drafts of single files
_IN_DRAFT = re.compile(
    rf"{re.escape(LEDGER_FILE)}(-wal|-shm|-journal)?|\.?({'|'.join(map(re.escape, (*_FILES, MANIFEST)))})(\.[0-9]+)?"
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of. `root`: 64 hex digits; `files`: the SHA-256 of each, by name."""

    origin: str
    size: int
    root: str
    files: dict[str, str]

    def print(self) -> bytes:
        """The text of `manifest.json`."""
        about = {"origin": self.origin, "size": self.size, "root": self.root, "files": self.files}
        return jcs({"v": 1, **about}) + b"\n"


def backup(public: Public, folder: Path) -> Manifest:
    """Write a backup into that folder, which is made here and appears whole. Usage `not_empty`; NotFound.

    What killed backups have left beside it is removed: there are bodies in it.
    """
    if folder.exists():
        raise Usage("not_empty", f"{folder} is there already: each backup has a folder of its own")
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True, mode=0o700)
    descriptor = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # it falls with this process, however that ends
        _clear(folder.parent)
        manifest = _write(public, draft)
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


def _write(public: Public, folder: Path) -> Manifest:
    file = folder / LEDGER_FILE
    if public.store.path is not None:
        _copy_sqlite(public.store.path, file)
    else:
        copy = Store(f"sqlite:///{file}")
        copy_store(public.store, copy)
        copy.close()
    sqlite.leave_one_file(file)
    descriptor = os.open(file, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
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
    manifest = Manifest(head.origin, head.size, head.root.hex(), {name: _digest(folder / name) for name in _FILES})
    write_file(folder / MANIFEST, manifest.print())
    return manifest


def check(folder: Path) -> Manifest:
    """The manifest of a backup, all of whose files are as they were written.

    NotFound `backup`: there is none. Untrue `backup_damaged`, saying which file.
    """
    try:
        data = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise NotFound("backup", f"there is no backup in {folder}: {error.strerror}") from None
    try:
        document = strict_json.parse_object(data)
        manifest = Manifest(
            members.text(document, "origin"),
            members.integer(document, "size"),
            members.text(document, "root"),
            members.object_at(document, "files"),
        )
        is_whole = manifest.print() == data and set(manifest.files) == set(_FILES)
    except RegistryError as error:
        raise Untrue("backup_damaged", f"{MANIFEST} of the backup is damaged: {error}") from None
    if not is_whole:
        raise Untrue("backup_damaged", f"{MANIFEST} of the backup is damaged")
    for name, digest in manifest.files.items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise Untrue("backup_damaged", f"{name} of the backup is missing or damaged")
    store = Store(f"sqlite:///{folder / LEDGER_FILE}", read_only=True)
    try:
        with store.read() as connection:
            head = rows.read_head(connection)
    finally:
        store.close()
    if head is None or (head.origin, head.size, head.root.hex()) != (manifest.origin, manifest.size, manifest.root):
        raise Untrue("backup_damaged", f"{MANIFEST} of the backup is not of its {LEDGER_FILE}")
    return manifest


def restore(office: Office, folder: Path, progress: Callable[[int, int], None]) -> Audit:
    """Put a backup into the installation's store, which is empty or has the first of its entries; the audit of it.

    NotFound, Untrue: as `check`, and nothing was touched. Refused: the backup is of another ledger, or the store is ahead.
    """
    manifest = check(folder)
    saved = Store(f"sqlite:///{folder / LEDGER_FILE}", read_only=True)
    try:
        with office.restoring():
            _check_fits(office.store, saved, manifest)
            if office.store.path is not None:
                office.store.close()
                _copy_sqlite(folder / LEDGER_FILE, office.store.path)
                office.store.create()
            else:
                copy_store(saved, office.store)
    finally:
        saved.close()
    return audit(office.store, parse_trust(refresh_trust_file(office.settings, office.reader)), progress)


def _check_fits(own: Store, saved: Store, manifest: Manifest) -> None:
    with own.read() as here, saved.read() as there:
        head, other = rows.read_head(here), rows.read_head(there)
        if head is None or other is None or (head.origin, head.genesis_key) != (other.origin, other.genesis_key):
            raise Refused("identity_disagrees", "the backup is of another ledger than this installation's")
        if head.size > manifest.size:
            raise Refused(
                "store_ahead", f"the store has {head.size} entries, the backup {manifest.size}: it would be put back"
            )
        if head.size and read_frontier(there, head.size).root() != head.root:
            raise Refused("store_forked", f"the store's {head.size} entries are not the first of the backup's")


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database file. Conflict `storage_full`: the target has no room."""
    try:
        sqlite.copy_file(source, target)
    except ERRORS as error:
        if is_full(error, target.parent):
            raise Conflict("storage_full", "there is no room on the disk that the store is copied to") from error
        raise


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()
