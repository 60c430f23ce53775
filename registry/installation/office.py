"""The office is an installation with private keys and the right to write.

Only one process at a time writes, publishes or restores.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property

from registry.credential import did
from registry.errors import LedgerDamaged, Refused
from registry.installation.desk import Desk, open_desk
from registry.installation.identity import note_kind, read_identity
from registry.installation.key_notes import check_published, check_sealed, note_published, note_signed, read_keys
from registry.installation.key_store import open_keys, seals_of
from registry.installation.locks import locked
from registry.installation.log_keys import LogKeys
from registry.installation.seen import seen_in_mirror
from registry.installation.settings import Settings
from registry.installation.trust_file import refresh_trust_file
from registry.installation.turns import Turns
from registry.installation.witness_policy import read_witness_policy
from registry.ledger.admission import Head
from registry.ledger.clock import Clock
from registry.ledger.guards import Seen, check_store
from registry.ledger.ledger import Ledger, is_open
from registry.ledger.publish import Published, prover, publish
from registry.ledger.witnesses import PolicyWitnesses, make_client, seen_by_witnesses
from registry.log.checkpoint import Checkpoint, check_holds
from registry.log.policy import parse as parse_policy
from registry.reading.reader import Reader
from registry.records.records import Records
from registry.records.seals import Seals
from registry.store.database import Store
from registry.store.head_token import HeadToken
from registry.store.rows import last_signed, read_frontier

_log = logging.getLogger(__name__)


class Office:
    """An installation with its private keys. `writing`, `publishing` and `restoring` are each for one process at a time."""

    def __init__(self, settings: Settings, *, accepts_time: bool = False) -> None:
        """`accepts_time`: a person has looked at the clock, which witnesses or the last entry contradict (`ledger/clock`)."""
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url, connections=settings.database_connections)
        self.reader = Reader(self.identity, self.store)
        self._read_policy()
        self._client = make_client()
        self.keys = open_keys(settings)
        self.log_keys = LogKeys(settings, self.identity, self.store, self.keys)
        self._clock = Clock(self._witness_times, accepts=accepts_time)
        self._doorway, self._inside = threading.Lock(), threading.RLock()
        self._is_checked = False
        self._turns = Turns(settings.data)
        self._last: Head | None = None
        self._writer: tuple[int, Ledger] | None = None

    def _read_policy(self) -> None:
        """The witness policy as it is now. Refused `witness_policy`."""
        text = read_witness_policy(self.settings)
        self.reader.witness_policy, self._policy = text, parse_policy(text)

    @cached_property
    def seals(self) -> Seals:
        """The MACs over what no entry commits to."""
        return seals_of(self.keys)

    def desk(self) -> AbstractContextManager[Desk]:
        """What waits on the office's desk. LedgerDamaged `seal_broken`; Refused `desk_behind`; StorageFailed."""
        return open_desk(self.settings, self.seals)

    @contextmanager
    def records(self) -> Iterator[Records]:
        """One snapshot of the store, of which nothing is believed unheld. Refused `unsealed`; LedgerDamaged `seal_broken`.

        Whoever is writing sees the ledger that it appends to. LedgerDamaged `record_untrue`: the store is another one meanwhile.
        """
        check_sealed(self.settings)
        with self.store.read() as connection:
            records = Records(connection, self.identity, self.seals)
            self._check_same(records)
            yield records

    def _check_same(self, records: Records) -> None:
        if self._writer is None or self._writer[0] != threading.get_ident():
            return
        head = self._writer[1].head
        if (records.head.size, records.head.root) != (head.size, head.root):
            raise LedgerDamaged("record_untrue", "the store is not the one that is written to")

    @contextmanager
    def writing(self, *, gives_way: bool = False, comes_between: bool = False) -> Iterator[Ledger]:
        """The ledger, open for appending by this process alone. Conflict `busy` when another one has it.

        `gives_way`: it takes long, and calls `give_way` where others may pass. `comes_between`: it is such another one: short, or
        nothing that may wait. Of a status or a note such a run needs to know nothing; behind anything else it ends, `overtaken`.

        Threads that share this office wait for each other. Refused where somebody knows more of this ledger than the store
        does (`guards`): witnesses and mirror are asked once, what lies here and what this office has written each time.
        """
        with self._in_turn(), self._turn(gives_way, comes_between):
            self._check_continues()
            ledger = Ledger(self.store, self.identity, self.log_keys.genesis.print(), self.seals, self._clock)
            self._last, self._writer = ledger.head, (threading.get_ident(), ledger)
            try:
                refresh_trust_file(self.settings, self.reader, self.seals)
                yield ledger
            finally:
                self._last, self._writer = ledger.head, None

    def _turn(self, gives_way: bool, comes_between: bool) -> AbstractContextManager[None]:
        if gives_way:
            return self._turns.running()
        return self._turns.between() if comes_between else self._turns.writing()

    def give_way(self) -> bool:
        """Let in who waits to come between, where this thread is writing so; then go on behind it. Whether somebody was in.

        Conflict `overtaken`: something else was appended; run again. LedgerDamaged: the store is another one.
        """
        if self._writer is None or self._writer[0] != threading.get_ident() or not self._turns.give_way():
            return False
        self._writer[1].catch_up()
        self._last = self._writer[1].head
        return True

    def _check_continues(self) -> None:
        """The store holds what this office knows of it; `check_store` for one that knows nothing yet."""
        last = self._last
        self.check_store(asks=last is None)
        if last is not None:
            with self.store.read() as connection:
                size, root, origin, _ = self.seals.check(connection)
                known, head = (Checkpoint(origin, *each) for each in ((last.size, last.root), (size, root)))
                check_holds(known, head, lambda size: read_frontier(connection, size).root(), "this process")

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
    def publishing(
        self, tell: Callable[[str], None], *, seconds: float = 0.0, asks: bool = True
    ) -> Iterator[Callable[[], Published]]:
        """What publishes the committed ledger, by this process alone, each time it is called. Conflict; Refused, as `writing`.

        The witness policy is read anew. `tell`: is given a line for a person about each witness that did not cosign; `seconds`:
        to wait for another process that publishes; `asks`: as in `check_store`.
        """
        with locked(self.settings.data / "publish.lock", seconds):
            self._read_policy()
            witnesses = self.witnesses(tell)
            self.check_store(asks=asks)
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
                self.seals.check(connection)
                note_published(self.settings, connection)
        return done

    def witnesses(self, tell: Callable[[str], None]) -> PolicyWitnesses:
        """Those of the policy. `tell`: is given a line for a person about each that did not cosign."""
        return PolicyWitnesses(self._policy, self.identity.origin, self.log_keys.of, self._client, time.time, tell)

    def _witness_times(self) -> list[int]:
        """What the clocks of the policy's witnesses say: POSIX seconds."""
        with self.store.read() as connection:
            signed = last_signed(connection)
        if signed is None:
            return []
        return self.witnesses(lambda _line: None).times(signed[1], prover(self.store, signed[0]))

    @contextmanager
    def restoring(self) -> Iterator[HeadToken]:
        """The head token, while no other process writes or publishes. No guard stands before it. Conflict `busy`."""
        self._check_open()
        with self._turns.writing(), locked(self.settings.data / "publish.lock"):
            token = HeadToken(self.settings.head_token)
            try:
                yield token
            finally:
                token.close()

    def check_store(self, *, asks: bool = True) -> None:
        """Refused `store_behind`, `store_forked` where the token, a witness or the mirror knows more than the store.

        `store_older`, `store_newer`; LedgerDamaged `schema_differs`: it has another schema. `unsealed`: it was never sealed;
        `published_behind`: it shows the public less than the public has seen. `asks`: whether
        witnesses and mirror are asked too.
        """
        self._check_open()
        if not self._is_checked:
            self.store.check_start()
            note_kind(self.settings)
            self._is_checked = True
        check_sealed(self.settings)
        if self.settings.has_signed.exists() and self.reader.size() == 0:
            raise Refused(
                "store_behind",
                "the store has 0 entries, but its keys have signed a ledger that had some: greffe restore",
            )
        token = HeadToken(self.settings.head_token)
        seen = list[Seen]()
        if asks:
            seen += seen_in_mirror(self.settings.mirror)
            seen += seen_by_witnesses(self._policy, self._client, self.identity.origin)
        try:
            check_store(self.store, token, seen)
        finally:
            token.close()
        with self.store.read() as connection:
            check_published(self.settings, connection)
        self._check_keys()

    def _check_keys(self) -> None:
        """Refused `store_behind` where `keys/` knows newer keys of an issuer: a key that was disowned since would sign."""
        noted = read_keys(self.settings)
        if not noted:
            return
        with self.store.read() as connection:
            records = Records(connection, self.identity, self.seals)
            for register, fragment in sorted(noted):
                if records.issuer(register) is None or fragment not in did.keys_of(records.issuer_document(register)):
                    raise Refused(
                        "store_behind",
                        f"the store does not know the key {fragment} of {register}, which its ledger has named: it was put back; "
                        "greffe restore brings it forward",
                    )

    def _check_open(self) -> None:
        if not is_open(self.store):
            raise Refused("not_initialized", "the ledger was never opened: run greffe init")
