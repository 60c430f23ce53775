"""The third version adds the MACs over what no entry commits to.

A store of an older version has none: they are empty until `greffe doctor --seal` has made them.
"""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    """Make the table, and the column of places."""
    op.create_table(
        "seal",
        sa.Column("name", sa.Text(), nullable=False, primary_key=True),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
        if_not_exists=True,
    )
    nothing = "x''" if op.get_bind().dialect.name == "sqlite" else "''::bytea"
    op.add_column(
        "credential", sa.Column("seal", sa.LargeBinary(), nullable=False, server_default=sa.text(nothing))
    )
