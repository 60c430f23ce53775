"""A mirror is audited from its files and a trust file alone.

Its entries are loaded into a scratch store, each proven to lie under the signed checkpoint (`replay`); auditing derives all that
they give (`audit/audit`); then what a mirror of that store would hold is compared with what this one holds, file for file and
byte for byte. A partial tile of an earlier checkpoint may be there too; every other file of a folder is a failure. What shuffles
the positions in status lists is secret, so that only the number of set bits is compared, and that none of them moved.
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from registry.audit.audit import audit
from registry.audit.result import Audit
from registry.credential.identity import Identity
from registry.credential.identity import make as make_identity
from registry.edge.regular import printable
from registry.errors import LedgerDamaged, Malformed, NotPublished, RegistryError, Untrue
from registry.ledger.ledger import open_ledger
from registry.log import entry, note
from registry.mirror.files import MirrorFiles
from registry.mirror.log import BadEntry
from registry.mirror.published import check_cosigned, check_cosigned_since, has_strange_lines
from registry.mirror.replay import Restoring, first_index_key
from registry.mirror.source import Mirror
from registry.records.seals import Seals
from registry.store.database import Store
from registry.store.rows import read_entries
from registry.store.tables import INDEX, LEDGER
from registry.verify.trust import Trust

_CONTEXT = "/contexts/organization/v1"


def audit_mirror(mirror: Mirror, trust: Trust, progress: Callable[[int, int], None]) -> Audit:
    """Audit that mirror; `progress` is called with entries done and in all.

    Usage `mirror`: there is no such folder. Conflict `mirror_away`: it does not answer.
    """
    mirror.check_there()
    with TemporaryDirectory(prefix="greffe-audit-") as folder:
        store = Store(f"sqlite:///{Path(folder) / 'scratch.db'}", floor=0)
        try:
            return _Scratch(store, mirror, trust).audited(progress)
        finally:
            store.close()


class _Scratch:
    def __init__(self, store: Store, mirror: Mirror, trust: Trust) -> None:
        self._store, self._mirror, self._trust = store, mirror, trust

    def audited(self, progress: Callable[[int, int], None]) -> Audit:
        identity, failures, bad = _identity(self._trust), list[str](), None
        keys = {LEDGER.name: list(self._trust.ledger_keys), INDEX.name: list(self._trust.index_keys)}
        first_keys, seals = (self._trust.genesis_key.print(), self._first_index_key().print()), Seals(bytes(32))
        open_ledger(self._store, identity.origin, *first_keys, seals)
        try:
            restoring = Restoring(self._store, identity, self._mirror, keys, seals, None, progress)
            failures += self._unwitnessed(restoring)
            restoring.run()
            failures += self._strange_lines(restoring) + self._early(restoring) + self._differing(identity)
        except BadEntry as error:
            bad = (error.index, str(error.error))
        except (Untrue, Malformed, NotPublished, LedgerDamaged) as error:
            failures.append(f"the mirror cannot be read to its end: {error}")
        result = audit(self._store, self._trust, progress)
        if result.first_bad is None or (bad is not None and bad[0] < result.first_bad[0]):
            result.first_bad = bad
        result.failures[:0] = failures
        return result

    def _first_index_key(self) -> note.VerifierKey:
        """The first key of the map's log. Where it is retired by now, the office's document alone still names it."""
        if not self._trust.index_keys:
            raise Malformed("trust", "the trust file names no key of the map's log")
        return first_index_key(self._mirror, self._trust.index_keys[0])

    def _unwitnessed(self, restoring: Restoring) -> list[str]:
        """What is wrong with the cosignatures under the two checkpoints."""
        trust = self._trust
        wrong = []
        for policy, shown in ((trust.policy, restoring.shown), (trust.index_policy, restoring.index)):
            try:
                check_cosigned(policy, shown.signed)
            except RegistryError as error:
                wrong.append(f"the checkpoint of {shown.head.origin} is not witnessed: {error}")
        return wrong

    def _strange_lines(self, restoring: Restoring) -> list[str]:
        """The checkpoints that bear a signature of nobody known: a damaged line of a key that matters looks like that too."""
        policy, wrong = self._trust.policy, []
        for log, shown in ((LEDGER, restoring.shown), (INDEX, restoring.index)):
            with self._store.read() as connection:
                is_strange = has_strange_lines(connection, log, shown.signed, policy)
            if is_strange:
                wrong.append(f"the checkpoint of {shown.head.origin} bears a signature of nobody known, or one twice")
        return wrong

    def _early(self, restoring: Restoring) -> list[str]:
        """The checkpoints that were cosigned before what they cover was there."""
        with self._store.read() as connection:
            last = restoring.shown.head.size - 1
            written = entry.parse(read_entries(connection, last, last + 1)[0]).time // 1000 if last >= 0 else 0
        wrong = []
        for policy, shown in ((self._trust.policy, restoring.shown), (self._trust.index_policy, restoring.index)):
            try:
                if policy is not None:
                    check_cosigned_since(policy, shown.signed, written)
            except Untrue as error:
                wrong.append(f"the checkpoint of {shown.head.origin} has an old cosignature: {error}")
        return wrong

    def _differing(self, identity: Identity) -> list[str]:
        """Every file that is missing, changed, or none of a mirror."""
        wrong = []
        expected = set()
        with self._store.read() as connection:
            policy = str(self._trust.document["witnessPolicy"])
            files = MirrorFiles(connection, identity, policy, is_audited=True)
            for file in files:
                expected.add(file.path)
                data = self._mirror.read(file.path)
                if data is None:
                    wrong.append(f"{file.path} is missing from the mirror")
                elif data != file.render():
                    wrong.append(f"{file.path} of the mirror is not what the ledger gives")
            there = self._mirror.paths() or set()
            odd = (path for path in sorted(there - expected) if not files.is_earlier_tile(path, self._mirror.read))
            wrong += [f"{printable(path)} is no file of a mirror of this ledger" for path in odd]
        return wrong


def _identity(trust: Trust) -> Identity:
    """Whose ledger it is: the base URL is where the installation's own context stands. Malformed."""
    url = trust.organization_context
    if url is None or not url.endswith(_CONTEXT):
        raise Malformed("trust", "the trust file does not name the context of the installation")
    return make_identity(url.removesuffix(_CONTEXT), trust.origin)
