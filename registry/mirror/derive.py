"""What stands beside a mirror's entries is derived from the mirror alone.

Issuers, key versions, did:webvh logs, status lists and the places of credentials follow from the entries and the public objects.
What does not: bodies and salts of credentials, the event and the digest that a place also has (left empty: unknown), and whose
the entries under a pseudonym are; those are noted as of an unknown person, unless the store knows the salt behind the pseudonym.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from registry.credential import did, log_keys, proof, status, webvh
from registry.credential.document import canonicalize_ours, check_schema, text_at
from registry.credential.identity import Identity
from registry.credential.status import next_position
from registry.encoding import members, strict_json
from registry.errors import Malformed, RegistryError, Untrue
from registry.keys import ED25519, PublicKey
from registry.ledger.admission import (
    Admission,
    Effect,
    Erased,
    IssuerOpened,
    KeysNamed,
    ListChanged,
    LogKeyChanged,
    Placed,
    Statement,
)
from registry.log import entry, map_log, note
from registry.log.entry import Entry
from registry.mirror import files
from registry.mirror.log import BadEntry
from registry.mirror.source import Mirror
from registry.reading.reader import key_entry
from registry.store import document_rows, issuer_rows, place_rows, rows
from registry.store.database import Connection
from registry.store.tables import INDEX, LEDGER

#: gives the installation's secret for a purpose (`installation_secret`)
Secret = Callable[[str], bytes]
#: gives the bytes of the entry of that index; None beyond the end
ReadEntry = Callable[[int], bytes | None]
#: the entries that open a list stand that close behind the key entry that opens its issuer
_NEAR = 256


@dataclass(slots=True)
class _Issuer:
    """What is known of one: how many credentials it has issued, and its keys by verification method."""

    register: str
    issued: int
    keys: Mapping[str, PublicKey]


@dataclass(frozen=True, slots=True)
class Derived:
    """One entry with its effect. `unknown`: the register, where it is a credential of nobody known here."""

    admission: Admission
    unknown: str | None = None


@dataclass(slots=True)
class MirrorDeriver:
    """Derives, entry by entry, from where the store ends. `secret`: None where the installation's secrets are not at hand;
    `seeds`: of status lists, by id, that the secret need not be asked for.
    """

    identity: Identity
    mirror: Mirror
    secret: Secret | None
    read_entry: ReadEntry
    seeds: Mapping[str, bytes]
    _issuers: dict[str, _Issuer] = field(default_factory=dict)
    _seeds: dict[str, bytes] = field(default_factory=dict)
    _persons: dict[str, tuple[str, str]] = field(default_factory=dict)
    _did_lines: Counter[str] = field(default_factory=Counter)
    _log_keys: dict[str, tuple[PublicKey, int]] = field(default_factory=dict)

    def begin(self, connection: Connection) -> None:
        """Take up what the store holds."""
        head = rows.read_head(connection)
        for issuer in issuer_rows.read_issuers(connection):
            keys = _keys(connection, issuer.register, 0 if head is None else head.size)
            self._issuers[issuer.did] = _Issuer(issuer.register, issuer.issued, keys)
            self._did_lines[issuer.register] = len(issuer_rows.read_did_log(connection, issuer.register))
        for log in (LEDGER, INDEX):
            for n, (vkey, state) in enumerate(rows.read_log_keys(connection, log), 1):
                self._log_keys[f"{log.name}-{n}"] = (PublicKey(ED25519, note.parse_vkey(vkey).public), state)
        self._seeds = {row.id: row.seed for row in issuer_rows.read_lists(connection)}
        for register, number, salt in place_rows.read_org_salts(connection):
            self._persons[entry.pseudonym(salt, register, number)] = (register, number)

    def derive(self, connection: Connection, batch: list[Entry]) -> list[Derived]:
        """Those entries, all of them; `connection`: the store as it is before the first. BadEntry."""
        counts: Counter[tuple[str, str]] = Counter()
        derived = []
        for logged in batch:
            try:
                derived.append(self._derived(connection, counts, logged))
            except BadEntry:
                raise
            except RegistryError as error:
                raise BadEntry(logged.index, error) from None
        return derived

    def _derived(self, connection: Connection, counts: Counter[tuple[str, str]], logged: Entry) -> Derived:
        statement = _statement(logged)
        if logged.kind in entry.CREDENTIAL_KINDS:
            placed, unknown = self._placed(connection, counts, logged)
            return Derived(Admission(statement, effect=placed), unknown)
        if logged.kind == "erase":
            return Derived(Admission(statement, effect=self._erased(logged)))
        if logged.kind not in files.PUBLIC_KINDS:
            return Derived(Admission(statement))
        document, salt = self._object(logged)
        effect = self._effect(logged, strict_json.parse_object(document))
        return Derived(Admission(statement, document, salt, effect))

    def _effect(self, logged: Entry, document: dict[str, Any]) -> Effect:
        """What an entry changes whose document everybody may have."""
        if logged.kind == "status":
            return self._list_changed(logged, document)
        if logged.kind != "key":
            return None
        if logged.issuer == self.identity.office_did:
            return self._log_key_changed(document)
        return self._keys_changed(logged, document)

    def _placed(
        self, connection: Connection, counts: Counter[tuple[str, str]], logged: Entry
    ) -> tuple[Placed | None, str | None]:
        """The place of a credential; or the register, where nobody here knows whose it is."""
        issuer = self._issuers.get(logged.issuer or "")
        if issuer is None:
            raise Untrue("issuer", "its issuer has no key entry before it")
        before, issuer.issued = issuer.issued, issuer.issued + 1
        organization = self._organization(logged, issuer)
        if organization is None:
            return None, issuer.register
        counts[organization] += 1
        n = len(place_rows.read_places(connection, *organization)) + counts[organization]
        list_id, list_index = self._position(issuer.register, before)
        return Placed(*organization, n, list_id, list_index, "", "[]", b"", None), None

    def _organization(self, logged: Entry, issuer: _Issuer) -> tuple[str, str] | None:
        """Whose credential an entry logs; None: the salt behind its pseudonym is not known here."""
        org = logged.org or ""
        if org.startswith("~"):
            return self._persons.get(org)
        register, _, number = org.partition(":")
        if register != issuer.register:
            raise Untrue("org", "its organization is of another register than its issuer")
        return register, number

    def _position(self, register: str, before: int) -> tuple[str, int]:
        """The list of revocations, and the index in it, of an issuer's credential after `before` others."""
        list_id = self.identity.status_list_id(status.REVOCATION, register, before // status.LENGTH + 1)
        seed = self._seeds.get(list_id)
        if seed is None:
            raise Untrue("status_list", f"the list {list_id} was never opened")
        return list_id, next_position(seed, before)[1]

    def _object(self, logged: Entry) -> tuple[bytes, bytes]:
        data = self.mirror.read(files.object_path(logged.index))
        if data is None:
            raise Untrue("mirror_incomplete", f"the mirror has no {files.object_path(logged.index)}")
        document, salt = files.parse_object(data)
        if entry.commitment(salt, strict_json.parse_object(document)) != logged.commitment:
            raise Untrue("commitment", "its body or salt is not what it commits to")
        return document, salt

    def _log_key_changed(self, document: dict[str, Any]) -> LogKeyChanged:
        """A `key` entry of the office: what it changes of the keys of the logs."""
        named = log_keys.read(document)
        changed = [fragment for fragment, key in named.items() if self._log_keys.get(fragment) != key]
        if (
            document.get("id") != self.identity.office_did
            or len(changed) != 1
            or not self._log_keys.keys() <= named.keys()
        ):
            raise Untrue("log_key", "it does not change one of the logs' keys")
        name, n = did.use_of(changed[0])
        origins = {LEDGER.name: self.identity.origin, INDEX.name: map_log.index_origin(self.identity.origin)}
        if name not in origins:
            raise Malformed("object", f"{changed[0]} is a key of no log")
        key, state = named[changed[0]]
        before = self._log_keys.get(changed[0], (key, log_keys.SIGNS + 1))
        if before[0] != key or before[1] <= state:
            raise Untrue("log_key", f"{changed[0]} becomes another key, or is believed again")
        self._log_keys[changed[0]] = named[changed[0]]
        return LogKeyChanged(name, n, note.VerifierKey(origins[name], key.raw).print(), state)

    def _keys_changed(self, logged: Entry, document: dict[str, Any]) -> IssuerOpened | KeysNamed:
        """A `key` entry: an issuer opens, or its document changes."""
        name = str(logged.issuer)
        register = name.rpartition(":")[2]
        if document.get("id") != name or self.identity.issuer_did(register) != name:
            raise Untrue("issuer", "its document is not of an issuer of this installation")
        line = self._did_line(logged, register, document)
        known = self._issuers.get(name)
        issued = 0 if known is None else known.issued
        self._issuers[name] = _Issuer(register, issued, _methods(document))
        if known is not None:
            return KeysNamed(register, line)
        return IssuerOpened(register, name, self._name_of(logged), line)

    def _name_of(self, logged: Entry) -> str:
        """An issuer's name, from the status list that it opens right after its key entry."""
        for index in range(logged.index + 1, logged.index + 1 + _NEAR):
            body = self.read_entry(index)
            if body is None:
                break
            near = entry.parse(body)
            if near.kind == "status" and near.issuer == logged.issuer:
                try:
                    name = text_at(strict_json.parse_object(self._object(near)[0]), "issuer", "name")
                except RegistryError as error:
                    raise BadEntry(index, error) from None
                if name is not None:
                    return name
        raise Untrue("issuer", "its issuer opens no status list, so that its name is not known")

    def _did_line(self, logged: Entry, register: str, document: dict[str, Any]) -> str | None:
        """The line of the did:webvh log that goes with a DID document; None where it names no log."""
        if not document.get("alsoKnownAs"):
            return None
        names = members.list_of(document, "alsoKnownAs", str)
        try:
            log = (self.mirror.read(f"issuers/{register}/did.jsonl") or b"").decode()
        except UnicodeDecodeError:
            raise Malformed("object", f"the did:webvh log of {register} is not UTF-8") from None
        self._did_lines[register] += 1
        lines = log.splitlines()[: self._did_lines[register]]
        now = datetime.fromtimestamp(logged.time / 1000, UTC) + timedelta(days=1)
        version = webvh.resolve(lines, names[0], now)
        if len(lines) != self._did_lines[register] or f"{names[0]}?versionId={version.id}" not in names:
            raise Untrue("did_log", f"the did:webvh log of {register} is not the one that the ledger names")
        return lines[-1]

    def _list_changed(self, logged: Entry, document: dict[str, Any]) -> ListChanged:
        """A `status` entry: the list as this version has it."""
        issuer = self._issuers.get(logged.issuer or "")
        list_id, purpose = text_at(document, "id") or "", text_at(document, "credentialSubject", "statusPurpose") or ""
        number = list_id.rpartition("-")[2]
        m = int(number) if number.isdecimal() and len(number) < 10 else 0
        if issuer is None or self.identity.status_list_id(purpose, issuer.register, m) != list_id:
            raise Untrue("status_list", "its id is not one of its issuer's lists")
        check_schema("status-list/v1", document)
        proof.check(document, issuer.keys.get, canonicalize_ours(self.identity.context_url))
        seed = self._seed(list_id)
        self._seeds[list_id] = seed
        bits = status.decode(document["credentialSubject"]["encodedList"])
        return ListChanged(list_id, issuer.register, purpose, m, seed, bits)

    def _seed(self, list_id: str) -> bytes:
        """The secret that shuffles the positions of a list and of its sibling; empty where it is not known."""
        known = (self._seeds.get(status.sibling(list_id, purpose)) for purpose in status.PURPOSES)
        seed = next((seed for seed in known if seed is not None), self.seeds.get(list_id))
        if seed is not None:
            return seed
        return b"" if self.secret is None else self.secret(status.seed_purpose(list_id))

    def _erased(self, logged: Entry) -> Erased | None:
        """An `erase` entry: what goes, also where an older store still has it. None: whose, or the secret, is unknown."""
        org = logged.org or ""
        organization = self._persons.get(org)
        if organization is None and not org.startswith("~"):
            register, _, number = org.partition(":")
            organization = register, number
        if organization is None or self.secret is None:
            return None
        return Erased(logged.refers, entry.erased_digest(self.secret("erased"), *organization), *organization)


def _statement(logged: Entry) -> Statement:
    """What an entry that was logged says."""
    return Statement(
        kind=logged.kind,
        issuer=logged.issuer,
        org=logged.org,
        key=logged.key,
        type=logged.type,
        effective=logged.effective,
        reason=logged.reason,
        refers=logged.refers,
    )


def _keys(connection: Connection, register: str, size: int) -> Mapping[str, PublicKey]:
    """The keys of the newest DID document of a register's issuer, by verification method."""
    committed = document_rows.read_document(connection, key_entry(connection, register, size))
    return {} if committed is None else _methods(strict_json.parse_object(committed[0]))


def _methods(document: Mapping[str, Any]) -> Mapping[str, PublicKey]:
    return {f"{document['id']}#{fragment}": key for fragment, key in did.keys_of(document).items()}
