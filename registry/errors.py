"""The errors of the registry, each with a stable code.

They say what is untrue and carry no HTTP status.

RegistryError
├── Malformed           your bytes are not of the form: refuse, say where
├── Untrue              well-formed, but a check failed: a signature, a hash, a claim
├── Conflict            somebody appended first, another writer holds the ledger, or there is no room (try later)
│   └── StorageAway     the database server does not answer
├── NotFound            no such thing here
├── NotPublished        it is in the ledger, but no published checkpoint covers it yet
├── NotReady            the office's signer has yet to make it (try later)
├── LedgerDamaged       the store contradicts itself: stop, never retried
├── Refused             this process may not start: identity, keys or clock disagree
│   └── StorageFailed   a write may not have reached the disk: end the process, never retried
└── Usage               the call itself is wrong
"""

from collections.abc import Callable
from typing import Any


class RegistryError(Exception):
    """Something is untrue. `code` is stable and lower-case; `str(error)` is one sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[Callable[..., Exception], tuple[Any, ...]]:
        """A worker's error reaches its parent whole."""
        return type(self), (self.code, self.message)


class Malformed(RegistryError):
    """The bytes are not of the form that they should have."""


class Untrue(RegistryError):
    """Well-formed, but a check failed."""


class Conflict(RegistryError):
    """Somebody else appended first, or holds the ledger, or there is no room; try later."""


class StorageAway(Conflict):
    """The database server does not answer; try later. Its code is `storage_away`."""


class NotFound(RegistryError):
    """There is no such thing here."""


class NotPublished(RegistryError):
    """It is in the ledger, but no published checkpoint covers it yet."""


class NotReady(RegistryError):
    """The office's signer has yet to make it; try later."""


class LedgerDamaged(RegistryError):
    """The store contradicts itself. Never retried."""


class Refused(RegistryError):
    """The process may not go on: identity, keys or clock disagree."""


class StorageFailed(Refused):
    """The disk failed at or after a commit: what is stored is known only to the next process, after it looked."""


class Usage(RegistryError):
    """The call itself is wrong."""
