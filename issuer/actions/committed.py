"""What a key of the office signs anew, as the ledger proves it."""

from typing import Any

from issuer.signing.erased import erased_digest
from registry.errors import LedgerDamaged, NotFound
from registry.installation.office import Office
from registry.log import note
from registry.records.committed import read_committed, read_signed_head


def committed_document(office: Office, index: int, document_id: str) -> dict[str, Any]:
    """The document of that id under an entry, held against the newest root that our keys signed.

    NotPublished: that root does not cover the entry yet. NotFound: its body is gone. LedgerDamaged `record_untrue`: the store
    holds something else than what was logged, or names the entry of another document.
    """
    keys = [note.VerifierKey(office.identity.origin, signer.public.raw) for signer in office.log_keys.signers.ledger]
    with office.store.read() as connection:
        document = read_committed(connection, index, read_signed_head(connection, keys))
    if document.get("id") != document_id:
        raise LedgerDamaged("record_untrue", f"entry {index} is not that of {document_id}")
    return document


def check_not_erased(office: Office, register: str, number: str) -> None:
    """NotFound `erased`: the organization was erased; what of it may be in the store again is not signed."""
    with office.records() as records:
        digests = records.erased()
    if digests and erased_digest(office, register, number) in digests:
        raise NotFound("erased", f"{register}/{number} was erased")
