"""The front door: one command, `greffe`, on which each room mounts its own. The only file that may know all four rooms."""

import sys
from io import TextIOWrapper

import typer

import issuer.commands
import issuer.key_commands
import issuer.office_commands
import registry.audit_commands
import registry.commands
import registry.log_commands
import registry.upkeep_commands
import registry.witness_commands
import search.commands


def main() -> None:
    """Run the command line. What it prints is UTF-8 whatever the locale: a ✓ must not turn a verdict into an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    app = typer.Typer(
        help="Greffe, a verifiable organization registry.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    registry.commands.mount(app)
    registry.upkeep_commands.mount(app)
    registry.log_commands.mount(app)
    registry.witness_commands.mount(app)
    issuer.commands.mount(app)
    issuer.key_commands.mount(app)
    issuer.office_commands.mount(app)
    search.commands.mount(app)
    registry.audit_commands.mount(app, search.commands.compared)
    app()


if __name__ == "__main__":
    main()
