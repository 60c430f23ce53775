"""The public side's commands: serve, follow, reindex.

None of them opens a private key.
"""

import secrets
from contextlib import suppress
from functools import partial
from typing import Annotated

import typer

from registry.commands.exits import line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.edge.listen import listen
from registry.foreign.fetcher import guarded
from registry.installation.public import Public
from registry.store.token_queue import Requests
from search.index.compare import compare
from search.index.embedded import EmbeddedIndex
from search.index.follow import Follower
from search.index.follow import follow as follow_ledger
from search.index.follow import reindex as reindex_ledger


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(serve)
    app.command()(follow)
    app.command()(reindex)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    no_follow: Annotated[bool, typer.Option("--no-follow", help="Let another process follow the ledger.")] = False,
) -> None:
    """Serve the public app. The index follows the ledger in the background."""
    # here, so that no other command and no worker waits for the web framework
    from registry.foreign.challenges import Challenges
    from search.app import Renewed, Services
    from search.http import server
    from search.verify.pool import VerifierPool
    from search.verify.worker import open_posted

    with reports_errors():
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
    try:
        with suppress(KeyboardInterrupt):
            server.serve(app, listening, pool.close, public.settings.trusted_proxies)
    finally:
        pool.close()
        if follower:
            follower.close()


def follow(as_json: Json = False) -> None:
    """Bring the index up to the ledger, once."""
    with reports_errors():
        public = Public(settings())
        cursor = follow_ledger(public.reader, EmbeddedIndex(public.settings.index))
    _tell_cursor(cursor, as_json)


def reindex(as_json: Json = False) -> None:
    """Rebuild the index from the ledger into a new file, then switch to it."""
    with reports_errors():
        public = Public(settings())
        cursor = reindex_ledger(public.reader, EmbeddedIndex(public.settings.index))
    _tell_cursor(cursor, as_json)


def compared(public: Public) -> tuple[int | None, list[str]]:
    """For `greffe audit`: how many entries the index is behind, None where it cannot be read, and where it differs."""
    return compare(public.reader, EmbeddedIndex(public.settings.index))


def _tell_cursor(cursor: int, as_json: bool) -> None:
    if as_json:
        result({"entries": cursor})
    else:
        line(f"the index holds the ledger up to entry {cursor}")
