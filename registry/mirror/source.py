"""A mirror is read from a folder or over HTTP, and not believed.

Paths are those of the public log (c2sp.org/tlog-tiles v0.1.0): `checkpoint`, `tile/...`, and beside them what
`greffe export` writes.
"""

import time
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from registry.edge.bounded_connection import BoundedLink, TooLarge, seconds_left
from registry.edge.regular import paths_below, read_below
from registry.errors import Conflict, Malformed, Usage

#: no file of a mirror is larger than the largest bundle of entries
MAX_BYTES = 256 * (2 + 65_535)
_HEADER_BYTES = 64 * 1024
_SECONDS = 30.0


class Mirror:
    """One mirror. `place`: a folder, or an http(s) URL; http only for this machine. `seconds`: for a whole answer."""

    def __init__(self, place: str, seconds: float = _SECONDS) -> None:
        self.place, self._seconds = place.rstrip("/"), seconds
        parts = urlsplit(place)
        self._is_remote = parts.scheme in ("http", "https")
        if "://" in place and not self._is_remote:
            raise Usage("mirror", f"a mirror is a folder or an https URL, not {place[:80]!r}")
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise Usage("mirror", "a mirror elsewhere is read over https")
        try:
            self._host, self._port, self._path = parts.hostname or "", parts.port, parts.path.rstrip("/")
        except ValueError:
            raise Usage("mirror", "the port of the mirror's URL is no port") from None
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection

    def check_there(self) -> None:
        """Usage `mirror` where the folder is missing; a URL is not asked."""
        if not self._is_remote and not Path(self.place).is_dir():
            raise Usage("mirror", f"there is no folder {self.place}")

    def read(self, path: str) -> bytes | None:
        """The bytes at a path below the mirror; None where there is no such file.

        Conflict `mirror_away`: it does not answer. Malformed `mirror`: larger than any file of a mirror; in a folder, no regular
        file, or behind a link.
        """
        data = self._fetched(path) if self._is_remote else self._opened(path)
        if data is not None and len(data) > MAX_BYTES:
            raise Malformed("mirror", f"{path} of the mirror is larger than any file of one")
        return data

    def paths(self) -> set[str] | None:
        """The paths of all files of a folder; None of a mirror that is read over HTTP, which has no list."""
        if self._is_remote:
            return None
        return paths_below(Path(self.place))

    def _opened(self, path: str) -> bytes | None:
        try:
            return read_below(Path(self.place), path, MAX_BYTES)
        except Malformed as error:
            raise Malformed("mirror", f"of the mirror, {error.message}") from None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Conflict("mirror_away", f"the mirror cannot be read: {error.strerror}") from None

    def _fetched(self, path: str) -> bytes | None:
        """A redirection is not followed: a mirror stands where its URL says."""
        until = time.monotonic() + self._seconds
        connection = self._kind(self._host, self._port, timeout=self._seconds)
        try:
            connection.connect()
            connection.sock.settimeout(seconds_left(until))
            connection.request("GET", f"{self._path}/{path}", headers={"Connection": "close"})
            link = BoundedLink(connection.sock, until, _HEADER_BYTES + MAX_BYTES)
            answer = HTTPResponse(link, method="GET")  # type: ignore[arg-type]
            answer.begin()
            if answer.status in (404, 410):
                return None
            if answer.status != 200:
                raise Conflict("mirror_away", f"the mirror answered with status {answer.status}")
            data = answer.read(MAX_BYTES + 1)
            if answer.length and len(data) <= MAX_BYTES:
                raise Conflict("mirror_away", "the mirror's answer broke off")
            return data
        except TooLarge:
            raise Malformed("mirror", f"{path} of the mirror is larger than any file of one") from None
        except (OSError, HTTPException) as error:
            raise Conflict("mirror_away", f"the mirror does not answer: {type(error).__name__}") from None
        finally:
            connection.close()
