"""A writer that acknowledges a batch before it commits: the negative control of test_kill.py. Takes greffe's own arguments."""

import time
from typing import Any

import greffe
import issuer.commands.surroundings
from registry.commands.exits import say
from registry.store import rows

_swap_head = rows.swap_head


def _acknowledge_first(connection: Any, old: tuple[int, bytes], new: tuple[int, bytes]) -> None:
    _swap_head(connection, old, new)
    say(f"committed {new[0]} {new[1].hex()}")
    time.sleep(1)


def _keep_silent(_head: object) -> None:
    """The acknowledgement at the right moment, left out."""


if __name__ == "__main__":
    rows.swap_head = _acknowledge_first
    issuer.commands.surroundings._acknowledge = _keep_silent
    greffe.main()
