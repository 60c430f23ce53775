"""The tables of the store, in one schema for both databases.

SQLite has them STRICT. This file says what they hold; no code here reads them.

`ledger_*` is the public ledger and is only ever appended to, its head and the tiles at the right edge aside. `index_*` is the
log of the map, a second log of the same form. `map_node` and `mini_log` are the map itself: both can be derived anew from the
entries. Documents, salts and places stand beside the ledger and can be erased. `seal`, and the column of that name, hold MACs
over what no entry commits to (registry/records).
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData()


def _table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(name, METADATA, *columns, sqlite_strict=True)


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=null, primary_key=key)


def _number(name: str, *, null: bool = False, key: bool = False) -> sa.Column[Any]:
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column(name, kind, nullable=null, primary_key=key, autoincrement=False)


def _blob(name: str, *, null: bool = False, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary, nullable=null, primary_key=key)


head = _table(
    "ledger_head", _number("id", key=True), _number("size"), _blob("root"), _text("origin"), _text("genesis_key")
)
entries = _table("ledger_entry", _number("i", key=True), _blob("body"))
tiles = _table("ledger_tile", _number("level", key=True), _number("n", key=True), _blob("hashes"))
#: every checkpoint as the ledger signed it, without cosignatures
checkpoints = _table("ledger_checkpoint", _number("size", key=True), _text("note"))

#: one leaf per checkpoint of the ledger: `size` of that checkpoint, `root_id` of the map's root in `map_node` (0: empty)
index_entries = _table("index_entry", _number("i", key=True), _blob("body"), _number("size"), _number("root_id"))
index_tiles = _table("index_tile", _number("level", key=True), _number("n", key=True), _blob("hashes"))
index_checkpoints = _table("index_checkpoint", _number("size", key=True), _text("note"))

#: the keys of each log: the n-th one, its vkey, and what it does (1 signs, 0 retired, -1 disowned: `log_keys`)
log_keys = _table("log_key", _text("log", key=True), _number("n", key=True), _text("vkey"), _number("signs"))
#: the cosigned checkpoint that each log (`ledger`, `index`) shows the public now
published = _table("published", _text("log", key=True), _number("size"), _text("note"))

#: a node of the map (registry/log/map_tree.py), never changed
map_nodes = _table(
    "map_node",
    _number("id", key=True),
    _number("bit"),
    _blob("key"),
    _blob("left"),
    _blob("right"),
    _number("left_id"),
    _number("right_id"),
)
#: the n-th entry under a key of the map: its index in the ledger, its leaf hash, the frontier of those before it
mini_logs = _table(
    "mini_log", _blob("key", key=True), _number("n", key=True), _number("i"), _blob("leaf"), _blob("before")
)

documents = _table("document", _number("i", key=True), _blob("body"), _blob("salt"))
credentials = _table(
    "credential",
    _number("i", key=True),
    _text("register"),
    _text("number"),
    _number("n"),
    _text("event"),
    _text("event_order"),
    _blob("digest"),
    _text("list_id"),
    _number("list_index"),
    _blob("seal"),
    sa.UniqueConstraint("register", "number", "n"),
)
org_salts = _table("org_salt", _text("register", key=True), _text("number", key=True), _blob("salt"))
issuers = _table(
    "issuer", _text("register", key=True), _text("did"), _text("name"), _number("key_entry"), _number("issued")
)
#: the key entries that change an issuer's document; its first one stands in `issuer`
key_versions = _table("key_version", _number("i", key=True), _text("register"))
#: the lines of an issuer's did:webvh log
did_logs = _table("did_log", _text("register", key=True), _number("n", key=True), _text("line"))
status_lists = _table(
    "status_list",
    _text("id", key=True),
    _text("register"),
    _text("purpose"),
    _number("m"),
    _blob("seed"),
    _blob("bits"),
)
status_versions = _table(
    "status_version", _number("i", key=True), _text("list_id"), sa.Index("status_version_list", "list_id", "i")
)
#: HMAC of `register:number` of what was erased, so that the same row is refused later
erased = _table("erased", _blob("digest", key=True))
#: the entries under a pseudonym whose body and salt are in no store: nobody here knows whose they are
unknown_persons = _table("unknown_person", _number("i", key=True), _text("register"))

#: the MAC over all rows of a table, by its name
seals = _table("seal", _text("name", key=True), _blob("mac"))

#: rows of these are never changed and never deleted
APPEND_ONLY = ("ledger_entry", "ledger_checkpoint", "index_entry", "index_checkpoint")
#: columns that the office changes in place, by table; in all others rows are added only
CHANGED = {
    "ledger_head": ("size", "root"),
    "ledger_tile": ("hashes",),
    "index_tile": ("hashes",),
    "published": ("size", "note"),
    "log_key": ("vkey", "signs"),
    "status_list": ("bits",),
    "issuer": ("issued",),
    "credential": ("seal",),
    "seal": ("mac",),
}
#: what an erasure deletes rows of, and bringing back what was lost
ERASED = ("document", "org_salt", "credential", "unknown_person")


@dataclass(frozen=True, slots=True)
class Log:
    """The tables of one log."""

    name: str
    entries: sa.Table
    tiles: sa.Table
    checkpoints: sa.Table


LEDGER = Log("ledger", entries, tiles, checkpoints)
INDEX = Log("index", index_entries, index_tiles, index_checkpoints)
