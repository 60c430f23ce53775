"""Two hundred credentials by the real issuer, and what a verifier needs beside them: for software of other people."""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from issuer import sources
from issuer.actions.standing import change_entries, revocation, suspension
from issuer.run.issue import issue
from registry.credential import status
from registry.errors import Malformed
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.settings import from_environ
from registry.keys import PublicKey, from_multikey
from sample_data import generate
from sample_data.make_expected import fixed_bytes
from schemas import CREDENTIALS_V2, context_document
from tests.builders.command import surroundings
from tests.mutations.tampering import proof_of

COUNT = 200
REGISTER = "sample"
Document = dict[str, Any]


@dataclass(frozen=True)
class Issued:
    """Credentials with all their proofs. `contexts`, `documents`: what a verifier needs, by URL: contexts; these and the DID
    document and status lists. `after_change`: the documents after the first credential was revoked and the second suspended.
    """

    credentials: list[Document]
    contexts: dict[str, Document]
    documents: dict[str, Document]
    after_change: dict[str, Document]

    def with_one_proof(self, suite: str) -> list[Document]:
        """The credentials in the single-proof form (`?cryptosuite=`)."""
        return [single_proof(credential, suite) for credential in self.credentials]


def single_proof(document: Document, suite: str) -> Document:
    """A document of ours with just the proof by that cryptosuite."""
    return {**document, "proof": proof_of(document, suite)}


def key_of(proof: Document) -> PublicKey:
    """The key of a proof whose verification method is a did:key."""
    did, _, fragment = proof["verificationMethod"].partition("#")
    if did != f"did:key:{fragment}":
        raise Malformed("did_key", "not the verification method of a did:key")
    return from_multikey(fragment)


def issued(folder: Path, kind: str) -> Issued:
    """COUNT credentials by issuing keys of that kind; every entity type and kind of history."""
    rows, _ = generate.extract(organizations=COUNT, planted=False)
    (folder / "extract.csv").write_text(rows, "utf-8")
    settings = from_environ({"GREFFE_DATA": str(folder / "data"), "GREFFE_ISSUING_KEY": kind})
    office = initialize(settings, fixed_bytes("keys"))
    issue(office, "table", sources.read("table", folder / "extract.csv"), surroundings())
    records = [record for record in office.reader.records(0, office.reader.size()) if record.n is not None]
    chosen = Random(4).sample(records, COUNT)
    credentials = [record.document for record in chosen if record.document is not None]
    contexts = {
        CREDENTIALS_V2: context_document("credentials/v2"),
        office.identity.context_url: context_document("organization/v1"),
    }
    documents = contexts | _published(office, credentials)
    for record, change in ((chosen[0], revocation("court_order")), (chosen[1], suspension("under_review"))):
        change_entries(office, REGISTER, [record.index], change, surroundings())
    return Issued(credentials, contexts, documents, contexts | _published(office, credentials))


def _published(office: Office, credentials: list[Document]) -> dict[str, Document]:
    """The issuer's DID document and the status lists that the credentials name, as they are now."""
    lists = {entry["statusListCredential"] for credential in credentials for entry in status.named_by(credential)}
    names = {list_id: list_id.removeprefix(f"{office.identity.base_url}/status/") for list_id in lists}
    return {
        office.identity.issuer_did(REGISTER): office.reader.issuer_document(REGISTER),
        **{list_id: office.reader.status_list(name) for list_id, name in sorted(names.items())},
    }
