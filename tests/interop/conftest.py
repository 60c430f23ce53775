"""What software of other people is given: two hundred credentials for each kind of issuing key, and a whole public log."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

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
from schemas import CREDENTIALS_V2, context_document
from tests.builders import grown_log
from tests.builders.grown_log import GrownLog
from tests.conftest import seeded, surroundings
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
        return [single_proof(one, suite) for one in self.credentials]


def single_proof(document: Document, suite: str) -> Document:
    """A document of ours with just the proof by that cryptosuite."""
    return {**document, "proof": proof_of(document, suite)}


def key_of(one: Document) -> PublicKey:
    """The key of a proof whose verification method is a did:key."""
    did, _, fragment = one["verificationMethod"].partition("#")
    if did != f"did:key:{fragment}":
        raise Malformed("did_key", "not the verification method of a did:key")
    return from_multikey(fragment)


@pytest.fixture(scope="session")
def issued_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Issued]:
    """COUNT credentials that have a proof by that cryptosuite; every entity type and kind of history, by the real issuer."""

    @cache
    def by_key(kind: str) -> Issued:
        folder = tmp_path_factory.mktemp("interop")
        extract, _ = generate.extract(organizations=COUNT, planted=False)
        (folder / "extract.csv").write_text(extract, "utf-8")
        settings = from_environ({"GREFFE_DATA": str(folder / "data"), "GREFFE_ISSUING_KEY": kind})
        office = initialize(settings, seeded("keys"))
        issue(office, "table", sources.read("table", folder / "extract.csv"), surroundings())
        records = [one for one in office.reader.records(0, office.reader.size()) if one.n is not None]
        chosen = Random(4).sample(records, COUNT)
        credentials = [one.document for one in chosen if one.document is not None]
        contexts = {
            CREDENTIALS_V2: context_document("credentials/v2"),
            office.identity.context_url: context_document("organization/v1"),
        }
        documents = contexts | _published(office, credentials)
        for record, change in ((chosen[0], revocation("court_order")), (chosen[1], suspension("under_review"))):
            change_entries(office, REGISTER, [record.index], change, surroundings())
        return Issued(credentials, contexts, documents, contexts | _published(office, credentials))

    return lambda suite: by_key("Ed25519" if suite.startswith("eddsa") else "P-256")


def _published(office: Office, credentials: list[Document]) -> dict[str, Document]:
    """The issuer's DID document and the status lists that the credentials name, as they are now."""
    lists = {named["statusListCredential"] for one in credentials for named in status.named_by(one)}
    names = {list_id: list_id.removeprefix(f"{office.identity.base_url}/status/") for list_id in lists}
    return {
        office.identity.issuer_did(REGISTER): office.reader.issuer_document(REGISTER),
        **{list_id: office.reader.status_list(name) for list_id, name in sorted(names.items())},
    }


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> GrownLog:
    """A ledger of ours that grew, published at several sizes."""
    return grown_log.honest(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="session")
def fork(tmp_path_factory: pytest.TempPathFactory) -> GrownLog:
    """Another history of the same ledger, signed by the same key."""
    return grown_log.forked(tmp_path_factory.mktemp("fork"))


@pytest.fixture(scope="session")
def log_url(log: GrownLog) -> Iterator[str]:
    """Where the ledger is served by our own app."""
    with grown_log.served(log) as base:
        yield base


@pytest.fixture(scope="session")
def log_files(log: GrownLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger written out as files. Copy it before changing anything."""
    return log.write_out(tmp_path_factory.mktemp("written"))
