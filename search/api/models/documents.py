"""Models of evidence, of the trust file, of proofs of the log."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, RootModel

from registry.described.credential import DidDocument, SignedCredential, StatusListCredential
from search.api.models.parts import Base64, Camel, Count

TlogProof = Annotated[str, Field(pattern="^c2sp\\.org/tlog-proof@v1\n", description="c2sp.org/tlog-proof")]
Salt = Annotated[Base64, Field(description="32 bytes")]
Entry = Annotated[Base64, Field(description="the ledger's entry, one JCS object")]
Checkpoint = Annotated[str, Field(description="c2sp.org/tlog-checkpoint, a signed note")]
Vkey = Annotated[str, Field(description="verifier key of a signed note: name+hash+key")]


class LoggedStatusList(BaseModel):
    """A status list with its entry in the ledger."""

    credential: StatusListCredential
    entry: Entry
    salt: Salt
    proof: TlogProof


class LoggedKeys(BaseModel):
    """The issuer's keys with their entry in the ledger."""

    document: DidDocument
    entry: Entry
    salt: Salt
    proof: TlogProof


class Newest(BaseModel):
    """An entry under a key of the map. `n`: how many stand before it, where it is not the newest."""

    index: Count
    n: int = 0
    leaf: Base64
    before: Base64
    path: Base64


class Latest(Camel):
    """That nothing newer stands in the ledger, or which entries do."""

    map: Annotated[Base64, Field(description="leaf of the map's log")]
    proof: TlogProof
    organization: Newest
    status_list: Newest | None = None
    suspension_list: Newest | None = None


class Evidence(Camel):
    """All that a stranger needs to check a credential with this server gone."""

    v: Literal[1]
    origin: str
    credential: SignedCredential
    entry: Entry
    salt: Salt
    proof: TlogProof
    status_list: LoggedStatusList | None = None
    suspension_list: LoggedStatusList | None = None
    issuer_keys: LoggedKeys
    latest: Latest | None
    org_salt: Salt = ""
    later: Annotated[
        list[Entry] | None, Field(description="the later entries where it is not the newest; null: they are too many")
    ] = None


class TrustedKey(Camel):
    """A key of an issuer."""

    id: str
    public_key_multibase: str
    use: Literal["credential", "status"]


class TrustedIssuer(BaseModel):
    """A DID, and the registers that it may speak for. `types` is absent where these are registrations."""

    did: str
    registers: list[str]
    types: list[str] = Field(default_factory=list)
    keys: list[TrustedKey]


class Requirements(BaseModel):
    """What evidence must carry."""

    current: bool


class TrustFile(Camel):
    """Which ledger, issuers, keys and contexts a verifier believes."""

    v: Literal[1]
    origin: str
    genesis_key: Vkey
    ledger_keys: list[Vkey]
    index_keys: list[Vkey] = Field(default_factory=list)
    issuers: list[TrustedIssuer]
    contexts: Annotated[dict[str, str], Field(description="URL -> SHA-256 of the JCS form, hex")]
    witness_policy: Annotated[str, Field(description="c2sp.org/tlog-policy")]
    require: Requirements


class InclusionProof(BaseModel):
    """That an entry is in the ledger: RFC 6962, section 2.1.1."""

    index: Count
    size: Count
    root: Base64
    hashes: list[Base64]


class ConsistencyProof(BaseModel):
    """That the ledger only grew: RFC 6962, section 2.1.2."""

    from_: Annotated[int, Field(alias="from", ge=1)]
    size: Count
    root: Base64
    hashes: list[Base64]


class OtherLeaf(BaseModel):
    """The leaf to which an absent key leads."""

    key: Base64
    value: Base64


class IncludedEntry(BaseModel):
    """An entry, and the hashes from it to the checkpoint's root."""

    entry: Entry
    hashes: list[Base64]


class CompletenessFile(BaseModel):
    """All entries of an organization, or that there are none."""

    v: Literal[1]
    type: Literal["Completeness"]
    origin: str
    register_: Annotated[str, Field(alias="register")]
    number: str
    checkpoint: Checkpoint
    map: Base64
    proof: TlogProof
    path: Base64
    other: OtherLeaf | None
    entries: list[IncludedEntry]
    covers: str


class Context(BaseModel):
    """A JSON-LD context."""

    context: Annotated[dict[str, Any], Field(alias="@context")]


JsonSchema = Annotated[dict[str, Any], Field(description="JSON Schema, draft 2020-12")]


class Vectors(RootModel[dict[str, Any] | list[dict[str, Any]]]):
    """Cases for a verifier, each file of a form of its own; `/en/formats` says which."""


class CodeWords(BaseModel, extra="allow"):
    """What a code means, in words; more stands beside them in some tables."""

    en: str
    fr: str


class AllCodes(BaseModel):
    """The published codes. `verdict`: of a step that did not pass; `tables`: by register, `credential` for all of them."""

    steps: list[str]
    verdict: Annotated[dict[str, dict[str, list[str]]], Field(description="code, language, reasons")]
    tables: Annotated[dict[str, dict[str, dict[str, CodeWords]]], Field(description="register, table, code")]
