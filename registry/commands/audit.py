"""`greffe audit` derives a ledger anew, from the store or from a mirror.

Of this installation's store its search index is compared, too.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from registry.audit.audit import audit as audit_ledger
from registry.audit.result import Audit, reading
from registry.audit.sealed import check_sealed
from registry.audit.seeds import own_seeds
from registry.commands.exits import FAILED, REPAIRABLE, line, reports_errors, result, say
from registry.commands.ledger import Json, read_trust, settings
from registry.errors import Usage
from registry.installation.key_store import secrets_at_hand
from registry.installation.public import Public
from registry.mirror.audit import audit_mirror
from registry.mirror.source import Mirror

#: how many entries the search index is behind, None where it cannot be read, and where it differs from the ledger
Compared = Callable[[Public], tuple[int | None, list[str]]]


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
    with reports_errors():
        public = Public(settings())
        trusted = read_trust(trust)
        _check_there(public)
        outcome = audit_ledger(public.store, trusted, _progress, size)
        secret = secrets_at_hand(public.settings)
        check_sealed(public.store, secret, outcome, is_noted=public.settings.sealed.exists())
        seeds = None if secret is None or not outcome.ok else own_seeds(public.store, secret)
        behind, differs = _compare_index(public, compared) if outcome.ok else (None, [])
    _tell_audit(outcome, outcome.entries if size is None else size, behind, differs, seeds, as_json)
    if not outcome.ok:
        raise typer.Exit(FAILED)
    if differs:
        raise typer.Exit(REPAIRABLE)


def _check_there(public: Public) -> None:
    """OSError: there is no file of the store, or it may not be opened; that is no damage."""
    if public.store.path is not None:
        with public.store.path.open("rb"):
            pass


def _compare_index(public: Public, compared: Compared) -> tuple[int | None, list[str]]:
    """How many entries the index is behind, None where nobody can tell, and where it differs."""
    differs: list[str] = []
    with reading(differs, "the search index, or what it is compared with,"):
        return compared(public)
    return None, differs


def _audit_mirror(place: str, trust: Path | None, size: int | None, as_json: bool) -> None:
    with reports_errors():
        if size is not None:
            raise Usage("size", "a mirror is audited as of its checkpoint")
        outcome = audit_mirror(Mirror(place), read_trust(trust), _progress)
        outcome.unsealed_reason = "a mirror has nothing that is sealed"
    _tell_audit(outcome, outcome.entries, 0, [], None, as_json)
    if not outcome.ok:
        raise typer.Exit(FAILED)


def _tell_audit(
    outcome: Audit, size: int, behind: int | None, differs: list[str], seeds: list[str] | None, as_json: bool
) -> None:
    """`seeds`: the lists with a seed of their own; None where the installation's secrets are not at hand, or all is not well."""
    bad = None if outcome.first_bad is None else outcome.first_bad[0]
    if as_json:
        result(
            {
                "ok": outcome.ok and not differs,
                "entries": outcome.entries,
                "size": size,
                "root": outcome.root.hex(),
                "checkpoints": outcome.checkpoints,
                "first_bad": bad,
                "index_behind": behind,
                "body_missing": outcome.body_missing,
                "erased": outcome.erased,
                "failures": [*outcome.failures, *differs],
                "own_seeds": seeds,
                "sealed": outcome.sealed,
                "first_bad_reason": None if outcome.first_bad is None else outcome.first_bad[1],
            }
        )
        return
    line(
        f"{outcome.entries} entries, root {outcome.root.hex()}{f' of the first {size}' if size < outcome.entries else ''}"
    )
    line(
        f"{outcome.checkpoints} checkpoints, {outcome.body_missing} bodies missing, {outcome.erased} erased, "
        f"index {'not compared' if behind is None else f'{behind} behind'}"
    )
    line(f"sealed: {outcome.sealed}{f' ({outcome.unsealed_reason})' if outcome.sealed == 'not_asked' else ''}")
    if outcome.first_bad is not None:
        line(f"first bad entry: {outcome.first_bad[0]}: {outcome.first_bad[1]}")
    for failure in outcome.failures:
        line(f"failed: {failure}")
    for list_id in seeds or ():
        line(
            f"the list {list_id} has a seed of its own: to restore it, a mirror needs the sealed export (--private) beside it"
        )
    for difference in differs:
        line(f"index differs: {difference} (greffe reindex repairs it)")
    line("ok" if outcome.ok and not differs else "NOT OK")


def _progress(done: int, total: int) -> None:
    if total and done % 10_240 == 0:
        say(f"audited {done} of {total}")
