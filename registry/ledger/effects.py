"""What an appended entry changes beside the log: places, lists, issuers, keys, erasures."""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from registry.errors import Conflict
from registry.ledger.admission import Admission, ChangedList, Erased, Place
from registry.store import rows as store_rows
from registry.store import tables


def keep_beside(connection: sa.Connection, start: int, batch: Sequence[Admission]) -> None:
    """What stands beside the entries: bodies and salts, issuers, status lists, and the places of credentials."""
    numbered = [(i, one) for i, one in enumerate(batch, start) if one.kind != "note" or one.document is not None]
    kept = ({"i": i, "body": one.document, "salt": one.salt} for i, one in numbered if one.document is not None)
    store_rows.insert(connection, tables.documents, kept)
    store_rows.insert(
        connection,
        tables.issuers,
        (
            {"register": one.opens.register, "did": one.opens.did, "name": one.opens.name, "key_entry": i, "issued": 0}
            for i, one in numbered
            if one.opens is not None
        ),
    )
    named = ({"i": i, "register": one.names.register} for i, one in numbered if one.names is not None)
    store_rows.insert(connection, tables.key_versions, named)
    for _, one in numbered:
        told = one.opens or one.names
        if told is not None and told.did_line is not None:
            _keep_did_line(connection, told.register, told.did_line)
    for i, one in numbered:
        if one.status_list is not None:
            _keep_list(connection, i, one.status_list)
    _keep_places(connection, [(i, one.place) for i, one in numbered if one.place is not None])
    for _, one in numbered:
        if one.erased is not None:
            _erase(connection, one.erased)
        if one.log_key is not None:
            changed = one.log_key
            store_rows.put_log_key(connection, changed.log, changed.n, changed.vkey, changed.state)


def _erase(connection: sa.Connection, gone: Erased) -> None:
    connection.execute(sa.delete(tables.documents).where(tables.documents.c.i.in_(gone.entries)))
    for table in (tables.credentials, tables.org_salts) if gone.register is not None else ():
        chosen = (table.c.register == gone.register, table.c.number == gone.number)
        connection.execute(sa.delete(table).where(*chosen))
    if not connection.execute(sa.select(tables.erased).where(tables.erased.c.digest == gone.digest)).one_or_none():
        store_rows.insert(connection, tables.erased, [{"digest": gone.digest}])


def _keep_did_line(connection: sa.Connection, register: str, line: str) -> None:
    n = len(store_rows.read_did_log(connection, register)) + 1
    store_rows.insert(connection, tables.did_logs, [{"register": register, "n": n, "line": line}])


def _keep_list(connection: sa.Connection, i: int, changed: ChangedList) -> None:
    lists = tables.status_lists
    known = connection.execute(sa.update(lists).where(lists.c.id == changed.id).values(bits=changed.bits)).rowcount
    if not known:
        names = ("id", "register", "purpose", "m", "seed", "bits")
        store_rows.insert(connection, lists, [{name: getattr(changed, name) for name in names}])
    store_rows.insert(connection, tables.status_versions, [{"i": i, "list_id": changed.id}])


def _keep_places(connection: sa.Connection, places: list[tuple[int, Place]]) -> None:
    names = ("register", "number", "n", "event", "event_order", "digest", "list_id", "list_index")
    rows = ({"i": i, **{name: getattr(place, name) for name in names}} for i, place in places)
    store_rows.insert(connection, tables.credentials, rows)
    issuers = tables.issuers
    for register, count in Counter(place.register for _, place in places).items():
        counted = sa.update(issuers).where(issuers.c.register == register).values(issued=issuers.c.issued + count)
        if connection.execute(counted).rowcount != 1:
            raise Conflict("issuer_unknown", f"the register {register} has no issuer in this ledger")
    persons = {(place.register, place.number): place for _, place in places if place.org_salt is not None}
    known = store_rows.read_pseudonymous(connection, *zip(*persons, strict=True)) if persons else set()
    rows = (
        {"register": place.register, "number": place.number, "salt": place.org_salt}
        for key, place in persons.items()
        if key not in known
    )
    store_rows.insert(connection, tables.org_salts, rows)
