"""Some status lists have a seed that a mirror alone cannot bring back.

Such a seed is not the one that the installation derives for its list.
"""

from collections.abc import Callable

import sqlalchemy as sa

from registry.credential import status
from registry.store import database, tables
from registry.store.columns import blob


def own_seeds(store: database.Store, secret: Callable[[str], bytes]) -> list[str]:
    """The ids of such lists, sorted; `secret`: gives the installation's secrets by their purpose."""
    with store.read() as connection:
        lists = connection.execute(sa.select(tables.status_lists).order_by(tables.status_lists.c.id)).all()
    return [row.id for row in lists if blob(row.seed) != secret(status.seed_purpose(row.id))]
