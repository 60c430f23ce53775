"""A ledger whose store has rows of every kind: for tests of what the audit notices."""

from dataclasses import replace
from pathlib import Path

from issuer.actions import keys
from issuer.actions.erasure import erase
from issuer.actions.standing import change_one, reinstatement, revocation, suspension
from issuer.run.issue import issue
from issuer.timeline.changes import Extract
from registry.encoding.jcs import jcs
from registry.encoding.stored import stored
from registry.installation.office import Office
from registry.ledger.admission import Admission, Statement
from registry.ledger.publish import publish
from registry.ledger.surroundings import Surroundings
from registry.operations import log_change
from registry.store import document_rows, place_rows
from registry.store.sqlite import copy_file
from registry.store.tables import INDEX, LEDGER
from registry.verify import anchor
from tests.builders import ledger
from tests.builders.command import NOW, surroundings
from tests.builders.ledger import STATES, extract, state
from tests.builders.witnesses import OneWitness

MORE = [
    STATES[0],
    state("BC0000001", "ORIGINAL SCARLET LTD.", "10", "2020-06-01"),  # filed late: what came after it is corrected
    *STATES[1:],
    state("BC0000004", "FOUR LTD.", "9", "2022-01-01"),
    state("FM0000005", "JOAN'S KITCHEN", "11", "2022-02-02", "SP"),
]
#: the store as it was at its first checkpoint, beside the other
OLDER = "older.db"
#: the register of the second issuer
OTHER = "other"
#: whom nobody here knows any more
UNKNOWN = ("sample", "FM0000005")


def every_row(data: Path) -> Path:
    """Two registers; states that were superseded, corrected, revoked, suspended, reinstated and erased; keys of an issuer and
    of both logs rotated; notes, an anchor, the policy; an unknown person; closed, to be copied.
    """
    office = ledger.opened(ledger.empty(data))
    issue(office, "table", extract(STATES), surroundings("1"))
    issue(office, "table", _of_other(), surroundings("other"))
    publish(office.store, office.log_keys.signers, witnesses=OneWitness())
    copy_file(data / "ledger.db", data / OLDER)
    change_one(office, "sample", "BC0000001", 1, revocation("issued_in_error"), surroundings("2"), dry_run=False)
    change_one(office, "sample", "FM0000003", 1, suspension("under_review"), surroundings("3"), dry_run=False)
    change_one(office, "sample", "BC0000001", 2, suspension("under_review"), surroundings("4"), dry_run=False)
    change_one(office, "sample", "BC0000001", 2, reinstatement(), surroundings("5"), dry_run=False)
    changing = Surroundings(lambda: NOW, surroundings("6").random, lambda *_: None)
    for log in (LEDGER, INDEX):
        log_change.rotate(office, log, changing)
    office = _again(office)
    publish(office.store, office.log_keys.signers, witnesses=OneWitness())
    log_change.log_policy(office, changing)
    for use in ("credential", "status"):
        keys.rotate(office, "sample", use, changing)
    issue(office, "table", _of_other(is_corrected=True), surroundings("corrected"))
    issue(office, "table", extract(MORE), surroundings("7"), approve_held=True)
    erase(office, "sample", "BC0000002", "court_order", surroundings("8"), dry_run=False)
    _note(office, changing)
    _forget(office)
    publish(office.store, office.log_keys.signers, witnesses=OneWitness())
    issue(
        office, "table", extract([*MORE[:-1], state("BC0000006", "LATE INC.", "12", "2025-01-01")]), surroundings("9")
    )
    ledger.closed(office)
    return data


def _of_other(*, is_corrected: bool = False) -> Extract:
    """One organization of the other register, and what puts its name right."""
    first = replace(state("A-1", "ELSWHERE LTD.", "1", "2021-01-01"), register=OTHER)
    second = replace(state("A-1", "ELSEWHERE LTD.", "2", "2021-01-02"), register=OTHER)
    (dossier,) = extract([first, second]).dossiers
    changes = [replace(change, register=OTHER) for change in dossier.changes]
    changes[1] = replace(changes[1], correction=True)
    own = replace(dossier, register=OTHER, changes=tuple(changes if is_corrected else changes[:1]))
    return Extract(OTHER, [], [own], [])


def _again(office: Office) -> Office:
    """The office as another process opens it: keys that were rotated sign from now on."""
    data = office.settings.data
    ledger.closed(office)
    return ledger.opened(data)


def _note(office: Office, around: Surroundings) -> None:
    """Two notes, one without a text, and an identity anchor as the office makes them."""
    known = anchor.Anchored("sample", "sample", "BC0000004", "FOUR LTD.", "2022-01-01", "https://example.com/type")
    with office.writing() as ledger_:
        base = office.identity.base_url
        vouched = anchor.statement(
            known,
            base,
            ledger_.head.size,
            office.identity.issuer_did("sample"),
            "did:key:z6Mk",
            "2026-01-02",
            "2027-01-02",
        )
        notes = [
            Admission(Statement("note", reason=anchor.REASON), stored(vouched), around.random(32)),
            Admission(Statement("note", reason="said"), jcs({"text": "something"}), around.random(32)),
            Admission(Statement("note", reason="silent")),
        ]
        ledger_.append(notes, {}, around.moment())


def _forget(office: Office) -> None:
    """As after a restore from a mirror without the sealed export: nobody knows whose a person's entries are."""
    with office.store.write() as connection:
        for place in place_rows.read_places(connection, *UNKNOWN):
            document_rows.delete_documents(connection, [place.i])
            place_rows.put_unknown_persons(connection, [(place.i, place.register)])
        place_rows.delete_organization(connection, *UNKNOWN)
