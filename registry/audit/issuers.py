"""Issuers, entries of their keys, and their did:webvh logs, compared with the entries."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from registry.credential import webvh
from registry.credential.document import text_at
from registry.encoding import members, strict_json
from registry.encoding.stored import stored
from registry.errors import RegistryError, Untrue
from registry.log.entry import Entry
from registry.store import document_rows, issuer_rows, tables
from registry.store.columns import number
from registry.store.issuer_rows import IssuerRow
from registry.verify.trust import Trust


class IssuerAudit:
    """The issuers beside a walk over the entries."""

    def __init__(self, connection: sa.Connection, trust: Trust) -> None:
        self._connection, self._trust = connection, trust
        #: the entries that name an issuer's keys, in their order
        self._keys: dict[str, list[int]] = {}
        #: the name under which an issuer has signed its first list
        self._names: dict[str, str] = {}
        self._time = 0

    def take(self, logged: Entry) -> None:
        """An entry, the next one."""
        self._time = logged.time
        if logged.kind == "key":
            self._keys.setdefault(logged.issuer or "", []).append(logged.index)

    def note_list(self, logged: Entry, document: Mapping[str, object]) -> None:
        """A version of a status list, whose proofs hold."""
        self._names.setdefault(logged.issuer or "", text_at(document, "issuer", "name") or "")

    @property
    def office_keys(self) -> list[int]:
        """The entries that name the keys of the logs."""
        return self._keys.get(self._trust.office or "", [])

    def faults(self, issued: Mapping[str, int]) -> list[str]:
        """The walk is over: what is wrong. `issued`: how many credentials each issuer has issued."""
        issuers = issuer_rows.read_issuers(self._connection)
        faults = [
            f"what is kept of the issuer of {row.register} is not what its entries give"
            for row in issuers
            if not self._is_logged(row, issued.get(row.did, 0))
        ]
        for row in issuers:
            faults += self._did_log_faults(row)
        registers = {row.did: row.register for row in issuers}
        opened = {row.did: row.key_entry for row in issuers}
        versions = tables.key_versions.c
        versions_stored = {
            (row.i, row.register) for row in self._connection.execute(sa.select(versions.i, versions.register))
        }
        logged = {
            (index, registers.get(did))
            for did, indexes in self._keys.items()
            for index in indexes
            if did != self._trust.office and index != opened.get(did)
        }
        if versions_stored != logged:
            faults.append("what is kept of the key entries is not what the entries give")
        logs = set(self._connection.execute(sa.select(tables.did_logs.c.register).distinct()).scalars())
        for register in sorted(logs - set(registers.values())):
            faults.append(f"a did:webvh log is kept for {register}, which has no issuer")
        return faults

    def _is_logged(self, row: IssuerRow, issued: int) -> bool:
        trusted = self._trust.issuers.get(row.did)
        is_trusted = trusted is not None and row.register in trusted.registers
        is_first = self._keys.get(row.did, [])[:1] == [row.key_entry]
        return is_trusted and is_first and row.issued == issued and row.name == self._names.get(row.did, row.name)

    def _did_log_faults(self, issuer: IssuerRow) -> list[str]:
        """The log holds, and its newest version is the one that the newest DID document in the ledger names."""
        register = issuer.register
        committed = document_rows.read_document(self._connection, (self._keys.get(issuer.did) or [-1])[-1])
        if committed is None:
            return []  # counted as missing; an entry of nobody is named elsewhere
        try:
            document = strict_json.parse_object(committed[0])
            names = members.list_of(document, "alsoKnownAs", str) if "alsoKnownAs" in document else []
            lines = self._lines(register)
            if not names and not lines:
                return []  # an issuer from before there were logs
            if not names:
                raise Untrue("did_log", "the ledger names no such log")
            now = datetime.fromtimestamp(self._time / 1000, UTC) + timedelta(days=1)
            version = webvh.resolve(lines, names[0], now)
            if f"{names[0]}?versionId={version.id}" not in names:
                raise Untrue("did_log", "its newest version is not the one that the ledger names")
        except OverflowError:
            return [f"the did:webvh log of {register} is bad: the ledger's last entry is of the end of time"]
        except RegistryError as error:
            return [f"the did:webvh log of {register} is bad: {error}"]
        return []

    def _lines(self, register: str) -> list[str]:
        columns = tables.did_logs.c
        chosen = sa.select(columns.n).where(columns.register == register).order_by(columns.n)
        numbers = [number(n) for n in self._connection.execute(chosen).scalars()]
        if numbers != list(range(1, len(numbers) + 1)):
            raise Untrue("did_log", "its lines are not numbered one by one")
        lines = issuer_rows.read_did_log(self._connection, register)
        if any(stored(strict_json.parse_object(line)).decode() != line for line in lines):
            raise Untrue("did_log", "a line is not in the form in which lines are stored")
        return lines
