"""An operator's commands: `greffe export`, `backup` and `restore`.

Results on stdout, progress on stderr.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from registry.commands.exits import line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.errors import Usage
from registry.installation.office import Office
from registry.installation.public import Public
from registry.mirror.source import Mirror
from registry.operations import backup as backups
from registry.operations import private_export, put_back
from registry.operations.export import check_apart
from registry.operations.export import export as export_mirror
from registry.operations.restore import rebuild_map, restore_from_mirror, standing


def mount(app: typer.Typer) -> None:
    """Add an operator's commands."""
    app.command()(export)
    app.command()(backup)
    app.command()(restore)


def export(
    folder: Annotated[Path, typer.Argument(help="The mirror: made, or brought up to the published checkpoint.")],
    private: Annotated[
        Path | None, typer.Option(help="Also write, sealed, into this folder what no mirror has: bodies and salts.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write a complete read-only mirror of the published ledger, for any file server; again, only what is new."""
    with reports_errors():
        if private is not None:
            check_apart(folder, private)
        done = export_mirror(Public(settings()), folder, say)
        bodies = None if private is None else private_export.export_private(Office(settings()), private)
    if as_json:
        mirror: dict[str, Any] = {"size": done.size, "root": done.root.hex(), "files": done.files}
        result({**mirror, "written": done.written, "bodies": bodies})
        return
    line(f"exported {done.size} {done.root.hex()}: {done.files} files, {done.written} of them written")
    if bodies is not None:
        line(f"sealed {bodies} bodies in {private}: keep the passphrase elsewhere")


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the backup is to be: a folder that is not there yet.")],
    as_json: Json = False,
) -> None:
    """Copy the store as it is at one moment, while it is written to. No key is in a backup; bodies are.

    The keys must be at hand: the backup is authenticated with a secret that is made of them.
    """
    with reports_errors():
        done = backups.backup(Public(settings()), folder)
    if as_json:
        result({"folder": str(folder), "size": done.size, "root": done.root})
    else:
        line(f"backed up {done.size} {done.root} in {folder}")


def restore(
    from_backup: Annotated[Path | None, typer.Option(help="A backup, for a store that is empty or older.")] = None,
    from_mirror: Annotated[str | None, typer.Option(help="A mirror, a folder or a URL, to come forward to.")] = None,
    private: Annotated[Path | None, typer.Option(help="The folder of a sealed export of what no mirror has.")] = None,
    only_map: Annotated[
        bool, typer.Option("--map", help="Only derive the map anew from the entries, where it was damaged.")
    ] = False,
    accept_loss: Annotated[
        bool,
        typer.Option(help="Put a backup back though nobody can tell whether it is the newest, or who made it."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the store back from a backup, forward from a mirror, or its bodies from a sealed export; in that order.

    Without an option it comes forward to GREFFE_MIRROR. Identity and keys must be the installation's own. Exit 0 when all of it
    is there, whether bodies are missing or not. A backup needs a head token, a witness or a mirror to be compared with.
    """
    with reports_errors():
        if from_backup is None and from_mirror is None and private is None and not only_map:
            from_mirror = settings().mirror
            if from_mirror is None:
                raise Usage("restore", "say from what: --from-backup, --from-mirror, --private, or GREFFE_MIRROR")
        mirror = None if from_mirror is None else Mirror(from_mirror)
        if mirror is not None:
            mirror.check_there()
        office = Office(settings())
        if from_backup is not None:
            mirrors = [place for place in (from_mirror, office.settings.mirror) if place is not None]
            put_back.restore(office, from_backup, _progress, mirrors, accepts_loss=accept_loss)
        if only_map:
            say(f"compared {rebuild_map(office)} roots of the map")
        appended = 0
        if mirror is not None:
            seeds = {} if private is None else private_export.read_seeds(office, private)
            appended = restore_from_mirror(office, mirror, seeds, say)
        returned = None if private is None else private_export.return_private(office, private)
        store = standing(office)
    if as_json:
        state = {
            "size": store.size,
            "root": store.root.hex(),
            "appended": appended,
            "body_missing": store.body_missing,
            "erased": store.erased,
        }
        result({**state, "bodies": None if returned is None else returned.bodies, "ok": True})
    else:
        line(f"the store has {store.size} entries, root {store.root.hex()}; {appended} came from the mirror")
        if returned is not None:
            line(f"{returned.bodies} bodies and {returned.places} places were brought back")
        line(f"{store.body_missing} bodies are missing, {store.erased} were erased")


def _progress(done: int, total: int) -> None:
    if total and done % 10_240 == 0:
        say(f"audited {done} of {total}")
