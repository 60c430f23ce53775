"""Start-up guards: what others know of this ledger, compared with the store before anything is appended or signed.

The head token, every witness that answers and the published mirror each know a head that was signed once. Where one of them is
ahead of the store, or holds another root, the store is an old backup or a fork, and the process refuses to run: `greffe restore`
brings the store forward. One that does not answer proves nothing, and stops nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from registry import checkpoint, note, store
from registry.checkpoint import Checkpoint
from registry.errors import RegistryError
from registry.head_token import HeadToken, check_holds
from registry.ledger import read_frontier
from registry.tables import INDEX, LEDGER, Log


@dataclass(frozen=True, slots=True)
class Seen:
    """A signed checkpoint of one of our logs that somebody else showed. `where`: who, for a person."""

    where: str
    log: Log
    text: str


def check_store(kept: store.Store, token: HeadToken, seen: Iterable[Seen]) -> None:
    """Refused `store_behind`, `store_forked` unless the store holds all that the token and others know of it.

    What our keys have not signed is nobody's knowledge of this ledger, and is passed over.
    """
    with kept.read() as connection:
        heads = {log.name: head for log in (LEDGER, INDEX) if (head := _head(connection, log)) is not None}
        for log in (LEDGER, INDEX):
            last = token.read(log.name)
            if last is not None:
                _compare(connection, log, heads.get(log.name), last, "the head token")
        for one in seen:
            found = _signed(connection, one)
            if found is not None:
                _compare(connection, one.log, heads.get(one.log.name), found, one.where)


def _compare(connection: sa.Connection, log: Log, head: Checkpoint | None, known: Checkpoint, where: str) -> None:
    own = head or Checkpoint(known.origin, 0, b"")
    check_holds(known, own, lambda size: read_frontier(connection, size, log).root(), where)


def _head(connection: sa.Connection, log: Log) -> Checkpoint | None:
    """How far that log goes in the store."""
    if log is LEDGER:
        found = store.read_head(connection)
        return None if found is None else Checkpoint(found[2], found[0], found[1])
    size = connection.execute(sa.select(sa.func.count()).select_from(log.entries)).scalar_one()
    names = [note.parse_vkey(vkey).name for vkey, _ in store.read_log_keys(connection, log)]
    return Checkpoint(names[0], size, read_frontier(connection, size, log).root()) if names else None


def _signed(connection: sa.Connection, one: Seen) -> Checkpoint | None:
    keys = [note.parse_vkey(vkey) for vkey, _ in store.read_log_keys(connection, one.log)]
    try:
        return checkpoint.check(one.text, keys)
    except RegistryError:
        return None
