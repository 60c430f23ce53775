"""Read a mirror of a ledger: a folder, or whatever serves one over HTTP. Nothing in it is believed here.

Paths are those of the public log (c2sp.org/tlog-tiles v0.1.0): `checkpoint`, `tile/...`, and beside them what
`greffe export` writes.
"""

import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from registry.errors import Conflict, Malformed, Usage

#: no file of a mirror is larger than the largest bundle of entries
MAX_BYTES = 256 * (2 + 65_535)
_SECONDS = 10.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """A mirror stands where it was told to stand."""


class Mirror:
    """One mirror. `place`: a folder, or an http(s) URL; http only for this machine."""

    def __init__(self, place: str, seconds: float = _SECONDS) -> None:
        self.place, self._seconds = place.rstrip("/"), seconds
        parts = urlsplit(place)
        self._is_remote = parts.scheme in ("http", "https")
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise Usage("mirror", "a mirror elsewhere is read over https")
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())

    def read(self, path: str) -> bytes | None:
        """The bytes at a path below the mirror; None where there is no such file.

        Conflict `mirror_away`: it does not answer. Malformed `mirror`: larger than any file of a mirror.
        """
        data = self._fetched(path) if self._is_remote else self._opened(path)
        if data is not None and len(data) > MAX_BYTES:
            raise Malformed("mirror", f"{path} of the mirror is larger than any file of one")
        return data

    def paths(self) -> set[str] | None:
        """The paths of all files of a folder; None of a mirror that is read over HTTP, which tells nobody what it has."""
        if self._is_remote:
            return None
        folder = Path(self.place)
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}

    def _opened(self, path: str) -> bytes | None:
        try:
            with (Path(self.place) / path).open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise Conflict("mirror_away", f"the mirror cannot be read: {error.strerror}") from None

    def _fetched(self, path: str) -> bytes | None:
        try:
            with self._opener.open(f"{self.place}/{path}", timeout=self._seconds) as answer:
                data: bytes = answer.read(MAX_BYTES + 1)
                return data
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                return None
            raise Conflict("mirror_away", f"the mirror answered with status {error.code}") from None
        except (OSError, HTTPException) as error:
            raise Conflict("mirror_away", f"the mirror does not answer: {type(error).__name__}") from None
