"""The outcome of an audit, of a store or of a mirror.

Damage never ends an audit: what cannot be read is a line of its outcome.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from registry.errors import Conflict
from registry.store.damage import UNREADABLE, is_passing, reason

#: whether every row bears the office's MAC; not asked where their secret is not at hand, or there are none
Sealed = Literal["passed", "failed", "not_asked"]


@dataclass(slots=True)
class Audit:
    """The outcome. `first_bad`: (index of the first bad entry, what is wrong with it); `failures`: what else is wrong."""

    entries: int = 0
    root: bytes = b""
    checkpoints: int = 0
    body_missing: int = 0
    erased: int = 0
    first_bad: tuple[int, str] | None = None
    failures: list[str] = field(default_factory=list)
    sealed: Sealed = "not_asked"
    #: why `sealed` was not asked
    unsealed_reason: str = "the installation's secret is not at hand"

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the ledger."""
        return self.first_bad is None and not self.failures

    def note_bad(self, index: int, what: str) -> None:
        """That entry is bad; the first one of all is named."""
        if self.first_bad is None or index < self.first_bad[0]:
            self.first_bad = (index, what)


@contextmanager
def reading(failures: list[str], what: str) -> Iterator[None]:
    """What within the block cannot be read is a line of `failures`. Conflict, and a database that is busy or away, pass."""
    try:
        yield
    except Conflict:
        raise
    except UNREADABLE as error:
        if is_passing(error):
            raise
        failures.append(f"{what} cannot be read: {reason(error)}")
