"""The issuer of one register: its keys, its DID and its status lists.

The first batch of a register begins with the `key` entry of its DID document and the `status` entries of the lists that it
opens: one of revocations and one of suspensions, in which a credential has the same index. When they fill up, the next two
are opened. Private keys are read here and nowhere else in this room.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from issuer.signing.did_log import versioned
from issuer.signing.status_list import STATUS_LIST_TYPE, draft_status_list
from issuer.signing.workers import BatchSigner
from registry.credential import did, proof, status
from registry.credential.document import canonicalize_ours
from registry.credential.status import next_position
from registry.encoding.moment import print_utc
from registry.encoding.stored import stored
from registry.errors import Refused
from registry.installation.key_store import installation_secret
from registry.installation.office import Office
from registry.keys import PublicKey, Signer
from registry.ledger.admission import Admission, IssuerOpened, KeysNamed, ListChanged, Statement
from schemas import codes

Random = Callable[[int], bytes]
USES = (did.CREDENTIAL, did.STATUS)


def key_name(register: str, fragment: str) -> str:
    """The name under which the office keeps the private key of an issuer's verification method."""
    use, n = did.use_of(fragment)
    return f"{register}-{use}" if n == 1 else f"{register}-{use}-{n}"


@dataclass(slots=True)
class RegisterIssuer:
    """One register's issuer. `document`: its DID document; `issued`: how many credentials it has issued; `lists`: seeds by id."""

    office: Office
    register: str
    name: str
    document: dict[str, Any]
    issued: int
    is_open: bool
    random: Random
    lists: dict[str, bytes] = field(default_factory=dict)

    @property
    def did(self) -> str:
        """The issuer's DID."""
        return str(self.document["id"])

    def method(self, use: str) -> str:
        """The verification method of the key that signs now for that use (`credential` or `status`)."""
        return f"{self.did}#{did.in_use(self.document, use)}"

    def public_keys(self) -> dict[str, PublicKey]:
        """Verification method -> public key of those that sign now, as the ledger's admission checks them."""
        known = did.keys_of(self.document)
        return {self.method(use): known[did.in_use(self.document, use)] for use in USES}

    def batch_signer(self) -> BatchSigner:
        """What the workers need to sign credentials, and nothing more."""
        handle = self.office.keys.handle(key_name(self.register, did.in_use(self.document, did.CREDENTIAL)))
        return BatchSigner(self.office.identity, self.name, self.method(did.CREDENTIAL), handle)

    def signer(self, use: str) -> Signer:
        """The key that signs now for that use."""
        return self.office.keys.signer(key_name(self.register, did.in_use(self.document, use)))

    def opening(self, at: datetime) -> list[Admission]:
        """The `key` entry that opens the issuer; nothing when it is open."""
        if self.is_open:
            return []
        self.is_open = True
        self.document, line = versioned(self.office, self.register, self.document, self.random, at, is_new=True)
        opened = IssuerOpened(self.register, self.did, self.name, line)
        return [Admission(Statement("key", self.did), stored(self.document), self.random(32), opened)]

    def rename_keys(self, document: dict[str, Any], at: datetime) -> Admission:
        """The `key` entry of a changed DID document."""
        self.document, line = versioned(self.office, self.register, document, self.random, at, is_new=False)
        named = KeysNamed(self.register, line)
        return Admission(Statement("key", self.did), stored(self.document), self.random(32), named)

    @property
    def is_at_a_new_list(self) -> bool:
        """Whether the next credential opens status lists."""
        m = self.issued // status.LENGTH + 1
        return any(list_id not in self.lists for _, list_id in self._lists(m))

    def place(self, at: datetime) -> tuple[tuple[tuple[str, str], ...], int, list[Admission]]:
        """The next credential's lists (purpose, id), its index in them, and the entries that open those which are new."""
        m = self.issued // status.LENGTH + 1
        lists = self._lists(m)
        opening = [self.open_list(purpose, list_id, m, at) for purpose, list_id in lists if list_id not in self.lists]
        _, index = next_position(self.lists[lists[0][1]], self.issued)
        self.issued += 1
        return lists, index, opening

    def open_list(self, purpose: str, list_id: str, m: int, at: datetime) -> Admission:
        """The `status` entry that opens the m-th list of that purpose.

        Its seed is that of its sibling where that is open, else the installation's secret for it: what a restore derives too.
        """
        siblings = (status.sibling(list_id, other) for other in status.PURPOSES)
        known = next((self.lists[sibling] for sibling in siblings if sibling in self.lists), None)
        seed = installation_secret(self.office.keys, status.seed_purpose(list_id)) if known is None else known
        self.lists[list_id] = seed
        opened = ListChanged(list_id, self.register, purpose, m, seed, bytes(status.LENGTH // 8))
        return self.list_entry(opened, "opened", (), at)

    def list_entry(self, changed: ListChanged, reason: str, refers: tuple[int, ...], at: datetime) -> Admission:
        """The `status` entry of a new version of a list."""
        encoded, valid_from = status.encode(changed.bits), print_utc(at)
        document = draft_status_list(changed.id, changed.purpose, self.did, self.name, encoded, valid_from)
        canonicalize = canonicalize_ours(self.office.identity.context_url)
        method = self.method(did.STATUS)
        signed = proof.sign(document, self.signer(did.STATUS), method, valid_from, canonicalize)
        statement = Statement("status", self.did, key=method, type=STATUS_LIST_TYPE, reason=reason, refers=refers)
        return Admission(statement, stored(signed), self.random(32), changed)

    def _lists(self, m: int) -> tuple[tuple[str, str], ...]:
        identity = self.office.identity
        return tuple((purpose, identity.status_list_id(purpose, self.register, m)) for purpose in status.PURPOSES)


def open_issuer(office: Office, register: str, random: Random, without: Collection[str] = ()) -> RegisterIssuer:
    """The issuer of a register; its keys are made where the register is new to this installation.

    `without`: uses whose keys are about to be replaced, and may be lost.

    Refused `key_unreadable` or `key_differs`: the ledger knows the issuer by keys that are not in the office's keeping.
    LedgerDamaged: as `records.Records`.
    """
    with office.records() as records:
        known, lists = records.issuer(register), records.lists(register)
        document = None if known is None else records.issuer_document(register)
    issuer = RegisterIssuer(
        office=office,
        register=register,
        name=codes.label("register", register, register, "en") if known is None else known.name,
        document=_first_document(office, register, random) if document is None else document,
        issued=0 if known is None else known.issued,
        is_open=known is not None,
        random=random,
        lists={row.id: row.seed for row in lists},
    )
    own = {issuer.method(use): issuer.signer(use).public for use in USES if use not in without}
    known_keys = issuer.public_keys()
    if any(known_keys[method] != public for method, public in own.items()):
        raise Refused("key_differs", f"the keys of the register {register} are not those that the ledger holds")
    return issuer


def _first_document(office: Office, register: str, random: Random) -> dict[str, Any]:
    fragments = [f"{use}-1" for use in USES]
    keys: Mapping[str, PublicKey] = {fragment: make_key(office, register, fragment, random) for fragment in fragments}
    return did.document(office.identity.issuer_did(register), keys)


def make_key(office: Office, register: str, fragment: str, random: Random) -> PublicKey:
    """Make the private key of a verification method, of the kind that the settings name, and give its public key."""
    name = key_name(register, fragment)
    office.keys.make(name, office.settings.issuing_key, random)
    return office.keys.signer(name).public
