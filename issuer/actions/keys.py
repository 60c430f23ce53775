"""Change an issuer's keys: rotate, retire, disown. Each change is a `key` entry.

A public key that was once named is never dropped, so that what it signed can be checked. A key that was compromised may no
longer assert: whoever reads the DID document alone refuses all that it signed. Whoever reads the ledger still believes
what was logged before: the entry's place is the trusted time, and what a thief signs is in no ledger. What was logged since
the day of the theft is suspended, or issued again by the new key. That waits for no bulk run: it has its turn between two
batches, and the run, which signs by the old key, ends there (`overtaken`). A rotation can wait, and is refused meanwhile.
"""

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from issuer.actions import standing
from issuer.run import corrections
from issuer.run.batches import Run, Work
from issuer.run.days import local_day
from issuer.run.suspended import KEY_COMPROMISE as REASON
from issuer.signing.issuer import USES, RegisterIssuer, key_name, make_key, open_issuer
from issuer.timeline import draft, plan
from issuer.timeline.changes import Extract
from issuer.timeline.history import Timeline, TimelineState, fold
from registry.credential import did, status
from registry.errors import NotFound, Refused, Usage
from registry.installation.key_notes import note_keys
from registry.installation.office import Office
from registry.installation.trust_file import refresh_trust_file
from registry.ledger.admission import Head, ListChanged
from registry.ledger.ledger import Ledger
from registry.ledger.surroundings import Surroundings
from registry.log import entry
from registry.store import issuer_rows
from registry.store.token_queue import Requests
from schemas import codes
from schemas.organization import from_subject

_STRIDE = 1024


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an issuer. `state`: in use, replaced or compromised; `is_held`: whether the office has its private half."""

    id: str
    register: str
    use: str
    kind: str
    multibase: str
    state: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Compromise:
    """What a compromise comes to. `signed`: ids of what the key signed since then; the counts: what was done."""

    key: str
    signed: tuple[str, ...]
    suspended: int
    revoked: int
    reissued: int
    new_key: str | None


@dataclass(frozen=True, slots=True)
class _Signed:
    """A credential that a key signed, with its standing now. `is_newest`: of its organization."""

    index: int
    document: dict[str, Any]
    standing: str | None
    is_newest: bool

    @property
    def is_final(self) -> bool:
        """Whether it can only be revoked: it was issued before there were lists of suspensions."""
        return status.named_for(self.document, status.SUSPENSION) is None


def keys(office: Office) -> list[Key]:
    """Every key of every issuer, in the order of their registers and of their making."""
    with office.store.read() as connection:
        registers = [row.register for row in issuer_rows.read_issuers(connection)]
    return [key for register in registers for key in _keys(office, register, office.reader.issuer_document(register))]


def rotate(office: Office, register: str, use: str, around: Surroundings) -> Key:
    """A new key for that use; the one before stays in the DID document. Usage `use_unknown`; NotFound `register_unknown`."""
    with office.writing() as ledger:
        issuer = _issuer(office, register, around, without=(use,))
        fragment = _replace(issuer, ledger, use, around)
    return _key(office, register, fragment)


def retire(office: Office, register: str, fragment: str, *, dry_run: bool = False) -> Key:
    """Destroy the private half of a key that is no longer in use. Refused `key_in_use`; NotFound `key_unknown`."""
    with office.writing():
        key = _key(office, register, fragment)
        if key.state == "in use":
            raise Refused("key_in_use", f"{key.id} is in use: rotate it first")
        if not dry_run:
            office.keys.drop(key_name(register, fragment))
    return _key(office, register, fragment)


def compromise(
    office: Office,
    register: str,
    fragment: str,
    since: datetime,
    around: Surroundings,
    *,
    reissue: bool,
    dry_run: bool,
    extract: Extract | None = None,
) -> Compromise:
    """Say that a key may be in other hands since then: replace it, and suspend what it signed since, or issue that again.

    Each organization's newest credential is issued again, by the new key, and revoked; whatever is not is suspended, or
    revoked where it names no list of suspensions. `extract`: what the register says, from its own hand; of what it does not say
    so nothing is issued again, since whoever had the key may have got that logged. A run that is killed is taken up by the same
    call. NotFound `key_unknown`, `register_unknown`; Usage `register_differs`.
    """
    if extract is not None and extract.register != register:
        raise Usage("register_differs", f"the extract is of {extract.register}, the key of {register}")
    key = _key(office, register, fragment)
    if dry_run:
        return Compromise(key.id, _names(_signed_since(office, key.id, since)), 0, 0, 0, None)
    with office.writing(comes_between=True) as ledger:
        key = _key(office, register, fragment)  # again: of the ledger that is written to
        issuer = _issuer(office, register, around, without=(key.use,) if key.state == "in use" else ())
        if key.state != "compromised":
            if did.in_use(issuer.document, key.use) == fragment:
                _replace(issuer, ledger, key.use, around)
            _disown(issuer, ledger, fragment, around)
        if key.use == did.STATUS:
            _sign_lists_again(issuer, ledger, key.id, around)
        signed = _signed_since(office, key.id, since)  # again: nothing more can be signed by that key from here on
        office.keys.drop(key_name(register, fragment))
        with closing(Requests(office.settings.requests)) as requests:
            requests.forget()  # who reads it meanwhile is in nobody's way: nothing of it is handed out any more
        again = [credential for credential in signed if credential.is_newest] if reissue else []
        if extract is not None:
            again = _as_told(office, again, extract, around)
        if again:
            work = [_again(office, credential) for credential in again]
            Run(office, ledger, register, around, REASON).append(work, 1)
    revoked = sorted(
        {credential.index for credential in (*again, *signed) if credential in again or credential.is_final}
    )
    suspended = sorted(
        credential.index
        for credential in signed
        if credential.index not in revoked and credential.standing != status.SET[status.SUSPENSION]
    )
    if revoked:
        standing.change_entries(office, register, revoked, standing.revocation(REASON), around)
    if suspended:
        standing.change_entries(office, register, suspended, standing.suspension(REASON), around)
    new = did.in_use(office.reader.issuer_document(register), key.use)
    return Compromise(
        key.id, _names(signed), len(suspended), len(revoked), len(again), f"{key.id.partition('#')[0]}#{new}"
    )


def _as_told(office: Office, signed: list[_Signed], extract: Extract, around: Surroundings) -> list[_Signed]:
    """Those that say what the register says of their organizations as of today, the office's corrections included."""
    today, by_number = (
        local_day(extract.register, around.now()),
        {_number(credential): credential for credential in signed},
    )
    same = []
    with office.desk() as desk:
        for dossier in extract.dossiers:
            credential = by_number.get(dossier.number)
            timeline = None if credential is None else fold(dossier, today)
            if credential is None or not isinstance(timeline, Timeline) or not timeline.states:
                continue
            correction = corrections.find(desk, extract.register, dossier.number)
            last = corrections.overlaid(timeline, correction)[0].states[-1].state
            issued = from_subject(credential.document["credentialSubject"])
            if draft.judge(last).digest == draft.judge(issued).digest:
                same.append(credential)
    return sorted(same, key=lambda credential: credential.index)


def _number(credential: _Signed) -> str:
    return str(credential.document["credentialSubject"]["registrationNumber"])


def _keys(office: Office, register: str, document: dict[str, Any]) -> list[Key]:
    using = {did.in_use(document, use) for use in USES}
    asserting = set(document["assertionMethod"])
    keys = []
    for method in document["verificationMethod"]:
        fragment = method["id"].partition("#")[2]
        if "publicKeyMultibase" not in method:
            continue
        state = "in use" if fragment in using else "replaced" if method["id"] in asserting else "compromised"
        kind = did.keys_of(document)[fragment].kind
        is_held = office.keys.has(key_name(register, fragment))
        use = did.use_of(fragment)[0]
        keys.append(Key(method["id"], register, use, kind, method["publicKeyMultibase"], state, is_held))
    return keys


def _key(office: Office, register: str, fragment: str) -> Key:
    with office.records() as records:
        document = records.issuer_document(register)
    keys = [key for key in _keys(office, register, document) if key.id.endswith(f"#{fragment}")]
    if not keys:
        raise NotFound("key_unknown", f"the issuer of {register} has no key {fragment!r}")
    return keys[0]


def _issuer(office: Office, register: str, around: Surroundings, without: Collection[str] = ()) -> RegisterIssuer:
    with office.records() as records:
        records.issuer_document(register)  # NotFound before its first batch: opening one would open the register
    return open_issuer(office, register, around.random, without)


def _replace(issuer: RegisterIssuer, ledger: Ledger, use: str, around: Surroundings) -> str:
    if use not in USES:
        raise Usage("use_unknown", f"there is no use {use!r}; there are {', '.join(USES)}")
    known = did.keys_of(issuer.document)
    n = 1 + max(did.use_of(fragment)[1] for fragment in known if did.use_of(fragment)[0] == use)
    fragment = f"{use}-{n}"
    made = make_key(issuer.office, issuer.register, fragment, around.random)
    _log(issuer, ledger, did.with_keys(issuer.document, {**known, fragment: made}), around)
    return fragment


def _disown(issuer: RegisterIssuer, ledger: Ledger, fragment: str, around: Surroundings) -> None:
    known = did.keys_of(issuer.document)
    _log(issuer, ledger, did.with_keys(issuer.document, known, compromised=(fragment,)), around)


def _log(issuer: RegisterIssuer, ledger: Ledger, document: dict[str, object], around: Surroundings) -> None:
    at = around.moment()
    head: Head = ledger.append([issuer.rename_keys(document, at)], {}, at)
    note_keys(issuer.office.settings, issuer.register, did.keys_of(issuer.document))
    refresh_trust_file(issuer.office.settings, issuer.office.reader, issuer.office.seals)
    around.committed(head)


def _sign_lists_again(issuer: RegisterIssuer, ledger: Ledger, method: str, around: Surroundings) -> None:
    """Every list of the issuer whose newest version that key signed, as it is, under the new one."""
    with issuer.office.records() as records:
        newest = [records.status_list(row.id) for row in records.lists(issuer.register)]
        signed = [row for row in newest if records.newest_list_entry(row.id).key == method]
    for row in signed:
        at = around.moment()
        version = ListChanged(row.id, row.register, row.purpose, row.m, row.seed, row.bits)
        logged = issuer.list_entry(version, REASON, (), at)
        around.committed(ledger.append([logged], issuer.public_keys(), at))


def _names(signed: Sequence[_Signed]) -> tuple[str, ...]:
    return tuple(str(credential.document["id"]) for credential in signed)


def _signed_since(office: Office, method: str, since: datetime) -> list[_Signed]:
    """The credentials that the key signed and that were logged at `since` or later, and that are not revoked."""
    signed: list[_Signed] = []
    since_ms = int(since.timestamp() * 1000)
    with office.records() as records:
        records.check_all_places()
        size = records.head.size
        for start in range(0, size, _STRIDE):
            for logged in records.entries(start, min(start + _STRIDE, size)):
                if logged.kind in entry.CREDENTIAL_KINDS and logged.key == method and logged.time >= since_ms:
                    place, document = records.place(logged.index), records.find_document(logged.index)
                    if place is not None and document is not None:
                        is_newest = records.places(place.register, place.number)[-1].i == place.i
                        standing = records.standing(document)
                        signed.append(_Signed(logged.index, document, standing, is_newest))
    return [credential for credential in signed if credential.standing != status.SET[status.REVOCATION]]


def _again(office: Office, credential: _Signed) -> Work:
    """The state of a credential, to be issued once more."""
    state = from_subject(credential.document["credentialSubject"])
    with office.records() as records:
        places = records.places(state.register, state.number)
        salt = records.org_salt(state.register, state.number, places[-1].i)
    newest = plan.newest_of(places)
    timeline = TimelineState(newest.last.event, newest.last.order, state, correction=True)
    planned = plan.Planned("correct", timeline, draft.judge(state))
    is_person = codes.is_person(state.register, state.entity_type)
    return Work(state.number, newest, (planned,), is_person, salt)
