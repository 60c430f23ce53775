"""Access keys: who may ask for more, in a file beside the search index.

A key is random and shown once, when it is made; the file has its SHA-256 alone, which needs no salt since a key has 256 bits of
chance. Nothing is signed with it, and nothing is secret that it opens. The serving process reads the file again whenever it has
changed. Edge: that file.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from registry.edge.regular import read_below
from registry.encoding import moment
from registry.encoding.strict_json import parse_object
from registry.errors import Malformed, NotFound, Usage
from search.access.quota import SCOPES

FILE = "access-keys.json"
PREFIX = "greffe-access-"
#: requests a minute of a key, unless its maker says otherwise
PER_MINUTE, MOST_PER_MINUTE = 60_000, 1_000_000
MOST_KEYS = 1000
#: on one line of a terminal, and text: no controls, no change of direction, no half of a character
_NAME = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]{1,80}")
_ID = re.compile(r"[0-9a-f]{8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_BYTES = 1024 * 1024
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key as it is stored. `id`: to name it by; `scopes`: of `SCOPES`; `made`, `ended`: RFC 3339 times; `sha256`: hex."""

    id: str
    name: str
    scopes: tuple[str, ...]
    per_minute: int
    made: str
    ended: str | None
    sha256: str


def digest_of(key: str) -> str:
    """What is stored of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def parse_keys(data: bytes) -> tuple[AccessKey, ...]:
    """The keys of a file. Malformed `access_keys`."""
    try:
        members = parse_object(data)
        keys = tuple(_parse_key(item) for item in members["keys"])
        is_whole = members["v"] == 1 and len({key.sha256 for key in keys}) == len({key.id for key in keys}) == len(keys)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed):
        is_whole = False
    if not is_whole or len(keys) > MOST_KEYS:
        raise Malformed("access_keys", f"{FILE} is no file of access keys")
    return keys


def _parse_key(item: dict[str, Any]) -> AccessKey:
    """ValueError, KeyError, TypeError, AttributeError, Malformed: it is none."""
    key = AccessKey(**{**item, "scopes": tuple(item["scopes"])})
    moment.parse_utc(key.made)
    if key.ended is not None:
        moment.parse_utc(key.ended)
    if not (
        _ID.fullmatch(key.id)
        and _NAME.fullmatch(key.name)
        and _DIGEST.fullmatch(key.sha256)
        and type(key.per_minute) is int
        and 0 < key.per_minute <= MOST_PER_MINUTE
        and key.scopes
        and set(key.scopes) <= set(SCOPES)
    ):
        raise ValueError
    return key


def print_keys(keys: tuple[AccessKey, ...]) -> bytes:
    """The file of these keys."""
    return json.dumps({"v": 1, "keys": [asdict(key) for key in keys]}, ensure_ascii=False, indent=1).encode() + b"\n"


class KeyFile:
    """The file in a folder, as an operator changes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> tuple[AccessKey, ...]:
        """All keys that were ever made here. Malformed; OSError."""
        data = read_below(self._folder, FILE, _BYTES) if self._folder.exists() else None
        return () if data is None else parse_keys(data)

    def add(self, name: str, scopes: tuple[str, ...], per_minute: int, now: datetime) -> tuple[str, AccessKey]:
        """Make a key; it is given here and never again. Usage `name`, `scope`, `per_minute`, `too_many`."""
        if not _NAME.fullmatch(name):
            raise Usage("name", "a name has 1 to 80 characters, on one line")
        if unknown := [scope for scope in scopes if scope not in SCOPES]:
            raise Usage("scope", f"there is no scope {unknown[0][:40]!a}: there are {', '.join(SCOPES)}")
        if not 0 < per_minute <= MOST_PER_MINUTE:
            raise Usage("per_minute", f"a key may ask 1 to {MOST_PER_MINUTE} times a minute")
        key = PREFIX + secrets.token_urlsafe(32)
        chosen = tuple(dict.fromkeys(scopes)) or tuple(SCOPES)
        made = AccessKey(secrets.token_hex(4), name, chosen, per_minute, moment.print_utc(now), None, digest_of(key))
        with self._alone() as folder:
            keys = self.read()
            if len(keys) >= MOST_KEYS:
                raise Usage("too_many", f"there are {MOST_KEYS} keys already")
            self._write((*keys, made), folder)
        return key, made

    def end(self, id_: str, now: datetime) -> AccessKey:
        """From now on nobody is let in with it. NotFound `access_key`; one that has ended stays as it is."""
        with self._alone() as folder:
            keys = self.read()
            named = next((key for key in keys if key.id == id_), None)
            if named is None:
                raise NotFound("access_key", f"there is no access key {id_[:40]!a}")
            ended = named if named.ended else replace(named, ended=moment.print_utc(now))
            self._write(tuple(ended if key.id == id_ else key for key in keys), folder)
        return ended

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """While no other command changes the file; the folder's descriptor."""
        self._folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _write(self, keys: tuple[AccessKey, ...], folder: int) -> None:
        """By rename, under a name that nobody could have taken before: others may make files in this folder."""
        data = print_keys(keys)
        draft = self._folder / f".{FILE}.{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o640)
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o640)
                file.write(data)
                file.flush()
                os.fsync(descriptor)
            draft.replace(self._folder / FILE)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        os.fsync(folder)


class KnownKeys:
    """The keys of a file as a serving process knows them: read again when the file is another one."""

    def __init__(self, folder: Path | None) -> None:
        """`folder`: None where there are no keys."""
        self._folder = folder
        self._seen: tuple[int, int, int] | None = None
        self._keys: dict[str, AccessKey] = {}
        self._has_told = False

    def find(self, key: str) -> AccessKey | None:
        """The key that was sent, where it is one that has not ended."""
        self._look()
        known = self._keys.get(digest_of(key))
        return None if known is None or known.ended else known

    def _look(self) -> None:
        if self._folder is None:
            return
        try:
            status = (self._folder / FILE).lstat()
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                self._keys = {key.sha256: key for key in KeyFile(self._folder).read()}
                self._has_told = False
        except FileNotFoundError:
            seen, self._keys = None, {}
        except Malformed as error:
            self._tell(error)
        except OSError as error:  # it may pass: the file is tried again with the next key
            self._tell(error)
            return
        self._seen = seen

    def _tell(self, error: Exception) -> None:
        """Once, until the file can be read."""
        if not self._has_told:
            self._has_told = True
            _log.error("%s cannot be read, the keys of before go on: %s", FILE, error)
