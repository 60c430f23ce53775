"""`greffe office`: serve the registry office's app.

The token that lets callers in is made at the first start, never printed.
"""

import secrets
import threading
from contextlib import closing, suppress
from typing import Annotated

import typer

from issuer.actions.anchors import AnchorIssuer
from issuer.actions.tokens import make_for_ever
from issuer.commands.surroundings import AcceptTime, surroundings
from registry.commands.exits import reports_errors, say
from registry.commands.ledger import settings
from registry.edge.listen import listen
from registry.errors import StorageFailed, Usage
from registry.foreign.challenges import Challenges
from registry.foreign.fetcher import guarded
from registry.foreign.verify import ForeignVerifier, contexts_known_at
from registry.installation.office import Office
from registry.installation.sequencer import Sequencer
from registry.store.token_queue import Requests


def mount(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(office)


def office(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port; else the one after PORT.")] = None,
    accept_time: AcceptTime = False,
) -> None:
    """Serve the office's app, which issues and changes standings for whoever has the token in keys/office-token."""
    import uvicorn  # here, so that no other command and no worker waits for the web framework

    from issuer.office.app import create_office_app
    from issuer.office.door import read_token

    failures = list[StorageFailed]()

    def end(error: StorageFailed) -> None:
        failures.append(error)
        server.should_exit = True

    with reports_errors():
        opened = Office(settings(), accepts_time=accept_time)
        chosen = port or opened.settings.port + 1
        if chosen > 65535:
            raise Usage("port", "there is no port after PORT: give --port")
        listening = listen(host, chosen)
        token_file = opened.settings.keys / "office-token"
        requests = Requests(opened.settings.requests)
        known = contexts_known_at(opened.identity.context_url)
        verifier = ForeignVerifier(guarded(opened.settings.fetches), known)
        anchors = AnchorIssuer(opened, requests, verifier, Challenges(secrets.token_bytes(32)), surroundings())
        around = surroundings()
        sequencer = Sequencer(opened, around.now, end)
        app = create_office_app(opened, around, read_token(token_file), anchors, sequencer, end)
    threading.Thread(target=make_for_ever, args=(opened, requests, 1.0), daemon=True).start()
    say(f"the office of {opened.identity.base_url}/ on {host} port {chosen}; its token is in {token_file}")
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=30,
        )
    )
    with closing(requests), suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    with reports_errors():
        if failures:
            raise failures[0]
