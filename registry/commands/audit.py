"""The command `greffe audit`: of this installation's ledger with its index, or of a mirror."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from registry.audit.audit import audit as audit_ledger
from registry.audit.result import Audit
from registry.audit.seeds import own_seeds
from registry.commands.exits import FAILED, REPAIRABLE, line, result, say, told
from registry.commands.ledger import Json, read_trust, settings
from registry.errors import Usage
from registry.installation.key_store import secrets_at_hand
from registry.installation.public import Public
from registry.mirror.audit import audit_mirror
from registry.mirror.source import Mirror

#: how many entries the search index is behind, and where it differs from the ledger
Compared = Callable[[Public], tuple[int, list[str]]]


def mount(app: typer.Typer, compared: Compared) -> None:
    """Add the command. `compared`: asks the search index, which this room does not know."""

    @app.command()
    def audit(
        trust: Annotated[
            Path | None, typer.Option(help="The trust file; else GREFFE_TRUST, else the data directory's.")
        ] = None,
        size: Annotated[int | None, typer.Option(min=0, help="Give the root at that size.")] = None,
        mirror: Annotated[str | None, typer.Option(help="A mirror, a folder or a URL, instead of this store.")] = None,
        as_json: Json = False,
    ) -> None:
        """Derive chain, tree, checkpoints, status lists and index anew. Exit 1: the ledger is bad; 4: only the index is."""
        if mirror is not None:
            _audit_mirror(mirror, trust, size, as_json)
        else:
            _audit_store(trust, size, compared, as_json)


def _audit_store(trust: Path | None, size: int | None, compared: Compared, as_json: bool) -> None:
    with told():
        public = Public(settings())
        trusted = read_trust(trust)
        head = public.reader.size()
        if size is not None and size > head:
            raise Usage("size", f"the ledger has {head} entries")
        found = audit_ledger(public.store, trusted, _progress, size)
        secret = secrets_at_hand(public.settings)
        seeds = None if secret is None else own_seeds(public.store, secret)
        behind, differs = compared(public)
    _tell_audit(found, found.entries if size is None else size, behind, differs, seeds, as_json)
    if not found.ok:
        raise typer.Exit(FAILED)
    if differs:
        raise typer.Exit(REPAIRABLE)


def _audit_mirror(place: str, trust: Path | None, size: int | None, as_json: bool) -> None:
    with told():
        if size is not None:
            raise Usage("size", "a mirror is audited as of its checkpoint")
        found = audit_mirror(Mirror(place), read_trust(trust), _progress)
    _tell_audit(found, found.entries, 0, [], None, as_json)
    if not found.ok:
        raise typer.Exit(FAILED)


def _tell_audit(
    found: Audit, size: int, behind: int, differs: list[str], seeds: list[str] | None, as_json: bool
) -> None:
    """`seeds`: the lists with a seed of their own; None where the installation's secrets are not at hand."""
    bad = None if found.first_bad is None else found.first_bad[0]
    if as_json:
        result(
            {
                "ok": found.ok and not differs,
                "entries": found.entries,
                "size": size,
                "root": found.root.hex(),
                "checkpoints": found.checkpoints,
                "first_bad": bad,
                "index_behind": behind,
                "body_missing": found.body_missing,
                "erased": found.erased,
                "failures": [*found.failures, *differs],
                "own_seeds": seeds,
                "first_bad_reason": None if found.first_bad is None else found.first_bad[1],
            }
        )
        return
    line(f"{found.entries} entries, root {found.root.hex()}{f' of the first {size}' if size < found.entries else ''}")
    line(
        f"{found.checkpoints} checkpoints, {found.body_missing} bodies missing, {found.erased} erased, index {behind} behind"
    )
    if found.first_bad is not None:
        line(f"first bad entry: {found.first_bad[0]}: {found.first_bad[1]}")
    for failure in found.failures:
        line(f"failed: {failure}")
    for list_id in seeds or ():
        line(
            f"the list {list_id} has a seed of its own: to restore it, a mirror needs the sealed export (--private) beside it"
        )
    for difference in differs:
        line(f"index differs: {difference} (greffe reindex repairs it)")
    line("ok" if found.ok and not differs else "NOT OK")


def _progress(done: int, total: int) -> None:
    if total and done % 10_240 == 0:
        say(f"audited {done} of {total}")
