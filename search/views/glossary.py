"""The words of the site with their meanings, for the glossary page.

English is the message id. Each entry: anchor, term, meaning.
"""

from search.views.wording import _

GLOSSARY = (
    ("register", _("Register"), _("The public list that an authority keeps of organizations, or of permits.")),
    ("registration", _("Registration"), _("An organization’s entry in one register: number, type, status and dates.")),
    (
        "state",
        _("State"),
        _("What the register said of a registration from one day on, until another state took its place."),
    ),
    (
        "active",
        _("Active"),
        _(
            "The register lists the organization. Whether it is in good standing, with all that is due filed and paid, "
            "is another question, which this site does not answer."
        ),
    ),
    (
        "historical",
        _("Historical"),
        _("The register lists the organization no longer: dissolved, amalgamated, withdrawn or continued elsewhere."),
    ),
    (
        "reservation",
        _("Reservation"),
        _(
            "Active, but not for certain to stay so: a dissolution has begun, or a dissolved organization was restored "
            "for a limited time, whose end is not stated."
        ),
    ),
    ("issuer", _("Issuer"), _("Who signs for a register, and the keys with which it does.")),
    ("credential", _("Credential"), _("The signed document that states one state of a registration.")),
    ("ledger", _("Ledger"), _("The public list of all that was signed, in order; nothing in it is ever edited.")),
    ("entry", _("Entry"), _("One line of the ledger: it commits to a credential without showing it.")),
    ("checkpoint", _("Checkpoint"), _("The ledger’s size and fingerprint at one time, signed by the ledger.")),
    ("witness", _("Witness"), _("Somebody else who cosigns a checkpoint, and only where the ledger merely grew.")),
    ("evidence", _("Evidence"), _("One file with all that a stranger needs to check a credential without this site.")),
    (
        "trust",
        _("Trust file"),
        _("Which keys you accept, and how many witnesses you ask for. Never taken from evidence."),
    ),
    (
        "genuine",
        _("Genuine"),
        _("Signed by the register’s issuer and held by the ledger. It says nothing of the business."),
    ),
    ("replaced", _("Replaced"), _("True once; a later state has taken its place.")),
    ("corrected", _("Corrected"), _("Replaced because it was wrong.")),
    ("revoked", _("Revoked"), _("Should never have been relied on, or no longer may be.")),
)
