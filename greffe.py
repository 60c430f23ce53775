"""The front door: one command, `greffe`, on which each room mounts its own. The only file that may know all four rooms."""

import search.commands
import typer

import issuer.commands
import registry.commands


def main() -> None:
    """Run the command line."""
    app = typer.Typer(
        help="Greffe, a verifiable organization registry.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    registry.commands.mount(app)
    issuer.commands.mount(app)
    search.commands.mount(app)
    app()


if __name__ == "__main__":
    main()
