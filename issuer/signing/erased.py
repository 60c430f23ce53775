"""What was erased: the digest by which the same row is known again."""

from registry.installation.key_store import installation_secret
from registry.installation.office import Office
from registry.log import entry


def erased_digest(office: Office, register: str, number: str) -> bytes:
    """What stays of an erased organization, under a secret of the installation."""
    return entry.erased_digest(installation_secret(office.keys, "erased"), register, number)
