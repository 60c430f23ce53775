"""Make an installation, or what it lacks: data directory, identity, keys, an empty ledger."""

import secrets
from collections.abc import Callable

from registry.credential import identity
from registry.edge.disk import write_file
from registry.installation.key_store import SECRETS_KEY, kept_names, key_name, open_keys
from registry.installation.office import Office
from registry.installation.settings import Settings
from registry.keys import ED25519
from registry.ledger.ledger import is_open, open_ledger
from registry.store.tables import INDEX, LEDGER


def initialize(settings: Settings, random: Callable[[int], bytes] = secrets.token_bytes) -> Office:
    """Make data directory, identity, keys and an empty ledger, each only where it is missing. Writes no entry."""
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.identity_file.exists():
        base_url = settings.base_url or f"http://localhost:{settings.port}"
        write_file(settings.identity_file, identity.make(base_url, settings.origin).print())
    open_keys(settings).prepare()
    office = Office(settings)
    was_open, told = is_open(office.store), office.trust_file()
    for log, is_told in ((LEDGER, told is not None), (INDEX, told is not None and bool(told.index_keys))):
        # of a ledger whose first key is retired a second one would begin another chain under the same name
        if not was_open and not is_told and not kept_names(office.keys, log):
            office.keys.make(key_name(log, 1), ED25519, random)
    office.keys.make(SECRETS_KEY, ED25519, random)
    index_key = office.first_index_key
    open_ledger(office.store, office.identity.origin, office.ledger_key.print(), index_key.print())
    office.refresh_trust()
    return office
