"""A status list as an unsigned credential (Bitstring Status List 1.0).

What its bits are is `registry/credential/status`; `issuer` opens, signs and logs it, `actions/standing` changes bits.
"""

from typing import Any

from schemas import CREDENTIALS_V2

STATUS_LIST_TYPE = "BitstringStatusListCredential"


def draft_status_list(
    list_id: str, purpose: str, issuer: str, issuer_name: str, encoded: str, valid_from: str
) -> dict[str, Any]:
    """The unsigned credential of a status list (Bitstring Status List 1.0 section 2.2)."""
    return {
        "@context": [CREDENTIALS_V2],
        "id": list_id,
        "type": ["VerifiableCredential", STATUS_LIST_TYPE],
        "issuer": {"id": issuer, "name": issuer_name},
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{list_id}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encoded,
        },
    }
