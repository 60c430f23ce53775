"""Erase an organization's bodies and salts, for good.

The commitments stay in the ledger, and every old proof still holds.

What goes: each credential and identity anchor, their salts, the places, the salt behind a pseudonym, and what was made for
others to carry. What remains: the entries, with a commitment whose content nobody can guess or prove again, one `erase` entry
with a published reason, and a keyed digest of register and number, by which the same row is refused later (code `erased`).
What stands in other organizations' credentials, and in backups, is not reached from here (docs/operations.md); whose an entry
probably was, its place and date may still tell whoever has the register's public list (docs/threat-model.md).

A file `erasing` in the data directory stands from before the first commit until nothing is left in logs and queue: whoever
is killed between is taken up by the same call, or by the office (`finish_begun`). It waits for no bulk run: that ends behind
it (`overtaken`), for it may have planned to issue what is gone, and is to be run again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from issuer.run import bearers
from issuer.signing.erased import erased_digest
from registry.credential.document import text_at
from registry.edge.disk import write_file
from registry.errors import Conflict, NotFound, Usage
from registry.installation.office import Office
from registry.ledger.admission import Admission, Erased, Head, Statement
from registry.ledger.surroundings import Surroundings
from registry.log import entry
from registry.records.records import Records
from registry.store.token_queue import Requests

#: code -> what it says
REASONS = {
    "privacy_request": "the person asked for it, and the law grants it",
    "court_order": "a court ordered it",
    "retention_ended": "the law no longer asks that it be kept",
    "unlawful": "it should never have been published",
}
_STRIDE = 1024
_MARK = "erasing"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure takes, or would take. `entries`: their indexes; `head`: the ledger after it, None where none was done.

    `already`: it was erased before; what that run may have left behind is gone now too.
    """

    register: str
    number: str
    entries: tuple[int, ...]
    head: Head | None
    already: bool = False


def erase(office: Office, register: str, number: str, reason: str, around: Surroundings, *, dry_run: bool) -> Erasure:
    """Erase all that this store holds of an organization. Usage `reason_unknown`; NotFound `organization_unknown`.

    Conflict `erasure_unfinished`: it is erased, but a reader keeps what was deleted in a file; the same call again ends it.
    """
    if reason not in REASONS:
        raise Usage("reason_unknown", f"there is no reason {reason!r}; there are {', '.join(REASONS)}")
    if _is_erased(office, register, number):
        if not dry_run:
            with office.writing(comes_between=True):
                _clear_side_files(office, register, number)
            _finish(office)
        return Erasure(register, number, (), None, already=True)
    if dry_run:
        return Erasure(register, number, _bodies_of(office, register, number)[1], None)
    with office.writing(comes_between=True) as ledger:
        org, entries = _bodies_of(office, register, number)
        digest = erased_digest(office, register, number)
        at = around.moment()
        head = ledger.head
        write_file(office.settings.data / _MARK, b"")
        # the places go with the last entries: a run that was killed before them is taken up by the same call
        for start in range(0, len(entries), entry.MAX_REFERS):
            indexes = entries[start : start + entry.MAX_REFERS]
            is_last = start + entry.MAX_REFERS >= len(entries)
            erased = Erased(indexes, digest, register if is_last else None, number if is_last else None)
            statement = Statement("erase", org=org, reason=reason, refers=indexes)
            head = ledger.append([Admission(statement, effect=erased)], {}, at)
            around.committed(head)
        _clear_side_files(office, register, number)
    _finish(office)
    return Erasure(register, number, entries, head)


def _clear_side_files(office: Office, register: str, number: str) -> None:
    """Nothing of the organization waits any more, and nobody's name is held against its."""
    bearers.forget(register, number, office.settings.likenesses)
    with office.desk() as desk:
        desk.forget(register, number)
        desk.write()


def finish_begun(office: Office) -> None:
    """Where an erasure was begun, leave nothing of it in logs and queue. Conflict `erasure_unfinished`, as `erase`."""
    if (office.settings.data / _MARK).exists():
        _finish(office)


def _finish(office: Office) -> None:
    requests = Requests(office.settings.requests)
    try:
        is_forgotten = requests.forget()
    finally:
        requests.close()
    office.store.tidy()
    if not is_forgotten:
        raise Conflict("erasure_unfinished", "the queue's file still holds what was made for others: run again")
    (office.settings.data / _MARK).unlink(missing_ok=True)


def _is_erased(office: Office, register: str, number: str) -> bool:
    """Whether it was erased, to its last entry."""
    with office.records() as records:
        digests = records.erased()
        is_known = bool(digests) and erased_digest(office, register, number) in digests
        return is_known and not records.places(register, number)


def _bodies_of(office: Office, register: str, number: str) -> tuple[str, tuple[int, ...]]:
    """The organization as its entries name it, and the indexes of those whose bodies are its own."""
    with office.records() as records:
        places = records.places(register, number)
        records.check_all_places()
        if not places:
            raise NotFound("organization_unknown", f"the ledger holds nothing of {register}/{number}")
        org = records.entry(places[0].i).org or ""
        anchors = _anchors(records, office.identity.organization_id(register, number))
        return org, tuple(sorted({*(place.i for place in places), *anchors}))


def _anchors(records: Records, page: str) -> Iterator[int]:
    """The identity anchors that name the organization's page."""
    size = records.head.size
    for start in range(0, size, _STRIDE):
        for logged in records.entries(start, min(start + _STRIDE, size)):
            if logged.kind == "note" and _page_of(records.find_document(logged.index)) == page:
                yield logged.index


def _page_of(document: dict[str, Any] | None) -> str | None:
    """The organization's page that an identity anchor names; None for another document, or none."""
    return None if document is None else text_at(document, "credentialSubject", "publicInformation")
