"""Alembic brings a store's tables to the newest schema.

The store may be empty, old, or made before Alembic was here. A migration adds tables and columns beside the ledger. None changes
what a ledger's table is: what was signed stays as it was written (docs/decisions/0013-postgresql.md). All of it is one
transaction, the caller's.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from registry.errors import Refused


def bring_forward(connection: sa.Connection, revision: str = "head") -> bool:
    """Whether there was anything to do. Refused `store_newer`: a later version of this software made the store.

    `revision`: the version of the schema to stop at, where the store is to be a copy of an older one.
    """
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    if current not in {None, *known}:
        raise Refused(
            "store_newer", f"the store's schema is {current}, which this version does not know: upgrade greffe"
        )
    if current in (revision, scripts.get_current_head()):
        return False
    command.upgrade(config, revision)
    return True


def is_known(revision: str) -> bool:
    """Whether that is a version of the schema that this software makes, or once made."""
    scripts = ScriptDirectory(str(Path(__file__).parent))
    return revision in {script.revision for script in scripts.walk_revisions()}
