"""What an appended entry changes beside the log: places, lists, issuers, keys, erasures."""

from collections import Counter
from collections.abc import Sequence

from registry.errors import Conflict
from registry.ledger.admission import Admission, ChangedList, Erased, Place
from registry.store import document_rows, issuer_rows, place_rows, rows
from registry.store.database import Connection
from registry.store.issuer_rows import IssuerRow, ListRow
from registry.store.place_rows import OrgSaltRow, PlaceRow


def keep_beside(connection: Connection, start: int, batch: Sequence[Admission]) -> None:
    """What stands beside the entries: bodies and salts, issuers, status lists, and the places of credentials."""
    numbered = [(i, one) for i, one in enumerate(batch, start) if one.kind != "note" or one.document is not None]
    document_rows.put_documents(
        connection, ((i, one.document, one.salt or b"") for i, one in numbered if one.document is not None)
    )
    issuer_rows.put_issuers(
        connection,
        (
            IssuerRow(one.opens.register, one.opens.did, one.opens.name, i, 0)
            for i, one in numbered
            if one.opens is not None
        ),
    )
    issuer_rows.put_key_entries(connection, ((i, one.names.register) for i, one in numbered if one.names is not None))
    for _, one in numbered:
        told = one.opens or one.names
        if told is not None and told.did_line is not None:
            issuer_rows.append_did_line(connection, told.register, told.did_line)
    for i, one in numbered:
        if one.status_list is not None:
            _keep_list(connection, i, one.status_list)
    _keep_places(connection, [(i, one.place) for i, one in numbered if one.place is not None])
    for _, one in numbered:
        if one.erased is not None:
            _erase(connection, one.erased)
        if one.log_key is not None:
            changed = one.log_key
            rows.put_log_key(connection, changed.log, changed.n, changed.vkey, changed.state)


def _erase(connection: Connection, gone: Erased) -> None:
    document_rows.delete_documents(connection, gone.entries)
    if gone.register is not None and gone.number is not None:
        place_rows.delete_organization(connection, gone.register, gone.number)
    place_rows.put_erased(connection, gone.digest)


def _keep_list(connection: Connection, i: int, changed: ChangedList) -> None:
    version = ListRow(changed.id, changed.register, changed.purpose, changed.m, changed.seed, changed.bits)
    issuer_rows.put_list_version(connection, i, version)


def _keep_places(connection: Connection, places: list[tuple[int, Place]]) -> None:
    place_rows.put_places(
        connection,
        (
            PlaceRow(
                i, place.register, place.number, place.n, place.event, place.event_order, place.digest,
                place.list_id, place.list_index,
            )
            for i, place in places
        ),
    )  # fmt: skip
    for register, count in Counter(place.register for _, place in places).items():
        if not issuer_rows.count_issued(connection, register, count):
            raise Conflict("issuer_unknown", f"the register {register} has no issuer in this ledger")
    salts = {(place.register, place.number): place.org_salt for _, place in places if place.org_salt is not None}
    known = place_rows.read_pseudonymous(connection, *zip(*salts, strict=True)) if salts else set()
    new = (OrgSaltRow(*organization, salt) for organization, salt in salts.items() if organization not in known)
    place_rows.put_org_salts(connection, new)
