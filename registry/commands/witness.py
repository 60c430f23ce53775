"""`greffe witness` runs a witness for somebody else's ledger.

Its key, name and database are in a directory of their own.
"""

import logging
import secrets
import socket
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from registry.commands.exits import line, reports_errors, result, say
from registry.commands.ledger import Json, settings
from registry.edge.disk import write_file
from registry.edge.listen import listen
from registry.errors import Refused, Usage
from registry.installation.key_folder import KeyFolder
from registry.keys import ED25519, ML_DSA_44, Signer
from registry.log import cosignature, note


class Algorithm(StrEnum):
    """What a witness signs with."""

    ED25519 = "ed25519"
    ML_DSA_44 = "ml-dsa-44"


_KINDS = {Algorithm.ED25519: ED25519, Algorithm.ML_DSA_44: ML_DSA_44}


def mount(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(witness)


def witness(
    name: Annotated[str, typer.Option(help="The witness's name: a URL without its scheme. Never changed.")],
    log: Annotated[list[str] | None, typer.Option(help="A log's verifier key; again for further logs or keys.")] = None,
    data: Annotated[Path | None, typer.Option(help="Its directory; else witness/ in GREFFE_DATA.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0: any free one; else the second after PORT.")
    ] = None,
    key: Annotated[list[Algorithm] | None, typer.Option(help="Again, to sign with both; else ed25519.")] = None,
    print_key: Annotated[bool, typer.Option("--print-key", help="Print the verifier keys and end.")] = False,
    as_json: Json = False,
) -> None:
    """Serve a witness that cosigns the checkpoints of those logs. Prints its verifier key and its URL."""
    with reports_errors():
        logs = [note.parse_vkey(text) for text in log or []]
        folder = (data or settings().data / "witness").absolute()
        signers = _open_keys(folder, name, dict.fromkeys(key or [Algorithm.ED25519]))
        vkeys = [cosignature.verifier_key(name, signer.public).print() for signer in signers]
        if print_key:
            _tell(name, vkeys, None, as_json)
            return
        if not logs:
            raise Usage("no_log", "a witness needs a log to watch: give --log")
        chosen = settings().port + 2 if port is None else port
        if chosen > 65535:
            raise Usage("port", "there is no second port after PORT: give --port")
        listening = listen(host, chosen)
    _serve(folder, name, signers, logs, listening, lambda url: _tell(name, vkeys, url, as_json))


def _open_keys(folder: Path, name: str, algorithms: dict[Algorithm, None]) -> list[Signer]:
    """The witness's keys, made where they are missing.

    Usage `name`; Refused `name_differs`: the keys there have another name, and an Ed25519 cosignature does not tell them apart.
    """
    if not note.is_name(name) or not name.isprintable() or len(name.encode()) > 255:
        raise Usage("name", f"{name[:40]!r} cannot name a witness")
    if "://" in name or "?" in name or "#" in name or name.endswith("/"):
        raise Usage("name", f"{name[:40]!r} is to be a URL without scheme, query and final slash")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name_file = folder / "name"
    if not name_file.exists():
        write_file(name_file, name.encode() + b"\n")
    own_name = name_file.read_text("utf-8").rstrip("\n")
    if own_name != name:
        raise Refused("name_differs", f"the witness in {folder} is called {own_name}")
    keys = KeyFolder(folder / "keys", folder / "keys" / "passphrase")
    keys.prepare()
    for algorithm in algorithms:
        keys.make(algorithm, _KINDS[algorithm], secrets.token_bytes)
    return [keys.signer(algorithm) for algorithm in algorithms]


def _tell(name: str, vkeys: list[str], url: str | None, as_json: bool) -> None:
    if as_json:
        result({"name": name, "vkey": vkeys[0], "vkeys": vkeys, **({} if url is None else {"url": url})})
        return
    for text in (*vkeys, url):
        if text is not None:
            line(text)


def _serve(
    folder: Path,
    name: str,
    signers: list[Signer],
    logs: list[note.VerifierKey],
    listening: socket.socket,
    ready: Callable[[str], None],
) -> None:
    import uvicorn  # here, so that no other command and no worker waits for the web framework

    from registry.witness.server import Witness, WitnessStore, create_witness_app

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    with reports_errors():
        store = WitnessStore(folder / "witness.db")
        app = create_witness_app(Witness(name, signers, logs, store, time.time))
    host, port, *_ = listening.getsockname()
    ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    say(f"the witness {name} watches {', '.join(sorted({key.name for key in logs}))}")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=30)
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        store.close()
