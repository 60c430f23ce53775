"""Revoke, suspend or reinstate credentials: each change is a new version of a list.

Revoked means: should never have been relied on; it is for good. Suspended means: not to be relied on until it is reinstated.
Supersession revokes nothing, and ends no suspension: what takes the place of a suspended credential is suspended too
(`run/suspended`), and so reinstated is the newest. The reasons are few and published (`REASONS`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from issuer.signing.issuer import open_issuer
from registry.credential import status
from registry.errors import NotFound, Usage
from registry.installation.office import Office
from registry.ledger.admission import Admission, Head, ListChanged
from registry.ledger.ledger import Ledger
from registry.ledger.surroundings import Surroundings
from registry.log import entry
from registry.records.records import Records

#: code -> what it says
REASONS = {
    "issued_in_error": "the credential should not have been issued",
    "key_compromise": "the key that signed it may be in other hands",
    "court_order": "a court ordered it",
    "register_request": "the register asked for it",
    "fraud": "it rests on a fraudulent filing",
    "withdrawn": "the filing that it tells of was withdrawn, and nothing else stands",
    "under_review": "it is being looked into",
}


@dataclass(frozen=True, slots=True)
class StandingChange:
    """A change of standing. `purpose`: revocation or suspension; `sets`: whether the bits are set, or cleared."""

    purpose: str
    sets: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change does to one credential, or would do. `head`: the ledger after it, None where nothing was logged."""

    credential: str
    list_id: str
    list_index: int
    already: bool
    head: Head | None


@dataclass(frozen=True, slots=True)
class _Bit:
    """A credential's entry, and its index in a list."""

    entry: int
    index: int


def revocation(reason: str) -> StandingChange:
    """Revoke. Usage `reason_unknown`."""
    return StandingChange(status.REVOCATION, True, _known(reason))


def suspension(reason: str) -> StandingChange:
    """Suspend. Usage `reason_unknown`."""
    return StandingChange(status.SUSPENSION, True, _known(reason))


def reinstatement() -> StandingChange:
    """Lift a suspension."""
    return StandingChange(status.SUSPENSION, False, entry.REINSTATED)


def _known(reason: str) -> str:
    if reason not in REASONS:
        raise Usage("reason_unknown", f"there is no reason {reason!r}; there are {', '.join(REASONS)}")
    return reason


def change_one(
    office: Office,
    register: str,
    number: str,
    n: int | None,
    change: StandingChange,
    around: Surroundings,
    *,
    dry_run: bool,
) -> Changed:
    """Change an organization's n-th credential, the newest when n is None.

    NotFound `credential_unknown`, `status_list_unknown`. A bit that is so already stays so: nothing is logged.
    """
    if dry_run:
        return _look(office, register, number, n, change)[0]
    with office.writing(comes_between=True) as ledger:
        changed, place = _look(office, register, number, n, change)
        if changed.already:
            return changed
        return replace(changed, head=_change(office, ledger, register, [place], change, around))


def change_entries(
    office: Office, register: str, places: Sequence[int], change: StandingChange, around: Surroundings
) -> Head | None:
    """Change the credentials under those entries of a register; the head after it, None where every bit was so already.

    One `status` entry per list and 256 credentials; a batch that is killed leaves what was acknowledged before it.
    """
    with office.writing(comes_between=True) as ledger:
        return _change(office, ledger, register, places, change, around)


def _change(
    office: Office,
    ledger: Ledger,
    register: str,
    places: Sequence[int],
    change: StandingChange,
    around: Surroundings,
) -> Head | None:
    head = None
    issuer = open_issuer(office, register, around.random)
    with office.records() as records:
        by_list = _by_list(records, places, change.purpose)
    for list_id, bits in by_list.items():
        for start in range(0, len(bits), entry.MAX_REFERS):
            batch = bits[start : start + entry.MAX_REFERS]
            with office.records() as records:
                row = records.status_list(list_id)
            batch = [bit for bit in batch if status.is_set(row.bits, bit.index) != change.sets]
            if not batch:
                continue
            changed = status.with_bits(row.bits, (bit.index for bit in batch), to=change.sets)
            version = ListChanged(list_id, register, change.purpose, row.m, row.seed, changed)
            at = around.moment()
            refers = tuple(sorted(bit.entry for bit in batch))
            logged: Admission = issuer.list_entry(version, change.reason, refers, at)
            head = ledger.append([logged], issuer.public_keys(), at)
            around.committed(head)
    return head


def _look(office: Office, register: str, number: str, n: int | None, change: StandingChange) -> tuple[Changed, int]:
    """What the change would do, and the entry of the credential."""
    with office.records() as records:
        known = records.places(register, number)
        places = [place for place in known if n in (None, place.n)]
        if not known:
            records.check_all_places()  # it may be a person, whom the map knows by a pseudonym
        if not places:
            raise NotFound("credential_unknown", f"the ledger holds no such credential of {register}/{number}")
        place = places[-1]
        ((list_id, (bit,)),) = _by_list(records, [place.i], change.purpose).items()
        already = status.is_set(records.status_list(list_id).bits, bit.index) == change.sets
    credential = office.identity.credential_id(register, number, place.n)
    return Changed(credential, list_id, bit.index, already, None), place.i


def _by_list(records: Records, places: Sequence[int], purpose: str) -> dict[str, list[_Bit]]:
    """The bits of the credentials under those entries, by the list of that purpose which each of them names.

    NotFound `status_list_unknown`: one names none, because it was issued before there were lists of that purpose.
    """
    by_list: dict[str, list[_Bit]] = {}
    for index in places:
        named = status.named_for(records.find_document(index) or {}, purpose)
        if named is None:
            raise NotFound("status_list_unknown", f"the credential under entry {index} names no {purpose} list")
        bit = _Bit(index, int(named["statusListIndex"]))
        by_list.setdefault(named["statusListCredential"], []).append(bit)
    return by_list
