"""One table turns errors into exit codes (docs/architecture.md, "Commands").

Here is also how a command prints an error, a result, and progress.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import typer

from registry.edge.disk import is_full
from registry.edge.printable import printable, printable_lines
from registry.errors import (
    Conflict,
    LedgerDamaged,
    Malformed,
    NotFound,
    NotPublished,
    NotReady,
    Refused,
    RegistryError,
    Untrue,
    Usage,
)
from registry.store.database import ERRORS

FAILED, USAGE, PARTLY, REPAIRABLE, INDETERMINATE, SUPERSEDED, TRY_LATER, REFUSED = 1, 2, 3, 4, 5, 6, 75, 78

_EXIT_CODES: dict[type[RegistryError], int] = {
    Usage: USAGE,
    Malformed: USAGE,
    NotFound: USAGE,
    Untrue: FAILED,
    LedgerDamaged: FAILED,
    Conflict: TRY_LATER,
    NotPublished: TRY_LATER,
    NotReady: TRY_LATER,
    Refused: REFUSED,
}


_data: ContextVar[Path] = ContextVar("data", default=Path())


def writes_to(data: Path) -> None:
    """From here on the command at hand writes into that data directory: `reports_errors` asks its disk for room."""
    _data.set(data)


@contextmanager
def reports_errors() -> Iterator[None]:
    """Turn an error of the registry, or of files and database, into one line on stderr and its exit code."""
    try:
        yield
    except RegistryError as error:
        print(f"greffe: {error.code}: {printable(error.message)}", file=sys.stderr)  # noqa: T201 - a command speaks
        code = next(code for kind, code in _EXIT_CODES.items() if isinstance(error, kind))
        raise typer.Exit(code) from None
    except (OSError, ImportError, *ERRORS) as error:
        if is_full(error, _data.get()):
            print("greffe: storage_full: the disk is full: make room, then run it again", file=sys.stderr)  # noqa: T201 - a command speaks
            raise typer.Exit(TRY_LATER) from None
        first = str(error).partition("\n")[0]
        print(f"greffe: environment: {type(error).__name__}: {printable(first)}", file=sys.stderr)  # noqa: T201 - a command speaks
        raise typer.Exit(REFUSED) from None


def say(text: str) -> None:
    """Progress, for a person: stderr."""
    print(printable_lines(text), file=sys.stderr, flush=True)  # noqa: T201 - a command speaks


def result(value: Any) -> None:
    """A result, for a program: one JSON document on stdout. A byte of a file's name that is no UTF-8 is escaped, as JSON can."""
    text = json.dumps(value, ensure_ascii=False, indent=2).encode("utf-8", "backslashreplace").decode()
    print(text, flush=True)  # noqa: T201 - a command speaks


def line(text: str) -> None:
    """A result, for a person: a line on stdout."""
    print(printable_lines(text), flush=True)  # noqa: T201 - a command speaks
