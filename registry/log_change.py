"""Changes of the ledger itself: its keys and those of its map's log, rotated with an overlap; its witness policy, logged.

A new key is named by a `key` entry of the office's DID, whose document lists the keys of both logs. From then on every checkpoint
carries two signatures, so that whoever knows either key can check it; once the world knows the new one, the old one is retired
by another `key` entry. The origin stays, and so does the first key, which the chain begins with. Only one change runs at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from registry import note, store
from registry.canonical import jcs
from registry.errors import Conflict, NotFound, NotPublished, Refused
from registry.installation import Office, key_name
from registry.keys import ED25519
from registry.ledger import Admission, ChangedLogKey, Head
from registry.reader import office_document
from registry.tables import INDEX, LEDGER, Log

LOGS = {log.name: log for log in (LEDGER, INDEX)}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a change takes from outside: the clock, randomness, and where acknowledgements go."""

    now: Callable[[], datetime]
    random: Callable[[int], bytes]
    committed: Callable[[Head], None]


@dataclass(frozen=True, slots=True)
class LogKey:
    """The n-th key of a log. `signs`: whether it signs checkpoints now."""

    log: str
    n: int
    vkey: str
    signs: bool


def log_keys(office: Office) -> list[LogKey]:
    """Every key that each log has had, in their order."""
    with office.store.read() as connection:
        return [
            LogKey(log.name, n, vkey, signs)
            for log in LOGS.values()
            for n, (vkey, signs) in enumerate(store.read_log_keys(connection, log), 1)
        ]


def rotate(office: Office, log: Log, around: Surroundings) -> LogKey:
    """Make the next key of a log and log it; both sign from now on. Conflict `overlap`: the last rotation is not over."""
    with office.writing() as ledger:
        own = [key for key in log_keys(office) if key.log == log.name]
        if sum(key.signs for key in own) > 1:
            raise Conflict("overlap", f"two keys of the {log.name} sign now: retire the older one first")
        n = len(own) + 1
        office.keys.make(key_name(log, n), ED25519, around.random)
        name = note.parse_vkey(own[0].vkey).name
        made = note.VerifierKey(name, office.keys.signer(key_name(log, n)).public.raw)
        _log(office, ledger.append, ChangedLogKey(log.name, n, made.print(), signs=True), around)
    return LogKey(log.name, n, made.print(), signs=True)


def retire(office: Office, log: Log, n: int, around: Surroundings) -> LogKey:
    """Let a key sign no more, and destroy its private half.

    NotFound `key_unknown`; Refused `key_in_use`: it is the newest, or the only one; NotPublished `overlap`: no checkpoint that
    the newer key signed is published yet.
    """
    with office.writing() as ledger:
        own = [key for key in log_keys(office) if key.log == log.name]
        if not 0 < n <= len(own):
            raise NotFound("key_unknown", f"the {log.name} has no key {n}")
        if n == len(own):
            raise Refused("key_in_use", f"key {n} is the newest of the {log.name}: rotate it first")
        if own[n - 1].signs:
            _check_overlap(office, log, note.parse_vkey(own[-1].vkey))
            _log(office, ledger.append, ChangedLogKey(log.name, n, own[n - 1].vkey, signs=False), around)
        if office.keys.has(key_name(log, n)):
            office.keys.drop(key_name(log, n))
    return LogKey(log.name, n, own[n - 1].vkey, signs=False)


def log_policy(office: Office, around: Surroundings) -> Head:
    """Log the witness policy as it is now, in a `policy` entry."""
    policy = office.reader.trust()["witnessPolicy"]
    with office.writing() as ledger:
        head = ledger.append([Admission("policy", jcs({"policy": policy}), around.random(32))], {}, _at(around))
        around.committed(head)
    return head


def _check_overlap(office: Office, log: Log, newer: note.VerifierKey) -> None:
    with office.store.read() as connection:
        shown = store.read_published(connection, log)
    lines = note.parse(shown[1]).signatures if shown is not None else ()
    if all((line.name, line.key_id) != (newer.name, newer.key_id) for line in lines):
        raise NotPublished("overlap", "no checkpoint that the newer key signed is published yet: publish first")


def _log(office: Office, append: Callable[..., Head], changed: ChangedLogKey, around: Surroundings) -> None:
    """The `key` entry of the office's document as it will be."""
    fragment = f"{changed.log}-{changed.n}"
    with office.store.read() as connection:
        document = office_document(connection, office.identity, {fragment: (changed.vkey, changed.signs)})
    one = Admission("key", jcs(document), around.random(32), office.identity.office_did, log_key=changed)
    head = append([one], {}, _at(around))
    office.refresh_trust()
    around.committed(head)


def _at(around: Surroundings) -> datetime:
    return around.now().astimezone(UTC).replace(microsecond=0)
