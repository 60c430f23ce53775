"""An installation is made here, or what it lacks.

That is data directory, identity, keys, and an empty ledger.
"""

import secrets
from collections.abc import Callable

from registry.credential import identity
from registry.edge.disk import write_file
from registry.errors import LedgerDamaged, Refused
from registry.installation.identity import note_kind
from registry.installation.key_notes import note_sealed
from registry.installation.key_store import SECRETS_KEY, kept_names, key_name, open_keys
from registry.installation.office import Office
from registry.installation.settings import Settings
from registry.installation.trust_file import read_trust_file, refresh_trust_file
from registry.keys import ED25519
from registry.ledger.ledger import is_open, open_ledger
from registry.store.tables import INDEX, LEDGER
from registry.store.token_queue import Requests


def initialize(settings: Settings, random: Callable[[int], bytes] = secrets.token_bytes) -> Office:
    """Make data directory, identity, keys and an empty ledger, each only where it is missing. Writes no entry."""
    for folder in (settings.data, settings.public):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not settings.identity_file.exists():
        base_url = settings.base_url or f"http://localhost:{settings.port}"
        write_file(settings.identity_file, identity.make(base_url, settings.origin).print())
    open_keys(settings).prepare()
    office = Office(settings)
    try:
        if settings.public != settings.data:
            Requests(settings.requests).close()  # the office's own file, which nobody else puts another in the place of
        _fill(office, random)
    except BaseException:
        office.store.close()
        raise
    return office


def _fill(office: Office, random: Callable[[int], bytes]) -> None:
    """Make the keys and the ledger of an installation, each only where it is missing."""
    settings = office.settings
    was_open, trust = is_open(office.store), read_trust_file(settings, office.identity)
    for log, is_named in ((LEDGER, trust is not None), (INDEX, trust is not None and bool(trust.index_keys))):
        # of a ledger whose first key is retired a second one would begin another chain under the same name
        if not was_open and not is_named and not kept_names(office.keys, log):
            office.keys.make(key_name(log, 1), ED25519, random)
    office.keys.make(SECRETS_KEY, ED25519, random)
    first_keys = office.log_keys.genesis.print(), office.log_keys.first_index.print()
    open_ledger(office.store, office.identity.origin, *first_keys, office.seals)
    office.store.check_start()
    note_kind(settings)
    _note_sealed(office)
    refresh_trust_file(settings, office.reader, office.seals)


def _note_sealed(office: Office) -> None:
    """A store that bears the seals of these keys bears them for good; one of an older version has none yet."""
    try:
        with office.store.read() as connection:
            office.seals.check(connection)
    except (Refused, LedgerDamaged):
        return
    note_sealed(office.settings)
