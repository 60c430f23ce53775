"""Open an installation: settings to identity, store, keys and locks; the only place that puts these together.

`Public` opens what the world may read; `Office` adds the private keys and the right to write, one process at a time.
"""

import fcntl
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from registry.credential import identity
from registry.credential.log_keys import SIGNS
from registry.encoding.jcs import jcs
from registry.errors import Conflict, Malformed, Refused, RegistryError, Usage
from registry.installation.key_folder import KeyFolder, write_file
from registry.installation.settings import Settings
from registry.keys import ED25519, Keys, Signer
from registry.ledger.guards import Seen, check_store
from registry.ledger.ledger import Ledger, is_open, open_ledger
from registry.ledger.publish import Published, Signers, publish
from registry.ledger.witnesses import PolicyWitnesses
from registry.log import map_log, note
from registry.log import policy as tlog_policy
from registry.mirror.source import Mirror
from registry.reading.reader import Reader
from registry.store import database
from registry.store.database import Store
from registry.store.head_token import HeadToken
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify import trust
from registry.witness.client import WitnessClient

_log = logging.getLogger(__name__)
#: the key that signs nothing, and that the installation's secrets are made of
SECRETS_KEY = "secrets"
#: of each log: a key a month for twenty years
MOST_KEYS = 256


def key_name(log: Log, n: int) -> str:
    """The name under which the n-th key of a log is kept."""
    return log.name if n == 1 else f"{log.name}-{n}"


def kept_names(keys: Keys, log: Log) -> list[str]:
    """The names of all keys of a log that are kept, in their order; those that were retired are gone."""
    return [name for n in range(1, MOST_KEYS + 1) if keys.has(name := key_name(log, n))]


def read_identity(settings: Settings) -> identity.Identity:
    """The identity that `init` wrote. Refused when there is none, or when the environment names another."""
    try:
        found = identity.parse(settings.identity_file.read_bytes())
    except FileNotFoundError:
        raise Refused("not_initialized", f"there is no identity.json in {settings.data}: run greffe init") from None
    for name, told, kept in (
        ("GREFFE_BASE_URL", settings.base_url, found.base_url),
        ("GREFFE_ORIGIN", settings.origin, found.origin),
    ):
        if told is not None and told != kept:
            raise Refused("identity_disagrees", f"{name} is {told}, but this installation is {kept}")
    return found


def _witness_policy(settings: Settings) -> str:
    """The text of the policy file that the settings name, else of the one in the data directory, else no witness.

    Refused `witness_policy`: it cannot be read, or is no policy.
    """
    named = settings.witness_policy or settings.own_witness_policy
    if settings.witness_policy is None and not named.exists():
        return trust.QUORUM_NONE
    try:
        text = named.read_text("utf-8")
        tlog_policy.parse(text)
    except (OSError, UnicodeDecodeError, Malformed) as error:
        raise Refused("witness_policy", f"the witness policy {named} cannot be used: {error}") from None
    return text


def open_keys(settings: Settings) -> Keys:
    """Where the private keys are: on the token that the settings name, else in the data directory's folder of keys.

    Refused `hsm`: a token is named, but the extra `hsm` is not installed.
    """
    if settings.token is None:
        return KeyFolder(settings.keys, settings.passphrase_file)
    try:
        from registry.installation.pkcs11 import TokenKeys  # an optional extra: only who names a token needs it
    except ImportError:
        raise Refused("hsm", "a token needs python-pkcs11: install greffe[hsm]") from None
    place = settings.token
    return TokenKeys(place.module, place.token, place.pin_file)


def _secret(keys: Keys, purpose: str) -> bytes:
    """Of an Ed25519 signature, which is deterministic (RFC 8032 section 5.1.6): who lacks the key cannot tell it from chance."""
    return sha256(keys.signer(SECRETS_KEY).sign(f"greffe-secret/v1\n{purpose}\n".encode())).digest()


def secrets_at_hand(settings: Settings) -> Callable[[str], bytes] | None:
    """What gives the installation's secrets by their purpose; None where this process cannot open their key."""
    try:
        keys = open_keys(settings)
        keys.signer(SECRETS_KEY)
    except (OSError, RegistryError):
        return None
    return lambda purpose: _secret(keys, purpose)


class Public:
    """What the world may read: no private key, no right to write."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url, read_only=True)
        self.reader = Reader(self.identity, self.store, _witness_policy(settings))


class Office:
    """The registry office's side: keys and the ledger's one writer."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.identity = read_identity(settings)
        self.store = Store(settings.database_url)
        policy = _witness_policy(settings)
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
                return note.parse_vkey(database.read_log_keys(connection, INDEX)[0][0])
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
                return note.parse_vkey(database.read_log_keys(connection, LEDGER)[0][0])
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
            known = database.read_log_keys(connection, log)
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
        with self._in_turn(), _locked(self.settings.data / "ledger.lock"):
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
        with _locked(self.settings.data / "publish.lock"):
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
        with _locked(self.settings.data / "ledger.lock"), _locked(self.settings.data / "publish.lock"):
            token = HeadToken(self.settings.head_token)
            try:
                yield token
            finally:
                token.close()

    def own_keys(self, log: Log) -> list[note.VerifierKey]:
        """Every key that the log has had, as far as the store or the office's keeping tells."""
        with self.store.read() as connection:
            known = [note.parse_vkey(vkey) for vkey, _ in database.read_log_keys(connection, log)]
        return list(dict.fromkeys([*known, *self._kept(log)]))

    def secret(self, purpose: str) -> bytes:
        """A secret of this installation for one purpose, 32 bytes: always the same as long as its key is kept."""
        return _secret(self.keys, purpose)

    def _keys_of(self, origin: str) -> list[note.VerifierKey]:
        """Every key that the log of that origin has had."""
        with self.store.read() as connection:
            vkeys = [vkey for log in (LEDGER, INDEX) for vkey, _ in database.read_log_keys(connection, log)]
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
            check_store(self.store, token, self._seen())
        finally:
            token.close()

    def _check_open(self) -> None:
        if not is_open(self.store):
            raise Refused("not_initialized", "the ledger was never opened: run greffe init")

    def _seen(self) -> list[Seen]:
        """The newest checkpoints that the mirror and the witnesses show; who shows none is told of on stderr."""
        origins = {LEDGER: self.identity.origin, INDEX: map_log.index_origin(self.identity.origin)}
        found = []
        if self.settings.mirror is not None:
            mirror = Mirror(self.settings.mirror, seconds=2.0)
            try:
                mirror.check_there()
                for log, path in ((LEDGER, "checkpoint"), (INDEX, "index/checkpoint")):
                    data = mirror.read(path)
                    found += [] if data is None else [Seen("the mirror", log, data.decode())]
            except (Usage, Conflict, Malformed, UnicodeDecodeError) as error:
                _log.warning("the mirror %s: not compared (%s)", self.settings.mirror, error)
        if not self._policy.is_none:
            asked = [(one, log) for one in self._policy.witnesses if one.url for log in (LEDGER, INDEX)]
            with ThreadPoolExecutor(len(asked) or 1) as pool:
                shown = pool.map(lambda pair: self._client.monitored(pair[0], origins[pair[1]]), asked)
                for (one, log), text in zip(asked, shown, strict=True):
                    if text is not None:
                        found.append(Seen(f"the witness {one.name}", log, text))
                    elif log is LEDGER:
                        _log.warning("the witness %s shows no checkpoint of ours: not compared", one.name)
        return found

    def refresh_trust(self) -> bytes:
        """Rewrite `trust.json` when keys or policy have changed; its bytes."""
        data = jcs(self.reader.trust()) + b"\n"
        if not self.settings.trust_file.exists() or self.settings.trust_file.read_bytes() != data:
            write_file(self.settings.trust_file, data)
        return data


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


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock file for this process; it falls with the process, however that ends."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("busy", "another process is writing to this ledger") from None
        yield
    finally:
        os.close(descriptor)
