"""The first version makes the first tables.

A store made before Alembic has them already.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(name, *columns, sqlite_strict=True, if_not_exists=True)


def _column(name: str, kind: sa.types.TypeEngine[Any], *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, primary_key=key, autoincrement=False if key else "auto")


def upgrade() -> None:
    """Make those that are missing."""
    _table(
        "ledger_head",
        _column("id", NUMBER, key=True),
        _column("size", NUMBER),
        _column("root", sa.LargeBinary()),
        _column("origin", sa.Text()),
        _column("genesis_key", sa.Text()),
    )
    _table("ledger_entry", _column("i", NUMBER, key=True), _column("body", sa.LargeBinary()))
    _table(
        "ledger_tile",
        _column("level", NUMBER, key=True),
        _column("n", NUMBER, key=True),
        _column("hashes", sa.LargeBinary()),
    )
    _table("ledger_checkpoint", _column("size", NUMBER, key=True), _column("note", sa.Text()))
    _table(
        "document", _column("i", NUMBER, key=True), _column("body", sa.LargeBinary()), _column("salt", sa.LargeBinary())
    )
    _table(
        "credential",
        _column("i", NUMBER, key=True),
        _column("register", sa.Text()),
        _column("number", sa.Text()),
        _column("n", NUMBER),
        _column("event", sa.Text()),
        _column("event_order", sa.Text()),
        _column("digest", sa.LargeBinary()),
        _column("list_id", sa.Text()),
        _column("list_index", NUMBER),
        sa.UniqueConstraint("register", "number", "n"),
    )
    _table(
        "org_salt",
        _column("register", sa.Text(), key=True),
        _column("number", sa.Text(), key=True),
        _column("salt", sa.LargeBinary()),
    )
    _table(
        "issuer",
        _column("register", sa.Text(), key=True),
        _column("did", sa.Text()),
        _column("name", sa.Text()),
        _column("key_entry", NUMBER),
        _column("issued", NUMBER),
    )
    _table("key_version", _column("i", NUMBER, key=True), _column("register", sa.Text()))
    _table(
        "did_log",
        _column("register", sa.Text(), key=True),
        _column("n", NUMBER, key=True),
        _column("line", sa.Text()),
    )
    _table(
        "status_list",
        _column("id", sa.Text(), key=True),
        _column("register", sa.Text()),
        _column("purpose", sa.Text()),
        _column("m", NUMBER),
        _column("seed", sa.LargeBinary()),
        _column("bits", sa.LargeBinary()),
    )
    _table("status_version", _column("i", NUMBER, key=True), _column("list_id", sa.Text()))
    op.create_index("status_version_list", "status_version", ["list_id", "i"], if_not_exists=True)
