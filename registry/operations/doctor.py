"""A doctor says what is wrong here and what mends it.

A store is sealed here too, once. A store made before there were seals is believed only after a clean audit, which holds all of
it against the entries; what no entry tells is taken as it is found, this one time. From then on a note with the keys says that
the store is sealed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from registry.audit.audit import audit
from registry.errors import LedgerDamaged, Refused, RegistryError
from registry.installation.key_notes import note_published, note_sealed
from registry.installation.office import Office
from registry.installation.settings import Settings
from registry.operations.private_export import erased_entries
from registry.store import place_rows, rows
from registry.store.database import ERRORS
from registry.verify.trust import Trust

#: what mends a store that is refused; all else is restored
_MENDS = {
    "unsealed": "greffe doctor --seal",
    "key_readable": "then find out who has read it",
    "key_unreadable": "bring keys/ and the passphrase back from where their copies are kept",
    "not_initialized": "see that GREFFE_DATA names the right folder; where the store is lost, greffe restore",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. `mend`: what to do about it; `is_advice`: all works as it is."""

    code: str
    text: str
    mend: str
    is_advice: bool = False


def examine(settings: Settings) -> list[Finding]:
    """What is wrong here, the worst first; empty: nothing is."""
    findings = list[Finding]()
    try:
        office = Office(settings)
        findings += _of_office(office)
    except RegistryError as error:
        return [Finding(error.code, error.message, "see the message")]
    except (OSError, *ERRORS) as error:
        return [Finding("store", f"the store cannot be read: {error}", "greffe audit; greffe restore")]
    if settings.passphrase_file.exists() and settings.passphrase_file.parent == settings.keys:
        text = "the passphrase lies beside the keys that it opens"
        findings.append(Finding("passphrase", text, "GREFFE_KEY_PASSPHRASE_FILE names another place", is_advice=True))
    return findings


def _of_office(office: Office) -> Iterator[Finding]:
    try:
        office.check_store()
        with office.store.read() as connection:
            lines = office.seals.broken(connection)
            head, shown = rows.read_head(connection), rows.read_published(connection)
        yield from (
            Finding("seal_broken", line, "greffe audit; then greffe restore into an empty store") for line in lines
        )
    except Refused as error:
        mend = _MENDS.get(error.code, "greffe restore")
        if error.code == "unsealed" and office.settings.sealed.exists():
            mend = "greffe restore"
        yield Finding(error.code, error.message, mend)
        return
    try:
        office.log_keys.signers  # noqa: B018 - asked whether it can be had
    except RegistryError as error:
        yield Finding(error.code, error.message, "bring keys/ back from where its copy is kept")
    if (office.settings.data / "erasing").exists():
        yield Finding("erasure_unfinished", "an erasure was cut off", "greffe erase again, or greffe office")
    if head is not None and head.size and (shown is None or shown[0] < head.size):
        text = f"the public sees {0 if shown is None else shown[0]} of {head.size} entries"
        yield Finding("not_published", text, "greffe publish", is_advice=True)


def seal_store(office: Office, trust: Trust, progress: Callable[[int, int], None]) -> bool:
    """Bring the store to the newest schema, audit it and seal it; False: it bore its seals already.

    Refused `seal_missing`: it was sealed, and bears no seals now. LedgerDamaged `seal_broken`; `audit_failed`: the audit is not
    clean, and nothing was sealed. Conflict `busy`.
    """
    with office.restoring():
        if office.settings.sealed.exists():
            _check_seals(office)
            return False
        office.store.create()
        _forget_erased(office)
        with office.store.write() as connection:
            outcome = audit(office.store, trust, progress)
            if not outcome.ok:
                first = f"entry {outcome.first_bad[0]}" if outcome.first_bad else outcome.failures[0]
                raise LedgerDamaged(
                    "audit_failed", f"the audit is not clean ({first}), so nothing was sealed: greffe audit"
                )
            office.seals.seal_all(connection)
            note_published(office.settings, connection)
        note_sealed(office.settings)
    return True


def _forget_erased(office: Office) -> None:
    """An older restore from a mirror noted erased persons as unknown: what the entries say of them goes first."""
    with office.store.write() as connection:
        head = rows.read_head(connection)
        for index in sorted(erased_entries(connection, 0 if head is None else head.size)):
            place_rows.delete_unknown_person(connection, index)


def _check_seals(office: Office) -> None:
    with office.store.read() as connection:
        try:
            office.seals.check(connection)
        except Refused:
            raise Refused(
                "seal_missing", "the store was sealed, and bears no seals now: it is not the office's; greffe restore"
            ) from None
