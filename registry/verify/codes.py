"""Each reason that a step gives has a stable code.

Programs read the code, people the reason. Twin of `search/web/static/verify/codes.js`. What was raised with a code of its own
(Malformed, Untrue) keeps that; here are the reasons of the steps themselves. A number in a reason stands as {n}.
"""

import re

#: why a step was not asked, could not be decided, or failed -> its code
CODES = {
    "the trust file asks no witness": "not_required",
    "the trust file does not ask for it": "not_required",
    "the evidence carries no proof that it is the latest": "latest_missing",
    "the evidence carries no proof that the credential is the latest": "latest_missing",
    "the evidence carries no proof that the revocation list is the latest": "latest_missing",
    "the evidence carries no proof that the suspension list is the latest": "latest_missing",
    "more entries came later than the evidence carries": "later_missing",
    "nothing in the evidence tells what came later": "later_missing",
    "the day lies after what the evidence knows": "day_unknown",
    "the trust file names no key of the map's log": "index_key_missing",
    "no witness of the policy has cosigned the checkpoint": "cosignature_missing",
    "the credential is not the latest: entry {n} stands after it": "not_latest",
    "the credential is not what the map tells as the newest": "latest_differs",
    "the revocation list is not the latest: entry {n} stands after it": "list_not_latest",
    "the suspension list is not the latest: entry {n} stands after it": "list_not_latest",
    "the revocation list is not what the map tells as the newest": "list_not_latest",
    "the suspension list is not what the map tells as the newest": "list_not_latest",
    "latest is not of this entry": "latest_differs",
    "a later entry is of another organization": "later_untrue",
    "the later entries are not in their order, or beyond the checkpoint": "later_untrue",
    "another state has taken its place: entry {n} of the ledger": "superseded",
    "it was corrected: entry {n} of the ledger": "corrected",
    "it was erased: entry {n} of the ledger": "erased",
    "it was not in force on that day": "not_in_force_on",
    "the issuer is not in the trust file": "issuer_unknown",
    "the issuer is not trusted for that register": "issuer_register",
    "the issuer is not trusted for that type": "issuer_type",
    "the trust file does not pin the contexts known here": "context_not_pinned",
    "the @context is not the pinned one": "context",
    "credentialSchema is not this installation's": "schema_id",
    "the subject's id is not of that number": "subject_id",
    "the credential's id is not of that number": "credential_id",
    "validFrom or created is not a UTC time": "time",
    "validFrom or created lies in the future": "in_future",
    "the evidence carries different checkpoints": "checkpoint_differs",
    "the origin is not the trusted one": "origin",
    "the checkpoint is of another origin": "origin",
    "the witnesses that cosigned are fewer than the policy demands": "quorum",
    "the map belongs to another checkpoint": "map",
    "the map's checkpoint is of another origin": "map",
    "the entry is not of a credential": "entry_kind",
    "the entry speaks of another organization": "entry_org",
    "the entry names another issuer": "entry_issuer",
    "the entry names another type": "entry_type",
    "the entry names another effective date": "entry_effective",
    "the entry commits to something else": "commitment",
    "the proof is of another index": "index",
    "issuerKeys is not under a key entry": "issuer_keys",
    "issuerKeys are of another issuer": "issuer_keys",
    "a proof's key does not stand in issuerKeys as the trust file gives it": "issuer_keys",
    "statusListIndex is beyond the list": "status_index",
    "credentialStatus is not of its form": "status_form",
    "the status list is another one": "status_list",
    "the status list has another purpose": "status_list",
    "the status list is another issuer's": "status_list",
    "the status list's @context is not the pinned one": "status_list",
    "the status list's entry does not fit it": "status_list",
    "the revocation list is missing": "status_list_missing",
    "the suspension list is missing": "status_list_missing",
    "revoked": "revoked",
    "suspended": "suspended",
    "the ledger holds no such credential": "not_in_ledger",
    "the proof's key is not known": "key_unknown",
    "the credential is not of this ledger": "not_of_this_ledger",
    "the issuer is not one of this installation": "issuer_foreign",
    "an entry speaks of another organization": "entry_org",
    "another leaf is shown beside the organization's own": "map",
}
_NUMBER = re.compile(r"\d+")


def code_of(reason: str, raised: str) -> str:
    """The code of a reason; `raised`: that of the error, where it has one of its own."""
    return CODES.get(_NUMBER.sub("{n}", reason, count=1), CODES.get(reason, raised))
