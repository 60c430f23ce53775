"""What is logged is limited, so that nobody fills the disk from outside.

Each place in the code may log so often in a minute; how often it was silent is told with the next record. Control characters are
escaped, so that no client writes a line of its own, or speaks to the terminal.
"""

import logging
import sys
import time
from collections.abc import Callable

from registry.edge.printable import printable, printable_lines

MOST, SECONDS = 20, 60.0
#: of one record, traces included
_CHARACTERS = 8000


class Sparse(logging.Filter):
    """Lets each place in the code log `most` records in `seconds`. `clock`: seconds, never going back."""

    def __init__(self, most: int = MOST, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most, self._seconds, self._clock = most, seconds, clock
        #: place -> when its minute began, records in it
        self._minutes: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written; the first after a silence says how many were not."""
        place, now = (record.pathname, record.lineno), self._clock()
        began, count = self._minutes.get(place, (now, 0))
        if now - began < self._seconds:
            self._minutes[place] = (began, count + 1)
            return count < self._most
        self._minutes[place] = (now, 1)
        if count > self._most:
            record.msg, record.args = f"{record.getMessage()} ({count - self._most} more were not logged)", None
        return True


class OneLine(logging.Formatter):
    """A record as text without control characters; a trace keeps its lines."""

    def format(self, record: logging.LogRecord) -> str:
        return printable_lines(super().format(record)[:_CHARACTERS]).replace("\n", "\n  ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as the base class has it
        record.message = printable(record.message)
        return super().formatMessage(record)


def log_sparsely() -> None:
    """Log warnings and errors of this process to stderr, sparsely."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Sparse())
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
