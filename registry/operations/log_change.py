"""The keys of both logs are rotated; the witness policy and notes are logged.

A new key is named by a `key` entry of the office's DID, whose document lists the keys of both logs. From then on every checkpoint
carries two signatures, so that a reader who knows either key can check it; once the world knows the new one, the old one is
retired by another `key` entry: it signs no more, and what it signed is believed as before, unless it is disowned. The origin
stays, and so does the first key, which the chain begins with. Only one change runs at a time.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from registry.credential.log_keys import DISOWNED, RETIRED, SIGNS
from registry.encoding.jcs import jcs
from registry.errors import Conflict, NotFound, NotPublished, Refused, Usage
from registry.installation.key_store import key_name
from registry.installation.office import Office
from registry.installation.trust_file import refresh_trust_file
from registry.keys import ED25519
from registry.ledger.admission import Admission, Head, LogKeyChanged, Statement
from registry.ledger.surroundings import Surroundings
from registry.log import entry, note, tiles
from registry.log.merkle import consistency_proof
from registry.reading.reader import office_document
from registry.store import rows
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify import anchor

#: bytes of the text of a note
_MOST_TEXT = 4096
LOGS = {log.name: log for log in (LEDGER, INDEX)}


@dataclass(frozen=True, slots=True)
class LogKey:
    """The n-th key of a log. `signs`: whether it signs checkpoints now; `disowned`: whether nothing it signed is believed."""

    log: str
    n: int
    vkey: str
    signs: bool
    disowned: bool = False


def log_keys(office: Office) -> list[LogKey]:
    """Every key that each log has had, in their order."""
    with office.store.read() as connection:
        return [
            LogKey(log.name, n, vkey, state == SIGNS, state == DISOWNED)
            for log in LOGS.values()
            for n, (vkey, state) in enumerate(rows.read_log_keys(connection, log), 1)
        ]


def _own(office: Office, log: Log) -> list[LogKey]:
    """The keys of a log, as the ledger that is written to has them. LedgerDamaged, Refused: as `office.records`."""
    with office.records() as records:
        named = enumerate(records.log_keys(log), 1)
        return [LogKey(log.name, n, vkey, state == SIGNS, state == DISOWNED) for n, (vkey, state) in named]


def rotate(office: Office, log: Log, around: Surroundings) -> LogKey:
    """Make the next key of a log and log it; both sign from now on. Conflict `overlap`: the last rotation is not over."""
    with office.writing() as ledger:
        own = _own(office, log)
        if sum(key.signs for key in own) > 1:
            raise Conflict("overlap", f"two keys of the {log.name} sign now: retire the older one first")
        n = len(own) + 1
        office.keys.make(key_name(log, n), ED25519, around.random)
        name = note.parse_vkey(own[0].vkey).name
        made = note.VerifierKey(name, office.keys.signer(key_name(log, n)).public.raw)
        _log(office, ledger.append, LogKeyChanged(log.name, n, made.print(), SIGNS), around)
    return LogKey(log.name, n, made.print(), signs=True)


def retire(office: Office, log: Log, n: int, around: Surroundings, *, disown: bool = False) -> LogKey:
    """Let a key sign no more, and destroy its private half. `disown`: believe nothing that it signed, also from before.

    NotFound `key_unknown`; Refused `key_in_use`: it is the newest, or the only one; NotPublished `overlap`: no checkpoint that
    the newer key signed is published yet, or too few of the policy's witnesses know that key.
    """
    with office.writing() as ledger:
        own = _own(office, log)
        if not 0 < n <= len(own):
            raise NotFound("key_unknown", f"the {log.name} has no key {n}")
        if n == len(own):
            raise Refused("key_in_use", f"key {n} is the newest of the {log.name}: rotate it first")
        key = own[n - 1]
        if key.signs:
            _check_overlap(office, log, note.parse_vkey(own[-1].vkey))
        if key.signs or (disown and not key.disowned):
            state = DISOWNED if disown else RETIRED
            _log(office, ledger.append, LogKeyChanged(log.name, n, key.vkey, state), around)
        if office.keys.has(key_name(log, n)):
            office.keys.drop(key_name(log, n))
    return LogKey(log.name, n, key.vkey, signs=False, disowned=disown or key.disowned)


def log_policy(office: Office, around: Surroundings) -> Head:
    """Log the witness policy as it is now, in a `policy` entry."""
    policy = office.reader.trust()["witnessPolicy"]
    with office.writing() as ledger:
        logged = Admission(Statement("policy"), jcs({"policy": policy}), around.random(32))
        head = ledger.append([logged], {}, around.moment())
        around.committed(head)
    return head


@dataclass(frozen=True, slots=True)
class Noted:
    """A note that stands in the ledger: its entry, the head after it, its text and the salt that its entry commits under."""

    index: int
    head: Head
    text: str
    salt: bytes


def log_note(office: Office, reason: str, text: str, around: Surroundings) -> Noted:
    """Log a text in a `note` entry. Usage `reason`: not a code, or one of the office's own; Usage `text`: too long."""
    if not entry.REASON.fullmatch(reason) or reason == anchor.REASON:
        raise Usage(
            "reason", f"{reason[:80]!r} is no code for a note: 1 to 64 of a-z, 0-9 and _, and none of the office's own"
        )
    if len(text.encode()) > _MOST_TEXT:
        raise Usage("text", f"a note has at most {_MOST_TEXT} bytes of text")
    salt = around.random(32)
    with office.writing() as ledger:
        head = ledger.append(
            [Admission(Statement("note", reason=reason), jcs({"text": text}), salt)], {}, around.moment()
        )
        around.committed(head)
    return Noted(head.size - 1, head, text, salt)


def file_line(name: str, data: bytes) -> str:
    """What a note says of a file: its SHA-256 and its name, as `sha256sum` writes and checks them."""
    return f"{sha256(data).hexdigest()}  {name}"


def _check_overlap(office: Office, log: Log, newer: note.VerifierKey) -> None:
    """NotPublished unless the newer key is enough by itself: for readers, and for the witnesses of the policy."""
    with office.store.read() as connection:
        shown, signed = rows.read_published(connection, log), rows.last_signed(connection, log)
    alone = None if shown is None or signed is None or _alone(shown[1], newer) is None else _alone(signed[1], newer)
    if signed is None or alone is None:
        raise NotPublished("overlap", "no checkpoint that the newer key signed is published yet: publish first")
    size, refusals = signed[0], list[str]()

    def prove(old: int) -> list[bytes]:
        with office.store.read() as connection:
            subtree = tiles.subtree_from(lambda level, n: rows.read_tile(connection, level, n, log))
            return consistency_proof(old, size, subtree)

    if not office.witnesses(refusals.append).cosigned(alone.print(), None, prove).is_met:
        reasons = "; ".join(refusals)
        raise NotPublished(
            "overlap", f"too few witnesses cosign what the newer key alone has signed, tell them first: {reasons}"
        )


def _alone(signed: str, key: note.VerifierKey) -> note.Note | None:
    """A note with the signature of that key and no other; None: the key has not signed it."""
    parsed = note.parse(signed)
    lines = tuple(line for line in parsed.signatures if (line.name, line.key_id) == (key.name, key.key_id))
    return note.Note(parsed.text, lines) if lines else None


def _log(office: Office, append: Callable[..., Head], changed: LogKeyChanged, around: Surroundings) -> None:
    """The `key` entry of the office's document as it will be."""
    fragment = f"{changed.log}-{changed.n}"
    with office.store.read() as connection:
        office.seals.check(connection)
        document = office_document(connection, office.identity, {fragment: (changed.vkey, changed.state)})
    statement = Statement("key", office.identity.office_did)
    head = append([Admission(statement, jcs(document), around.random(32), changed)], {}, around.moment())
    refresh_trust_file(office.settings, office.reader, office.seals)
    around.committed(head)
