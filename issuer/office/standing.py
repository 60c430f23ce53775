"""Change a standing, or open a status list, as the office was asked to.

Follows Bitstring Status List 1.0 and VCALM 0.9. What changes and how it is logged stands in `status_change` and `issuer`; here is
what a request may say of it.
"""

from typing import Any

from issuer.actions import standing
from issuer.office.issuing import Disagrees, difference
from issuer.signing.issuer import open_issuer
from registry.credential import status
from registry.errors import Malformed, NotFound
from registry.installation.office import Office
from registry.ledger.surroundings import Surroundings

ENTRY_TYPE = "BitstringStatusListEntry"
DEFAULT_REASON = "register_request"


def change_posted(
    office: Office, credential_id: str, named: dict[str, Any], sets: bool, reason: str | None, around: Surroundings
) -> tuple[dict[str, Any], bool]:
    """Set or clear the bit of a credential in one of its lists: the entry of `credentialStatus`, and whether it changed.

    `named`: `type` and `statusPurpose`, and any other member of that entry. Malformed, Usage: not to be had; NotFound: no such
    credential of ours; Conflict `busy`.
    """
    change = _change(named, sets, reason)
    parsed = office.identity.parse_credential_id(credential_id)
    if parsed is None:
        raise NotFound("credential_unknown", "this installation has issued no credential of that id")
    register, number, n = parsed
    with office.records() as records:
        place = next((place for place in records.places(register, number) if place.n == n), None)
        if place is None:
            raise NotFound("credential_unknown", f"the ledger holds no credential {register}/{number}/{n}")
        entry = status.named_for(records.find_document(place.i) or {}, change.purpose)
    if entry is None:
        raise NotFound("status_list_unknown", f"the credential names no {change.purpose} list")
    differing = difference(named, entry)
    if differing is not None:
        raise Malformed("contradicts", f"{differing[:100]} is not what the credential says of that list")
    done = standing.change_one(office, register, number, n, change, around, dry_run=False)
    return entry, not done.already


def _change(named: dict[str, Any], sets: bool, reason: str | None) -> standing.StandingChange:
    if named.get("type") != ENTRY_TYPE:
        raise Malformed("status_type", f"credentialStatus is not a {ENTRY_TYPE}")
    purpose = named.get("statusPurpose")
    if purpose not in status.PURPOSES:
        raise Malformed("status_purpose", f"statusPurpose is not one of: {', '.join(status.PURPOSES)}")
    if sets:
        changes = {status.REVOCATION: standing.revocation, status.SUSPENSION: standing.suspension}
        return changes[purpose](DEFAULT_REASON if reason is None else reason)
    if purpose == status.REVOCATION:
        raise Malformed("revoked_for_good", "a revocation is for good")
    if reason is not None:
        raise Malformed("reason_unknown", "lifting a suspension has no reason of its own")
    return standing.reinstatement()


def open_list(office: Office, register: str, purpose: str, list_id: str | None, around: Surroundings) -> str:
    """Open the next status list of that purpose of a register, and give its id.

    The next one is that of the next credential, or where it is open the one after it. `list_id`: the id that it must get.
    Malformed, NotFound `register_unknown`; Disagrees `status_list_open`: both are open; Conflict `busy`.
    """
    if purpose not in status.PURPOSES:
        raise Malformed("status_purpose", f"statusPurpose is not one of: {', '.join(status.PURPOSES)}")
    with office.writing() as ledger:
        with office.records() as records:
            if records.issuer(register) is None:
                raise NotFound("register_unknown", "this installation issues for no such register")
        issuer = open_issuer(office, register, around.random)
        first = issuer.issued // status.LENGTH + 1
        named = {office.identity.status_list_id(purpose, register, m): m for m in (first, first + 1)}
        next_id = next((name for name in named if name not in issuer.lists), None)
        if next_id is None:
            raise Disagrees("status_list_open", "the next list of that purpose is open already")
        if list_id is not None and list_id != next_id:
            raise Malformed("contradicts", f"the id of the next list is {next_id}")
        at = around.moment()
        opened = issuer.open_list(purpose, next_id, named[next_id], at)
        around.committed(ledger.append([opened], issuer.public_keys(), at))
    return next_id
