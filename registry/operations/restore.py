"""A store is brought forward from a mirror, or its map made anew.

A backup is put back by `put_back`, what no mirror has by `private_export`. Identity and keys are the installation's own: of
whatever is brought back nothing is believed that they did not sign. Whether the store may be written to afterwards is for the
start-up guards to say, as ever (`ledger/guards`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from registry.credential.log_keys import SIGNS
from registry.installation.key_notes import check_sealed, forget_desk
from registry.installation.key_store import installation_secret, key_name
from registry.installation.office import Office
from registry.installation.trust_file import refresh_trust_file
from registry.ledger import map_growth
from registry.log.checkpoint import Checkpoint
from registry.log.merkle import EMPTY_ROOT
from registry.mirror.replay import Restoring, count_missing, first_index_key
from registry.mirror.source import Mirror
from registry.operations.private_export import erased_entries
from registry.store import rows
from registry.store.head_token import HeadToken
from registry.store.rows import read_frontier
from registry.store.tables import INDEX, LEDGER, Log


@dataclass(frozen=True, slots=True)
class Standing:
    """`size`, `root`: of the store now; `body_missing`: how many of its entries lack the body that they commit to, besides those
    that were `erased`.
    """

    size: int
    root: bytes
    body_missing: int
    erased: int


def restore_from_mirror(office: Office, mirror: Mirror, seeds: Mapping[str, bytes], tell: Callable[[str], None]) -> int:
    """Bring the store forward to the mirror's checkpoint; how many entries were appended. Errors as of `Restoring`.

    `seeds`: of status lists, by id, where a sealed export has them; else they are made of the installation's secret, as they
    were when the list was opened.
    """

    def progress(done: int, total: int) -> None:
        tell(f"restored {done} of {total}")

    with office.restoring() as token:
        _check_seals(office)
        _take_first_index_key(office, mirror)
        keys = {log.name: office.log_keys.own(log) for log in (LEDGER, INDEX)}
        restoring = Restoring(
            office.store,
            office.identity,
            mirror,
            keys,
            office.seals,
            partial(installation_secret, office.keys),
            progress,
            seeds,
        )
        appended = restoring.run()
        for log, shown in ((LEDGER, restoring.ledger), (INDEX, restoring.index)):
            known = token.read(log.name)
            if known is not None and known.size > shown.head.size:
                tell(
                    f"the head token knows {known.size} entries of {known.origin}: what was signed last is not in the mirror"
                )
                continue
            _advance(office, token, log, shown.head)
        forget_desk(office.settings)
    refresh_trust_file(office.settings, office.reader, office.seals)
    return appended


def rebuild_map(office: Office) -> int:
    """Derive the map anew from the entries; how many of its roots were compared. LedgerDamaged `map_differs`."""
    return map_growth.rebuild_map(office.store)


def _check_seals(office: Office) -> None:
    """What the store holds already is the office's. Refused `unsealed`; LedgerDamaged `seal_broken`: begin with an empty one."""
    with office.store.read() as connection:
        head = rows.read_head(connection)
        if head is not None and (head.size or office.settings.sealed.exists()):
            check_sealed(office.settings)
            office.seals.check(connection)


def _take_first_index_key(office: Office, mirror: Mirror) -> None:
    """An empty store of a ledger whose map's log has retired its first key may not know that; the mirror does."""
    if office.keys.has(key_name(INDEX, 1)):
        return
    with office.store.write() as connection:
        head = rows.read_head(connection)
        if head is not None and not head.size:
            first = first_index_key(mirror, office.log_keys.first_index)
            sealing = office.seals.opened(connection, ("log_key",))
            rows.put_log_key(connection, INDEX.name, 1, first.print(), SIGNS)
            sealing.put("log_key", (INDEX.name, 1, first.print(), SIGNS))
            sealing.close(sealing.head)


def _advance(office: Office, token: HeadToken, log: Log, head: Checkpoint) -> None:
    with office.store.read() as connection:
        token.advance(log.name, head, lambda size: read_frontier(connection, size, log).root())


def standing(office: Office) -> Standing:
    """How the store is now."""
    with office.store.read() as connection:
        head = rows.read_head(connection)
        size, root = (0, EMPTY_ROOT) if head is None else (head.size, head.root)
        missing, erased = count_missing(connection), len(erased_entries(connection, size))
    return Standing(size, root, missing - erased, erased)
