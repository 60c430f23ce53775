"""The front door: one command, `greffe`, on which each room mounts its own.

The only file that may know all four rooms. `import greffe.client` reads this file too, and none of the rooms' commands.
"""

import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Any

#: `greffe.client` stands there: whoever imports it waits for no command
__path__ = [str(Path(__file__).parent / "client" / "public")]


def main() -> None:
    """Run the command line. What it prints is UTF-8 whatever the locale: a ✓ must not turn a verdict into an error."""
    os.umask(0o027)  # what is in a data directory is for the office and its group, whoever starts it
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        os.chdir(Path.cwd())
    except OSError:
        os.chdir("/")  # no worker starts in a folder that its user may not enter, as when root runs this as the office
    commands()()


def commands() -> Callable[..., Any]:
    """All of them, each mounted by its room: a Typer app."""
    import typer

    import issuer.commands.correct
    import issuer.commands.issue
    import issuer.commands.keys
    import issuer.commands.office
    import registry.commands.audit
    import registry.commands.doctor
    import registry.commands.ledger
    import registry.commands.log
    import registry.commands.operations
    import registry.commands.witness
    import search.commands

    app = typer.Typer(
        help="Greffe, a verifiable organization registry.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    registry.commands.ledger.mount(app)
    registry.commands.operations.mount(app)
    registry.commands.doctor.mount(app, issuer.commands.keys.lost)
    registry.commands.log.mount(app)
    registry.commands.witness.mount(app)
    issuer.commands.issue.mount(app)
    issuer.commands.correct.mount(app)
    issuer.commands.keys.mount(app)
    issuer.commands.office.mount(app)
    search.commands.mount(app)
    registry.commands.audit.mount(app, search.commands.compared)
    return app


if __name__ == "__main__":
    main()
