"""Alembic runs this file to reach the database by the caller's connection.

The caller of `bring_forward` opened it, with the transaction that the migrations run in.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
