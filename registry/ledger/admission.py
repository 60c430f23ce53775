"""An admission is one entry that the ledger is asked to append.

It has what the entry states, its document, and the effect that the entry has beside the log.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries, and the Merkle root over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Placed:
    """An organization's n-th credential takes its place: in its history, and in a status list."""

    register: str
    number: str
    n: int
    list_id: str
    list_index: int
    event: str
    event_order: str
    digest: bytes
    org_salt: bytes | None


@dataclass(frozen=True, slots=True)
class ListChanged:
    """A status list is opened, or changed: its id, register, number m, seed, and bits."""

    id: str
    register: str
    purpose: str
    m: int
    seed: bytes
    bits: bytes


@dataclass(frozen=True, slots=True)
class IssuerOpened:
    """An issuer opens, with its first keys. `did_line`: the first line of its did:webvh log, where it has one."""

    register: str
    did: str
    name: str
    did_line: str | None


@dataclass(frozen=True, slots=True)
class KeysNamed:
    """The DID document of a register's issuer names other keys. `did_line`: the next line of its did:webvh log."""

    register: str
    did_line: str | None


@dataclass(frozen=True, slots=True)
class LogKeyChanged:
    """The n-th key of a log (`ledger`, `index`), and what it does from this `key` entry of the office on (`log_keys.SIGNS`)."""

    log: str
    n: int
    vkey: str
    state: int


@dataclass(frozen=True, slots=True)
class Erased:
    """The bodies under those entries go; `digest` stays.

    `register`, `number`: of the organization whose places go too, None where further erasures of it follow.
    """

    entries: tuple[int, ...]
    digest: bytes
    register: str | None
    number: str | None


#: what an entry changes beside the log; None of most kinds
Effect = Placed | ListChanged | IssuerOpened | KeysNamed | LogKeyChanged | Erased | None


@dataclass(frozen=True, slots=True)
class Statement:
    """What an entry says, besides its place in the chain and the commitment to its document: members of `entry.Entry`."""

    kind: str
    issuer: str | None = None
    org: str | None = None
    key: str | None = None
    type: str | None = None
    effective: str | None = None
    reason: str | None = None
    refers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """One entry to append. `document`: the bytes that it commits to under `salt`, both or neither of them."""

    statement: Statement
    document: bytes | None = None
    salt: bytes | None = None
    effect: Effect = None
