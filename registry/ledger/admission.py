"""What the ledger is asked to append: an entry's members, its document, and what changes beside it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Head:
    """How many entries, and the Merkle root over them."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where an organization's n-th credential stands: in its history, and in a status list."""

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
class ChangedList:
    """A status list that this entry opens, or changes: its id, register, number m, seed, and bits."""

    id: str
    register: str
    purpose: str
    m: int
    seed: bytes
    bits: bytes


@dataclass(frozen=True, slots=True)
class OpenedIssuer:
    """An issuer whose keys this entry logs. `did_line`: the first line of its did:webvh log, where it has one."""

    register: str
    did: str
    name: str
    did_line: str | None


@dataclass(frozen=True, slots=True)
class NamedKeys:
    """The register whose issuer's DID document this entry changes. `did_line`: the next line of its did:webvh log."""

    register: str
    did_line: str | None


@dataclass(frozen=True, slots=True)
class ChangedLogKey:
    """The n-th key of a log (`ledger`, `index`), and what it does from this `key` entry of the office on (`log_keys.SIGNS`)."""

    log: str
    n: int
    vkey: str
    state: int


@dataclass(frozen=True, slots=True)
class Erased:
    """What goes with an `erase` entry: the bodies under those entries; `digest` stays.

    `register`, `number`: of the organization whose places go too, None where further erasures of it follow.
    """

    entries: tuple[int, ...]
    digest: bytes
    register: str | None
    number: str | None


@dataclass(frozen=True, slots=True)
class Admission:
    """One entry to append: its members, the bytes of the document that it commits to, and what stands beside it.

    A `note` may have no document, and then no salt; an `erase` has none.
    """

    kind: str
    document: bytes | None = None
    salt: bytes | None = None
    issuer: str | None = None
    org: str | None = None
    key: str | None = None
    type: str | None = None
    effective: str | None = None
    reason: str | None = None
    refers: tuple[int, ...] = ()
    place: Place | None = None
    status_list: ChangedList | None = None
    opens: OpenedIssuer | None = None
    names: NamedKeys | None = None
    erased: Erased | None = None
    log_key: ChangedLogKey | None = None
