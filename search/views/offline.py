"""The words of the offline verifier, besides those that it shares with the pages."""

from search.views.wording import _

#: what its one page says
PAGE = {
    "title": _("Offline verifier – Greffe"),
    "heading": _("Verify evidence, offline"),
    "lead": _(
        "Is a paper genuine, whose is it, and is it in force? This file checks it on your device, without any network: "
        "you can switch the network off before you begin."
    ),
    "trust": _("Trust file of the register"),
    "trustHint": _(
        "It says whose keys you believe. Take it from the register’s site or from a mirror, and compare its fingerprint with "
        "one that the register published elsewhere."
    ),
    "trustOf": _("This is the trust file of"),
    "fingerprint": _("Fingerprint (SHA-256):"),
    "noTrust": _("Choose the trust file first: this is none."),
    "file": _("Evidence file"),
    "text": _("Or the text of the evidence file"),
    "on": _("In force on (optional)"),
    "verify": _("Verify"),
    "empty": _("Choose an evidence file, or paste its text."),
    "nothing": _("This is no evidence file, so there is nothing to judge."),
    "credential": _(
        "This is a credential, or a presentation of some, without the ledger’s proofs. Ask for the evidence file."
    ),
    "genuine": _(
        "Is this file itself genuine? Its SHA-256 is published with each release, and may stand in the ledger."
    ),
}
#: what its panel says otherwise than that of a page
PANEL = {
    "here": _("Checked on your device by this file; nothing was sent."),
    "limit": "",
}
