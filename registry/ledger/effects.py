"""Effects are what an appended entry changes beside the log.

They change places, status lists, issuers, keys of issuers and logs, and erase.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from registry.errors import Conflict, LedgerDamaged
from registry.ledger.admission import (
    Admission,
    Erased,
    IssuerOpened,
    KeysNamed,
    ListChanged,
    LogKeyChanged,
    Placed,
)
from registry.records.seals import Sealing, Seals
from registry.store import document_rows, issuer_rows, place_rows, rows
from registry.store.database import Connection
from registry.store.issuer_rows import IssuerRow, ListRow
from registry.store.place_rows import OrgSaltRow, PlaceRow

#: the tables that have a MAC over all their rows, by what changes them (registry/records/seals)
_TOUCHES: dict[type, tuple[str, ...]] = {
    Placed: ("issuer",),
    ListChanged: ("status_list",),
    IssuerOpened: ("issuer", "did_log"),
    KeysNamed: ("key_version", "did_log"),
    LogKeyChanged: ("log_key",),
    Erased: ("erased",),
}


def touched(batch: Iterable[Admission]) -> list[str]:
    """The tables with a MAC over all their rows that those entries change."""
    return sorted({name for each in batch for name in _TOUCHES.get(type(each.effect), ())})


def apply_effects(
    connection: Connection, start: int, batch: Sequence[Admission], seals: Seals, sealing: Sealing
) -> None:
    """Store the documents of the entries from `start` on, and make the changes that go with them; `sealing` has them too."""
    numbered = list(enumerate(batch, start))
    document_rows.put_documents(
        connection,
        (
            (i, admission.document, admission.salt)
            for i, admission in numbered
            if admission.document is not None and admission.salt is not None
        ),
    )
    placed, erased = list[tuple[int, Placed]](), list[Erased]()
    for i, admission in numbered:
        match admission.effect:
            case None:
                pass
            case Placed() as effect:
                placed.append((i, effect))
            case ListChanged() as effect:
                version = ListRow(effect.id, effect.register, effect.purpose, effect.m, effect.seed, effect.bits)
                issuer_rows.put_list_version(connection, i, version)
                _seal_list(sealing, version)
            case IssuerOpened() as effect:
                opened = IssuerRow(effect.register, effect.did, effect.name, i, 0)
                issuer_rows.put_issuers(connection, [opened])
                sealing.put("issuer", opened)
                _append_did_line(connection, effect, sealing)
            case KeysNamed() as effect:
                issuer_rows.put_key_entries(connection, [(i, effect.register)])
                sealing.put("key_version", (i, effect.register))
                _append_did_line(connection, effect, sealing)
            case LogKeyChanged() as effect:
                rows.put_log_key(connection, effect.log, effect.n, effect.vkey, effect.state)
                sealing.put("log_key", (effect.log, effect.n, effect.vkey, effect.state))
            case Erased() as effect:
                erased.append(effect)
            case _:
                assert_never(admission.effect)
    _place(connection, placed, seals)
    count_issued(connection, Counter(place.register for _, place in placed), sealing)
    for effect in erased:  # last: what is placed in the same batch may be erased in it
        _erase(connection, effect)
        sealing.put("erased", (effect.digest,))


def count_issued(connection: Connection, counts: Mapping[str, int], sealing: Sealing) -> None:
    """Add to how many credentials the issuers of registers have issued. Conflict `issuer_unknown`."""
    for register, count in sorted(counts.items()):
        known = [IssuerRow._make(row) for row in sealing.rows("issuer") if row[0] == register]
        if not known or not issuer_rows.count_issued(connection, register, count):
            raise Conflict("issuer_unknown", f"the register {register} has no issuer in this ledger")
        sealing.put("issuer", known[0]._replace(issued=known[0].issued + count))


def _append_did_line(connection: Connection, effect: IssuerOpened | KeysNamed, sealing: Sealing) -> None:
    if effect.did_line is not None:
        issuer_rows.append_did_line(connection, effect.register, effect.did_line)
        n = sum(row[0] == effect.register for row in sealing.rows("did_log")) + 1
        sealing.put("did_log", (effect.register, n, effect.did_line))


def _seal_list(sealing: Sealing, version: ListRow) -> None:
    """Of a list that is there already, only the bits change."""
    known = next((ListRow._make(row) for row in sealing.rows("status_list") if row[0] == version.id), version)
    sealing.put("status_list", known._replace(bits=version.bits))


def _place(connection: Connection, placed: list[tuple[int, Placed]], seals: Seals) -> None:
    places = [
        PlaceRow(
            i, place.register, place.number, place.n, place.event, place.event_order, place.digest,
            place.list_id, place.list_index,
        )
        for i, place in placed
    ]  # fmt: skip
    place_rows.put_places(connection, ((place, seals.place(place)) for place in places))
    salts = {(place.register, place.number): place.org_salt for _, place in placed if place.org_salt is not None}
    known = place_rows.read_pseudonymous(connection, *zip(*salts, strict=True)) if salts else {}
    for organization, salt in salts.items():
        if known.get(organization, salt) != salt:
            raise LedgerDamaged("record_untrue", f"the salt of {'/'.join(organization)} is not the office's")
    new = (OrgSaltRow(*organization, salt) for organization, salt in salts.items() if organization not in known)
    place_rows.put_org_salts(connection, new)


def _erase(connection: Connection, erased: Erased) -> None:
    document_rows.delete_documents(connection, erased.entries)
    if erased.register is not None and erased.number is not None:
        place_rows.delete_organization(connection, erased.register, erased.number)
    place_rows.put_erased(connection, erased.digest)
