"""What the caller trusts: a trust file, given or fetched by its fingerprint.

Never taken from a site in silence.
"""

import hmac
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from client.connection import SECONDS, Connection
from client.errors import BadTrust
from registry.errors import RegistryError
from registry.verify import trust


@dataclass(frozen=True, slots=True)
class Trust:
    """A trust file that was read. `parsed`: as the verifier takes it."""

    parsed: trust.Trust

    @classmethod
    def of(cls, data: bytes) -> "Trust":
        """The trust of the bytes of a trust file. BadTrust."""
        try:
            return cls(trust.parse(data))
        except RegistryError as error:
            raise BadTrust(error.message) from None

    @classmethod
    def read(cls, path: str | PathLike[str]) -> "Trust":
        """The trust of a file. BadTrust; OSError where it cannot be read."""
        return cls.of(Path(path).read_bytes())

    @classmethod
    def fetch(cls, base: str, *, fingerprint: str, seconds: float = SECONDS) -> "Trust":
        """The trust file of a site, if it has that fingerprint (SHA-256 in hex, had from somewhere else).

        BadTrust where it has another; Misused, Unreachable, BadAnswer, Problem.
        """
        fetched = cls.of(Connection(base, seconds).get("/trust.json"))
        if not hmac.compare_digest(fetched.fingerprint.encode(), fingerprint.strip().lower().encode()):
            raise BadTrust(f"the site's trust file has another fingerprint: {fetched.fingerprint}")
        return fetched

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of its JCS form, as `greffe trust` tells it."""
        return trust.fingerprint(self.parsed.document)
