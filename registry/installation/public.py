"""The public side of an installation has no private key and never writes."""

from registry.installation.identity import read_identity
from registry.installation.settings import Settings
from registry.installation.witness_policy import read_witness_policy
from registry.reading.reader import Reader
from registry.store.database import Store


class Public:
    """What the world may read: no private key, no right to write."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url, read_only=True, connections=settings.database_connections)
        self.reader = Reader(self.identity, self.store, read_witness_policy(settings))
