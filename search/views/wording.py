"""Words of the pages that stand in data, not in a template.

Named here so that the translations can be checked for completeness; English is the message id, and `_` marks a message and
gives it back unchanged. What a person reads of a failed step is left to `reasons`.
"""


def _(message: str) -> str:
    return message


#: (step, its name once it passed, its name before, what it says once it passed), in the order of the verdict
STEPS = (
    (
        "well_formed",
        _("The evidence is well formed"),
        _("Is the evidence well formed?"),
        _("Strict JSON; entry and proof re-print to the same bytes."),
    ),
    (
        "issuer_trusted",
        _("The issuer is trusted"),
        _("Is the issuer trusted?"),
        _("The signing key belongs to the issuer of this register."),
    ),
    (
        "proof_valid",
        _("The signature is valid"),
        _("Is the signature valid?"),
        _("The document is exactly the one that the issuer signed."),
    ),
    (
        "in_validity",
        _("The date is in order"),
        _("Is the date in order?"),
        _("Neither the credential nor its signature lies in the future."),
    ),
    (
        "checkpoint_signed",
        _("The ledger signed its checkpoint"),
        _("Did the ledger sign its checkpoint?"),
        _("Size and fingerprint of the whole ledger."),
    ),
    (
        "witnessed",
        _("Enough witnesses cosigned the checkpoint"),
        _("Did enough witnesses cosign the checkpoint?"),
        _("They keep watch that the ledger only grows; the trust file says which, and how many."),
    ),
    (
        "entry_matches",
        _("The ledger entry is about this credential"),
        _("Is the ledger entry about this credential?"),
        _("The entry commits to exactly these words."),
    ),
    (
        "included",
        _("The entry is in the ledger"),
        _("Is the entry in the ledger?"),
        _("Hashes lead from the entry to the signed checkpoint."),
    ),
    (
        "not_revoked",
        _("The credential is not revoked"),
        _("Is the credential free of revocation?"),
        _("Its bits in the issuer’s signed lists, of revocations and of suspensions, are clear."),
    ),
    (
        "current",
        _("Nothing newer replaces it"),
        _("Does nothing newer replace it?"),
        _("This is the latest state of the registration."),
    ),
)

RESULTS = {
    "passed": _("Passed"),
    "failed": _("Failed"),
    "not_reached": _("Not reached"),
    "indeterminate": _("Indeterminate"),
    "not_asked": _("Not asked"),
    "not_checked": _("Not checked yet"),
}

VERDICTS = {
    "verified": _("Verified"),
    "superseded": _("Genuine, but no longer the newest: another state has replaced it"),
    "failed": _("Verification failed"),
    "indeterminate": _("Indeterminate: not everything could be checked"),
}

ERRORS = {
    "not_yet": (
        _("Nothing to show for that day"),
        _("Nothing was registered here on that day, as far as this registry knows."),
    ),
    "not_found": (_("Page not found"), _("There is nothing at this address. It may have been mistyped.")),
    "refused": (
        _("This request cannot be answered"),
        _("Part of it is broken, given twice, or too long. Please start anew."),
    ),
    "away": (
        _("This cannot be shown at the moment"),
        _("A part of the registry does not answer, or has too much to do. Please try again in a few seconds."),
    ),
    "failure": (_("Something went wrong"), _("The fault is ours, not yours. Please try again in a moment.")),
}

#: code of a search that cannot be answered -> what a person reads
SEARCH_ERRORS = {
    "bad_parameter": _("one of its filters has a value that there is not. Please start anew."),
    "bad_range": _("its first day comes after its last one."),
    "bad_date": _("one of its days is no day of the calendar."),
    "bad_cursor": _("this page of results belongs to another search. Please start anew."),
    "query_too_long": _("it is too long."),
}

BROKEN_FORM = _("The form could not be read.")
BUSY = _("Too many documents are being checked at the moment. Try again in a few seconds.")

#: the step that the check of a page has besides, in the form of STEPS
PAGE_STEP = (
    "page_matches",
    _("The page shows what was signed"),
    _("Does the page show what was signed?"),
    _("Every visible word of the registration, the page’s title and its address equal what the evidence says."),
)
#: the code of that step where it failed, and those of the differences between a page and its evidence -> what a person reads
PAGE_CODES = {
    "page_differs": _("the page differs from the evidence; each difference has a code of its own"),
    "page_changed": _("the page shows something else"),
    "page_unsigned": _("the page shows what was not signed"),
    "page_repeated": _("the page shows it more than once"),
    "page_missing": _("the page does not show it"),
    "page_moved": _("the page shows it in another place"),
    "page_hidden": _("the page does not let it be seen"),
    "page_strange": _("the page has something here that does not belong there"),
    "page_standing": _("the page and the evidence do not say the same of a revocation"),
    "page_title": _("the page has another title"),
    "page_address": _("the page stands at another address"),
}
#: a claim's last name, or a part of the page -> what a person calls it
FIELDS = {
    "register": _("Register"),
    "legalName": _("Legal name"),
    "registrationStatus": _("Status"),
    "entityType": _("Type"),
    "registrationNumber": _("Registration number"),
    "registerStatus": _("Status in the register"),
    "statusFrom": _("Status since"),
    "registrationDate": _("Registered on"),
    "jurisdiction": _("Jurisdiction"),
    "homeJurisdiction": _("Home jurisdiction"),
    "businessNumber": _("Business number"),
    "permitFrom": _("Valid from"),
    "permitUntil": _("Valid until"),
    "relationshipsOmitted": _("Links left to the credentials of others"),
    "eventType": _("Latest change"),
    "filingType": _("Filing"),
    "eventDate": _("Effective date"),
    "name": _("Signed by"),
    "names": _("Names"),
    "nameText": _("Name"),
    "nameType": _("Kind of name"),
    "nameLanguage": _("Language"),
    "nameFrom": _("From"),
    "nameUntil": _("Until"),
    "addresses": _("Addresses"),
    "addressRole": _("Kind of address"),
    "streetAddress": _("Street"),
    "addressLocality": _("Place"),
    "addressRegion": _("Province or region"),
    "postalCode": _("Postal code"),
    "addressCountry": _("Country"),
    "relationships": _("Relationships"),
    "relationshipType": _("Kind of relationship"),
    "relatedName": _("Name"),
    "relatedNumber": _("Registration number"),
    "relatedFrom": _("From"),
    "relatedUntil": _("Until"),
    "registration": _("Registration"),
    "title": _("Title"),
    "address": _("Address of the page"),
    "page": _("Page"),
}
#: the words of the panel in which the browser's script shows a verdict
PANEL = {
    "heading": _("Result of the check"),
    "close": _("Close"),
    "checking": _("Checking…"),
    "asOf": _("as of"),
    "since": _("Status since"),
    "signedHeading": _("What was signed"),
    "heldOn": _("This state held on {on}"),
    "askedOn": _("Did this state hold on {on}?"),
    "nobody": _("The evidence does not show that anything was signed."),
    "differs": _("different from what was signed: {fields}"),
    "differencesHeading": _("Where this page differs"),
    "pageShows": _("On the page:"),
    "wasSigned": _("Signed:"),
    "evidenceSays": _("According to the evidence, not shown to be signed:"),
    "nothing": _("nothing"),
    "steps": _("The steps"),
    "here": _("Checked in your browser with code from this site."),
    "limit": _(
        "A page that leaves this code out can imitate this panel; only a check without this site is safe from that:"
    ),
    "without": _("How to check without this site"),
    "covered": _("Something on this page hides the result of the check. It is:"),
    "broken": _("The check could not be carried out, so nothing was checked."),
    "unpublished": _(
        "Not published yet, so there is no evidence yet: the next checkpoint of the ledger will cover it. "
        "Please try again in a moment."
    ),
    "unavailable": _("The evidence could not be fetched, so nothing was checked."),
    "insecure": _(
        "This page came over a connection that is not secure, so the browser offers no cryptography here. "
        "Nothing was checked; use https, or check without this site."
    ),
}
#: the verdict on a page: the word that says what it is, and its sentence
PAGE_OUTCOMES = {
    "currentWord": _("Genuine and current"),
    "onWord": _("Genuine, and in force on {on}"),
    "soWord": _("Genuine, and this was so on {on}"),
    "openWord": _("Genuine; whether it is current was not checked"),
    "supersededWord": _("Genuine, but replaced"),
    "failedWord": _("Do not rely on this page"),
    "indeterminateWord": _("Could not be checked"),
    "verified": _("This page matches what the register signed: {whose}."),
    "superseded": _("This page matches what the register signed, but another state has taken its place: {whose}."),
    "whose": _("{name}, No.\u00a0{number}, {state}"),
    "until": _("Another state took its place on {until}."),
    "latest": _("Nothing newer is known."),
    "ledger": _("Ledger of {asOf}."),
    "ledgerWitnessed": _("Ledger of {asOf}, cosigned by witnesses."),
    "ledgerOwn": _(
        "Ledger of {asOf}; only this registry’s own witness has cosigned it, nobody independent watches it."
    ),
    "ledgerAlone": _("Ledger of {asOf}; nobody independent watches it."),
    "pageFailed": _("This page does not show what was signed."),
    "bothFailed": _("This page does not show what the evidence says, and the evidence does not hold."),
    "failed": _("It is not shown that the register signed what this page says."),
    "revoked": _("The register signed this, and has revoked it since."),
    "suspended": _("The register signed this, and has suspended it for now."),
    "corrected": _("The register signed this, and has corrected it since."),
    "erased": _("The register signed this, and has erased it since."),
    "not_in_force_on": _("The register signed this, but it was not in force on that day."),
    "indeterminate": _("Not everything could be checked. Do not rely on this page yet."),
    "judgement": _("It is not a judgement of the business."),
    "beyond": _(
        "Not checked: good standing beyond the status, the history, and what others’ registrations state of this one."
    ),
}
#: the words around the claims of an organization page, for expected.js; the templates say the same
PAGE = {
    "nameless": _("No current name"),
    "namelessNote": _("The register gives no current name for this organization. Its former names are below."),
    "statusUnknown": _("Status unknown"),
    "number": _("No."),
    "personName": _("Name"),
    "revoked": _("The issuer has revoked this credential: do not rely on what this page shows."),
    "suspended": _("The issuer has suspended this credential: do not rely for now on what this page shows."),
    "registration": _("Registration"),
    "permit": _("Permit or licence"),
    "permitFrom": _("Valid from"),
    "permitUntil": _("Valid until"),
    "registerStatus": _("Status in the register"),
    "statusFrom": _("Status since"),
    "registrationDate": _("Registered on"),
    "jurisdiction": _("Jurisdiction"),
    "homeJurisdiction": _("Home jurisdiction"),
    "businessNumber": _("Business number"),
    "event": _("Latest change"),
    "effective": _("effective"),
    "signedBy": _("Signed by"),
    "logged": _("In the ledger since"),
    "entry": _("entry %(index)s"),
    "names": _("Names"),
    "from": _("from"),
    "until": _("until"),
    "notInForce": _("no longer in force"),
    "addresses": _("Addresses"),
    "relationships": _("Stated by its own credential"),
    "omitted": _("Links that did not fit into it, and stand in the credentials of the others:"),
    "fromIndex": _("(now named {name}, not covered by this check)"),
    "alsoStated": _("(the other side states it too, not covered by this check)"),
    "cameFrom": _(
        "The registration of {name} says that it came out of this organization. The check on this page does not cover that."
    ),
    "state": _("State {n} of this registration. A newer one may have replaced it."),
    "stateOn": _("On {day}: state {n} of this registration. A newer one may have replaced it."),
    "newest": _("To the newest state"),
}
NOT_CURRENT = _("Whether a newer state replaces it was not checked.")

#: of what `search.question.match.Hit.why` says
WHY = {
    "exact_number": _("the number is exactly this"),
    "exact_name": _("the name is exactly this"),
    "prefix": _("the name begins like this"),
    "words": _("the name has these words"),
    "acronym": _("these letters are the initials of the name"),
    "spelling": _("the name is written almost like this"),
    "part": _("the name has some of these words, or words like them"),
    "number_prefix": _("the number begins like this"),
    "listed": "",
}
SORTS = {
    "relevance": _("Best answer first"),
    "name": _("By name"),
    "registered": _("By date of registration"),
}
FACETS = {
    "register": _("Register"),
    "status": _("Status"),
    "type": _("Type"),
    "jurisdiction": _("Jurisdiction"),
}
#: fields of `organization.Difference`
DIFFERENCES = {
    "name": _("Name"),
    "status": _("Status"),
    "register status": _("Status in the register"),
    "type": _("Type"),
    "jurisdiction": _("Jurisdiction"),
    "home jurisdiction": _("Home jurisdiction"),
    "business number": _("Business number"),
    "registered on": _("Registered on"),
    "valid from": _("Valid from"),
    "valid until": _("Valid until"),
    "names": _("Names"),
    "addresses": _("Addresses"),
    "relationships": _("Relationships"),
}
UNKNOWN_STATUS = _("Status unknown")
