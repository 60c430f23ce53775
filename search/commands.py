"""The public side's commands: serve, follow, reindex, audit. None of them opens a private key."""

import secrets
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from registry.audit import Audit
from registry.audit import audit as audit_ledger
from registry.commands import Json, read_trust, settings
from registry.errors import Usage
from registry.exits import FAILED, REPAIRABLE, line, result, say, told
from registry.foreign.fetcher import guarded
from registry.installation import Public
from registry.listening import listen
from registry.mirror import Mirror
from registry.mirror_audit import audit_mirror
from registry.requests import Requests
from search.compare import compare
from search.follow import Follower
from search.follow import follow as follow_ledger
from search.follow import reindex as reindex_ledger
from search.index.embedded import EmbeddedIndex


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(serve)
    app.command()(follow)
    app.command()(reindex)
    app.command()(audit)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    no_follow: Annotated[bool, typer.Option("--no-follow", help="Let another process follow the ledger.")] = False,
) -> None:
    """Serve the public app. The index follows the ledger in the background."""
    import uvicorn  # here, so that no other command and no worker waits for the web framework

    from registry.challenges import Challenges
    from search.app import Renewed, Services
    from search.verifier_worker import open_posted
    from search.verifiers import VerifierPool

    with told():
        public = Public(settings())
        listening = listen(host, public.settings.port)
        index = EmbeddedIndex(public.settings.index)
        pool = VerifierPool(public.reader, partial(open_posted, public.settings), guarded(public.settings.fetches))
        services = Services(
            pool,
            Challenges(secrets.token_bytes(32)),
            Requests(public.settings.requests),
            public.settings.vc_api_failed_status,
        )
        app = Renewed(public.reader, index, services)
    follower = None if no_follow else Follower(public.reader, index)
    if follower:
        follower.start()
    say(f"serving {public.identity.base_url}/ on {host} port {public.settings.port}")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=5)
    try:
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        pool.close()
        if follower:
            follower.close()


def follow(as_json: Json = False) -> None:
    """Bring the index up to the ledger, once."""
    with told():
        public = Public(settings())
        cursor = follow_ledger(public.reader, EmbeddedIndex(public.settings.index))
    _tell_cursor(cursor, as_json)


def reindex(as_json: Json = False) -> None:
    """Rebuild the index from the ledger into a new file, then switch to it."""
    with told():
        public = Public(settings())
        cursor = reindex_ledger(public.reader, EmbeddedIndex(public.settings.index))
    _tell_cursor(cursor, as_json)


def _tell_cursor(cursor: int, as_json: bool) -> None:
    if as_json:
        result({"entries": cursor})
    else:
        line(f"the index holds the ledger up to entry {cursor}")


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
        return
    with told():
        public = Public(settings())
        trusted = read_trust(trust)
        head = public.reader.size()
        if size is not None and size > head:
            raise Usage("size", f"the ledger has {head} entries")
        found = audit_ledger(public.store, trusted, _progress, size)
        index = EmbeddedIndex(public.settings.index)
        behind = head - min(index.cursor(), head)
        differs = compare(public.reader, index)
    _tell_audit(found, found.entries if size is None else size, behind, differs, as_json)
    if not found.ok:
        raise typer.Exit(FAILED)
    if differs:
        raise typer.Exit(REPAIRABLE)


def _audit_mirror(place: str, trust: Path | None, size: int | None, as_json: bool) -> None:
    with told():
        if size is not None:
            raise Usage("size", "a mirror is audited as of its checkpoint")
        found = audit_mirror(Mirror(place), read_trust(trust), _progress)
    _tell_audit(found, found.entries, 0, [], as_json)
    if not found.ok:
        raise typer.Exit(FAILED)


def _tell_audit(found: Audit, size: int, behind: int, differs: list[str], as_json: bool) -> None:
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
    for difference in differs:
        line(f"index differs: {difference} (greffe reindex repairs it)")
    line("ok" if found.ok and not differs else "NOT OK")


def _progress(done: int, total: int) -> None:
    if total and done % 10_240 == 0:
        say(f"audited {done} of {total}")
