"""The outcome of an audit, of a store or of a mirror."""

from dataclasses import dataclass, field


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

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong with the ledger."""
        return self.first_bad is None and not self.failures
