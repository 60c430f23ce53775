"""Open an installation: settings to identity, store, keys and locks; the only place that puts these together.

`Public` opens what the world may read; `Office` adds the private keys and the right to write, one process at a time.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from registry.credential.log_keys import SIGNS
from registry.edge.disk import write_file
from registry.encoding.jcs import jcs
from registry.errors import Malformed, Refused
from registry.installation.key_store import kept_names, key_name, open_keys, secret
from registry.installation.locks import locked
from registry.installation.public import read_identity, read_witness_policy
from registry.installation.seen import seen
from registry.installation.settings import Settings
from registry.keys import Signer
from registry.ledger.guards import check_store
from registry.ledger.ledger import Ledger, is_open
from registry.ledger.publish import Published, Signers, publish
from registry.ledger.witnesses import PolicyWitnesses
from registry.log import map_log, note
from registry.log import policy as tlog_policy
from registry.reading.reader import Reader
from registry.store import rows
from registry.store.database import Store
from registry.store.head_token import HeadToken
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify import trust
from registry.witness.client import WitnessClient

_log = logging.getLogger(__name__)


class Office:
    """The registry office's side: keys and the ledger's one writer."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url)
        policy = read_witness_policy(settings)
        self.reader = Reader(self.identity, self.store, policy)
        self._policy, self._client = tlog_policy.parse(policy), WitnessClient()
        self.keys = open_keys(settings)
        self._doorway, self._inside = threading.Lock(), threading.RLock()
        self._is_checked = False

    @cached_property
    def ledger_key(self) -> note.VerifierKey:
        """The ledger's first key, which its chain begins with; once it is retired, the store and the trust file alone know it.

        Refused `genesis_unknown`: nobody here knows it. `identity_disagrees`: the key that is kept is another.
        """
        told, own = self._told_first_key(), None
        if self.keys.has(key_name(LEDGER, 1)):
            own = note.VerifierKey(self.identity.origin, self.keys.signer(key_name(LEDGER, 1)).public.raw)
        found = told or own
        if found is None:
            raise Refused(
                "genesis_unknown",
                "the ledger's first key is retired, and neither a store nor trust.json tells it: put the trust.json of this "
                f"installation, of a backup or of a mirror of it, into {self.settings.data}",
            )
        if told is not None and own is not None and told != own:
            raise Refused(
                "identity_disagrees", "the kept key `ledger` is not the first key that the store or trust.json names"
            )
        return found

    @property
    def first_index_key(self) -> note.VerifierKey:
        """The first key of the map's log: as the store has it, as it is kept, or as the trust file tells.

        Where it is retired, and neither store nor trust file tells, it is the first that is kept; then a mirror or a backup must
        tell better (`restore`), and nothing can be signed before. Refused `genesis_unknown`: there is none at all.
        """
        if is_open(self.store):
            with self.store.read() as connection:
                return note.parse_vkey(rows.read_log_keys(connection, INDEX)[0][0])
        told = self.trust_file()
        own = self._kept(INDEX)
        if self.keys.has(key_name(INDEX, 1)) or told is None or not told.index_keys:
            if not own:
                raise Refused(
                    "genesis_unknown", "neither a key of the map's log nor a trust.json that tells it is here"
                )
            return own[0]
        return told.index_keys[0]

    def _kept(self, log: Log) -> list[note.VerifierKey]:
        """Every key of a log whose private half is here, in their order."""
        origin = {LEDGER: self.identity.origin, INDEX: map_log.index_origin(self.identity.origin)}[log]
        return [note.VerifierKey(origin, self.keys.signer(name).public.raw) for name in kept_names(self.keys, log)]

    def _told_first_key(self) -> note.VerifierKey | None:
        if is_open(self.store):
            with self.store.read() as connection:
                return note.parse_vkey(rows.read_log_keys(connection, LEDGER)[0][0])
        told = self.trust_file()
        return None if told is None else told.genesis_key

    def trust_file(self) -> trust.Trust | None:
        """The trust file in the data directory, of which a store that was lost is begun anew. Refused `trust`."""
        file = self.settings.trust_file
        try:
            found = trust.parse(file.read_bytes()) if file.exists() else None
        except Malformed as error:
            raise Refused("trust", f"{file} cannot be used: {error}") from None
        if found is not None and found.origin != self.identity.origin:
            raise Refused("identity_disagrees", f"{file} is of the ledger {found.origin}")
        return found

    @property
    def signers(self) -> Signers:
        """The keys that sign checkpoints now. Refused `key_differs`: they are not those that the store names."""
        return Signers(*(self._signing(log) for log in (LEDGER, INDEX)))

    def _signing(self, log: Log) -> tuple[Signer, ...]:
        with self.store.read() as connection:
            known = rows.read_log_keys(connection, log)
        found = []
        for n, (vkey, state) in enumerate(known, 1):
            if state == SIGNS:
                signer = self.keys.signer(key_name(log, n))
                if note.parse_vkey(vkey).public != signer.public.raw:
                    raise Refused("key_differs", f"key {n} of the {log.name} is not the one that the store names")
                found.append(signer)
        return tuple(found)

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """The ledger, open for appending by this process alone. Conflict `busy` when another one has it.

        Threads that share this office wait for each other. Refused where somebody knows more of this ledger than the store
        does (`elsewhere`), which is asked once: a store that runs on does not fall behind what was seen.
        """
        with self._in_turn(), locked(self.settings.data / "ledger.lock"):
            if not self._is_checked:
                self.check_store()
                self._is_checked = True
            self.refresh_trust()
            yield Ledger(self.store, self.identity, self.ledger_key.print())

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One thread at a time; who waits stands in the doorway, so that whoever was inside cannot pass it to come in again."""
        with self._doorway:
            self._inside.acquire()
        try:
            yield
        finally:
            self._inside.release()

    @contextmanager
    def publishing(self, tell: Callable[[str], None]) -> Iterator[Callable[[], Published]]:
        """What publishes the committed ledger, by this process alone, each time it is called. Conflict; Refused, as `writing`.

        `tell`: is given a line for a person about each witness that did not cosign.
        """
        witnesses = self.witnesses(tell)
        with locked(self.settings.data / "publish.lock"):
            self.check_store()
            token = HeadToken(self.settings.head_token)
            try:
                yield lambda: self._remembered(publish(self.store, self.signers, witnesses=witnesses, token=token))
            finally:
                token.close()

    def _remembered(self, done: Published) -> Published:
        """Leave a sign beside the keys, so that they never begin a second ledger in an empty store."""
        if done.checkpoint.size and not self.settings.has_signed.exists():
            self.settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_file(self.settings.has_signed, b"These keys have signed a ledger. Keep this file with them.\n", 0o600)
        return done

    def witnesses(self, tell: Callable[[str], None]) -> PolicyWitnesses:
        """Those of the policy. `tell`: is given a line for a person about each that did not cosign."""
        return PolicyWitnesses(self._policy, self.identity.origin, self._keys_of, self._client, time.time, tell)

    @contextmanager
    def restoring(self) -> Iterator[HeadToken]:
        """The head token, while no other process writes or publishes. No guard stands before it. Conflict `busy`."""
        self._check_open()
        with locked(self.settings.data / "ledger.lock"), locked(self.settings.data / "publish.lock"):
            token = HeadToken(self.settings.head_token)
            try:
                yield token
            finally:
                token.close()

    def own_keys(self, log: Log) -> list[note.VerifierKey]:
        """Every key that the log has had, as far as the store or the office's keeping tells."""
        with self.store.read() as connection:
            known = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, log)]
        return list(dict.fromkeys([*known, *self._kept(log)]))

    def secret(self, purpose: str) -> bytes:
        """A secret of this installation for one purpose, 32 bytes: always the same as long as its key is kept."""
        return secret(self.keys, purpose)

    def _keys_of(self, origin: str) -> list[note.VerifierKey]:
        """Every key that the log of that origin has had."""
        with self.store.read() as connection:
            vkeys = [vkey for log in (LEDGER, INDEX) for vkey, _ in rows.read_log_keys(connection, log)]
        return [key for key in map(note.parse_vkey, vkeys) if key.name == origin]

    def check_store(self) -> None:
        """Refused `store_behind`, `store_forked` where the token, a witness or the mirror knows more than the store."""
        self._check_open()
        if self.settings.has_signed.exists() and self.reader.size() == 0:
            raise Refused(
                "store_behind",
                "the store has 0 entries, but its keys have signed a ledger that had some: greffe restore",
            )
        token = HeadToken(self.settings.head_token)
        try:
            check_store(self.store, token, seen(self.settings.mirror, self._policy, self._client, self.identity.origin))
        finally:
            token.close()

    def _check_open(self) -> None:
        if not is_open(self.store):
            raise Refused("not_initialized", "the ledger was never opened: run greffe init")

    def refresh_trust(self) -> bytes:
        """Rewrite `trust.json` when keys or policy have changed; its bytes."""
        data = jcs(self.reader.trust()) + b"\n"
        if not self.settings.trust_file.exists() or self.settings.trust_file.read_bytes() != data:
            write_file(self.settings.trust_file, data)
        return data
