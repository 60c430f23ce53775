"""Revoke a credential: set its bit, sign the list again, log the new version. Supersession sets no bit.

Revoked means: should never have been relied on. The reasons are few and published (`REASONS`).
"""

from dataclasses import dataclass, replace
from datetime import UTC

import sqlalchemy as sa

from issuer.desk import open_desk
from issuer.issue import Surroundings
from registry import status, store
from registry.errors import NotFound, Usage
from registry.installation import Office
from registry.ledger import Head, OpenedList

#: code -> what it says
REASONS = {
    "issued_in_error": "the credential should not have been issued",
    "key_compromise": "the key that signed it may be in other hands",
    "court_order": "a court ordered it",
    "register_request": "the register asked for it",
    "fraud": "it rests on a fraudulent filing",
}


@dataclass(frozen=True, slots=True)
class Revocation:
    """What revoking does, or would do. `head`: the ledger after it, None in a dry run."""

    credential: str
    list_id: str
    list_index: int
    already: bool
    head: Head | None


def revoke(
    office: Office, register: str, number: str, n: int | None, reason: str, around: Surroundings, *, dry_run: bool
) -> Revocation:
    """Revoke an organization's n-th credential, the newest when n is None.

    Usage `reason_unknown`; NotFound `credential_unknown`. A credential that is revoked already stays so: nothing is logged.
    """
    if reason not in REASONS:
        raise Usage("reason_unknown", f"there is no reason {reason!r}; there are {', '.join(REASONS)}")
    if dry_run:
        return _look(office, register, number, n)[0]
    with office.writing() as ledger:
        found, place, changed = _look(office, register, number, n)
        if found.already:
            return found
        desk = open_desk(office, register, around.random)
        at = around.now().astimezone(UTC).replace(microsecond=0)
        logged = desk.list_entry(changed, reason, (place,), at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        head = ledger.append([logged], desk.public_keys(), at)
        around.committed(head)
        return replace(found, head=head)


def _look(office: Office, register: str, number: str, n: int | None) -> tuple[Revocation, int, OpenedList]:
    """What revoking would do, the entry of the credential, and its list with the bit set."""
    place, bits, seed, m = _place(office, register, number, n)
    credential = office.identity.credential_id(register, number, place.n)
    already = status.is_set(bits, place.list_index)
    changed = OpenedList(place.list_id, register, "revocation", m, seed, status.with_bit(bits, place.list_index))
    return Revocation(credential, place.list_id, place.list_index, already, None), place.i, changed


def _place(
    office: Office, register: str, number: str, n: int | None
) -> tuple[sa.Row[tuple[int, ...]], bytes, bytes, int]:
    places, lists = store.credentials, store.status_lists
    chosen = sa.select(places).where(places.c.register == register, places.c.number == number)
    if n is not None:
        chosen = chosen.where(places.c.n == n)
    with office.store.read() as connection:
        place = connection.execute(chosen.order_by(places.c.n.desc()).limit(1)).one_or_none()
        if place is None:
            raise NotFound("credential_unknown", f"the ledger holds no such credential of {register}/{number}")
        row = connection.execute(sa.select(lists).where(lists.c.id == place.list_id)).one()
    return place, bytes(row.bits), bytes(row.seed), row.m
