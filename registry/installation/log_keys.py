"""The keys of both logs, as store, trust file and key store name them.

The logs are the ledger and the log of its map. The first key of the ledger begins its chain. Once it is retired, the store and
the trust file alone name it.
"""

from functools import cached_property

from registry.credential.identity import Identity
from registry.credential.log_keys import SIGNS
from registry.errors import Refused
from registry.installation.key_store import kept_names, key_name, seals_of
from registry.installation.settings import Settings
from registry.installation.trust_file import read_trust_file
from registry.keys import Keys, Signer
from registry.ledger.ledger import is_open
from registry.ledger.publish import Signers
from registry.log import map_log, note
from registry.store import rows
from registry.store.database import Store
from registry.store.tables import INDEX, LEDGER, Log


class LogKeys:
    """The keys of both logs of one installation."""

    def __init__(self, settings: Settings, identity: Identity, store: Store, keys: Keys) -> None:
        self._settings, self._identity, self._store, self._keys = settings, identity, store, keys

    @cached_property
    def genesis(self) -> note.VerifierKey:
        """The ledger's first key, which its chain begins with.

        Refused `genesis_unknown`: nobody here knows it. `identity_disagrees`: the private key at hand is another.
        """
        named, own = self._named_genesis(), None
        if self._keys.has(key_name(LEDGER, 1)):
            own = note.VerifierKey(self._identity.origin, self._keys.signer(key_name(LEDGER, 1)).public.raw)
        first = named or own
        if first is None:
            raise Refused(
                "genesis_unknown",
                "the ledger's first key is retired, and neither a store nor trust.json tells it: put the trust.json of this "
                f"installation, of a backup or of a mirror of it, into {self._settings.data}",
            )
        if named is not None and own is not None and named != own:
            raise Refused(
                "identity_disagrees", "the kept key `ledger` is not the first key that the store or trust.json names"
            )
        return first

    @property
    def first_index(self) -> note.VerifierKey:
        """The first key of the map's log: as the store has it, as it is at hand, or as the trust file names it.

        Where it is retired, and neither store nor trust file names it, it is the first at hand; then a mirror or a backup must
        name it (`operations/restore`), and nothing can be signed before. Refused `genesis_unknown`: there is none at all.
        """
        if is_open(self._store):
            with self._store.read() as connection:
                return note.parse_vkey(rows.read_log_keys(connection, INDEX)[0][0])
        trust = read_trust_file(self._settings, self._identity)
        own = self._at_hand(INDEX)
        if self._keys.has(key_name(INDEX, 1)) or trust is None or not trust.index_keys:
            if not own:
                raise Refused(
                    "genesis_unknown", "neither a key of the map's log nor a trust.json that tells it is here"
                )
            return own[0]
        return trust.index_keys[0]

    @property
    def signers(self) -> Signers:
        """The keys that sign checkpoints now. Refused `key_differs`: they are not those that the store names."""
        return Signers(self._signing(LEDGER), self._signing(INDEX), seals_of(self._keys))

    def own(self, log: Log) -> list[note.VerifierKey]:
        """Every key that the log has had, as far as the store or the keys at hand tell."""
        with self._store.read() as connection:
            named = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, log)]
        return list(dict.fromkeys([*named, *self._at_hand(log)]))

    def of(self, origin: str) -> list[note.VerifierKey]:
        """Every key that the log of that origin has had, as the store names them."""
        with self._store.read() as connection:
            vkeys = [vkey for log in (LEDGER, INDEX) for vkey, _ in rows.read_log_keys(connection, log)]
        return [key for key in map(note.parse_vkey, vkeys) if key.name == origin]

    def _at_hand(self, log: Log) -> list[note.VerifierKey]:
        """Every key of a log whose private half is here, in their order."""
        origin = {LEDGER: self._identity.origin, INDEX: map_log.index_origin(self._identity.origin)}[log]
        return [note.VerifierKey(origin, self._keys.signer(name).public.raw) for name in kept_names(self._keys, log)]

    def _named_genesis(self) -> note.VerifierKey | None:
        if is_open(self._store):
            with self._store.read() as connection:
                return note.parse_vkey(rows.read_log_keys(connection, LEDGER)[0][0])
        trust = read_trust_file(self._settings, self._identity)
        return None if trust is None else trust.genesis_key

    def _signing(self, log: Log) -> tuple[Signer, ...]:
        with self._store.read() as connection:
            named = rows.read_log_keys(connection, log)
        signers = []
        for n, (vkey, state) in enumerate(named, 1):
            if state == SIGNS:
                signer = self._keys.signer(key_name(log, n))
                if note.parse_vkey(vkey).public != signer.public.raw:
                    raise Refused("key_differs", f"key {n} of the {log.name} is not the one that the store names")
                signers.append(signer)
        return tuple(signers)
