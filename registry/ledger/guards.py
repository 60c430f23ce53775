"""Start-up guards compare what others know of this ledger with the store.

They run before anything is appended or signed. The head token, every witness that answers and the published mirror each know a
head that was signed once. Where one of them is ahead of the store, or has another root, the store is an old backup or a fork, and
the process refuses to run: `greffe restore` brings the store forward. One that does not answer proves nothing, and stops nobody.
A checkpoint under our own name that none of the store's keys signed means that the keys may have changed since this store was:
that stops too.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from registry.errors import Malformed, Refused, Untrue
from registry.ledger.publish import RootAt
from registry.log import checkpoint, note
from registry.log.checkpoint import Checkpoint, check_holds
from registry.store import rows
from registry.store.database import Connection, Store
from registry.store.head_token import HeadToken
from registry.store.rows import read_frontier
from registry.store.tables import INDEX, LEDGER, Log


@dataclass(frozen=True, slots=True)
class Seen:
    """A signed checkpoint of one of our logs that somebody else showed. `where`: who, for a person."""

    where: str
    log: Log
    text: str


def check_store(store: Store, token: HeadToken, seen: Iterable[Seen]) -> None:
    """Refused `store_behind`, `store_forked`, `keys_behind` unless the store holds all that the token and others know of it.

    What is no checkpoint of ours, or bears a wrong signature of a key of ours, is nobody's knowledge, and is passed over. The
    token is read before the store: another process may publish meanwhile, and has stored first what the token then knows.
    """
    known = {log.name: token.read(log.name) for log in (LEDGER, INDEX)}
    with store.read() as connection:
        heads = {log.name: head for log in (LEDGER, INDEX) if (head := _head(connection, log)) is not None}
        for log in (LEDGER, INDEX):
            last = known[log.name]
            if last is not None:
                _compare(connection, log, heads.get(log.name), last, "the head token")
        for shown in seen:
            head = heads.get(shown.log.name)
            if head is not None:
                keys = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, shown.log)]
                check_shown(shown.text, head, keys, _root_at(connection, shown.log), shown.where)


def check_shown(text: str, head: Checkpoint, keys: Iterable[note.VerifierKey], root_at: RootAt, where: str) -> None:
    """Refused unless the log with that head and those keys holds what somebody shows of it; `root_at`: of an earlier size.

    `store_behind`, `store_forked`; `keys_behind`: it is signed in the log's name by no key that the store knows, so that the
    store may be older than a change of keys. Whatever is no checkpoint of this log that we signed is passed over.
    """
    known = list(keys)
    try:
        signed = note.parse(text)
        shown = checkpoint.parse(signed.text)
    except Malformed:
        return
    own = {line.key_id for line in signed.signatures if line.name == shown.origin}
    if shown.origin != head.origin or not own:
        return
    if not own & {key.key_id for key in known}:
        raise Refused(
            "keys_behind",
            f"the store has {head.size} entries of {head.origin}; {where} shows {shown.size}, signed by no key that the "
            "store knows: it may be older than a change of the ledger's keys; bring it forward with greffe restore",
        )
    try:
        note.check(signed, known)
    except Untrue:
        return
    check_holds(shown, head, root_at, where)


def _root_at(connection: Connection, log: Log) -> RootAt:
    return lambda size: read_frontier(connection, size, log).root()


def _compare(connection: Connection, log: Log, head: Checkpoint | None, known: Checkpoint, where: str) -> None:
    own = head or Checkpoint(known.origin, 0, b"")
    check_holds(known, own, _root_at(connection, log), where)


def _head(connection: Connection, log: Log) -> Checkpoint | None:
    """How far that log goes in the store."""
    if log is LEDGER:
        head = rows.read_head(connection)
        return None if head is None else Checkpoint(head.origin, head.size, head.root)
    size = rows.count_entries(connection, log)
    names = [note.parse_vkey(vkey).name for vkey, _ in rows.read_log_keys(connection, log)]
    return Checkpoint(names[0], size, read_frontier(connection, size, log).root()) if names else None
