"""A mirror of the published ledger is written into a folder.

Any file server can hand it out; a second export writes only what is new. Each file is written by rename, the checkpoint last, so
that a reader of a mirror that grows gets all that its checkpoint covers. Before anything is written all entries are read, and
must give the root that was signed; each file is held against them as it is written. Tiles, bundles and objects never change and
are not looked at again. A partial tile stays until its full tile is there: each checkpoint that was ever exported has its tiles,
as c2sp.org/tlog-tiles wants it. What stands in each file is `mirror/files`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from registry.edge.disk import write_file
from registry.errors import LedgerDamaged, Malformed, NotPublished, Refused, RegistryError, Untrue, Usage
from registry.installation.public import Public
from registry.installation.settings import Settings
from registry.installation.trust_file import read_trust_file
from registry.log import checkpoint, note, tiles
from registry.log.checkpoint import check_holds
from registry.mirror.files import PREFIXES, MirrorFiles
from registry.mirror.published import check_cosigned, has_strange_lines
from registry.store import rows
from registry.store.damage import refusing
from registry.store.database import Connection
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify.trust import Trust

#: a draft of `write_file` that a killed export has left
_DRAFT = re.compile(r"\..+\.[0-9]+")
#: one line of progress for so many files
_FILES_A_LINE = 1000
#: whatever of these is in a folder, it is one of an installation and not for the public
_PRIVATE = ("identity.json", "keys", "ledger.db")


@dataclass(frozen=True, slots=True)
class Exported:
    """`size`, `root`: of the checkpoint; `files`: how many the mirror has; `written`: how many of them are new or changed."""

    size: int
    root: bytes
    files: int
    written: int


def export(public: Public, folder: Path, tell: Callable[[str], None]) -> Exported:
    """Bring the mirror in that folder to the published checkpoint.

    NotPublished before the first. LedgerDamaged: the store is not what was signed; what was written holds all the same, and the
    mirror's checkpoint is the one from before. Usage `not_public`, `no_mirror`: the folder has something else, and nothing was
    touched.
    Refused: it holds a mirror of another ledger, or one that is ahead of the store.
    `tell`: is given a line for a person now and then.
    """
    _check_public(public.settings, folder)
    with public.store.read() as connection, refusing():
        files = MirrorFiles(connection, public.identity, public.reader.witness_policy)
        _check_shown(connection, files, read_trust_file(public.settings, public.identity))
        for log in (LEDGER, INDEX):
            _check_same(connection, folder, files, log)
        if not (folder / "checkpoint").exists():
            _check_begun(folder, files)
        root = files.root_at(files.size())
        count = written = 0
        entered = set[Path]()
        for count, file in enumerate(files, 1):
            path = folder / file.path
            if path.parent not in entered:
                _open_way(folder, path.parent)
                entered.add(path.parent)
            if not (file.lasts and path.exists()):
                data = file.render()
                if file.lasts or not path.exists() or path.read_bytes() != data:
                    write_file(path, data, 0o644)
                    written += 1
            if count % _FILES_A_LINE == 0:
                tell(f"{count} files, {written} of them written")
    _clear(folder)
    return Exported(files.size(), root, count, written)


def _open_way(folder: Path, place: Path) -> None:
    """Make the folders of the mirror down to there, open to everybody whatever the umask: a file server is another user."""
    for step in [place, *place.parents][len(place.relative_to(folder).parts) :: -1]:
        is_new = not step.exists()
        step.mkdir(parents=True, exist_ok=True)
        # the mirror's own folder is as its administrator made it
        if is_new or (step != folder and step.stat().st_mode & 0o777 != 0o755):
            step.chmod(0o755)


def check_apart(folder: Path, private: Path) -> None:
    """Usage `not_public` where the mirror and the sealed export would lie in one another, or the latter in a mirror."""
    ours, theirs = folder.resolve(), private.resolve()
    if ours in (theirs, *theirs.parents) or theirs in ours.parents:
        raise Usage("not_public", f"{private} and {folder} lie in one another: everybody may read a mirror")
    if (private / "checkpoint").exists():
        raise Usage("not_public", f"{private} is a mirror: everybody may read it")


def _check_public(settings: Settings, folder: Path) -> None:
    """Usage `not_public` where the folder is one of an installation, or lies in or above the keys of this one."""
    place, keys = folder.resolve(), settings.keys.resolve()
    private = [name for name in _PRIVATE if (place / name).exists()]
    if private:
        raise Usage("not_public", f"{folder} has {private[0]} of an installation in it: everybody may read a mirror")
    if place in (keys, *keys.parents) or keys in place.parents:
        raise Usage("not_public", f"the keys of this installation and {folder} lie in one another")


def _check_begun(folder: Path, files: MirrorFiles) -> None:
    """Usage `no_mirror` unless all that stands in a folder without checkpoint is what a killed export of ours has left."""
    if folder.exists() and not folder.is_dir():
        raise Usage("no_mirror", f"{folder} is no folder")
    left = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if not path.is_dir() and not _DRAFT.fullmatch(path.name)
    }
    if not left:
        return
    expected = {file.path: file for file in files if file.path in left}
    for name, path in left.items():
        file = expected.get(name)
        if file is None:
            is_ours = files.is_earlier_tile(name, lambda name: left[name].read_bytes())
        else:
            is_ours = not file.lasts or path.read_bytes() == file.render()
        if not is_ours:
            raise Usage(
                "no_mirror", f"{folder} has other files in it, {name} among them: export into a folder of its own"
            )


def _check_shown(connection: Connection, files: MirrorFiles, trusted: Trust | None) -> None:
    """Whoever audits the mirror believes its two checkpoints. `trusted`: the installation's own trust file, where it has one.

    LedgerDamaged `record_untrue`: no key that is believed signed one, or a line of it is of nobody known. NotPublished `quorum`:
    the witness policy was another one when it was published.
    """
    own, trusts = files.trust, [files.trust, *([] if trusted is None else [trusted])]
    for log, policy in ((LEDGER, own.policy), (INDEX, own.index_policy)):
        signed = files.signed(log)
        try:
            for trust in trusts:
                keys = trust.ledger_keys if log is LEDGER else trust.index_keys
                if keys:
                    note.check(note.parse(signed), keys)
            if has_strange_lines(connection, log, signed, own.policy):
                raise Untrue("signature", "a signature under it is of nobody known")
        except (Malformed, Untrue) as error:
            raise LedgerDamaged(
                "record_untrue", f"the checkpoint of the log {log.name} is not believed: {error}"
            ) from None
        try:
            check_cosigned(policy, signed)
        except Untrue as error:
            raise NotPublished("quorum", f"the checkpoint of the log {log.name}: {error}: publish first") from None


def _check_same(connection: Connection, folder: Path, files: MirrorFiles, log: Log) -> None:
    """Refused unless the checkpoint that the folder has of that log, if any, is an earlier one of ours."""
    file = folder / f"{PREFIXES[log.name]}checkpoint"
    if not file.exists():
        return
    keys = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, log)]
    try:
        seen = checkpoint.check(file.read_bytes().decode(), keys)
    except (RegistryError, UnicodeDecodeError):
        raise Refused("mirror_foreign", f"{file} is no checkpoint of this ledger: export into another folder") from None
    size = files.size(log)
    head = checkpoint.Checkpoint(seen.origin, size, files.root_at(size, log))
    check_holds(seen, head, partial(files.root_at, log=log), "the mirror")


def _clear(folder: Path) -> None:
    """Remove partial tiles whose full tile is there, and drafts that were never finished."""
    for path in list(folder.rglob("*.p/*")):
        full = path.parent.with_name(path.parent.name.removesuffix(".p"))
        if full.exists() and _is_tile(path.relative_to(folder).as_posix()):
            path.unlink()
    for path in list(folder.rglob("*.p")):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for path in list(folder.rglob(".*")):
        if path.is_file() and _DRAFT.fullmatch(path.name):
            path.unlink()


def _is_tile(path: str) -> bool:
    try:
        tiles.parse_tile(path.removeprefix("index/").removeprefix("tile/"))
    except Malformed:
        return False
    return True
