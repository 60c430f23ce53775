"""A backup is put back, once nothing of it must be believed any more.

Its manifest bears its MAC; somebody besides it shows how far the ledger went; its rows alone are copied into a draft beside the
store; the draft passes its audit, and bears the office's seals. Then the store becomes what the draft is, in one transaction.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from registry.audit.audit import audit
from registry.audit.result import Audit
from registry.encoding.jcs import jcs
from registry.errors import Malformed, Refused, Untrue
from registry.installation.key_notes import forget_desk, note_sealed
from registry.installation.office import Office
from registry.installation.seen import seen_in_mirror
from registry.installation.trust_file import refresh_trust_file
from registry.installation.witness_policy import read_witness_policy
from registry.ledger.guards import Seen
from registry.ledger.witnesses import make_client, seen_by_witnesses
from registry.log import checkpoint, note
from registry.log.checkpoint import Checkpoint, check_holds
from registry.log.policy import parse as parse_policy
from registry.operations.backup import (
    DESK_FILE,
    LEDGER_FILE,
    Manifest,
    check,
    copy_rows,
    is_authentic,
    opened,
    tells_full,
)
from registry.reading.reader import Reader
from registry.store import rows, seal_rows, sqlite
from registry.store.copy_store import copy_store
from registry.store.database import Store
from registry.store.head_token import HeadToken
from registry.store.rows import read_frontier
from registry.store.tables import LEDGER
from registry.verify.trust import parse as parse_trust


def restore(
    office: Office,
    folder: Path,
    progress: Callable[[int, int], None],
    mirrors: Iterable[str] = (),
    *,
    accepts_loss: bool = False,
) -> Audit:
    """Put a backup into the installation's store, which is empty or has the first of its entries; the audit of it.

    `mirrors`: folders or URLs to compare it with; `accepts_loss`: put it back though nobody can tell whether it is the newest,
    or whether this installation made it. Whatever is raised, the store is as it was. NotFound, Untrue: as `check`; Untrue
    `backup_damaged` too where its rows do not pass the audit. Refused: `backup_unauthenticated`, `nothing_to_compare`; the backup
    is of another ledger, or the store is ahead, or somebody knows another history (`store_forked`).
    """
    manifest = check(folder)
    draft = _draft_of(office)
    with office.restoring() as token:
        _remove(draft)
        try:
            with opened(folder) as saved:
                _check_fits(office.store, saved, manifest)
                if not is_authentic(manifest, office.keys) and not accepts_loss:
                    raise Refused(
                        "backup_unauthenticated",
                        "an older version made the backup, or somebody took its MAC away: nobody can tell who made it; "
                        "--accept-loss puts it back all the same",
                    )
                if not _compared(office, saved, token, mirrors) and not accepts_loss:
                    raise Refused(
                        "nothing_to_compare",
                        f"no head token, witness or mirror shows how far the ledger went: whether entries came after the "
                        f"{manifest.size} of the backup nobody can tell; --accept-loss puts it back all the same",
                    )
                copy_rows(saved, draft)
            report = _audited(office, draft, progress, accepts_loss=accepts_loss)
            _put_in_place(office, draft)
            if DESK_FILE in manifest.files and not office.settings.desk.exists():
                sqlite.copy_file(folder / DESK_FILE, office.settings.desk)
        finally:
            _remove(draft)
        note_sealed(office.settings)
        forget_desk(office.settings)
    refresh_trust_file(office.settings, office.reader, office.seals)
    return report


def _check_fits(own: Store, saved: Store, manifest: Manifest) -> None:
    with own.read() as here, saved.read() as there:
        head, other = rows.read_head(here), rows.read_head(there)
        if head is None or other is None or (head.origin, head.genesis_key) != (other.origin, other.genesis_key):
            raise Refused("identity_disagrees", "the backup is of another ledger than this installation's")
        if head.size > manifest.size:
            raise Refused(
                "store_ahead", f"the store has {head.size} entries, the backup {manifest.size}: it would be put back"
            )
        if head.size and read_frontier(there, head.size).root() != head.root:
            raise Refused("store_forked", f"the store's {head.size} entries are not the first of the backup's")


def _compared(office: Office, saved: Store, token: HeadToken, mirrors: Iterable[str]) -> bool:
    """Whether anybody shows how far the ledger went. Refused `store_forked`: they know another history.

    One that shows more than the backup has is enough: the store is refused at start-up until a mirror has brought it forward.
    """
    with saved.read() as connection:
        head = rows.read_head(connection)
        assert head is not None  # compared with the store's before
        own = [note.parse_vkey(vkey) for vkey, _ in rows.read_log_keys(connection, LEDGER)]
        keys = [*own, *office.log_keys.own(LEDGER)]
        last = token.read(LEDGER.name)
        known = [] if last is None else [("the head token", last)]
        for shown in _seen(office, mirrors):
            try:
                known.append((shown.where, checkpoint.check(shown.text, keys)))
            except (Malformed, Untrue):
                continue  # no key of ours has signed it: nobody's knowledge
        known = [(where, seen) for where, seen in known if seen.size and seen.origin == head.origin]
        for where, seen in known:
            try:
                check_holds(
                    seen,
                    Checkpoint(head.origin, head.size, head.root),
                    lambda size: read_frontier(connection, size).root(),
                    where,
                )
            except Refused as error:
                if error.code != "store_behind":
                    raise
    return bool(known)


def _seen(office: Office, mirrors: Iterable[str]) -> list[Seen]:
    """What mirrors and witnesses show of the ledger."""
    policy = parse_policy(read_witness_policy(office.settings))
    shown = [seen for mirror in dict.fromkeys(mirrors) for seen in seen_in_mirror(mirror)]
    shown += seen_by_witnesses(policy, make_client(), office.identity.origin)
    return [seen for seen in shown if seen.log is LEDGER]


def _draft_of(office: Office) -> Path:
    """Where a backup's rows are copied to first; one that a killed restore has left is removed by the next."""
    path = office.store.path or office.settings.data / LEDGER_FILE
    return path.with_name(f".{path.name}.draft")


def _remove(draft: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{draft}{end}").unlink(missing_ok=True)


def _audited(office: Office, draft: Path, progress: Callable[[int, int], None], *, accepts_loss: bool) -> Audit:
    """The audit of the draft, which bears the office's seals then. Untrue `backup_damaged`; Refused `backup_unauthenticated`."""
    with tells_full(draft.parent):
        copy = Store(f"sqlite:///{draft}", floor=0)
        try:
            trust = parse_trust(jcs(Reader(office.identity, copy, office.reader.witness_policy).trust()))
            report = audit(copy, trust, progress)
            wrong = [*report.failures]
            if report.first_bad is not None:
                wrong.append(f"entry {report.first_bad[0]}: {report.first_bad[1]}")
            with copy.read() as connection:
                is_sealed = bool(seal_rows.read_seals(connection))
                wrong += office.seals.broken(connection) if is_sealed else []
            if wrong:
                more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""
                raise Untrue("backup_damaged", f"what the backup holds is not as it was: {'; '.join(wrong[:3])}{more}")
            if not is_sealed:
                if not accepts_loss:
                    raise Refused(
                        "backup_unauthenticated",
                        "the backup is of a store that was never sealed: --accept-loss puts it back and seals it",
                    )
                with copy.write() as connection:
                    office.seals.seal_all(connection)
        finally:
            copy.close()
        sqlite.leave_one_file(draft)
    return report


def _put_in_place(office: Office, draft: Path) -> None:
    """Let the store be what the draft is, in one transaction: a process that has the store open sees all of it, or nothing."""
    path = office.store.path
    if path is None:
        copy = Store(f"sqlite:///{draft}", read_only=True)
        try:
            copy_store(copy, office.store)
        finally:
            copy.close()
        return
    office.store.close()
    with tells_full(path.parent):
        sqlite.copy_file(draft, path)
