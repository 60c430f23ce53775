"""What was erased: the digests by which the same row is known again."""

import sqlalchemy as sa

from registry.installation.office import Office
from registry.log import entry
from registry.store import tables


def erased_digest(office: Office, register: str, number: str) -> bytes:
    """What stays of an erased organization, under a secret of the installation."""
    return entry.erased_digest(office.secret("erased"), register, number)


def erased_digests(connection: sa.Connection) -> set[bytes]:
    """What stayed of every erased organization."""
    return {bytes(digest) for digest in connection.execute(sa.select(tables.erased.c.digest)).scalars()}
