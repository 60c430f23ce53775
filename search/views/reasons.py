"""What a person reads of the reason that a step gives.

The reasons are those of `registry/verify/steps.py` and of the browser's `steps.js`; most are sentences already, and stand here so
that the translations can be checked for completeness. English is the message id.
"""

import re
from collections.abc import Mapping

from registry.verify.codes import CODES
from search.views.wording import _

_SELF_EXPLAINING = (
    _("a control character"),
    _("a hash is not 32 bytes"),
    _("a hash is not base64"),
    _("a hash or a step of latest is not whole"),
    _("a ledger key has another name than the origin"),
    _("a member of latest is not of its form"),
    _("a proof is made of steps of 33 bytes"),
    _("a proof of a chain is not one of ours"),
    _("a proof's key does not stand in issuerKeys as the trust file gives it"),
    _("a signature is not base64"),
    _("a signature is too short"),
    _("a string holds a lone surrogate"),
    _("a verifier key of another algorithm than is wanted here"),
    _("credentialSchema is not this installation's"),
    _("credentialStatus is not of its form"),
    _("encodedList is cut off, too large, or followed by something"),
    _("encodedList is not gzip in base64url"),
    _("encodedList is not unpadded base64url multibase"),
    _("index, time and refers are whole numbers"),
    _("issuerKeys are of another issuer"),
    _("issuerKeys is not under a key entry"),
    _("its version is not 1"),
    _("keys and values have 32 bytes"),
    _("latest has no proof"),
    _("no blank line before the signatures"),
    _("no such kind of entry"),
    _("no trusted key signed it"),
    _("no witness of the policy has cosigned the checkpoint"),
    _("not a root and a checkpoint"),
    _("not a signature line"),
    _("not a size and a root"),
    _("not a tlog-proof"),
    _("not a verifier key"),
    _("not the form in which a checkpoint is printed"),
    _("not the form in which a note is printed"),
    _("not the form in which a root of the map is printed"),
    _("not the form in which a tlog-proof is printed"),
    _("not the form in which a verifier key is printed"),
    _("not the form in which an entry is printed"),
    _("not three lines"),
    _("orgSalt is not 32 bytes"),
    _("proof is not an array of 1 to 8 objects"),
    _("proofValue is not base58-btc multibase"),
    _("refers names 1 to 256 entries"),
    _("refers names earlier entries"),
    _("salt is not 32 bytes"),
    _("starts with a byte order mark"),
    _("statusListIndex is beyond the list"),
    _("the @context is not the pinned one"),
    _("a later entry is of another organization"),
    _("it was not in force on that day"),
    _("later is not a list of at most 24 entries"),
    _("latest is not of this entry"),
    _("more entries came later than the evidence carries"),
    _("nothing in the evidence tells what came later"),
    _("the day lies after what the evidence knows"),
    _("the later entries are not in their order, or beyond the checkpoint"),
    _("the bits of a proof decrease"),
    _("the checkpoint is of another origin"),
    _("the credential is not of this ledger"),
    _("the credential's id is not of that number"),
    _("the cryptosuite is not known here"),
    _("the document has no canonical form known here"),
    _("the entry commits to something else"),
    _("the entry is not of a credential"),
    _("the entry names another effective date"),
    _("the entry names another issuer"),
    _("the entry names another type"),
    _("the entry speaks of another organization"),
    _("the evidence carries different checkpoints"),
    _("the evidence carries no proof that it is the latest"),
    _("the evidence has not the expected form"),
    _("the evidence's version is not 1"),
    _("the issuer is not in the trust file"),
    _("the issuer is not one of this installation"),
    _("the issuer is not trusted for that register"),
    _("the issuer is not trusted for that type"),
    _("the key is not of a kind that the cryptosuite takes"),
    _("the key does not lead to the leaf that is shown"),
    _("the leaf shown is not in the map"),
    _("the leaf shown is that of the key itself"),
    _("the list is not gzip"),
    _("the list is too large"),
    _("the map belongs to another checkpoint"),
    _("the map does not hold that under the key"),
    _("the map is not empty"),
    _("the map's checkpoint is of another origin"),
    _("the name of a key of the map's log is not that log's origin"),
    _("the note is too long"),
    _("the origin is not the trusted one"),
    _("the policy has no quorum line"),
    _("the policy is too long, or holds a control character"),
    _("the policy needs a cosignature of ML-DSA-44, which this browser cannot check"),
    _("the proof is of another index"),
    _("the proof is too long"),
    _("the proof is too short"),
    _("the proof leads to another root"),
    _("the proof speaks of another @context"),
    _("the proof was not made for assertionMethod"),
    _("the proof's key is not known"),
    _("the revocation list is missing"),
    _("the signature does not fit the document"),
    _("the status list has another purpose"),
    _("the status list is another issuer's"),
    _("the status list is another one"),
    _("the status list's @context is not the pinned one"),
    _("the status list's entry does not fit it"),
    _("the subject's id is not of that number"),
    _("the suspension list is missing"),
    _("the top level is not an object"),
    _("the ledger holds no such credential"),
    _("the trust file asks no witness"),
    _("the trust file does not ask for it"),
    _("the trust file does not pin the contexts known here"),
    _("the trust file names no key of the map's log"),
    _("the witnesses that cosigned are fewer than the policy demands"),
    _("this browser offers no cryptography here"),
    _("time lies beyond the year 9999"),
    _("validFrom or created is not a UTC time"),
    _("validFrom or created lies in the future"),
)
#: what a person reads of a reason that holds a number, which stands as {n} in both
_NUMBERED = {
    "the credential is not the latest: entry {n} stands after it": _(
        "this state of the registration was the latest once; a newer one replaced it, entry {n} of the ledger"
    ),
    "another state has taken its place: entry {n} of the ledger": _(
        "this state of the registration was the newest once; another has taken its place, entry {n} of the ledger"
    ),
    "it was corrected: entry {n} of the ledger": _(
        "the register has corrected this state: it was wrong, see entry {n} of the ledger"
    ),
    "it was erased: entry {n} of the ledger": _("the registry has erased it, by entry {n} of the ledger"),
    "the revocation list is not the latest: entry {n} stands after it": _(
        "the issuer has published a newer list of revocations, entry {n} of the ledger"
    ),
    "the suspension list is not the latest: entry {n} stands after it": _(
        "the issuer has published a newer list of suspensions, entry {n} of the ledger"
    ),
}
#: of the newest entries that `latest` tells
_OF_LATEST = (
    _("the credential is not what the map tells as the newest"),
    _("the revocation list is not what the map tells as the newest"),
    _("the suspension list is not what the map tells as the newest"),
    _("the evidence carries no proof that the credential is the latest"),
    _("the evidence carries no proof that the revocation list is the latest"),
    _("the evidence carries no proof that the suspension list is the latest"),
)
#: of a completeness file alone
_OF_COMPLETENESS = (
    _("a file holds a credential or the entries of an organization, never both"),
    _("a listed entry is not of its form"),
    _("a member is absent or not of its type"),
    _("a step of the path is not whole"),
    _("an entry speaks of another organization"),
    _("another leaf is shown beside the organization's own"),
    _("more entries have come under the number since"),
    _("not the code of a register and a number in it"),
    _("other is not of its type"),
    _("the file's version is not 1"),
)
#: reason of a step -> what a person reads; one that is not here is shown as the verifier gives it, in English
REASONS = {
    **{reason: reason for reason in (*_SELF_EXPLAINING, *_OF_LATEST, *_OF_COMPLETENESS)},
    **_NUMBERED,
    "revoked": _("the issuer has revoked this credential: do not rely on it"),
    "suspended": _("the issuer has suspended this credential: do not rely on it for now"),
}
_NUMBER = re.compile(r"\d+")


def in_words(reason: str, reasons: Mapping[str, str]) -> str:
    """What a person reads of a reason; `reasons`: those of `REASONS`, in the language of the page."""
    number = _NUMBER.search(reason)
    if reason in reasons or number is None:
        return reasons.get(reason, reason)
    numbered = reasons.get(reason.replace(number[0], "{n}", 1))
    return reason if numbered is None else numbered.replace("{n}", number[0])


def reasons_by_code() -> dict[str, dict[str, str]]:
    """Of each code of the published table, the reasons that bear it, with what a person reads of them (message ids)."""
    table: dict[str, dict[str, str]] = {}
    for reason, code in sorted(CODES.items(), key=lambda item: (item[1], item[0])):
        if reason in REASONS:
            table.setdefault(code, {})[reason] = REASONS[reason]
    return table
