"""A mirror's files: every path and its bytes, for the published checkpoint.

`checkpoint`, `tile/...` and, of the map's log, the same below `index/` (c2sp.org/tlog-tiles v0.1.0); beside them, at the paths of
the site, the DID documents and logs, the newest status lists, the trust file, context and schemas. `objects/{index}.json` holds
the document and the salt of each `key`, `status` and `policy` entry. No body and no salt of a credential or a note is in a
mirror. All of it is held against what was signed, as `published` derives it. Writing the files is left to `operations/export`,
comparing them to `audit`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import schemas
from registry.credential import proof, webvh
from registry.credential.document import canonicalize_ours, check_schema
from registry.credential.identity import Identity
from registry.encoding import base64std, members, strict_json
from registry.encoding.jcs import jcs
from registry.errors import LedgerDamaged, Malformed, NotPublished, RegistryError, Untrue
from registry.log import entry, map_log, tiles
from registry.mirror.published import PUBLIC_KINDS as PUBLIC_KINDS
from registry.mirror.published import PublicRecords, SignedTree, read_shown
from registry.reading.reader import key_entry, office_document, registers, trust_document
from registry.store import issuer_rows, rows
from registry.store.damage import UNREADABLE, is_passing, reason
from registry.store.database import Connection
from registry.store.tables import INDEX, LEDGER, Log
from registry.verify.trust import Trust
from registry.verify.trust import parse as parse_trust

#: where the files of each log stand
PREFIXES = {LEDGER.name: "", INDEX.name: "index/"}
_OPEN, _SALT, _CLOSE = b'{"object":', b',"salt":"', b'"}\n'


@dataclass(frozen=True, slots=True)
class File:
    """One file of a mirror. `lasts`: once it is there it never changes; `render`: gives its bytes."""

    path: str
    lasts: bool
    render: Callable[[], bytes]


class MirrorFiles:
    """The files of one published state. `is_audited`: proofs are checked elsewhere.

    NotPublished: before the first; or the keys of the logs have changed since. LedgerDamaged: the store is not what was signed;
    a proof or a did:webvh log that does not hold is told by `render`.
    """

    def __init__(
        self, connection: Connection, identity: Identity, witness_policy: str, *, is_audited: bool = False
    ) -> None:
        self._connection, self._identity, self._is_audited = connection, identity, is_audited
        origins = {LEDGER.name: identity.origin, INDEX.name: map_log.index_origin(identity.origin)}
        shown = {log.name: read_shown(connection, log, origins[log.name]) for log in (LEDGER, INDEX)}
        self._signed = {name: signed for name, (_, signed) in shown.items()}
        self._records = PublicRecords(connection, shown[LEDGER.name][0])
        self._trees = {
            LEDGER.name: self._records.tree,
            INDEX.name: SignedTree(connection, INDEX, shown[INDEX.name][0]),
        }
        self._registers = self._checked_registers()
        self._office = self._office_document()
        self._trust = jcs(trust_document(connection, identity, witness_policy, self.size())) + b"\n"
        #: as the mirror's own trust file says
        self.trust: Trust = parse_trust(self._trust)

    def size(self, log: Log = LEDGER) -> int:
        """How many entries the published checkpoint of that log covers."""
        return self._trees[log.name].head.size

    def root_at(self, size: int, log: Log = LEDGER) -> bytes:
        """The root of the first `size` entries of that log, not more than the checkpoint covers."""
        return self._trees[log.name].root_at(size)

    def signed(self, log: Log) -> str:
        """The published checkpoint of that log, a signed note."""
        return self._signed[log.name]

    def is_earlier_tile(self, path: str, read: Callable[[str], bytes | None]) -> bool:
        """Whether a file is a partial tile of an earlier checkpoint, and the beginning of what that tile is now.

        `read`: gives the bytes of the file at a path.
        """
        log = INDEX if path.startswith(PREFIXES[INDEX.name]) else LEDGER
        try:
            tile = tiles.parse_tile(path.removeprefix(f"{PREFIXES[log.name]}tile/"))
        except Malformed:
            return False
        is_within = tile.width <= tiles.width_of(tile.level, tile.n, self.size(log))
        return is_within and read(path) == self._trees[log.name].tile(tile)

    def __iter__(self) -> Iterator[File]:
        """Every file, in the order in which a mirror is to get them: what others rest on first, the checkpoint last."""
        for log in (LEDGER, INDEX):
            tree = self._trees[log.name]
            for tile in tiles.tiles_of(tree.head.size):
                yield File(f"{PREFIXES[log.name]}tile/{tile.print()}", lasts=True, render=partial(tree.tile, tile))
        for index in self._records.entries:
            yield File(object_path(index), lasts=True, render=partial(self._object, index))
        for path, data in self._documents():
            yield File(path, lasts=False, render=partial(bytes, data))
        for log in (INDEX, LEDGER):
            yield File(f"{PREFIXES[log.name]}checkpoint", lasts=False, render=self.signed(log).encode)

    def _object(self, index: int) -> bytes:
        self._checked(index)
        return print_object(*self._records.read(index))

    def _checked(self, index: int) -> dict[str, Any]:
        """The document under a public entry. LedgerDamaged: its proofs are not its issuer's."""
        logged, document = self._records.entries[index], self._records.document(index)
        if self._is_audited:
            return document
        try:
            if logged.kind == "status":
                self._check_proof(logged, document)
            elif "proof" in document:
                raise Untrue("proof", "it has none of its own")
        except RegistryError as error:
            raise _untrue(f"the document under entry {index} is not as it was signed: {error}") from None
        return document

    def _check_proof(self, logged: entry.Entry, document: dict[str, Any]) -> None:
        issuer = self.trust.issuers.get(logged.issuer or "")
        if issuer is None:
            raise Untrue("issuer", "its issuer is not one of the ledger")
        keys = {name: key.public for name, key in issuer.keys.items() if key.use == "status"}
        proof.check(document, keys.get, canonicalize_ours(self._identity.context_url))
        check_schema("status-list/v1", document)

    def _documents(self) -> Iterator[tuple[str, bytes]]:
        records = self._records
        for name in schemas.OWN_CONTEXTS:
            yield f"contexts/{name}", schemas.context_bytes(name)
        for name in (*schemas.CREDENTIAL_SCHEMAS, "status-list/v1"):
            yield f"schemas/{name}.json", schemas.schema_bytes(name)
        for register in self._registers:
            index = records.keys[self._identity.issuer_did(register)]
            document = self._checked(index)
            yield f"issuers/{register}/did.json", records.read(index)[0]
            lines = self._did_log(register, document)
            if lines:
                yield f"issuers/{register}/did.jsonl", "".join(f"{line}\n" for line in lines).encode()
        for list_id, index in sorted(records.lists.items()):
            if self._identity.parse_status_list_id(list_id) is None:
                raise _untrue(f"entry {index} logs {list_id}, which is no list of this ledger")
            self._checked(index)
            yield list_id.removeprefix(f"{self._identity.base_url}/"), records.read(index)[0]
        yield ".well-known/did.json", self._office
        yield "trust.json", self._trust

    def _did_log(self, register: str, document: dict[str, Any]) -> list[str]:
        """The lines of a did:webvh log up to the version that a DID document names; none where it names none."""
        names = members.list_of(document, "alsoKnownAs", str) if "alsoKnownAs" in document else []
        if not names:
            return []
        now = datetime.fromtimestamp(self._records.time / 1000, UTC) + timedelta(days=1)
        try:
            lines = _lines_until(issuer_rows.read_did_log(self._connection, register), names)
            version = webvh.resolve(lines, names[0], now)
            if f"{names[0]}?versionId={version.id}" not in names:
                raise Untrue("did_log", "its newest version is not the one that the ledger names")
        except UNREADABLE as error:
            if is_passing(error):
                raise
            raise _untrue(f"the did:webvh log of {register} is bad: {reason(error)}") from None
        return lines

    def _checked_registers(self) -> list[str]:
        """The registers that the entries open; what is kept beside the entries agrees with them. LedgerDamaged."""
        connection, size, records = self._connection, self.size(), self._records
        named = registers(connection, size)
        opened = {did: index for did, index in records.keys.items() if did != self._identity.office_did}
        if {self._identity.issuer_did(register) for register in named} != opened.keys():
            raise _untrue("what is kept of the issuers is not what the entries give")
        for register in named:
            if key_entry(connection, register, size) != opened[self._identity.issuer_did(register)]:
                raise _untrue(f"what is kept of the keys of {register} is not what the entries give")
        head = rows.read_head(connection)
        first = rows.read_log_keys(connection, LEDGER)[:1]
        if head is None or head.origin != self._identity.origin or [vkey for vkey, _ in first] != [head.genesis_key]:
            raise _untrue("what is kept of the ledger's origin and first key is not what the entries give")
        if size and records.first_prev != entry.genesis_prev(head.origin, head.genesis_key):
            raise _untrue("entry 0 does not continue from the ledger's first key")
        return named

    def _office_document(self) -> bytes:
        """The office's document as it was logged last; while it never was, each log has its first key alone."""
        connection, index = self._connection, self._records.keys.get(self._identity.office_did)
        now = jcs(office_document(connection, self._identity))
        if index is not None:
            is_logged = jcs(self._checked(index)) == now
        else:
            is_logged = all(len(rows.read_log_keys(connection, log)) == 1 for log in (LEDGER, INDEX))
        if is_logged:
            return now
        since = rows.read_entries(connection, self.size(), rows.end_of_entries(connection))
        if any(b'"kind":"key"' in body for body in since):
            raise NotPublished("log_keys", "the keys of the logs have changed since the last checkpoint: publish first")
        raise _untrue("the keys kept of the logs are not those that the office has logged")


def object_path(index: int) -> str:
    """Where the document and the salt of a public entry stand."""
    return f"objects/{index}.json"


def print_object(document: bytes, salt: bytes) -> bytes:
    """The file of a public document, whose own bytes stay as they are: `{"object": ..., "salt": standard base64}`."""
    return _OPEN + document + _SALT + base64std.encode(salt).encode() + _CLOSE


def parse_object(data: bytes) -> tuple[bytes, bytes]:
    """(document, salt) of such a file. Malformed `object`: another form."""
    members = strict_json.parse_object(data)
    salt = base64std.decode(members.get("salt"), "salt")
    document = data[len(_OPEN) : len(data) - len(_SALT) - len(base64std.encode(salt)) - len(_CLOSE)]
    if print_object(document, salt) != data or not isinstance(members.get("object"), dict):
        raise Malformed("object", "not the form in which a public object is printed")
    return document, salt


def _lines_until(log: list[str], names: list[str]) -> list[str]:
    """The lines of a did:webvh log up to the version that one of those names names; none where they name none."""
    for n, line in enumerate(log, 1):
        version = strict_json.parse_object(line.encode()).get("versionId")
        if any(name.endswith(f"?versionId={version}") for name in names):
            return log[:n]
    return []


def _untrue(what: str) -> LedgerDamaged:
    return LedgerDamaged("record_untrue", f"{what}: nothing is mirrored; see greffe audit")
