"""The stored keys of both logs are compared with the trust file.

They are also compared with what the office has logged of them.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from registry.credential import log_keys
from registry.encoding import strict_json
from registry.errors import RegistryError
from registry.keys import ED25519, PublicKey
from registry.log import note
from registry.log.note import VerifierKey
from registry.store import document_rows, rows, tables
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify.trust import Trust


def every_key(connection: sa.Connection, log: Log) -> list[VerifierKey]:
    """Every key that a log has had, those retired included."""
    return [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, log)]


def check_log_keys(connection: sa.Connection, trust: Trust, logged: list[int]) -> list[str]:
    """What is wrong: a key that is not disowned is one of the trust file, and the newest of the office's `key` entries names all.

    A trust file from before or after a rotation knows one of two keys, which is enough. `logged`: the indexes of those entries;
    without any, each log has had one key, and the trust file names it.
    """
    try:
        stored = {log.name: rows.read_log_keys(connection, log) for log in (LEDGER, INDEX)}
        believed = {name: [vkey for vkey, state in keys if state != log_keys.DISOWNED] for name, keys in stored.items()}
        trusted = {"ledger": trust.ledger_keys, "index": trust.index_keys}
        is_first = bool(stored["ledger"]) and stored["ledger"][0][0] == trust.genesis_key.print()
        is_known = all({key.print() for key in keys} & set(believed[name]) for name, keys in trusted.items() if keys)
        if not is_first or not is_known:
            return ["the keys kept of the logs are not the trusted ones"]
        if not _is_in_order(connection, {name: len(keys) for name, keys in stored.items()}):
            return ["the keys kept of the logs are not numbered one by one, or another log is kept beside the two"]
        if not logged:
            is_single = all([state for _, state in keys] == [log_keys.SIGNS] for keys in stored.values())
            return [] if is_single else ["a key of a log was never logged, or does what nobody logged"]
        committed = document_rows.read_document(connection, logged[-1])
        if committed is None:
            return []  # counted as missing
        named = log_keys.read(strict_json.parse_object(committed[0]))
        wanted = {
            f"{name}-{n}": (PublicKey(ED25519, note.parse_vkey(vkey).public), state)
            for name, keys in stored.items()
            for n, (vkey, state) in enumerate(keys, 1)
        }
    except RegistryError as error:
        return [f"what is kept of the keys of the logs cannot be read: {error}"]
    return [] if named == wanted else ["the keys kept of the logs are not those that the office has logged"]


def _is_in_order(connection: sa.Connection, counts: Mapping[str, int]) -> bool:
    """Whether there are no rows but those of the two logs, and the keys of each are numbered from 1. `counts`: by log."""
    keys = tables.log_keys.c
    numbered = [(row.log, row.n) for row in connection.execute(sa.select(keys.log, keys.n).order_by(keys.log, keys.n))]
    shown = set(connection.execute(sa.select(tables.published.c.log)).scalars())
    is_numbered = numbered == [(name, n) for name, count in sorted(counts.items()) for n in range(1, count + 1)]
    leaves = tables.index_entries
    has_map = connection.execute(sa.select(leaves.c.i).limit(1)).first() is not None  # a first version had none
    return is_numbered and shown in (set(), set(counts) if has_map else {LEDGER.name})
