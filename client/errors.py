"""The errors of the client, all of one family.

ClientError
├── Misused          the call itself is wrong
├── BadTrust         the trust file is none, or not the one that was meant
├── Unreachable      no answer within the time
├── BadAnswer        an answer that is not of its form, or too large
├── Problem          the site refused, with a stable code
│   ├── NotFound     it says that there is no such thing, which is not proven
│   └── Busy         try later
├── NotVerified      what came does not hold; the verdict says why
│   └── TooOld       it holds, and tells of a time too long ago
├── NotProven        what the site shows of its ledger does not hold
│   └── Forked       two checkpoints that its key signed, and no proof that one continues the other
└── Behind           the site shows less of its ledger than the caller has seen
"""

from registry.verify.completeness import CompletenessVerdict
from registry.verify.verdict import Verdict


class ClientError(Exception):
    """Whatever the client raises on purpose."""


class Misused(ClientError):
    """The call itself is wrong."""


class BadTrust(ClientError):
    """The trust file is none, or not the one that was meant."""


class Unreachable(ClientError):
    """No answer within the time."""


class BadAnswer(ClientError):
    """The answer is not of its form, or larger than it may be."""


class Problem(ClientError):
    """The site refused. `status`: of HTTP; `code`: stable and lower-case, `http_<status>` where it gave none."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{detail} ({code})")
        self.status, self.code, self.detail = status, code, detail


class NotFound(Problem):
    """The site says that there is no such thing. Nothing proves it; a completeness file does."""


class Busy(Problem):
    """The site asks to try later. `retry_after`: seconds, None where it does not say."""

    def __init__(self, status: int, code: str, detail: str, retry_after: int | None) -> None:
        super().__init__(status, code, detail)
        self.retry_after = retry_after


class NotVerified(ClientError):
    """What came does not hold. `verdict`: what the steps say of it; verified where it is good evidence of something else."""

    def __init__(self, verdict: Verdict | CompletenessVerdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict


class TooOld(NotVerified):
    """It holds, and tells of a time that is longer ago than the caller allows, or of none."""


class NotProven(ClientError):
    """What the site shows of its ledger does not hold: a checkpoint, a proof, or an entry."""


class Forked(NotProven):
    """Nothing shows that the ledger only grew. `known`, `shown`: both checkpoints, which its key signed: keep them."""

    def __init__(self, known: str, shown: str) -> None:
        super().__init__("the site does not show that its ledger only grew since the checkpoint that was known")
        self.known, self.shown = known, shown


class Behind(ClientError):
    """The site shows less of its ledger than the caller has seen: an old copy, until it stays so."""
