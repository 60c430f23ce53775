"""A mirror's files: every path and its bytes, for the published checkpoint.

`checkpoint`, `tile/...` and, of the map's log, the same below `index/` (c2sp.org/tlog-tiles v0.1.0); beside them, at the paths of
the site, the DID documents and logs, the newest status lists, the trust file, context and schemas. `objects/{index}.json` holds
the document and the salt of each `key`, `status` and `policy` entry. No body and no salt of a credential or a note is in a
mirror. Writing the files is left to `operations/export`, comparing them to `audit`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import schemas
from registry.credential.identity import Identity
from registry.encoding import base64std, strict_json
from registry.encoding.jcs import jcs
from registry.errors import Malformed, NotPublished
from registry.log import entry, tiles
from registry.reading.public_log import tile_bytes
from registry.reading.reader import key_entry, list_version, office_document, registers, trust_document
from registry.store import document_rows, issuer_rows, rows
from registry.store.database import Connection
from registry.store.tables import INDEX, LEDGER, Log

#: where the files of each log stand
PREFIXES = {LEDGER.name: "", INDEX.name: "index/"}
PUBLIC_KINDS = ("key", "status", "policy")
_OPEN, _SALT, _CLOSE = b'{"object":', b',"salt":"', b'"}\n'


@dataclass(frozen=True, slots=True)
class File:
    """One file of a mirror. `lasts`: once it is there it never changes; `render`: gives its bytes."""

    path: str
    lasts: bool
    render: Callable[[], bytes]


class MirrorFiles:
    """The files of one published state. NotPublished before the first."""

    def __init__(self, connection: Connection, identity: Identity, witness_policy: str) -> None:
        self._connection, self._identity, self._witness_policy = connection, identity, witness_policy
        self._shown = {log.name: rows.read_published(connection, log) for log in (LEDGER, INDEX)}
        self._office_index: int | None = None
        if None in self._shown.values():
            raise NotPublished("not_published", "no checkpoint is published yet: there is nothing to mirror")

    def size(self, log: Log = LEDGER) -> int:
        """How many entries the published checkpoint of that log covers."""
        return self._published(log)[0]

    def _published(self, log: Log) -> tuple[int, str]:
        published = self._shown[log.name]
        if published is None:
            raise NotPublished("not_published", "no checkpoint is published yet")
        return published

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
        return is_within and read(path) == tile_bytes(self._connection, tile, log)

    def __iter__(self) -> Iterator[File]:
        """Every file, in the order in which a mirror is to get them: what others rest on first, the checkpoint last."""
        for log in (LEDGER, INDEX):
            for tile in tiles.tiles_of(self.size(log)):
                path = f"{PREFIXES[log.name]}tile/{tile.print()}"
                yield File(path, lasts=True, render=partial(tile_bytes, self._connection, tile, log))
        for index in self._public_objects():
            yield File(object_path(index), lasts=True, render=partial(self._object, index))
        for path, data in self._documents():
            yield File(path, lasts=False, render=partial(bytes, data))
        for log in (INDEX, LEDGER):
            yield File(f"{PREFIXES[log.name]}checkpoint", lasts=False, render=self._published(log)[1].encode)

    def _public_objects(self) -> Iterator[int]:
        """The entries whose document and salt everybody may have."""
        for body in document_rows.read_unplaced(self._connection, self.size()):
            logged = entry.parse(body)
            if logged.kind in PUBLIC_KINDS:
                if logged.issuer == self._identity.office_did:
                    self._office_index = logged.index
                yield logged.index

    def _object(self, index: int) -> bytes:
        body, salt = self._document(index)
        return print_object(body, salt)

    def _document(self, index: int) -> tuple[bytes, bytes]:
        committed = document_rows.read_document(self._connection, index)
        if committed is None:
            raise NotPublished("body_missing", f"the document under entry {index} is missing: it cannot be mirrored")
        return committed

    def _documents(self) -> Iterator[tuple[str, bytes]]:
        connection, identity, size = self._connection, self._identity, self.size()
        yield "contexts/organization/v1", schemas.context_bytes("organization/v1")
        for name in ("organization/v1", "status-list/v1"):
            yield f"schemas/{name}.json", schemas.schema_bytes(name)
        for register in registers(connection, size):
            document = self._document(key_entry(connection, register, size))[0]
            yield f"issuers/{register}/did.json", document
            lines = _lines_until(issuer_rows.read_did_log(connection, register), document)
            if lines:
                yield f"issuers/{register}/did.jsonl", "".join(f"{line}\n" for line in lines).encode()
        for list_id in issuer_rows.read_logged_lists(connection, size):
            path = list_id.removeprefix(f"{identity.base_url}/")
            yield path, self._document(list_version(connection, list_id, size))[0]
        yield ".well-known/did.json", self._office_document()
        yield "trust.json", jcs(trust_document(connection, identity, self._witness_policy, size)) + b"\n"

    def _office_document(self) -> bytes:
        """The office's document as it was logged last; while it never was, each log has its first key alone."""
        now = jcs(office_document(self._connection, self._identity))
        if self._office_index is not None:
            logged = self._document(self._office_index)[0]
        else:
            has_changed = any(len(rows.read_log_keys(self._connection, log)) > 1 for log in (LEDGER, INDEX))
            logged = b"" if has_changed else now
        if logged != now:
            raise NotPublished("log_keys", "the keys of the logs have changed since the last checkpoint: publish first")
        return now


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


def _lines_until(log: list[str], document: bytes) -> list[str]:
    """The lines of a did:webvh log up to the version that a DID document names; none where it names none."""
    named = strict_json.parse_object(document).get("alsoKnownAs", [])
    for n, line in enumerate(log, 1):
        version = strict_json.parse_object(line.encode())["versionId"]
        if any(str(name).endswith(f"?versionId={version}") for name in named):
            return log[:n]
    return []
