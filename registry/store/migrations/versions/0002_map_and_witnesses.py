"""The second version adds the map, its log, and the published checkpoints.

It also adds the keys of the logs, and what erasure leaves. What an older version signed it also showed: there the newest signed
checkpoint is the published one.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, sqlite_strict=True, if_not_exists=True)


def _column(name: str, kind: sa.types.TypeEngine[Any], *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, primary_key=key, autoincrement=False if key else "auto")


def upgrade() -> None:
    """Make the tables, and show what was signed."""
    _table(
        "index_entry",
        _column("i", NUMBER, key=True),
        _column("body", sa.LargeBinary()),
        _column("size", NUMBER),
        _column("root_id", NUMBER),
    )
    _table(
        "index_tile",
        _column("level", NUMBER, key=True),
        _column("n", NUMBER, key=True),
        _column("hashes", sa.LargeBinary()),
    )
    _table("index_checkpoint", _column("size", NUMBER, key=True), _column("note", sa.Text()))
    _table(
        "log_key",
        _column("log", sa.Text(), key=True),
        _column("n", NUMBER, key=True),
        _column("vkey", sa.Text()),
        _column("signs", NUMBER),
    )
    _table(
        "log_key",
        _column("log", sa.Text(), key=True),
        _column("n", NUMBER, key=True),
        _column("vkey", sa.Text()),
        _column("signs", NUMBER),
    )
    _table("published", _column("log", sa.Text(), key=True), _column("size", NUMBER), _column("note", sa.Text()))
    _table(
        "map_node",
        _column("id", NUMBER, key=True),
        _column("bit", NUMBER),
        _column("key", sa.LargeBinary()),
        _column("left", sa.LargeBinary()),
        _column("right", sa.LargeBinary()),
        _column("left_id", NUMBER),
        _column("right_id", NUMBER),
    )
    _table(
        "mini_log",
        _column("key", sa.LargeBinary(), key=True),
        _column("n", NUMBER, key=True),
        _column("i", NUMBER),
        _column("leaf", sa.LargeBinary()),
        _column("before", sa.LargeBinary()),
    )
    _table("erased", _column("digest", sa.LargeBinary(), key=True))
    _table("unknown_person", _column("i", NUMBER, key=True), _column("register", sa.Text()))
    op.execute(
        "INSERT INTO published (log, size, note) SELECT 'ledger', size, note FROM ledger_checkpoint "
        "WHERE size = (SELECT max(size) FROM ledger_checkpoint) AND NOT EXISTS (SELECT 1 FROM published)"
    )
