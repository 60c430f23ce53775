"""A command has a clock, chance, and a place to tell what was committed."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

import typer

from registry.commands.exits import say
from registry.ledger.admission import Head
from registry.ledger.surroundings import Surroundings

AcceptTime = Annotated[
    bool,
    typer.Option(
        "--accept-time", help="Somebody has looked at the clock, which a witness or the last entry contradicts."
    ),
]


def surroundings() -> Surroundings:
    """Those of the process: acknowledgements and progress go to stderr."""
    return Surroundings(lambda: datetime.now(UTC), secrets.token_bytes, _acknowledge, _progress)


def _acknowledge(head: Head) -> None:
    say(f"committed {head.size} {head.root.hex()}")


def _progress(done: int, total: int) -> None:
    say(f"issued {done} of {total}")
