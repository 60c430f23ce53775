"""What Alembic runs to reach the database: the connection, and the transaction, of whoever called `bring_forward`."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
