"""What reading a damaged store raises, and how it is told.

A damaged page gives rows of any type, or none; a damaged schema has other tables. SQLite says so itself only where it notices.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from registry.errors import LedgerDamaged, Malformed, NotFound, RegistryError, Untrue
from registry.store.database import ERRORS

#: what reading a damaged store may raise: the database, our own checks of what was read, and what no number or text can hold
UNREADABLE = (*ERRORS, RegistryError, UnicodeError, OverflowError, MemoryError)
#: what SQLite says where it is no damage: another process holds the file, or the files beside it cannot be made
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR_SHM", "SQLITE_CANTOPEN")
_LENGTH = 200


def is_passing(error: BaseException) -> bool:
    """Whether the database is busy or away, or there is no room: the store is not damaged, and can be read later."""
    if not isinstance(error, sa.exc.DBAPIError):
        return False
    name: Any = getattr(error.orig, "sqlite_errorname", None) or ""
    return error.connection_invalidated or name.startswith(_PASSING)


def reason(error: BaseException) -> str:
    """One line of at most 200 characters for a person: no statement, no values."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
    if isinstance(cause, RegistryError):
        return cause.message
    first = (str(cause).splitlines() or [""])[0].partition(" with text ")[0]  # SQLite repeats a text that is no UTF-8
    line = first if isinstance(cause, ERRORS) and first else f"{type(cause).__name__}: {first}"
    return line.encode("utf-8", "replace").decode()[:_LENGTH]


@contextmanager
def refusing() -> Iterator[None]:
    """What within the block shows that the store is damaged is LedgerDamaged; what is no damage passes."""
    try:
        yield
    except (Malformed, Untrue, NotFound) as error:
        raise LedgerDamaged(
            "store_damaged", f"the store is not what it was: {error.message}; see greffe audit"
        ) from error
    except RegistryError:
        raise
    except UNREADABLE as error:
        if is_passing(error):
            raise
        raise LedgerDamaged("store_damaged", f"the store cannot be read: {reason(error)}; see greffe audit") from error
