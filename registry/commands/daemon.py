"""A command that runs again and again outlives what will pass by itself.

A full disk, a database that is away, another process at the ledger, too few witnesses, a witness policy that is being written:
each is told once, tried again, and its end is told too. What no waiting puts right ends the process, with its exit code.
"""

import time
from collections.abc import Callable
from pathlib import Path

from registry.commands.exits import say
from registry.edge.disk import is_full
from registry.errors import Conflict, NotPublished, NotReady, Refused, RegistryError
from registry.store.damage import is_passing

#: after a failure it is tried again no later
_RETRY_SECONDS = 5.0


def again_and_again(
    act: Callable[[], None],
    seconds: float,
    data: Path,
    sleep: Callable[[float], None] = time.sleep,
    tell: Callable[[str], None] = say,
) -> None:
    """Run `act` every so many seconds, for good. `data`: the directory whose disk may be full. Raises what does not pass."""
    said = ""
    while True:
        reason = ""
        try:
            act()
        except Exception as error:
            reason = passing(error, data)
            if not reason:
                raise
        if reason != said:
            tell(f"greffe: {reason}; it is tried again" if reason else "greffe: it works again")
        said = reason
        sleep(min(seconds, _RETRY_SECONDS) if reason else seconds)


def passing(error: Exception, data: Path) -> str:
    """Code and sentence of an error that will pass by itself; empty for every other one."""
    if isinstance(error, Conflict | NotPublished | NotReady):
        return f"{error.code}: {error.message}"
    if isinstance(error, Refused) and error.code == "witness_policy":
        return f"{error.code}: {error.message}"
    if isinstance(error, RegistryError):
        return ""
    if is_full(error, data):
        return "storage_full: the disk is full"
    return "busy: another process holds a file of the installation" if is_passing(error) else ""
