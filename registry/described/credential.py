"""Models of credentials, status lists and DID documents, as both apps hand them over.

W3C VC Data Model 2.0, Bitstring Status List 1.0, DID Core 1.0. What a credential claims is closed by the JSON Schema that it
names in `credentialSchema`, not here.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Contexts = Annotated[list[str], Field(alias="@context", min_length=1)]


class _Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Proof(_Camel):
    """A Data Integrity proof."""

    context: Annotated[list[str], Field(alias="@context")] = Field(default_factory=list)
    type: Literal["DataIntegrityProof"]
    cryptosuite: Literal["eddsa-jcs-2022", "eddsa-rdfc-2022", "ecdsa-jcs-2019", "ecdsa-rdfc-2019"]
    created: str
    verification_method: str
    proof_purpose: Literal["assertionMethod"]
    proof_value: Annotated[str, Field(pattern="^z", description="multibase, base58btc")]


class CredentialIssuer(BaseModel):
    """The DID that issued it, and the name of its register."""

    id: str
    name: str


class StatusEntry(_Camel):
    """Where the status of a credential stands."""

    id: str
    type: Literal["BitstringStatusListEntry"]
    status_purpose: Literal["revocation", "suspension"]
    status_list_index: str
    status_list_credential: str


class CredentialSchema(BaseModel):
    """The closed JSON Schema that the credential fits."""

    id: str
    type: Literal["JsonSchema"]


class SignedCredential(_Camel):
    """A W3C credential of ours with its proofs: all of them, or the one that was asked for."""

    context: Contexts
    id: str
    type: list[str]
    issuer: CredentialIssuer
    valid_from: str
    credential_status: list[StatusEntry] | StatusEntry
    credential_schema: CredentialSchema
    credential_subject: Annotated[dict[str, Any], Field(description="of the form that `credentialSchema` names")]
    proof: list[Proof] | Proof


class StatusListSubject(_Camel):
    """The bits of a status list: gzip, multibase base64url."""

    id: str
    type: Literal["BitstringStatusList"]
    status_purpose: Literal["revocation", "suspension"]
    encoded_list: Annotated[str, Field(pattern="^u")]


class StatusListCredential(_Camel):
    """A status list, as a credential."""

    context: Contexts
    id: str
    type: list[str]
    issuer: CredentialIssuer
    valid_from: str
    credential_subject: StatusListSubject
    proof: list[Proof]


class EnvelopedCredential(BaseModel):
    """A `vc+jwt` in a data URL: VCDM 2.0, section 4.14."""

    context: Annotated[list[str] | str, Field(alias="@context")]
    id: Annotated[str, Field(pattern="^data:application/vc\\+jwt,")]
    type: str | list[str]


class VerificationMethod(_Camel):
    """A key."""

    id: str
    type: Literal["Multikey", "JsonWebKey"]
    controller: str
    public_key_multibase: str = ""
    public_key_jwk: dict[str, str] = Field(default_factory=dict)


class DidDocument(_Camel):
    """The keys of a DID."""

    context: Contexts
    id: str
    verification_method: list[VerificationMethod]
    assertion_method: list[str]
    also_known_as: list[str] = Field(default_factory=list)
