"""Change a credential's standing, or open a status list ahead of time, as the office's app was asked to.

Follows Bitstring Status List 1.0 and VCALM 0.9. What changes and how it is logged stands in `status_change` and `desk`; here is
what a request may say of it.
"""

from datetime import UTC
from typing import Any

from issuer.actions import standing
from issuer.office.issuing import Disagrees, difference
from issuer.run.batches import Surroundings
from issuer.signing.issuer import open_desk
from registry.credential import status
from registry.errors import Malformed, NotFound
from registry.installation.office import Office
from registry.store import issuer_rows

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
    register, number, n = _named(office, credential_id)
    document = office.reader.credential(register, number, n).document or {}
    entry = status.named_for(document, change.purpose)
    if entry is None:
        raise NotFound("status_list_unknown", f"the credential names no {change.purpose} list")
    place = difference(named, entry)
    if place is not None:
        raise Malformed("contradicts", f"{place[:100]} is not what the credential says of that list")
    done = standing.change_one(office, register, number, n, change, around, dry_run=False)
    return entry, not done.already


def _change(named: dict[str, Any], sets: bool, reason: str | None) -> standing.Change:
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


def _named(office: Office, credential_id: str) -> tuple[str, str, int]:
    """The register, number and n in a credential's id. NotFound `credential_unknown`: it is not one of ours."""
    prefix = f"{office.identity.base_url}/credentials/"
    register, _, rest = credential_id.removeprefix(prefix).partition("/")
    number, _, n = rest.partition("/")
    is_number = n.isascii() and n.isdigit() and len(n) < 10
    if not is_number or office.identity.credential_id(register, number, int(n)) != credential_id:
        raise NotFound("credential_unknown", "this installation has issued no credential of that id")
    return register, number, int(n)


def open_list(office: Office, register: str, purpose: str, list_id: str | None, around: Surroundings) -> str:
    """Open the next status list of that purpose of a register, and give its id.

    The next one is that of the next credential, or where it is open the one after it. `list_id`: the id that it must get.
    Malformed, NotFound `register_unknown`; Disagrees `status_list_open`: both are open; Conflict `busy`.
    """
    if purpose not in status.PURPOSES:
        raise Malformed("status_purpose", f"statusPurpose is not one of: {', '.join(status.PURPOSES)}")
    with office.writing() as ledger:
        with office.store.read() as connection:
            if issuer_rows.read_issuer(connection, register) is None:
                raise NotFound("register_unknown", "this installation issues for no such register")
        desk = open_desk(office, register, around.random)
        first = desk.issued // status.LENGTH + 1
        named = {office.identity.status_list_id(purpose, register, m): m for m in (first, first + 1)}
        found = next((name for name in named if name not in desk.lists), None)
        if found is None:
            raise Disagrees("status_list_open", "the next list of that purpose is open already")
        if list_id is not None and list_id != found:
            raise Malformed("contradicts", f"the id of the next list is {found}")
        at = around.now().astimezone(UTC).replace(microsecond=0)
        opened = desk.open_list(purpose, found, named[found], at.strftime("%Y-%m-%dT%H:%M:%SZ"))
        around.committed(ledger.append([opened], desk.public_keys(), at))
    return found
