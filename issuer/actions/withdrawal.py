"""Revoke the credentials of organizations whose filings were all withdrawn."""

from collections.abc import Iterable

from issuer.actions import standing
from registry.installation.office import Office
from registry.ledger.surroundings import Surroundings


def revoke_all(office: Office, register: str, numbers: Iterable[str], around: Surroundings) -> int:
    """Revoke the newest credential of each; how many bits were set."""
    change = standing.revocation("withdrawn")
    done = [standing.change_one(office, register, number, None, change, around, dry_run=False) for number in numbers]
    return sum(item.head is not None for item in done)
