"""Compare the keys that the store keeps of both logs with the trust file and with what the office has logged of them."""

import sqlalchemy as sa

from registry import did, note, store, strict_json
from registry.errors import RegistryError
from registry.keys import ED25519, PublicKey
from registry.note import VerifierKey
from registry.tables import INDEX, LEDGER, Log
from registry.trust import Trust


def every_key(connection: sa.Connection, log: Log) -> list[VerifierKey]:
    """Every key that a log has had, those retired included."""
    return [note.parse_vkey(vkey) for vkey, _ in store.read_log_keys(connection, log)]


def check_log_keys(connection: sa.Connection, trust: Trust, logged: list[int]) -> list[str]:
    """What is wrong: the keys that sign are those of the trust file, and the newest of the office's `key` entries names them all.

    `logged`: the indexes of those entries; without any, each log has had one key.
    """
    try:
        kept = {log.name: store.read_log_keys(connection, log) for log in (LEDGER, INDEX)}
        told = {name: [vkey for vkey, signs in keys if signs] for name, keys in kept.items()}
        known = {"ledger": trust.ledger_keys, "index": trust.index_keys}
        is_first = bool(kept["ledger"]) and kept["ledger"][0][0] == trust.genesis_key.print()
        if not is_first or told != {name: [key.print() for key in keys] for name, keys in known.items()}:
            return ["the keys kept of the logs are not the trusted ones"]
        if not logged:
            return [] if all(len(keys) == 1 for keys in kept.values()) else ["a key of a log was never logged"]
        found = store.read_document(connection, logged[-1])
        if found is None:
            return []  # counted as missing
        document = strict_json.parse_object(found[0])
        asserting = set(document["assertionMethod"])
        named = {
            fragment: (key, f"{document['id']}#{fragment}" in asserting)
            for fragment, key in did.keys_of(document).items()
        }
        wanted = {
            f"{name}-{n}": (PublicKey(ED25519, note.parse_vkey(vkey).public), signs)
            for name, keys in kept.items()
            for n, (vkey, signs) in enumerate(keys, 1)
        }
    except (RegistryError, LookupError, TypeError) as error:
        return [f"what is kept of the keys of the logs cannot be read: {error}"]
    return [] if named == wanted else ["the keys kept of the logs are not those that the office has logged"]
