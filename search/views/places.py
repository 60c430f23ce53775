"""Places and languages in words, where a page shows a code that was signed.

English is the message id. A place that is not here is shown as the register writes it; so is a province's short form in an
address outside Canada. Twin of `placeWords` in `web/static/verify/expected.js`, which takes its words from here.
"""

from collections.abc import Callable

from search.views.wording import _

PLACES = {
    "CA": _("Canada"),
    "CA-AB": _("Alberta"),
    "CA-BC": _("British Columbia"),
    "CA-MB": _("Manitoba"),
    "CA-NB": _("New Brunswick"),
    "CA-NL": _("Newfoundland and Labrador"),
    "CA-NS": _("Nova Scotia"),
    "CA-NT": _("Northwest Territories"),
    "CA-NU": _("Nunavut"),
    "CA-ON": _("Ontario"),
    "CA-PE": _("Prince Edward Island"),
    "CA-QC": _("Quebec"),
    "CA-SK": _("Saskatchewan"),
    "CA-YT": _("Yukon"),
    "GB": _("United Kingdom"),
    "IM": _("Isle of Man"),
    "US": _("United States"),
}
LANGUAGES = {"en": _("English"), "fr": _("French")}


def place_words(code: str, say: Callable[[str], str]) -> str:
    """A jurisdiction or country in words; federal Canada is Canada. `say`: a message translated."""
    return say(PLACES[code]) if code in PLACES else code


def region_words(code: str, country: str | None, say: Callable[[str], str]) -> str:
    """A region of an address in words, where its country is Canada."""
    return place_words(f"CA-{code}", say) if country == "CA" and f"CA-{code}" in PLACES else code


def language_words(code: str, say: Callable[[str], str]) -> str:
    """A language in words."""
    return say(LANGUAGES[code]) if code in LANGUAGES else code
