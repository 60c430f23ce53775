"""The public side's commands: serve, follow, reindex, match, offline-verifier, access.

None of them opens a private key.
"""

import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from registry.commands.exits import line, reports_errors, result, say
from registry.commands.ledger import Json, Output, settings
from registry.edge.disk import write_file
from registry.edge.listen import listen
from registry.errors import Conflict, Usage
from registry.foreign.fetcher import guarded
from registry.installation.public import Public
from registry.installation.settings import Settings
from registry.store.token_queue import Requests
from search.access.commands import app as access
from search.access.keys import KnownKeys
from search.errors import BadParameter, SearchAway
from search.index.compare import compare
from search.index.decoding import Decoding
from search.index.follow import Follower
from search.index.follow import follow as follow_ledger
from search.index.follow import reindex as reindex_ledger
from search.index.matchers import MatchPool
from search.index.opening import open_index
from search.question.absence import known_registers
from search.question.index import Index
from search.question.matching import MatchedHere, Wanted, portions
from search.question.query import MAX_CHARACTERS
from search.question.tables import Table, parse_table, print_table
from search.views.held_hits import held_candidates
from search.views.match_cells import NO_CELLS, match_cells


def mount(app: typer.Typer) -> None:
    """Add the commands of this room."""
    app.command()(serve)
    app.command()(follow)
    app.command()(reindex)
    app.command()(match)
    app.command("offline-verifier")(offline_verifier)
    app.add_typer(access, name="access")


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    no_follow: Annotated[bool, typer.Option("--no-follow", help="Let another process follow the ledger.")] = False,
) -> None:
    """Serve the public app. The index follows the ledger in the background."""
    # here, so that no other command and no worker waits for the web framework
    from registry.foreign.challenges import Challenges
    from search.app import Renewed, Services
    from search.http import server
    from search.pages.site import Elsewhere
    from search.verify.pool import VerifierPool
    from search.verify.worker import open_posted

    with reports_errors():
        public = Public(settings())
        public.store.check_start()
        listening = listen(host, public.settings.port)
        index = open_index(*_place(public))
        matching = MatchPool(partial(open_index, *_place(public)))
        pool = VerifierPool(public.reader, partial(open_posted, public.settings), guarded(public.settings.fetches))
        services = Services(
            pool,
            Challenges(secrets.token_bytes(32)),
            Requests(public.settings.requests),
            public.settings.vc_api_failed_status,
            matching,
            Elsewhere(public.settings.software, public.settings.trust_elsewhere),
            public.settings.rate_limit,
            keys=KnownKeys(public.settings.public),
        )
        app = Renewed(public.reader, index, services)
    follower = None if no_follow else Follower(public.reader, index, decoding=Decoding(public.settings))
    if follower:
        follower.start()
    say(f"serving {public.identity.base_url}/ on {host} port {public.settings.port}")
    try:
        with suppress(KeyboardInterrupt):
            server.serve(app, listening, pool.close, public.settings.trusted_proxies)
    finally:
        pool.close()
        matching.close()
        if follower:
            follower.close()


def follow(as_json: Json = False) -> None:
    """Bring the index up to the ledger, once."""
    with _reports():
        public = Public(settings())
        cursor = follow_ledger(public.reader, open_index(*_place(public)), decoding=Decoding(public.settings))
    _tell_cursor(cursor, as_json)


def reindex(as_json: Json = False) -> None:
    """Rebuild the index from the ledger into a new file, then switch to it."""
    with _reports():
        public = Public(settings())
        cursor = reindex_ledger(public.reader, open_index(*_place(public)), decoding=Decoding(public.settings))
    _tell_cursor(cursor, as_json)


def match(
    file: Annotated[Path, typer.Argument(help="A spreadsheet saved as CSV.")],
    column: Annotated[str | None, typer.Option(help="The column with names or numbers; else the likeliest.")] = None,
    output: Output = None,
) -> None:
    """Look up every row's name or number, and add what the registry has of it."""
    with _reports():
        try:
            table = parse_table(file.read_bytes(), column)
        except OSError as error:
            raise Usage("unreadable", f"{file}: {error.strerror}") from None
        except BadParameter as error:
            raise Usage(error.code, error.message) from None
        public = Public(settings())
        index = open_index(*_place(public))
        follow_ledger(public.reader, index)
        text = print_table(table, _matched(public, index, table))
        if output is None or str(output) == "-":
            sys.stdout.write(text)
        else:
            write_file(output, text.encode(), 0o644)


def _matched(public: Public, index: Index, table: Table) -> list[Sequence[str]]:
    """The added cells of each row; progress on stderr."""
    registers, published = known_registers(public.reader), public.reader.published_size()
    matching = MatchedHere(index)
    added: list[Sequence[str]] = []
    for texts in portions(table.texts):
        wanted = [Wanted(None, text[:MAX_CHARACTERS], "", "", None) for text in texts]
        for candidates in matching.match(wanted, registers):
            each = held_candidates(public.reader, candidates[:1])
            added.append(match_cells(each[0], published, public.identity.base_url) if each else NO_CELLS)
        say(f"{len(added)} of {len(table.rows)} rows")
    sure = sum(row[5] == "true" for row in added)
    say(f"{sure} rows matched for certain, {sum(row[1] != '' for row in added) - sure} have candidates to look at")
    return added


def compared(public: Public) -> tuple[int | None, list[str]]:
    """For `greffe audit`: how many entries the index is behind, None where it cannot be read, and where it differs."""
    if public.settings.search_engine is None and not public.settings.index.exists():
        # whoever serves makes it, as a user of its own: one of the office's would be closed to that
        return public.reader.size(), []
    return compare(public.reader, open_index(*_place(public)))


def offline_verifier(output: Output = None, as_json: Json = False) -> None:
    """Write the offline verifier: one HTML file that checks evidence in a browser, without any network."""
    from search.pages.offline import offline_verifier as made_offline  # here, as in `serve`

    with reports_errors():
        made = made_offline()
        if output is None or str(output) == "-":
            sys.stdout.buffer.write(made.body)
            sys.stdout.buffer.flush()
        else:
            write_file(output, made.body, 0o644)
    if as_json and output is not None:
        result({"wrote": str(output), "sha256": made.digest})
    else:
        say(f"SHA-256 {made.digest}")


@contextmanager
def _reports() -> Iterator[None]:
    """As `reports_errors`; where search is away, the command may be tried later."""
    with reports_errors():
        try:
            yield
        except SearchAway as error:
            raise Conflict(error.code, error.message) from None


def _place(public: Public) -> tuple[Settings, str]:
    """What tells where the index is."""
    return public.settings, public.identity.origin


def _tell_cursor(cursor: int, as_json: bool) -> None:
    if as_json:
        result({"entries": cursor})
    else:
        line(f"the index holds the ledger up to entry {cursor}")
