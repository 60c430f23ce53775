"""The office is an installation with private keys and the right to write.

Only one process at a time writes, publishes or restores.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from registry.errors import Refused
from registry.installation.identity import read_identity
from registry.installation.key_notes import check_published, check_sealed, note_published, note_signed
from registry.installation.key_store import open_keys, seals_of
from registry.installation.locks import locked
from registry.installation.log_keys import LogKeys
from registry.installation.seen import seen_in_mirror
from registry.installation.settings import Settings
from registry.installation.trust_file import refresh_trust_file
from registry.installation.witness_policy import read_witness_policy
from registry.ledger.guards import check_store
from registry.ledger.ledger import Ledger, is_open
from registry.ledger.publish import Published, publish
from registry.ledger.witnesses import PolicyWitnesses, make_client, seen_by_witnesses
from registry.log.policy import parse as parse_policy
from registry.reading.reader import Reader
from registry.records.records import Records
from registry.records.seals import Seals
from registry.store.database import Store
from registry.store.head_token import HeadToken

_log = logging.getLogger(__name__)


class Office:
    """An installation with its private keys. `writing`, `publishing` and `restoring` are each for one process at a time."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url)
        policy = read_witness_policy(settings)
        self.reader = Reader(self.identity, self.store, policy)
        self._policy, self._client = parse_policy(policy), make_client()
        self.keys = open_keys(settings)
        self.log_keys = LogKeys(settings, self.identity, self.store, self.keys)
        self._doorway, self._inside = threading.Lock(), threading.RLock()
        self._is_checked = False

    @cached_property
    def seals(self) -> Seals:
        """The MACs over what no entry commits to."""
        return seals_of(self.keys)

    @contextmanager
    def records(self) -> Iterator[Records]:
        """One snapshot of the store, of which nothing is believed unheld. Refused `unsealed`; LedgerDamaged `seal_broken`."""
        check_sealed(self.settings)
        with self.store.read() as connection:
            yield Records(connection, self.identity, self.seals)

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """The ledger, open for appending by this process alone. Conflict `busy` when another one has it.

        Threads that share this office wait for each other. Refused where somebody knows more of this ledger than the store
        does (`guards`), which is asked once: a store that runs on does not fall behind what was seen.
        """
        with self._in_turn(), locked(self.settings.data / "ledger.lock"):
            if not self._is_checked:
                self.check_store()
                self._is_checked = True
            ledger = Ledger(self.store, self.identity, self.log_keys.genesis.print(), self.seals)
            refresh_trust_file(self.settings, self.reader)
            yield ledger

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """One thread at a time: the next one waits in the doorway, so that the one inside cannot come in again before it."""
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
                yield lambda: self._remembered(
                    publish(self.store, self.log_keys.signers, witnesses=witnesses, token=token)
                )
            finally:
                token.close()

    def _remembered(self, done: Published) -> Published:
        """Leave a sign beside the keys, so that they never begin a second ledger in an empty store, nor show less again."""
        if done.checkpoint.size:
            note_signed(self.settings, {})
            with self.store.read() as connection:
                note_published(self.settings, connection)
        return done

    def witnesses(self, tell: Callable[[str], None]) -> PolicyWitnesses:
        """Those of the policy. `tell`: is given a line for a person about each that did not cosign."""
        return PolicyWitnesses(self._policy, self.identity.origin, self.log_keys.of, self._client, time.time, tell)

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

    def check_store(self) -> None:
        """Refused `store_behind`, `store_forked` where the token, a witness or the mirror knows more than the store.

        `unsealed`: it was never sealed; `published_behind`: it shows the public less than the public has seen.
        """
        self._check_open()
        check_sealed(self.settings)
        if self.settings.has_signed.exists() and self.reader.size() == 0:
            raise Refused(
                "store_behind",
                "the store has 0 entries, but its keys have signed a ledger that had some: greffe restore",
            )
        token = HeadToken(self.settings.head_token)
        try:
            check_store(
                self.store,
                token,
                [
                    *seen_in_mirror(self.settings.mirror),
                    *seen_by_witnesses(self._policy, self._client, self.identity.origin),
                ],
            )
        finally:
            token.close()
        with self.store.read() as connection:
            check_published(self.settings, connection)

    def _check_open(self) -> None:
        if not is_open(self.store):
            raise Refused("not_initialized", "the ledger was never opened: run greffe init")
