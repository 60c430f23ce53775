"""An issuer's desk: its keys, its DID and its status lists; opened with the first batch of a register.

The first batch of a register begins with the `key` entry of its DID document and the `status` entry of the list that it
opens; a list that fills up opens the next. Private keys are read here and nowhere else in this room.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer import draft
from issuer.workers import Desk
from registry import did, proof, status, store
from registry.errors import Refused
from registry.installation import Office
from registry.keys import Signer, multikey
from registry.ledger import Admission, OpenedIssuer, OpenedList, next_position
from schemas import codes

Random = Callable[[int], bytes]
_PURPOSE = "revocation"


@dataclass(slots=True)
class IssuerDesk:
    """One register's issuer. `issued`: how many credentials it has issued; `lists`: seeds of its open lists by id."""

    office: Office
    register: str
    did: str
    name: str
    issued: int
    is_open: bool
    random: Random
    lists: dict[str, bytes] = field(default_factory=dict)

    @property
    def credential_method(self) -> str:
        """The verification method of the key that signs credentials."""
        return f"{self.did}#credential-1"

    @property
    def status_method(self) -> str:
        """The verification method of the key that signs status lists."""
        return f"{self.did}#status-1"

    def public_keys(self) -> dict[str, bytes]:
        """Verification method -> public key, as the ledger's admission checks them."""
        return {
            self.credential_method: self._signer("credential").public,
            self.status_method: self._signer("status").public,
        }

    def for_workers(self) -> Desk:
        """What the workers need to sign credentials, and nothing more."""
        seed = self.office.keys.seed(f"{self.register}-credential")
        return Desk(self.office.identity, self.name, self.credential_method, seed)

    def opening(self) -> list[Admission]:
        """The `key` entry that opens the issuer; nothing when it is open."""
        if self.is_open:
            return []
        self.is_open = True
        keys = {"credential-1": self._signer("credential").public, "status-1": self._signer("status").public}
        document = did.document(self.did, keys)
        opened = OpenedIssuer(self.register, self.did, self.name)
        return [Admission("key", _stored(document), self.random(32), self.did, opens=opened)]

    @property
    def is_at_a_new_list(self) -> bool:
        """Whether the next credential opens a status list."""
        return self._list_id(self.issued // status.LENGTH + 1) not in self.lists

    def place(self, valid_from: str) -> tuple[str, int, list[Admission]]:
        """The next credential's list id and index, and the entry that opens that list where it is new."""
        m = self.issued // status.LENGTH + 1
        list_id = self._list_id(m)
        opening = []
        if list_id not in self.lists:
            self.lists[list_id] = self.random(32)
            bits = bytes(status.LENGTH // 8)
            opened = OpenedList(list_id, self.register, _PURPOSE, m, self.lists[list_id], bits)
            opening.append(self.list_entry(opened, "opened", (), valid_from))
        _, index = next_position(self.lists[list_id], self.issued)
        self.issued += 1
        return list_id, index, opening

    def list_entry(self, changed: OpenedList, reason: str, refers: tuple[int, ...], valid_from: str) -> Admission:
        """The `status` entry of a new version of a list."""
        document = draft.status_list(changed.id, self.did, self.name, status.encode(changed.bits), valid_from)
        signed = proof.sign(document, self._signer("status"), self.status_method, valid_from)
        return Admission(
            "status",
            _stored(signed),
            self.random(32),
            self.did,
            key=self.status_method,
            type=draft.STATUS_LIST_TYPE,
            reason=reason,
            refers=refers,
            status_list=changed,
        )

    def _list_id(self, m: int) -> str:
        return self.office.identity.status_list_id(_PURPOSE, self.register, m)

    def _signer(self, use: str) -> Signer:
        return self.office.keys.signer(f"{self.register}-{use}")


def open_desk(office: Office, register: str, random: Random) -> IssuerDesk:
    """The desk of a register's issuer; its keys are made where the register is new to this installation.

    Refused `key_unreadable` or `key_differs`: the ledger knows the issuer by keys that are not in the key folder.
    """
    with office.store.read() as connection:
        known = store.read_issuer(connection, register)
        lists = connection.execute(sa.select(store.status_lists).where(store.status_lists.c.register == register)).all()
    if known is None:
        for use in ("credential", "status"):
            office.keys.make(f"{register}-{use}", random(32))
    desk = IssuerDesk(
        office=office,
        register=register,
        did=office.identity.issuer_did(register),
        name=codes.label("register", register, register, "en") if known is None else known.name,
        issued=0 if known is None else known.issued,
        is_open=known is not None,
        random=random,
        lists={row.id: bytes(row.seed) for row in lists},
    )
    if known is not None:
        logged = {method["id"]: method["publicKeyMultibase"] for method in _logged_methods(office, register)}
        if logged != {method: multikey(public) for method, public in desk.public_keys().items()}:
            raise Refused("key_differs", f"the keys of the register {register} are not those that the ledger holds")
    return desk


def _logged_methods(office: Office, register: str) -> list[dict[str, str]]:
    methods: list[dict[str, str]] = office.reader.issuer_document(register)["verificationMethod"]
    return methods


def _stored(document: dict[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
