"""A ledger to which all has happened that can happen to one, and its mirror: for tests of export, audit, restore and backup."""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from issuer.actions.erasure import erase
from issuer.actions.standing import change_one, reinstatement, revocation, suspension
from issuer.run.issue import issue
from registry.audit.audit import audit
from registry.audit.result import Audit
from registry.encoding.jcs import jcs
from registry.installation.initialize import initialize
from registry.installation.office import Office
from registry.installation.public import Public
from registry.installation.settings import from_environ
from registry.ledger.publish import publish
from registry.ledger.surroundings import Surroundings
from registry.operations import log_change
from registry.operations.export import export
from registry.store.head_token import HeadToken
from registry.store.tables import INDEX, LEDGER
from registry.verify.trust import Trust, parse
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.builders.witnesses import OneWitness, policy

LATER = [*STATES, state("BC0000004", "FOUR LTD.", "9", "2022-01-01")]


def quiet(*_: object) -> None:
    """Nobody is told."""


@dataclass
class Lived:
    """An installation in a folder. `office` opens it; each publishing goes through its guards, and is exported."""

    folder: Path

    @property
    def office(self) -> Office:
        return Office(from_environ({"GREFFE_DATA": str(self.folder / "data")}))

    @property
    def mirror(self) -> Path:
        return self.folder / "mirror"

    @property
    def trust(self) -> Trust:
        """As whoever trusts the witness has it."""
        return parse((self.mirror / "trust.json").read_bytes())

    def publish(self) -> None:
        """Publish with a witness, and export."""
        office = self.office
        office.check_store()
        token = HeadToken(office.settings.head_token)
        publish(office.store, office.log_keys.signers, witnesses=OneWitness(), token=token)
        token.close()
        file = self.folder / "policy"
        file.write_text(policy(office), "utf-8")
        environ = {"GREFFE_DATA": str(office.settings.data), "GREFFE_WITNESS_POLICY": str(file)}
        export(Public(from_environ(environ)), self.mirror, quiet)

    def emptied(self, name: str, **environ: str) -> Office:
        """Another data directory with the same identity and keys, and an empty store."""
        folder = self.folder / name
        folder.mkdir()
        shutil.copytree(self.folder / "data" / "keys", folder / "keys")
        shutil.copy(self.folder / "data" / "identity.json", folder)
        return initialize(from_environ({"GREFFE_DATA": str(folder), **environ}))

    def copied(self, name: str) -> None:
        """Keep the store as it is now."""
        _copy(self.folder / "data" / "ledger.db", self.folder / name)

    def put_back(self, name: str) -> None:
        """Make the store what it was."""
        _copy(self.folder / name, self.folder / "data" / "ledger.db")


def _copy(source: Path, target: Path) -> None:
    reading, writing = sqlite3.connect(source), sqlite3.connect(target)
    reading.backup(writing)
    writing.close()
    reading.close()


def lived(folder: Path, *, retires: bool = False) -> Lived:
    """Issued, revoked, suspended, reinstated, erased; the keys of its logs rotated; published and exported along the way."""
    initialize(from_environ({"GREFFE_DATA": str(folder / "data")}), surroundings("keys").random)
    ledger = Lived(folder)
    issue(ledger.office, "table", extract(STATES), surroundings("1"))
    ledger.publish()
    ledger.copied("old.db")
    change_one(ledger.office, "sample", "BC0000001", 1, revocation("issued_in_error"), surroundings("2"), dry_run=False)
    change_one(ledger.office, "sample", "FM0000003", 1, suspension("under_review"), surroundings("3"), dry_run=False)
    change_one(ledger.office, "sample", "BC0000001", 2, suspension("under_review"), surroundings("4"), dry_run=False)
    change_one(ledger.office, "sample", "BC0000001", 2, reinstatement(), surroundings("5"), dry_run=False)
    changing = Surroundings(lambda: NOW, surroundings("6").random, quiet)
    log_change.rotate(ledger.office, LEDGER, changing)
    log_change.rotate(ledger.office, INDEX, changing)
    ledger.publish()
    if retires:
        log_change.retire(ledger.office, INDEX, 1, changing)
    issue(ledger.office, "table", extract(LATER), surroundings("7"))
    erase(ledger.office, "sample", "BC0000002", "court_order", surroundings("8"), dry_run=False)
    ledger.publish()
    return ledger


def audited(office: Office) -> Audit:
    """The audit of a store by its own installation's trust file."""
    return audit(office.store, parse(jcs(office.reader.trust())), quiet)
